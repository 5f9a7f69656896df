"""`drumbeat report` against the embedded GitLab."""

from __future__ import annotations

import sys
from datetime import timedelta

from automation.demo.people import comment, edit
from tests.commands.office import MONDAY

CANARY = "CANARY-7F3A"


def later(days: int) -> str:
    return (MONDAY + timedelta(days=days)).isoformat()


def texts(folder):
    return {
        str(one.relative_to(folder)): one.read_text(encoding="utf-8")
        for one in folder.rglob("*")
        if one.is_file()
    }


def test_the_site_of_the_sample_after_a_run(office, drumbeat, tmp_path):
    assert drumbeat.here("apply").code == 0
    office.move(MONDAY + timedelta(days=7))
    assert drumbeat.here("apply", now=later(7)).code == 0
    office.requests()
    public = tmp_path / "public"
    ran = drumbeat.here("report", "--out", public, now=later(7))
    assert (ran.code, ran.out) == (0, "")
    pages = texts(public)
    assert f"{sum(one.endswith('.html') for one in pages)} pages written" in ran.err
    routes = office.requests()["by_route"]
    assert {route.split()[0] for route in routes} == {"GET"}
    assert "2026-W48" in pages["runs.html"]
    assert "managers/mgr-emea-1.html" in pages
    assert "groups/baobab.html" in pages
    assert "/-/boards/" not in pages["index.html"]
    again = drumbeat.here("report", "--out", public, now=later(7))
    assert (again.code, texts(public)) == (0, pages)


def test_boards_that_setup_made_are_linked(office, drumbeat, tmp_path):
    assert drumbeat.here("setup", "--yes").code == 0
    public = tmp_path / "public"
    assert drumbeat.here("report", "--out", public).code == 0
    assert "/-/boards/" in texts(public)["managers/mgr-emea-1.html"]


def test_confidential_words_reach_neither_the_site_nor_the_terminal(office, drumbeat, tmp_path):
    assert drumbeat.here("apply").code == 0
    secret = office.issues(confidential=True)
    assert secret
    for issue in secret:
        body = issue["description"].replace("- [ ]", f"- [ ] {CANARY}", 1)
        edit(office.root, issue, description=body, title=f"{CANARY} {issue['iid']}")
        edit(office.root, issue, add_labels=f"{CANARY},loop::overdue")
        comment(office.root, issue, CANARY)
    public = tmp_path / "public"
    ran = drumbeat.here("report", "--out", public)
    assert ran.code == 0
    everything = "".join([*texts(public).values(), ran.out, ran.err])
    assert CANARY not in everything
    assert not [one for one in secret if one["web_url"] in everything]
    assert "confidential" in texts(public)["index.html"]


def test_a_folder_of_somebody_is_refused_before_gitlab_is_asked(drumbeat, tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    ran = drumbeat.here("report", "--out", tmp_path)
    assert ran.code == 2
    assert "is not empty, and no report of Drumbeat" in ran.err


def test_without_a_gitlab_or_a_token_it_says_so(drumbeat, tmp_path):
    ran = drumbeat.here("report", "--out", tmp_path / "public")
    assert (ran.code, "no GitLab is named" in ran.err) == (2, True)


def test_without_the_extra_it_says_what_to_install(drumbeat, tmp_path, monkeypatch):
    for name in [one for one in sys.modules if one.startswith("automation.report")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "altair", None)
    ran = drumbeat.here("report", "--out", tmp_path / "public")
    assert ran.code == 2
    assert "the report needs altair, which is not installed" in ran.err
    assert "pip install 'drumbeat[report]'" in ran.err
    assert not (tmp_path / "public").exists()
