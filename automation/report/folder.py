"""The folder that holds the site: made, or taken over from an earlier report and from nobody else.

A list of the files that a report wrote lies in the folder, so that the next one removes the
pages of those who have gone, and nothing that it did not write.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from automation.errors import UsageError

LIST = ".drumbeat-report"
_OURS = re.compile(r"(?:[a-z]+/)?[a-z0-9][a-z0-9-]*\.(?:html|css|js|svg)")


@dataclass(frozen=True)
class Folder:
    """A folder into which a report may write."""

    path: Path

    @classmethod
    def taken(cls, path: Path) -> Folder:
        """The folder, if it is free or an earlier report's; UsageError where it is not."""
        try:
            path.mkdir(parents=True, exist_ok=True)
            if any(path.iterdir()) and not (path / LIST).is_file():
                raise UsageError(
                    f"{path} is not empty, and no report of Drumbeat",
                    "Name another folder with --out, or empty this one.",
                )
        except OSError as error:
            raise _unwritable(path, error) from error
        return cls(path)

    def clear(self, names: Iterable[str]) -> None:
        """Remove what an earlier report wrote, and list what this one is about to."""
        listed = self.path / LIST
        try:
            if listed.exists():
                for name in listed.read_text(encoding="utf-8").splitlines():
                    if _OURS.fullmatch(name):
                        (self.path / name).unlink(missing_ok=True)
            listed.write_text("".join(f"{name}\n" for name in sorted(names)), encoding="utf-8")
        except OSError as error:
            raise _unwritable(listed, error) from error

    def write(self, name: str, text: str) -> None:
        """Write one file of the site."""
        file = self.path / name
        try:
            file.parent.mkdir(exist_ok=True)
            file.write_text(text, encoding="utf-8")
        except OSError as error:
            raise _unwritable(file, error) from error


def _unwritable(path: Path, error: OSError) -> UsageError:
    return UsageError(
        f"{path} cannot be written: {error.strerror}", "Name another folder with --out."
    )
