"""What `drumbeat lint` says of issues that triage rules open, with file and line."""

from __future__ import annotations

import pytest

from tests.templates.repository import Repository

SOUND = 'age > days(1) and in_group("support") and linked >= 0 and threads > 0'
POLICY = """\
kind: triage
name: stale
where: {group: support/sgg}
rules:
  - name: fine
    when: SOUND
    do: {label: a, comment: word.md}
  - name: opens
    when: people > 0 or quiet_for > days(3)
    do:
""".replace("SOUND", SOUND)
FOLLOW = "      issue: {template: made.md%s}\n"
SUMMARY = "      summary: {template: made.md, project: support/loops%s}\n"
NAMES = "Valid here: group, issue, policy, quiet_days, rule."


@pytest.fixture
def repository(tmp_path):
    made = Repository(tmp_path).template(
        "word.md", "Hi {% if last_word %}{{ last_word.author }}{% endif %}"
    )
    return made.template("made.md", "Look at {{ rule.name }}")


@pytest.mark.parametrize(
    "do",
    [
        FOLLOW % "",
        FOLLOW % ', title: "{{ issue.title }}, {{ quiet_days }}"',
        SUMMARY % "",
        SUMMARY % ', period: month, title: "{{ period }}"',
    ],
)
def test_what_is_sound(repository, do):
    assert repository.policy("stale", POLICY + do).lint() == ""


BODIES = [
    (FOLLOW, "Hi\n{{ issu.title }}", "2:1: 'issu' is undefined", "Did you mean 'issue'?"),
    (FOLLOW, "{{ matches }}", "1:1: 'matches' is undefined", NAMES.replace("group, ", "")),
    (FOLLOW, "{{ issue.titel }}", "1:1: an issue has no 'titel'", "Did you mean 'title'?"),
    (SUMMARY, "{{ match }}", "1:1: 'match' is undefined", "Did you mean 'matches'?"),
    (
        SUMMARY,
        "{% for one in matches %}\n{{ one.nme }}\n{% endfor %}",
        "2:1: an issue has no 'nme'",
        "",
    ),
    (
        SUMMARY,
        "Hi{% if false %}\n{{ issue }}{% endif %}",
        "2:1: 'issue' is undefined",
        "Valid here: matches, period, policy, rule.",
    ),
    (FOLLOW, " ", "1:1: comes out empty: nothing would be said", ""),
    (
        FOLLOW,
        "<!-- drumbeat:loop weekly/mgr-1/2026-W48 -->",
        "1:1: writes a marker of a loop",
        "Drumbeat does that; leave it.",
    ),
    (FOLLOW, "{% if %}", "1:1: Expected an expression, got 'end of statement block'", ""),
]


@pytest.mark.parametrize(("do", "text", "message", "remedy"), BODIES)
def test_a_broken_template_names_its_line(repository, do, text, message, remedy):
    found = repository.policy("stale", POLICY + do % "").template("made.md", text).lint()
    first, *rest = found.splitlines()
    assert first == f"issue_templates/made.md:{message}"
    assert not remedy or rest == [f"  {remedy}"]


AT = "policies/stale.yml:11:"
FIELDS = [
    (FOLLOW, ', title: "{{ issue.titel }}"', "issue.title: an issue has no 'titel'"),
    (FOLLOW, """, title: "{{ '' }}\"""", "issue.title: comes out empty"),
    (SUMMARY, ', title: "{{ issue }}"', "summary.title: 'issue' is undefined"),
    (SUMMARY, ', title: "{{ rule.name }}"', "summary.title: is the same in every period"),
]


@pytest.mark.parametrize(("do", "field", "message"), FIELDS)
def test_a_broken_title_names_its_line(repository, do, field, message):
    found = repository.policy("stale", POLICY + do % field).lint().splitlines()
    assert found[0].startswith(AT)
    assert found[0].endswith(f"rules[1].do.{message}")
    assert len([line for line in found if line.startswith("policies")]) == 1


@pytest.mark.parametrize("do", [FOLLOW, SUMMARY])
def test_a_template_that_is_not_there(repository, do):
    found = repository.policy("stale", POLICY + (do % "").replace("made.md", "mode.md")).lint()
    assert found.startswith(AT)
    assert "there is no template 'mode.md'\n  Did you mean 'made.md'?" in found


@pytest.mark.parametrize(
    ("when", "message"),
    [
        ("in_group()", "`in_group()`: in_group() takes 1 to 2 values, not 0"),
        ("title.matches('(')", "`title.matches('(')`: '(' is not a regular expression"),
        ("title.matches()", "`title.matches()`: matches() takes one value, not 0"),
        ("in_group('a', 3)", "`in_group('a', 3)`: in_group() takes user names, not 3"),
    ],
)
def test_a_broken_call_names_its_line(repository, when, message):
    policy = (POLICY + FOLLOW % "").replace(SOUND, when)
    found = repository.policy("stale", policy).lint()
    assert found.startswith(f"policies/stale.yml:6:11: rules[0].when: {message}")
