"""One plan as text, Markdown and JSON: exactly what people and machines read."""

from __future__ import annotations

import json

import pytest

from automation.checklist import read
from automation.errors import UnsafePlan, UsageError
from automation.model.change import Status
from automation.render.counts import counted, result, sentence, tally
from automation.render.files import ReviewedPlan, outcomes_json, plan_json, read_plan
from automation.render.markdown import plan_markdown
from automation.render.text import outcome_text, outcomes_text, plan_text
from tests.render.rich_plan import (
    CANARY,
    CHANGES,
    EMPTY,
    NOW,
    OUTCOMES,
    PLAN,
    PROBLEMS,
    outcome,
)

TEXT = """\
Plan for Mon 2026-11-23 08:30 GMT, only manager=mgr-1

Labels (2)
  + loop::open  #428BCA
      because a change needs it
  ~ SGG  #1F7E6E
      colour: #000000 → #1F7E6E
      because a `labels` document says how it looks

Boards (2)
  + support/loops: Loops of Dora  lists: loop::open, loop::overdue
      because policies ask for it
  ~ support: All
      lists: loop::open → loop::open, attention
      because lacks attention

Open (2)
  + ticket-review/mgr-1/2026-W48
      “Review evil|/close @all <b>#1 ~bug [x](y) `c`” in support/loops, for @mgr-1, due 2026-11-27
      because 2026-W48 began on Mon 2026-11-23 08:00 GMT and has no loop
  + one-on-one/mgr-1/2026-W48
      (confidential) in support/1-1s/mgr-1, for nobody
      because 2026-W48 began on Mon 2026-11-23 08:00 GMT and has no loop

Close (2)
  ✓ ticket-review/mgr-1/2026-W47  support/loops#3  → loop::missed
      +loop::missed  -loop::open  with a note
      because 2026-W48 begins
  ✓ one-on-one/mgr-2/2026-W47  support/1-1s/mgr-2#4  → loop::done
      +loop::done  with a note
      because (confidential)

Label and remind (2)
  ~ support/sgg/baobab#5  → stale
      +initiative::stale  -fresh  with a note to @mgr-1, @mgr-2
      because stale-initiatives/stale: title == 'evil|/close @all <b>#1 ~bug [x](y) `c`'
  ~ support/sgg/baobab#6  → revived
      for @mgr-3
      because stale-initiatives/revived: has("initiative::stale")

Needs a person (2)
  ! support/closed: the token's role there is not proven
      Give it the role Planner.
  ! evil|/close @all <b>#1 ~bug [x](y) `c`: its title and its markers name evil|/close @all <b>#1 ~bug [x](y) `c`
      https://gitlab.example.com/9

Past the limit: 2 issues to open, the limit is 1
Past the limit: 3 notes to write, the limit is 2
2 labels to make or change, 2 boards to make or change, 2 issues to open, 2 to close, 2 to label or remind (3 notes among them).
"""

MARKDOWN = """\
## Drumbeat's plan for Mon 2026-11-23 08:30 GMT

Only manager=mgr-1.

2 labels to make or change, 2 boards to make or change, 2 issues to open, 2 to close, 2 to label or remind (3 notes among them).

**Past the limit:** 2 issues to open, the limit is 1.

**Past the limit:** 3 notes to write, the limit is 2.

### Needs a person

- **support/closed**: the token's role there is not proven. Give it the role Planner.
- **evil\\|/close @\u2060all &lt;b&gt;\\#1 \\~bug \\[x\\](y) \\`c\\`**: its title and its markers name evil\\|/close @\u2060all &lt;b&gt;\\#1 \\~bug \\[x\\](y) \\`c\\`. [see it](https://gitlab.example.com/9)

<details><summary>Labels (2)</summary>

| what | how | why |
| --- | --- | --- |
| loop::open | new | a change needs it |
| SGG | changed | a \\`labels\\` document says how it looks |

</details>

<details><summary>Boards (2)</summary>

| what | how | why |
| --- | --- | --- |
| support/loops: Loops of Dora | new | policies ask for it |
| support: All | changed | lacks attention |

</details>

<details><summary>Open (2)</summary>

| what | how | why |
| --- | --- | --- |
| ticket-review/mgr-1/2026-W48 | Review evil\\|/close @\u2060all &lt;b&gt;\\#1 \\~bug \\[x\\](y) \\`c\\`; in support/loops, due 2026-11-27 | 2026-W48 began on Mon 2026-11-23 08:00 GMT and has no loop |
| one-on-one/mgr-1/2026-W48 | confidential; in support/1-1s/mgr-1 | 2026-W48 began on Mon 2026-11-23 08:00 GMT and has no loop |

</details>

<details><summary>Close (2)</summary>

| what | how | why |
| --- | --- | --- |
| [ticket-review/mgr-1/2026-W47](https://gitlab.example.com/support/loops/-/issues/3) | to loop::missed, with a note | 2026-W48 begins |
| [one-on-one/mgr-2/2026-W47](https://gitlab.example.com/support/1-1s/mgr-2/-/issues/4) | to loop::done, with a note | (confidential) |

</details>

<details><summary>Label and remind (2)</summary>

| what | how | why |
| --- | --- | --- |
| [support/sgg/baobab\\#5](https://gitlab.example.com/support/sgg/baobab/-/issues/5) | to stale, with a note | stale-initiatives/stale: title == 'evil\\|/close @\u2060all &lt;b&gt;\\#1 \\~bug \\[x\\](y) \\`c\\`' |
| [support/sgg/baobab\\#6](https://gitlab.example.com/support/sgg/baobab/-/issues/6) | to revived, for mgr-3 | stale-initiatives/revived: has("initiative::stale") |

</details>
"""

