"""Whatever is wrong with a template, a field or a condition: what a person reads of it."""

from __future__ import annotations

import pytest

from tests.templates.repository import BOX, FRONT, ROSTER, WEEKLY, Repository


@pytest.fixture
def repository(tmp_path):
    return Repository(tmp_path)


def test_the_sample_that_the_tables_break_is_sound(repository):
    assert repository.lint() == ""


FOR = "(for weekly/mgr-1/2026-W48)"
NAMES = (
    "Valid here: cadence, channels, day, director, due, links, manager, off, owner, period, "
    "quarter_begins, subject, substitute_for, team, week_of_month."
)

# The front matter has three lines: the body begins on line 4. Its fault is one message on
# the first line; a remedy may follow on a second one.
BODIES = {
    "a name that is nearly right": (
        "{{ manger.id }}\n",
        f"4:1: 'manger' is undefined {FOR}",
        "Did you mean 'manager'?",
    ),
    "a name that is not there": (
        "Hello\n\n{{ report.id }}\n",
        f"6:1: 'report' is undefined {FOR}",
        NAMES,
    ),
    "a field of a person": (
        "\n{{ manager.nme }}\n",
        f"5:1: a manager has no 'nme' {FOR}",
        "Did you mean 'name'?",
    ),
    "a field of a subject": (
        "{{ subject.nme }}\n",
        f"4:1: a subject has no 'nme' {FOR}",
        "Did you mean 'name'?",
    ),
    "a field of a period": (
        "{{ period.lable }}\n",
        f"4:1: a period has no 'lable' {FOR}",
        "Did you mean 'label'?",
    ),
    "a link": (
        "{{ links.handbok }}\n",
        f"4:1: this mapping has no 'handbok' {FOR}",
        "Did you mean 'handbook'?",
    ),
    "a place in a list": ("{{ team[7].id }}\n", f"4:1: a list has no 7 {FOR}", ""),
    "a field of a text": ("{{ manager.id.first }}\n", f"4:1: a text has no 'first' {FOR}", ""),
    "a field of a date": ("{{ due.weak }}\n", f"4:1: a date has no 'weak' {FOR}", ""),
    "a name within a loop": (
        "{% for one in team %}\n{{ on.id }}\n{% endfor %}\n",
        f"5:1: 'on' is undefined {FOR}",
        NAMES,
    ),
    "a name in a part that nobody has today": (
        "{% for one in team if one.away %}\n{{ xyzzy.away }}\n{% endfor %}\n",
        "5:1: 'xyzzy' is undefined",
        (
            "Valid here: boards, cadence, channels, day, director, due, group, initiatives, links, "
            "manager, numbers, off, owner, period, quarter_begins and 6 more."
        ),
    ),
    "a global of other Jinjas": ("{{ lipsum() }}\n", f"4:1: 'lipsum' is undefined {FOR}", NAMES),
    "a block that is not closed": (
        "a\n{% for x in team %}\n",
        (
            "6:1: Unexpected end of template. Jinja was looking for the following tags: 'endfor' or "
            "'else'. The innermost block that needs to be closed is 'for'"
        ),
        "",
    ),
    "a block that is not open": ("{% endfor %}\n", "4:1: Encountered unknown tag 'endfor'", ""),
    "a tag that is not there": ("\n{% do 1 %}\n", "5:1: Encountered unknown tag 'do'", ""),
    "half a brace": ("{{ manager.id }\n", "4:1: unexpected '}'", ""),
    "an empty expression": (
        "{{ }}\n",
        "4:1: Expected an expression, got 'end of print statement'",
        "",
    ),
    "a filter that is nearly right": (
        "\n\n{{ manager.id | uper }}\n",
        "6:1: there is no filter 'uper'",
        "Did you mean 'upper'?",
    ),
    "a filter unlike all others": (
        "{% if false %}{{ 1 | xyzzy }}{% endif %}\n",
        "4:1: there is no filter 'xyzzy'",
        "",
    ),
    "a test unlike all others, in a part that nobody has": (
        "{% if false %}{{ 1 is xyzzy }}{% endif %}\n",
        "4:1: there is no test 'xyzzy'",
        "",
    ),
    "a test": ("{{ 1 is odder }}\n", "4:1: there is no test 'odder'", "Did you mean 'odd'?"),
    "Python's insides": (
        "{{ manager.__class__ }}\n",
        f"4:1: '__class__' of a manager may not be used {FOR}",
        "",
    ),
    "the insides of a text": (
        "{{ ''.__class__.__mro__ }}\n",
        f"4:1: '__class__' of a text may not be used {FOR}",
        "",
    ),
    "the insides by filter": (
        "{{ manager | attr('__dict__') }}\n",
        f"4:1: '__dict__' of a manager may not be used {FOR}",
        "",
    ),
    "the model's own methods": (
        "{{ manager.model_dump() }}\n",
        f"4:1: 'model_dump' of a manager may not be used {FOR}",
        "",
    ),
    "a method that needs an argument": (
        "{{ manager.team(day) }}\n",
        f"4:1: 'team' of a manager may not be used {FOR}",
        "",
    ),
    "a format string": ("{{ ''.format(1) }}\n", f"4:1: 'format' may not be called {FOR}", ""),
    "the clock": ("{{ day.today() }}\n", f"4:1: 'today' may not be called {FOR}", ""),
    "a time zone's method": (
        "{{ subject.zone.utcoffset(day) }}\n",
        f"4:1: 'utcoffset' may not be called {FOR}",
        "",
    ),
    "something that cannot be called": (
        "{{ manager() }}\n",
        f"4:1: a manager may not be called {FOR}",
        "",
    ),
    "something to change": (
        "{{ links.update(a=1) }}\n",
        f"4:1: 'update' of this mapping may not be used {FOR}",
        "",
    ),
    "another template": (
        "x\n{% include 'weekly.md' %}\n",
        "5:1: a template cannot bring in another one",
        "Write its text here.",
    ),
    "a template below": (
        "{% extends 'weekly.md' %}\n",
        "4:1: a template cannot bring in another one",
        "Write its text here.",
    ),
    "a template's macros": (
        "{% from 'weekly.md' import x %}\n",
        "4:1: a template cannot bring in another one",
        "Write its text here.",
    ),
    "a division by zero": (
        "{{ 1 // 0 }}\n",
        f"4:1: ZeroDivisionError: integer division or modulo by zero {FOR}",
        "",
    ),
    "a range without end": (
        "{% for n in range(1000000) %}.{% endfor %}\n",
        f"4:1: makes a range of more than 100,000 numbers {FOR}",
        "Count less far.",
    ),
    "a wrong argument": (
        "{{ due.strftime(7) }}\n",
        f"4:1: TypeError: strftime() argument 1 must be str, not int {FOR}",
        "",
    ),
    "a wrong argument of a macro": (
        "{% macro box(text) %}{{ text }}{% endmacro %}\n{{ box() }}\n",
        f"4:1: parameter 'text' was not provided {FOR}",
        "",
    ),
    "a macro that never ends": (
        "{% macro again() %}{{ again() }}{% endmacro %}{{ again() }}\n",
        f"4:1: is nested too deeply, or calls itself without end {FOR}",
        "Use fewer blocks, brackets or macros inside each other.",
    ),
    "an invisible character": (
        "a\u2028b\n",
        "4:2: the character U+2028 is not allowed",
        "Remove it; an editor may not show it.",
    ),
    "far too much": (
        "{% for n in range(90000) %}0123456789{% endfor %}\n\n",
        f"1:1: comes out 900,011 characters long {FOR}",
        "Use 524,288 at most: carried items need room, too.",
    ),
}


