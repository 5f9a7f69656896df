"""What needs no GitLab: lint, preview, schema, help, and how a wrong call is answered."""

from __future__ import annotations

import importlib
import json
import shutil

import pytest

from automation import __version__
from automation.cli import app, main
from tests.commands.office import NOW, ROOT
from tests.support.sample import REPOSITORY
from tests.templates.repository import Repository

TEACHES = {
    "init": ["ready to edit", "placeholders", "overwritten", "--minimal", "--package"],
    "calendar": ["Offline", "--weeks", "--only"],
    "lint": ["nothing is sent", "Exit code 2", "codequality", "--now"],
    "plan": [
        "write nothing to GitLab",
        "DRUMBEAT_TOKEN",
        "DRUMBEAT_URL",
        "--only",
        "--out",
        "--force",
    ],
    "apply": [
        "DRUMBEAT_TOKEN",
        "DRUMBEAT_URL",
        "Exit code 1",
        "--plan",
        "--outcomes",
        "--audit",
        "--force",
    ],
    "undo": ["DRUMBEAT_TOKEN", "--yes", "keeps its key", "delete its issue", "--force"],
    "preview": ["nothing is sent", "--only", "--all", "--out"],
    "setup": ["DRUMBEAT_TOKEN", "DRUMBEAT_URL", "--yes"],
    "adopt": ["DRUMBEAT_TOKEN", "adopted.yml", "--take", "--all"],
    "doctor": ["DRUMBEAT_TOKEN", "Nothing is written", "Exit code 1", "--project"],
    "report": ["DRUMBEAT_TOKEN", "--out"],
    "schema": ["JSON Schema", "editor"],
    "demo": ["embedded GitLab", "under a minute"],
    "sandbox": ["loopback", "--port", "--db", "--root-token", "/sandbox/clock"],
}


# --- Help ------------------------------------------------------------------------------


@pytest.mark.parametrize("argv", [[], ["--help"]])
def test_drumbeat_alone_shows_how_it_is_used(drumbeat, argv):
    shown = drumbeat(*argv)
    assert (shown.code, shown.err) == (0, "")
    assert "Usage: drumbeat" in shown.out
    assert "Start with `drumbeat demo`" in " ".join(shown.out.split())
    for verb in TEACHES:
        assert f"  {verb} " in shown.out


@pytest.mark.parametrize("verb", TEACHES)
def test_help_teaches(drumbeat, verb):
    shown = drumbeat(verb, "--help")
    assert (shown.code, shown.err) == (0, "")
    text = " ".join(shown.out.split())
    for word in TEACHES[verb]:
        assert word in text


def test_every_verb_is_tried_here():
    assert sorted(TEACHES) == sorted(str(command.name) for command in app.registered_commands)


def test_python_runs_it_as_a_module_too():
    assert importlib.import_module("automation.__main__").main is main


def test_the_version(drumbeat):
    assert drumbeat("--version").out == f"drumbeat {__version__}\n"


# --- Wrong calls -----------------------------------------------------------------------

NOW_REMEDY = "  Write it like 2026-11-23T08:00:00+01:00 or 2026-11-23T08:00:00Z.\n"
MISUSES = {
    "no such verb": (["plant"], "No such command 'plant'"),
    "no such option": (["plan", "--dry"], "No such option: --dry"),
    "no value": (["plan", "--out"], "Option '--out' requires an argument"),
    "no such format": (["plan", "--format", "yaml"], "Invalid value for '--format'"),
    "too much": (["schema", "more"], "Got unexpected extra argument"),
    "no port": (["sandbox", "--port", "99999"], "Invalid value for '--port'"),
}


@pytest.mark.parametrize("argv", [pytest.param(row, id=name) for name, row in MISUSES.items()])
def test_a_wrong_call_is_answered_on_stderr(drumbeat, argv):
    words, message = argv
    found = drumbeat(*words)
    assert (found.code, found.out) == (2, "")
    assert found.err.startswith(f"drumbeat: {message}")
    assert found.err.endswith("\n  See: drumbeat --help\n")


@pytest.mark.parametrize(
    ("now", "message"),
    [
        ("tomorrow", "--now 'tomorrow' is not a time"),
        ("0001-01-01T00:00:00+00:00", "--now '0001-01-01T00:00:00+00:00' is not in 1970 to 2199"),
        ("9999-12-31T23:59:59Z", "--now '9999-12-31T23:59:59Z' is not in 1970 to 2199"),
        ("2026-13-01T00:00:00Z", "--now '2026-13-01T00:00:00Z' is not a time"),
        ("", "--now '' is not a time"),
        ("2026-11-23", "--now '2026-11-23' has no time zone"),
        ("2026-11-23T08:00:00", "--now '2026-11-23T08:00:00' has no time zone"),
    ],
)
@pytest.mark.parametrize("verb", ["lint", "plan", "preview"])
def test_a_wrong_time(drumbeat, verb, now, message):
    more = ["--all"] if verb == "preview" else []
    found = drumbeat(verb, "-C", ROOT, "--now", now, *more)
    assert (found.code, found.out) == (2, "")
    assert found.err == f"drumbeat: {message}\n{NOW_REMEDY}"


