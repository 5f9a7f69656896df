"""The sdist and the wheel: what is in them, and that they work where nothing else is."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import zipfile
from dataclasses import dataclass
from email.message import Message
from email.parser import Parser
from pathlib import Path

import pytest

from automation import __version__
from tests.support.sample import REPOSITORY

pytestmark = pytest.mark.slow
NAME = f"drumbeat-{__version__}"
STARTER = "automation/starter"
SINGLE = (".gitlab-ci.yml", "constraints.txt")


def ran(*argv: str | Path, folder: Path, **environment: str) -> str:
    """What a process printed that ended well; it counts for no coverage, and has no network."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    done = subprocess.run(
        [sys.executable, *map(str, argv)],
        cwd=folder,
        env={**kept, **environment},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, f"{argv}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@dataclass(frozen=True)
class Built:
    """Both distributions, and a wheel that was built from the sdist."""

    sdist: Path
    wheel: Path
    wheel_of_sdist: Path


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Built:
    """Built as a release is, by the backend that is installed here."""
    folder = tmp_path_factory.mktemp("built")
    build = ("-m", "build", "--no-isolation", "--outdir")
    ran(*build, folder / "direct", "--sdist", "--wheel", REPOSITORY, folder=folder)
    sdist = folder / "direct" / f"{NAME}.tar.gz"
    with tarfile.open(sdist) as archive:
        archive.extractall(folder / "unpacked", filter="data")
    ran(*build, folder / "again", "--wheel", folder / "unpacked" / NAME, folder=folder)
    wheel = f"{NAME}-py3-none-any.whl"
    return Built(sdist, folder / "direct" / wheel, folder / "again" / wheel)


def content(wheel: Path) -> dict[str, bytes]:
    """The files of a wheel."""
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def on_disk(folder: str) -> set[str]:
    """The repository's files below a folder, as git would have them."""
    found = {path for path in (REPOSITORY / folder).rglob("*") if path.is_file()}
    return {
        str(path.relative_to(REPOSITORY)) for path in found if path.parent.name != "__pycache__"
    }


# --- What is in them ---------------------------------------------------------------------


def test_the_wheel_has_the_package_its_data_and_what_init_writes(built):
    names = {name for name in content(built.wheel) if ".dist-info/" not in name}
    carried = {*on_disk("policies"), *on_disk("issue_templates"), *SINGLE}
    assert names == on_disk("automation") | {f"{STARTER}/{one}" for one in carried}
    assert "automation/py.typed" in names


def test_the_wheel_carries_the_sample_to_the_letter(built):
    files = content(built.wheel)
    for name in [*on_disk("policies"), *on_disk("issue_templates"), *SINGLE]:
        assert files[f"{STARTER}/{name}"] == (REPOSITORY / name).read_bytes()


def _metadata(wheel: Path) -> Message:
    return Parser().parsestr(content(wheel)[f"{NAME}.dist-info/METADATA"].decode())


def test_the_licence_and_the_page_come_along(built):
    files = content(built.wheel)
    licence = files[f"{NAME}.dist-info/licenses/LICENSE"]
    assert licence == (REPOSITORY / "LICENSE").read_bytes()
    told = _metadata(built.wheel)
    assert (told["License-Expression"], told["Version"]) == ("MIT", __version__)
    assert str(told.get_payload()).startswith("# Drumbeat")


def test_the_sdist_has_all_that_a_contributor_needs(built):
    with tarfile.open(built.sdist) as archive:
        names = {name.removeprefix(f"{NAME}/") for name in archive.getnames()}
    files = {path.name for path in REPOSITORY.iterdir() if path.suffix in {".md", ".toml", ".txt"}}
    folders = ("automation", "docs", "issue_templates", "policies")
    wanted = files.union(*map(on_disk, folders), {"LICENSE", "Makefile", ".gitlab-ci.yml"})
    assert wanted - names == set()
    assert {"tests/conftest.py", ".ci/run", ".yamllint.yml", ".gitignore"} <= names


def test_a_wheel_from_the_sdist_is_the_same(built):
    assert content(built.wheel_of_sdist) == content(built.wheel)


# --- They work ---------------------------------------------------------------------------


@pytest.fixture(scope="module", params=["wheel", "wheel_of_sdist"])
def installed(request, built, tmp_path_factory) -> Path:
    """A folder with the wheel installed; the libraries are those of whoever runs the tests."""
    folder = tmp_path_factory.mktemp("installed")
    pip = ("-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", folder)
    ran(*pip, getattr(built, request.param), folder=folder)
    return folder


def test_it_runs_from_where_it_was_installed(installed, tmp_path):
    where = ("-c", "import automation; print(automation.__file__)")
    assert ran(*where, folder=tmp_path, PYTHONPATH=str(installed)).startswith(str(installed))
    command = installed / "bin" / "drumbeat"
    assert ran(command, "--version", folder=tmp_path, PYTHONPATH=str(installed)) == (
        f"drumbeat {__version__}\n"
    )


@pytest.mark.parametrize("kind", [(), ("--minimal",)], ids=["full", "minimal"])
def test_templates_and_policies_are_found(installed, tmp_path, kind):
    def drumbeat(*argv: str) -> str:
        return ran("-m", "automation", *argv, folder=tmp_path, PYTHONPATH=str(installed))

    now = ("--now", "2026-11-30T12:00:00Z")
    written = drumbeat("init", "new", *kind, *now).splitlines()
    assert len(written) == len(set(written)) >= 13
    assert all((tmp_path / name).is_file() for name in written)
    assert drumbeat("lint", "-C", "new", *now) == ""
    shown = drumbeat("preview", "-C", "new", "--only", "cadence=one-on-one", *now)
    assert "Weekly 1:1s of The first manager · 2026-W49" in shown
    assert (tmp_path / "new" / "constraints.txt").read_text().count("==") > 50
