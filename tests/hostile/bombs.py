"""Templates that loop for ever or grow without end, and a process that has no room for them.

As a script it renders all of them, with MORE bytes of address space beyond what it has when it
begins, and prints what became of each: what a trace of every allocation would tell as well, at
many times the cost.
"""

from __future__ import annotations

import json
import resource
import sys
from datetime import date
from pathlib import Path

from automation.model.policy import LoopDefaults
from automation.templates import LoopTemplate, RenderError

MORE = 64 * 2**20
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


def rendering(body: str) -> LoopTemplate:
    """A template of which the body begins in the fourth line of its file, with an empty one."""
    return LoopTemplate("issue_templates/x.md", LoopDefaults(), "\n" + body, first_line=4)


def told(body: str) -> tuple[str, int, bool]:
    """Why a body is refused, in which line of its file, and whether there is a remedy."""
    try:
        rendering(body).render({"day": date(2026, 11, 23)})
    except RenderError as error:
        return error.reason, error.line, bool(error.remedy)
    return "", 0, False


def main() -> None:
    """Render one template to have all that it takes in memory, and then the bombs."""
    told("{{ day }}")
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
    room = pages * resource.getpagesize() + MORE
    resource.setrlimit(resource.RLIMIT_AS, (room, room))
    sys.stdout.write(json.dumps({name: told(body) for name, (body, _) in BOMBS.items()}))


if __name__ == "__main__":
    main()