OUTCOME_LINES = """\
    done  open      loop::open  https://gitlab.example.com/labels
  FAILED  open      ticket-review/mgr-1/2026-W48  403 Forbidden
 UNKNOWN  open      one-on-one/mgr-1/2026-W48  the answer was lost
 skipped  open      ticket-review/mgr-1/2026-W47  no longer holds
    done  open      one-on-one/mgr-2/2026-W47
2 done, 1 skipped, 1 failed, 1 with unknown outcome (the next run looks)
"""


def painted(colour, text):
    return f"<{colour}>{text}</{colour}>"


# --- Text ------------------------------------------------------------------------------


def test_the_plan_as_text():
    assert plan_text(PLAN) == TEXT


def test_colours_change_no_word():
    text = plan_text(PLAN, painted)
    for colour in ("bold", "dim", "red", "green", "yellow", "cyan"):
        assert f"<{colour}>" in text
        text = text.replace(f"<{colour}>", "").replace(f"</{colour}>", "")
    assert text == TEXT


def test_an_empty_plan():
    assert plan_text(EMPTY) == "Plan for Mon 2026-11-23 08:30 GMT\n\nNothing to do.\n"
    assert plan_markdown(EMPTY) == (
        "## Drumbeat's plan for Mon 2026-11-23 08:30 GMT\n\nNothing to do.\n"
    )


def test_a_change_of_state_alone_has_no_line_of_deeds():
    bare = CHANGES[9].model_copy(update={"assign": None, "close": True})
    assert plan_text(EMPTY.model_copy(update={"changes": (bare,)})).splitlines()[2:5] == [
        "Close (1)",
        "  ✓ support/sgg/baobab#6  → revived",
        '      because stale-initiatives/revived: has("initiative::stale")',
    ]


def test_outcomes_as_text():
    assert outcomes_text(OUTCOMES) == OUTCOME_LINES
    assert outcome_text(OUTCOMES[1], painted) == (
        "<red>  FAILED</red>  open      ticket-review/mgr-1/2026-W48  403 Forbidden"
    )


@pytest.mark.parametrize(
    ("number", "thing", "text"),
    [
        (1, "label", "1 label"),
        (0, "label", "0 labels"),
        (2, "issue", "2 issues"),
        (2, "box", "2 boxes"),
        (2, "pass", "2 passes"),
        (1, "box", "1 box"),
    ],
)
def test_things_are_counted_in_words(number, thing, text):
    assert counted(number, thing) == text


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ((), "Nothing to do."),
        (CHANGES[:1], "1 label to make."),
        (CHANGES[2:3], "1 board to make."),
        (CHANGES[4:5], "1 issue to open."),
        (CHANGES[6:7], "1 to close (1 note among them)."),
        (CHANGES[9:], "1 to label or remind."),
    ],
)
def test_a_plan_in_one_sentence(changes, text):
    assert sentence(changes) == text


def test_outcomes_in_one_sentence():
    assert result([]) == "Nothing was to be done."
    assert result([outcome(CHANGES[0], Status.DONE)] * 2) == "2 done"


def test_the_tally_names_every_kind():
    assert tally([]) == dict.fromkeys(
        ("labels", "boards", "schedules", "open", "close", "move", "notes"), 0
    )


# --- Markdown --------------------------------------------------------------------------


def test_the_plan_as_markdown():
    assert plan_markdown(PLAN) == MARKDOWN


def test_hostile_words_stay_words_in_markdown():
    text = plan_markdown(PLAN)
    assert "<b>" not in text
    assert "@all" not in text
    assert not read(text).items
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert {row.replace("\\|", "").count("|") for row in rows} == {4}


# --- JSON ------------------------------------------------------------------------------


