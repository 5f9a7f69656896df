"""What each key of a policy says, in a sentence: for editors, and for `docs/reference.md`.

The words stand beside the schema and not in the model, where validation is: so they can be
read, and translated or corrected, as one text. A key that is inherited is described once. The
tests refuse a key without a description, and a description without a key.
"""

from __future__ import annotations

from collections.abc import Mapping

from automation.model import closing, metrics, policy, provision, roster, span, triage, where
from automation.model.base import Fact

_KIND = "Tells what the document is."
_ENABLED = "`false` switches the policy off."
_ABOUT = "A sentence for readers of the file."
_PLACE = "Give `group` or `project`, not both."
_OF_TEMPLATE = "A file below `issue_templates/`."

_SETTINGS: dict[type[Fact], dict[str, str]] = {
    policy.Settings: {
        "kind": _KIND,
        "loops_group": "The group above all projects that hold loops. Labels live in it.",
        "default_project": "Where a loop is opened when its cadence names no `project`.",
        "fiscal_year_start": "The month in which the fiscal year begins. With 2, FY27-Q4 begins "
        "on 2026-11-01.",
        "drumbeat_users": "The users whose token runs Drumbeat, today's and former ones. Its own "
        "issues are those that they wrote; the token's user counts in any case.",
        "confidential_readers": "Who may read confidential loops beside their owners and these "
        "owners' directors, so that `drumbeat doctor` does not warn of them.",
        "bots": "More users that are not people; `*` stands for any characters.",
        "bot_flags": "Whether GitLab is asked if somebody who is not in the roster is a bot.",
        "activity": "Which human actions end an issue's quiet time.",
        "initiative_labels": "The labels that initiatives bear, for the health of groups.",
        "heartbeat_url": "Asked for after every run that went well, so that a watchdog can tell "
        "when runs stop. `DRUMBEAT_HEARTBEAT_URL` takes its place.",
        "off": "Policies, and sections of templates, that you do without.",
        "channels": "The chat channels that matter; templates know them as `channels`.",
        "links": "Addresses by name; templates know them as `links.name`.",
        "limits": "How much one run may do before it is refused.",
    },
    policy.Activity: {
        "comments": "A comment.",
        "edits": "A change of title or description.",
        "ticks": "A ticked or unticked box.",
        "labels": "A label that came or went.",
        "state": "Closing or reopening.",
        "milestone": "A change of milestone.",
        "assignees": "A change of assignees.",
        "dates": "A change of start date or due date.",
        "weight": "A change of weight.",
        "iteration": "A change of iteration.",
        "time_spent": "Time that was logged.",
        "references": "A mention from a commit or merge request.",
        "other": "Anything else that a person did and that GitLab wrote into the history.",
    },
    policy.Limits: {
        "create": "Issues opened: a factor of what roster and cadences can ask for in one period.",
        "close": "Loops closed: a factor of the same number.",
        "notes": "Comments in one run. If left out, one for each loop and issue that `close` and "
        "`triage` allow to be closed, and 200 at least.",
        "triage": "Issues that triage policies may open in one run, and how many they may close.",
        "mentions_per_person": "How often one person is mentioned in one run. If left out, what "
        "the loops of the busiest manager or director ask for, and 5 at least.",
    },
    policy.Adopted: {
        "kind": _KIND,
        "loops": "Issues by the key that they hold; `drumbeat adopt` writes them.",
    },
    policy.AdoptedIssue: {
        "project": "The project of the issue.",
        "iid": "The issue's number in its project, as in `#7`.",
    },
}

