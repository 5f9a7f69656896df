"""A small repository of policies and templates in a folder, and what `lint` says of it."""

from __future__ import annotations

import io
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

from automation.cli import main

NOW = "2026-11-23T09:00:00Z"

SETTINGS = """\
kind: settings
loops_group: support
default_project: support/loops
links: {handbook: https://handbook.example.com}
"""
ROSTER = """\
kind: roster
directors:
  - {id: dir-1, username: dir-1, name: Dora}
  - {id: dir-2, username: dir-2, name: Dan}
managers:
  - id: mgr-1
    username: mgr-1
    director: dir-1
    reports: [{id: se-1, username: se-1}, {id: se-2, username: se-2}]
  - {id: mgr-2, username: mgr-2, director: dir-2, reports: [{id: se-3, username: se-3}]}
groups: [{id: baobab, project: support/sgg/baobab, sponsor: mgr-1}]
"""
WEEKLY = """\
kind: cadence
name: weekly
for_each: manager
template: weekly.md
period: week
schedule: {rrule: FREQ=WEEKLY;BYDAY=MO, at: "08:00"}
"""
FRONT = "---\ntitle: Weekly of {{ manager.id }}, {{ period.label }}\n---\n"
BOX = "- [ ] one\n"


class Repository:
    """Writes files; every step answers the repository."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.policy("settings", SETTINGS).policy("roster", ROSTER).policy("weekly", WEEKLY)
        self.template("weekly.md", FRONT + BOX)

    def policy(self, name: str, text: str) -> Repository:
        return self._write(f"policies/{name}.yml", text.encode())

    def template(self, name: str, text: str | bytes) -> Repository:
        data = text if isinstance(text, bytes) else text.encode()
        return self._write(f"issue_templates/{name}", data)

    def _write(self, name: str, data: bytes) -> Repository:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return self

    def lint(self) -> str:
        """What `drumbeat lint` prints, and that its exit code fits."""
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            code = main(["lint", "-C", str(self.folder), "--now", NOW])
        assert code == (2 if out.getvalue() else 0), err.getvalue()
        return out.getvalue()