@pytest.mark.parametrize(
    ("body", "message", "remedy"), [pytest.param(*row, id=name) for name, row in BODIES.items()]
)
def test_a_broken_body(repository, body, message, remedy):
    found = repository.template("weekly.md", FRONT + body + BOX).lint()
    assert found == f"issue_templates/weekly.md:{message}\n" + (f"  {remedy}\n" if remedy else "")


WHOLE = {
    "no box": (
        FRONT + "Hello\n",
        f"1:1: has no box to tick: never done {FOR}\n  Give it a `- [ ]` item.",
    ),
    "nothing at all": (
        FRONT,
        f"1:1: has no box to tick: never done {FOR}\n  Give it a `- [ ]` item.",
    ),
    "boxes in code only": (
        FRONT + "```\n- [ ] one\n```\n",
        f"1:1: has no box to tick: never done {FOR}\n  Give it a `- [ ]` item.",
    ),
    "ticked already": (
        FRONT + "- [x] one\n",
        f"1:1: is complete as soon as it opens {FOR}\n  Write its boxes as `- [ ]`.",
    ),
    "an unknown field": (
        "---\ntitel: x\n---\n" + BOX,
        "2:1: titel: unknown key 'titel'\n  Did you mean 'title'?",
    ),
    "front matter without end": (
        "---\ntitle: x\n" + BOX,
        (
            "1:1: the front matter that begins here has no end\n"
            "  Write '---' on a line of its own after it."
        ),
    ),
    "front matter that is a list": (
        "---\n- x\n---\n" + BOX,
        "2:1: front matter should be a mapping, not a list\n  Write lines such as 'title: …'.",
    ),
    "front matter that is no YAML": (
        "---\ntitle: [\n---\n" + BOX,
        (
            "3:1: a value or a closing bracket is missing here\n"
            "  Close it, put a comma between entries, and quote text that has brackets in it."
        ),
    ),
    "a name in the front matter": (
        "---\nlabels: [x]\ntitle: '{{ manger.id }}'\n---\n" + BOX,
        f"3:8: title: 'manger' is undefined {FOR}\n  Did you mean 'manager'?",
    ),
    "half a brace in the front matter": (
        "---\ntitle:   'Of {{ manager.id }'\n---\n" + BOX,
        f"2:10: title: unexpected '}}' {FOR}",
    ),
    "a label with a comma": (
        FRONT.replace("title", "labels: [x, 'a,b']\ntitle") + BOX,
        f"2:9: labels[1]: comes out as 'a,b'; a label has no comma and is not empty {FOR}",
    ),
    "the same title every week": (
        "---\ntitle: Weekly of {{ subject.id }}\n---\n" + BOX,
        (
            "2:8: title: 'Weekly of mgr-1' is the title of weekly/mgr-1/2026-W48 as well "
            "(for weekly/mgr-1/2026-W49)\n"
            "  Put {{ subject.name }} or {{ period.label }} into the title."
        ),
    ),
    "the same title for everybody": (
        "---\ntitle: Weekly {{ period.label }}\n---\n" + BOX,
        (
            "2:8: title: 'Weekly 2026-W48' is the title of weekly/mgr-1/2026-W48 as well "
            "(for weekly/mgr-2/2026-W48)\n"
            "  Put {{ subject.name }} or {{ period.label }} into the title."
        ),
    ),
    "a title that is too long": (
        "---\ntitle: \"{{ 'x' * 250 }}{{ subject.id }}{{ period.label }}\"\n---\n" + BOX,
        f"2:8: title: comes out 263 characters long, not 1 to 255 {FOR}",
    ),
    "a title of nothing": (
        "---\ntitle: \"{{ '' }}\"\n---\n" + BOX,
        f"2:8: title: comes out 0 characters long, not 1 to 255 {FOR}",
    ),
    "a project elsewhere": (
        FRONT.replace("title", "project: else/where\ntitle") + BOX,
        (
            f"2:10: project: comes out as 'else/where', not below the loops' group 'support' {FOR}\n"
            "  Loops need the labels of that group; move one of them."
        ),
    ),
    "a heading that is not there": (
        FRONT.replace("title", "close_when: [{section: This week, done: any}]\ntitle")
        + "## Last week\n\n- [ ] one\n\n## Next week\n\n- [ ] two\n",
        (
            f"2:13: close_when: “This week” is missing in issue_templates/weekly.md {FOR}\n"
            "  Headings there: Last week, Next week."
        ),
    ),
    "not UTF-8": (
        b"---\ntitle: caf\xe9\n---\n",
        "2:11: not UTF-8: byte 0xE9 at offset 14\n  Save the file with the encoding UTF-8.",
    ),
    "a byte of nothing": (
        (FRONT + "- [ ] \x00\n").encode(),
        "4:7: the character U+0000 is not allowed\n  Remove it; an editor may not show it.",
    ),
    "too large": (
        b"x" * (256 * 1024 + 1),
        " is larger than 256 KiB\n  Split it into several templates.",
    ),
}


