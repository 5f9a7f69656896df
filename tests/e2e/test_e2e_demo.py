"""`drumbeat demo`, as a newcomer starts it: on this machine alone, and to a good end."""

from __future__ import annotations

import re
import resource
import subprocess
import sys

from tests.e2e.drive import environment
from tests.support.sample import REPOSITORY

# An audit hook sees every connection and every name that Python code asks for, whichever
# library does so. It is put in front of the program, in the same process.
WATCHED = """\
import sys

def watch(event, args):
    if event == "socket.connect":
        host = args[1][0] if isinstance(args[1], tuple) else str(args[1])
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        host = args[0]
    else:
        return
    if host not in ("127.0.0.1", "::1", "localhost", None, b"127.0.0.1"):
        sys.stderr.write(f"LEFT THIS MACHINE: {event} {host!r}\\n")
        raise RuntimeError(f"{event} {host!r}")
    seen.add(event)

seen = set()
sys.addaudithook(watch)
from automation.cli import main
code = main(["demo", *sys.argv[1:]])
sys.stderr.write(f"SEEN: {' '.join(sorted(seen))}\\n")
sys.exit(code)
"""
NOWHERE = "http://192.0.2.1:9"
"""A proxy that is not there: what stays on this machine must not ask it."""


def busy_seconds() -> float:
    """How long processes that were started and have ended kept a processor busy."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def test_the_demo_ends_well_within_a_minute_and_leaves_this_machine_alone(tmp_path):
    proxies = dict.fromkeys(("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"), NOWHERE)
    before = busy_seconds()
    ran = subprocess.run(
        [sys.executable, "-c", WATCHED, "--root", str(REPOSITORY)],
        env={**environment(**proxies), "DRUMBEAT_URL": "https://gitlab.example.com"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=110,
    )
    assert ran.returncode == 0, ran.stderr
    assert "LEFT THIS MACHINE" not in ran.stderr
    assert "SEEN: socket.connect" in ran.stderr  # the watch was awake
    assert busy_seconds() - before < 60  # whatever else this machine is doing

    last = ran.stdout[ran.stdout.rindex("What happened\n") :].splitlines()
    counts = {
        found[2]: int(found[1])
        for line in last
        if (found := re.match(r" +(\d+) +(loop::\w+)", line))
    }
    assert set(counts) == {
        "loop::open",
        "loop::overdue",
        "loop::done",
        "loop::missed",
        "loop::waived",
    }
    assert counts["loop::open"] == 24
    assert sum(counts.values()) == 42
    assert all(counts[f"loop::{state}"] for state in ("done", "missed", "waived"))
    assert re.search(
        r"42 loops, no title twice and no note twice, although Drumbeat ran \d+", last[-2]
    )
    assert last[-1].startswith("Next: read policies/ and issue_templates/")
    assert "\x1b[" not in ran.stdout
    assert list(tmp_path.iterdir()) == []
