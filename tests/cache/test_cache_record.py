"""What is kept of an answer: enough for every rule, and nothing that people wrote."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from automation.cache.record import Record, Subject, kept
from automation.identity import said_marker
from automation.model.issue import Event, EventKind, IssueRef, Note, Page, User
from automation.model.questions import (
    EventsOf,
    EventsPageOf,
    NotesOf,
    NotesPageOf,
    ThreadsOf,
    UserAt,
)
from automation.rules.activity import kind_of
from tests.cache.memory import ANN, NOW, REF, an_issue
from tests.triage.test_quiet_time import HISTORIES

MARK = said_marker("stale-initiatives/stale", "7/1")
RECORDS = TypeAdapter(tuple[Record, ...])


def through_json(record: Record) -> Record:
    (again,) = RECORDS.validate_json(RECORDS.dump_json((record,), exclude_defaults=True))
    return again


def a_note(body: str, *, system: bool = False) -> Note:
    return Note(5, ANN, body, NOW, system)


def body_kept(body: str, *, system: bool = False) -> str:
    """What remains of a note's text."""
    answer = through_json(kept(NotesOf(REF), (a_note(body, system=system),), NOW)).answer
    assert isinstance(answer, tuple)
    (note,) = answer
    assert note == Note(5, ANN, note.body, NOW, system)
    return str(note.body)


# --- There and back --------------------------------------------------------------------------

NUMBERS = st.integers(1, 10**9)
TIMES = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))
WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
USERS = st.builds(User, NUMBERS, WORDS, WORDS, st.none() | st.booleans(), WORDS)
MARKS = st.just(MARK)
NOTES = st.builds(Note, NUMBERS, USERS, MARKS, TIMES) | st.builds(
    Note, NUMBERS, USERS, st.just("closed"), TIMES, st.just(True)
)
REFS = st.builds(IssueRef, NUMBERS, NUMBERS)
KINDS = st.sampled_from(EventKind)
EVENTS = st.builds(Event, KINDS, st.none() | USERS, TIMES, WORDS, st.none() | WORDS)


def several(entries):
    return st.lists(entries, max_size=3).map(tuple)


def pages(entries):
    return st.builds(Page, several(entries), st.booleans(), st.none() | NUMBERS)


ANSWERS: st.SearchStrategy[tuple[Subject, object]] = st.one_of(
    st.tuples(st.builds(NotesOf, REFS), several(NOTES)),
    st.tuples(st.builds(NotesPageOf, REFS, NUMBERS), pages(NOTES)),
    st.tuples(st.builds(EventsOf, REFS, KINDS), several(EVENTS)),
    st.tuples(st.builds(EventsPageOf, REFS, KINDS, NUMBERS), pages(EVENTS)),
    st.tuples(st.builds(ThreadsOf, REFS), st.integers(0, 99)),
    st.tuples(st.builds(UserAt, NUMBERS), USERS),
    st.tuples(REFS, several(NOTES)),
)


@settings(max_examples=200, deadline=None)
@given(ANSWERS, TIMES, st.none() | st.just(an_issue()))
def test_an_answer_comes_back_as_it_was(told, now, issue):
    subject, answer = told
    record = through_json(kept(subject, answer, now, issue))
    assert (record.subject, record.answer) == (subject, answer)
    assert (record.read_at, record.used_at) == (now, now)
    assert record == kept(subject, answer, now, issue)


def test_what_compares_equal_comes_back_all_the_same():
    """A user's state is left out of comparisons."""
    blocked = User(40, "stranger", "Stran Ger", bot=False, state="blocked")
    answer = through_json(kept(UserAt(40), blocked, NOW)).answer
    assert isinstance(answer, User)
    assert answer.state == "blocked"


# --- For how long it holds -------------------------------------------------------------------

LABELS = EventsOf(REF, EventKind.LABEL)
STATES = EventsOf(REF, EventKind.STATE)


@pytest.mark.parametrize("subject", [NotesOf(REF), LABELS, STATES, ThreadsOf(REF), REF])
def test_it_holds_while_the_list_shows_the_same(subject):
    issue = an_issue()
    record = through_json(kept(subject, (), NOW, issue))
    assert record.holds_for(issue)
    assert not record.holds_for(an_issue(updated=issue.updated_at + timedelta(milliseconds=1)))
    assert not record.holds_for(an_issue(updated=issue.updated_at - timedelta(milliseconds=1)))
    assert not record.holds_for(an_issue(comments=0))
    assert not record.holds_for(an_issue(comments=2))


@pytest.mark.parametrize("labels", [{"initiative"}, set(), {"SGG", "new"}])
def test_a_label_that_got_another_name_has_it_in_its_events_too(labels):
    """That updates no issue; other streams do not name labels."""
    renamed = an_issue(labels=frozenset(labels))
    assert not kept(LABELS, (), NOW, an_issue()).holds_for(renamed)
    assert kept(STATES, (), NOW, an_issue()).holds_for(renamed)


def test_where_comments_are_not_counted_nothing_holds():
    """One may be deleted, and nothing in the list would show it."""
    uncounted = an_issue(comments=None)
    assert not kept(NotesOf(REF), (), NOW, uncounted).holds_for(uncounted)


