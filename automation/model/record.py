"""What a run left behind of what it did, as far as somebody may want to take it back."""

from __future__ import annotations

from pydantic import AwareDatetime, ConfigDict

from automation.model.base import Fact
from automation.model.change import Outcome


class Record(Fact):
    """The outcomes of one run, or of a shard of it.

    `now` is the time at which it worked, `gitlab` the address of the GitLab.
    """

    model_config = ConfigDict(extra="ignore")

    now: AwareDatetime
    gitlab: str
    shard: str = ""
    outcomes: tuple[Outcome, ...]
