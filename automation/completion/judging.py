"""The verdict on an issue: every form of rule, against the whole of it or its sections."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from automation.carry_over import carried_items, own_items
from automation.checklist import (
    Checklist,
    Item,
    Section,
    fold,
    heading_text,
    is_optional,
    optional_boxes,
)
from automation.completion.boxes import Boxes, items, judge_boxes, wanted
from automation.completion.findings import Finding, Gap, all_hold, any_holds, joined, unread
from automation.model.closing import (
    AllOf,
    AnyOf,
    AnyRule,
    CarriedItems,
    CloseWhen,
    EachReportRule,
    SectionRule,
    leaves,
)
from automation.model.issue import TaskCounts
from automation.model.roster import Report


@dataclass(frozen=True)
class Verdict:
    """Whether a loop is complete, and the reason in one sentence without its full stop.

    Where `unreadable` is not empty, nothing may be decided about the loop, and it says why;
    `causes` say it for comparison, each as long the same as its reason is. Names stand in
    both as policy and roster have them: make them inert before use.
    """

    complete: bool
    summary: str
    unreadable: str = ""
    causes: tuple[str, ...] = field(default=(), compare=False)


def judge(
    close_when: CloseWhen,
    checklist: Checklist,
    counts: TaskCounts,
    reports: tuple[Report, ...],
    *,
    optional: tuple[str, ...] = (),
    carried: CarriedItems = CarriedItems.OPTIONAL,
) -> Verdict:
    """Hold an issue's boxes against a policy.

    `counts` are GitLab's own: where they differ from what was read, nothing is decided.
    `reports` are those who must have a section of their own, `optional` the headings of
    sections that nobody must tick. What was carried over from earlier loops is counted,
    but not asked for, unless `carried` says so.
    """
    sheet = _Sheet.of(checklist, reports, optional, carried)
    findings = [sheet.judge(close_when)]
    if carried is CarriedItems.REQUIRED:
        findings += sheet.judge_carried(carried_items(checklist))
    found = all_hold(findings)
    gaps = tuple(_miscounted(checklist, counts)) or found.gaps
    if gaps:
        why = joined(gap.text for gap in gaps)
        return Verdict(False, why, why, tuple(sorted({gap.cause for gap in gaps})))
    if sheet.counts.count == 0:
        return Verdict(False, "there is no item that could be ticked")
    if found.holds and not sheet.counts.completed:
        return Verdict(False, "nothing in the issue is ticked")
    return Verdict(found.holds, found.text)


def unreadable_rules(
    close_when: CloseWhen, checklist: Checklist, reports: tuple[Report, ...]
) -> str:
    """What any rule inside cannot read, even where another makes up for it; else empty."""
    sheet = _Sheet.of(checklist, reports, (), CarriedItems.OPTIONAL)
    findings = map(sheet.judge, leaves(close_when))
    return joined(gap.text for finding in findings for gap in finding.gaps)


def _miscounted(checklist: Checklist, counts: TaskCounts) -> Iterator[Gap]:
    if checklist.refused:
        yield Gap(f"the description is not read: {checklist.refused}", checklist.refused)
        return
    own = checklist.counts()
    if own != counts:
        theirs = f"GitLab counts {counts.completed} of {items(counts.count)} as ticked"
        yield Gap(f"{theirs}, Drumbeat reads {own.completed} of {own.count}", "counts differ")


@dataclass(frozen=True)
class _Sheet:
    """What rules are held against: an issue's own items, and who must have a section.

    `counts` are those of all items that may be asked for.
    """

    checklist: Checklist
    reports: tuple[Report, ...]
    optional: tuple[str, ...]
    counts: TaskCounts

    @classmethod
    def of(
        cls,
        checklist: Checklist,
        reports: tuple[Report, ...],
        optional: tuple[str, ...],
        carried: CarriedItems,
    ) -> _Sheet:
        own = own_items(checklist)
        asked = checklist if carried is CarriedItems.REQUIRED else own
        return cls(own, reports, optional, asked.counts())

    def judge(self, rule: AnyRule) -> Finding:
        match rule:
            case tuple():
                return all_hold([self.judge(one) for one in rule])
            case AllOf():
                return all_hold([self.judge(one) for one in rule.all_of])
            case AnyOf():
                return any_holds([self.judge(one) for one in rule.any_of])
            case SectionRule():
                return self._section(rule)
            case EachReportRule():
                return self._each_report(rule)
            case _:
                optional = optional_boxes(self.checklist, self.optional)
                return judge_boxes(rule, self._boxes("", "", self.checklist.items, optional))

    def judge_carried(self, found: tuple[Item, ...]) -> Iterator[Finding]:
        """What was carried over must be settled, where there is any."""
        if found:
            optional = frozenset(id(item) for item in found if is_optional(item.text))
            yield judge_boxes("all", self._boxes("carried over", "carried", found, optional))

    def _section(self, rule: SectionRule) -> Finding:
        wanted_heading = fold(heading_text(rule.section))
        sections = self.checklist.sections
        found = [section for section in sections if fold(section.heading) == wanted_heading]
        name = f"“{_line(rule.section)}”"
        if not found:
            return unread(f"{name} is missing", f"missing {wanted_heading}")
        return judge_boxes(rule.done, self._in_sections(name, wanted_heading, found))

    def _each_report(self, rule: EachReportRule) -> Finding:
        found = {report.id: self._sections_of(report) for report in self.reports}
        claims = Counter(id(section) for sections in found.values() for section in sections)
        shared = {key for key, count in claims.items() if count > 1}
        lacking = all_hold([self._report(rule, one, found[one.id], shared) for one in self.reports])
        text = f"every report has {wanted(rule.done)}" if lacking.holds else lacking.text
        return Finding(lacking.holds, text, lacking.gaps)

    def _report(
        self, rule: EachReportRule, report: Report, found: list[Section], shared: set[int]
    ) -> Finding:
        name = f"{_line(report.display_name)}’s section"
        if any(id(section) in shared for section in found):
            why = f"{name} could be another report’s as well"
            return unread(why, f"shared {report.id}")
        if not found:
            return unread(f"{name} is missing", f"missing @{report.id}")
        return judge_boxes(rule.done, self._in_sections(name, f"@{report.id}", found))

    def _sections_of(self, report: Report) -> list[Section]:
        """The sections that name a report by id, today's or a former one; else those by name."""
        sections = self.checklist.sections
        ids = {report.id, *report.was}
        anchored = [section for section in sections if section.anchor in ids]
        names = {fold(report.display_name), fold(f"@{report.username}")}
        return anchored or [
            section
            for section in sections
            if section.anchor is None and fold(section.heading) in names
        ]

    def _in_sections(self, name: str, place: str, found: list[Section]) -> Boxes:
        """The boxes below the headings, each once; what is optional below them stays so."""
        inside = {id(item): item for section in found for item in section.items}
        level = min(section.level for section in found)
        optional = optional_boxes(self.checklist, self.optional, level)
        return self._boxes(name, place, inside.values(), optional)

    def _boxes(
        self, name: str, place: str, found: Iterable[Item], optional: frozenset[int]
    ) -> Boxes:
        asked = tuple(item for item in found if id(item) not in optional)
        unasked = tuple(item for item in found if id(item) in optional)
        return Boxes(name, place, asked, unasked, self.counts.completed > 0)


def _line(text: str) -> str:
    return " ".join(text.split())