@pytest.mark.parametrize(
    ("text", "problem"), [pytest.param(*row, id=name) for name, row in WHOLE.items()]
)
def test_a_broken_template(repository, text, problem):
    assert repository.template("weekly.md", text).lint() == f"issue_templates/weekly.md:{problem}\n"


FIELDS = {
    "a template that is not there": (
        WEEKLY.replace("weekly.md", "weakly.md"),
        "4:11: template: there is no template 'weakly.md'\n  Did you mean 'weekly.md'?",
    ),
    "a template outside": (
        WEEKLY.replace("weekly.md", "../weekly.md"),
        (
            "4:11: template: '../weekly.md' is not the path of a template\n"
            "  Write it as it stands below issue_templates/, such as one-on-one.md."
        ),
    ),
    "an absolute template": (
        WEEKLY.replace("weekly.md", "/weekly.md"),
        (
            "4:11: template: '/weekly.md' is not the path of a template\n"
            "  Write it as it stands below issue_templates/, such as one-on-one.md."
        ),
    ),
    "a name in the title": (
        WEEKLY + 'title: "{{ manger.id }}"\n',
        f"7:8: title: 'manger' is undefined {FOR}\n  Did you mean 'manager'?",
    ),
    "a method in the title": (
        WEEKLY + 'title: "{{ manager.model_copy() }}"\n',
        f"7:8: title: 'model_copy' of a manager may not be used {FOR}",
    ),
    "half an expression": (
        WEEKLY + 'title: "{{ "\n',
        f"7:8: title: unexpected 'end of template' {FOR}",
    ),
    "a title for all": (
        WEEKLY + "title: Weekly\n",
        (
            "7:8: title: 'Weekly' is the title of weekly/mgr-1/2026-W48 as well "
            "(for weekly/mgr-1/2026-W49)\n"
            "  Put {{ subject.name }} or {{ period.label }} into the title."
        ),
    ),
    "a project elsewhere": (
        WEEKLY + "project: elsewhere/{{ manager.id }}\n",
        (
            "7:10: project: comes out as 'elsewhere/mgr-1', not below the loops' group 'support' "
            f"{FOR}\n  Loops need the labels of that group; move one of them."
        ),
    ),
    "a project that is no path": (
        WEEKLY + "project: support/{{ manager.id }} x\n",
        f"7:10: project: comes out as 'support/mgr-1 x', which is not a full path {FOR}",
    ),
    "a label with a comma": (
        WEEKLY + 'labels: [fine, "a,b"]\n',
        f"7:16: labels[1]: comes out as 'a,b'; a label has no comma and is not empty {FOR}",
    ),
    "a label of nothing": (
        WEEKLY + "labels: [\"{{ '' }}\"]\n",
        f"7:10: labels[0]: comes out as ''; a label has no comma and is not empty {FOR}",
    ),
    "a label with a name": (
        WEEKLY + 'labels:\n  - fine\n  - "{{ mangers }}"\n',
        f"9:5: labels[1]: 'mangers' is undefined {FOR}\n  Did you mean 'manager'?",
    ),
    "an assignee who is no user": (
        WEEKLY + 'assignee: "{{ manager.id }}!"\n',
        f"7:11: assignee: comes out as 'mgr-1!', which is not a user name {FOR}",
    ),
    "an assignee by name": (
        WEEKLY + 'assignee: "{{ director.user }}"\n',
        f"7:11: assignee: a director has no 'user' {FOR}\n  Did you mean 'username'?",
    ),
    "a heading": (
        WEEKLY + "close_when: [{section: Done, done: any}]\n",
        (
            f"7:13: close_when: “Done” is missing in issue_templates/weekly.md {FOR}\n"
            "  Headings there: none."
        ),
    ),
    "sections of reports": (
        WEEKLY + "close_when: [{each: report, done: {at_least: 2}}]\n",
        (
            "7:13: close_when: se-1’s section is missing; se-2’s section is missing in "
            f"issue_templates/weekly.md {FOR}\n  Headings there: none."
        ),
    ),
    "an optional heading": (
        WEEKLY + "optional: [Prompts]\n",
        (
            "7:12: optional[0]: there is no heading 'Prompts' in issue_templates/weekly.md\n"
            "  There are no headings at all."
        ),
    ),
    "not a rule for closing": (
        WEEKLY + "close_when: [every]\n",
        (
            "7:14: close_when[0]: 'every' is not a rule for a section\n"
            "  Write {section: …, done: …} or {each: report, done: …}."
        ),
    ),
}


