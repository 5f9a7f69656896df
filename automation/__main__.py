"""`python -m automation`: the same as `drumbeat`."""

from __future__ import annotations

import sys

from automation.cli import main

if __name__ == "__main__":
    sys.exit(main())
