"""`drumbeat init`: a repository that works as it is, and is never written over anything."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, datetime
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest
import yaml

from automation import __version__, starter
from automation.commands.workspace import open_loops
from automation.demo.api import Api
from automation.demo.world import build
from automation.sandbox.server import running
from automation.starter import requirement
from tests.support.sample import REPOSITORY

MONDAY = "2026-11-30T09:00:00Z"
WHEEL = f"./drumbeat-{__version__}-py3-none-any.whl"


def files(folder: Path) -> set[str]:
    """All files below a folder, but those of git."""
    found = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    return {name for name in found if not name.startswith(".git/")}


@pytest.fixture(params=[(), ("--minimal",)], ids=["full", "minimal"])
def new(request, drumbeat, tmp_path):
    """A new repository of either kind."""
    folder = tmp_path / "rhythm"
    assert drumbeat("init", folder, "--now", MONDAY, *request.param).code == 0
    return folder


# --- What is written ---------------------------------------------------------------------


def test_everything_that_is_shipped_is_in_it(drumbeat, tmp_path):
    written = drumbeat("init", tmp_path / "new", "--now", MONDAY)
    shipped = {
        f"{folder}/{path.name}"
        for folder in ("policies", "issue_templates")
        for path in (REPOSITORY / folder).iterdir()
    }
    own = {".gitignore", ".gitlab-ci.yml", "README.md", "constraints.txt", "requirements.txt"}
    assert files(tmp_path / "new") == shipped | own
    assert written.out.splitlines() == [
        str(tmp_path / "new" / name) for name in sorted(shipped | own)
    ]


def test_templates_are_the_shipped_ones_to_the_letter(new):
    for path in (new / "issue_templates").iterdir():
        assert path.read_bytes() == (REPOSITORY / "issue_templates" / path.name).read_bytes()


def test_a_minimal_one_has_one_manager_and_three_cadences(drumbeat, tmp_path):
    assert drumbeat("init", tmp_path / "new", "--minimal", "--now", MONDAY).code == 0
    organisation = open_loops(tmp_path / "new").organisation
    assert {one.name for one in organisation.cadences} == set(starter.CADENCES)
    assert [one.id for one in organisation.roster.managers] == ["manager-1"]
    assert (organisation.triages, organisation.roster.groups) == ((), ())


def test_nobody_in_it_can_be_taken_for_a_real_user(new):
    text = (new / "policies" / "roster.yml").read_text(encoding="utf-8")
    names = re.findall(r"(?<=\busername: )[\w.-]+", text)
    assert names
    assert all(name.startswith("change-me-") for name in names)


def test_nothing_opens_before_this_week_but_quarters_and_years_keep_their_count(drumbeat, tmp_path):
    assert drumbeat("init", tmp_path / "new", "--now", "2027-03-04T12:00:00Z").code == 0
    cadences = open_loops(tmp_path / "new").organisation.cadences
    starts = {one.name: one.schedule.starts for one in cadences}
    kept = {one.name: one.schedule.starts for one in open_loops(REPOSITORY).organisation.cadences}
    assert starts["one-on-one"] == starts["community"] == date(2027, 3, 1)
    for name in ("career-talk", "learning-plan", "compensation-review", "feedback-360"):
        assert starts[name] == kept[name]


def test_pins_are_those_that_drumbeat_is_tested_with(new):
    def pins(file: Path) -> list[str]:
        return [line for line in file.read_text().splitlines() if not line.startswith("#")]

    assert pins(new / "constraints.txt") == pins(REPOSITORY / "constraints.txt")


def test_git_ignores_what_drumbeat_writes(new):
    ours, theirs = ((one / ".gitignore").read_text() for one in (REPOSITORY, new))
    written = ours.split("# What Drumbeat writes\n")[1].splitlines()
    wanted = {line for line in written if line and line[0] != "#" and "sandbox" not in line}
    assert wanted <= set(theirs.splitlines())


def test_the_page_links_to_files_that_are_there(new):
    text = (new / "README.md").read_text(encoding="utf-8")
    targets = re.findall(r"\]\(([^)]+)\)", text)
    assert targets
    assert all((new / target).exists() for target in targets)


# --- It works as it is -------------------------------------------------------------------


def test_it_passes_lint_and_shows_its_issues(new, drumbeat):
    checked = drumbeat("lint", "-C", new, "--now", MONDAY)
    assert (checked.code, checked.out) == (0, "")
    shown = drumbeat("preview", "-C", new, "--only", "cadence=one-on-one", "--now", MONDAY)
    assert shown.code == 0
    assert shown.out.startswith("Weekly 1:1s of The first manager · 2026-W49\n")


def test_a_run_opens_its_loops_once(new, drumbeat, monkeypatch):
    moment = datetime.fromisoformat(MONDAY)
    loops = open_loops(new)
    private = sorted({loop.project for loop in loops.current(moment) if loop.confidential})
    with running(root_token="root-token", now=moment) as url:
        world = build(Api(url, "root-token"), loops.organisation, private)
        monkeypatch.setenv("DRUMBEAT_URL", url)
        monkeypatch.setenv("DRUMBEAT_TOKEN", world.token)
        planned = drumbeat("plan", "-C", new, "--format", "json", "--now", MONDAY)
        assert (planned.code, planned.json["counts"]["open"] > 2) == (0, True)
        assert drumbeat("apply", "-C", new, "--now", MONDAY).code == 0
        again = drumbeat("plan", "-C", new, "--now", MONDAY)
    assert again.code == 0
    assert again.out.endswith("Nothing to do.\n")


def test_people_that_are_left_as_they_are_open_nothing(new, drumbeat, monkeypatch):
    """Places exist, but nobody of the roster does."""
    moment = datetime.fromisoformat(MONDAY)
    roster = new / "policies" / "roster.yml"
    original = roster.read_text(encoding="utf-8")
    roster.write_text(original.replace("change-me-", "real-"), encoding="utf-8")
    loops = open_loops(new)
    private = sorted({loop.project for loop in loops.current(moment) if loop.confidential})
    with running(root_token="root-token", now=moment) as url:
        world = build(Api(url, "root-token"), loops.organisation, private)
        roster.write_text(original, encoding="utf-8")
        monkeypatch.setenv("DRUMBEAT_URL", url)
        monkeypatch.setenv("DRUMBEAT_TOKEN", world.token)
        planned = drumbeat("plan", "-C", new, "--now", MONDAY)
    assert planned.code == 3
    assert "change-me-manager-1" in planned.out


def test_in_an_installed_package_the_shipped_files_lie_beside_it(tmp_path):
    package = tmp_path / "automation" / "starter"
    (package / "policies").mkdir(parents=True)
    assert starter.shipped(package) == package
    assert starter.shipped() == REPOSITORY


# --- Its pipeline ------------------------------------------------------------------------


def test_the_pipeline_is_one_that_gitlab_takes(new):
    check = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.gitlab-ci"]
    ran = subprocess.run([*check, new / ".gitlab-ci.yml"], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout


def _pipeline(file: Path) -> dict:
    return yaml.safe_load(file.read_text(encoding="utf-8"))


JOBS = ("lint", "preview", "plan", "apply", "pages")


def test_its_jobs_are_those_of_drumbeats_own_pipeline_but_for_its_code(new):
    ours, theirs = _pipeline(REPOSITORY / ".gitlab-ci.yml"), _pipeline(new / ".gitlab-ci.yml")
    assert set(ours) - set(theirs) == {".on_code", "check", "test"}
    assert [name for name in ours if name in theirs] == list(theirs)
    changed = {"default", "variables", ".with_drumbeat", ".with_history", "preview", "pages"}
    assert {name for name in theirs if theirs[name] != ours[name]} == changed


def test_nothing_in_it_is_about_drumbeats_code(new):
    text = (new / ".gitlab-ci.yml").read_text(encoding="utf-8")
    assert "# --- Without a token -" in text, "comments are kept"
    for word in ("automation", "tests/", ".ci/", "Makefile", "pyproject", "'.[", "txt .", "emea"):
        assert word not in text, word


def test_every_job_installs_what_requirements_name(new):
    pipeline = _pipeline(new / ".gitlab-ci.yml")
    for name in JOBS:
        steps = list(_steps(pipeline, name))
        assert any("--requirement requirements.txt" in step for step in steps), name


def _steps(pipeline: dict, name: str) -> Iterator[str]:
    """What happens before a job's script, in those that it extends, too."""
    yield from pipeline[name].get("before_script", ())
    parents = pipeline[name].get("extends", [])
    for parent in [parents] if isinstance(parents, str) else parents:
        yield from _steps(pipeline, parent)