_ROSTER: dict[type[Fact], dict[str, str]] = {
    roster.Roster: {
        "kind": _KIND,
        "directors": "Who leads managers and follows their loops.",
        "managers": "Who holds the loops, with their teams.",
        "groups": "The groups whose initiatives are looked after.",
    },
    roster.RosterEntry: {
        "id": "Permanent, since it is part of every key. Change `username` and `name` as you like.",
        "name": "How issues show it; the user name, or a group's id, if left out.",
        "timezone": "An IANA time zone, such as `Europe/Dublin`. Loops open by this clock.",
        "from": "The first day on which the entry holds.",
        "until": "The last day on which the entry holds.",
        "paused": "Days on which nothing opens for it.",
        "was": "Ids that it had before, so that loops with the old key are found.",
    },
    roster.Person: {
        "username": "Today's name in GitLab, without `@`.",
        "holidays": "The country whose public holidays are no working days, with a subdivision "
        "where wanted: `IE`, `DE-BY`.",
        "away": "Days off.",
    },
    roster.Manager: {
        "director": "The id of a director of the roster.",
        "on_call": "Days on the on-call rota, for cadences with `only_when`.",
        "reports": "The direct reports. Somebody who changes teams gets a second entry with the "
        "same `id`.",
    },
    roster.Group: {
        "project": "Where its initiatives live as issues.",
        "sponsor": "The id of the manager who answers for the group.",
        "managers": "Ids of more managers, whom `group.managers` mentions, too.",
    },
    roster.Absence: {"cover": "The id of the manager who stands in."},
    span.Span: {"from": "The first day.", "to": "The last day."},
    span.Pause: {
        "from": "The first day.",
        "to": "The last day; without it, until somebody writes it.",
        "why": "Why, for whoever reads that nothing opened.",
    },
}

_CADENCES: dict[type[Fact], dict[str, str]] = {
    policy.Cadence: {
        "kind": _KIND,
        "name": "Part of every key: choose it once.",
        "about": _ABOUT,
        "for_each": "For whom or what one loop is opened in each period.",
        "template": _OF_TEMPLATE,
        "period": "The calendar bucket that names a turn, in which there is one loop.",
        "schedule": "When a turn begins.",
        "backfill": "How many missed periods are opened later.",
        "pauses": "Days on which it opens nothing.",
        "only_when": "`on_call`: only in periods in which the manager is on the rota.",
        "when_away": "If the owner is away until the loop is due: `cover` gives it to who stands "
        "in, `skip` opens none, `open` opens it all the same.",
        "escalate": "Tells the director on the next loop, which then bears the label `attention`.",
        "enabled": "`false`: opens nothing new. Open issues live to their end.",
    },
    policy.LoopDefaults: {
        "title": "The issue's title, other for each key; usually in the template.",
        "labels": "More labels, beside Drumbeat's own. They may hold expressions.",
        "project": "Where it is opened; `default_project` if left out. May hold expressions, as in "
        "`support/1-1s/{{ manager.id }}`.",
        "assignee": "A user name; the owner's if left out. May hold expressions.",
        "due": "When it is due; `end of period` if left out. Working days leave out weekends, and "
        "holidays and days off of the owner.",
        "confidential": "Whether the issue is confidential; it is not if left out.",
        "close_when": "When the loop is done; `all` if left out.",
        "optional": "Headings whose boxes are not asked for.",
        "carried_items": "Whether what came from the loop before must be settled; `optional` if "
        "left out.",
        "remind": "Reminders, in working days, beside the one when the due date has passed.",
        "when_previous_open": "While the loop before is open: `carry_over` takes its open items "
        "along and closes it, `wait` opens none, `keep_both` keeps both; `carry_over` if left out.",
    },
    policy.Schedule: {
        "rrule": "A rule of RFC 5545, such as `FREQ=WEEKLY;BYDAY=MO`.",
        "at": "The hour, in the subject's own time zone.",
        "starts": "Nothing opens before this day. Rules with an `INTERVAL` count from it.",
        "ends": "Nothing opens after this day.",
        "except": "Days on which it does not open.",
    },
    policy.Escalation: {
        "after_missed": "After how many missed loops in a row.",
        "to": "Who is told.",
    },
    policy.CadencePause: {"subjects": "Ids of those for whom it pauses; all, if left out."},
    closing.AtLeast: {"at_least": "So many boxes are `[x]`."},
    closing.Percent: {"percent": "This part of the boxes that apply is `[x]`."},
    closing.AnyOfBoxes: {"any_of": "Rules for the same boxes, of which one holds."},
    closing.AllOfBoxes: {"all_of": "Rules for the same boxes, of which all hold."},
    closing.AnyOf: {"any_of": "Rules of which one holds."},
    closing.AllOf: {"all_of": "Rules of which all hold."},
    closing.SectionRule: {
        "section": "The text of a heading, as the template writes it.",
        "done": "The rule for the boxes below it.",
    },
    closing.EachReportRule: {
        "each": "Every direct report of the manager.",
        "done": "The rule for the boxes below each report's heading.",
    },
}

