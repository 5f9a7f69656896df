"""What is wrong with one document.

Each case: what is wrong, `policies/broken.yml`, and exactly what a person sees.
"""

from __future__ import annotations

import pytest

from tests.config.samples import CADENCE, SETTINGS, anna, faults, roster, triage

CASES = [
    pytest.param(
        "- kind: labels\n",
        (
            "policies/broken.yml:1:1: a document should be a mapping, not a list\n"
            "  Begin it with 'kind: …'."
        ),
        id="a list instead of a document",
    ),
    pytest.param(
        "hello\n",
        (
            "policies/broken.yml:1:1: a document should be a mapping, not the text 'hello'\n"
            "  Begin it with 'kind: …'."
        ),
        id="text instead of a document",
    ),
    pytest.param(
        "name: x\n",
        (
            "policies/broken.yml:1:1: 'kind' is missing\n"
            "  Begin the document with 'kind:' and one of: settings, roster, cadence, triage, labels, boards, schedules, metrics, adopted."
        ),
        id="a document of no kind",
    ),
    pytest.param(
        "kind: cadance\nname: x\n",
        (
            "policies/broken.yml:1:7: kind: 'cadance' is no kind of document\n"
            "  Did you mean 'cadence'? Valid here: adopted, boards, cadence, labels, metrics, roster, schedules, settings, triage."
        ),
        id="a misspelt kind",
    ),
    pytest.param(
        "kind: [cadence]\n",
        (
            "policies/broken.yml:1:7: kind: this list is no kind of document\n"
            "  Valid here: adopted, boards, cadence, labels, metrics, roster, schedules, settings, triage."
        ),
        id="a kind that is no text",
    ),
    pytest.param(
        CADENCE.replace("template:", "templte:"),
        ("policies/broken.yml:4:1: templte: unknown key 'templte'\n  Did you mean 'template'?"),
        id="a misspelt key",
    ),
    pytest.param(
        CADENCE + "rules: []\n",
        (
            "policies/broken.yml:7:1: rules: unknown key 'rules'\n"
            "  Valid here: about, assignee, backfill, carried_items, close_when, confidential, due, enabled, escalate, labels, only_when, optional, pauses, project, remind and 3 more."
        ),
        id="a key that is known elsewhere only",
    ),
    pytest.param(
        CADENCE.replace('"}', '", start: 2026-11-01}'),
        ("policies/broken.yml:6:43: schedule.start: unknown key 'start'\n  Did you mean 'starts'?"),
        id="an unknown key deep inside",
    ),
    pytest.param(
        roster(anna(", reports: [{id: se-1, username: sven, joined: 2026-01-01}]")),
        (
            "policies/broken.yml:5:87: managers[0].reports[0].joined: unknown key 'joined'\n"
            "  Valid here: away, from, holidays, name, paused, timezone, until, was."
        ),
        id="the model's name instead of YAML's",
    ),
    pytest.param(
        CADENCE.replace("period: week\n", ""),
        ("policies/broken.yml:1:1: 'period' is missing\n  Add 'period: …' here."),
        id="a missing key",
    ),
    pytest.param(
        CADENCE.replace('{rrule: "FREQ=WEEKLY;BYDAY=MO"}', "{at: 08:00}"),
        ("policies/broken.yml:6:11: schedule: 'rrule' is missing\n  Add 'rrule: …' here."),
        id="a missing key deep inside",
    ),
    pytest.param(
        roster("  - {id: mgr-1, username: 123, director: dir-1}\n"),
        (
            "policies/broken.yml:5:27: managers[0].username: should be text, not the number 123\n"
            '  Put it in quotes: "123".'
        ),
        id="a number for text",
    ),
    pytest.param(
        roster("  - {id: mgr-1, username: 0o17, director: dir-1}\n"),
        (
            "policies/broken.yml:5:27: managers[0].username: should be text, not the number 0o17\n"
            '  Put it in quotes: "0o17".'
        ),
        id="an octal number for text",
    ),
    pytest.param(
        CADENCE + "about: true\n",
        ('policies/broken.yml:7:8: about: should be text, not true\n  Put it in quotes: "true".'),
        id="a truth for text",
    ),
    pytest.param(
        CADENCE + "about: [x]\n",
        ("policies/broken.yml:7:8: about: should be text, not a list\n  Write one text."),
        id="a list for text",
    ),
    pytest.param(
        CADENCE + "about:\n",
        (
            "policies/broken.yml:7:7: about: should be text, not an empty value\n"
            "  Write a value (in quotes if it begins with '#'), or take the line out."
        ),
        id="nothing for text",
    ),
    pytest.param(
        "kind: labels\nlabels:\n  - name: SGG\n    color: #6699CC\n",
        (
            "policies/broken.yml:4:11: labels[0].color: should be text, not an empty value\n"
            "  Write a value (in quotes if it begins with '#'), or take the line out."
        ),
        id="a colour that YAML takes for a comment",
    ),
    pytest.param(
        CADENCE + 'confidential: "yes"\n',
        (
            "policies/broken.yml:7:15: confidential: should be true or false, not the text 'yes'\n"
            "  Write true or false, without quotes."
        ),
        id="text for a truth",
    ),
    pytest.param(
        CADENCE + "confidential: on\n",
        (
            "policies/broken.yml:7:15: confidential: should be true or false, not the text 'on'\n"
            "  Write true or false, without quotes."
        ),
        id="a word that YAML 1.1 takes for a truth",
    ),
    pytest.param(
        CADENCE + 'escalate: {after_missed: "2"}\n',
        (
            "policies/broken.yml:7:26: escalate.after_missed: should be a whole number, not the text '2'\n"
            "  Write it in digits, without quotes."
        ),
        id="text for a number",
    ),
    pytest.param(
        CADENCE + "escalate: {after_missed: 1.5}\n",
        (
            "policies/broken.yml:7:26: escalate.after_missed: should be a whole number, not the number 1.5\n"
            "  Write it in digits, without quotes."
        ),
        id="a fraction for a whole number",
    ),
    pytest.param(
        SETTINGS + "limits: {create: lots}\n",
        (
            "policies/broken.yml:4:18: limits.create: should be a number, not the text 'lots'\n"
            "  Write it in digits, without quotes."
        ),
        id="text for a factor",
    ),
    pytest.param(
        CADENCE + "remind: due\n",
        (
            "policies/broken.yml:7:9: remind: should be a list, not the text 'due'\n"
            "  Write [one, two], or one '- …' line for each entry."
        ),
        id="text for a list",
    ),
    pytest.param(
        CADENCE.replace('{rrule: "FREQ=WEEKLY;BYDAY=MO"}', "weekly"),
        (
            "policies/broken.yml:6:11: schedule: should be a mapping, not the text 'weekly'\n"
            "  Write one 'key: value' line for each entry."
        ),
        id="text for a mapping",
    ),
    pytest.param(
        SETTINGS + "links: none\n",
        (
            "policies/broken.yml:4:8: links: should be a mapping, not the text 'none'\n"
            "  Write one 'key: value' line for each entry."
        ),
        id="text for a mapping of links",
    ),
    pytest.param(
        CADENCE.replace('"}', '", starts: 2026-02-30}'),
        (
            "policies/broken.yml:6:51: schedule.starts: should be a date, not the text '2026-02-30'\n"
            "  Write it as year-month-day, such as 2026-11-01."
        ),
        id="a day that the calendar does not have",
    ),
    pytest.param(
        CADENCE.replace('"}', '", starts: 20261101}'),
        (
            "policies/broken.yml:6:51: schedule.starts: should be a date, not the number 20261101\n"
            "  Write it as year-month-day, such as 2026-11-01."
        ),
        id="a number for a day",
    ),
    pytest.param(
        CADENCE.replace('"}', '", at: 8}'),
        (
            "policies/broken.yml:6:47: schedule.at: should be a time of day, not the number 8\n"
            "  Write it as hours and minutes, such as 08:00."
        ),
        id="a number for a time",
    ),
    pytest.param(
        CADENCE.replace('"}', '", at: "25:00"}'),
        (
            "policies/broken.yml:6:47: schedule.at: should be a time of day, not the text '25:00'\n"
            "  Write it as hours and minutes, such as 08:00."
        ),
        id="a time that no clock shows",
    ),
    pytest.param(
        CADENCE.replace('"}', '", at: 08:00+01:00}'),
        (
            "policies/broken.yml:6:47: schedule.at: '08:00+01:00' is not a local time\n"
            "  Write it as hours and minutes, such as 08:00."
        ),
        id="a time with its zone",
    ),
    pytest.param(
        CADENCE.replace("for_each: manager", "for_each: manger"),
        (
            "policies/broken.yml:3:11: for_each: 'manger' is not valid here\n"
            "  Did you mean 'manager'? Valid here: director, group, manager, organisation, report."
        ),
        id="a misspelt subject",
    ),
    pytest.param(
        CADENCE.replace("period: week", "period: 3 weeks"),
        (
            "policies/broken.yml:5:9: period: '3 weeks' is not valid here\n"
            "  Did you mean 'week'? Valid here: day, fiscal-quarter, fiscal-year, month, week."
        ),
        id="an unknown period",
    ),
    pytest.param(
        triage(where="{group: a/b, state: open}"),
        (
            "policies/broken.yml:3:28: where.state: 'open' is not valid here\n"
            "  Did you mean 'opened'? Valid here: all, closed, opened."
        ),
        id="an unknown state",
    ),
    pytest.param(
        triage("{label: y, comment: c.md, mention: [all]}"),
        (
            "policies/broken.yml:4:68: rules[0].do.mention[0]: 'all' is not valid here\n"
            "  Valid here: assignees, author, group.managers, group.sponsor."
        ),
        id="somebody who cannot be mentioned",
    ),
    pytest.param(
        CADENCE.replace("name: one-on-one", "name: One on one"),
        (
            "policies/broken.yml:2:7: name: 'One on one' is not fit to be an id or a name\n"
            "  Use lower-case letters, digits and hyphens, and begin with a letter or a digit."
        ),
        id="a name with blanks",
    ),
    pytest.param(
        CADENCE.replace("name: one-on-one", "name: " + "a" * 65),
        (
            "policies/broken.yml:2:7: name: 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa… has 65 characters\n"
            "  Use 64 at most."
        ),
        id="a name that is too long",
    ),
    pytest.param(
        roster("  - {id: mgr-1, username: anna berg, director: dir-1}\n"),
        (
            "policies/broken.yml:5:27: managers[0].username: 'anna berg' is not a GitLab user name\n"
            "  Use letters, digits, '_', '-' and '.', with no '.' at the beginning or the end."
        ),
        id="a user name with a blank",
    ),
    pytest.param(
        roster(anna(", timezone: Europe/Dubln")),
        (
            "policies/broken.yml:5:60: managers[0].timezone: 'Europe/Dubln' is not a time zone of the IANA database\n"
            "  Did you mean 'Europe/Dublin'?"
        ),
        id="a misspelt time zone",
    ),
    pytest.param(
        roster(anna(", timezone: X")),
        (
            "policies/broken.yml:5:60: managers[0].timezone: 'X' is not a time zone of the IANA database\n"
            "  Write one such as Europe/Dublin, America/New_York or UTC."
        ),
        id="a time zone like nothing on earth",
    ),
    pytest.param(
        "kind: settings\nloops_group: https://gitlab.com/support\ndefault_project: a/b\n",
        (
            "policies/broken.yml:2:14: loops_group: 'https://gitlab.com/support' is not a full path\n"
            "  Write it as in the address, such as support/loops, with no host and no slash around."
        ),
        id="a path that is an address",
    ),
    pytest.param(
        CADENCE.replace("one-on-one.md", "../secret.md"),
        (
            "policies/broken.yml:4:11: template: '../secret.md' is not the path of a template\n"
            "  Write it as it stands below issue_templates/, such as one-on-one.md."
        ),
        id="a template outside the folder",
    ),
    pytest.param(
        CADENCE.replace("one-on-one.md", "one-on-one.txt"),
        (
            "policies/broken.yml:4:11: template: 'one-on-one.txt' is not the path of a template\n"
            "  Write it as it stands below issue_templates/, such as one-on-one.md."
        ),
        id="a template that is no Markdown",
    ),
    pytest.param(
        "kind: labels\nlabels: [{name: SGG, color: red}]\n",
        (
            "policies/broken.yml:2:29: labels[0].color: 'red' is not a colour\n"
            "  Write it in quotes, such as '#6699CC'."
        ),
        id="a colour by name",
    ),
    pytest.param(
        "kind: labels\nlabels: [{name: 'a, b'}]\n",
        (
            "policies/broken.yml:2:17: labels[0].name: 'a, b' has a comma\n"
            "  Leave it out: GitLab's API would read two labels."
        ),
        id="a label with a comma",
    ),
    pytest.param(
        "kind: labels\nlabels: [{name: ~bug}]\n",
        (
            "policies/broken.yml:2:17: labels[0].name: '~bug' is not a label's name\n"
            '  Use none of ? & " and no line break in it, and no ~ before it.'
        ),
        id="a label as it is written in a comment",
    ),
    pytest.param(
        "kind: labels\nlabels: [{name: ''}]\n",
        (
            "policies/broken.yml:2:17: labels[0].name: '' is empty or has blanks around it\n"
            "  Write the label's bare name."
        ),
        id="an empty label",
    ),
    pytest.param(
        SETTINGS + "fiscal_year_start: 13\n",
        (
            "policies/broken.yml:4:20: fiscal_year_start: 13 is out of range\n"
            "  Write a number of at most 12."
        ),
        id="a month that is none",
    ),
    pytest.param(
        CADENCE + "escalate: {after_missed: 0}\n",
        (
            "policies/broken.yml:7:26: escalate.after_missed: 0 is out of range\n"
            "  Write a number of at least 1."
        ),
        id="a number that is too small",
    ),
    pytest.param(
        SETTINGS + "limits: {create: 0}\n",
        ("policies/broken.yml:4:18: limits.create: 0 is out of range\n  Write a number above 0."),
        id="a factor of nought",
    ),
    pytest.param(
        SETTINGS + "limits: {create: .nan}\n",
        (
            "policies/broken.yml:4:18: limits.create: .nan is out of range\n"
            "  Write a number of at most 100."
        ),
        id="a factor that is no number",
    ),
    pytest.param(
        CADENCE.replace("FREQ=WEEKLY;BYDAY=MO", ""),
        ("policies/broken.yml:6:19: schedule.rrule: the text is empty\n  Write it."),
        id="an empty rule",
    ),
    pytest.param(
        "kind: triage\nname: x\nwhere: {group: a/b}\nrules: []\n",
        ("policies/broken.yml:4:8: rules: the list is empty\n  Add an entry."),
        id="an empty list",
    ),
    pytest.param(
        CADENCE + "close_when: [" + "{section: a}, " * 51 + "]\n",
        ("policies/broken.yml:7:13: close_when: this list has 51 entries\n  Use 50 at most."),
        id="a list that is too long",
    ),
    pytest.param(
        CADENCE + "due: friday\n",
        (
            "policies/broken.yml:7:6: due: 'friday' is not a due date\n"
            "  Write `4 working days`, `10 days` or `end of period`."
        ),
        id="a due date in other words",
    ),
    pytest.param(
        CADENCE + "due: 400 days\n",
        (
            "policies/broken.yml:7:6: due: '400 days' is not a due date\n"
            "  Write a number of days from 1 to 366."
        ),
        id="a due date too far away",
    ),
    pytest.param(
        CADENCE + "remind: [due, tomorrow]\n",
        (
            "policies/broken.yml:7:15: remind[1]: 'tomorrow' is not a reminder\n"
            "  Write `1 day before due`, `due` or `2 days after due`."
        ),
        id="a reminder in other words",
    ),
    pytest.param(
        SETTINGS + "links: {Hand book: x}\n",
        (
            "policies/broken.yml:4:9: links['Hand book']: 'Hand book' is not fit to be the name of a link\n"
            "  Use lower-case letters, digits and '_', so that templates can say "
            "links.week_in_review."
        ),
        id="a key of a link with a blank",
    ),
    pytest.param(
        CADENCE + "close_when: al\n",
        (
            "policies/broken.yml:7:13: close_when: 'al' is not a rule for closing\n"
            "  Write all, any, {at_least: 2}, or a list of {section: …, done: …} / {each: report, done: …}."
        ),
        id="a misspelt rule for closing",
    ),
    pytest.param(
        CADENCE + "close_when: 2\n",
        (
            "policies/broken.yml:7:13: close_when: 2 is not a rule for closing\n"
            "  Write all, any, {at_least: 2}, or a list of {section: …, done: …} / {each: report, done: …}."
        ),
        id="a number as rule for closing",
    ),
    pytest.param(
        CADENCE + "close_when: {section: Tickets, done: any}\n",
        (
            "policies/broken.yml:7:13: close_when: this mapping is not a rule for closing\n"
            "  Write all, any, {at_least: 2}, or a list of {section: …, done: …} / {each: report, done: …}."
        ),
        id="one section that is no list",
    ),
    pytest.param(
        CADENCE + "close_when: {atleast: 2}\n",
        (
            "policies/broken.yml:7:14: close_when.atleast: unknown key 'atleast'\n"
            "  Did you mean 'at_least'?"
        ),
        id="a misspelt count",
    ),
    pytest.param(
        CADENCE + 'close_when: {at_least: "2"}\n',
        (
            "policies/broken.yml:7:24: close_when.at_least: should be a whole number, not the text '2'\n"
            "  Write it in digits, without quotes."
        ),
        id="a count in quotes",
    ),
    pytest.param(
        CADENCE + "close_when: [Tickets]\n",
        (
            "policies/broken.yml:7:14: close_when[0]: 'Tickets' is not a rule for a section\n"
            "  Write {section: …, done: …} or {each: report, done: …}."
        ),
        id="a section rule that is text",
    ),
    pytest.param(
        CADENCE + "close_when: [{done: any}]\n",
        (
            "policies/broken.yml:7:14: close_when[0]: this mapping is not a rule for a section\n"
            "  Write {section: …, done: …} or {each: report, done: …}."
        ),
        id="a section rule without its section",
    ),
    pytest.param(
        CADENCE + "close_when: [{section: Tickets, dune: any}]\n",
        (
            "policies/broken.yml:7:33: close_when[0].dune: unknown key 'dune'\n"
            "  Did you mean 'done'?"
        ),
        id="a misspelt key of a section rule",
    ),
    pytest.param(
        CADENCE + "close_when: [{section: Tickets, done: some}]\n",
        (
            "policies/broken.yml:7:39: close_when[0].done: 'some' is not a rule for boxes\n"
            "  Write all, any or {at_least: 2}."
        ),
        id="a bad rule for a section",
    ),
    pytest.param(
        CADENCE + "close_when: [{each: manager}]\n",
        (
            "policies/broken.yml:7:21: close_when[0].each: 'manager' is not valid here\n"
            "  Valid here: report."
        ),
        id="a section for each of something else",
    ),
    pytest.param(
        roster(anna(", away: [{from: 2026-12-21, to: 2026-12-01}]")),
        "policies/broken.yml:5:57: managers[0].away[0]: this mapping ends on 2026-12-01, before it begins on 2026-12-21",
        id="an absence that ends before it begins",
    ),
    pytest.param(
        roster(
            anna(", reports: [{id: se-1, username: sven, from: 2026-02-01, until: 2026-01-01}]")
        ),
        "policies/broken.yml:5:60: managers[0].reports[0]: this mapping ends on 2026-01-01, before it begins on 2026-02-01",
        id="a report who leaves before joining",
    ),
    pytest.param(
        triage(where="{labels: [a]}"),
        (
            "policies/broken.yml:3:8: where: this mapping has neither 'group' nor 'project'\n"
            "  Give one of them."
        ),
        id="a triage policy that looks nowhere",
    ),
    pytest.param(
        triage(where="{group: a, project: a/b}"),
        (
            "policies/broken.yml:3:8: where: this mapping has both 'group' and 'project'\n"
            "  Give one of them."
        ),
        id="a triage policy that looks in two places",
    ),
    pytest.param(
        triage("{}"),
        (
            "policies/broken.yml:4:32: rules[0].do: this mapping does nothing\n"
            "  Give at least one of label, unlabel, comment, close …"
        ),
        id="a triage rule that does nothing",
    ),
    pytest.param(
        triage("{label: y, mention: [author]}"),
        (
            "policies/broken.yml:4:32: rules[0].do: this mapping has 'mention' without 'comment'\n"
            "  Give the comment that it is about."
        ),
        id="a mention without a comment",
    ),
    pytest.param(
        triage("{label: y, comment: c.md, repeat_after: 7}"),
        (
            "policies/broken.yml:4:32: rules[0].do: this mapping has 'repeat_after', which is for comments without a label\n"
            "  Leave it out: with a label, the comment comes again when the label did."
        ),
        id="a comment that comes again, with a label",
    ),
    pytest.param(
        triage("{comment: c.md, internal: true, thread: true}"),
        (
            "policies/broken.yml:4:32: rules[0].do: this mapping has 'thread' and 'internal'\n"
            "  Leave one of them out: GitLab's API makes no internal threads."
        ),
        id="an internal thread",
    ),
    pytest.param(
        triage("{close: true, reopen: true}"),
        (
            "policies/broken.yml:4:32: rules[0].do: this mapping both closes and reopens\n"
            "  Leave one of them out."
        ),
        id="a rule that closes and reopens",
    ),
    pytest.param(
        triage("{due: end of period}"),
        (
            "policies/broken.yml:4:38: rules[0].do.due: 'end of period' has no period here\n"
            "  Write `4 working days` or `10 days`."
        ),
        id="a due date at the end of no period",
    ),
    pytest.param(
        triage("{label: 'a,b'}"),
        (
            "policies/broken.yml:4:40: rules[0].do.label: 'a,b' has a comma\n"
            "  Leave it out: GitLab's API would read two labels."
        ),
        id="one label that is two",
    ),
]


@pytest.mark.parametrize(("text", "message"), CASES)
def test_a_person_sees(text, message, tmp_path):
    files = {"broken": text} if "kind: settings" in text else {"a": SETTINGS, "broken": text}
    assert faults(tmp_path, **files) == [message]
