"""How fast the embedded GitLab is with many issues: prints a line for each figure.

    python tests/bench/sandbox_speed.py [NUMBER OF ISSUES]

The figures are CPU time of the server's own work, without the network: the application is
called as its server calls it. Exit code 1 when a figure is above its target.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from automation.sandbox.app import Application, create_app
from automation.sandbox.schema import Issue, IssueLabel
from automation.sandbox.store import Store

ISSUES = 50_000
LABELS = 20
STARTED = "from automation.sandbox.server import running\nwith running(db={db!r}): pass"
Row = tuple[str, float, float]


def call(app: Application, method: str, path: str, query: str = "") -> tuple[int, bytes]:
    """One request, answered without a network."""
    headers = [(b"private-token", b"root-token"), (b"host", b"bench")]
    scope: dict[str, Any] = {
        "type": "http", "method": method, "path": path, "raw_path": path.encode(),
        "query_string": query.encode(), "headers": headers, "scheme": "http",
        "server": ("bench", 80), "client": ("bench", 1),
    }  # fmt: skip
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(app(scope, receive, send))
    return sent[0]["status"], b"".join(part.get("body", b"") for part in sent[1:])


def fill(app: Application, store: Store, number: int) -> None:
    """A group, a project, labels, and issues with two labels each."""
    call(app, "POST", "/api/v4/groups", "name=g&path=g")
    call(app, "POST", "/api/v4/projects", "name=p&namespace_id=2")
    for label in range(LABELS):
        call(app, "POST", "/api/v4/groups/2/labels", f"name=l{label}&color=red")
    moment = "2026-01-01T00:{:02d}:{:02d}.000Z"
    rows = [
        {"iid": n, "project_id": 1, "title": f"Issue {n}", "description": "- [ ] x\n" * 5,
         "author_id": 1, "created_at": moment.format(n // 60 % 60, n % 60),
         "updated_at": moment.format(n // 60 % 60, n % 60), "task_count": 5}
        for n in range(1, number + 1)
    ]  # fmt: skip
    labelled = [
        {"issue_id": n, "label_id": 1 + (n + extra) % LABELS}
        for n in range(1, number + 1)
        for extra in (0, 7)
    ]
    with store.session() as session:
        session.execute(insert(Issue), rows)
        session.execute(insert(IssueLabel), labelled)
        session.connection().exec_driver_sql(f"UPDATE projects SET next_iid = {number + 1}")
        session.commit()


def cpu(work: Callable[[], Any], times: int = 20) -> float:
    """Milliseconds of CPU for one turn, the mean of several after a first."""
    work()
    start = time.process_time()
    for _ in range(times):
        work()
    return (time.process_time() - start) / times * 1000


def measure(app: Application) -> list[Row]:
    """Name, milliseconds and target of each figure."""
    lists = {
        "page of 100 issues of a project": ("/api/v4/projects/1/issues", "per_page=100"),
        "the same by keyset": (
            "/api/v4/projects/1/issues", "per_page=100&pagination=keyset&order_by=id",
        ),
        "by label and state": (
            "/api/v4/projects/1/issues", "per_page=100&labels=l3&state=opened",
        ),
        "with label details": (
            "/api/v4/projects/1/issues", "per_page=100&with_labels_details=true",
        ),
        "page of 100 issues of a group": ("/api/v4/groups/2/issues", "per_page=100"),
        "by title": ("/api/v4/projects/1/issues", "per_page=100&order_by=title&sort=asc"),
        "by popularity": ("/api/v4/projects/1/issues", "per_page=100&order_by=popularity"),
        "page 400": ("/api/v4/projects/1/issues", "per_page=100&page=400"),
        "updated lately": (
            "/api/v4/projects/1/issues", "per_page=100&updated_after=2026-01-01T00:59:00Z",
        ),
    }  # fmt: skip
    rows = [
        (name, cpu(partial(call, app, "GET", path, query)), 30.0)
        for name, (path, query) in lists.items()
    ]
    title = "title=New&labels=l1,l2&description=-%20%5B%20%5D%20x"
    new = cpu(lambda: call(app, "POST", "/api/v4/projects/1/issues", title), 100)
    return [*rows, ("creation of an issue", new, 5.0)]


def start(db: str) -> Row:
    """How long a process takes until it serves a database that is there."""
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-c", STARTED.format(db=db)], check=True)
    return "start of a process, wall clock", (time.perf_counter() - begun) * 1000, 1000.0


def main(number: int) -> int:
    """Print the figures; 1 when one misses its target."""
    with tempfile.TemporaryDirectory() as folder:
        db = str(Path(folder) / "bench.db")
        with Store(db) as store:
            app = create_app(store)
            fill(app, store, number)
            rows = measure(app)
        rows.append(start(db))
    print(f"{number} issues; milliseconds, target")
    for name, figure, target in rows:
        print(f"{'ok  ' if figure < target else 'MISS'} {name:40} {figure:9.2f} {target:6.0f}")
    return int(any(figure >= target for _, figure, target in rows))


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else ISSUES))
