"""Campaigns that once broke a law, kept as they were drawn: each is run again in CI."""

from __future__ import annotations

from dataclasses import dataclass

from tests.faults.campaign import Draft, Stage
from tests.faults.trouble import FOR_EVER, KINDS, Trouble


@dataclass(frozen=True)
class Regression:
    """What went wrong, the seed that found it, and what that seed had drawn.

    The seed alone would draw something else once there is another kind of trouble, another
    chapter or one request less; so a trouble is told by its kind and by where it strikes: from
    which write on, counted from 0, or at which address.
    """

    seed: int
    what: str
    world: int
    chapter: str
    kind: str
    write: int | None = None
    where: str = ""

    def draft(self, stage: Stage) -> Draft:
        """The campaign, ready to be played."""
        (scene,) = (one for one in stage.scenes(self.world) if one.chapter.name == self.chapter)
        first = 0 if self.write is None else scene.reads + self.write
        return Draft(scene, (Trouble(KINDS[self.kind], first, FOR_EVER, where=self.where),))


REGRESSIONS = (
    Regression(
        38,
        "On GitLab Free the note that somebody takes a loop over was written and `/reassign` did "
        "not run; the request that made up for it was lost, and nobody was ever assigned.",
        world=0,
        chapter="hand over",
        kind="timed out before",
        write=5,
    ),
    Regression(
        293,
        "The history of one issue was refused, so no rule of the policy was applied to it; the "
        "summary of the month was opened without it, and is never written again.",
        world=0,
        chapter="fourth week",
        kind="refused by a firewall",
        where="/projects/2/issues/2/",
    ),
)
