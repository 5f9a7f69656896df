"""The documents that the design shows, word for word."""

POLICIES = """\
kind: cadence
name: one-on-one
about: Weekly 1:1 with each direct report
for_each: manager              # manager | report | group | director | organisation
template: one-on-one.md        # issue_templates/one-on-one.md
project: support/1-1s/{{ manager.username }}   # any field may be an expression
period: week                   # day | week | month | fiscal-quarter | fiscal-year
schedule: {rrule: "FREQ=WEEKLY;BYDAY=MO", at: "08:00", starts: 2026-11-01}   # subject's own time zone
due: 4 working days            # never on the subject's holidays or absences, nor before one working day
confidential: true
close_when: all                # all | any | {at_least: 2} | by section, also for each report
remind: [1 day before due, due, 2 days after due]
when_previous_open: carry_over # carry_over | wait | keep_both
escalate: {after_missed: 2, to: director}
---
kind: cadence
name: customer-interaction
for_each: manager
template: customer-interaction.md
period: week
schedule: {rrule: "FREQ=WEEKLY;BYDAY=MO", at: "08:00"}
due: 4 working days
close_when:                    # sections are the template's headings
  - section: This week I did
    done: any                  # one or more of the three activities
---
kind: cadence
name: ticket-review
for_each: manager
template: ticket-review.md
period: week
schedule: {rrule: "FREQ=WEEKLY;BYDAY=MO", at: "08:00"}
due: 4 working days
close_when:
  - each: report               # the template gives every report a section of their own
    done: {at_least: 2}
---
kind: triage
name: stale-initiatives
where: {group: support/sgg, state: opened, labels: [SGG], without: ["initiative::paused"]}
rules:
  - name: stale
    when: quiet_for > days(21)
    do: {label: "initiative::stale", comment: stale-initiative.md, mention: [group.managers]}
  - name: revived
    when: has("initiative::stale") and quiet_for <= days(21)
    do: {unlabel: "initiative::stale"}
"""

ORGANISATION = """\
kind: settings
loops_group: support           # the common ancestor: labels and boards live here
default_project: support/loops
fiscal_year_start: 2
drumbeat_users: [support-drumbeat]
limits: {create: 1.2, close: 1.2, notes: 200, mentions_per_person: 5}
---
kind: roster
directors:
  - {id: dir-emea, username: dir-emea, name: …, timezone: Europe/Dublin}
managers:
  - id: mgr-emea-1             # permanent, part of every key
    username: mgr-emea-1       # today's GitLab name
    director: dir-emea
    timezone: Europe/Dublin
    holidays: IE
    away: [{from: 2026-12-21, to: 2027-01-04, cover: mgr-emea-2}]
    on_call: [{from: 2026-11-23, to: 2026-11-29}]
    reports:
      - {id: se-101, username: se-101, timezone: Europe/Madrid, from: 2025-03-01}
groups:
  - {id: baobab, project: support/sgg/baobab, sponsor: mgr-emea-1, timezone: UTC}
"""

SECOND_MANAGER = """\
kind: roster
managers:
  - {id: mgr-emea-2, username: mgr-emea-2, director: dir-emea}
"""
