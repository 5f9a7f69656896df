"""A window of a real browser that takes down everything that must not be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Dialog, Page


class Window:
    """A window of the browser that takes down everything that must not be."""

    def __init__(self, browser: Browser, url: str, **options: Any) -> None:
        self.url = url
        self.faults: list[str] = []
        self.context: BrowserContext = browser.new_context(base_url=url, **options)
        self.page: Page = self.tab()

    def tab(self) -> Page:
        """One page more; all are watched until the window is closed."""
        page = self.context.new_page()
        page.set_default_timeout(15_000)
        page.on("console", lambda line: self._heard(line.type, line.text))
        page.on("pageerror", lambda error: self.faults.append(f"script: {error}"))
        page.on("dialog", self._asked_back)
        page.on("request", lambda request: self._asked(request.url))
        return page

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


class Visits:
    """Opens pages from their files: all that are to be seen in the same way as tabs of one window.

    A new window takes three times as long as its next tab.
    """

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._windows: dict[str, Window] = {}

    def __call__(self, folder: Path, name: str = "index.html", **options: Any) -> Page:
        page = self._tab(folder.as_uri(), options)
        page.goto(f"{folder.as_uri()}/{name}")
        return page

    def _tab(self, url: str, options: dict[str, Any]) -> Page:
        way = f"{url} {sorted(options.items())}"
        if way in self._windows:
            return self._windows[way].tab()
        self._windows[way] = Window(self._browser, url, **options)
        return self._windows[way].page

    def close(self) -> None:
        """No window has seen an error or a foreign address."""
        for window in self._windows.values():
            window.close()
