"""Templates and policies are files of their own folders, whatever a name or a link says."""

from __future__ import annotations

import os

import pytest

from automation.config import load
from automation.errors import ConfigError
from automation.templates import Library
from tests.templates.repository import BOX, FRONT, WEEKLY, Repository

OUTSIDE = "lies outside the templates' folder\n  Name a file below that folder"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "a.md").write_text("secret")
    (tmp_path / "outside.md").write_text("secret")
    return tmp_path / "templates"


NAMES = (
    "../outside.md", "../../etc/passwd", "/etc/passwd", "a/../../outside.md", "./../outside.md",
    "..", "../templates/../outside.md", "//etc/passwd",
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_no_name_leads_out_of_the_folder(folder, name):
    with pytest.raises(ConfigError) as error:
        Library(folder).get(name)
    assert OUTSIDE in str(error.value)


@pytest.mark.parametrize("target", ["../outside.md", "/etc/passwd", ".."])
def test_no_link_leads_out_of_the_folder(folder, target):
    (folder / "x.md").symlink_to(target)
    with pytest.raises(ConfigError) as error:
        Library(folder).get("x.md")
    assert OUTSIDE in str(error.value)


def test_no_linked_folder_leads_out(folder, tmp_path):
    (folder / "deep").symlink_to(tmp_path, target_is_directory=True)
    with pytest.raises(ConfigError) as error:
        Library(folder).get("deep/outside.md")
    assert OUTSIDE in str(error.value)


def test_a_link_within_the_folder_is_fine(folder):
    (folder / "x.md").symlink_to("a.md")
    assert Library(folder).get("x.md").body == "secret"


@pytest.mark.parametrize("name", ["a\0.md", "circle.md", "\ud800.md"])
def test_what_is_no_path_is_refused(folder, name):
    (folder / "circle.md").symlink_to("circle.md")
    with pytest.raises(ConfigError, match=r"cannot be a template's path|there is no such template"):
        Library(folder).get(name)


def test_what_is_no_file_is_not_waited_for(folder):
    os.mkfifo(folder / "pipe.md")
    (folder / "folder.md").mkdir()
    for name in ("pipe.md", "folder.md"):
        with pytest.raises(ConfigError, match="is not a regular file"):
            Library(folder).get(name)


POLICY = (
    "../../etc/passwd", "/etc/passwd", "../outside.md", "weekly.md/..", "a\\\\..\\\\b.md", ".hidden.md",
    "weekly.md\\0", "~/x.md", "$HOME/x.md", "weekly.MD", "http://example.com/x.md", "weekly.md ", "",
)  # fmt: skip


@pytest.mark.parametrize("name", POLICY)
def test_a_policy_cannot_name_such_a_file(tmp_path, name):
    policy = WEEKLY.replace("weekly.md", f'"{name}"')
    found = Repository(tmp_path).policy("weekly", policy).lint()
    assert "policies/weekly.yml:4:11: template: " in found


@pytest.mark.parametrize("name", ["Weekly.md", "WEEKLY.md"])
def test_case_counts_everywhere(tmp_path, name):
    policy = WEEKLY.replace("weekly.md", name)
    found = Repository(tmp_path).policy("weekly", policy).lint()
    assert f"policies/weekly.yml:4:11: template: there is no template '{name}'" in found


BRINGING = (
    '{% include "../x.md" %}', '{% include "weekly.md" %}', '{% include ["a", "weekly.md"] %}',
    '{% include "a" ignore missing %}', '{% import "weekly.md" as x %}', "{% include name %}",
    '{% from "weekly.md" import x %}', '{% extends "weekly.md" %}',
    '{% if false %}{% include "/etc/passwd" %}{% endif %}',
)  # fmt: skip


@pytest.mark.parametrize("tag", BRINGING)
def test_no_template_brings_in_a_file(tmp_path, tag):
    found = Repository(tmp_path).template("weekly.md", FRONT + BOX + tag).lint()
    assert found == (
        "issue_templates/weekly.md:5:1: a template cannot bring in another one\n"
        "  Write its text here.\n"
    )


def test_policies_are_read_from_their_folder_only(tmp_path):
    Repository(tmp_path)
    policies = tmp_path / "policies"
    (tmp_path / "outside.yml").write_text("kind: settings")
    (policies / "link.yml").symlink_to("../outside.yml")
    (policies / "circle.yml").symlink_to("circle.yml")
    os.mkfifo(policies / "pipe.yml")
    with pytest.raises(ConfigError) as error:
        load(tmp_path)
    told = str(error.value)
    assert "policies/link.yml: is a symbolic link that leaves the folder" in told
    assert "policies/pipe.yml: is not a regular file" in told
    assert "policies/circle.yml: is " in told
