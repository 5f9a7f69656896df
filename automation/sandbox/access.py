"""Roles and what they allow, read from GitLab's permission tables and policies.

A role counts from the project or from any group above it, the highest wins. Everything
that is asked often is answered from one load of the caller's memberships.
"""

from __future__ import annotations

from functools import cached_property

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from automation.sandbox.schema import Issue, Member, Namespace, Note, Project, User

MINIMAL, GUEST, PLANNER, REPORTER = 5, 10, 15, 20
SECURITY_MANAGER, DEVELOPER, MAINTAINER, OWNER, ADMIN = 25, 30, 40, 50, 60
LEVELS = (MINIMAL, GUEST, PLANNER, REPORTER, SECURITY_MANAGER, DEVELOPER, MAINTAINER, OWNER)


def current_members(today: str) -> ColumnElement[bool]:
    """A condition: the membership has not expired."""
    return or_(Member.expires_at.is_(None), Member.expires_at > today)


class Access:
    """The rights of one caller, who may be nobody (`None`)."""

    def __init__(self, session: Session, user: User | None, today: str) -> None:
        self._session = session
        self.user = user
        self.today = today

    @property
    def admin(self) -> bool:
        """Whether the caller is an administrator."""
        return self.user is not None and self.user.admin

    @cached_property
    def _roles(self) -> tuple[dict[int, int], dict[int, int]]:
        projects: dict[int, int] = {}
        groups: dict[int, int] = {}
        if self.user is not None:
            wanted = select(Member.project_id, Member.group_id, Member.access_level)
            mine = wanted.where(Member.user_id == self.user.id, current_members(self.today))
            for project, group, level in self._session.execute(mine):
                if project is not None:
                    projects[project] = level
                if group is not None:
                    groups[group] = level
        return projects, groups

    @property
    def project_roles(self) -> dict[int, int]:
        """The caller's own roles by project id."""
        return self._roles[0]

    @property
    def group_roles(self) -> dict[int, int]:
        """The caller's own roles by group id."""
        return self._roles[1]

    @cached_property
    def reached_groups(self) -> set[int]:
        """Groups that contain a project or a subgroup of the caller's."""
        of_projects = (
            select(Namespace.lineage).join(Project).where(Project.id.in_(self.project_roles))
        )
        of_groups = select(Namespace.lineage).where(Namespace.id.in_(self.group_roles))
        lineages = [*self._session.scalars(of_projects), *self._session.scalars(of_groups)]
        return {int(part) for lineage in lineages for part in lineage.split("/") if part}

    def inherited_level(self, namespace: Namespace) -> int:
        """The highest role in a group and the groups above it, 0 for none."""
        if namespace.kind == "user":
            return OWNER if self.user is not None and namespace.owner_id == self.user.id else 0
        return max((self.group_roles.get(i, 0) for i in namespace.lineage_ids), default=0)

    def group_level(self, group: Namespace) -> int:
        """What the caller counts as in a group; administrators above Owner."""
        return ADMIN if self.admin else self.inherited_level(group)

    def project_level(self, project: Project) -> int:
        """What the caller counts as in a project; administrators above Owner."""
        if self.admin:
            return ADMIN
        own = self.project_roles.get(project.id, 0)
        return max(own, self.inherited_level(project.namespace))

    def sees(self, visibility: str, level: int, least: int = GUEST) -> bool:
        """Whether someone of that role may see a thing of that visibility."""
        open_to_all = visibility == "public" or (
            visibility == "internal" and self.user is not None and not self.user.external
        )
        return open_to_all or level >= least

    def reads_project(self, project: Project) -> bool:
        """Whether the project exists for the caller."""
        return self.sees(project.visibility, self.project_level(project))

    def reads_group(self, group: Namespace) -> bool:
        """Whether the group exists for the caller: members below it see it too."""
        return (
            self.sees(group.visibility, self.group_level(group), MINIMAL)
            or group.id in self.reached_groups
        )

    def uses_issues(self, project: Project) -> bool:
        """Whether the issue feature is there for the caller."""
        if project.issues_access_level == "disabled" or not self.reads_project(project):
            return False
        return project.issues_access_level != "private" or self.project_level(project) >= GUEST

    def manages_issues(self, project: Project) -> bool:
        """Labels, assignees, dates, boards, other people's issues: Planner and above."""
        return self.project_level(project) >= PLANNER and not project.read_only

    def own_issue(self, issue: Issue) -> bool:
        """Whether the caller wrote it or is assigned to it."""
        me = self.user
        if me is None:
            return False
        return issue.author_id == me.id or any(a.id == me.id for a in issue.assignees)

    def reads_issue(self, issue: Issue) -> bool:
        """Whether the issue exists for the caller."""
        if not self.uses_issues(issue.project):
            return False
        if not issue.confidential or self.project_level(issue.project) >= PLANNER:
            return True
        return self.own_issue(issue)

    def updates_issue(self, issue: Issue) -> bool:
        """Title, description, state: Planner and above, the author and the assignees."""
        if issue.project.read_only or not self.reads_issue(issue):
            return False
        return self.project_level(issue.project) >= PLANNER or self.own_issue(issue)

    def sets_metadata(self, issue: Issue) -> bool:
        """Labels, assignees, due date, milestone, confidentiality of an existing issue."""
        return self.reads_issue(issue) and self.manages_issues(issue.project)

    def creates_issue(self, project: Project) -> bool:
        """Anyone who is logged in and uses the project's issues."""
        return self.user is not None and self.uses_issues(project) and not project.read_only

    def deletes_issue(self, issue: Issue) -> bool:
        """Owners and Planners, and who wrote it; nobody between them."""
        if issue.project.read_only or not self.reads_issue(issue) or self.user is None:
            return False
        level = self.project_level(issue.project)
        return level >= OWNER or level == PLANNER or issue.author_id == self.user.id

    def writes_notes(self, issue: Issue) -> bool:
        """Whether the caller may comment; a locked discussion is for members only."""
        if self.user is None or issue.project.read_only or not self.reads_issue(issue):
            return False
        return not issue.discussion_locked or self.project_level(issue.project) >= GUEST

    def reads_internal(self, issue: Issue) -> bool:
        """Whether internal notes exist for the caller."""
        return self.project_level(issue.project) >= PLANNER

    def reads_note(self, note: Note, issue: Issue) -> bool:
        """Whether this note exists for the caller: an internal one not even for its author."""
        return not note.internal or self.reads_internal(issue)

    def edits_note(self, note: Note, issue: Issue) -> bool:
        """Who wrote it, and Maintainers; nobody edits what the system wrote."""
        if note.system or self.user is None or issue.project.read_only:
            return False
        mine = note.author_id == self.user.id
        return mine or self.project_level(issue.project) >= MAINTAINER
