"""When a loop counts as done: `close_when` against the boxes of its issue.

What a verdict says goes into closing notes and reports. It names sections by the policy's
words and people by the roster's, and gives figures: nothing of the issue's own text, so
that a confidential issue's words stay in it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from automation.carry_over import own_items
from automation.checklist import Checklist, Item, Mark, Section, fold, heading_text
from automation.model.issue import TaskCounts
from automation.model.policy import AtLeast, CloseWhen, EachReportRule, Rule, SectionRule
from automation.model.roster import Report


@dataclass(frozen=True)
class Verdict:
    """Whether a loop is complete, and the reason in one sentence without its full stop.

    Where `unreadable` is not empty, nothing may be decided about the loop, and it says why.
    Names stand in both as policy and roster have them: make them inert before use.
    """

    complete: bool
    summary: str
    unreadable: str = ""


def judge(
    close_when: CloseWhen, checklist: Checklist, counts: TaskCounts, reports: tuple[Report, ...]
) -> Verdict:
    """Hold an issue's boxes against a policy.

    `counts` are GitLab's own: where they differ from what was read, nothing is decided.
    `reports` are those who must have a section of their own. What was carried over from
    earlier loops is counted, but not asked for.
    """
    own = own_items(checklist)
    tally = own.counts()
    if not isinstance(close_when, tuple):
        findings = [_finding("", close_when, own.items, tally)]
    else:
        findings = [
            finding for rule in close_when for finding in _judged(rule, own, tally, reports)
        ]
    unreadable = _miscounted(checklist, counts) or _joined(f.unreadable for f in findings)
    if unreadable:
        return Verdict(False, unreadable, unreadable)
    if tally.count == 0:
        return Verdict(False, "there is no item that could be ticked")
    lacking = _joined(finding.text for finding in findings if not finding.holds)
    return Verdict(not lacking, lacking or _joined(finding.text for finding in findings))


@dataclass(frozen=True)
class _Finding:
    """What one rule says."""

    holds: bool
    text: str
    unreadable: str = ""


@dataclass(frozen=True)
class _Tally:
    """How many boxes of a kind there are."""

    open: int
    done: int
    inapplicable: int

    def __str__(self) -> str:
        total = self.open + self.done
        verb = "is" if 1 in {self.done, total} else "are"
        text = f"{self.done} of {_items(total)} {verb} ticked" if total else "no item is to tick"
        if self.inapplicable:
            text += (
                f" and {self.inapplicable} {'does' if self.inapplicable == 1 else 'do'} not apply"
            )
        return text


def _tally(items: Iterable[Item]) -> _Tally:
    found = Counter(item.mark for item in items)
    return _Tally(found[Mark.OPEN], found[Mark.DONE], found[Mark.INAPPLICABLE])


def _line(text: str) -> str:
    return " ".join(text.split())


def _items(count: int) -> str:
    return "1 item" if count == 1 else f"{count} items"


def _joined(texts: Iterable[str]) -> str:
    return "; ".join(dict.fromkeys(text for text in texts if text))


def _miscounted(checklist: Checklist, counts: TaskCounts) -> str:
    if checklist.refused:
        return f"the description is not read: {checklist.refused}"
    own = checklist.counts()
    if own == counts:
        return ""
    theirs = f"GitLab counts {counts.completed} of {_items(counts.count)} as ticked"
    return f"{theirs}, Drumbeat reads {own.completed} of {own.count}"


def _judged(
    rule: SectionRule | EachReportRule,
    checklist: Checklist,
    counts: TaskCounts,
    reports: tuple[Report, ...],
) -> Iterator[_Finding]:
    if isinstance(rule, SectionRule):
        wanted = fold(heading_text(rule.section))
        found = [section for section in checklist.sections if fold(section.heading) == wanted]
        yield _in_sections(f"“{_line(rule.section)}”", rule.done, found, counts)
    else:
        yield _each_report(rule.done, checklist, counts, reports)


def _each_report(
    rule: Rule, checklist: Checklist, counts: TaskCounts, reports: tuple[Report, ...]
) -> _Finding:
    found = {report.id: _sections_of(report, checklist) for report in reports}
    claims = Counter(id(section) for sections in found.values() for section in sections)
    findings = []
    for report in reports:
        name = f"{_line(report.display_name)}’s section"
        if any(claims[id(section)] > 1 for section in found[report.id]):
            findings.append(_Finding(False, "", f"{name} could be another report’s as well"))
        else:
            findings.append(_in_sections(name, rule, found[report.id], counts))
    lacking = [finding for finding in findings if not finding.holds]
    return _Finding(
        not lacking,
        _joined(finding.text for finding in lacking) or f"every report has {_wanted(rule)}",
        _joined(finding.unreadable for finding in findings),
    )


def _sections_of(report: Report, checklist: Checklist) -> list[Section]:
    """The sections that name a report by id, today's or a former one; else those by name."""
    ids = {report.id, *report.was}
    anchored = [section for section in checklist.sections if section.anchor in ids]
    names = {fold(report.display_name), fold(f"@{report.username}")}
    return anchored or [
        section
        for section in checklist.sections
        if section.anchor is None and fold(section.heading) in names
    ]


def _in_sections(name: str, rule: Rule, found: list[Section], counts: TaskCounts) -> _Finding:
    if not found:
        return _Finding(False, "", f"{name} is missing")
    items = tuple({id(item): item for section in found for item in section.items}.values())
    if rule == "all" and not items:
        return _Finding(False, "", f"{name} has no boxes any more")
    return _finding(name, rule, items, counts)


def _finding(name: str, rule: Rule, items: tuple[Item, ...], counts: TaskCounts) -> _Finding:
    tally = _tally(items)
    text = f"{name}: {tally}" if name else str(tally)
    if isinstance(rule, AtLeast):
        holds = tally.done >= rule.at_least
        return _Finding(holds, text if holds else f"{text}, {rule.at_least} are wanted")
    if rule == "any":
        return _Finding(tally.done >= 1, text if tally.done else f"{text}, 1 is wanted")
    if tally.open == 0 and counts.completed == 0:
        return _Finding(False, f"{text}, but nothing in the issue is ticked")
    return _Finding(tally.open == 0, text)


def _wanted(rule: Rule) -> str:
    if isinstance(rule, AtLeast):
        return f"at least {rule.at_least} ticked"
    return "at least 1 ticked" if rule == "any" else "everything ticked that applies"
