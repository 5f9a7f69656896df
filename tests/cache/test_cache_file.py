"""The file between runs: whatever becomes of it, a run goes on, and believes only what it wrote."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automation.cache import CacheFile, History
from automation.cache.record import kept
from automation.model.issue import User
from automation.model.questions import UserAt
from tests.cache.memory import NOW, TOKEN, URL

DAY = 24 * 60 * 60
OTHERS = [
    (URL, "another-token", ""),
    ("https://gitlab.example.org", TOKEN, ""),
    (URL, TOKEN, "1/4"),
    (URL, TOKEN, "rest"),
]


def a_history(*names: str) -> History:
    """One that knows a user for each name."""
    users = (User(number, name) for number, name in enumerate(names or ("ann",), 1))
    return History(kept(UserAt(user.id), user, NOW) for user in users)


def known(history: History) -> list[object]:
    return [record.answer for record in history.records]


def the_file(folder: Path) -> Path:
    (file,) = folder.glob("history-*")
    return file


def written(folder: Path, history: History | None = None) -> Path:
    """The file that a run left there."""
    assert CacheFile(folder, URL, TOKEN).write(history or a_history()) == ""
    return the_file(folder)


def is_not_used(folder: Path) -> str:
    """Nothing is read from what lies there; answers what is told of it."""
    history, trouble = CacheFile(folder, URL, TOKEN).read()
    assert len(history) == 0
    assert trouble
    return trouble


# --- There and back --------------------------------------------------------------------------


def test_what_one_run_wrote_the_next_one_reads(tmp_path):
    history = a_history("ann", "bea")
    written(tmp_path, history)
    again, trouble = CacheFile(tmp_path, URL, TOKEN).read()
    assert (again.records, trouble) == (history.records, "")
    assert again.given == 0


def test_the_last_run_counts(tmp_path):
    written(tmp_path, a_history("ann", "bea"))
    written(tmp_path, a_history("cem"))
    assert known(CacheFile(tmp_path, URL, TOKEN).read()[0]) == [User(1, "cem")]


def test_before_the_first_run_there_is_nothing_and_nothing_is_wrong(tmp_path):
    history, trouble = CacheFile(tmp_path / "new" / "folder", URL, TOKEN).read()
    assert (len(history), trouble) == (0, "")
    assert list(tmp_path.iterdir()) == []


def test_the_folder_is_made_and_tells_git_and_backups_to_pass_by(tmp_path):
    folder = tmp_path / "new" / "folder"
    written(folder)
    assert (folder / ".gitignore").read_text() == "*\n"
    # The signature of the Cache Directory Tagging Specification.
    tag = (folder / "CACHEDIR.TAG").read_text()
    assert tag.startswith("Signature: 8a477f597d28d172789f06886806bc55")


def test_what_people_made_of_the_folder_stays(tmp_path):
    (tmp_path / ".gitignore").write_text("!*\n")
    (tmp_path / "notes.txt").write_text("mine")
    written(tmp_path)
    assert (tmp_path / ".gitignore").read_text() == "!*\n"
    assert (tmp_path / "notes.txt").read_text() == "mine"


# --- Whose it is -----------------------------------------------------------------------------


@pytest.mark.parametrize("other", OTHERS)
def test_each_token_gitlab_and_shard_has_its_own(tmp_path, other):
    written(tmp_path)
    history, trouble = CacheFile(tmp_path, *other).read()
    assert (len(history), trouble) == (0, "")
    assert CacheFile(tmp_path, *other).write(a_history("other")) == ""
    assert known(CacheFile(tmp_path, URL, TOKEN).read()[0]) == [User(1, "ann")]
    assert known(CacheFile(tmp_path, *other).read()[0]) == [User(1, "other")]


@pytest.mark.parametrize("other", OTHERS[:2])
def test_anothers_file_under_this_name_is_not_believed(tmp_path, other):
    CacheFile(tmp_path / "theirs", *other).write(a_history("other"))
    mine = written(tmp_path / "mine")
    mine.write_bytes(the_file(tmp_path / "theirs").read_bytes())
    assert str(mine) in is_not_used(tmp_path / "mine")


def test_the_token_is_nowhere(tmp_path):
    file = written(tmp_path, a_history("ann", "bea"))
    assert TOKEN not in str(file)
    for one in tmp_path.iterdir():
        assert TOKEN.encode() not in one.read_bytes()


# --- Whatever becomes of it ------------------------------------------------------------------


def test_a_changed_byte_anywhere_makes_it_worthless(tmp_path):
    file = written(tmp_path)
    whole = file.read_bytes()
    for at in range(len(whole)):
        file.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        assert str(file) in is_not_used(tmp_path)
    file.write_bytes(whole)
    assert len(CacheFile(tmp_path, URL, TOKEN).read()[0]) == 1


def test_a_part_of_it_is_worth_nothing(tmp_path):
    file = written(tmp_path)
    whole = file.read_bytes()
    for length in range(len(whole)):
        file.write_bytes(whole[:length])
        assert is_not_used(tmp_path) == f"{file} is damaged, or was changed: it is not used."
    file.write_bytes(whole + b"\n")
    assert is_not_used(tmp_path)


@settings(max_examples=50, deadline=None)
@given(st.binary())
def test_what_is_no_such_file_is_not_used(tmp_path_factory, junk):
    folder = tmp_path_factory.mktemp("junk")
    file = written(folder)
    file.write_bytes(junk)
    assert str(file) in is_not_used(folder)
    written(folder)
    assert len(CacheFile(folder, URL, TOKEN).read()[0]) == 1


@pytest.mark.parametrize("text", [b"", b"{", b"{}", b'[{"about": "gossip", "number": 1}]', b"\xff"])
def test_a_form_that_nobody_knows_is_told(tmp_path, text):
    """As if another version had written it, with the right seal."""
    file, own = written(tmp_path), CacheFile(tmp_path, URL, TOKEN)
    file.write_bytes(own._seal(text) + b"\n" + text)
    assert is_not_used(tmp_path) == (f"{file} cannot be read, and is not used: its form is unknown")


def test_a_directory_in_its_place(tmp_path):
    file = written(tmp_path)
    file.unlink()
    file.mkdir()
    assert is_not_used(tmp_path) == f"{file} cannot be read, and is not used: Is a directory"
    told = CacheFile(tmp_path, URL, TOKEN).write(a_history())
    assert told == f"{file} cannot be written, so nothing is remembered: Is a directory"
    assert {one.name for one in tmp_path.iterdir()} == {file.name, ".gitignore", "CACHEDIR.TAG"}


def test_a_file_in_the_folders_place(tmp_path):
    folder = tmp_path / "cache"
    folder.write_text("not a folder")
    name = written(tmp_path / "elsewhere").name
    assert is_not_used(folder) == (
        f"{folder / name} cannot be read, and is not used: Not a directory"
    )
    told = CacheFile(folder, URL, TOKEN).write(a_history())
    assert told == f"{folder / name} cannot be written, so nothing is remembered: File exists"
    assert folder.read_text() == "not a folder"


def test_what_cannot_be_written_as_text_is_told(tmp_path):
    """Half a character: JSON can spell it, a file cannot hold it."""
    file = written(tmp_path)
    told = CacheFile(tmp_path, URL, TOKEN).write(a_history("ann", "\ud800"))
    assert told == f"{file} cannot be written, so nothing is remembered: its form is unknown"
    assert known(CacheFile(tmp_path, URL, TOKEN).read()[0]) == [User(1, "ann")]


# --- Whole, or the one before ----------------------------------------------------------------


class Cut(BaseException):
    """The process is killed."""


def cut(_path: Path, data: bytes) -> int:
    with _path.open("wb") as file:
        file.write(data[: len(data) // 2])
    raise Cut


def full(_path: Path, data: bytes) -> int:
    with _path.open("wb") as file:
        file.write(data[: len(data) // 2])
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize("how", [cut, full])
def test_a_write_that_is_cut_leaves_the_old_file_whole(
    tmp_path, monkeypatch, how: Callable[[Path, bytes], int]
):
    file = written(tmp_path, a_history("ann"))
    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", how)
        if how is cut:
            with pytest.raises(Cut):
                CacheFile(tmp_path, URL, TOKEN).write(a_history("bea"))
        else:
            told = CacheFile(tmp_path, URL, TOKEN).write(a_history("bea"))
            assert told.endswith(": No space left on device")
            assert the_file(tmp_path) == file
    assert known(CacheFile(tmp_path, URL, TOKEN).read()[0]) == [User(1, "ann")]
    written_again = CacheFile(tmp_path, URL, TOKEN)
    assert written_again.write(a_history("bea")) == ""
    assert known(CacheFile(tmp_path, URL, TOKEN).read()[0]) == [User(1, "bea")]


# --- What nobody needs any more --------------------------------------------------------------


def aged(file: Path, days: float) -> Path:
    moment = file.stat().st_mtime - days * DAY
    os.utime(file, (moment, moment))
    return file


def test_what_was_left_for_a_month_is_removed(tmp_path):
    for other in OTHERS:
        assert CacheFile(tmp_path, *other).write(a_history()) == ""
    old, recent, draft, *_ = sorted(tmp_path.glob("history-*"))
    aged(old, 31)
    aged(recent, 29)
    aged(draft, 31).rename(tmp_path / "history-0123.77")
    mine = aged(tmp_path / ".gitignore", 400)
    written_files = set(tmp_path.iterdir())
    assert CacheFile(tmp_path, URL, TOKEN).write(a_history()) == ""
    left = set(tmp_path.iterdir())
    assert written_files - left == {old, tmp_path / "history-0123.77"}
    assert {recent, mine} <= left


def test_what_cannot_be_removed_is_nobodys_trouble(tmp_path):
    """A folder of that name, and a link into nowhere: what another run removed meanwhile."""
    folder = tmp_path / "history-folder"
    folder.mkdir()
    aged(folder, 31)
    (tmp_path / "history-gone").symlink_to(tmp_path / "nowhere")
    old = tmp_path / "history-old"
    old.write_text("")
    aged(old, 31)
    assert CacheFile(tmp_path, URL, TOKEN).write(a_history()) == ""
    assert folder.is_dir()
    assert not old.exists()


def test_only_its_owner_reads_it(tmp_path):
    file = CacheFile(tmp_path / "cache", URL, TOKEN)
    assert file.write(History()) == ""
    (written,) = (tmp_path / "cache").glob("history-*")
    assert written.stat().st_mode & 0o777 == 0o600
