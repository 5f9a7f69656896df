"""From a seed to what it broke: disturb one chapter of a story, let it heal, and compare."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from automation.cache.record import Record
from automation.errors import ExitCode
from tests.e2e.outside import BOT
from tests.faults.inside import Home, House
from tests.faults.looking import Look, broken_laws, differences, look
from tests.faults.running import Job, Memory, Pacing, Ran, run, usual_pace
from tests.faults.trouble import FOR_EVER, KINDS, Kind, Request, Trouble, TroubledWire
from tests.faults.worlds import FOUNDED, Chapter, chapters, founded, written

HEALING = 4
"""So many runs may pass until everything rests; the one that proves it is among them."""
WORLDS = 4


@dataclass(frozen=True)
class Scene:
    """A chapter at the moment of its run, and what came of that where nothing was disturbed."""

    world: int
    chapter: Chapter
    job: Job
    state: bytes
    before: Look
    after: Look
    requests: int
    writes: int
    tokens: dict[str, str] = field(repr=False)
    remembered: tuple[Record, ...] = field(repr=False)

    @property
    def reads(self) -> int:
        """How many requests its run makes before it writes."""
        return self.requests - self.writes


class Stage:
    """Plays the stories of the worlds once, and sets any scene of them up again."""

    def __init__(self, folder: Path) -> None:
        self.house = House(FOUNDED)
        self._folder = folder
        self._empty = self.house.save()
        self._scenes: dict[int, tuple[Scene, ...]] = {}

    def scenes(self, world: int) -> tuple[Scene, ...]:
        """All scenes of a world's story."""
        if world not in self._scenes:
            self._scenes[world] = tuple(self._played(world))
        return self._scenes[world]

    def set_up(self, scene: Scene) -> None:
        """Let it be the moment of a scene's run."""
        self.house.load(scene.state)
        scene.job.memory.records = scene.remembered

    def next_after(self, scene: Scene) -> Scene | None:
        """The scene that follows in the story."""
        scenes = self.scenes(scene.world)
        place = scenes.index(scene) + 1
        return scenes[place] if place < len(scenes) else None

    def _played(self, world: int) -> Iterator[Scene]:
        home = Home(self.house)
        self.house.load(self._empty)
        founded(home)
        memory = Memory()
        repos = {edition: written(self._folder / f"{world}", world, edition) for edition in (1, 2)}
        for chapter in chapters(world):
            token = home.tokens[BOT]
            job = Job(repos[chapter.edition], chapter.now, token, chapter.verb, memory=memory)
            enact(home, chapter)
            state, before, remembered = self.house.save(), look(self.house), memory.records
            wire = TroubledWire(self.house)
            first = run(job, wire)
            rests = run(later(job, 1), TroubledWire(self.house))
            if first.code != ExitCode.FINE or not rests.settled:
                told = f"{first.text}{first.crash}\n{rests.text}{rests.crash}"
                raise AssertionError(f"world {world}, {chapter.name}: no reference\n{told}")
            writes = sum(method != "GET" for method in wire.methods)
            yield Scene(
                world, chapter, job, state, before, look(self.house), len(wire.methods), writes,
                home.tokens, remembered,
            )  # fmt: skip

    def close(self) -> None:
        """Let go of the house."""
        self.house.close()

    def __enter__(self) -> Stage:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()


def enact(home: Home, chapter: Chapter) -> None:
    """It becomes the chapter's time, and people do what they do in it."""
    home.at(chapter.now)
    for deed in chapter.deeds:
        deed(home)


def later(job: Job, runs: int) -> Job:
    """The same job so many runs later; ten minutes lie between them."""
    now = datetime.fromisoformat(job.now) + timedelta(minutes=10 * runs)
    return replace(job, now=now.isoformat())


@dataclass
class Result:
    """What a campaign did and what it broke; `plan` says which troubles it had."""

    seed: int
    plan: str
    struck: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)
    runs: int = 0
    codes: Counter[str] = field(default_factory=Counter)

    def __str__(self) -> str:
        return "\n".join([f"seed {self.seed}: {self.plan}", *self.broken])


@dataclass(frozen=True)
class Draft:
    """What a seed chose: a scene, the troubles of its run and of the first that heals."""

    scene: Scene
    first: tuple[Trouble, ...]
    second: tuple[Trouble, ...] = ()
    straggling: bool = False
    lanes: int = 1

    def __str__(self) -> str:
        scene, troubles = self.scene, ", ".join(map(str, self.first))
        again = f"; then {', '.join(map(str, self.second))}" if self.second else ""
        late = ", done during the next run" if self.straggling else ""
        lanes = f", {self.lanes} lanes" if self.lanes > 1 else ""
        return f"world {scene.world}, {scene.chapter.name}{lanes}: {troubles}{late}{again}"


