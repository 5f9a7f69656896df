"""YAML that wants to eat the machine, or to be more than text: read as text, or refused."""

from __future__ import annotations

import tracemalloc

import pytest

from automation.config.yaml_reader import MAX_NODES, read_yaml
from tests.config.samples import SETTINGS, faults
from tests.hostile.corpus import ALL

MERGED = "a: &a {x: 1}\nb:\n  <<: *a\n"

REFUSED = {
    "an object": ("a: !!python/object/apply:os.system [id]\n", "1:4: a: the tag "),
    "an object, spelt out": ("a: !<tag:yaml.org,2002:python/name:os.system> x\n", "1:4: a: the tag "),
    "a tag of one's own": ("a: !include /etc/passwd\n", "1:4: a: the tag '!include' is not allowed"),
    "binary": ("a: !!binary aGk=\n", "1:4: a: the tag '!!binary' is not allowed"),
    "a merge key": (MERGED, "3:3: b: merge keys ('<<') are not allowed\n  Write the keys out."),
    "a merged list": ("a: &a {x: 1}\nb: {<<: [*a, *a]}\n", "2:5: b: merge keys ('<<') are not allowed"),
    "a key twice": ("a: 1\nb: 2\na: 3\n", "3:1: a: 'a' is already a key of this mapping, in line 1"),
    "a circle": ("a: &a [*a]\n", "1:8: a[0]: the alias '*a' has no anchor '&a' before it"),
    "a circle of two": ("a: &a {b: &b [*a, *b]}\n", "1:15: a.b[0]: the alias '*a' has no anchor"),
    "an alias of another document": ("a: &a 1\n---\nb: *a\n", "3:4: b: the alias '*a' has no anchor"),
    "a tab": ("a:\n\tb: 1\n", "2:1: a tab where YAML wants blanks"),
    "a byte order mark within": ("a: x\ufeffy\n", "1:5: the character U+FEFF is not allowed"),
    "a control character": ("a: x\x1by\n", "1:5: the character U+001B is not allowed"),
    "an escaped one": ('a: "x\\0y"\n', "1:4: a: the character U+0000 is not allowed"),
    "an escaped line separator": ('a: "\\L"\n', "1:4: a: the character U+2028 is not allowed"),
    "a lone surrogate": ("a: \ud800\n", "1:4: the character U+D800 is not allowed"),
    "a list as a key": ("? [a, b]\n: 1\n", "1:3: a key should be text, not a list"),
    "a number as a key": ("1: x\n", "1:1: a key should be text, not the number 1"),
    "a directive": ("%FOO bar\n---\na: 1\n", ""),
    "another version": ("%YAML 9.9\n---\na: 1\n", "1:1: a '%' line that means nothing here"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "problem"), REFUSED.values(), ids=REFUSED)
def test_what_is_more_than_text_is_refused_with_its_place(text, problem):
    told = [str(one) for one in read_yaml(text, "p.yml").problems]
    if problem:
        assert told[0].startswith(f"p.yml:{problem}")
        assert "\n  " in told[0]


PLAIN = {
    "yes": "yes", "no": "no", "on": "on", "off": "off", "y": "y", "1:30": "1:30", "190:20:30": "190:20:30",
    "08:00": "08:00", "010": 10, "0o10": 8, "0x1F": 31, "0b101": "0b101", "1_000": "1_000", "1e3": 1000.0,
    ".inf": float("inf"), "-.inf": float("-inf"), "1e999": float("inf"), "~": None, "2026-13-45": "2026-13-45",
    "0000-01-01": "0000-01-01", "2026-11-23T99:99:99Z": "2026-11-23T99:99:99Z", "1" * 5000: "1" * 5000,
    "0x" + "f" * 5000: "0x" + "f" * 5000, "1e" + "9" * 50: "1e" + "9" * 50, "=": "=", "<<": "<<", "+": "+",
}  # fmt: skip


@pytest.mark.parametrize(("written", "value"), PLAIN.items(), ids=lambda one: str(one)[:20])
def test_a_word_means_what_it_says(written, value):
    reading = read_yaml(f"a: {written}\n", "p.yml")
    assert reading.problems == []
    assert [one.root.data for one in reading.documents] == [{"a": value}]


