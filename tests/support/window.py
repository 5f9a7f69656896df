"""A window of a real browser that takes down everything that must not be."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Browser, BrowserContext, Dialog, Page


class Window:
    """A window of the browser that takes down everything that must not be."""

    def __init__(self, browser: Browser, url: str, **options: Any) -> None:
        self.url = url
        self.faults: list[str] = []
        self.context: BrowserContext = browser.new_context(base_url=url, **options)
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(15_000)
        self.page.on("console", lambda line: self._heard(line.type, line.text))
        self.page.on("pageerror", lambda error: self.faults.append(f"script: {error}"))
        self.page.on("dialog", self._asked_back)
        self.page.on("request", lambda request: self._asked(request.url))

    def _heard(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self.faults.append(f"console: {text}")

    def _asked_back(self, dialog: Dialog) -> None:
        self.faults.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _asked(self, url: str) -> None:
        if not url.startswith(self.url + "/"):
            self.faults.append(f"request: {url}")

    def sign_in(self, username: str) -> None:
        self.page.goto("/users/sign_in")
        self.page.fill("input[name=search]", username)
        self.page.press("input[name=search]", "Enter")
        self.page.click(f'button[value="{username}"]')

    def close(self) -> None:
        self.context.close()
        assert self.faults == []
