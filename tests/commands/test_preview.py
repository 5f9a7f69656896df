"""`drumbeat preview` in its formats: for a terminal, as files to keep, and as a gallery."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.commands.office import NOW, ROOT, Drumbeat
from tests.support.sample import REPOSITORY
from tests.templates.repository import Repository

ONE = ("--only", "cadence=customer-interaction", "--only", "manager=mgr-emea-1")
KEY = "customer-interaction/mgr-emea-1/2026-W48"


def test_markdown_begins_with_the_facts(drumbeat: Drumbeat) -> None:
    found = drumbeat.here("preview", *ONE, "--format", "markdown")
    _, front, body = found.out.split("---\n", 2)
    facts = yaml.safe_load(front)
    assert facts["title"] == "Customer interaction of Aoife Ní Dhomhnaill · 2026-W48"
    assert (facts["key"], facts["confidential"]) == (KEY, "no")
    assert "- [ ] Own a ticket from the first reply to the closing words\n" in body


def test_text_into_a_folder(drumbeat: Drumbeat, tmp_path: Path) -> None:
    found = drumbeat.here("preview", *ONE, "--format", "text", "--out", tmp_path)
    assert found.err == f"1 preview written to {tmp_path}.\n"
    text = (tmp_path / f"{KEY}.txt").read_text(encoding="utf-8")
    assert text.startswith("Customer interaction of Aoife")


def test_a_terminal_gets_signs_and_colours(
    drumbeat: Drumbeat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    text = drumbeat.here("preview", *ONE).out
    assert "\x1b[1mThis week I did\x1b[0m" in text
    assert "☐ Own a ticket" in text
    monkeypatch.setenv("NO_COLOR", "1")
    plain = drumbeat.here("preview", *ONE).out
    assert plain == re.sub(r"\x1b\[\d+m", "", text)


def test_a_real_terminal_is_known(tmp_path: Path) -> None:
    """In a process of its own, with the other end of a pseudo-terminal here."""
    ours, theirs = pty.openpty()
    env = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    argv = [sys.executable, "-m", "automation", "preview", "-C", str(ROOT), "--now", NOW, *ONE]
    with subprocess.Popen(argv, stdout=theirs, env={**env, "TERM": "xterm"}, cwd=REPOSITORY):
        os.close(theirs)
        read = b""
        try:
            while part := os.read(ours, 65_536):
                read += part
        except OSError:  # the other end is closed: that is all
            pass
        finally:
            os.close(ours)
    assert "☐ Own a ticket" in read.decode()
    assert "\x1b[1m" in read.decode()


# --- The gallery -------------------------------------------------------------------------


def test_a_gallery_of_everything(drumbeat: Drumbeat, tmp_path: Path) -> None:
    found = drumbeat("preview", "-C", REPOSITORY, "--now", NOW, "--all", "--format", "html",
                     "--out", tmp_path / "gallery")  # fmt: skip
    pages = sorted((tmp_path / "gallery").rglob("*.html"))
    assert (found.code, found.out) == (0, "")
    assert found.err == (
        f"{len(pages)} pages written. Open {tmp_path}/gallery/index.html in a browser.\n"
    )
    names = {str(one.relative_to(tmp_path / "gallery")) for one in pages}
    assert {f"loops/{KEY}.html", "triage/stale-initiatives/stale-comment.html"} <= names
    index = (tmp_path / "gallery" / "index.html").read_text(encoding="utf-8")
    assert "the first opens on Mon 2026-12-07" in index


def test_a_part_of_the_gallery(drumbeat: Drumbeat, tmp_path: Path) -> None:
    drumbeat("preview", "-C", REPOSITORY, "--now", NOW, "--only", "triage=meta-issues",
             "--format", "html", "--out", tmp_path)  # fmt: skip
    assert [one.name for one in sorted(tmp_path.rglob("*.html"))] == [
        "index.html",
        "quiet-and-nobodys-comment.html",
        "quiet-comment.html",
    ]


def test_one_page_alone(drumbeat: Drumbeat) -> None:
    found = drumbeat.here("preview", *ONE, "--format", "html")
    assert (found.code, found.err) == (0, "")
    assert found.out.startswith("<!doctype html>")
    assert "All previews" not in found.out
    assert "<style>" in found.out


def test_several_pages_need_a_folder(drumbeat: Drumbeat) -> None:
    found = drumbeat.here("preview", "--only", "cadence=customer-interaction", "--format", "html")
    assert (found.code, found.out) == (2, "")
    assert found.err == (
        "No customer-interaction for mgr-amer-1, mgr-amer-2: the first opens on Mon 2026-11-23.\n"
        "drumbeat: 4 loops cannot be one page\n"
        "  Name a folder with --out, or choose one with --only cadence=… --only manager=….\n"
    )


def test_no_page_at_all_says_why(drumbeat: Drumbeat) -> None:
    found = drumbeat.here("preview", *ONE, "--format", "html", now="2026-11-22T09:00:00Z")
    assert (found.code, found.out) == (2, "")
    assert found.err == (
        "No loop is current for these at that time.\n"
        "No customer-interaction for mgr-emea-1: the first opens on Mon 2026-11-23.\n"
        "drumbeat: 0 loops cannot be one page\n"
        "  Name a folder with --out, or choose one with --only cadence=… --only manager=….\n"
    )


def test_a_gallery_that_cannot_be_written(drumbeat: Drumbeat, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    found = drumbeat.here("preview", *ONE, "--format", "html", "--out", tmp_path / "out")
    assert found.code == 2
    assert found.err.endswith("index.html cannot be written: File exists\n")


def test_what_is_wrong_in_a_template_has_its_place(drumbeat: Drumbeat, tmp_path: Path) -> None:
    Repository(tmp_path).template("weekly.md", "---\ntitle: x\n---\n\n{{ mangr }}\n")
    found = drumbeat("preview", "-C", tmp_path, "--now", NOW, "--all", "--format", "html",
                     "--out", tmp_path / "out")  # fmt: skip
    assert found.code == 2
    assert found.err.startswith("drumbeat: issue_templates/weekly.md:5:1: 'mangr' is undefined")


def test_what_is_wrong_in_a_comment_names_the_policy(drumbeat: Drumbeat, tmp_path: Path) -> None:
    Repository(tmp_path).template("hi.md", "{{ nobody }}").policy(
        "stale",
        "kind: triage\nname: stale\nwhere: {group: support/sgg}\n"
        "rules: [{name: r, when: quiet_for > days(3), do: {comment: hi.md}}]\n",
    )
    found = drumbeat("preview", "-C", tmp_path, "--now", NOW, "--all", "--format", "html",
                     "--out", tmp_path / "out")  # fmt: skip
    assert found.code == 2
    assert found.err.startswith("drumbeat: policies/stale.yml:1:")
    assert "'nobody' is undefined" in found.err


# --- Nothing is silent ---------------------------------------------------------------------


def test_one_line_for_each_cadence_and_reason(drumbeat: Drumbeat) -> None:
    found = drumbeat("preview", "-C", REPOSITORY, "--now", NOW, "--only", "cadence=community")
    assert (found.code, found.out) == (0, "")
    assert found.err == (
        "No loop is current for these at that time.\n"
        "No community for mgr-amer-1, mgr-amer-2, mgr-emea-1, mgr-emea-2, mgr-apac-1 and 1 more: "
        "the first opens on Mon 2026-12-07.\n"
    )


def test_a_cadence_that_is_off(drumbeat: Drumbeat) -> None:
    found = drumbeat.here("preview", "--only", "cadence=on-call", "--only", "manager=mgr-emea-1")
    assert found.err.endswith("No on-call: it is switched off.\n")
