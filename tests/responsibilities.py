"""What a support engineering manager answers for, and the words that a loop shows for it.

Each entry is a responsibility in our own words, the policy that serves it, and a part of the
text that an issue or a comment of that policy shows. `ROWS` are those that Drumbeat was built
from, by number; `HANDBOOK` are the points of the handbook page behind them.
"""

from __future__ import annotations

from typing import NamedTuple


class Served(NamedTuple):
    """A responsibility and what shows that it is served."""

    what: str
    policy: str
    text: str


ROWS: dict[int, tuple[Served, ...]] = {
    1: (Served("a talk with each report every week", "one-on-one", "this week's 1:1s"),),
    2: (
        Served("two tickets of each report reviewed", "ticket-review", "- [ ] Ticket 2 (link)"),
        Served("how they were handled", "ticket-review", "**Collaboration:**"),
    ),
    3: (Served("share of replies on own tickets", "one-on-one", "Replies on own tickets: 55 %"),),
    4: (Served("baseline by type of ticket", "one-on-one", "in four weeks below the baseline"),),
    5: (Served("what was notable", "one-on-one", "incidents, emergencies and customer calls"),),
    6: (Served("career, once a quarter", "career-talk", "- [ ] Talk held, and one next step"),),
    7: (
        Served("a ticket of one's own", "customer-interaction", "from the first reply to the clos"),
        Served("a pairing session", "customer-interaction", "Join a pairing session"),
        Served("a call", "customer-interaction", "Join a scheduled or emergency"),
    ),
    8: (Served("stuck initiatives", "stale-initiatives", "has been quiet for at least"),),
    9: (
        Served("wellbeing of groups", "group-health", "**Wellbeing:**"),
        Served("what blocks them", "group-health", "**Blockers:**"),
        Served("priorities shifted", "group-health", "**Priorities:**"),
        Served("expectations said", "group-health", "**Expectations:**"),
    ),
    10: (Served("what groups did well, told", "community", "**Amplified:**"),),
    11: (
        Served("service levels", "service-review", "**Service levels:**"),
        Served("indicators", "service-review", "**KPIs:**"),
        Served("satisfaction", "service-review", "**SSAT:**"),
    ),
    12: (
        Served("on call as manager", "on-call", "Emergencies and escalations:"),
        Served("the team's rota", "on-call", "Gaps and swaps of the next two weeks"),
    ),
    13: (
        Served("the week in review", "week-in-review", "is read."),
        Served("what the company changes", "week-in-review", "Company news, product"),
    ),
    14: (
        Served("processes made better", "process-improvement", "you as the responsible person"),
        Served("quiet meta issues", "meta-issues", "You are asked as the responsible person"),
    ),
    15: (Served("counterparts", "stable-counterparts", "section's or department's counterpart"),),
    16: (Served("feedback from all sides", "feedback-360", "Feedback talked through"),),
    17: (
        Served("performance factor", "compensation-review", "**Performance factor:**"),
        Served("pay", "compensation-review", "**Compensation:**"),
    ),
    18: (Served("hiring", "hiring", "**Assessments:**"),),
    19: (Served("own learning", "learning-plan", "One topic for the quarter"),),
    20: (
        Served("opportunities", "team-growth", "A project, a training or a role that fits"),
        Served("reviews", "team-growth", "merge requests that wait for you"),
        Served("questions to the people group", "team-growth", "Questions for the people group"),
    ),
    21: (Served("support leadership", "week-in-review", "## Support leadership"),),
    22: (Served("what to be proud of", "one-on-one", "**Proud of:**"),),
    23: (Served("known hazards", "learning-plan", "## Hazards and challenges"),),
    24: (Served("workflows known", "team-growth", "**Workflows and escalation paths:**"),),
    25: (Served("nobody left out", "community", "Meetings, times and words leave nobody out"),),
    26: (Served("strategy across groups", "group-health", "**Strategy:**"),),
    27: (Served("other departments", "service-review", "**Sales, Pricing, Product:**"),),
    28: (Served("chat", "week-in-review", "Questions are asked and answered in the channels"),),
    29: (Served("interviewers trained", "hiring", "have started the training"),),
}

