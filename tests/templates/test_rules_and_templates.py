"""`close_when` and `optional` against what the template renders."""

from __future__ import annotations

import pytest

from tests.templates.repository import FRONT, WEEKLY, Repository

FOR = "(for weekly/mgr-1/2026-W48)"
BODY = FRONT + "# Wins\n\n- [ ] a\n\n# Notes\n\n- [x] b\n- [ ] c (optional)\n"
AT_RULE = "policies/weekly.yml:7:13: close_when: "
AT_BODY = "issue_templates/weekly.md:1:1: "
TEMPLATE = "issue_templates/weekly.md"
HEADINGS = "\n  Headings there: Wins, Notes."
NOT_FRESH = f"{AT_BODY}is complete as soon as it opens {FOR}\n  Write its boxes as `- [ ]`."
CASES = {
    "all is well": ("close_when: {any_of: [all, {section: Wins}, {percent: 60}]}", ""),
    "a section deep inside": (
        "close_when: {any_of: [all, {all_of: [{any_of: [{section: Winz}]}, any]}]}",
        f"{AT_RULE}“Winz” is missing in {TEMPLATE} {FOR}{HEADINGS}",
    ),
    "a section beside a rule that holds": (
        "close_when: {any_of: [any, {section: Winz}]}",
        f"{AT_RULE}“Winz” is missing in {TEMPLATE} {FOR}{HEADINGS}",
    ),
    "sections of reports inside": (
        "close_when: {any_of: [all, {each: report}]}",
        f"{AT_RULE}se-1’s section is missing; se-2’s section is missing in {TEMPLATE} {FOR}{HEADINGS}",
    ),
    "several sections": (
        "close_when: {any_of: [{section: A}, {section: Wins}, {section: B}]}",
        f"{AT_RULE}“A” is missing; “B” is missing in {TEMPLATE} {FOR}{HEADINGS}",
    ),
    "one way is there already": ("close_when: {any_of: [all, {section: Notes}]}", NOT_FRESH),
    "a part is there already": ("close_when: {percent: 50}", NOT_FRESH),
    "only what is optional is left": ("close_when: all\noptional: [Wins]", NOT_FRESH),
    "an optional section": ("optional: ['**wins** #']\nclose_when: {at_least: 2}", ""),
    "an optional section that is not there": (
        "close_when: all\noptional: [Notes, Winz]",
        (
            f"policies/weekly.yml:8:19: optional[1]: there is no heading 'Winz' in {TEMPLATE}\n"
            "  Did you mean 'Wins'?"
        ),
    ),
}


@pytest.mark.parametrize(("lines", "told"), CASES.values(), ids=CASES)
def test_what_lint_says(tmp_path, lines, told):
    repository = Repository(tmp_path).template("weekly.md", BODY)
    found = repository.policy("weekly", f"{WEEKLY}{lines}\n").lint()
    assert found.removesuffix("\n").partition("\n\n")[0] == told


def test_what_front_matter_says_is_told_there(tmp_path):
    front = BODY.replace("title:", "optional: [Winz]\ntitle:", 1).replace("# Wins", "", 1)
    found = Repository(tmp_path).template("weekly.md", front.replace("# Notes", "")).lint()
    assert "weekly.md:2:11: optional[0]: there is no heading 'Winz'" in found
    assert "There are no headings at all." in found


def test_an_optional_section_may_be_there_for_some_only(tmp_path):
    body = BODY + "{% if manager.id == 'mgr-2' %}\n# Extras\n\n- [ ] d\n{% endif %}\n"
    repository = Repository(tmp_path).template("weekly.md", body)
    assert repository.policy("weekly", f"{WEEKLY}optional: [Extras]\n").lint() == ""


def test_a_template_that_is_too_deep_says_so(tmp_path):
    repository = Repository(tmp_path).template("weekly.md", BODY + "> " * 200)
    assert (
        f"close_when: the description is not read: it has more than 100 quotes inside each "
        f"other in {TEMPLATE} {FOR}" in repository.lint()
    )


@pytest.mark.parametrize(
    ("lines", "end", "told"),
    [
        (
            "labels: ['loop::done']",
            "",
            "labels: has the label loop::done, which tells how a loop stands",
        ),
        ("close_when: {at_least: 9}", "", f"close_when: asks for more than {TEMPLATE} has boxes"),
        ("", "\n```\n- [ ] open fence\n", "leaves a block open at its end, which swallows"),
        (
            "",
            "\n<!-- drumbeat:loop weekly/mgr-1/2026-W01 -->\n",
            "writes a marker of a loop",
        ),
    ],
)
def test_what_could_never_work(tmp_path, lines, end, told):
    repository = Repository(tmp_path).template("weekly.md", BODY + end)
    assert told in repository.policy("weekly", f"{WEEKLY}{lines}\n").lint()


def test_a_manager_without_reports_is_no_fault_of_the_template(tmp_path):
    body = FRONT + "{% for report in team if manager.id != 'mgr-1' %}\n- [ ] a\n{% endfor %}\n"
    found = Repository(tmp_path).template("weekly.md", body).lint()
    assert "has no box to tick" in found