def test_the_plan_as_json_says_all_of_it():
    document = json.loads(plan_json(PLAN))
    assert list(document) == [
        "version",
        "now",
        "only",
        "shard",
        "counts",
        "bounds",
        "excesses",
        "problems",
        "changes",
    ]
    assert (document["version"], document["now"]) == (1, "2026-11-23T08:30:00+00:00")
    assert document["only"] == ["manager=mgr-1"]
    assert document["counts"] == tally(CHANGES)
    assert document["excesses"] == [
        "2 issues to open, the limit is 1",
        "3 notes to write, the limit is 2",
    ]
    assert document["problems"] == [problem.model_dump() for problem in PROBLEMS]
    assert [change["id"] for change in document["changes"]] == [change.id for change in CHANGES]
    open_issue = document["changes"][4]
    assert open_issue == {"id": CHANGES[4].id, **CHANGES[4].model_dump(mode="json")}


def test_confidential_words_are_withheld_but_can_be_compared():
    document = json.loads(plan_json(PLAN))
    secret, done = document["changes"][5], document["changes"][7]
    for text in (secret["title"], secret["description"], done["say"]):
        assert text.startswith("withheld: confidential (sha256 ")
    assert secret["title"] != secret["description"]
    assert json.loads(plan_json(PLAN)) == document


@pytest.mark.parametrize(
    "text",
    [
        plan_text(PLAN),
        plan_markdown(PLAN),
        plan_json(PLAN),
        outcomes_text(OUTCOMES),
        outcomes_json(PLAN, OUTCOMES),
    ],
    ids=["text", "markdown", "json", "outcomes", "outcomes-json"],
)
def test_no_renderer_tells_what_a_confidential_issue_says(text):
    assert CANARY not in text


def test_a_limit_is_told_with_its_numbers():
    with pytest.raises(UnsafePlan) as refused:
        PLAN.raise_if_unsafe()
    assert str(refused.value) == (
        "The plan is past its safety limits; nothing was done:\n"
        "  2 issues to open, the limit is 1\n"
        "  3 notes to write, the limit is 2\n"
        '  If that is right, say why: --force "the reason" (it is recorded). Or raise `limits` '
        "in the settings."
    )


def test_outcomes_as_json():
    document = json.loads(outcomes_json(PLAN, OUTCOMES, "new team", interrupted=True))
    assert (document["version"], document["forced"], document["interrupted"]) == (
        2,
        "new team",
        True,
    )
    assert [one["status"] for one in document["outcomes"]] == [
        "done",
        "failed",
        "unknown",
        "skipped",
        "done",
    ]
    assert document["problems"] == [problem.model_dump() for problem in PROBLEMS]


# --- A plan that comes back --------------------------------------------------------------


def test_a_written_plan_is_read_again():
    plan = read_plan(plan_json(PLAN), "plan.json")
    assert (plan.version, plan.now, plan.only) == (1, NOW, ("manager=mgr-1",))
    assert {key: (one.kind, one.key) for key, one in plan.changes.items()} == {
        change.id: (change.kind, change.key) for change in CHANGES
    }
    assert isinstance(read_plan(plan_json(EMPTY), "plan.json"), ReviewedPlan)


GOOD = json.loads(plan_json(EMPTY))


def without(key):
    return {name: value for name, value in GOOD.items() if name != key}


@pytest.mark.parametrize(
    "garbage",
    [
        "",
        "{",
        "null",
        "7",
        '"text"',
        "[]",
        "{}",
        json.dumps(outcome(CHANGES[0], Status.DONE).model_dump(mode="json")),
        json.dumps(without("version")),
        json.dumps(without("now")),
        json.dumps(without("only")),
        json.dumps(without("changes")),
        json.dumps(GOOD | {"version": "one"}),
        json.dumps(GOOD | {"now": "soon"}),
        json.dumps(GOOD | {"only": None}),
        json.dumps(GOOD | {"only": [1]}),
        json.dumps(GOOD | {"changes": {"a": 1}}),
        json.dumps(GOOD | {"changes": [{}]}),
        json.dumps(GOOD | {"changes": [{"id": "a", "kind": "b"}]}),
        json.dumps(GOOD | {"changes": [{"id": 1, "kind": "b", "key": "c"}]}),
        json.dumps(GOOD | {"changes": [["id"]]}),
        "[" * 100_000,
    ],
)
def test_what_is_no_plan_is_refused(garbage):
    with pytest.raises(UsageError) as refused:
        read_plan(garbage, "plan.json")
    assert str(refused.value) == (
        "plan.json is not a plan of Drumbeat\n  Write one with: drumbeat plan --out plan.json"
    )


@pytest.mark.parametrize("change", [{"version": 2}, {"version": 0}, {"now": "2026-11-23T08:00:00"}])
def test_another_versions_plan_is_refused(change):
    with pytest.raises(UsageError, match=r"^plan\.json was written by another version"):
        read_plan(json.dumps(GOOD | change), "plan.json")


def test_what_gitlab_calls_something_stays_one_line_that_a_terminal_does_not_obey():
    bare = CHANGES[9].model_copy(update={"add_labels": ("a\n\x1b[2Jb", "\u202ec")})
    assert "      +a [2Jb  +c" in plan_text(EMPTY.model_copy(update={"changes": (bare,)}))
