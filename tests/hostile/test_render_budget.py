"""A rendering has a budget: what loops for ever or grows without end is refused, and cheaply."""

from __future__ import annotations

import tracemalloc
from datetime import date

import pytest

from automation.errors import ConfigError
from automation.expressions import CONDITION, condition
from automation.model.policy import LoopDefaults
from automation.templates import (
    FIELD,
    FOR_BODY,
    FOR_FIELD,
    Library,
    LoopTemplate,
    RenderError,
    budget,
    render_field,
    render_title,
)
from automation.templates.budget import Account, Allowance, OverBudget
from tests.templates.repository import BOX, FRONT, WEEKLY, Repository

STEPS = "takes more than 1,000,000 steps"
TEXT = "handles more than 4,194,304 characters of text"
NUMBER = "makes a number of more than 4,096 bits"
RANGE = "makes a range of more than 100,000 numbers"
DEEP = "is nested too deeply, or calls itself without end"

BIG = '{% set s = "x" * 1000000 %}'
MANY = "{% for i in range(100000) %}"


def again(step: str, times: int = 60) -> str:
    return step * times


BOMBS = {
    "loops in loops": (MANY * 3 + "{% endfor %}" * 3, STEPS),
    "loops that leave all out": (
        MANY + "{% for j in range(100000) if false %}x{% endfor %}{% endfor %}",
        STEPS,
    ),
    "a text times a number": ('{{ "x" * 10**9 }}', TEXT),
    "a number times a text": ('{{ 10**9 * "x" }}', TEXT),
    "a list times a number": ("{{ [1] * 10**9 }}", TEXT),
    "a wide number": ('{{ "%1000000000d" % 1 }}', TEXT),
    "a wide number by a star": ('{{ "%*d" % (10**9, 1) }}', TEXT),
    "a precise number": ('{{ "%.1000000000f" % 1 }}', TEXT),
    "a name many times": ('{{ "%(a)s" * 9 % {"a": "x" * 1000000} }}', TEXT),
    "the filter format": ('{{ "%1000000000d" | format(1) }}', TEXT),
    "the filter center": ('{{ "x" | center(10**9) }}', TEXT),
    "the filter center, by name": ('{{ "x" | center(width=10**9) }}', TEXT),
    "the filter indent": ('{{ "x" | indent(10**9, true) }}', TEXT),
    "the filter indent with a text": (BIG + '{{ ("\\n" * 9) | indent(s, true) }}', TEXT),
    "the filter batch": ('{{ "x" | batch(10**9, "y") | list }}', TEXT),
    "the filter slice": ('{{ "x" | slice(10**9) | list }}', TEXT),
    "the filter round": ("{{ 1.5 | round(10**9) }}", TEXT),
    "the filter round, to millions": ("{{ 1 | round(-10**9) }}", TEXT),
    "the filter round, upwards": ('{{ 1.5 | round(10**9, "ceil") }}', TEXT),
    "the filter tojson": ("{{ [1] | tojson(10**9) }}", TEXT),
    "the filter wordwrap": (BIG + '{{ "a b" | wordwrap(1, true, s * 3) }}', TEXT),
    "the filter wordwrap on one word": (BIG + "{{ s | wordwrap }}", TEXT),
    "the filter replace": (BIG + '{{ s | replace("x", "yyyyy") }}', TEXT),
    "the filter join": ('{{ range(100000) | map("string") | join("x" * 1000) }}', TEXT),
    "the filter join, by name": ('{{ range(100000) | join(d="x" * 1000) }}', TEXT),
    "the filter sum on lists": ("{{ range(99999) | batch(1) | list | sum(start=[]) }}", TEXT),
    "the filter striptags": ('{{ ("<!-- -->" * 100000) | striptags }}', TEXT),
    "the filter map": ('{{ range(100000) | map("center", 9999) | list }}', TEXT),
    "the filter list": (BIG + "{{ s | list }}", STEPS),
    "the method center": ('{{ "x".center(10**9) }}', TEXT),
    "the method ljust": ('{{ "x".ljust(10**9) }}', TEXT),
    "the method rjust": ('{{ "x".rjust(10**9) }}', TEXT),
    "the method zfill": ('{{ "x".zfill(10**9) }}', TEXT),
    "the method expandtabs": ('{{ "\\t".expandtabs(10**9) }}', TEXT),
    "the method replace": ('{{ "xxxxx".replace("", "y" * 1000000) }}', TEXT),
    "the method join": ('{{ ("x" * 1000000).join("abcdef") }}', TEXT),
    "the method translate": ('{{ "xxxxx".translate({120: "y" * 1000000}) }}', TEXT),
    "the method split": ('{{ ("x " * 1000000).split() }}', TEXT),
    "the method strftime": ('{{ day.strftime("%Y" * 100000) }}', TEXT),
    "a power": ("{{ 9 ** (10**9) }}", NUMBER),
    "a product": ("{{ 2**4000 * 2**4000 }}", NUMBER),
    "a long number": ('{{ ("9" * 4300) | int + 1 }}', NUMBER),
    "a range": ("{{ range(10**9) }}", RANGE),
    "a range beyond all machines": ("{{ range(10**30) }}", RANGE),
    "doubling by ~": (BIG + again("{% set s = s ~ s %}"), TEXT),
    "doubling by +": (BIG + again("{% set s = s + s %}"), TEXT),
    "doubling by format": (BIG + again('{% set s = "%s%s" % (s, s) %}'), TEXT),
    "doubling by set": (BIG + again("{% set s %}{{ s }}{{ s }}{% endset %}"), TEXT),
    "doubling a list": ("{% set x = [1] %}" + again("{% set x = x + x %}"), STEPS),
    "lists of lists": ("{% set x = [1] %}" + again("{% set x = [x, x] %}"), STEPS),
    "tuples of tuples": ("{% set x = (1,) %}" + again("{% set x = (x, x) %}"), STEPS),
    "mappings of mappings": ("{% set x = 1 %}" + again('{% set x = {"a": x, "b": x} %}'), STEPS),
    "arguments of arguments": (
        (
            "{% macro m(n) %}{% if n %}{{ m(n - 1, varargs, varargs) }}{% else %}{{ varargs }}"
            "{% endif %}{% endmacro %}{{ m(60, 1, 1) }}"
        ),
        STEPS,
    ),
    "a macro that calls itself": ("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", DEEP),
    "slices": (BIG + MANY + "{{ s[1:] | length }}{% endfor %}", TEXT),
    "comparisons": (BIG + MANY + '{% if s == "y" %}{% endif %}{% endfor %}', TEXT),
    "searches": (BIG + MANY + '{% if "y" in s %}{% endif %}{% endfor %}', TEXT),
    "searches by method": (BIG + MANY + '{% if s.find("y") %}{% endif %}{% endfor %}', TEXT),
    "tests": (BIG + MANY + '{% if s is eq "y" %}{% endif %}{% endfor %}', TEXT),
    "printing": (BIG + MANY + "{{ s }}{% endfor %}", TEXT),
    "the template's own text": (MANY + "x" * 10_000 + "{% endfor %}", TEXT),
    "the template's own text, kept": (
        "{% set t %}" + MANY + "x" * 10_000 + "{% endfor %}{% endset %}",
        TEXT,
    ),
    "the template's own text, filtered": (
        "{% filter upper %}" + MANY + "x" * 10_000 + "{% endfor %}{% endfilter %}",
        TEXT,
    ),
}


def rendering(body):
    return LoopTemplate("issue_templates/x.md", LoopDefaults(), "\n" + body, first_line=4)


@pytest.mark.parametrize(
    ("body", "reason"), [pytest.param(*row, id=name) for name, row in BOMBS.items()]
)
def test_a_bomb_is_refused_before_it_grows(body, reason):
    template = rendering(body)
    tracemalloc.start()
    try:
        with pytest.raises(RenderError) as error:
            template.render({"day": date(2026, 11, 23)})
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (error.value.reason, error.value.line) == (reason, 5)
    assert error.value.remedy
    assert peak < 48_000_000


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


@pytest.mark.parametrize(
    "body", ['{{ "x" | center(1, 2, 3) }}', '{{ "x" | replace }}', '{{ "x" | round(1, 2, 3, 4) }}']
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
