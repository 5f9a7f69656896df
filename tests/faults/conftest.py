"""One stage for all tests of this folder: a story is played once, its scenes many times."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults.campaign import Scene, Stage


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with Stage(tmp_path_factory.mktemp("faults")) as stage:
        yield stage


@pytest.fixture(scope="session")
def scenes(stage: Stage) -> dict[str, Scene]:
    """The scenes of the story with everything in it, by the names of their chapters."""
    return {scene.chapter.name: scene for scene in stage.scenes(0)}
