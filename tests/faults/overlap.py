"""Two runs at once: their requests take turns in an order that a seed draws."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from itertools import pairwise

from tests.faults.campaign import Result, Scene, Stage, heal, later, note_run
from tests.faults.inside import Home
from tests.faults.looking import Look, Seen, broken_laws, look
from tests.faults.running import Job, Ran, run_aloud, told
from tests.faults.trouble import TroubledWire


class Turns:
    """Lets one of several runs go on at a time, from one request to the next.

    Nobody is chosen before everybody who still runs is waiting, so that nothing but the seed
    decides. `steady` is how likely the same one goes on.
    """

    def __init__(self, seed: int, runs: int) -> None:
        self._chance = random.Random(seed)
        self._steady = self._chance.choice([0.0, 0.5, 0.9, 0.97])
        self._running = set(range(runs))
        self._waiting: set[int] = set()
        self._last = 0
        self._turn: int | None = None
        self._changed = threading.Condition()

    def wait(self, who: int) -> None:
        """Come back when it is one's turn."""
        with self._changed:
            self._waiting.add(who)
            self._choose()
            self._changed.wait_for(lambda: self._turn == who)
            self._waiting.remove(who)
            self._turn = None

    def leave(self, who: int) -> None:
        """Be over: the others go on without."""
        with self._changed:
            self._running.remove(who)
            self._choose()

    def _choose(self) -> None:
        if self._turn is not None or self._waiting != self._running or not self._running:
            return
        if self._last not in self._running or self._chance.random() >= self._steady:
            self._last = self._chance.choice(sorted(self._running))
        self._turn = self._last
        self._changed.notify_all()


def together(jobs: list[Job], wires: Callable[[int, Turns], TroubledWire], seed: int) -> list[Ran]:
    """Run the jobs at once, each in a thread of its own and on a wire of its own."""
    turns, rans = Turns(seed, len(jobs)), [Ran(None) for _ in jobs]

    def one(who: int) -> None:
        try:
            rans[who] = run_aloud(jobs[who], wires(who, turns))
        finally:
            turns.leave(who)

    threads = [threading.Thread(target=one, args=(who,)) for who in range(len(jobs))]
    with told():
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    return rans


def play_overlap(stage: Stage, scene: Scene, seed: int) -> Result:
    """Run a scene twice at once, let people work on what is there twice, and let it heal."""
    result = Result(seed, f"world {scene.world}, {scene.chapter.name}: two runs at once")
    stage.set_up(scene)

    def wire(who: int, turns: Turns) -> TroubledWire:
        return TroubledWire(stage.house, before=lambda _number, _method: turns.wait(who))

    for ran in together([scene.job, scene.job], wire, seed):
        note_run(result, ran)
    newer = [one for _, twins in _fresh_twins(scene, look(stage.house)) for one in twins[1:]]
    result.struck["opened twice"] += len(newer)
    _work_on(Home(stage.house, scene.tokens), newer)
    before = look(stage.house)
    if heal(stage, later(scene.job, 1), result):
        there = look(stage.house)
        result.broken += broken_laws(before, there, overlapped=True)
        result.broken += _unhealed(scene, there, newer)
    return result


def _fresh_twins(scene: Scene, there: Look) -> list[tuple[str, list[Seen]]]:
    """What is there more often than without an overlap, the oldest first."""
    known = {key for key, _ in scene.after.twins()}
    return [
        (key, sorted(twins, key=lambda one: (one.created_at, one.id)))
        for key, twins in there.twins()
        if key not in known
    ]


def _work_on(home: Home, twins: list[Seen]) -> None:
    """Somebody ticks the first box of each newer one."""
    by_id = {issue["id"]: issue for issue in home.issues()}
    for one in twins:
        home.root.tick(by_id[one.id], lambda index: index == 0)


def _unhealed(scene: Scene, there: Look, newer: list[Seen]) -> list[str]:
    """What differs from one run: the older stays, the newer is closed and its ticks are told."""
    broken = []
    for key, twins in _fresh_twins(scene, there):
        wanted = {one.opened for one in scene.after.issues.values() if key in one.keys}
        if {twins[0].opened} != wanted:
            broken.append(f"{key}: the oldest is {'open' if twins[0].opened else 'closed'}")
        broken += [f"{key}: a newer one is open" for older, one in pairwise(twins) if one.opened]
    for one in newer:
        now = there.issues[one.id]
        ticked = next((line for line in now.description.splitlines() if "[x]" in line), "")
        item = ticked.partition("] ")[2]
        if item and item not in now.text.partition("\n-- ")[2]:
            broken.append(f"{now.title}: nobody is told that “{item}” was ticked")
    return broken + _missing_keys(scene, there)


def _missing_keys(scene: Scene, there: Look) -> list[str]:
    wanted = {key for one in scene.after.issues.values() for key in one.keys}
    found = {key for one in there.issues.values() for key in one.keys}
    return [f"{key} was not opened" for key in sorted(wanted - found)] + [
        f"{key} was opened for no reason" for key in sorted(found - wanted)
    ]
