"""`drumbeat plan`, `apply` and `setup` on the embedded GitLab, as a pipeline runs them."""

from __future__ import annotations

import importlib
import json
import os
import re
import shutil
import signal
from datetime import timedelta

import pytest

from tests.commands.office import MONDAY, NOW, ROOT

apply_verb = importlib.import_module("automation.commands.apply")

STALE_ONLY = ("--only", "triage=stale-initiatives")
LATER = "2026-11-23T10:00:00Z"


@pytest.fixture
def initiatives(office):
    """Two initiatives of Baobab that have been quiet for 40 days."""
    office.move(MONDAY - timedelta(days=40))
    person = office.person("se-301")
    project = office.projects["support/sgg/baobab"]
    made = [
        person.post(f"/projects/{project}/issues", title=title, labels="SGG")
        for title in ("Runbook", "Rota")
    ]
    office.move(MONDAY)
    return made


def with_limits(folder, limits):
    """The repository with other limits."""
    for name in ("policies", "issue_templates"):
        shutil.copytree(ROOT / name, folder / name)
    settings = folder / "policies" / "settings.yml"
    text = re.sub(r"(?m)^limits: .*$", f"limits: {limits}", settings.read_text())
    settings.write_text(text)
    return folder


def notes(office, issue):
    path = f"/projects/{issue['project_id']}/issues/{issue['iid']}/notes"
    return [note["body"] for note in office.root.get(path) if not note["system"]]


def labels(office, issue):
    path = f"/projects/{issue['project_id']}/issues/{issue['iid']}"
    return set(office.root.get(path)["labels"])


# --- The plan --------------------------------------------------------------------------


def test_a_plan_is_shown_and_nothing_is_written(office, drumbeat):
    office.requests()
    shown = drumbeat.here("plan")
    assert (shown.code, shown.err) == (0, "")
    assert shown.out.startswith("Plan for Mon 2026-11-23 09:00 UTC\n\nLabels (")
    assert shown.out.endswith("18 issues to open.\n")
    routes = office.requests()["by_route"]
    assert routes
    assert all(route.startswith("GET ") for route in routes)
    assert office.issues() == []


def test_the_plan_as_json_and_as_markdown(office, drumbeat):
    found = drumbeat.here("plan", "--format", "json")
    keys = [change["key"] for change in found.json["changes"] if change["kind"] == "create-issue"]
    assert len(keys) == len(set(keys)) == 18
    assert "one-on-one/mgr-emea-1/2026-W48" in keys
    assert not [key for key in keys if "amer" in key and "career" not in key and "-2/" not in key]
    markdown = drumbeat.here("plan", "--format", "markdown")
    assert markdown.out.startswith("## Drumbeat's plan for Mon 2026-11-23 09:00 UTC\n")
    assert "<details><summary>Open (18)</summary>" in markdown.out


def test_only_narrows_the_plan(office, drumbeat):
    found = drumbeat.here(
        "plan", "--only", "manager=mgr-emea-1", "--only", "cadence=one-on-one", "--format", "json"
    )
    assert found.json["only"] == ["manager=mgr-emea-1", "cadence=one-on-one"]
    keys = [change["key"] for change in found.json["changes"] if change["kind"] == "create-issue"]
    assert keys == ["one-on-one/mgr-emea-1/2026-W48"]


# --- Doing it --------------------------------------------------------------------------


def test_apply_twice_and_the_second_has_nothing_to_do(office, drumbeat, tmp_path):
    first = drumbeat.here("apply", "--outcomes", tmp_path / "outcomes.json")
    assert first.code == 0
    assert re.search(r"\n\d+ done\n$", first.out)
    assert first.err.startswith("Plan for Mon 2026-11-23 09:00 UTC\n")
    assert len(office.issues()) == 18
    outcomes = json.loads((tmp_path / "outcomes.json").read_text())
    assert {one["status"] for one in outcomes["outcomes"]} == {"done"}
    assert (outcomes["forced"], outcomes["interrupted"]) == ("", False)

    office.requests()
    second = drumbeat.here("apply")
    assert (second.code, second.out) == (0, "Nothing to do.\n")
    counted = office.requests()
    assert counted["total"] <= 1 + 8
    assert all(route.startswith("GET ") for route in counted["by_route"])