@pytest.mark.parametrize("label", ["\ud800", "\0", "ü"])
def test_a_label_may_have_any_name(label):
    issue = an_issue(labels=frozenset({label, "SGG"}))
    assert kept(LABELS, (), NOW, issue).holds_for(issue)


# --- What people wrote is not kept -----------------------------------------------------------

CANARY = "canary"
SYSTEM = [
    note.body
    for _, history, _ in HISTORIES
    for note in history
    if isinstance(note, Note) and note.system
]
NAMING = [
    "marked the checklist item **{}** as completed",
    "marked the checklist item **{}** as incomplete",
    "marked the task **{}** as completed",
    "changed title from **{}** to **{}**",
    "changed the title **{}** to **{}**",
    "changed title from **{{-a-}}{}** to **{{+b+}}{}**",
]
HOSTILE = [
    "plain",
    "two ** stars",
    "**",
    "****bold**** ends in *",
    "a line\nand another\n",
    "`code` and ``more``",
    "time spent",
    "closed",
    "mentioned in commit abc",
    "] (x) [`",
    MARK,
    "<!-- drumbeat:said",
]


@pytest.mark.parametrize("body", SYSTEM)
def test_a_system_note_tells_of_the_same_kind_of_action(body):
    short = a_note(body_kept(body, system=True), system=True)
    assert kind_of(short) == kind_of(a_note(body, system=True))
    if "*" not in body:
        assert short.body == body


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("words", NAMING)
def test_whatever_stands_in_a_title_or_an_item(words, text):
    body = words.format(text, f"{text} {CANARY}")
    short = body_kept(body, system=True)
    assert CANARY not in short
    assert kind_of(a_note(short, system=True)) == kind_of(a_note(body, system=True))
    assert kind_of(a_note(short, system=True)) in {"ticks", "edits", "other"}


def test_a_branch_has_the_title_in_its_name():
    link = "[`12-canary-talk`](https://gitlab.example.com/support/x/-/compare/main...12-canary)"
    body = f"created branch {link} to address this issue"
    assert body_kept(body, system=True) == "created branch **** to address this issue"


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(NAMING), st.text(), st.lists(st.sampled_from(HOSTILE), max_size=3))
def test_whatever_stands_there_in_whatever_order(words, text, parts):
    named = "".join((text, *parts, text))
    body = words.format(named, named)
    short = a_note(body_kept(body, system=True), system=True)
    assert kind_of(short) == kind_of(a_note(body, system=True))
    before, *_, after = words.split("**")
    assert short.body == f"{before}****{after}"


@pytest.mark.parametrize(
    "body",
    ["assigned to @ann", "changed due date to December 4, 2026", "moved from support/x#12"],
)
def test_words_by_which_drumbeat_knows_what_it_did_are_kept(body):
    assert body_kept(body, system=True) == body


@pytest.mark.parametrize(
    ("body", "remains"),
    [
        ("A word", ""),
        ("", ""),
        (f"Hi @ann\n\n{MARK}", MARK),
        (f"> quoted {MARK} and more", MARK),
        (f"{MARK} {MARK}", f"{MARK}\n{MARK}"),
        (f"First\n{MARK}\nthen\n{said_marker('x/y', 'z')}", f"{MARK}\n{said_marker('x/y', 'z')}"),
        ("<!-- drumbeat:said it\nthere -->", ""),
        ("<!-- drumbeat:said without an end", ""),
        ("<!-- another's secret -->", ""),
        ("closed via **x**", ""),
    ],
)
def test_of_a_comment_only_hidden_lines_are_kept(body, remains):
    assert body_kept(body) == remains


def test_the_longest_marker_that_there_can_be_is_kept_whole():
    name = "n" * 64
    longest = said_marker(f"{name}/{name}-{'0' * 12}", f"{name}/{name}/2026-W48")
    assert body_kept(f"x {longest} y") == longest


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from([*HOSTILE, "\n", " ", MARK, "-->", "<!--"]), max_size=6))
def test_what_drumbeat_looks_for_is_found_in_what_is_kept_and_nothing_else_is(parts):
    body = "".join(parts)
    remains = body_kept(body)
    assert (MARK in remains) is (MARK in body)
    assert all(line.startswith("<!-- drumbeat:") for line in remains.splitlines())


def test_nothing_that_people_wrote_stands_in_the_text():
    spoken = [
        a_note(f"{CANARY} of a comment\n\n{MARK}\n{CANARY}"),
        a_note(f"> {CANARY}: {MARK} {CANARY}"),
        *(a_note(words.format(CANARY, CANARY), system=True) for words in NAMING),
    ]
    issue = an_issue(title=CANARY, description=CANARY)
    subjects: list[tuple[Subject, object]] = [
        (NotesOf(REF), tuple(spoken)),
        (NotesPageOf(REF), Page(tuple(spoken))),
        (REF, tuple(spoken)),
    ]
    records = tuple(kept(subject, answer, NOW, issue) for subject, answer in subjects)
    text = RECORDS.dump_json(records, exclude_defaults=True).decode()
    assert CANARY not in text
    assert text.count(MARK) == 6
