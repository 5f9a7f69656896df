from __future__ import annotations

import pytest

from automation.remote.messages import readable


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("Retry later\n", "Retry later"),
        ('{"message": "404 Project Not Found"}', "404 Project Not Found"),
        ('{"message": {"error": "Try again later."}}', "Try again later."),
        ('{"error": "title is missing"}', "title is missing"),
        (
            '{"error": "insufficient_scope", "error_description": "needs higher privileges", "scope": "api"}',
            "needs higher privileges",
        ),
        (
            '{"message": {"title": ["can\'t be blank", "is too short"], "labels": ["is invalid"]}}',
            "title can't be blank, is too short; labels is invalid",
        ),
        ('{"message": {"base": ["No such user"]}}', "No such user"),
        ('{"message": ["one", "two"]}', "one, two"),
        ('{"message": null, "error": null}', "message ; error"),
        ('"just text"', "just text"),
        ("null", "no explanation"),
        ("", "no explanation"),
        ("  \n ", "no explanation"),
        (
            "<html><head><title>502 Bad Gateway</title></head><body>x</body></html>",
            "502 Bad Gateway",
        ),
        ("<html><style>a{}</style><p>Whoops &amp; sorry</p></html>", "Whoops & sorry"),
        ("a\x1b[31mred\x07", "a [31mred"),
        ("[" * 100_000, None),
    ],
)
def test_a_body_becomes_one_line(body, said):
    line = readable(body)
    assert line.isprintable()
    assert len(line) <= 300
    assert said is None or line == said


def test_a_long_body_is_shortened():
    assert readable("word " * 500).endswith("word …")
    assert readable("x" * 5000) == "x" * 299 + "…"