@pytest.mark.parametrize(
    ("policy", "problem"), [pytest.param(*row, id=name) for name, row in FIELDS.items()]
)
def test_a_broken_field_of_a_cadence_names_the_policys_line(repository, policy, problem):
    assert repository.policy("weekly", policy).lint() == f"policies/weekly.yml:{problem}\n"


def test_a_template_without_a_title_says_how_to_give_it_one(repository):
    assert repository.template("weekly.md", BOX).lint() == (
        f"policies/weekly.yml:1:1: title: is set neither in the cadence nor in its template {FOR}\n"
        "  Begin issue_templates/weekly.md with '---', 'title: …' and '---'.\n"
    )


def test_two_cadences_with_one_title(repository):
    repository.policy("other", WEEKLY.replace("name: weekly", "name: other"))
    assert repository.lint() == (
        "issue_templates/weekly.md:2:8: title: 'Weekly of mgr-1, 2026-W48' is the title of "
        "other/mgr-1/2026-W48 as well (for weekly/mgr-1/2026-W48)\n"
        "  Put {{ subject.name }} or {{ period.label }} into the title.\n"
    )


def test_all_faults_of_a_cadence_are_told_at_once(repository):
    repository.policy("weekly", WEEKLY + 'assignee: "{{ x }}"\nproject: "{{ y }}"\n')
    repository.template("weekly.md", "---\ntitle: '{{ z }}'\n---\n{{ body }}\n" + BOX)
    places = [line.partition(" (for")[0] for line in repository.lint().splitlines()[::2]]
    assert places == [
        "issue_templates/weekly.md:2:8: title: 'z' is undefined",
        "issue_templates/weekly.md:4:1: 'body' is undefined",
        "policies/weekly.yml:7:11: assignee: 'x' is undefined",
        "policies/weekly.yml:8:10: project: 'y' is undefined",
    ]


