"""Which files are read, and what stands in the way of reading them."""

from __future__ import annotations

import os

import pytest

from automation.config import load
from automation.errors import ConfigError
from tests.config.samples import SETTINGS, faults, write

BROKEN = "kind: x\n"


def test_no_folder(tmp_path):
    with pytest.raises(ConfigError) as caught:
        load(tmp_path)
    assert str(caught.value) == (
        "policies: there is no such folder\n  Run Drumbeat where the policies are."
    )


def test_hidden_and_other_files_are_passed_over(tmp_path):
    write(tmp_path, a=SETTINGS)
    folder = tmp_path / "policies"
    (folder / ".hidden.yml").write_text(BROKEN)
    (folder / "notes.txt").write_text(BROKEN)
    (folder / ".git").mkdir()
    (folder / ".git" / "x.yml").write_text(BROKEN)
    assert load(tmp_path).settings.loops_group == "support"


def test_a_link_out_of_the_folder(tmp_path):
    (tmp_path / "secret.yml").write_text(BROKEN)
    write(tmp_path, a=SETTINGS)
    (tmp_path / "policies" / "b.yml").symlink_to(tmp_path / "secret.yml")
    assert faults(tmp_path) == [
        "policies/b.yml: is a symbolic link that leaves the folder\n  Put a copy here."
    ]


def test_a_link_to_a_folder(tmp_path):
    write(tmp_path, a=SETTINGS)
    (tmp_path / "policies" / "loop").symlink_to(tmp_path / "policies")
    assert faults(tmp_path) == [
        "policies/loop: is a symbolic link to a folder\n  Name the folder itself."
    ]


def test_a_link_that_leads_nowhere(tmp_path):
    write(tmp_path, a=SETTINGS)
    (tmp_path / "policies" / "b.yml").symlink_to(tmp_path / "policies" / "gone.yml")
    assert faults(tmp_path) == ["policies/b.yml: is not a regular file\n  Remove or rename it."]


def test_a_link_within_the_folder_is_read_once(tmp_path):
    folder = write(tmp_path) / "policies"
    (folder / "..data").mkdir()
    (folder / "..data" / "real.yml").write_text(SETTINGS)
    (folder / "a.yml").symlink_to(folder / "..data" / "real.yml")
    (folder / "b.yml").symlink_to(folder / "a.yml")
    assert faults(tmp_path) == []


def test_a_pipe_is_not_waited_for(tmp_path):
    write(tmp_path, a=SETTINGS)
    os.mkfifo(tmp_path / "policies" / "b.yml")
    assert faults(tmp_path) == ["policies/b.yml: is not a regular file\n  Remove or rename it."]


def test_a_file_that_goes_away(tmp_path, monkeypatch):
    write(tmp_path, a=SETTINGS)

    def open_(_path, _mode):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pathlib.Path.open", open_)
    with pytest.raises(ConfigError) as caught:
        load(tmp_path)
    assert str(caught.value) == (
        "policies/a.yml: cannot be read: Permission denied\n  Check its permissions."
    )


def test_a_name_that_cannot_be_printed(tmp_path):
    folder = write(tmp_path, a=SETTINGS) / "policies"
    try:
        (folder / os.fsdecode(b"\xff\n.yml")).write_text(BROKEN)
    except OSError:
        pytest.skip("this file system has no such names")
    assert faults(tmp_path)[0].startswith(r"policies/\udcff\n.yml:1:7: kind: 'x'")


def test_not_utf_8(tmp_path):
    assert faults(tmp_path, a=SETTINGS, b=b"kind: labels\n# caf\xe9\n") == [
        (
            "policies/b.yml:2:6: not UTF-8: byte 0xE9 at offset 18\n"
            "  Save the file with the encoding UTF-8."
        )
    ]


def test_utf_16(tmp_path):
    assert faults(tmp_path, a=SETTINGS, b=SETTINGS.encode("utf-16")) == [
        (
            "policies/b.yml:1:1: not UTF-8: byte 0xFF at offset 0\n"
            "  Save the file with the encoding UTF-8."
        )
    ]


def test_a_file_that_is_too_big(tmp_path):
    assert faults(tmp_path, a=SETTINGS, b="#" * (1024 * 1024 + 1)) == [
        "policies/b.yml: the file is larger than 1,048,576 bytes\n  Split it into smaller files."
    ]
    assert faults(tmp_path, b="#" * (1024 * 1024)) == []
