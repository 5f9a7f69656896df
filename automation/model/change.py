"""One thing to do, as data: what, to which key, why, and what was there before.

A change carries all that `apply` needs, so that a reviewed plan and the done thing
are the same. Its `id` is a digest over every field: two changes with one id are the
same change.
"""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field

from automation.model.base import Fact

NEXT_URL = "drumbeat:next"
"""Stands in a transition's text for the address of the issue that it follows."""


class Target(Fact):
    """The issue that a change is about."""

    project_id: int
    project: str
    iid: int
    web_url: str

    @property
    def reference(self) -> str:
        """`support/loops#12`, as GitLab links it."""
        return f"{self.project}#{self.iid}"


class BaseChange(Fact):
    """What every change says: the key or name it is about, and the reason."""

    key: str
    reason: str

    @cached_property
    def id(self) -> str:
        """Twelve hexadecimal digits that name this change and no other.

        Why it is done is no part of it: how exactly that is known depends on what else was read.
        """
        text = self.model_dump_json(exclude={"reason"})
        return hashlib.sha256(text.encode()).hexdigest()[:12]


class EnsureLabel(BaseChange):
    """Make a label in the loops' group, or give it the wanted name, colour and description.

    `before` is None where there is no such label yet; where it has another name, the label is
    renamed.
    """

    kind: Literal["ensure-label"] = "ensure-label"
    group: str
    name: str
    color: str
    description: str = ""
    before: LabelBefore | None = None


class LabelBefore(Fact):
    """How a label looked before; `name` is empty where it stays as it is."""

    id: int
    name: str = ""
    color: str
    description: str


class PrioritizeLabel(BaseChange):
    """Give a label of the loops' group its priority in a project; 0 comes before 1.

    `label_id` is None where the label is made in the same run.
    """

    kind: Literal["prioritize-label"] = "prioritize-label"
    project: str
    name: str
    priority: int
    label_id: int | None = None
    before: int | None = None


class RemoveLabel(BaseChange):
    """Delete a label of the loops' group; issues lose it."""

    kind: Literal["remove-label"] = "remove-label"
    group: str
    name: str
    before: LabelBefore


class CreateIssue(BaseChange):
    """Open a loop."""

    kind: Literal["create-issue"] = "create-issue"
    project_id: int
    project: str
    title: str
    description: str
    labels: tuple[str, ...]
    assignee_ids: tuple[int, ...] = ()
    assignees: tuple[str, ...] = ()
    due_date: date | None = None
    confidential: bool = False
    mentions: tuple[str, ...] = ()


class Transition(BaseChange):
    """Move an issue to another state, with or without a word.

    `say` is the note's text without its quick actions and marker; empty: nothing is
    said. `marker` is the hidden line by which a later run knows that it was said.
    `mentions` are the user names that the text addresses. `follows` is the key of an issue
    that must have been opened first; its address then stands where the text says
    `NEXT_URL`. `move_to` is the path of the project that the issue goes to once all else is
    done; `internal` and `thread` tell how the note is made. `before` holds the labels that the
    issue bore and whether it was opened.
    """

    kind: Literal["transition"] = "transition"
    to: str
    target: Target
    add_labels: tuple[str, ...] = ()
    remove_labels: tuple[str, ...] = ()
    close: bool = False
    reopen: bool = False
    assign: Assignee | None = None
    milestone: MilestoneChoice | None = None
    due_date: date | None = None
    move_to: str = ""
    internal: bool = False
    thread: bool = False
    say: str = ""
    marker: str = ""
    mentions: tuple[str, ...] = ()
    confidential: bool = False
    follows: str = ""
    before: IssueBefore


class Assignee(Fact):
    """Who an issue is given to, in the place of everybody who had it."""

    id: int
    username: str


class MilestoneChoice(Fact):
    """The milestone that an issue gets."""

    id: int
    title: str


class IssueBefore(Fact):
    """What of an issue a transition relies on."""

    opened: bool
    labels: tuple[str, ...]


class ListMove(Fact):
    """Move a board's list to a position; `list_id` is None for a list that is made first."""

    label: str
    list_id: int | None = None
    position: int


