"""A rendering has a budget: what loops for ever or grows without end is refused, and cheaply."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date
from typing import Any, cast

import pytest

from automation.errors import ConfigError
from automation.expressions import CONDITION, condition
from automation.templates import (
    FIELD,
    FOR_BODY,
    FOR_FIELD,
    Library,
    RenderError,
    budget,
    render_field,
    render_title,
)
from automation.templates.budget import Account, Allowance, OverBudget
from tests.hostile.bombs import BOMBS, DEEP, MANY, NUMBER, RANGE, STEPS, rendering
from tests.support.sample import REPOSITORY
from tests.templates.repository import BOX, FRONT, WEEKLY, Repository


@pytest.fixture(scope="module")
def refused() -> dict[str, list[Any]]:
    """What became of every bomb in a process without room for any of them."""
    argv = [sys.executable, "-m", "tests.hostile.bombs"]
    ran = subprocess.run(argv, cwd=REPOSITORY, capture_output=True, text=True, check=True)
    return cast("dict[str, list[Any]]", json.loads(ran.stdout))


@pytest.mark.skipif(sys.platform != "linux", reason="needs limits and /proc as Linux has them")
@pytest.mark.parametrize(("name", "reason"), [(name, row[1]) for name, row in BOMBS.items()])
def test_a_bomb_is_refused_before_it_grows(refused, name, reason):
    assert refused[name] == [reason, 5, True]


def test_room_for_a_bomb_is_what_it_lacks():
    """The limit is one: what is not counted dies of it."""
    code = "from tests.hostile import bombs; bombs.told = lambda body: bytearray(bombs.MORE); bombs.main()"
    argv = [sys.executable, "-c", code]
    ran = subprocess.run(argv, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert ran.returncode == 1
    assert "MemoryError" in ran.stderr


def test_a_macro_that_calls_itself_twice_is_refused():
    body = (
        "{% macro m(n) %}{% if n %}{{ m(n - 1) }}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(40) }}"
    )
    with pytest.raises(RenderError, match=STEPS):
        rendering(body).render({})


def test_lint_names_file_line_budget_and_remedy(tmp_path):
    body = "{% for a in range(90000) %}\n{% for b in range(90000) %}\n{% endfor %}\n{% endfor %}\n"
    found = Repository(tmp_path).template("weekly.md", FRONT + body + BOX).lint()
    assert found == (
        "issue_templates/weekly.md:5:1: takes more than 1,000,000 steps "
        "(for weekly/mgr-1/2026-W48)\n"
        "  Loop over less, and build the text where it is printed.\n"
    )


@pytest.mark.parametrize("field", ["title", "project", "labels", "assignee"])
def test_so_has_a_field(tmp_path, field):
    value = "\"{{ 'x' * 10**9 }}\""
    policy = f"{WEEKLY}{field}: {f'[{value}]' if field == 'labels' else value}\n"
    found = Repository(tmp_path).policy("weekly", policy).lint()
    where = {"labels": "labels[0]"}.get(field, field)
    assert (
        f"{where}: handles more than 262,144 characters of text (for weekly/mgr-1/2026-W48)"
        in found
    )


@pytest.mark.parametrize("render", [render_field, render_title])
def test_a_field_is_allowed_less_than_a_body(render):
    with pytest.raises(RenderError, match="takes more than 10,000 steps"):
        render("{% for i in range(20000) %}{% endfor %}", {})


@pytest.mark.parametrize(
    ("when", "reason"),
    [
        ("'x' * 10**9 == title", "handles more than 262,144 characters of text"),
        ("range(20000) | map('string') | list | length > 3", "takes more than 10,000 steps"),
        ("9 ** (9 ** 9) > 3", NUMBER),
    ],
)
def test_so_has_a_condition(when, reason):
    (leaf,) = condition(when).leaves
    with pytest.raises(RenderError, match=reason):
        leaf.holds({"title": "x"})


@pytest.mark.parametrize(
    "expression", ["(" * 900 + "1" + ")" * 900, "-" * 1900 + "1", "1" + "|abs" * 490]
)
def test_a_condition_that_is_nested_too_deeply_is_none(expression):
    with pytest.raises(RenderError, match=DEEP):
        condition(expression).leaves[0].holds({})


COMPILING = {
    "brackets": "{{ " + "(" * 400 + "1" + ")" * 400 + " }}",
    "sums": "{{ 1" + "+1" * 5000 + " }}",
    "filters": "{{ 1" + "|abs" * 5000 + " }}",
    "attributes": "{{ a" + ".a" * 5000 + " }}",
    "lists": "{{ " + "[" * 500 + "]" * 500 + " }}",
    "not": "{{ " + "not " * 3000 + "1 }}",
    "conditions": "{% if 1 %}" * 150 + "{% endif %}" * 150,
    "loops": "{% for i in [1] %}" * 30 + "{% endfor %}" * 30,
    "braces": "{{" * 5000,
}


@pytest.mark.parametrize("body", COMPILING.values(), ids=COMPILING)
def test_what_nests_too_deeply_is_no_template(body, tmp_path):
    (tmp_path / "x.md").write_text("---\ntitle: x\n---\n" + body, "utf-8")
    with pytest.raises(ConfigError) as error:
        Library(tmp_path).get("x.md")
    assert str(error.value) == (
        f"issue_templates/x.md:4:1: {DEEP}\n"
        "  Use fewer blocks, brackets or macros inside each other."
    )


@pytest.mark.parametrize(
    "body", ["{{a}}" * 20_000, "{% if a %}{% endif %}" * 12_000, "{{ [" + "1," * 60_000 + "] }}"]
)
def test_what_takes_long_to_compile_is_not_compiled(body, tmp_path):
    (tmp_path / "x.md").write_text(body, "utf-8")
    with pytest.raises(ConfigError, match="has more than 20,000 parts"):
        Library(tmp_path).get("x.md")


def test_a_number_without_end_is_no_template(tmp_path):
    (tmp_path / "x.md").write_text("{{ " + "1" * 5000 + " }}", "utf-8")
    with pytest.raises(ConfigError, match=r"x\.md:1:1: ValueError: Exceeds the limit"):
        Library(tmp_path).get("x.md")


def test_a_template_without_end_is_not_tried_for_everybody(monkeypatch):
    tried = []
    monkeypatch.setattr(Account, "read", lambda self, _count: tried.append(self))
    template = rendering(MANY * 3 + "{% endfor %}" * 3)
    for _subject in range(9):
        with pytest.raises(RenderError, match=STEPS):
            template.render({})
    assert len(set(map(id, tried))) <= 3


HARMLESS = {
    "a table of thousands": "{% for i in range(20000) %}| {{ i }} | {{ i * 2 }} |\n{% endfor %}",
    "padding": '{{ "%-20s|" % "x" }}{{ "x" | center(40) }}{{ "x".zfill(10) }}',
    "all sorts of filters": '{{ "a b c" | wordwrap(3) | indent(4) | replace("a", "z") | title }}',
    "numbers": "{{ (2 ** 10 + 7) // 3 % 5 - 1 }}{{ 1.234 | round(1) }}{{ [1, 2] | sum }}",
    "lists": "{{ range(9) | batch(3) | map('join', ', ') | list }}{{ [1, 2] | tojson(2) }}",
    "dates": "{{ day.strftime('%A, %-d %B') }}",
    "an empty range": "{{ range(0, 10**9, -1) | list }}",
    "loops with a condition": "{% for i in range(9) if i is odd %}{{ loop.index }}{% endfor %}",
    "two names": "{% for a, b in [(1, 2)] %}{{ a + b }}{% endfor %}",
    "parts": '{{ "abc"[1:] }}{{ [1, 2][0] }}{{ {"a": 1}["a"] }}',
    "joined": '{{ range(3) | map("string") | join("-") }}{{ "-".join(["a", "b"]) }}',
    "wrong arguments": '{{ "x" | default("y") }}',
}


@pytest.mark.parametrize("body", HARMLESS.values(), ids=HARMLESS)
def test_what_templates_do_is_within_the_budget(body):
    assert rendering(body).render({"day": date(2026, 11, 23)})


@pytest.mark.parametrize("count", ["10**6", "10**30"])
def test_a_range_without_end_is_refused(count):
    with pytest.raises(RenderError, match=RANGE):
        rendering(f"{{{{ range({count}) }}}}").render({})


@pytest.mark.parametrize(
    "body",
    ['{{ "x" | center(1, 2, 3) }}', '{{ "x" | tojson(1, 2) }}', '{{ "x" | round(1, 2, 3, 4) }}'],
)
def test_wrong_arguments_are_told_by_the_filter(body):
    with pytest.raises(RenderError, match=r"TypeError|argument"):
        rendering(body).render({})


def test_the_figures_are_counted_exactly():
    with budget(Allowance(steps=3, characters=4)) as account:
        account.step(3)
        account.weigh("abcd")
        with pytest.raises(OverBudget, match="more than 3 steps"):
            account.step()
        with pytest.raises(OverBudget, match="more than 4 characters"):
            account.weigh("e")


def test_nothing_is_rendered_outside_a_budget():
    with pytest.raises(LookupError):
        FIELD.from_string("{{ x }}").render(x=1)
    assert "random" not in CONDITION.filters
    assert FOR_FIELD.steps < FOR_BODY.steps
