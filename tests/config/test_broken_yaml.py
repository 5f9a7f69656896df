"""What is wrong with the YAML itself.

Each case: what is wrong, `policies/broken.yml`, and exactly what a person sees.
"""

from __future__ import annotations

import pytest

from tests.config.samples import CADENCE, SETTINGS, faults, roster

CASES = [
    pytest.param(
        "kind: labels\nlabels: []\nkind: labels\n",
        (
            "policies/broken.yml:3:1: kind: 'kind' is already a key of this mapping, in line 1\n"
            "  Keep one of the two."
        ),
        id="the same key twice",
    ),
    pytest.param(
        roster("  - id: mgr-1\n    username: anna\n    director: dir-1\n    username: bert\n"),
        (
            "policies/broken.yml:8:5: managers[0].username: 'username' is already a key of this mapping, in line 6\n"
            "  Keep one of the two."
        ),
        id="a key twice, deep inside",
    ),
    pytest.param(
        CADENCE + "close_when: {at_least: 2, at_least: 3}\n",
        (
            "policies/broken.yml:7:27: close_when.at_least: 'at_least' is already a key of this mapping, in line 7\n"
            "  Keep one of the two."
        ),
        id="a mapping in flow style with a key twice",
    ),
    pytest.param(
        "kind: labels\nlabels:\n\t- name: x\n",
        ("policies/broken.yml:3:1: a tab where YAML wants blanks\n  Indent with blanks only."),
        id="a tab as indentation",
    ),
    pytest.param(
        "kind: cadence\nabout: Weekly: with everyone\n",
        (
            "policies/broken.yml:2:14: a ': ' that cannot stand here\n"
            "  Put text that has ': ' in it in quotes, and check the indentation."
        ),
        id="a colon in unquoted text",
    ),
    pytest.param(
        "kind: cadence\nname\nabout: x\n",
        (
            "policies/broken.yml:3:1: a line that is neither 'key: value' nor '- entry'\n"
            "  Add the ':', or quote the text that goes over several lines."
        ),
        id="text that goes on after a key",
    ),
    pytest.param(
        'kind: cadence\nabout: "Weekly\nname: x\n',
        ("policies/broken.yml:2:8: a quote that is opened here and never closed\n  Close it."),
        id="a quote that is not closed",
    ),
    pytest.param(
        "kind: settings\ndrumbeat_users: [a, b\n",
        (
            "policies/broken.yml:2:17: a list that is opened with '[' here and not closed well\n"
            "  Close it, put a comma between entries, and quote text that has brackets in it."
        ),
        id="a bracket that is not closed",
    ),
    pytest.param(
        "kind: cadence\nschedule: {rrule: x\nname: x\n",
        (
            "policies/broken.yml:2:11: a mapping that is opened with '{' here and not closed well\n"
            "  Close it, put a comma between entries, and quote text that has brackets in it."
        ),
        id="a brace that is not closed",
    ),
    pytest.param(
        "kind: cadence\nschedule:\n    rrule: x\n  at: 08:00\n",
        (
            "policies/broken.yml:4:3: this does not go on with what was begun above\n"
            "  Check the indentation, and put text that has quotes in it wholly in quotes."
        ),
        id="indentation that fits nothing",
    ),
    pytest.param(
        "- a\nb: 1\n",
        (
            "policies/broken.yml:2:1: this does not go on with what was begun above\n"
            "  Check the indentation, and put text that has quotes in it wholly in quotes."
        ),
        id="a list that ends in a mapping",
    ),
    pytest.param(
        "kind: cadence\nabout: 'it's weekly'\n",
        (
            "policies/broken.yml:2:12: this does not go on with what was begun above\n"
            "  Check the indentation, and put text that has quotes in it wholly in quotes."
        ),
        id="a quote within quoted text",
    ),
    pytest.param(
        "kind: cadence\nassignee: @anna\n",
        ("policies/broken.yml:2:11: text that begins with '@' needs quotes\n  Put it in quotes."),
        id="text that begins with an at sign",
    ),
    pytest.param(
        "kind: cadence\nabout: `x`\n",
        ("policies/broken.yml:2:8: text that begins with '`' needs quotes\n  Put it in quotes."),
        id="text that begins with a backtick",
    ),
    pytest.param(
        "kind: cadence\nabout: ]\n",
        (
            "policies/broken.yml:2:8: a value is missing here\n"
            "  Write the value, or put text that begins with such a character in quotes."
        ),
        id="a bracket that closes nothing",
    ),
    pytest.param(
        "kind: cadence\nremind: - due\n",
        (
            "policies/broken.yml:2:9: a '- ' that cannot stand here\n"
            "  Begin each entry of a list on a line of its own."
        ),
        id="a list on the line of its key",
    ),
    pytest.param(
        'kind: cadence\nabout: "\\d"\n',
        (
            "policies/broken.yml:2:9: a backslash that means nothing in double quotes\n"
            "  Use single quotes, or write two backslashes."
        ),
        id="a backslash in double quotes",
    ),
    pytest.param(
        'kind: cadence\nabout: "\\uZZZZ"\n',
        ("policies/broken.yml:2:11: a bad escape code in double quotes\n  Mend it."),
        id="a bad escape code",
    ),
    pytest.param(
        "kind: labels\nlabels: []\n...\nkind: labels\n",
        (
            "policies/broken.yml:4:1: a document begins without '---'\n"
            "  Write '---' on a line of its own before it."
        ),
        id="a document without its beginning",
    ),
    pytest.param(
        "%FOO 1\n---\nkind: labels\nlabels: []\n",
        ("policies/broken.yml:1:5: a '%' line that means nothing here\n  Remove it."),
        id="an unknown directive",
    ),
    pytest.param(
        CADENCE + "about: !!python/name:os.system ''\n",
        (
            "policies/broken.yml:7:8: about: the tag '!!python/name:os.system' is not allowed\n"
            "  Remove it."
        ),
        id="a tag of Python's",
    ),
    pytest.param(
        "kind: labels\nlabels: !include labels.yml\n",
        ("policies/broken.yml:2:9: labels: the tag '!include' is not allowed\n  Remove it."),
        id="a tag of one's own",
    ),
    pytest.param(
        "kind: labels\nlabels: !my!tag []\n",
        ("policies/broken.yml:2:9: a tag ('!…') is not allowed\n  Remove it."),
        id="a tag with an undefined handle",
    ),
    pytest.param(
        "kind: labels\nlabels: *common\n",
        (
            "policies/broken.yml:2:9: labels: the alias '*common' has no anchor '&common' before it\n"
            "  Quote text that begins with '*'."
        ),
        id="an alias without its anchor",
    ),
    pytest.param(
        "kind: labels\nlabels: &loop [*loop]\n",
        (
            "policies/broken.yml:2:16: labels[0]: the alias '*loop' has no anchor '&loop' before it\n"
            "  Quote text that begins with '*'."
        ),
        id="an alias within its own anchor",
    ),
    pytest.param(
        "kind: labels\nlabels:\n  - &a {name: a}\n  - <<: *a\n",
        (
            "policies/broken.yml:4:5: labels[1]: merge keys ('<<') are not allowed\n"
            "  Write the keys out."
        ),
        id="a merge key",
    ),
    pytest.param(
        SETTINGS + "links: {1: x}\n",
        (
            "policies/broken.yml:4:9: links: a key should be text, not the number 1\n"
            '  Put it in quotes: "1".'
        ),
        id="a number as a key",
    ),
    pytest.param(
        SETTINGS + "links: {2026-11-01: x}\n",
        (
            "policies/broken.yml:4:9: links: a key should be text, not the date 2026-11-01\n"
            '  Put it in quotes: "2026-11-01".'
        ),
        id="a date as a key",
    ),
    pytest.param(
        CADENCE + "close_when:\n  ?\n  : 2\n",
        (
            "policies/broken.yml:8:4: close_when: a key should be text, not an empty value\n"
            "  Write the key before the ':'."
        ),
        id="no key before the colon",
    ),
    pytest.param(
        CADENCE + "title: {{ manager.name }}\n",
        (
            "policies/broken.yml:7:9: title: a key should be text, not a mapping\n"
            "  Put text that begins with '{' or '[' in quotes, as in \"{{ manager.username }}\"."
        ),
        id="an expression without quotes",
    ),
    pytest.param(
        CADENCE + 'about: "a\\0b"\n',
        (
            "policies/broken.yml:7:8: about: the character U+0000 is not allowed\n"
            "  Remove its escape code."
        ),
        id="an escaped control character",
    ),
    pytest.param(
        "kind: labels\nlabels: []\n# \x07\n",
        (
            "policies/broken.yml:3:3: the character U+0007 is not allowed\n"
            "  Remove it; an editor may not show it."
        ),
        id="a control character",
    ),
    pytest.param(
        "kind: labels\nabout: a\u2028b\n",
        (
            "policies/broken.yml:2:9: the character U+2028 is not allowed\n"
            "  Remove it; an editor may not show it."
        ),
        id="a line separator that editors do not count",
    ),
    pytest.param(
        "a: " + "[" * 60 + "]" * 60 + "\n",
        ("policies/broken.yml:1:53: nested more than 50 deep\n  Make it flatter."),
        id="nested too deep",
    ),
]


@pytest.mark.parametrize(("text", "message"), CASES)
def test_a_person_sees(text, message, tmp_path):
    files = {"broken": text} if "kind: settings" in text else {"a": SETTINGS, "broken": text}
    assert faults(tmp_path, **files) == [message]
