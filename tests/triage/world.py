"""A GitLab in memory with one group of initiatives, triaged at a time that tests move."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from automation.apply import apply
from automation.model.change import CreateIssue, Status, Transition
from automation.model.issue import Issue
from automation.model.triage import TriagePolicy
from automation.planner import make_plan
from tests.support.builders import MONDAY, OrgBuilder
from tests.support.fake_gitlab import BOT, FakeGitLab

BAOBAB = "support/sgg/baobab"


class World:
    """Policies are facts: `World(tmp_path, rule(…), rule(…))`, or several policies."""

    def __init__(self, folder: Any, *rules: Any, where: Any = None, more: Any = ()) -> None:
        self.org = OrgBuilder(folder).with_manager("mgr-1").with_manager("mgr-2")
        self.org.with_group("baobab", managers=["mgr-2"])
        self.org.with_template("hi.md", "Hi {{ mentions }}").with_template("note.md", "A note")
        last = "Last: {{ last_word.author if last_word else 'nobody' }}"
        self.org.with_template("last.md", last)
        self.org.with_template("more.md", "More on {{ issue.title }}")
        self.org.with_template(
            "list.md",
            "{% for one in matches %}\n- {{ one.reference }} {{ one.title }}\n{% endfor %}",
        )
        self.rules(*rules, where=where, more=more)
        self.now = MONDAY
        self.gitlab = FakeGitLab(MONDAY - timedelta(days=90))
        self.gitlab.with_project(BAOBAB)
        self.gitlab.with_project("support/loops")
        self.person = self.gitlab.with_user("se-1")
        for name in ("mgr-1", "mgr-2"):
            self.gitlab.with_user(name)

    def rules(self, *rules: Any, where: Any = None, more: Any = ()) -> None:
        """From now on, these are the rules."""
        self.org.triages.clear()
        for name, where_it, its_rules in [("first", where, rules), *more]:
            if its_rules:
                place = {"group": "support/sgg", **(where_it or {})}
                facts = {"name": name, "where": place, "rules": list(its_rules)}
                self.org.triages.append(TriagePolicy.model_validate(facts))
        self.loops = self.org.loops()

    def open(self, days_ago: float = 30, title: str = "Runbook", **facts: Any) -> Issue:
        late = {name: facts.pop(name) for name in list(facts) if name not in _EARLY}
        self.gitlab.now = self.now - timedelta(days=days_ago, minutes=1)
        facts.setdefault("author", self.person)
        issue = self.gitlab.open(facts.pop("project", BAOBAB), title, **facts)
        return self.gitlab._update(issue.ref, **late) if late else issue

    def plan(self) -> Any:
        self.gitlab.now = max(self.gitlab.now, self.now)
        self.gitlab.asked.clear()
        return make_plan(self.loops, self.gitlab, self.now)

    def changes(self) -> list[Transition]:
        return [one for one in self.plan().changes if isinstance(one, Transition)]

    def opened(self) -> list[CreateIssue]:
        return [one for one in self.plan().changes if isinstance(one, CreateIssue)]

    def run(self) -> Any:
        plan = self.plan()
        told = list(apply(plan, self.gitlab))
        assert [one for one in told if one.status is not Status.DONE] == []
        return plan

    def settle(self) -> Any:
        """Run; a plan right after is empty (law 10)."""
        plan = self.run()
        again = self.plan()
        assert again.changes == (), again.changes
        return plan

    def now_is(self, issue: Issue) -> Issue:
        return self.gitlab.current(issue)

    def said(self, issue: Issue) -> list[str]:
        notes = self.gitlab.notes[issue.ref]
        return [one.body for one in notes if one.author == BOT and not one.system]

    def later(self, **span: float) -> None:
        self.now += timedelta(**span)
        self.gitlab.now = self.now


_EARLY = {"project", "description", "author", "labels", "assignees", "due_date", "confidential"}


def rule(name: str, when: str = "true", limits: Any = None, **do: Any) -> dict[str, Any]:
    return {"name": name, "when": when, "do": do, "limits": limits or {}}
