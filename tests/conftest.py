"""What holds for all tests."""

from __future__ import annotations

import signal
import threading


def pytest_configure():
    """Let Ctrl-C be heard: a shell has its background jobs ignore it, and so their children."""
    ignored = signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    if ignored and threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.default_int_handler)