# --- Where pipelines get Drumbeat from ---------------------------------------------------


def _needed(folder: Path) -> str:
    return (folder / "requirements.txt").read_text(encoding="utf-8").splitlines()[-1]


@pytest.mark.parametrize(
    ("origin", "needed"),
    [
        (None, "drumbeat==1.2"),
        ({"url": "file:///home/me/drumbeat", "dir_info": {}}, "./drumbeat-1.2-py3-none-any.whl"),
        (
            {"url": "https://g.example/d.git", "vcs_info": {"vcs": "git", "commit_id": "c0ffee"}},
            "drumbeat @ git+https://g.example/d.git@c0ffee",
        ),
        (
            {"url": "https://g.example/d.whl", "archive_info": {}},
            "drumbeat @ https://g.example/d.whl",
        ),
        (
            {"url": "https://g.example/d.whl", "archive_info": {"hashes": {"sha256": "ab"}}},
            "drumbeat @ https://g.example/d.whl#sha256=ab",
        ),
    ],
    ids=["index", "folder", "git", "archive", "archive with its hash"],
)
def test_the_requirement_is_where_this_one_came_from(origin, needed):
    assert requirement("1.2", None if origin is None else json.dumps(origin)) == needed


class _Installed:
    """A distribution as far as it is asked."""

    def __init__(self, text: str | None) -> None:
        self.text = text

    def read_text(self, name: str) -> str | None:
        assert name == "direct_url.json"
        return self.text


