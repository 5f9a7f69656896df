"""The pages in a real browser: sorting, filtering, colours, keys, and no way in for scripts."""

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
from playwright.sync_api import Browser, Page, expect

from automation.labels import State
from automation.model.issue import User
from automation.report.folder import Folder
from automation.report.site import files_of
from tests.report.company import NOW, WEB, Company, a_company
from tests.support.builders import an_org, at
from tests.support.window import Visits, Window

pytestmark = pytest.mark.browser

HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(2)>",
    '"><svg onload=alert(3)>',
    "' onmouseover='alert(4)",
    "javascript:alert(5)",
    "</td></table></main><iframe src=https://evil.example></iframe>",
    "</title><script src=https://evil.example/x.js></script>",
    "<style>@import 'https://evil.example/x.css';</style>",
    "{{ 7 * 7 }}{% raw %}<!--",
    "<base href=https://evil.example/><meta http-equiv=refresh content=0;url=https://evil.example>",
)
PAGES = ("index.html", "runs.html", "managers/mgr-1.html", "directors/dir-1.html")


def written(company: Company, path: Path) -> Path:
    folder = Folder.taken(path)
    files = files_of(company.facts(NOW), WEB)
    folder.clear(files)
    for name, make in files.items():
        folder.write(name, make())
    return path


@pytest.fixture(scope="session")
def site(tmp_path_factory) -> Path:
    """A company with a year behind it; for looking only."""
    folder = tmp_path_factory.mktemp("site")
    return written(a_company(folder), folder / "public")


@pytest.fixture
def visit(browser: Browser) -> Iterator[Visits]:
    """Opens a page from its file; at the end no window has seen an error or a foreign address."""
    visits = Visits(browser)
    yield visits
    visits.close()


def rows(page: Page, table: str) -> list[str]:
    """The first cells of the rows that show."""
    return page.locator(f"{table} tbody tr:visible > :first-child").all_inner_texts()


# --- Tables ----------------------------------------------------------------------------


def test_a_table_is_sorted_by_numbers_up_and_down(site, visit):
    page = visit(site, "directors/dir-1.html")
    table = page.locator("table", has=page.get_by_text("Missed, 52 weeks"))
    head = table.get_by_role("columnheader", name="Missed, 52 weeks")
    head.get_by_role("button").click()
    expect(head).to_have_attribute("aria-sort", "ascending")
    found = [int(one) for one in table.locator("tbody tr td:last-child").all_inner_texts()]
    assert found == sorted(found)
    head.get_by_role("button").click()
    expect(head).to_have_attribute("aria-sort", "descending")
    found = [int(one) for one in table.locator("tbody tr td:last-child").all_inner_texts()]
    assert found == sorted(found, reverse=True)


def test_only_one_column_is_the_sorted_one_and_blanks_are_last(site, visit):
    page = visit(site, "groups/baobab-1.html")
    for name in ("Initiative", "Due"):
        page.get_by_role("button", name=name).click()
    expect(page.locator("[aria-sort]")).to_have_count(1)
    dues = page.locator("tbody tr td:nth-child(4)").all_inner_texts()
    assert dues[0].startswith("2026-11-20")
    assert set(dues[1:]) == {"–"}
    page.get_by_role("button", name="Due").click()
    expect(page.locator("tbody tr td:nth-child(4)").first).to_contain_text("2026-11-20")


def test_the_heat_map_is_filtered_by_manager_or_director_not_by_figures(site, visit):
    page = visit(site)
    everybody = rows(page, ".heat")
    box = page.get_by_label("Filter managers")
    box.fill("ada")
    assert rows(page, ".heat") == [one for one in everybody if one.startswith("Ada")]
    expect(page.get_by_role("status").filter(has_text="of 12")).to_have_count(1)
    box.fill("1")
    assert rows(page, ".heat") == []
    box.fill("")
    assert rows(page, ".heat") == everybody


def test_where_no_director_stands_beside_the_name_the_first_week_is_a_figure_too(site, visit):
    page = visit(site, "directors/dir-1.html")
    named = page.locator("table.heat tbody tr").first
    expect(named.locator(".above")).to_have_count(0)
    aligned = "(cell) => getComputedStyle(cell).textAlign"
    assert {one.evaluate(aligned) for one in named.locator("td").all()[:3]} == {"center"}


def test_everything_can_be_read_without_the_script(site, visit):
    page = visit(site, java_script_enabled=False)
    assert len(rows(page, ".heat")) == 12
    expect(page.locator("button, input")).to_have_count(0)


# --- Ways to read ------------------------------------------------------------------------


def test_tables_are_sorted_and_filtered_with_the_keyboard(site, visit):
    page = visit(site)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    head = page.locator(".heat").get_by_role("columnheader", name="Manager")
    head.get_by_role("button").focus()
    page.keyboard.press("Enter")
    expect(head).to_have_attribute("aria-sort", "ascending")
    expect(head.get_by_role("button")).to_be_focused()
    assert rows(page, ".heat") == sorted(rows(page, ".heat"))
    page.keyboard.press("Space")
    expect(head).to_have_attribute("aria-sort", "descending")


