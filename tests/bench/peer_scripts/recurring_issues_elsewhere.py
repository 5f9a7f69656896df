"""Starts gitlab-recurring-issues, unchanged, against another address than the one it was given.

It names gitlab.com in its code. Only the address that it hands to python-gitlab is replaced.
"""

import os
from importlib import import_module
from typing import Any

library: Any = import_module("gitlab")
there = library.Gitlab


def here(_address: str, **options: Any) -> Any:
    return there(os.environ["GITLAB_URL"], **options)


library.Gitlab = here
import_module("gitlab_recurring_issues.main").main()