def test_from_an_index_it_is_named_with_its_version(drumbeat, tmp_path, monkeypatch):
    monkeypatch.setattr("automation.commands.init.distribution", lambda _: _Installed(None))
    ran = drumbeat("init", tmp_path / "new")
    assert _needed(tmp_path / "new") == f"drumbeat=={__version__}"
    assert f"pipelines install drumbeat=={__version__}" in ran.err


def test_what_was_never_installed_is_asked_for_as_a_wheel(drumbeat, tmp_path, monkeypatch):
    def distribution(name):
        raise PackageNotFoundError(name)

    monkeypatch.setattr("automation.commands.init.distribution", distribution)
    ran = drumbeat("init", tmp_path / "new")
    assert _needed(tmp_path / "new") == WHEEL
    assert "installed from a folder" in ran.err


def test_it_can_be_said(drumbeat, tmp_path):
    spec = "drumbeat @ git+https://gitlab.example.com/tools/drumbeat@v1"
    ran = drumbeat("init", tmp_path / "new", "--package", spec)
    assert _needed(tmp_path / "new") == spec
    assert f"pipelines install {spec}" in ran.err
    image = _pipeline(tmp_path / "new" / ".gitlab-ci.yml")["default"]["image"]
    assert image == "python:3.12", "the slim image has no git"


@pytest.mark.parametrize("spec", ["--pre drumbeat", "drumbeat==1\nrequests"])
def test_what_is_not_one_requirement_is_refused(drumbeat, tmp_path, spec):
    ran = drumbeat("init", tmp_path / "new", f"--package={spec}")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == (
        f"drumbeat: --package {spec!r} is not one requirement\n"
        '  Write it like "drumbeat==1.2.3", or a path to a wheel.\n'
    )
    assert not (tmp_path / "new").exists()


# --- Where it is written -----------------------------------------------------------------


def test_a_clone_of_an_empty_project_is_filled(drumbeat, tmp_path, monkeypatch):
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    monkeypatch.chdir(tmp_path)
    assert drumbeat("init", ".").code == 0
    assert drumbeat("lint").code == 0
    assert (tmp_path / ".git" / "HEAD").read_text() == "ref: refs/heads/main\n"
    assert not list(tmp_path.glob(".drumbeat*"))


def test_missing_folders_above_are_made(drumbeat, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert drumbeat("init", "a/b").code == 0
    assert drumbeat("lint", "-C", "a/b").code == 0
    assert [path.name for path in Path("a").iterdir()] == ["b"]


def test_a_folder_with_anything_in_it_is_left_alone(drumbeat, tmp_path):
    for name in "dcba":
        (tmp_path / name).write_text("mine")
    ran = drumbeat("init", tmp_path)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == (
        f"drumbeat: {tmp_path} is not empty: it has a, b, c …\n  Name a new or an empty folder.\n"
    )
    assert files(tmp_path) == set("abcd")


def test_a_second_time_is_refused(new, drumbeat):
    (new / "policies" / "roster.yml").write_text("mine")
    ran = drumbeat("init", new)
    assert (ran.code, ran.out) == (2, "")
    assert (new / "policies" / "roster.yml").read_text() == "mine"


def test_a_file_is_no_folder(drumbeat, tmp_path):
    file = tmp_path / "file"
    file.write_text("mine")
    ran = drumbeat("init", file)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == f"drumbeat: {file} is a file\n  Name a folder that is new or empty.\n"
    assert file.read_text() == "mine"
    below = drumbeat("init", file / "deep" / "new")
    assert (below.code, below.err) == (2, ran.err)


def test_a_disk_that_is_full_leaves_nothing_half(drumbeat, tmp_path, monkeypatch):
    real = Path.write_text

    def full(self, *args, **named):
        if self.name == "requirements.txt":
            raise OSError(28, "No space left on device")
        return real(self, *args, **named)

    monkeypatch.setattr(Path, "write_text", full)
    ran = drumbeat("init", tmp_path / "new")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.endswith("cannot be written: No space left on device\n")
    assert list(tmp_path.iterdir()) == []