@pytest.mark.parametrize(
    ("only", "message"),
    [
        (
            "manager=mgr-emae-1",
            "--only 'manager=mgr-emae-1': there is no such manager\n  Try mgr-emea-1.",
        ),
        (
            "cadence=one-to-one",
            "--only 'cadence=one-to-one': there is no such cadence\n  Try one-on-one.",
        ),
        (
            "group=xyzzy",
            (
                "--only 'group=xyzzy': there is no such group\n"
                "  Try baobab, cedar, ginkgo, jacaranda, maple."
            ),
        ),
        (
            "mgr-emea-1",
            (
                "--only 'mgr-emea-1' is not KIND=ID\n"
                "  KIND is one of cadence, triage, manager, director, report, group."
            ),
        ),
        (
            "team=mgr-emea-1",
            (
                "--only 'team=mgr-emea-1' is not KIND=ID\n"
                "  KIND is one of cadence, triage, manager, director, report, group."
            ),
        ),
    ],
)
def test_a_wrong_scope_names_the_nearest_right_one(drumbeat, only, message):
    found = drumbeat.here("preview", "--only", only)
    assert (found.code, found.out, found.err) == (2, "", f"drumbeat: {message}\n")


@pytest.mark.parametrize("verb", ["lint", "plan", "apply", "setup", "preview"])
def test_no_policies_at_all(drumbeat, tmp_path, verb):
    more = ["--all"] if verb == "preview" else []
    found = drumbeat(verb, "-C", tmp_path, *more)
    assert (found.code, found.out) == (2, "")
    assert found.err == (
        f"drumbeat: there is no folder {tmp_path / 'policies'}\n"
        "  Run this in the repository that holds your policies, or name it with --root; "
        "`drumbeat init` writes a new one.\n"
    )


@pytest.mark.parametrize("verb", ["plan", "apply", "setup", "preview"])
def test_broken_policies_stop_every_verb(drumbeat, tmp_path, verb):
    Repository(tmp_path).policy("weekly", "kind: cadense\n")
    more = ["--all"] if verb == "preview" else []
    found = drumbeat(verb, "-C", tmp_path, *more)
    assert (found.code, found.out) == (2, "")
    assert found.err.startswith("drumbeat: policies/weekly.yml:1:7: kind: 'cadense' is no kind")


# --- Lint ------------------------------------------------------------------------------


def test_the_shipped_policies_are_sound(drumbeat):
    found = drumbeat("lint", "-C", REPOSITORY, "--now", NOW)
    assert (found.code, found.out) == (0, "")
    assert found.err == "21 policies, 97 loops per round: all is well.\n"


def test_lint_without_a_time_takes_the_present(drumbeat):
    assert drumbeat("lint", "-C", ROOT).code == 0


def test_problems_are_results_and_their_number_is_prose(drumbeat, tmp_path):
    Repository(tmp_path).template("weekly.md", "- [ ] {{ x }}\n")
    found = drumbeat("lint", "-C", tmp_path, "--now", NOW)
    assert found.code == 2
    assert len(found.out.splitlines()) == 4
    assert found.err == "2 problems found.\n"


