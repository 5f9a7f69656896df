"""The folder of the site: nobody's files are lost, and errors say what to do."""

from __future__ import annotations

import pytest

from automation.errors import UsageError
from automation.report.folder import LIST, Folder


def test_a_new_folder_is_made(tmp_path):
    folder = Folder.taken(tmp_path / "a" / "public")
    folder.clear(["index.html"])
    folder.write("managers/mgr-1.html", "text")
    assert (folder.path / "managers" / "mgr-1.html").read_text() == "text"


def test_a_folder_with_somebodys_files_is_refused(tmp_path):
    (tmp_path / "index.html").write_text("mine")
    with pytest.raises(UsageError, match=r"not empty, and no report of Drumbeat\n.*--out"):
        Folder.taken(tmp_path)
    assert (tmp_path / "index.html").read_text() == "mine"


def test_an_earlier_report_is_taken_over_and_nothing_else_removed(tmp_path):
    first = Folder.taken(tmp_path)
    names = ["managers/gone.html", "index.html"]
    first.clear(names)
    for name in names:
        first.write(name, "old")
    (tmp_path / "notes.txt").write_text("mine")
    second = Folder.taken(tmp_path)
    second.clear(["index.html"])
    second.write("index.html", "new")
    assert not (tmp_path / "managers" / "gone.html").exists()
    assert (tmp_path / "notes.txt").read_text() == "mine"
    assert (tmp_path / LIST).read_text() == "index.html\n"


def test_a_forged_list_removes_nothing_outside(tmp_path):
    outside = tmp_path / "precious.html"
    outside.write_text("mine")
    public = tmp_path / "public"
    public.mkdir()
    (public / LIST).write_text(f"../precious.html\n{outside}\n\nmanagers/../../precious.html\n")
    Folder.taken(public).clear(["index.html"])
    assert outside.read_text() == "mine"


def test_a_file_in_the_way_is_told(tmp_path):
    (tmp_path / "public").write_text("a file")
    with pytest.raises(UsageError, match=r"public cannot be written: .*\n.*--out"):
        Folder.taken(tmp_path / "public")


def test_a_folder_that_cannot_be_written_is_told(tmp_path):
    folder = Folder.taken(tmp_path)
    folder.clear([])
    (tmp_path / "managers").write_text("in the way")
    with pytest.raises(UsageError, match=r"mgr-1.html cannot be written"):
        folder.write("managers/mgr-1.html", "text")
    (tmp_path / LIST).unlink()
    (tmp_path / LIST).mkdir()
    with pytest.raises(UsageError, match=r"drumbeat-report cannot be written"):
        folder.clear([])
