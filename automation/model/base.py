"""What every fact that is read from YAML has in common."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints


class Fact(BaseModel):
    """A frozen record that refuses keys it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=64)]
"""A permanent identifier, fit to be part of a key: `mgr-emea-1`, `one-on-one`."""

_USERNAME = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_-])?")


def is_username(text: str) -> bool:
    """Whether GitLab would take the text as a user name.

    Source: GitLab's documentation, "Reserved project and group names / user names".
    """
    return _USERNAME.fullmatch(text) is not None and len(text) <= 255


def _username(text: str) -> str:
    if not is_username(text.removeprefix("@")):
        raise ValueError("is not a GitLab user name (letters, digits, '_', '-' and '.')")
    return text.removeprefix("@")


Username = Annotated[str, AfterValidator(_username)]

_PATH = re.compile(r"[A-Za-z0-9_.][A-Za-z0-9_.-]*(?:/[A-Za-z0-9_.][A-Za-z0-9_.-]*)*")


def is_full_path(text: str) -> bool:
    """Whether the text has the form of a group's or project's full path."""
    return _PATH.fullmatch(text) is not None


def _full_path(text: str) -> str:
    if not is_full_path(text):
        raise ValueError("is not a full path such as support/loops")
    return text


FullPath = Annotated[str, AfterValidator(_full_path)]


def _label(text: str) -> str:
    if not text.strip() or text != text.strip():
        raise ValueError("a label is not empty and has no blanks around it")
    if "," in text:
        raise ValueError("a label has no comma: GitLab's API would read two labels")
    if any(mark in text for mark in "?&\"\n\r") or text.startswith("~"):
        raise ValueError("a label has none of ? & \" ~ in it, and no line break")
    return text


LabelName = Annotated[str, StringConstraints(max_length=255), AfterValidator(_label)]
