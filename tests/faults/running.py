"""One run of Drumbeat over a wire of ours, as its verbs do it."""

from __future__ import annotations

import contextlib
import functools
import io
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from automation.cache import History
from automation.cache.record import Record
from automation.commands.apply import carry_out
from automation.config import load
from automation.errors import DrumbeatError, ExitCode
from automation.loops import Loops
from automation.model.organisation import Organisation
from automation.plan import Plan
from automation.planner import make_plan, run_rules, setup_rules
from automation.ports import Writer
from automation.remote import Connection, GitLabReader, GitLabWriter, Pacer
from automation.templates import Library
from tests.faults.inside import URL, Wire
from tests.remote.remote_world import StillTime

RULES = {"apply": run_rules, "setup": setup_rules}


class Killed(BaseException):
    """The process is gone: nothing of it runs any more, and nothing catches that."""


@dataclass
class Memory:
    """What a run that came to a plan leaves to the next one, as the cache's file does."""

    records: tuple[Record, ...] = ()


@dataclass(frozen=True)
class Job:
    """What a run is asked for: its verb, its repository, its time, its token and its lanes.

    `memory` is what runs before it remembered, and is given on.
    """

    repo: Path
    now: str
    token: str
    verb: str = "apply"
    lanes: int = 1
    memory: Memory = field(default_factory=Memory, compare=False, repr=False)


@dataclass(frozen=True)
class Ran:
    """What became of a run; the code is None where it was killed or crashed."""

    code: int | None
    text: str = ""
    plan: Plan | None = None
    crash: str = ""

    @property
    def settled(self) -> bool:
        """Whether it had nothing to do, and said that all is well."""
        return self.code == ExitCode.FINE and self.plan is not None and self.plan.empty


@contextlib.contextmanager
def told() -> Iterator[io.StringIO]:
    """Collects what is said on both streams."""
    text = io.StringIO()
    with contextlib.redirect_stdout(text), contextlib.redirect_stderr(text):
        yield text


Pacing = Callable[[StillTime], Pacer]


def usual_pace(time: StillTime) -> Pacer:
    """A pacer that waits in no time."""
    return time.pacer()


def run(
    job: Job,
    wire: Wire,
    between: Callable[[Plan], None] = lambda _plan: None,
    pacing: Pacing = usual_pace,
) -> Ran:
    """Run Drumbeat; `between` happens when the plan is made and nothing is written yet."""
    with told() as text:
        ran = run_aloud(job, wire, between, pacing)
    return Ran(ran.code, ran.text + text.getvalue(), ran.plan, ran.crash)


def run_aloud(
    job: Job,
    wire: Wire,
    between: Callable[[Plan], None] = lambda _plan: None,
    pacing: Pacing = usual_pace,
) -> Ran:
    """The same, for whoever collects what it says; `Ran.text` holds errors only."""
    plan: Plan | None = None
    try:
        reader, writer = _doors(job, wire, pacing)
        loops = Loops(_organisation(job.repo), Library(job.repo / "issue_templates"))
        history = History(job.memory.records)
        now, rules = datetime.fromisoformat(job.now), RULES[job.verb]
        plan = make_plan(loops, reader, now, rules, history=history)
        job.memory.records = history.records
        plan.raise_if_unsafe("")
        between(plan)
        code = _applied(plan, writer, job)
    except Killed:
        return Ran(None, plan=plan)
    except DrumbeatError as error:
        return Ran(error.exit_code, f"drumbeat: {error}\n", plan)
    except Exception:
        return Ran(None, plan=plan, crash=traceback.format_exc())
    return Ran(code, plan=plan)


@functools.cache
def _organisation(repo: Path) -> Organisation:
    """The configuration of a repository, which takes longer to read than all else."""
    return load(repo)


def _applied(plan: Plan, writer: Writer, job: Job) -> int:
    return carry_out(plan, writer, lanes=job.lanes)


def _doors(job: Job, wire: Wire, pacing: Pacing) -> tuple[GitLabReader, GitLabWriter]:
    """As `automation.remote.connect` makes them, on the wire."""
    gl = Connection(URL, job.token, lanes=job.lanes).open()
    gl.session.mount("http://", wire)
    gl.session.mount("https://", wire)
    pacer = pacing(StillTime())
    return GitLabReader(gl, pacer, lanes=job.lanes), GitLabWriter(gl, pacer)