def test_what_confidential_loops_say_is_in_no_output(office, drumbeat, tmp_path):
    outputs = [
        drumbeat.here("plan", "--out", tmp_path / "plan.json").out,
        drumbeat.here("plan", "--format", "json").out,
        drumbeat.here("plan", "--format", "markdown").out,
    ]
    done = drumbeat.here("apply", "--outcomes", tmp_path / "outcomes.json")
    outputs += [done.out, done.err]
    outputs += [(tmp_path / name).read_text() for name in ("plan.json", "outcomes.json")]
    secret = [issue for issue in office.issues() if issue["confidential"]]
    assert secret
    for issue in secret:
        for text in outputs:
            assert issue["title"] not in text
            assert "Wellbeing" not in text


def test_stale_initiatives_are_told_once(office, drumbeat, initiatives):
    done = drumbeat.here("apply", *STALE_ONLY)
    assert done.code == 0
    for issue in initiatives:
        assert "initiative::stale" in labels(office, issue)
        (note,) = notes(office, issue)
        assert "@mgr-emea-1 @mgr-amer-1: can help?" not in note
        assert note.startswith("@mgr-emea-1 @mgr-amer-1: can you help with this one?")
    assert drumbeat.here("apply", *STALE_ONLY).out == "Nothing to do.\n"


# --- A reviewed plan -------------------------------------------------------------------


def test_a_reviewed_plan_is_done_as_far_as_it_still_holds(office, drumbeat, initiatives, tmp_path):
    file = tmp_path / "plan.json"
    drumbeat.here("plan", *STALE_ONLY, "--out", file)
    runbook, rota = initiatives
    path = f"/projects/{rota['project_id']}/issues/{rota['iid']}/notes"
    office.person("se-302").post(path, body="We are on it")

    done = drumbeat("apply", "-C", ROOT, "--plan", file, "--now", LATER)
    assert done.code == 0
    lines = done.out.splitlines()
    assert [line.split()[0] for line in lines[:-1]] == ["skipped", "done", "done"]
    assert lines[0] == (
        " skipped  transition support/sgg/baobab#2  no longer holds: what was there has changed "
        "since the review"
    )
    assert lines[-1] == "2 done, 1 skipped"
    assert "initiative::stale" in labels(office, runbook)
    assert labels(office, rota) == {"SGG"}


def test_a_reviewed_plan_does_nothing_else(office, drumbeat, tmp_path):
    file = tmp_path / "plan.json"
    drumbeat.here("plan", "--out", file)
    plan = json.loads(file.read_text())
    kept = [
        change
        for change in plan["changes"]
        if change["kind"] == "ensure-label" or change["key"] == "ticket-review/mgr-emea-1/2026-W48"
    ]
    file.write_text(json.dumps(plan | {"changes": kept}))
    done = drumbeat("apply", "-C", ROOT, "--plan", file, "--now", LATER)
    assert done.code == 0
    assert [issue["title"] for issue in office.issues()] == [
        "Ticket review of Aoife Ní Dhomhnaill · 2026-W48"
    ]


def test_a_reviewed_plan_that_was_done_is_skipped_as_a_whole(office, drumbeat, tmp_path):
    file = tmp_path / "plan.json"
    drumbeat.here("plan", "--only", "cadence=ticket-review", "--out", file)
    assert drumbeat("apply", "-C", ROOT, "--plan", file, "--now", NOW).code == 0
    again = drumbeat("apply", "-C", ROOT, "--plan", file, "--now", NOW)
    assert again.code == 0
    assert re.fullmatch(r"\d+ skipped", again.out.splitlines()[-1])


def test_a_stale_plan_is_refused(office, drumbeat, tmp_path):
    file = tmp_path / "plan.json"
    drumbeat.here("plan", "--out", file)
    refused = drumbeat("apply", "-C", ROOT, "--plan", file, "--now", "2026-11-24T10:00:00Z")
    assert (refused.code, refused.out) == (2, "")
    assert refused.err == (
        f"drumbeat: {file} was planned for 2026-11-23 09:00 UTC, more than a day from now\n"
        "  Plan again; for a rehearsal give the same --now as the plan had.\n"
    )
    assert office.issues() == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"issues": []}', "is not a plan of Drumbeat"),
        ("not JSON", "is not a plan of Drumbeat"),
        ("\udcff", "cannot be read"),
        (None, "cannot be read"),
        (
            '{"version": 9, "now": "2026-11-23T09:00:00Z", "only": [], "changes": []}',
            "was written by another version of Drumbeat",
        ),
    ],
)
def test_a_file_that_is_no_plan_is_refused(drumbeat, tmp_path, text, message):
    file = tmp_path / "plan.json"
    if text is not None:
        file.write_bytes(text.encode(errors="surrogateescape"))
    refused = drumbeat("apply", "-C", ROOT, "--plan", file)
    assert (refused.code, refused.out) == (2, "")
    assert refused.err.startswith(f"drumbeat: {file} {message}")


