"""Somebody who looks at the pages over plain HTTP, as a browser without scripts would."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import requests

from tests.sandbox.world import Client, Space


class Visitor:
    """A browser's session: keeps cookies, follows redirects, sends the form's token along."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.session = requests.Session()
        self.session.trust_env = False
        self.token = ""

    def see(self, path: str, **more: Any) -> requests.Response:
        answer = self.session.get(path if path.startswith("http") else self.url + path, **more)
        return self._kept(answer)

    def send(self, path: str, data: Any = None, **more: Any) -> requests.Response:
        form = {"authenticity_token": self.token} | (data or {})
        return self._kept(self.session.post(self.url + path, data=form, **more))

    def _kept(self, answer: requests.Response) -> requests.Response:
        found = re.search(r'name="csrf-token" content="(\w+)"', answer.text)
        self.token = found[1] if found else self.token
        return answer

    def sign_in(self, username: str) -> requests.Response:
        self.see("/users/sign_in")
        answer = self.send("/users/sign_in", {"username": username})
        assert answer.ok, answer.text
        return answer


def as_user(client: Client) -> Visitor:
    """The pages as that user of the API sees them."""
    visitor = Visitor(client.url)
    visitor.sign_in(client.user.get("username", "root"))
    return visitor


def words(answer: requests.Response) -> str:
    """What the page's main part says, without its markup."""
    main = answer.text.partition("<main")[2].partition("</main>")[0]
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", "<" + main))).strip()


def titles(answer: requests.Response) -> list[str]:
    """The titles of the issues of a page, in order."""
    return [unescape(one) for one in re.findall(r'class="title"[^>]*>([^<]*)<', answer.text)]


def page_of(space: Space, tail: str = "") -> str:
    """A page of the space's project."""
    return f"/{space.project['path_with_namespace']}" + (f"/-/{tail}" if tail else "")
