"""`drumbeat doctor` on the embedded GitLab: a healthy one, and broken ones."""

from __future__ import annotations

import re
import shutil
from datetime import UTC, datetime, timedelta

import pytest

from automation.checkup import Finding, Severity
from automation.render.doctor import doctor_text
from tests.commands.office import MONDAY, NOW, ROOT_TOKEN
from tests.support.gitlab_state import restore, saved

FIELDS = {"key", "severity", "title", "cause", "consequence", "remedy"}


@pytest.fixture(scope="session")
def kept():
    """The settled office, once a test has made it."""
    return []


@pytest.fixture
def settled(drumbeat, office, place, kept):
    """The office after `setup --yes` and `apply`, with an initiative to look at."""
    if kept:
        restore(office.url, ROOT_TOKEN, kept[0])
        return office
    baobab = office.projects["support/sgg/baobab"]
    aoife = office.person("mgr-emea-1")
    assert drumbeat("setup", "-C", place, "--now", NOW, "--yes").code == 0
    aoife.post(f"/projects/{baobab}/issues", title="An initiative", labels="SGG")
    assert drumbeat("apply", "-C", place, "--now", NOW).code == 0
    kept.append(saved(office.url, ROOT_TOKEN))
    return office


def doctor(drumbeat, place, *argv, now=NOW):
    return drumbeat("doctor", "-C", place, "--now", now, *argv)


def found_keys(done):
    return [one["key"] for one in done.json["findings"]]


def test_nothing_is_wrong_on_a_healthy_project(drumbeat, settled, place):
    done = doctor(drumbeat, place)
    assert (done.code, done.err) == (0, "")
    assert done.out == "Doctor at Mon 2026-11-23 09:00 UTC\n\nNothing to mend.\n"


def test_it_only_reads(drumbeat, settled, place):
    settled.requests()
    doctor(drumbeat, place)
    routes = settled.requests()["by_route"]
    assert all(route.startswith("GET ") for route in routes if "/sandbox/" not in route)
    assert routes["GET /api/v4/personal_access_tokens/self"] == 1


def test_a_second_look_asks_nothing_of_a_run_before(drumbeat, settled, place):
    assert doctor(drumbeat, place).out == doctor(drumbeat, place).out


def test_json_has_every_finding_with_its_parts(drumbeat, office, place):
    done = doctor(drumbeat, place, "--format", "json")
    assert done.code == 1
    document = done.json
    assert document.keys() == {"version", "now", "counts", "findings"}
    assert (document["version"], document["now"]) == (1, "2026-11-23T09:00:00+00:00")
    assert all(one.keys() == FIELDS and all(one.values()) for one in document["findings"])
    assert found_keys(done) == [
        "runs-missing",
        "boards-lacking",
        "labels-lacking",
        "schedules-drifted",
        "triage-idle:blocked-initiatives",
        "triage-idle:paused-initiatives",
        "triage-idle:stale-initiatives",
    ]


def test_warnings_alone_are_no_failure(drumbeat, settled, place):
    policies = place / "policies" / "labels.yml"
    text = policies.read_text(encoding="utf-8")
    policies.write_text(text + "  - name: fresh\n", encoding="utf-8")
    done = doctor(drumbeat, place)
    assert done.code == 0
    assert "WARNING  Labels are lacking: 1" in done.out
    assert done.out.endswith("1 warning.\n")


def test_people_and_members_as_gitlab_has_them(drumbeat, settled, place):
    root = settled.root
    users = {name: root.get("/users", username=name)[0]["id"] for name in ("se-301", "mgr-emea-2")}
    project = settled.projects["support/1-1s/mgr-emea-1"]
    root.post(f"/projects/{project}/members", user_id=users["mgr-emea-2"], access_level=20)
    root.post(f"/users/{users['se-301']}/block")
    done = doctor(drumbeat, place)
    assert done.code == 1
    assert "Others can read the confidential loops in support/1-1s/mgr-emea-1" in done.out
    assert "@mgr-emea-2 (Reporter)." in done.out
    assert "There is no user @se-301, or they are blocked" in done.out


def test_the_groups_owner_reads_everything_until_the_settings_allow_it(drumbeat, settled, place):
    settings = place / "policies" / "settings.yml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text.replace("[root]", "[]"), encoding="utf-8")
    done = doctor(drumbeat, place, "--format", "json")
    assert done.code == 1
    (found,) = done.json["findings"]
    assert found["key"] == "confidential-readers:support/1-1s/mgr-amer-1"
    assert "@root (Owner)." in found["cause"]


def test_titles_of_confidential_loops_are_in_no_output(drumbeat, settled, place):
    hidden = [one["title"] for one in settled.issues(confidential="true")]
    assert len(hidden) > 5
    for name in ("one-on-one.yml", "career-talk.yml", "ticket-review.yml", "boards.yml"):
        (place / "policies" / name).unlink()
    for shape in ("text", "json"):
        done = doctor(drumbeat, place, "--format", shape)
        assert "loops-left-over" in done.out
        assert [title for title in hidden if title in done.out + done.err] == []


@pytest.fixture
def operated(settled):
    """Loops run from a project with a schedule and the token in a variable, both in order."""
    project = settled.projects["support/loops"]
    root = settled.root
    user = root.get("/users", username="se-101")[0]["id"]
    root.post(f"/projects/{project}/members", user_id=user, access_level=30)
    settled.person("se-101").post(
        f"/projects/{project}/pipeline_schedules", description="Daily", ref="main", cron="0 8 * * *"
    )
    root.post(
        f"/projects/{project}/variables",
        key="DRUMBEAT_TOKEN",
        value=settled.token,
        protected=True,
        masked=True,
    )
    return settled


