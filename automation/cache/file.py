"""Where the cache lies between runs: a sealed file in a folder that git passes by.

The seal is made with the token. So nobody without it can have Drumbeat believe what GitLab never
said, not even who may write into the folder or into the caches of a pipeline; and another token,
or another GitLab, finds a cache of its own.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from contextlib import suppress
from pathlib import Path

from pydantic import TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError

from automation import __version__
from automation.cache.history import History
from automation.cache.record import Record

FORMAT = f"drumbeat {__version__} history 1"
"""What is kept is what this version looks at: another one begins anew."""
FOLDER = ".drumbeat_cache"
"""The folder's usual name, in the repository with the policies."""
_LEFT_ALONE = 30 * 24 * 60 * 60
"""After how many seconds the file of another token or shard is removed."""
_TAG = "Signature: 8a477f597d28d172789f06886806bc55\n"
"""Tells backups that this is a cache. Source: the Cache Directory Tagging Specification."""
_RECORDS = TypeAdapter(tuple[Record, ...])


class CacheFile:
    """The file for one GitLab, one token and one part of the work; any trouble with it is told."""

    def __init__(self, folder: Path, gitlab: str, token: str, part: str = "") -> None:
        self._key = hmac.digest(token.encode(), f"{FORMAT} {gitlab}".encode(), "sha256")
        name = hashlib.sha256(self._key).hexdigest()[:12]
        self._file = folder / "-".join(("history", name, *filter(None, part.split("/"))))

    def read(self) -> tuple[History, str]:
        """What earlier runs remembered, and what is wrong with the file; nothing where it is."""
        try:
            seal, _, text = self._file.read_bytes().partition(b"\n")
            if not hmac.compare_digest(seal, self._seal(text)):
                return History(), f"{self._file} is damaged, or was changed: it is not used."
            return History(_RECORDS.validate_json(text)), ""
        except FileNotFoundError:
            return History(), ""
        except (OSError, ValidationError) as error:
            return History(), f"{self._file} cannot be read, and is not used: {_reason(error)}"

    def write(self, history: History) -> str:
        """Keep it for the next run; answers what is wrong where that does not work."""
        folder, draft = self._file.parent, self._file.with_suffix(f".{os.getpid()}")
        try:
            text = _RECORDS.dump_json(history.records, exclude_defaults=True)
            _made(folder)
            draft.touch(mode=0o600)
            draft.write_bytes(b"%s\n%s" % (self._seal(text), text))
            draft.replace(self._file)
        except (OSError, PydanticSerializationError) as error:
            with suppress(OSError):
                draft.unlink(missing_ok=True)
            return f"{self._file} cannot be written, so nothing is remembered: {_reason(error)}"
        self._clean()
        return ""

    def _seal(self, text: bytes) -> bytes:
        return hmac.digest(self._key, text, "sha256").hex().encode()

    def _clean(self) -> None:
        """Remove what nobody wrote for long; what goes wrong with that is nobody's trouble."""
        with suppress(OSError):
            now = self._file.stat().st_mtime
            for other in self._file.parent.glob("history-*"):
                with suppress(OSError):  # another run may be doing the same
                    if now - other.stat().st_mtime > _LEFT_ALONE:
                        other.unlink()


def _made(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in ((".gitignore", "*\n"), ("CACHEDIR.TAG", _TAG)):
        if not (folder / name).exists():
            (folder / name).write_text(text, encoding="utf-8")


def _reason(error: OSError | ValueError) -> str:
    return (error.strerror or str(error)) if isinstance(error, OSError) else "its form is unknown"