def test_a_symbolic_link_leads_nowhere(repository, tmp_path):
    (tmp_path / "secret.md").write_text("secret")
    (tmp_path / "issue_templates" / "weekly.md").unlink()
    (tmp_path / "issue_templates" / "weekly.md").symlink_to(tmp_path / "secret.md")
    assert repository.lint() == (
        "issue_templates/weekly.md: lies outside the templates' folder\n"
        "  Name a file below that folder; a link that leads out of it does not count.\n"
    )


def test_a_template_that_cannot_be_read(repository, tmp_path):
    (tmp_path / "issue_templates" / "weekly.md").unlink()
    (tmp_path / "issue_templates" / "weekly.md").mkdir()
    assert repository.lint().startswith("issue_templates/weekly.md: is not a regular file\n")


def test_no_templates_at_all(repository, tmp_path):
    (tmp_path / "issue_templates" / "weekly.md").unlink()
    (tmp_path / "issue_templates").rmdir()
    assert repository.lint() == (
        "policies/weekly.yml:4:11: template: there is no template 'weekly.md'\n"
        "  There are no templates at all.\n"
    )


def test_a_cadence_that_begins_later_is_rendered_all_the_same(repository):
    later = WEEKLY.replace('at: "08:00"', 'at: "08:00", starts: 2027-06-07')
    repository.policy("weekly", later + 'title: "{{ x }}"\n')
    assert repository.lint().splitlines()[0] == (
        "policies/weekly.yml:7:8: title: 'x' is undefined (for weekly/mgr-1/2027-W23)"
    )