def test_a_planner_sees_schedules_but_no_variables(drumbeat, operated, place, monkeypatch):
    settings = place / "policies" / "settings.yml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text.replace("[root]", "[root, se-101]"), encoding="utf-8")
    done = doctor(drumbeat, place, "--project", "support/loops", "--format", "json")
    about = "unreadable:the variable DRUMBEAT_TOKEN of support/loops"
    assert (done.code, found_keys(done)) == (0, [about])
    monkeypatch.setenv("CI_PROJECT_PATH", "support/loops")
    assert found_keys(doctor(drumbeat, place, "--format", "json")) == [about]


def test_a_blocked_owners_schedule_and_a_loose_variable(drumbeat, operated, place, monkeypatch):
    root, project = operated.root, operated.projects["support/loops"]
    root.put(f"/projects/{project}/variables/DRUMBEAT_TOKEN", protected=False)
    user = root.get("/users", username="se-101")[0]["id"]
    root.post(f"/users/{user}/block")
    made = root.post(
        "/groups/support/access_tokens",
        name="doctor",
        scopes=["api"],
        access_level=40,
        expires_at="2027-10-01",
    )
    monkeypatch.setenv("DRUMBEAT_TOKEN", made["token"])
    done = doctor(drumbeat, place, "--project", "support/loops", "--format", "json")
    assert done.code == 1
    assert {
        "schedules-none:support/loops",
        "schedules-idle:support/loops",
        "variable-not-protected:support/loops",
    } <= set(found_keys(done))
    assert operated.token not in done.out
    assert made["token"] not in done.out


# --- GitLab that cannot be read --------------------------------------------------------


def test_a_token_that_is_not_taken_is_a_finding(drumbeat, office, place, monkeypatch):
    monkeypatch.setenv("DRUMBEAT_TOKEN", "glpat-wrong-token-here")
    done = doctor(drumbeat, place, "--format", "json")
    assert (done.code, found_keys(done)) == (3, ["token-refused"])
    assert "glpat-wrong-token-here" not in done.out + done.err


def test_an_expired_token_is_not_taken(drumbeat, settled, place):
    settled.move(MONDAY + timedelta(days=400))
    done = doctor(drumbeat, place)
    assert done.code == 3
    assert "ERROR  GitLab does not take the token" in done.out
    assert "expired" in done.out


def test_a_gitlab_that_is_not_there_is_a_finding(drumbeat, place, monkeypatch):
    monkeypatch.setenv("DRUMBEAT_TOKEN", "glpat-some-token")
    done = drumbeat(
        "doctor", "-C", place, "--url", "http://127.0.0.1:9", "--format", "json", "--now", NOW
    )
    assert (done.code, found_keys(done)) == (3, ["gitlab-unreadable"])


def test_no_token_at_all_is_a_wrong_call(drumbeat, office, place, monkeypatch):
    monkeypatch.delenv("DRUMBEAT_TOKEN")
    done = doctor(drumbeat, place)
    assert (done.code, done.out) == (2, "")
    assert "There is no token for GitLab" in done.err


def test_the_token_is_in_no_output(drumbeat, settled, place):
    for shape in ("text", "json"):
        done = doctor(drumbeat, place, "--format", shape)
        assert settled.token not in done.out + done.err


def test_a_token_of_narrow_scope(drumbeat, settled, place, monkeypatch):
    user = settled.root.get("/users", username="support-drumbeat")[0]["id"]
    made = settled.root.post(
        f"/users/{user}/personal_access_tokens",
        name="narrow",
        scopes=["read_api"],
        expires_at="2026-12-31",
    )
    monkeypatch.setenv("DRUMBEAT_TOKEN", made["token"])
    done = doctor(drumbeat, place, "--format", "json")
    assert (done.code, found_keys(done)) == (1, ["token-scope", "token-expiry"])
    assert made["token"] not in done.out


def test_without_now_the_clocks_are_compared(drumbeat, settled, place):
    settled.move(datetime.now(UTC) + timedelta(hours=3))
    done = drumbeat("doctor", "-C", place)
    assert re.search(r"This machine's clock is 1(79|80) minutes behind GitLab's", done.out)


# --- How it looks ----------------------------------------------------------------------


def test_one_page_for_a_person():
    found = [
        Finding(
            key=f"key-{severity}",
            severity=severity,
            title="What is wrong",
            cause="Why.",
            consequence="What comes of it.",
            remedy="What mends it.",
        )
        for severity in (Severity.ERROR, Severity.HINT, Severity.HINT)
    ]
    assert doctor_text(tuple(found[:1]), MONDAY, lambda colour, text: f"<{colour}>{text}") == (
        "<bold>Doctor at Mon 2026-11-23 09:00 UTC\n"
        "\n"
        "<red>ERROR  What is wrong\n"
        "  because  Why.\n"
        "  so       What comes of it.\n"
        "  mend it  What mends it.\n"
        "<dim>  (key-error)\n"
        "\n"
        "1 error.\n"
    )
    assert doctor_text(tuple(found), MONDAY).endswith("\n\n1 error, 2 hints.\n")


def test_wrong_policies_are_told_before_gitlab_is_asked(drumbeat, place):
    shutil.rmtree(place / "policies")
    assert doctor(drumbeat, place).code == 2
