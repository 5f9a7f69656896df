"""The gallery in a real browser: it is read, filtered, printed, and nothing in it runs."""

from __future__ import annotations

import functools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from automation.commands.workspace import open_loops
from automation.loops import Loops
from automation.render.gallery import Gallery, sheet_of, words_sheet
from automation.rules.silent import silent
from automation.rules.triage.showing import shown
from tests.render.test_html import HOSTILE
from tests.support.builders import MONDAY, an_org
from tests.support.sample import REPOSITORY
from tests.support.window import Visits, Window

pytestmark = pytest.mark.browser

ROLL_UP = "loops/weekly-roll-up/dir-emea/2026-W48.html"
ONE_ON_ONE = "loops/one-on-one/mgr-emea-1/2026-W48.html"
TRIAGE = "triage/stale-initiatives/stale-comment.html"
PAGES = ("index.html", ROLL_UP, ONE_ON_ONE, TRIAGE)


def written(loops: Loops, folder: Path) -> Path:
    words = [
        words_sheet(one, loops.organisation)
        for policy in loops.organisation.triages
        for one in shown(policy, loops, MONDAY)
    ]
    sheets = tuple(sheet_of(one, loops) for one in loops.current(MONDAY))
    found = Gallery(MONDAY, sheets, tuple(words), tuple(silent(loops, MONDAY))).files()
    for name, text in found.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def gallery(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample's gallery; for looking only."""
    return written(open_loops(REPOSITORY), tmp_path_factory.mktemp("gallery"))


@pytest.fixture
def visit(browser: Browser) -> Iterator[Visits]:
    """Opens a page from its file; at the end no window has seen an error or a foreign address."""
    visits = Visits(browser)
    yield visits
    visits.close()


@contextmanager
def served(folder: Path) -> Iterator[str]:
    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: Any) -> None:
            pass

    handler = functools.partial(Quiet, directory=str(folder))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_the_list_is_filtered_and_leads_to_an_issue_and_back(gallery: Path, visit: Any) -> None:
    page = visit(gallery)
    rows = page.locator("tbody tr:visible")
    everything = rows.count()
    page.get_by_label("Filter").fill("One-On-One aoife")
    expect(rows).to_have_count(1)
    expect(page.get_by_role("status")).to_have_text(f"1 of {everything}")
    expect(page.locator("main section:visible")).to_have_count(1)
    page.get_by_role("link", name="Weekly 1:1s of Aoife").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Weekly 1:1s of Aoife")
    page.get_by_role("link", name="All previews").click()
    expect(rows).to_have_count(everything)


def test_labels_are_in_their_colours_and_boxes_cannot_be_ticked(gallery: Path, visit: Any) -> None:
    page = visit(gallery, ONE_ON_ONE)
    chip = page.get_by_text("cadence::one-on-one", exact=True)
    expect(chip).to_have_css("background-color", "rgb(209, 209, 0)")
    expect(chip).to_have_css("color", "rgb(0, 0, 0)")
    boxes = page.get_by_role("checkbox")
    assert boxes.count() == 30
    expect(boxes.first).to_be_disabled()


def test_folds_open_with_the_keyboard(gallery: Path, visit: Any) -> None:
    page = visit(gallery, ROLL_UP)
    bars = page.locator(".bars")
    expect(bars).to_be_hidden()
    page.locator("summary").first.focus()
    page.keyboard.press("Enter")
    expect(bars).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_count(1)


@pytest.mark.parametrize("width", [1440, 390])
def test_no_page_is_wider_than_the_window(gallery: Path, visit: Any, width: int) -> None:
    for name in PAGES:
        page = visit(gallery, name, viewport={"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_no_serious_fault_for_those_who_read_otherwise(
    gallery: Path, browser: Any, name: str, scheme: Any
) -> None:
    with served(gallery) as address:  # axe reads the style again, which it may not from a file
        window = Window(browser, address, color_scheme=scheme, bypass_csp=True)
        window.page.goto(f"{address}/{name}")
        for fold in window.page.locator("details").all():
            fold.evaluate("one => one.open = true")
        found = Axe().run(window.page).response["violations"]
        window.close()
    assert [one["id"] for one in found if one["impact"] in ("serious", "critical")] == []


def test_on_paper_there_are_no_controls_and_folds_are_read(gallery: Path, visit: Any) -> None:
    page = visit(gallery)
    page.emulate_media(media="print")
    expect(page.locator(".filter")).to_be_hidden()
    expect(page.locator(".jump")).to_be_hidden()
    page = visit(gallery, ROLL_UP)
    page.emulate_media(media="print")
    expect(page.locator("header")).to_be_hidden()
    shown = page.locator(".bars").evaluate("one => one.getBoundingClientRect().height")
    assert shown > 0


def test_everything_can_be_read_without_the_script(gallery: Path, visit: Any) -> None:
    page = visit(gallery, java_script_enabled=False)
    expect(page.locator(".filter")).to_be_hidden()
    assert page.locator("tbody tr:visible").count() > 50


def test_nothing_hostile_executes(tmp_path: Path, visit: Any) -> None:
    builder = an_org(tmp_path)
    body = "\n\n".join(("---\ntitle: '{{ manager.name }} {{ period.label }}'\n---", *HOSTILE[:-2]))
    for number, text in enumerate(HOSTILE[:-2], 1):
        builder.with_manager(f"mgr-{number}", name=text)
    builder.with_cadence(body=f"{body}\n\n- [ ] {{{{ manager.name }}}}\n", about=HOSTILE[0])
    builder.with_group(name=HOSTILE[1]).with_triage(comment=body)
    folder = written(builder.loops(), tmp_path / "gallery")
    for file in sorted(folder.rglob("*.html")):
        page = visit(folder, str(file.relative_to(folder)))
        expect(page.locator("iframe, img, base, object, main style, main script")).to_have_count(0)
        for one in page.locator("details").all():
            one.evaluate("one => one.open = !one.open")
        assert page.locator("a[href^='javascript' i], a[href^='data' i]").count() == 0
