"""What every fact that is read from YAML has in common."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    StringConstraints,
    WithJsonSchema,
)
from pydantic_core import CoreSchema, core_schema


class Fact(BaseModel):
    """A frozen record that refuses keys it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Unfit(ValueError):
    """A value that a fact cannot take.

    `message` is what is wrong, and follows the value where there is one to show (`is not
    a full path`); `remedy` is one sentence in the imperative; `choices` are valid values,
    of which the nearest may be named.
    """

    def __init__(self, message: str, remedy: str = "", choices: Iterable[str] = ()) -> None:
        super().__init__(f"{message}: {remedy}" if remedy else message)
        self.message = message
        self.remedy = remedy
        self.choices = choices


@dataclass(frozen=True)
class Matching:
    """Annotates text that a pattern must match as a whole, in a person's words."""

    pattern: str
    message: str
    remedy: str

    def check(self, text: str) -> str:
        """The text itself; Unfit where it does not match."""
        if re.fullmatch(self.pattern, text) is None:
            raise Unfit(self.message, self.remedy)
        return text

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return handler(schema) | {"pattern": f"^(?:{self.pattern})$"}


Name = Annotated[
    str,
    StringConstraints(max_length=64),
    Matching(
        r"[a-z0-9][a-z0-9-]*",
        "is not fit to be an id or a name",
        "Use lower-case letters, digits and hyphens, and begin with a letter or a digit.",
    ),
]
"""A permanent identifier, fit to be part of a key: `mgr-emea-1`, `one-on-one`."""

_USERNAME = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_-])?")


def is_username(text: str) -> bool:
    """Whether GitLab would take the text as a user name.

    Source: GitLab's documentation, "Reserved project and group names / user names".
    """
    return _USERNAME.fullmatch(text) is not None and len(text) <= 255


def _username(text: str) -> str:
    if not is_username(text.removeprefix("@")):
        raise Unfit(
            "is not a GitLab user name",
            "Use letters, digits, '_', '-' and '.', with no '.' at the beginning or the end.",
        )
    return text.removeprefix("@")


Username = Annotated[
    str,
    AfterValidator(_username),
    WithJsonSchema({"type": "string", "pattern": f"^@?{_USERNAME.pattern}$", "maxLength": 256}),
]

_PATH = re.compile(r"[A-Za-z0-9_.][A-Za-z0-9_.-]*(?:/[A-Za-z0-9_.][A-Za-z0-9_.-]*)*")


def is_full_path(text: str) -> bool:
    """Whether the text has the form of a group's or project's full path."""
    return _PATH.fullmatch(text) is not None


def _full_path(text: str) -> str:
    if not is_full_path(text):
        raise Unfit(
            "is not a full path",
            "Write it as in the address, such as support/loops, with no host and no slash around.",
        )
    return text


FullPath = Annotated[
    str,
    AfterValidator(_full_path),
    WithJsonSchema({"type": "string", "pattern": f"^{_PATH.pattern}$"}),
]


def _label(text: str) -> str:
    if not text.strip() or text != text.strip():
        raise Unfit("is empty or has blanks around it", "Write the label's bare name.")
    if "," in text:
        raise Unfit("has a comma", "Leave it out: GitLab's API would read two labels.")
    if any(mark in text for mark in '?&"\n\r') or text.startswith("~"):
        raise Unfit(
            "is not a label's name",
            'Use none of ? & " and no line break in it, and no ~ before it.',
        )
    return text


LabelName = Annotated[
    str,
    StringConstraints(max_length=255),
    AfterValidator(_label),
    WithJsonSchema(
        {"type": "string", "pattern": r'^(?![~\s])[^,?&"\r\n]*[^,?&"\s]$', "maxLength": 255}
    ),
]