def test_a_plan_knows_its_scope(drumbeat, tmp_path):
    refused = drumbeat(
        "apply", "-C", ROOT, "--plan", tmp_path / "p", "--only", "manager=mgr-emea-1"
    )
    assert refused.code == 2
    assert refused.err == (
        "drumbeat: --only and --plan do not go together\n  The plan knows its scope.\n"
    )


# --- Limits ----------------------------------------------------------------------------


def test_a_plan_past_its_limits_is_shown_and_refused(office, drumbeat, tmp_path):
    root = with_limits(tmp_path, "{create: 0.1}")
    for verb in ("plan", "apply"):
        refused = drumbeat(verb, "-C", root, "--now", NOW)
        assert refused.code == 4
        assert refused.err.endswith(
            "drumbeat: The plan is past its safety limits; nothing was done:\n"
            "  18 issues to open, the limit is 3\n"
            '  If that is right, say why: --force "the reason" (it is recorded). Or raise '
            "`limits` in the settings.\n"
        )
    assert office.issues() == []


def test_force_goes_past_the_limits_and_is_recorded(office, drumbeat, tmp_path):
    root = with_limits(tmp_path, "{create: 0.1}")
    file = tmp_path / "outcomes.json"
    reason = "first run of a new region"
    assert drumbeat("plan", "-C", root, "--now", NOW, "--force", reason).code == 0
    done = drumbeat("apply", "-C", root, "--now", NOW, "--force", reason, "--outcomes", file)
    assert done.code == 0
    assert json.loads(file.read_text())["forced"] == reason
    assert len(office.issues()) == 18


# --- What goes wrong -------------------------------------------------------------------


def test_one_refused_change_ends_with_one_and_the_rest_is_done(office, drumbeat):
    project = office.projects["support/1-1s/mgr-emea-1"]
    path = f"/projects/{project}"
    office.root.put(path, issues_access_level="disabled")
    done = drumbeat.here("apply")
    assert done.code in {1, 3}
    assert "Needs a person" in done.err
    assert "issues are switched off in support/1-1s/mgr-emea-1" in done.err
    assert len(office.issues()) == 16


def test_a_failed_write_is_told_and_the_rest_goes_on(office, drumbeat, monkeypatch):
    from automation.errors import Refused
    from automation.remote import GitLabWriter

    create = GitLabWriter.create_issue

    def refusing(self, change):
        if change.key.startswith("ticket-review/mgr-emea-1/"):
            raise Refused("403 Forbidden", "Ask for the role.", status=403)
        return create(self, change)

    monkeypatch.setattr(GitLabWriter, "create_issue", refusing)
    done = drumbeat.here("apply")
    assert done.code == 1
    assert "  FAILED  open      ticket-review/mgr-emea-1/2026-W48  403 Forbidden" in done.out
    assert done.out.splitlines()[-1].endswith(" done, 1 failed")
    assert done.err.endswith(f"Some changes failed: {done.out.splitlines()[-1]}\n")
    assert len(office.issues()) == 17


