"""Who can read the directors' pages, once the pipelines' project publishes them."""

from __future__ import annotations

from collections.abc import Iterator

from automation.checkup.exam import Exam
from automation.checkup.finding import Finding, Severity
from automation.model.issue import Project


def pages(exam: Exam) -> Iterator[Finding]:
    """Pages that more people can read than the members of the project."""
    project = exam.snapshot.project(exam.pipelines) if exam.pipelines else None
    who = _readers(project) if project else ""
    if project is not None and who:
        yield Finding(
            key=f"pages-public:{project.path}",
            severity=Severity.WARNING,
            title=f"{who} can read the Pages of {project.path}",
            cause=f"The project is {project.visibility or 'of unknown visibility'}, and its Pages "
            f"are set to “{project.pages}”.",
            consequence="What `drumbeat report` publishes there, how every manager's loops went "
            "and the titles of those that are not confidential, is open to them.",
            remedy="Choose “Only project members” for Pages under Settings > General > "
            "Visibility, project features, permissions.",
        )


def _readers(project: Project) -> str:
    """Who beside the members reads the Pages; empty where nobody does.

    Source: GitLab's documentation, "GitLab Pages access control".
    """
    if project.pages == "public" or (project.pages, project.visibility) == ("enabled", "public"):
        return "Everybody"
    if (project.pages, project.visibility) == ("enabled", "internal"):
        return "Everybody who is signed in"
    return ""