def test_problems_are_red_where_colours_are_wanted(drumbeat, tmp_path, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    Repository(tmp_path).template("weekly.md", "")
    assert drumbeat("lint", "-C", tmp_path, "--now", NOW).out.startswith(
        "\x1b[31missue_templates/weekly"
    )


def code_quality(found):
    """The report, as GitLab demands it."""
    report = json.loads(found.out)
    for one in report:
        assert set(one) == {"description", "check_name", "fingerprint", "severity", "location"}
        assert one["check_name"] == "drumbeat-lint"
        assert one["severity"] in {"info", "minor", "major", "critical", "blocker"}
        assert set(one["location"]) == {"path", "lines"}
        assert one["location"]["lines"]["begin"] >= 1
        assert not one["location"]["path"].startswith(("/", "./"))
    assert len({one["fingerprint"] for one in report}) == len(report)
    return {(one["location"]["path"], one["location"]["lines"]["begin"]): one for one in report}


def test_code_quality_of_faults_in_templates(drumbeat, tmp_path):
    repository = Repository(tmp_path).template(
        "weekly.md", "---\nlabels: ['a,b']\n---\n{{ mangr }}\n"
    )
    found = drumbeat("lint", "-C", repository.folder, "--now", NOW, "--format", "codequality")
    assert (found.code, found.err) == (2, "")
    problems = code_quality(found)
    assert set(problems) == {
        ("issue_templates/weekly.md", 2),
        ("issue_templates/weekly.md", 4),
        ("policies/weekly.yml", 1),
    }
    assert problems["issue_templates/weekly.md", 4]["description"] == (
        "'mangr' is undefined (for weekly/mgr-1/2026-W48). Did you mean 'manager'?"
    )


def test_code_quality_of_faults_without_a_line(drumbeat, tmp_path):
    Repository(tmp_path).template("weekly.md", b"x" * 300_000).policy("settings", "")
    found = drumbeat("lint", "-C", tmp_path, "--format", "codequality")
    assert found.code == 2
    assert code_quality(found)


def test_code_quality_of_no_fault_is_an_empty_list(drumbeat):
    found = drumbeat.here("lint", "--format", "codequality")
    assert (found.code, found.out) == (0, "[]\n")


# --- Schema ----------------------------------------------------------------------------


def test_the_schema_is_json(drumbeat):
    found = drumbeat("schema")
    assert (found.code, found.err) == (0, "")
    assert found.json["$schema"].startswith("https://json-schema.org/")


# --- Preview ---------------------------------------------------------------------------


def test_a_preview_reads_like_the_issue(drumbeat):
    found = drumbeat.here(
        "preview", "--only", "cadence=customer-interaction", "--only", "manager=mgr-emea-1"
    )
    assert (found.code, found.err) == (0, "")
    head, _, body = found.out.partition("\n\n")
    assert head.splitlines() == [
        "Customer interaction of Aoife Ní Dhomhnaill · 2026-W48",
        "         key  customer-interaction/mgr-emea-1/2026-W48",
        "     project  support/loops",
        "    assignee  @mgr-emea-1",
        "      labels  drumbeat, cadence::customer-interaction, manager::mgr-emea-1, director::dir-emea",
        "         due  Fri 2026-11-27",
        "confidential  no",
    ]
    assert "- [ ] Own a ticket from the first reply to the closing words\n" in body
    assert "You are on call from 2026-11-23 to 2026-11-29" in body


def test_previews_of_several_loops_stand_apart(drumbeat):
    found = drumbeat.here("preview", "--only", "manager=mgr-emea-2")
    assert found.out.count("\n\nTicket review of ") == 1
    assert found.out.count("         key  ") == 4


def test_previews_into_a_folder(drumbeat, tmp_path):
    found = drumbeat.here("preview", "--all", "--out", tmp_path / "out")
    assert (found.code, found.out) == (0, "")
    files = sorted((tmp_path / "out").rglob("*.md"))
    assert found.err.endswith(f"\n{len(files)} previews written to {tmp_path / 'out'}.\n")
    assert (tmp_path / "out" / "one-on-one" / "mgr-emea-1" / "2026-W48.md").is_file()


def test_a_preview_has_to_know_of_what(drumbeat):
    found = drumbeat.here("preview")
    assert (found.code, found.out) == (2, "")
    assert found.err == (
        "drumbeat: nothing to preview is named\n"
        "  Say which: --only cadence=one-on-one --only manager=…, or --all.\n"
    )


def test_a_preview_of_nothing(drumbeat):
    found = drumbeat.here("preview", "--all", now="2020-01-06T12:00:00Z")
    assert (found.code, found.out) == (0, "")
    assert found.err.startswith("No loop is current for these at that time.\nNo career-talk for ")


def test_a_loop_for_nobody(drumbeat, tmp_path):
    repository = Repository(tmp_path)
    repository.policy(
        "weekly", (tmp_path / "policies/weekly.yml").read_text() + "assignee: \"{{ '' }}\"\n"
    )
    found = drumbeat("preview", "-C", tmp_path, "--now", NOW, "--only", "manager=mgr-1")
    assert "    assignee  nobody\n" in found.out


def test_a_preview_tells_where_a_template_is_wrong(drumbeat, tmp_path):
    Repository(tmp_path).template("weekly.md", "---\ntitle: x\n---\n\n{{ mangr }}\n")
    found = drumbeat("preview", "-C", tmp_path, "--now", NOW, "--all")
    assert (found.code, found.out) == (2, "")
    assert found.err == (
        "drumbeat: issue_templates/weekly.md:5:1: 'mangr' is undefined (for weekly/mgr-1/2026-W48)\n"
        "  Did you mean 'manager'?\n"
    )


def test_a_preview_that_cannot_be_written(drumbeat, tmp_path):
    (tmp_path / "out").write_text("a file")
    found = drumbeat.here("preview", "--all", "--out", tmp_path / "out")
    assert (found.code, found.out) == (2, "")
    assert found.err.endswith(".md cannot be written: Not a directory\n")


def test_former_ids_may_be_named(drumbeat, tmp_path):
    shutil.copytree(ROOT / "issue_templates", tmp_path / "issue_templates")
    shutil.copytree(ROOT / "policies", tmp_path / "policies")
    roster = tmp_path / "policies" / "roster.yml"
    text = roster.read_text().replace("id: mgr-emea-1\n", "id: mgr-emea-1\n    was: [mgr-ire]\n", 1)
    roster.write_text(text)
    found = drumbeat("preview", "-C", tmp_path, "--now", NOW, "--only", "manager=mgr-ire")
    assert found.code == 0
    assert "one-on-one/mgr-emea-1/2026-W48" in found.out
