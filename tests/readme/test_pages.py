"""The pages themselves: links, files, promises, length of lines."""

from __future__ import annotations

import re

import pytest

from tests.readme.page import PAGES, README, ROOT, Page, code, column

BY_ID = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


@BY_ID
def test_links_lead_somewhere(page: Page) -> None:
    for target in page.links:
        if target.startswith("https://"):
            continue
        name, _, anchor = target.partition("#")
        file = (page.path.parent / name).resolve() if name else page.path
        assert file.exists(), f"{page.name}: {target}"
        if anchor:
            there = Page(str(file.relative_to(ROOT)))
            assert anchor in there.anchors, f"{page.name}: {target}"


@BY_ID
def test_files_that_are_named_exist(page: Page) -> None:
    made_here = {"policies/adopted.yml", "issue_templates/look-back.md"}
    for name in code(page.prose) - made_here:
        if re.match(r"(tests|automation|policies|issue_templates|docs)/", name) and " " not in name:
            assert (ROOT / name).exists(), f"{page.name}: {name}"


@BY_ID
def test_a_page_can_be_reached_from_the_readme(page: Page) -> None:
    told = {target.partition("#")[0] for target in README.links} | {"README.md"}
    assert page.name in told


def test_each_promise_has_tests_that_exist() -> None:
    text = README.section("## Ten promises")
    promises, kept = column(text, "promise"), column(text, "promise", 1)
    assert [int(one.partition(".")[0]) for one in promises] == list(range(1, 11))
    for promise, files in zip(promises, map(code, kept), strict=True):
        assert files, promise
        for name in files:
            assert "def test_" in (ROOT / name).read_text(encoding="utf-8"), name


def test_promises_that_the_laws_keep_have_a_test_of_their_number() -> None:
    laws = "tests/rules/test_laws.py"
    source = (ROOT / laws).read_text(encoding="utf-8")
    numbers = set(re.findall(r"_(\d+)(?=_)", " ".join(re.findall(r"def test_law[\w]+", source))))
    text = README.section("## Ten promises")
    named = [laws in files for files in map(code, column(text, "promise", 1))]
    assert {str(number) for number, here in enumerate(named, 1) if here} == numbers


def test_contributing_has_the_same_ten_laws() -> None:
    laws = re.findall(r"^(\d+)\. \*\*", Page("CONTRIBUTING.md").section("## Laws"), flags=re.M)
    assert laws == list(map(str, range(1, 11)))


@pytest.mark.parametrize(
    "page", [one for one in PAGES if one.name != "docs/reference.md"], ids=lambda page: page.name
)
def test_lines_are_short(page: Page) -> None:
    fenced = False
    for number, line in enumerate(page.lines, 1):
        fenced ^= line.startswith("```")
        if not fenced and not line.lstrip().startswith(("|", "![")):
            assert len(line) <= 100, f"{page.name}:{number}"


def test_pictures_are_light() -> None:
    for picture in (ROOT / "docs" / "images").iterdir():
        assert picture.stat().st_size < 250_000, picture.name


def test_every_picture_is_shown_and_described() -> None:
    shown = {
        target.rpartition("/")[2]: words
        for page in PAGES
        for words, target in re.findall(r"!\[([^\]]*)\]\(([^)]+)\)", page.prose)
    }
    assert shown.keys() == {one.name for one in (ROOT / "docs" / "images").iterdir()}
    assert all(len(words) > 20 for words in shown.values())


def test_the_readme_can_be_read_in_ten_minutes() -> None:
    """A stranger's patience: what only an operator needs stands in docs/."""
    assert len(README.lines) <= 550


def test_the_page_comes_with_the_package() -> None:
    assert re.search(r'^readme = "README.md"$', (ROOT / "pyproject.toml").read_text(), flags=re.M)