@pytest.mark.parametrize(("scheme", "light"), [("light", True), ("dark", False)])
def test_colours_follow_the_readers_choice_in_charts_too(site, visit, scheme, light):
    page = visit(site, color_scheme=scheme)
    ground, ink = page.evaluate(
        """() => [getComputedStyle(document.body).backgroundColor,
                  getComputedStyle(document.querySelector("svg text")).fill]"""
    )
    brightness = [sum(map(int, one[4:-1].split(","))) > 382 for one in (ground, ink)]
    assert brightness == [light, not light]


@pytest.mark.parametrize("width", [1440, 390])
def test_no_page_is_wider_than_the_window_and_the_last_week_shows(site, visit, width):
    for name in (*PAGES, "groups/maple-4.html"):
        page = visit(site, name, viewport={"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
    page = visit(site, viewport={"width": width, "height": 900})
    last = page.locator(".heat thead th").last.bounding_box()
    assert last is not None
    assert last["x"] + last["width"] <= width


@pytest.mark.parametrize("width", [1440, 1280, 1000])
def test_names_of_directors_are_covered_by_nothing_however_far_it_is_scrolled(site, visit, width):
    page = visit(site, viewport={"width": width, "height": 2000})
    page.locator(".heat").first.scroll_into_view_if_needed()
    for left in (0, 40, 5_000):
        page.locator(".weekly").last.evaluate("(one, left) => one.scrollLeft = left", left)
        assert page.locator(".heat .above").evaluate_all(COVERED) == []


COVERED = """(cells) => cells.filter((cell) => {
  const box = cell.getBoundingClientRect(), middle = (box.top + box.bottom) / 2;
  return [box.left + 2, box.right - 2].some(
    (x) => !cell.contains(document.elementFromPoint(x, middle)));
}).map((cell) => cell.textContent)"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", [*PAGES, "groups/maple-4.html"])
def test_no_serious_fault_for_those_who_read_otherwise(site, browser, name, scheme):
    with served(site) as address:  # axe reads the style again, which it may not from a file
        window = Window(browser, address, color_scheme=scheme, bypass_csp=True)
        window.page.goto(f"{address}/{name}")
        found = Axe().run(window.page).response["violations"]
        window.close()
    assert [one["id"] for one in found if one["impact"] in ("serious", "critical")] == []


def test_on_paper_there_are_no_controls_and_nothing_is_cut_off(site, visit):
    page = visit(site)
    page.emulate_media(media="print")
    expect(page.locator(".filter").first).to_be_hidden()
    expect(page.locator("header")).to_be_hidden()
    assert page.locator(".tall").evaluate("one => one.scrollHeight <= one.clientHeight + 1")


# --- Where it lies, and what comes in ----------------------------------------------------


@contextmanager
def served(folder: Path) -> Iterator[str]:
    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder))
    )  # fmt: skip
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_it_works_under_any_sub_path(site, browser):
    with served(site.parent) as address:
        window = Window(browser, f"{address}/public")
        window.page.goto(f"{address}/public/index.html")
        window.page.get_by_role("link", name="Ada Adeyemi").first.click()
        expect(window.page.get_by_role("heading", level=1)).to_have_text("Ada Adeyemi")
        window.page.get_by_role("link", name="Drumbeat").click()
        expect(window.page.locator(".heat button")).to_have_count(2)
        window.close()


def test_nothing_hostile_executes(tmp_path, visit):
    builder = an_org(tmp_path).with_cadence("ticket-review")
    for number, text in enumerate(HOSTILE, 1):
        builder.with_manager(f"mgr-{number}", name=text)
        builder.with_group(f"group-{number}", f"mgr-{number}", name=text)
    company = Company(builder.loops())
    for number, text in enumerate(HOSTILE, 1):
        key = f"ticket-review/mgr-{number}/2026-W47"
        company.loop(key, State.OVERDUE, at("2026-11-16T08:00:00"), title=text, labels=(text,))
        company.add(
            text,
            project=f"support/sgg/group-{number}",
            labels=frozenset({"SGG", text}),
            description=text,
            assignees=(User(3, "x", text),),
            web_url=text if number % 2 else f"https://gitlab.example.com/{text}",
        )
    folder = written(company, tmp_path / "public")
    for name in sorted(str(one.relative_to(folder)) for one in folder.rglob("*.html")):
        page = visit(folder, name)
        expect(page.locator("iframe, img, style, base, main script")).to_have_count(0)
        page.get_by_role("button").first.click()
    page = visit(folder)
    for text in HOSTILE:
        expect(page.get_by_text(text, exact=True).first).to_be_visible()
