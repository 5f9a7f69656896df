"""What can go wrong, in the user's words, with the way out.

Every error that a person may meet is a `DrumbeatError`; the command line catches
exactly this type, prints it, and leaves with its exit code. Anything else that
escapes is a bug and shows a traceback.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum


class ExitCode(IntEnum):
    """What the process tells its caller when it ends."""

    FINE = 0
    SOME_CHANGE_FAILED = 1
    BAD_CONFIGURATION = 2
    GITLAB_REFUSED = 3
    PLAN_UNSAFE = 4
    INTERRUPTED = 130


class DrumbeatError(Exception):
    """An error for a person: what happened, and what to do next.

    `remedy` is one sentence in the imperative, or empty.
    """

    exit_code: ExitCode = ExitCode.SOME_CHANGE_FAILED

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message}\n  {self.remedy}" if self.remedy else self.message


class UsageError(DrumbeatError):
    """The command was called in a way that cannot be carried out."""

    exit_code = ExitCode.BAD_CONFIGURATION


@dataclass(frozen=True, order=True)
class ConfigProblem:
    """One fault in a policy, roster or template file.

    `line` and `column` count from 1; 0 means that the fault has no place in the file.
    """

    file: str
    line: int
    column: int
    path: str
    message: str
    remedy: str = ""

    def __str__(self) -> str:
        place = self.file + (f":{self.line}:{self.column}" if self.line else "")
        text = f"{place}: {self.path}: {self.message}" if self.path else f"{place}: {self.message}"
        return f"{text}\n  {self.remedy}" if self.remedy else text


class ConfigError(DrumbeatError):
    """The configuration is wrong; nothing was read from GitLab and nothing was changed."""

    exit_code = ExitCode.BAD_CONFIGURATION

    def __init__(self, problems: Iterable[ConfigProblem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(str(problem) for problem in self.problems))


class RemoteError(DrumbeatError):
    """GitLab could not be reached, or refused."""

    exit_code = ExitCode.GITLAB_REFUSED


class Unreachable(RemoteError):
    """The request provably never took effect: no connection was made."""


class Refused(RemoteError):
    """GitLab answered with a 4xx status: nothing happened.

    `status` is the HTTP status code: 0 where Drumbeat itself would not send it, 2xx where
    GitLab did not do all that it was asked.
    """

    def __init__(self, message: str, remedy: str = "", *, status: int) -> None:
        super().__init__(message, remedy)
        self.status = status


class Throttled(Refused):
    """GitLab answered 429 for longer than Drumbeat is willing to wait: nothing happened."""


class OutcomeUnknown(RemoteError):
    """A write was sent and its answer was lost: it may have happened (law 2)."""


class UnsafePlan(DrumbeatError):
    """The plan is past its safety limits (law 8)."""

    exit_code = ExitCode.PLAN_UNSAFE