class EnsureBoard(BaseChange):
    """Make a board, the lists that it lacks, its scope, and put its lists in order.

    `before` is the board's id, or None where there is none yet; `missing` are the
    labels that have no list yet, in the order in which they are appended; `moves` are done
    after that, one by one. `only` is the scope that the board gets where the tier has scopes;
    None leaves it as it is. `lists_before` and `lists_after` are for people to read.
    """

    kind: Literal["ensure-board"] = "ensure-board"
    place: str
    in_group: bool
    name: str
    missing: tuple[str, ...] = ()
    moves: tuple[ListMove, ...] = ()
    only: tuple[str, ...] | None = None
    labels_group: str
    before: int | None = None
    lists_before: tuple[str, ...] = ()
    lists_after: tuple[str, ...] = ()


class EnsureSchedule(BaseChange):
    """Make a pipeline schedule, or make it run again when, where and how it should.

    `take_ownership`: the token's user becomes its owner first. `before` is None where there is
    no such schedule yet.
    """

    kind: Literal["ensure-schedule"] = "ensure-schedule"
    project: str
    description: str
    cron: str
    timezone: str
    ref: str
    active: bool
    variables: tuple[VariableChange, ...] = ()
    take_ownership: bool = False
    before: ScheduleBefore | None = None


class VariableChange(Fact):
    """What becomes of a variable of a schedule; `value` None: it goes. `there`: it exists."""

    key: str
    value: str | None = Field(repr=False)
    there: bool = False


class ScheduleBefore(Fact):
    """How a pipeline schedule was set; `owner` is None once the user is gone."""

    id: int
    cron: str
    timezone: str
    ref: str
    active: bool
    owner: str | None = None


Change = Annotated[
    EnsureLabel
    | PrioritizeLabel
    | RemoveLabel
    | EnsureBoard
    | EnsureSchedule
    | CreateIssue
    | Transition,
    Field(discriminator="kind"),
]


Provision = EnsureLabel | PrioritizeLabel | RemoveLabel | EnsureBoard | EnsureSchedule
"""What `drumbeat setup` does; a scheduled run makes labels that it needs, and no more of it."""


class Problem(Fact):
    """Something that Drumbeat will not touch, or cannot do, and why.

    `blocking` problems stop something that policies ask for and end a run non-zero;
    the others are for a person to know.
    """

    key: str
    message: str
    remedy: str = ""
    url: str = ""
    blocking: bool = False


class Status(StrEnum):
    """What became of a change."""

    DONE = "done"
    SKIPPED = "skipped"
    FAILED = "failed"
    UNKNOWN = "unknown"


class Did(Fact):
    """What a change does to an issue, as far as it takes to take it back.

    `iid` is 0 where the change opens the issue; `marker` is then the hidden line by which the
    issue is known. `to` is the state or the rule that a transition leads to, `follows` the key
    that it waits for, and `beyond` names in words what cannot be taken back.
    """

    project_id: int
    project: str
    iid: int = 0
    marker: str = ""
    to: str = ""
    add_labels: tuple[str, ...] = ()
    remove_labels: tuple[str, ...] = ()
    close: bool = False
    reopen: bool = False
    said: bool = False
    follows: str = ""
    beyond: tuple[str, ...] = ()


class Outcome(Fact):
    """What became of one change.

    `deed` says in a word what was to be done; `url` is where it can be seen. `request_id` is
    what GitLab calls the requests in its logs, `at` its own time as it answered the last of
    them; both are empty where it did not say. `in_part`: it failed, and GitLab did some of it
    all the same. `did` is None for what is no matter of one issue.
    """

    change: str
    kind: str
    key: str
    deed: str = ""
    status: Status
    detail: str = ""
    url: str = ""
    request_id: str = ""
    at: datetime | None = None
    in_part: bool = False
    did: Did | None = None

    @property
    def may_show(self) -> bool:
        """Whether GitLab may have changed something: it did, in part, or nobody knows."""
        return self.status in {Status.DONE, Status.UNKNOWN} or self.in_part


EnsureLabel.model_rebuild()
EnsureSchedule.model_rebuild()
Transition.model_rebuild()
