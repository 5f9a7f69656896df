"""Signing in as anyone, and what keeps other people's pages from acting for them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from automation.sandbox.pages.session import Signer
from tests.pages.people import Visitor, page_of, words

SOON = (datetime.now(UTC) + timedelta(days=30)).date().isoformat()


def test_who_is_not_signed_in_is_asked_to_and_comes_back(space, stranger):
    issue = space.issue("Private")
    asked = stranger.see(issue["web_url"])
    assert asked.url.endswith(f"/users/sign_in?redirect_to={page_of(space, 'issues/1')}")
    back = re.findall(r'name="redirect_to" value="([^"]*)"', asked.text)[0]
    came = stranger.send("/users/sign_in", {"username": "root", "redirect_to": back})
    assert came.url == issue["web_url"]
    assert "Private" in words(came)


def test_the_first_page_asks_too(stranger):
    assert stranger.see("/").url == f"{stranger.url}/users/sign_in?redirect_to=/"


@pytest.mark.parametrize(
    "place", ["//evil.example", "/\\evil.example", "https://evil.example", "/a\\b", "x", "/a\nb"]
)
def test_signing_in_leads_nowhere_else(stranger, place):
    stranger.see("/users/sign_in")
    form = {"username": "root", "redirect_to": place}
    answer = stranger.send("/users/sign_in", form, allow_redirects=False)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")


def test_everybody_is_offered_but_machines_and_the_blocked(space, stranger):
    person, blocked = space.someone("ada"), space.someone("bob")
    space.root.post(f"/users/{blocked.user['id']}/block")
    bot = space.root.made(f"{space.path}/access_tokens", name="robo", scopes=["api"],
                          access_level=20, expires_at=SOON)  # fmt: skip
    machine = space.root.get(f"/users/{bot['user_id']}").json()["username"]
    for username, there in (
        (person.user["username"], True), (blocked.user["username"], False), (machine, False),
    ):  # fmt: skip
        page = stranger.see("/users/sign_in", params={"search": username})
        assert (f'value="{username}"><strong>' in page.text) is there
    refused = stranger.send("/users/sign_in", {"username": machine})
    assert refused.status_code == 400
    assert f"nobody here is called '{machine}'" in words(refused)


def test_a_crowd_is_searched(space, stranger):
    for _ in range(101):
        space.someone("crowd")
    page = stranger.see("/users/sign_in?search=crowd")
    assert page.text.count('name="username"') == 100
    assert "There are more" in words(page)
    assert "Nobody here has such a name" in words(stranger.see("/users/sign_in?search=%25"))


def test_whoever_is_blocked_is_signed_out(space, visit):
    person = space.member("reporter")
    visitor = visit(person)
    assert visitor.see("/").ok
    space.root.post(f"/users/{person.user['id']}/block")
    assert "/users/sign_in" in visitor.see("/").url


def test_signing_out(space, visit):
    visitor = visit(space.root)
    assert visitor.send("/users/sign_out").url.endswith("/users/sign_in")
    assert "/users/sign_in" in visitor.see(page_of(space)).url


def test_cookies_are_kept_from_scripts_and_other_sites(stranger):
    cookie = stranger.see("/users/sign_in").headers["Set-Cookie"]
    assert cookie.startswith("_gitlab_session=")
    assert cookie.endswith("; Path=/; HttpOnly; SameSite=Lax")


def test_a_session_is_new_after_signing_in(stranger):
    stranger.see("/users/sign_in")
    before = stranger.session.cookies["_gitlab_session"]
    stranger.send("/users/sign_in", {"username": "root"})
    assert stranger.session.cookies["_gitlab_session"] != before


@pytest.mark.parametrize("forge", [
    lambda cookie: "1%3Aabc.00",
    lambda cookie: cookie.replace("%3A", "1%3A"),
    lambda cookie: cookie[:-1] + ("0" if cookie[-1] != "0" else "1"),
    lambda cookie: "ü",
])  # fmt: skip
def test_a_forged_session_is_none(space, visit, forge):
    visitor = visit(space.root)
    cookie = visitor.session.cookies["_gitlab_session"]
    headers = {"Cookie": f"_gitlab_session={forge(cookie)}".encode()}
    fresh = Visitor(visitor.url)
    answer = fresh.see("/", headers=headers, allow_redirects=False)
    fresh.session.close()
    assert answer.headers["Location"].startswith("/users/sign_in")


def test_a_message_is_only_shown_when_it_was_signed_here(space, visit):
    visitor = visit(space.root)
    visitor.session.cookies["_gitlab_flash"] = Signer().sign("_gitlab_flash", "evil words")
    assert "evil words" not in visitor.see("/").text


# --- Forms of other sites --------------------------------------------------------------


@pytest.mark.parametrize("token", ["", "0" * 64, "ü"])
def test_a_form_without_the_token_changes_nothing(space, visit, token):
    visitor, issue = visit(space.root), space.issue("Old")
    visitor.token = token
    form = {"title": "New", "description": ""}
    answer = visitor.send(page_of(space, f"issues/{issue['iid']}/edit"), form)
    assert answer.status_code == 403
    assert "not from a page of yours" in words(answer)
    assert space.again(issue)["title"] == "Old"


def test_the_token_of_another_session_does_not_do(space, visit):
    visitor, other = visit(space.root), visit(space.member("owner"))
    visitor.token = other.token
    assert visitor.send(page_of(space, "issues"), {"title": "x"}).status_code == 403
    visitor.token = other.token
    assert visitor.send("/users/sign_out").status_code == 403


def test_the_token_counts_in_the_body_only(space, visit):
    visitor = visit(space.root)
    place = page_of(space, f"issues?authenticity_token={visitor.token}")
    answer = visitor.session.post(visitor.url + place, data={"title": "x"})
    assert answer.status_code == 403
    answer = visitor.session.post(visitor.url + place, json=["x"])
    assert answer.status_code == 403


# --- What comes with each page ---------------------------------------------------------


@pytest.mark.parametrize("path", ["/users/sign_in", "/assets/pages.css", "/assets/nothing", "/"])
def test_the_browser_is_told_to_load_nothing_from_elsewhere(stranger, path):
    headers = stranger.see(path, allow_redirects=False).headers
    policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["form-action"] == "'self'"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "unsafe" not in headers["Content-Security-Policy"]


def test_no_page_brings_script_or_style_along(space, visit):
    visitor, issue = visit(space.root), space.issue(labels="a")
    for path in ("", f"issues/{issue['iid']}", "labels"):
        text = visitor.see(page_of(space, path)).text
        assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?! src=)", text)


def test_assets(space, stranger):
    space.label("strange colour")
    css = stranger.see("/assets/colors.css")
    assert css.headers["Content-Type"] == "text/css; charset=utf-8"
    assert ".c-428bca{--label:#428bca;--label-text:#000}" in css.text
    assert stranger.see("/assets/pages.js").headers["Content-Type"].startswith("text/javascript")
    assert stranger.see("/assets/icon.svg").headers["Content-Type"] == "image/svg+xml"
    assert stranger.see("/assets/..%2Fsite.py").status_code == 404


def test_what_is_no_page_is_still_answered_as_by_the_api(stranger):
    for path in ("/api/v3/x", "/oauth/token"):
        assert stranger.see(path).headers["Content-Type"] == "application/json"
    assert stranger.session.put(stranger.url + "/").status_code == 404


def test_head_is_answered(stranger):
    assert stranger.session.head(stranger.url + "/users/sign_in").status_code == 200