def test_a_token_that_cannot_see_confidential_issues_creates_nothing_and_says_why(office, drumbeat):
    project = office.projects["support/loops"]
    office.root.post(
        "/users",
        username="blind",
        name="Blind",
        email="blind@example.com",
        password="correct-horse-battery-staple",
        skip_confirmation=True,
    )
    user = office.root.get("/users", username="blind")[0]["id"]
    office.root.post(f"/projects/{project}/members", user_id=user, access_level=10)
    token = office.root.post(f"/users/{user}/personal_access_tokens", name="t", scopes=["api"])[
        "token"
    ]
    os.environ["DRUMBEAT_TOKEN"] = token
    done = drumbeat.here("apply", "--only", "cadence=ticket-review")
    assert done.code == 3
    assert "token's role in support/loops is not proven to be Planner or above" in done.err
    assert token not in done.out + done.err
    assert office.issues() == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_interrupted_run_tells_what_it_did(office, drumbeat, monkeypatch, tmp_path, number):
    real = apply_verb.apply

    class Interrupted:
        """Two issues are there, and nothing is under way."""

        def __init__(self, plan, writer, _lanes):
            self.doing = real(plan, writer, 1)
            self.left = 2 + len([one for one in plan.changes if one.kind == "ensure-label"])

        def __iter__(self):
            for outcome in self.doing:
                yield outcome
                self.left -= 1
                if self.left == 0:
                    os.kill(os.getpid(), number)

        def __getattr__(self, name):
            return getattr(self.doing, name)

    monkeypatch.setattr(apply_verb, "apply", Interrupted)
    file = tmp_path / "outcomes.json"
    done = drumbeat.here("apply", "--outcomes", file)
    assert done.code == 130
    assert "Interrupted: what was done is listed; the next run does the rest.\n" in done.err
    record = json.loads(file.read_text())
    assert record["interrupted"] is True
    created = [one["status"] for one in record["outcomes"] if one["kind"] == "create-issue"]
    assert created == ["done", "done"]
    assert len(office.issues()) == 2

    monkeypatch.undo()
    os.environ["DRUMBEAT_URL"], os.environ["DRUMBEAT_TOKEN"] = office.url, office.token
    assert drumbeat.here("apply").code == 0
    assert len(office.issues()) == 18


def test_an_interruption_while_reading_changes_nothing(office, drumbeat, monkeypatch):
    def interrupted(*_args, **_named):
        raise KeyboardInterrupt

    monkeypatch.setattr(apply_verb, "make_plan", interrupted)
    done = drumbeat.here("apply")
    assert (done.code, done.out, done.err) == (130, "", "drumbeat: interrupted\n")


# --- Setup -----------------------------------------------------------------------------


def test_setup_shows_first_then_makes_and_then_is_silent(office, drumbeat):
    shown = drumbeat.here("setup")
    assert shown.code == 0
    assert shown.err == "Nothing was changed. To make it so: drumbeat setup --yes\n"
    assert (
        "  + support/loops: Tomás Breathnach: by state  lists: loop::open, loop::overdue"
        in shown.out
    )
    assert office.root.get("/groups/support/labels") == []

    made = drumbeat.here("setup", "--yes")
    assert made.code == 0
    names = {label["name"] for label in office.root.get("/groups/support/labels", per_page=100)}
    assert {"drumbeat", "loop::open", "SGG", "manager::mgr-emea-1", "initiative::stale"} <= names
    boards = office.root.get(f"/projects/{office.projects['support/loops']}/boards")
    ours = {
        board["name"]: [column["label"]["name"] for column in board["lists"]]
        for board in boards
        if board["name"].endswith(": by state")
    }
    columns = ["loop::open", "loop::overdue", "attention"]
    assert ours == {
        "Marguerite Okafor-Lindqvist: by state": columns,
        "Tomás Breathnach: by state": columns,
    }

    again = drumbeat.here("setup", "--yes")
    assert (again.code, again.err) == (0, "")
    assert again.out.startswith(
        "Plan for Mon 2026-11-23 09:00 UTC\n\nNothing to do.\n\nBoards (16)\n"
    )


def test_setup_says_what_it_may_not_do(office, drumbeat, monkeypatch):
    monkeypatch.setenv("DRUMBEAT_TOKEN", office.tokens["se-301"])
    refused = drumbeat.here("setup", "--yes")
    assert refused.code in {1, 3}
    assert office.root.get("/groups/support/labels") == []


# --- In a job's log --------------------------------------------------------------------


def test_a_jobs_log_has_sections_that_fold(office, drumbeat, monkeypatch):
    monkeypatch.setenv("GITLAB_CI", "true")
    done = drumbeat.here("apply", "--only", "cadence=ticket-review")
    marks = re.findall(
        r"\x1b\[0Ksection_(start|end):\d+:(\w+)(\[collapsed=\w+\])?\r\x1b\[0K", done.err
    )
    assert [(kind, name) for kind, name, _ in marks] == [
        ("start", "read"),
        ("end", "read"),
        ("start", "plan"),
        ("end", "plan"),
    ]
    assert "section_" not in done.out


def test_colours_only_where_they_are_wanted(office, drumbeat, monkeypatch):
    plain = drumbeat.here("plan")
    assert "\x1b" not in plain.out + plain.err
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[1mPlan for" in drumbeat.here("plan").out
    monkeypatch.setenv("NO_COLOR", "1")
    silent = drumbeat.here("plan")
    assert "\x1b" not in silent.out + silent.err
