"""What runs remember of what they read, so that the next one need not read it again.

It saves requests and decides nothing: without it, or with another one, every plan is the same.
Before an issue is changed, what is remembered of it is read anew.
"""

from __future__ import annotations

from automation.cache.file import FOLDER, CacheFile
from automation.cache.history import History

__all__ = ["FOLDER", "CacheFile", "History"]