# --- Triage policies -------------------------------------------------------------------

TRIAGE = """\
kind: triage
name: stale
where: {group: support/sgg, labels: [SGG]}
rules:
  - name: fine
    when: age > days(1)
    do: {label: a}
  - name: broken
    when: WHEN
    do: {label: b}
"""
CONDITIONS = {
    "quiet > days(3)": ("`quiet > days(3)`: 'quiet' is undefined", "Did you mean 'quiet_for'?"),
    "quiet_for > day(3)": ("`quiet_for > day(3)`: 'day' is undefined", "Did you mean 'days'?"),
    "true or nonsense": (
        "`true or nonsense`: 'nonsense' is undefined",
        (
            "Valid here: age, assignees, author, checklist, closed_at, closed_for, comments, "
            "confidential, created_at, date, days, downvotes, due_date, due_in, has and 22 more."
        ),
    ),
    "quiet_for >": (
        "`quiet_for >` is not an expression: unexpected 'end of template'",
        "",
    ),
    "x = 3": ("`x = 3` is not an expression: chunk after expression", ""),
    "title | upcase": (
        "`title | upcase` is not an expression: there is no filter 'upcase'",
        "",
    ),
    "'{{ quiet_for > days(3) }}'": (
        "`{{ quiet_for > days(3) }}` is not an expression: expected token ':', got '}'",
        "Write it without {{ and }}.",
    ),
    "true) }} {{ (true": (
        "`true) }} {{ (true` is not an expression: unexpected ')'",
        "Write it without {{ and }}.",
    ),
    "quiet_for > 3": (
        "`quiet_for > 3`: '>' not supported between instances of 'datetime.timedelta' and 'int'",
        "Compare like with like, such as quiet_for > days(21).",
    ),
    "quiet_for > days('3')": (
        "`quiet_for > days('3')`: unsupported type for timedelta days component: str",
        "Compare like with like, such as quiet_for > days(21).",
    ),
    "has('a', 'b')": ("`has('a', 'b')`: has() takes one value, not 2", ""),
    "has()": ("`has()`: has() takes one value, not 0", ""),
    "age > days(10 ** 9)": (
        "`age > days(10 ** 9)`: days=1000000000; must have magnitude <= 999999999",
        "",
    ),
    "1 / 0": ("`1 / 0`: division by zero", ""),
    "quiet_for.__class__": (
        "`quiet_for.__class__`: '__class__' of a duration may not be used",
        "",
    ),
    "days.__call__(3)": (
        "`days.__call__(3)`: '__call__' of a function may not be used",
        "",
    ),
    "age.total_seconds() > 3": (
        "`age.total_seconds() > 3`: 'total_seconds' may not be called",
        "",
    ),
    "title.format(1)": ("`title.format(1)`: 'format' may not be called", ""),
    "labels.append('x')": (
        "`labels.append('x')`: 'append' of a list may not be used",
        "",
    ),
}


@pytest.mark.parametrize(
    ("when", "message", "remedy"), [(when, *row) for when, row in CONDITIONS.items()]
)
def test_a_broken_condition_names_its_line(repository, when, message, remedy):
    quoted = when if when.startswith("'") else '"' + when + '"'
    found = repository.policy("stale", TRIAGE.replace("WHEN", quoted)).lint()
    expected = f"policies/stale.yml:9:11: rules[1].when: {message}\n"
    assert found == expected + (f"  {remedy}\n" if remedy else "")


