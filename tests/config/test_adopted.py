"""`kind: adopted`: issues that people opened, by the key that they hold."""

from __future__ import annotations

import pytest

from automation.model.key import LoopKey
from automation.model.policy import AdoptedIssue
from tests.config.samples import CADENCE, SETTINGS, anna, faults, loaded, roster

GOOD = """\
kind: adopted
loops:
  one-on-one/mgr-1/2026-W48: {project: support/x, iid: 3}
"""


def test_adopted_issues_are_known_by_key(tmp_path):
    organisation = loaded(tmp_path, a=SETTINGS, b=GOOD, c=CADENCE, d=roster(anna()))
    assert organisation.adopted == {
        LoopKey("one-on-one", "mgr-1", "2026-W48"): AdoptedIssue(project="support/x", iid=3)
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "kind: adopted\nloops:\n  one-on-one/mgr-1/2026-W48: {project: a/b, iid: 0}\n",
            (
                "policies/broken.yml:3:50: loops['one-on-one/mgr-1/2026-W48'].iid: 0 is out of range\n"
                "  Write a number of at least 1."
            ),
        ),
        (
            "kind: adopted\nloops:\n  one-on-one: {project: a/b, iid: 1}\n",
            (
                "policies/broken.yml:3:3: loops.one-on-one: 'one-on-one' is not the key of a loop\n"
                "  Write cadence/subject/period, such as one-on-one/mgr-emea-1/2026-W48."
            ),
        ),
        (
            "kind: adopted\nloops:\n  one-on-on/mgr-1/2026-W48: {project: a/b, iid: 1}\n",
            (
                "policies/broken.yml:3:29: loops['one-on-on/mgr-1/2026-W48']: there is no cadence "
                "'one-on-on'\n  Did you mean 'one-on-one'?"
            ),
        ),
        (
            GOOD + "  one-on-one/mgr-1/2026-W49: {project: support/x, iid: 3}\n",
            (
                "policies/broken.yml:4:30: loops['one-on-one/mgr-1/2026-W49']: the issue support/x#3 is "
                "adopted already, at policies/broken.yml:3\n  A key has one issue; keep one of the two."
            ),
        ),
        (
            f"{GOOD}---\n{GOOD}".replace("iid: 3", "iid: 4", 1),
            (
                "policies/broken.yml:7:30: loops['one-on-one/mgr-1/2026-W48']: the key "
                "one-on-one/mgr-1/2026-W48 is adopted already, at policies/broken.yml:3\n"
                "  A key has one issue; keep one of the two."
            ),
        ),
    ],
)
def test_what_is_wrong_with_an_adoption(tmp_path, text, message):
    found = faults(tmp_path, a=SETTINGS, b=roster(anna()), c=CADENCE, broken=text)
    assert found == [message]
