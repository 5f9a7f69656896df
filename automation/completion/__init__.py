"""When a loop counts as done: `close_when` against the boxes of its issue.

`[x]` is done, `[x]` and `[~]` are settled, and nothing is complete without an `[x]`.

- `all` wants every box settled that is not optional.
- `percent` wants that part of the boxes that apply and are not optional to be `[x]`;
  `percent: 100` is the same as `all`. Both hold where no box is asked for.
- `any` and `at_least` count `[x]`, those of optional boxes too.
- A rule that names a section asks for it: then it is not optional, but items and deeper
  sections in it may be.
- `any_of` holds when one of its rules does, whatever the others say or cannot read.
- `carried_items: required` wants what was carried over to be settled besides.

So one more tick never makes a complete loop incomplete.

What a verdict says goes into closing notes and reports. It names sections by the policy's
words and people by the roster's, and gives figures: nothing of the issue's own text, so
that a confidential issue's words stay in it.
"""

from automation.completion.judging import Verdict, judge, unreadable_rules

__all__ = ["Verdict", "judge", "unreadable_rules"]
