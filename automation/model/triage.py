"""Triage policies as people write them: where → when → do, with limits."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from automation.model.base import Fact, FullPath, Name, Unfit, Username
from automation.model.due import Due, DueRule, DueUnit
from automation.model.period import PeriodKind
from automation.model.text import Expression, TemplatePath
from automation.model.where import MAX_DAYS, LabelNames, Title, Where


def _without_period(rule: DueRule) -> DueRule:
    if rule.unit is DueUnit.END_OF_PERIOD:
        raise Unfit("has no period here", "Write `4 working days` or `10 days`.")
    return rule


DueIn = Annotated[Due, AfterValidator(_without_period)]
"""A due date so many days from now."""

Addressee = Literal["group.managers", "group.sponsor", "assignees", "author"]
"""Whom a comment mentions."""


class FollowUp(Fact):
    """An issue that is opened for each match, once and for all.

    `project` is where, by default the project of the match. The title always ends in the
    reference of the issue that it follows, by which it is known again.
    """

    template: TemplatePath
    title: Expression = "Follow up: {{ issue.title }}"
    project: FullPath | None = None
    labels: LabelNames = ()
    assign: Literal["group.sponsor", "author", "assignees"] | None = None
    due: DueIn | None = None
    confidential: bool = True


class Summary(Fact):
    """One issue per period that lists all matches; titles of confidential ones stay out."""

    template: TemplatePath
    project: FullPath
    period: PeriodKind = PeriodKind.WEEK
    title: Expression = "{{ policy.name }}: {{ rule.name }}, {{ period }}"
    labels: LabelNames = ()
    confidential: bool = True


class TriageAction(Fact):
    """What a triage rule does with an issue.

    `label` keeps scoped labels exclusive; in `unlabel` a `*` stands for anything.
    `comment` is made once: where the rule sets or takes a label, again after the label
    changed; otherwise again after `repeat_after` days, if that is given. `internal` keeps it
    from guests, `thread` lets people resolve it. `due` is set where there is no due date.
    `assign` takes the place of everybody who had the issue.
    """

    label: LabelNames = ()
    unlabel: LabelNames = ()
    comment: TemplatePath | None = None
    mention: tuple[Addressee, ...] = ()
    internal: bool = False
    thread: bool = False
    repeat_after: Annotated[int, Field(ge=1, le=MAX_DAYS)] | None = None
    assign: Literal["group.sponsor", "author"] | Username | None = None
    milestone: Title | None = None
    due: DueIn | None = None
    move: FullPath | None = None
    close: bool = False
    reopen: bool = False
    issue: FollowUp | None = None
    summary: Summary | None = None

    @property
    def plain_labels(self) -> tuple[str, ...]:
        """The labels that it names: those that it sets, and takes without any `*`."""
        made = self.issue.labels if self.issue else ()
        listed = self.summary.labels if self.summary else ()
        return (*self.label, *(n for n in self.unlabel if "*" not in n), *made, *listed)

    @property
    def opens(self) -> bool:
        """Whether it opens issues."""
        return self.issue is not None or self.summary is not None

    @property
    def changes_the_issue(self) -> bool:
        """Whether it does anything to the issue itself beside talking."""
        deeds = (self.label, self.unlabel, self.assign, self.milestone, self.due, self.move)
        return any(deeds) or self.close or self.reopen

    @model_validator(mode="after")
    def _does_something(self) -> Self:
        if not (self.changes_the_issue or self.comment or self.issue or self.summary):
            raise Unfit("does nothing", "Give at least one of label, unlabel, comment, close …")
        if (self.mention or self.internal or self.thread) and not self.comment:
            word = "mention" if self.mention else "internal" if self.internal else "thread"
            raise Unfit(f"has '{word}' without 'comment'", "Give the comment that it is about.")
        if self.repeat_after and (not self.comment or self.label or self.unlabel):
            raise Unfit(
                "has 'repeat_after', which is for comments without a label",
                "Leave it out: with a label, the comment comes again when the label did.",
            )
        if self.thread and self.internal:
            remedy = "Leave one of them out: GitLab's API makes no internal threads."
            raise Unfit("has 'thread' and 'internal'", remedy)
        if self.close and self.reopen:
            raise Unfit("both closes and reopens", "Leave one of them out.")
        return self


class TriageLimits(Fact):
    """How many of the matches a rule acts on.

    `most_recent` and `oldest` choose among all issues that match, by their creation;
    `at_most` is the number of issues that one run changes, `mentions_per_person` how often
    one person is addressed in it. What is left waits for the next run.
    """

    most_recent: Annotated[int, Field(ge=1)] | None = None
    oldest: Annotated[int, Field(ge=1)] | None = None
    at_most: Annotated[int, Field(ge=1)] | None = None
    mentions_per_person: Annotated[int, Field(ge=1)] | None = None

    @property
    def choose(self) -> bool:
        """Whether there is any limit."""
        return self != TriageLimits()

    @model_validator(mode="after")
    def _one_end(self) -> Self:
        if self.most_recent and self.oldest:
            raise Unfit("has both 'most_recent' and 'oldest'", "Give one of them.")
        return self


class TriageRule(Fact):
    """When an expression holds, do something."""

    name: Name
    when: Expression
    do: TriageAction
    limits: TriageLimits = TriageLimits()


class TriagePolicy(Fact):
    """A rule over existing issues: where → when → do."""

    kind: Literal["triage"] = "triage"
    name: Name
    about: str = ""
    where: Where
    rules: Annotated[tuple[TriageRule, ...], Field(min_length=1)]
    enabled: bool = True
