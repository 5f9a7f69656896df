"""Does the changes of a plan, several at a time, and tells what became of each.

The only holder of a Writer. A change that fails is told and the rest goes on (law 9); a
write whose answer was lost is not repeated (law 2): the next run looks first. Inside,
ground floor last:

- `doing`      hands changes out, takes their results, stops when it is told to.
- `attempts`   one change, what came of it, and what that means for others.
- `order`      what may be done side by side, and what waits for what.
- `lanes`      threads.
"""

from __future__ import annotations

from automation.apply.doing import Applying, apply

__all__ = ["LANES", "Applying", "apply"]

LANES = 8
"""How many writes of a run are under way at most; the pacer decides how fast they start."""
