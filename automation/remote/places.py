"""Reads groups and projects, and what they have beside issues."""

from __future__ import annotations

from collections.abc import Mapping

from automation.errors import RemoteError
from automation.model.issue import (
    Access,
    Board,
    Label,
    Milestone,
    Project,
    Role,
    Schedule,
    Variable,
)
from automation.model.questions import (
    AccessTo,
    BoardsOf,
    LabelsOf,
    MilestonesOf,
    ProjectAt,
    SchedulesOf,
    ScheduleVariablesOf,
    VariableAt,
)
from automation.remote import convert
from automation.remote.calls import quoted
from automation.remote.fields import Fields
from automation.remote.pages import Listing
from automation.remote.sections import Section, home, labels_listing

PlaceQuestion = (
    AccessTo
    | ProjectAt
    | LabelsOf
    | BoardsOf
    | MilestonesOf
    | SchedulesOf
    | ScheduleVariablesOf
    | VariableAt
)


class PlaceReader(Section):
    """Answers questions about groups and projects."""

    def read(self, question: PlaceQuestion) -> object:
        """The answer; raises RemoteError where there is none."""
        match question:
            case AccessTo(group):
                return self._access(group)
            case ProjectAt(path):
                return self._project(path)
            case LabelsOf(place, in_group):
                return self._labels(place, in_group=in_group)
            case BoardsOf(place, in_group):
                return self._boards(place, in_group=in_group)
            case MilestonesOf(project_id):
                return self._milestones(project_id)
            case SchedulesOf(path):
                return self._schedules(path)
            case ScheduleVariablesOf(path, schedule_id):
                return self._schedule_variables(path, schedule_id)
        return self._variable(question)

    def _access(self, group: str) -> Access:
        # `min_access_level` counts inherited roles too: GitLab looks it up in its table of
        # project authorizations (`GroupProjectsFinder`, `visible_to_user_and_access_level`).
        query = {
            "include_subgroups": "true",
            "with_shared": "false",
            "min_access_level": int(Role.PLANNER),
            "order_by": "id",
            "sort": "asc",
        }
        listing = Listing(f"/groups/{quoted(group)}/projects", query, f"projects of {group}")
        projects = [convert.project(fields) for fields in self._all(listing)]
        below = f"{group}/".lower()
        return Access({one.path: one for one in projects if one.path.lower().startswith(below)})

    def _project(self, path: str) -> Project | None:
        found = self._found(home(path, in_group=False), "the project")
        return convert.project(found) if found else None

    def _labels(self, place: str, *, in_group: bool) -> tuple[Label, ...]:
        listing = labels_listing(place, in_group=in_group)
        return tuple(convert.label(fields) for fields in self._all(listing))

    def _boards(self, place: str, *, in_group: bool) -> tuple[Board, ...]:
        path = home(place, in_group=in_group) + "/boards"
        boards = self._all(Listing(path, {}, f"boards of {place}"))
        return tuple(convert.board(fields) for fields in boards)

    def _milestones(self, project_id: int) -> tuple[Milestone, ...]:
        # Source: GitLab's documentation, "Project milestones API".
        query = {"include_ancestors": "true"}
        path = f"/projects/{project_id}/milestones"
        listing = Listing(path, query, f"milestones of project {project_id}")
        return tuple(convert.milestone(fields) for fields in self._all(listing))

    def _schedules(self, path: str) -> tuple[Schedule, ...]:
        listing = Listing(_schedules(path), {}, f"pipeline schedules of {path}")
        return tuple(convert.schedule(fields) for fields in self._all(listing))

    def _schedule_variables(self, path: str, schedule_id: int) -> Mapping[str, str]:
        answer = self._calls.get(f"{_schedules(path)}/{schedule_id}", {})
        fields = Fields(answer.data, "the pipeline schedule")
        if not fields.has_key("variables"):
            # Source: GitLab's `app/policies/ci/pipeline_schedule_policy.rb`.
            raise RemoteError(
                f"GitLab does not show the variables of the schedule {fields.text('description')}",
                f"Give the token's user the role Maintainer in {path}.",
            )
        return {one.text("key"): one.text("value") for one in fields.each("variables")}

    def _variable(self, question: VariableAt) -> Variable | None:
        place = home(question.path, in_group=question.in_group)
        path = f"{place}/variables/{quoted(question.key)}"
        found = self._found(path, f"the variable {question.key}")
        return convert.variable(found) if found else None


def _schedules(path: str) -> str:
    return home(path, in_group=False) + "/pipeline_schedules"
