"""What a run is spared, and what it must read all the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest

from automation.cache import History
from automation.cache.history import EXPIRES, SETTLED, UNUSED, Recalled
from automation.model.issue import (
    Comment,
    Event,
    EventKind,
    IssueQuery,
    IssueRef,
    Link,
    Note,
    Page,
    User,
)
from automation.model.questions import (
    CommentsPageOf,
    EventsOf,
    EventsPageOf,
    IssuesOf,
    LinksOf,
    NotesOf,
    NotesPageOf,
    Sparable,
    ThreadsOf,
    UserAt,
    UserNamed,
    WhoAmI,
)
from automation.model.snapshot import Snapshot, Unreadable
from tests.cache.memory import ANN, NOW, REF, an_issue, seen

MOMENT = timedelta(microseconds=1)
SAID = Note(5, ANN, "", NOW - timedelta(days=1))
NOTES = NotesOf(REF)
LIST = CommentsPageOf((NOW - timedelta(days=92)).date(), REF.project_id)
SPARABLE = Sparable(NotesPageOf(REF), (LIST,))
ALL = {
    NotesOf(REF): (SAID,),
    NotesPageOf(REF, 2): Page((SAID,), more=True, pages=3),
    EventsOf(REF, EventKind.STATE): (Event(EventKind.STATE, ANN, NOW, "closed"),),
    EventsPageOf(REF, EventKind.LABEL): Page((Event(EventKind.LABEL, None, NOW, "add", "SGG"),)),
    ThreadsOf(REF): 0,
    UserAt(40): User(40, "stranger", bot=False),
}


def learnt(*issues, history=None, now=NOW, **answers):
    """A history that one more run has taught; by default of one issue with one comment."""
    history = History() if history is None else history
    answers = answers.get("answers", {NOTES: (SAID,)})
    history.learn(seen(*(issues or (an_issue(),)), now=now, answers=answers))
    return reloaded(history)


def reloaded(history):
    return History(history.records)


def recalled(history, *issues, now=NOW + timedelta(hours=1), asks=(NOTES,), **more):
    """What a later run, to which these issues are shown, is spared of what it asks."""
    return dict(history.recall(asks, seen(*issues, now=now, **more)).answers)


def is_spared(history, *issues, **how):
    return recalled(history, *(issues or (an_issue(),)), **how) == {NOTES: (SAID,)}


# --- What is given again ---------------------------------------------------------------------


@pytest.mark.parametrize("question", ALL)
def test_an_answer_is_given_again_as_it_was(question):
    history = learnt(answers={question: ALL[question]})
    assert recalled(history, an_issue(), asks=[question]) == {question: ALL[question]}


def test_what_was_not_asked_before_is_not_answered():
    found = learnt(answers=ALL).recall(
        [*ALL, ThreadsOf(IssueRef(7, 2)), WhoAmI()], seen(an_issue())
    )
    assert found.answers == ALL
    assert [found.spares(one) for one in (NOTES, ThreadsOf(IssueRef(7, 2)), WhoAmI())] == [
        True,
        False,
        False,
    ]


def test_a_run_counts_what_it_did_not_have_to_read():
    history = learnt(answers=ALL)
    assert (len(history), history.given) == (6, 0)
    recalled(history, an_issue(), asks=[NOTES, ThreadsOf(REF), LinksOf(REF)])
    recalled(history, an_issue(), asks=[NOTES])
    assert history.given == 2


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        (LinksOf(REF), (Link("a#1", opened=True, kind="relates_to"),)),
        (UserNamed("ann"), ANN),
        (IssuesOf(IssueQuery("other")), ()),
    ],
)
def test_what_may_change_without_the_issue_is_never_remembered(question, answer):
    history = learnt(answers={question: answer})
    assert len(history) == 0
    assert recalled(history, an_issue(), asks=[question]) == {}


# --- Settled, and still the same -------------------------------------------------------------


@pytest.mark.parametrize(
    ("ago", "is_learnt"),
    [
        (timedelta(0), False),
        (SETTLED - MOMENT, False),
        (SETTLED, True),
        (timedelta(days=400), True),
        (-timedelta(minutes=1), False),
    ],
)
def test_what_is_not_settled_is_not_learnt(ago, is_learnt):
    issue = an_issue(updated=NOW - ago)
    history = learnt(issue)
    assert len(history) == is_learnt
    assert is_spared(history, issue) is is_learnt


def test_settled_is_ten_minutes():
    assert timedelta(minutes=10) == SETTLED


@pytest.mark.parametrize(
    "facts",
    [
        {"updated": an_issue().updated_at + timedelta(milliseconds=1)},
        {"updated": an_issue().updated_at - timedelta(milliseconds=1)},
        {"comments": 0},
        {"comments": 2},
        {"comments": None},
    ],
)
def test_where_the_list_shows_something_else_it_is_asked_anew(facts):
    history, other = learnt(), an_issue(**facts)
    assert not is_spared(history, other)
    history.learn(seen(other))
    assert len(history) == 0


def test_where_two_lists_differ_the_later_one_counts():
    """One of them was read before the other."""
    old, new = an_issue(), an_issue(updated=NOW - timedelta(minutes=1))
    later = {IssuesOf(IssueQuery("support", state="opened")): (new,)}
    assert not is_spared(learnt(), old, answers=later)
    history = History()
    history.learn(seen(old, answers={NOTES: (SAID,), **later}))
    assert len(history) == 0
    earlier = {IssuesOf(IssueQuery("support", state="opened")): (old,)}
    assert is_spared(learnt(new, now=NOW + SETTLED), new, answers=earlier)


def test_a_list_that_cannot_be_read_shows_no_issue():
    unread = {IssuesOf(IssueQuery("support")): Unreadable("404 Not Found")}
    assert not is_spared(learnt(), answers=unread)


def test_what_no_list_shows_is_not_answered():
    history = learnt()
    elsewhere = an_issue(IssueRef(7, 2))
    assert recalled(history, elsewhere) == recalled(history) == {}
    assert is_spared(history)


def test_what_no_list_shows_is_not_learnt():
    assert len(learnt(an_issue(IssueRef(7, 2)))) == 0


def test_without_gitlabs_time_nothing_is_recalled_and_nothing_learnt():
    history = learnt()
    assert not is_spared(history, now=None)
    assert len(learnt(now=None)) == 0
    assert learnt(now=None, history=history).records == history.records
    nobody = Snapshot({IssuesOf(IssueQuery("support")): (an_issue(),), NOTES: (SAID,)})
    history.learn(nobody)
    assert len(history) == 1
    assert history.recall([NOTES], nobody) == Recalled()


# --- What is no answer -----------------------------------------------------------------------


@pytest.mark.parametrize("question", ALL)
def test_a_refusal_is_never_remembered(question):
    history = learnt(answers={question: Unreadable("500 Internal Server Error")})
    assert len(history) == 0


def test_a_refusal_takes_nothing_away():
    """What was known was not asked; what was asked had changed."""
    history = learnt(history=learnt(), answers={ThreadsOf(REF): Unreadable("500")})
    assert is_spared(history)


def test_a_user_is_remembered_whatever_lists_show():
    who = UserAt(40)
    history = learnt(answers={who: ALL[who]})
    assert recalled(history, asks=[who]) == {who: ALL[who]}


def test_that_a_user_is_gone_is_not_remembered():
    assert len(learnt(answers={UserAt(40): None})) == 0


# --- For how long ----------------------------------------------------------------------------


def test_answers_expire_after_one_to_two_weeks_and_not_all_at_once():
    refs = [IssueRef(project, number) for project in (7, 8) for number in range(1, 51)]
    issues = [an_issue(ref) for ref in refs]
    history = learnt(*issues, answers={NotesOf(ref): () for ref in refs})
    assert len(history) == 100

    def left(days):
        now = NOW + timedelta(days=days)
        return len(recalled(history, *issues, now=now, asks=map(NotesOf, refs)))

    counts = [left(days) for days in range(15)]
    assert counts[:7] == [100] * 7
    assert counts[14] == 0
    assert counts == sorted(counts, reverse=True)
    assert max(before - after for before, after in pairwise(counts)) < 40
    assert left(7 - 1e-6) == 100
    assert (timedelta(days=7), timedelta(days=14)) == (EXPIRES, UNUSED)


def lasts(history, *asks, ref=REF):
    """For how many whole hours it is given again, where nobody asks in between."""
    hours = range(15 * 24)
    return next(
        n
        for n in hours
        if len(recalled(reloaded(history), an_issue(ref), now=NOW + timedelta(hours=n), asks=asks))
        < len(asks)
    )


def test_what_is_given_again_does_not_live_longer_for_it():
    history = learnt(answers={NOTES: (SAID,), UserAt(40): ALL[UserAt(40)]})
    expected = lasts(history, NOTES), lasts(history, UserAt(40))
    for day in range(1, 7):
        now = NOW + timedelta(days=day)
        known = recalled(history, an_issue(), now=now, asks=[NOTES, UserAt(40)])
        assert len(known) == 2
        history = learnt(history=history, now=now, answers=known)
    assert (lasts(history, NOTES), lasts(history, UserAt(40))) == expected


def test_what_expired_is_read_anew_and_kept_again():
    history, later = learnt(), NOW + timedelta(days=14)
    assert not is_spared(history, now=later)
    history = learnt(history=history, now=later)
    assert is_spared(history, now=later + timedelta(days=6))


def test_what_expired_is_forgotten():
    assert len(learnt(history=learnt(), now=NOW + timedelta(days=14), answers={})) == 0


def test_what_was_read_in_the_future_is_not_believed():
    history = learnt()
    assert not is_spared(history, now=NOW - MOMENT)
    assert is_spared(history, now=NOW)


def test_what_nobody_asks_for_is_forgotten_in_time():
    """An issue that is in no list any more; it would expire before, were it not fresh."""
    ref = next(ref for ref in (IssueRef(7, n) for n in range(500)) if lasting_days(ref) > 13.9)
    history = learnt(an_issue(ref), answers={NotesOf(ref): ()})
    (record,) = history.records
    unused = History([record.model_copy(update={"used_at": NOW - timedelta(days=1)})])
    unused.learn(seen(now=NOW + timedelta(days=13) - MOMENT))
    assert len(unused) == 1
    unused.learn(seen(now=NOW + timedelta(days=13)))
    assert len(unused) == 0


def lasting_days(ref):
    history = learnt(an_issue(ref), answers={NotesOf(ref): ()})
    return lasts(history, NotesOf(ref), ref=ref) / 24


def test_being_asked_for_keeps_it_from_being_forgotten():
    (record,) = learnt().records
    history = History([record.model_copy(update={"used_at": NOW - timedelta(days=12)})])
    now = NOW + timedelta(days=1)
    assert is_spared(history, now=now)
    history.learn(seen(an_issue(), now=now))
    (used,) = history.records
    assert (used.read_at, used.used_at) == (NOW, now)


def test_another_shards_issues_stay():
    mine, theirs = an_issue(), an_issue(IssueRef(7, 2))
    history = learnt(theirs, answers={NotesOf(theirs.ref): ()})
    history = learnt(mine, history=history)
    assert len(history) == 2
    assert is_spared(history)
    assert recalled(history, theirs, asks=[NotesOf(theirs.ref)]) == {NotesOf(theirs.ref): ()}


# --- What was heard in lists of many issues --------------------------------------------------


def heard_of(*notes):
    """A run that read a page of the comments in a project."""
    return {LIST: Page(tuple(Comment(REF, note) for note in notes), pages=1)}


def test_what_was_heard_spares_the_list_the_next_time():
    history = learnt(answers=heard_of(SAID))
    known = history.recall([SPARABLE], seen(an_issue()))
    assert known == Recalled({}, {REF: (SAID,)})
    assert known.spares(SPARABLE)
    assert not known.spares(NotesPageOf(REF))
    assert history.given == 1


def test_pages_of_several_lists_are_heard_together():
    own = replace(SAID, id=6, created_at=NOW - timedelta(days=2))
    other = IssueRef(7, 2)
    answers = {
        **heard_of(SAID),
        CommentsPageOf(NOW.date(), page=2): Page((Comment(REF, own), Comment(other, SAID))),
        CommentsPageOf(NOW.date(), page=3): Unreadable("403 Forbidden"),
    }
    history = learnt(an_issue(), an_issue(other), answers=answers)
    asks = [SPARABLE, Sparable(NotesOf(other), (LIST,))]
    known = history.recall(asks, seen(an_issue(), an_issue(other)))
    assert known.heard == {REF: (SAID, own), other: (SAID,)}


def test_an_answer_of_its_own_comes_before_what_was_heard():
    answers = heard_of(SAID) | {NotesPageOf(REF): Page((SAID,))}
    known = learnt(answers=answers).recall([SPARABLE], seen(an_issue()))
    assert known == Recalled({NotesPageOf(REF): Page((SAID,))}, {})
    assert known.spares(SPARABLE)


def test_what_was_heard_is_told_once():
    """Where it was not enough, the question is asked."""
    history = learnt(answers=heard_of(SAID))
    known = history.recall([SPARABLE], seen(an_issue(), heard={REF: (SAID,)}))
    assert known == Recalled()
    assert not known.spares(SPARABLE)


def test_whoever_asks_for_absence_is_not_answered_by_what_was_heard():
    history = learnt(answers=heard_of(SAID))
    assert history.recall([NotesPageOf(REF)], seen(an_issue())) == Recalled()


def test_what_was_heard_holds_as_long_as_any_answer():
    history = learnt(answers=heard_of(SAID))
    for changed in (an_issue(comments=2), an_issue(updated=NOW)):
        assert history.recall([SPARABLE], seen(changed)) == Recalled()
    assert history.recall([SPARABLE], seen()) == Recalled()
    late = seen(an_issue(), now=NOW + timedelta(days=14))
    assert history.recall([SPARABLE], late) == Recalled()


def test_what_was_heard_and_told_is_kept_as_it_was():
    history = learnt(answers=heard_of(SAID))
    now = NOW + timedelta(days=1)
    known = history.recall([SPARABLE], seen(an_issue(), now=now))
    history.learn(seen(an_issue(), now=now, heard=known.heard))
    (record,) = history.records
    assert (record.read_at, record.used_at) == (NOW, now)


def test_a_snapshot_keeps_what_was_heard():
    first = Snapshot().knowing({}, {REF: (SAID,)})
    again = first.knowing({WhoAmI(): None})
    assert again.heard == {REF: (SAID,)}
    assert again.knowing({}, {IssueRef(7, 2): ()}).heard == {REF: (SAID,), IssueRef(7, 2): ()}