_FIRST_AIM = (
    Served("customers are content", "service-review", "what customers told us"),
    Served("known hazards read", "learning-plan", "are read again: which of them is ours"),
    Served("service levels and indicators", "service-review", "**Service levels:**"),
    Served("the tools for tickets", "team-growth", "ticket system, chat and GitLab"),
    Served("on call for emergencies", "on-call", "Emergencies and escalations:"),
    Served("customers' feedback answered", "service-review", "every new rating of your team"),
    Served("dashboards opened in person", "service-review", "you opened the"),
    Served("with Sales, Pricing, Product", "service-review", "which company initiatives change"),
    Served("coaching in communication", "team-growth", "**Communication:** one technique"),
    Served("ways of escalation", "team-growth", "the page says it"),
    Served("reports on the rota", "on-call", "Everybody of your team who was on call"),
    Served("customer calls joined", "on-call", "where an engineer asked"),
    Served("responsible for meta issues", "process-improvement", "**Propose or take one:**"),
    Served("week in review written to", "week-in-review", "You added something to it"),
    Served("counterparts of one's own", "stable-counterparts", "You spoke with your section's"),
)
_SECOND_AIM = (
    Served("people are supported", "one-on-one", "**Wellbeing:**"),
    Served("connections between regions", "community", "**Across regions:**"),
    Served("belonging", "community", "## Belonging"),
    Served("weekly meetings", "week-in-review", "joined, or its notes are read"),
    Served("informal talks", "week-in-review", "One informal talk with a colleague"),
    Served("1:1s", "one-on-one", "**Next:** last week's promises"),
    Served("projects and roles", "team-growth", "A project, a training or a role that fits"),
    Served("reports who are counterparts", "stable-counterparts", "has time for it"),
    Served("career development", "career-talk", "Talk with each of your reports"),
    Served("360 reviews", "feedback-360", "Feedback given to everybody who asked"),
    Served("performance and pay", "compensation-review", "**Talk held:**"),
    Served("questions about people matters", "team-growth", "handed on with a date"),
    Served("issues and merge requests", "team-growth", "reviewed, approved or merged"),
    Served("rest after the rota", "on-call", "got their rest"),
    Served("own skills by learning", "learning-plan", "You learn, too."),
    Served("own skills by doing", "customer-interaction", "the team's own work this week"),
    Served("interview training", "hiring", "You did the interview training"),
    Served("times for interviews", "hiring", "**Slots:**"),
    Served("the hiring process", "hiring", "know today's"),
    Served("hiring plans", "hiring", "**Plan:** the hiring plan"),
    Served("assessments graded", "hiring", "of engineers and of managers, are graded"),
    Served("candidates with the recruiter", "hiring", "on where new ones may be found"),
    Served("engineers trained to interview", "hiring", "## Once a quarter: interviewers"),
    Served("groups that help themselves", "community", "**Coached:**"),
    Served("team building", "community", "**Together:**"),
    Served("successes and difficulties", "community", "one success and one difficulty of each"),
    Served("work across groups", "community", "**Across groups:**"),
    Served("guide for what is stuck", "stale-initiatives", "one of these is enough to move it"),
    Served("health of groups", "group-health", "**Collaboration:**"),
    Served("load of people", "group-health", "nobody carries more of them than they can"),
    Served("clear expectations", "group-health", "everybody knows what is expected of them"),
    Served("strategies together", "group-health", "what the groups do together this quarter"),
)
_CHAT = (
    Served("questions in chat, and pride", "week-in-review", "chat is hard to track"),
    *(
        Served(f"the channel {name}", "week-in-review", name)
        for name in (
            "support_leadership",
            "support_ticket-attention-requests",
            "spt_hiring",
            "support_team_chat",
            "thanks",
            "team-member-updates",
            "managers",
            "eng-managers",
        )
    ),
)
_TALKS = (
    Served("two tickets each", "ticket-review", "- [ ] Ticket 1 (link)"),
    Served("half of the replies on own tickets", "one-on-one", "band of 50–60 %"),
    Served("at the baseline", "one-on-one", "internal notes; in four weeks"),
    Served("incidents and calls", "one-on-one", "**Notable:**"),
    Served("career plans", "career-talk", "one next step agreed"),
)
_LEARNING = (
    Served("psychological safety", "learning-plan", "Psychological safety"),
    Served("time", "learning-plan", "Managing your time"),
    Served("leading", "learning-plan", "- Leadership"),
    Served("coaching", "learning-plan", "- Coaching"),
    Served("inclusion", "learning-plan", "Diversity, inclusion and belonging"),
    Served("remote work", "learning-plan", "Working remotely"),
    Served("support elsewhere", "learning-plan", "Trends in support elsewhere"),
    Served("resource groups", "learning-plan", "**Resource groups:**"),
    Served("book club", "learning-plan", "**Book club:**"),
    Served("courses outside", "learning-plan", "a certificate of an outside provider"),
)
_DOING = (
    Served("a ticket to its end", "customer-interaction", "Own a ticket"),
    Served("pairing", "customer-interaction", "with one or more engineers"),
    Served("calls", "customer-interaction", "emergency [customer call]"),
)

HANDBOOK = (*_FIRST_AIM, *_SECOND_AIM, *_CHAT, *_TALKS, *_LEARNING, *_DOING)