_TRIAGE: dict[type[Fact], dict[str, str]] = {
    triage.TriagePolicy: {
        "kind": _KIND,
        "name": "Names the policy in plans and notes; choose it once.",
        "about": _ABOUT,
        "where": "Which issues it looks at.",
        "rules": "What is done to them, in order; each sees what those before it leave.",
        "enabled": _ENABLED,
    },
    where.Where: {
        "group": f"A group, with its subgroups. {_PLACE}",
        "project": "A project.",
        "state": "Their state.",
        "labels": "Labels that an issue bears, all of them; `team::{a,b}` is one of the two.",
        "without": "Labels of which an issue bears none.",
        "not": "What takes an issue out.",
        "author": "Who wrote it.",
        "assignee": "A user name, `none` or `any`.",
        "milestone": "A title, `none`, `any`, `upcoming` or `started`.",
        "type": "GitLab's type of the issue.",
        "confidential": "Only confidential ones, or only others.",
        "created": "When it was created.",
        "updated": "When anything about it last changed, by whomever. For what people did, use "
        "`quiet_for` in `when`.",
        "due": "When it is due, in GitLab's words and by its clock.",
    },
    where.WhereNot: {
        "labels": "Labels of which an issue bears none.",
        "author": "Who did not write it.",
        "assignee": "Who is not assigned.",
        "milestone": "A milestone that it does not have.",
    },
    where.Window: {
        "after": "Not before this day.",
        "before": "Before this day.",
    },
    triage.TriageRule: {
        "name": "Names the rule in plans and notes; choose it once.",
        "when": "The condition: an [expression](triage.md#conditions) without braces.",
        "do": "What is done.",
        "limits": "How many of the matches it acts on.",
    },
    triage.TriageAction: {
        "label": "Labels to set. A scoped label takes the place of its scope on every tier.",
        "unlabel": "Labels to take off; `*` stands for any characters.",
        "comment": f"A comment. {_OF_TEMPLATE} It comes once: with a label, again when the label "
        "comes again.",
        "mention": "Whom the comment mentions.",
        "internal": "Keeps the comment from guests.",
        "thread": "Makes the comment a thread, which people can resolve.",
        "repeat_after": "The comment comes again after so many days; for comments without a label.",
        "assign": "Who is assigned, in place of everybody who was. A user name, or one of these.",
        "milestone": "The milestone to set, by its title.",
        "due": "The due date to set, counted from today, where there is none.",
        "move": "The project to move it to.",
        "close": "Closes it.",
        "reopen": "Reopens it.",
        "issue": "Opens an issue for each match, once and for all.",
        "summary": "Opens an issue in each period that lists all matches.",
    },
    triage.FollowUp: {
        "template": _OF_TEMPLATE,
        "title": "Its title; the reference of the match is put behind it.",
        "project": "Where it is opened; the project of the match if left out.",
        "labels": "Its labels.",
        "assign": "Who is assigned.",
        "due": "When it is due, counted from today.",
        "confidential": "Whether it is confidential.",
    },
    triage.Summary: {
        "template": _OF_TEMPLATE,
        "project": "Where it is opened.",
        "period": "How often there is a new one.",
        "title": "Its title, other in each period.",
        "labels": "Its labels.",
        "confidential": "Whether it is confidential.",
    },
    triage.TriageLimits: {
        "most_recent": "The so many that were created last.",
        "oldest": "The so many that were created first.",
        "at_most": "How many issues it changes in one run; the rest waits for the next.",
        "mentions_per_person": "How often it addresses one person in one run.",
    },
}

