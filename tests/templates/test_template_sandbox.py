"""What templates can do: values come out inert, and nothing beyond the model is in reach."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import partial

import pytest

from automation.errors import ConfigError
from automation.inert import WORD_JOINER
from automation.loops import Loops
from automation.model.issue import Issue, IssueRef, User
from automation.model.policy import LoopDefaults
from automation.model.roster import Report
from automation.templates import (
    BODY,
    FIELD,
    Library,
    LoopTemplate,
    RenderError,
    explained,
    render_field,
)
from tests.support.builders import OrgBuilder

ANN = Report(id="se-1", username="ann", name="Ann <b>@all</b>")
ISSUE = Issue(
    id=1,
    ref=IssueRef(1, 2),
    project="support/loops",
    title="/close [x](y) | ~bug",
    description="",
    opened=True,
    labels=frozenset({"b", "a"}),
    author=User(1, "ann"),
    created_at=datetime(2026, 11, 23, tzinfo=UTC),
    updated_at=datetime(2026, 11, 23, tzinfo=UTC),
    web_url="https://gitlab.example.com/1",
)
CONTEXT = {
    "report": ANN,
    "team": (ANN, Report(id="se-2", username="bob")),
    "issue": ISSUE,
    "day": date(2026, 11, 23),
    "moment": datetime(2026, 11, 23, 8, tzinfo=UTC),
    "span": timedelta(days=3),
    "links": {"handbook": "https://handbook.example.com/a_b", "odd key": "x"},
    "evil": "- [x] done\n/close @all <!-- drumbeat:loop a/b/2026 -->",
}
ANN_INERT = f"Ann &lt;b&gt;@{WORD_JOINER}all&lt;/b&gt;"
EVIL_INERT = f"\\- \\[x\\] done /{WORD_JOINER}close @{WORD_JOINER}all &lt;\\!-- drumbeat:loop a/b/2026 --&gt;"


def render(body, context=CONTEXT):
    return LoopTemplate("issue_templates/x.md", LoopDefaults(), body).render(context).rstrip("\n")


PRINTED = [
    ("plain *Markdown* stays: @team /label ~x", "plain *Markdown* stays: @team /label ~x"),
    ("{{ report.display_name }}", ANN_INERT),
    ("{{ evil }}", EVIL_INERT),
    ("{{ issue.title }}", f"/{WORD_JOINER}close \\[x\\](y) \\| \\~bug"),
    ("{{ evil | safe }}", EVIL_INERT),
    ("{{ evil ~ '' }}", EVIL_INERT),
    ("{{ [evil] | join }}", EVIL_INERT),
    ("{{ '@all' }}", f"@{WORD_JOINER}all"),
    ("{{ '%s' | format(report.display_name) }}", ANN_INERT),
    ("{{ report.username | mention }}", "@ann"),
    ("{{ 'all' | mention }}", f"@{WORD_JOINER}all"),
    (
        "{{ evil | mention }}",
        (
            f"@{WORD_JOINER}- \\[x\\] done /{WORD_JOINER}close "
            f"@{WORD_JOINER}all &lt;\\!-- drumbeat:loop a/b/2026 --&gt;"
        ),
    ),
    ("{{ report | section }}", f"{ANN_INERT} <!-- drumbeat:for se-1 -->"),
    ("{{ report.display_name | inert }}", ANN_INERT),
    ("{{ report.username | mention | upper }}", f"@{WORD_JOINER}ANN"),
    ("{{ 3 }} {{ 1.5 }} {{ true }} {{ none }}", "3 1\\.5 True None"),
    ("{{ day }} {{ day.strftime('%A') }} {{ day.isoformat() }}", "2026-11-23 Monday 2026-11-23"),
    ("{{ moment.date() }} {{ span.days }}", "2026-11-23 3"),
    ("{{ links.handbook }} {{ links['odd key'] }}", "https://handbook.example.com/a\\_b x"),
    ("{{ links.get('none', 'no') }}", "no"),
    ("{{ team | map(attribute='username') | join(', ') }}", "ann, bob"),
    ("{{ issue.labels | sort | join(' ') }} {{ issue.reference }}", "a b support/loops\\#2"),
    ("{{ team.index(report) }} {{ 'ab'.upper() }}", "0 AB"),
    ("{{ range(3) | list | length }}", "3"),
    ("{% for r in team %}{{ loop.index }}{{ loop.cycle('a', 'b') }}{% endfor %}", "1a2b"),
    ("{% for r in team if r.id == 'se-2' %}{{ r.username }}{% endfor %}", "bob"),
    ("{% if group is defined %}yes{% else %}no{% endif %}", "no"),
    ("{{ group | default('none') }}", "none"),
    ("{% set x = evil %}{{ x }}", EVIL_INERT),
    # What macros and blocks print was made inert within them, and is Markdown outside.
    ("{% macro box(t) %}- [ ] {{ t }}{% endmacro %}{{ box(evil) }}", f"- [ ] {EVIL_INERT}"),
    (
        "{% macro a() %}**{{ caller() }}**{% endmacro %}{% call a() %}{{ evil }}{% endcall %}",
        f"**{EVIL_INERT}**",
    ),
    ("{% set x %}- [ ] {{ evil }}{% endset %}{{ x }}", f"- [ ] {EVIL_INERT}"),
    ("{% set x %}~bug{% endset %}{{ x ~ '!' }}", "\\~bug\\!"),
    ("{% filter upper %}a{{ evil | truncate(3, true, '') }}{% endfilter %}", "A\\- \\["),
]


@pytest.mark.parametrize(("body", "text"), PRINTED)
def test_what_a_template_prints(body, text):
    assert render(body) == text.rstrip()


def test_blocks_leave_no_empty_lines():
    body = "{% for r in team %}\n- [ ] {{ r.username }}\n  {% if r.name %}\n  named\n  {% endif %}\n{% endfor %}"
    assert render(body) == "- [ ] ann\n  named\n- [ ] bob"


OUT_OF_REACH = [
    "report.__class__",
    "report.__init__",
    "report['__class__']",
    "report|attr('__class__')",
    "report.model_dump()",
    "report.model_copy()",
    "report.model_fields",
    "report.model_config",
    "report.is_active(day)",
    "report.copy",
    "report._abc",
    "issue.__dataclass_fields__",
    "issue.author.__dict__",
    "''.format(report)",
    "''.format_map(links)",
    "''.__class__",
    "day.today()",
    "day.fromtimestamp(0)",
    "moment.now()",
    "span.total_seconds()",
    "links.update(a=1)",
    "links.pop('handbook')",
    "links.clear()",
    "[].append(1)",
    "team.__add__(team)",
    "render()",
    "namespace()",
    "dict()",
    "cycler('a')",
    "lipsum()",
    "self.__init__",
    "(1).bit_length()",
    "report.zone.utcoffset(day)",
    "report.zone.from_file('/etc/passwd')",
    "report()",
    "issue()",
]


@pytest.mark.parametrize("expression", OUT_OF_REACH)
@pytest.mark.parametrize("environment", [BODY, FIELD], ids=["body", "field"])
def test_nothing_but_fields_and_properties_of_the_model_is_in_reach(environment, expression):
    before = repr(CONTEXT)
    text = "{{ " + expression + " }}"
    template = LoopTemplate("x.md", LoopDefaults(), text)
    printed = template.render if environment is BODY else partial(render_field, text)
    with pytest.raises(RenderError) as error:
        printed(CONTEXT)
    assert "0x" not in error.value.reason
    assert repr(CONTEXT) == before


def test_a_field_is_one_plain_line():
    text = "  {{ report.display_name }}\n{{ evil }}\t* # ~x "
    assert render_field(text, CONTEXT) == (
        "Ann <b>@all</b> - [x] done /close @all <!-- drumbeat:loop a/b/2026 --> * # ~x"
    )


def test_the_line_of_a_fault_counts_in_the_file():
    template = LoopTemplate("x.md", LoopDefaults(), "a\n\n{{ nme }}", first_line=5)
    with pytest.raises(RenderError) as error:
        template.render({"name": "x"})
    fault = error.value
    assert (fault.line, fault.message, fault.remedy) == (
        7,
        "'nme' is undefined",
        "Did you mean 'name'?",
    )


def test_a_fault_of_a_field_has_no_line_of_its_own():
    with pytest.raises(RenderError) as error:
        render_field("{{ nme }}", {})
    assert (error.value.line, error.value.field) == (0, "")


@pytest.mark.parametrize("raised", [TypeError(""), ValueError("a\nb")])
def test_what_is_unknown_is_explained_all_the_same(raised):
    assert explained(raised)[0] in {"TypeError", "ValueError: a"}


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ("{{ a }}\n{{ b.c }}\n{{ a }}", {"a": 1, "b": 2}),
        ("{% for x in team %}{{ x }}{% endfor %}{{ range(3) }}", {"team": 1}),
        ("{% macro m(x) %}{{ x }}{{ y }}{% endmacro %}", {"y": 1}),
    ],
)
def test_the_names_that_a_template_needs(body, names):
    assert LoopTemplate("x.md", LoopDefaults(), body).undeclared() == names


# --- The folder ------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path):
    inner = tmp_path / "templates" / "deep"
    inner.mkdir(parents=True)
    (inner / "b.md").write_text("\ufeff---\ntitle: B\nlabels: [x]\n---\nBody\n", encoding="utf-8")
    (tmp_path / "templates" / "a.md").write_text("{{ x }}")
    (tmp_path / "templates" / "notes.txt").write_text("no template")
    (tmp_path / "outside.md").write_text("secret")
    return tmp_path / "templates"


def test_a_library_knows_its_templates_by_their_path(folder):
    library = Library(folder)
    assert library.names() == ("a.md", "deep/b.md")
    found = library.get("deep/b.md")
    assert found is library.get("deep/b.md")
    assert (found.file, found.first_line) == ("issue_templates/deep/b.md", 5)
    assert (found.defaults.title, found.defaults.labels) == ("B", ("x",))
    assert found.place.fields == {"title": (2, 8), "labels": (3, 9)}
    assert found.render({}) == "Body\n"


@pytest.mark.parametrize("name", ["../outside.md", "deep/../../outside.md", "/etc/passwd"])
def test_a_library_reads_nothing_outside_its_folder(folder, name):
    with pytest.raises(ConfigError, match="lies outside the templates' folder"):
        Library(folder).get(name)


def test_a_template_that_is_not_there_names_those_that_are(folder):
    with pytest.raises(ConfigError) as error:
        Library(folder).get("c.md")
    assert str(error.value) == (
        "issue_templates/c.md: there is no such template\n  Templates here: a.md, deep/b.md."
    )


def test_an_empty_folder_says_so(tmp_path):
    with pytest.raises(ConfigError, match=r"Templates here: none\."):
        Library(tmp_path).get("c.md")


# --- What loops are made of -------------------------------------------------------------


def the_loop(org, cadence="weekly"):
    loops = Loops(org.organisation(), Library(org.folder))
    found = {
        loop.cadence.name: loop for loop in loops.current(datetime(2026, 11, 23, 9, tzinfo=UTC))
    }
    return found[cadence]


@pytest.fixture
def org(tmp_path):
    return OrgBuilder(tmp_path).with_manager("mgr-1", name="Ann")


FRONT = "---\ntitle: 'From {% raw %}{{ subject.id }}{% endraw %}'\nlabels: [front]\nproject: support/front\nassignee: '@front'\ndue: 2 days\nconfidential: true\nclose_when: any\nremind: [due]\nwhen_previous_open: wait\n---\n- [ ] one\n"


def test_the_template_sets_what_the_cadence_leaves_open(org):
    loop = the_loop(org.with_cadence(body=FRONT, due=None))
    assert (loop.project, loop.assignee, str(loop.due)) == ("support/front", "front", "2026-11-25")
    assert (loop.confidential, loop.close_when, str(loop.when_previous_open)) == (
        True,
        "any",
        "wait",
    )
    assert [str(reminder) for reminder in loop.remind] == ["due"]
    assert "front" in loop.labels


def test_the_cadence_has_the_last_word_and_labels_add_up(org):
    own = {
        "title": "Own {{ period.label }}",
        "labels": ["own", "{{ manager.id }}", "front"],
        "project": "support/own",
        "assignee": "{{ '' }}",
        "due": "end of period",
        "confidential": False,
        "close_when": "all",
        "remind": [],
        "when_previous_open": "keep_both",
    }
    loop = the_loop(org.with_cadence(body=FRONT, **own))
    assert (loop.title, loop.project, loop.assignee) == ("Own 2026-W48", "support/own", None)
    assert (str(loop.due), loop.confidential, loop.close_when) == ("2026-11-27", False, "all")
    assert loop.remind == ()
    assert str(loop.when_previous_open) == "keep_both"
    assert loop.labels == (
        "drumbeat",
        "cadence::weekly",
        "manager::mgr-1",
        "director::dir-1",
        "own",
        "mgr-1",
        "front",
    )


def test_defaults_where_nobody_says_anything(org):
    loop = the_loop(org.with_cadence(due=None))
    assert (loop.project, loop.assignee, loop.confidential) == ("support/loops", "mgr-1", False)
    assert (loop.close_when, loop.remind, str(loop.when_previous_open)) == ("all", (), "carry_over")


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("project", "a b", "`project`: comes out as 'a b', which is not a full path"),
        ("assignee", "a b", "`assignee`: comes out as 'a b', which is not a user name"),
        ("title", "{{ x }}", "`title`: 'x' is undefined"),
        ("title", "{{ '' }}", "`title`: comes out 0 characters long, not 1 to 255"),
    ],
)
def test_a_run_is_told_which_field_is_wrong(org, field, value, message):
    loop = the_loop(org.with_cadence(**{field: value}))
    with pytest.raises(RenderError) as error:
        getattr(loop, field)
    assert error.value.message == message