@pytest.mark.parametrize(
    "raw",
    [
        "kind: settings\n".encode("utf-16"),
        "kind: settings\n".encode("utf-16-be"),
        "kind: settings\n".encode("utf-32"),
        b"kind: \xff\n",
        b"kind: \xed\xa0\x80\n",
        b"kind: \xc0\xaf\n",
        b"\x00" * 100,
        b"\x1f\x8b\x08\x00",
    ],
)
def test_what_is_not_utf_8_is_refused(raw, tmp_path):
    told = faults(tmp_path, a=SETTINGS)
    (tmp_path / "policies" / "b.yml").write_bytes(raw)
    (found, *_) = [one for one in faults(tmp_path, a=SETTINGS) if one not in told]
    assert found.startswith("policies/b.yml:1:")
    assert "not UTF-8: byte" in found or "the character U+0000 is not allowed" in found


def test_a_byte_order_mark_at_the_beginning_is_fine(tmp_path):
    told = faults(tmp_path, a=SETTINGS)
    (tmp_path / "policies" / "a.yml").write_bytes(b"\xef\xbb\xbf" + SETTINGS.encode())
    assert faults(tmp_path) == told


def laughs(levels: int, times: int) -> str:
    lines = [f"a0: &a0 [{', '.join(['lol'] * times)}]\n"]
    for level in range(1, levels):
        lines.append(f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * times)}]\n")
    return "".join(lines)


BOMBS = {
    "laughs": laughs(9, 9),
    "many laughs": laughs(2, 20_000),
    "mappings of aliases": "a: &a {x: 1}\n" + "".join(f"b{n}: &b{n} {{x: *a, y: *a}}\n" for n in range(6_000)),
    "aliases in aliases": "a: &a []\n" + "".join(f"b{n}: [*a, *a, *a]\n" for n in range(12_000)),
    "anchors": "".join(f"a{n}: &a{n} x\n" for n in range(60_000)),
    "empty values": "a: [" + "," * 900_000 + "]",
    "questions": "? a\n" * 200_000,
    "one long key": "a" * 900_000 + ": x\n",
    "one long text": "a: " + "x" * 1_000_000 + "\n",
    "one long block": "a: |\n" + "  x\n" * 200_000,
    "deep indentation": "".join(" " * n + f"a{n}:\n" for n in range(1_300)),
    "comments": "#\n" * 500_000,
    "documents": "---\n" * 30_000,
    "dots": "...\n" * 30_000,
    "quotes": '"' * 900_000,
    "escapes": 'a: "' + "\\n" * 400_000 + '"\n',
    "folded": "a: >\n" + "\n" * 900_000,
    "flow in flow": "a: " + "{a: " * 45 + "}" * 45 + "\n",
    "tags": "a: " + "!x " * 300_000,
    "stars": "*" * 900_000,
    "amps": "&a " * 300_000,
    "percent": "%" * 900_000,
    "colons": ": " * 400_000,
    "tabs": "\t" * 900_000,
}  # fmt: skip


@pytest.mark.parametrize("text", BOMBS.values(), ids=BOMBS)
def test_no_bomb_takes_more_than_a_file_may(text):
    tracemalloc.start()
    try:
        reading = read_yaml(text, "p.yml")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    sizes = [one.root.size for one in reading.documents]
    assert sum(sizes) <= MAX_NODES
    assert reading.problems or reading.complete
    assert len(reading.problems) <= 101  # and that there are too many
    assert peak < 300_000_000


def test_a_file_that_is_too_large_is_not_parsed():
    (problem,) = read_yaml("a: x\n" * 300_000, "p.yml").problems
    assert str(problem) == (
        "p.yml: the file is larger than 1,048,576 bytes\n  Split it into smaller files."
    )


@pytest.mark.parametrize("group", range(4))
def test_every_hostile_text_is_read_as_itself_or_refused_with_its_line(group):
    for text in ALL[group::4]:
        for written in (f"name: {text}\n", f'name: "{text}"\n', f"- {text}\n", text):
            reading = read_yaml(written[:1_000_000], "p.yml")
            assert all(problem.line > 0 or not reading.complete for problem in reading.problems)
