"""How long the directors' pages take for a large company, and how large they are.

    PYTHONPATH=. python tests/bench/report_speed.py [MANAGERS]

CPU time of everything but GitLab. Exit code 1 when a figure is above its target.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from automation.report.folder import Folder
from automation.report.site import files_of
from tests.report.company import NOW, a_company

MANAGERS = 200
SECONDS = 20.0
MEGABYTES = 3.0


def main() -> int:
    """Build the site of a company of 52 weeks and measure."""
    managers = int(sys.argv[1]) if len(sys.argv) > 1 else MANAGERS
    with tempfile.TemporaryDirectory() as name:
        company = a_company(Path(name), managers, directors=20, groups=15)
        print(f"{len(company.issues)} issues of {managers} managers")
        begun = time.process_time()
        facts = company.facts(NOW)
        gathered = time.process_time()
        folder = Folder.taken(Path(name) / "public")
        files = files_of(facts, "https://gitlab.example.com")
        folder.clear(files)
        for file, make in files.items():
            folder.write(file, make())
        seconds = time.process_time() - begun
        size = sum(one.stat().st_size for one in folder.path.rglob("*") if one.is_file()) / 1e6
    print(f"gathered in {gathered - begun:.1f} s, all in {seconds:.1f} s (target {SECONDS:.0f} s)")
    print(f"{len(files)} files, {size:.2f} MB (target {MEGABYTES:.0f} MB)")
    return int(seconds > SECONDS or size > MEGABYTES)


if __name__ == "__main__":
    sys.exit(main())