_PROVISIONS: dict[type[Fact], dict[str, str]] = {
    provision.LabelSet: {"kind": _KIND, "labels": "Labels of the group `loops_group`."},
    provision.LabelSpec: {
        "name": "The label's exact name.",
        "color": "Its colour, in quotes.",
        "description": "What it means, for people.",
        "was": "Names that it had: the label is renamed, and issues keep it.",
        "priority": "Its place in lists that are sorted by priority; 0 comes first.",
        "prune": "`true`: there shall be no such label; `drumbeat setup --yes` deletes it.",
    },
    provision.BoardSet: {"kind": _KIND, "boards": "Boards, each known by its name."},
    provision.BoardSpec: {
        "name": "The board's name, other for each subject. May hold expressions.",
        "for_each": "For whom or what there is a board; `organisation` is one for all.",
        "project": "The project of the board. May hold expressions.",
        "group": f"The group of the board. GitLab Free has one in each. {_PLACE}",
        "lists": "A label for each column, in this order. They may hold expressions.",
        "only": "Labels that a card must bear; on GitLab Free, a filter in the address.",
    },
    provision.ScheduleSet: {"kind": _KIND, "schedules": "Pipeline schedules."},
    provision.ScheduleSpec: {
        "description": "The schedule's description, by which it is known.",
        "cron": "Minute, hour, day of the month, month, day of the week, as in `0 6 * * MON-FRI`.",
        "timezone": "An IANA time zone, by which `cron` is read.",
        "project": "The project that runs Drumbeat.",
        "ref": "A branch or tag; the default branch if left out.",
        "variables": "CI/CD variables by name. `null`: there shall be none of that name. Others "
        "are left alone.",
        "active": "Whether it runs.",
    },
}

_METRICS: dict[type[Fact], dict[str, str]] = {
    metrics.MetricsPolicy: {
        "kind": _KIND,
        "name": "Names the source where numbers are missing.",
        "about": _ABOUT,
        "source": "`file`, or `gitlab` for issues and merge requests from each report's events.",
        "file": "CSV or JSON files below the repository's top; `*` stands for any characters.",
        "columns": "What they call their columns.",
        "own_replies": "The band for replies on own tickets, in percent of public replies.",
        "baselines": "What a week comes to, by ticket type; `any` is for types without their own.",
        "late_after": "For so many days after a week's end, missing numbers are only late.",
        "enabled": _ENABLED,
    },
    metrics.Columns: {
        "person": "A user name, an id of the roster, or a name that nobody else has.",
        "week": "An ISO week such as `2026-W47`, or any day of it.",
        "solved": "Tickets solved.",
        "public_replies": "Public replies.",
        "own_replies": "Public replies on tickets of one's own.",
        "internal_notes": "Internal notes.",
        "ticket_type": "The type of the tickets; `null` where the file has none.",
    },
    metrics.Band: {"low": "From this part on.", "high": "Up to this part."},
    metrics.Baseline: {
        "solved": "Tickets solved in a week.",
        "public_replies": "Public replies in a week.",
        "internal_notes": "Internal notes in a week.",
    },
}

DESCRIPTIONS: Mapping[type[Fact], Mapping[str, str]] = (
    _SETTINGS | _ROSTER | _CADENCES | _TRIAGE | _PROVISIONS | _METRICS
)
"""What each class's own keys say, by the names that files use."""


def description(model: type[Fact], key: str) -> str:
    """What the key says, in the class itself or the nearest one above it; empty if nowhere."""
    for one in model.__mro__:
        if key in DESCRIPTIONS.get(one, {}):
            return DESCRIPTIONS[one][key]
    return ""
