"""Who can read the directors' pages, as the doctor sees it."""

from __future__ import annotations

import pytest

from automation.model.issue import Project, Schedule, User, Variable
from tests.doctor.ward import an_office, findings, healthy

OPS = "support/drumbeat"


@pytest.fixture
def ward(tmp_path):
    scene = healthy(an_office(tmp_path))
    scene.gitlab.schedules[OPS] = [Schedule(1, "Daily", "main", True, User(9, "ops"))]
    scene.gitlab.variables[OPS, "DRUMBEAT_TOKEN"] = Variable(protected=True, masked=True)
    return scene


def found(ward, visibility: str, pages: str):
    ward.gitlab.projects[OPS] = Project(
        99, OPS, default_branch="main", visibility=visibility, pages=pages
    )
    return findings(ward, project=OPS)


@pytest.mark.parametrize(
    ("visibility", "pages"),
    [
        ("private", "private"),
        ("private", "enabled"),
        ("internal", "private"),
        ("public", "private"),
        ("public", "disabled"),
        ("", ""),
    ],
)
def test_pages_for_members_only_are_fine(ward, visibility, pages):
    assert found(ward, visibility, pages) == []


@pytest.mark.parametrize(
    ("visibility", "pages", "who"),
    [
        ("private", "public", "Everybody can read"),
        ("public", "enabled", "Everybody can read"),
        ("internal", "enabled", "Everybody who is signed in can read"),
        ("", "public", "Everybody can read"),
    ],
)
def test_pages_that_others_read_are_a_warning(ward, visibility, pages, who):
    (one,) = found(ward, visibility, pages)
    assert (one.severity, one.key) == ("warning", f"pages-public:{OPS}")
    assert one.title.startswith(who)
    assert "Only project members" in one.remedy