def draft(stage: Stage, seed: int, worlds: int = WORLDS, lanes: int = 1) -> Draft:
    """What the seed stands for. Kinds of trouble take turns, so that each gets its share."""
    rng = random.Random(seed)
    kinds = list(KINDS.values())
    scene = rng.choice(stage.scenes(seed // len(kinds) % worlds))
    first = _trouble(rng, scene, kinds[seed % len(kinds)])
    others = [_trouble(rng, scene, rng.choice(kinds)) for _ in range(rng.choice([0, 0, 1, 2]))]
    second = [_trouble(rng, scene, rng.choice(kinds))] if rng.random() < 0.3 else []
    straggling = first.kind.effect == "later" and rng.random() < 0.3
    if straggling:
        others, second = [], []
    return Draft(scene, (first, *others), tuple(second), straggling, lanes)


def _trouble(rng: random.Random, scene: Scene, kind: Kind) -> Trouble:
    first = rng.randrange(scene.requests)
    if kind.befalls == "reads" or (kind.befalls == "all" and rng.random() < 0.2):
        first = rng.randrange(scene.reads)
    elif rng.random() < 0.5:
        first = rng.randrange(scene.reads, scene.requests + 1)
    times = rng.choice([1, 1, 1, 1, 2, 3, 6, FOR_EVER]) if not kind.name.startswith("killed") else 1
    return Trouble(kind, first, times, later=rng.randrange(1, 12))


def play(stage: Stage, drafted: Draft, seed: int, pacing: Pacing = usual_pace) -> Result:
    """Have the troubles happen, let Drumbeat heal them, and tell what is broken."""
    scene, result = drafted.scene, Result(seed, str(drafted))
    stage.set_up(scene)
    wires = [TroubledWire(stage.house, drafted.first, seed)]
    job = replace(scene.job, lanes=drafted.lanes)
    late = _disturbed(job, wires[0], result, pacing, straggling=drafted.straggling)
    wires.append(TroubledWire(stage.house, drafted.second, seed + 1))
    wires[1].will_come_late(late, scene.reads)
    if drafted.second or late:
        _disturbed(later(job, 1), wires[1], result, pacing)
    rested = heal(stage, later(job, 2), result, pacing)
    if rested:
        _judge(stage, drafted, result)
    for wire in wires:
        result.struck += wire.struck
        result.broken += wire.law.broken
    return result


def _disturbed(
    job: Job, wire: TroubledWire, result: Result, pacing: Pacing, *, straggling: bool = False
) -> list[Request]:
    ran = run(job, wire, pacing=pacing)
    note_run(result, ran)
    if ran.code == ExitCode.FINE and wire.unclear_writes:
        result.broken.append("a run said that all is well although an answer was lost")
    late = wire.take_late() if straggling else []
    wire.hang_up()
    return late


def note_run(result: Result, ran: Ran) -> None:
    """Count a run; a crash is broken whatever comes after."""
    result.runs += 1
    result.codes["killed" if ran.code is None else str(int(ran.code))] += 1
    if ran.crash:
        result.broken.append(f"a run crashed:\n{ran.crash}")


def heal(stage: Stage, job: Job, result: Result, pacing: Pacing = usual_pace) -> bool:
    """Run until nothing is to be done; whether it came to that."""
    ran = Ran(None)
    for number in range(HEALING):
        wire = TroubledWire(stage.house)
        ran = run(later(job, number), wire, pacing=pacing)
        note_run(result, ran)
        result.broken += wire.law.broken
        if ran.settled:
            return True
    result.broken.append(f"it does not rest after {HEALING} runs:\n{ran.text}")
    return False


def _judge(stage: Stage, drafted: Draft, result: Result) -> None:
    scene, there = drafted.scene, look(stage.house)
    overlapped = drafted.straggling
    result.broken += broken_laws(scene.before, there, overlapped=overlapped)
    if not overlapped:
        result.broken += differences(scene.after, there)
    following = stage.next_after(scene)
    if following is None or overlapped or result.broken or result.seed % 4:
        return
    enact(Home(stage.house, following.tokens), following.chapter)
    note_run(result, run(following.job, TroubledWire(stage.house)))
    broken = differences(following.after, look(stage.house))
    result.broken += ["the chapter after it comes out differently:", *broken] if broken else []