COMMENTING = TRIAGE.replace("WHEN", "age > days(1)").replace(
    "{label: b}", "{label: b, comment: stale.md, mention: [group.managers]}"
)
COMMENT_NAMES = "Valid here: issue, mentions, open_items, policy, quiet_days, rule."
COMMENTS = {
    "a figure": (
        "{{ quiet_dayz }}",
        "1:1: 'quiet_dayz' is undefined",
        "Did you mean 'quiet_days'?",
    ),
    "a loop's name": ("Hi\n{{ manager.id }}", "2:1: 'manager' is undefined", COMMENT_NAMES),
    "a group, where there may be none": (
        "{{ group.name }}",
        "1:1: 'group' is undefined",
        COMMENT_NAMES,
    ),
    "a field of the group, where there is one": (
        "Hi{% if group is defined %}{{ group.nme }}{% endif %}",
        "1:1: a group has no 'nme'",
        "Did you mean 'name'?",
    ),
    "what is rendered for some issues only": (
        "Hi{% if issue.due_date %}\n{{ issue.due_dat }}{% endif %}",
        "2:1: an issue has no 'due_dat'",
        "Did you mean 'due_date'?",
    ),
    "below front matter": ("---\nlabels: []\n---\n{{ x }}", "4:1: 'x' is undefined", COMMENT_NAMES),
    "half a tag": ("{% if %}", "1:1: Expected an expression, got 'end of statement block'", ""),
    "nothing to say": ("\n \n", "1:1: comes out empty: nothing would be said", ""),
}


@pytest.mark.parametrize(
    ("text", "message", "remedy"), [pytest.param(*row, id=name) for name, row in COMMENTS.items()]
)
def test_a_broken_comment_names_its_line(repository, text, message, remedy):
    found = repository.policy("stale", COMMENTING).template("stale.md", text).lint()
    assert found == f"issue_templates/stale.md:{message}\n" + (f"  {remedy}\n" if remedy else "")


def test_a_comment_that_is_not_there(repository):
    assert repository.policy("stale", COMMENTING).lint() == (
        "policies/stale.yml:10:29: rules[1].do.comment: there is no template 'stale.md'\n"
        "  Valid here: weekly.md.\n"
    )


def test_a_comment_that_speaks_in_some_cases_only_is_fine(repository):
    repository.policy("stale", COMMENTING)
    assert repository.template("stale.md", "{% if issue.due_date %}Due!{% endif %}").lint() == ""


# --- Boards ----------------------------------------------------------------------------

BOARDS = """\
kind: boards
boards:
  - name: Everything
    for_each: organisation
    group: support
    lists: [attention]
  - name: NAME
    project: support/loops
    lists: [attention]
"""


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        (
            "{{ manager.id }}",
            "'manager' is undefined (for dir-1)\n  Valid here: director, subject.",
        ),
        (
            "{{ director.id",
            "unexpected end of template, expected 'end of print statement' (for dir-1)",
        ),
        ("{{ '' }}", "comes out 0 characters long, not 1 to 255 (for dir-1)"),
        ("{{ director.model_dump() }}", "'model_dump' of a director may not be used (for dir-1)"),
        (
            "Loops",
            (
                "'Loops' is the board of dir-1 as well (for dir-2)\n"
                "  Put {{ director.name }} into the name."
            ),
        ),
    ],
)
def test_a_broken_board_names_its_line(repository, name, problem):
    found = repository.policy("boards", BOARDS.replace("NAME", f'"{name}"')).lint()
    assert found == f"policies/boards.yml:7:11: name: {problem}\n"


def test_groups_elsewhere_do_not_concern_a_policy(repository):
    elsewhere = ROSTER.replace("support/sgg/baobab", "support/other/baobab")
    repository.policy("roster", elsewhere).policy("stale", COMMENTING)
    body = "Hi{% if group is defined %}{{ group.nme }}{% endif %}"
    assert repository.template("stale.md", body).lint() == ""


def test_a_cadence_for_nobody_is_not_judged(repository):
    repository.policy("roster", ROSTER.split("groups:")[0])
    repository.policy("weekly", WEEKLY.replace("manager", "group"))
    assert repository.template("weekly.md", "{{ x }}").lint() == ""


def test_sound_boards_and_rosters_of_several_files(repository):
    repository.policy("boards", BOARDS.replace("NAME", '"{{ director.name }}"'))
    repository.policy(
        "more", ROSTER.split("managers:")[0].replace("dir-", "dirr-").replace("D", "E")
    )
    assert repository.lint() == ""
