"""What every measuring command shares: its arguments, the tables it prints, and a process of its own for memory."""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from orchestration import settings
from orchestration.settings import REPO, Home

WAREHOUSE = "warehouse"


def table(rows: Iterable[Mapping[str, object]]) -> None:
    """Prints each row as soon as it is known."""
    for number, row in enumerate(rows):
        widths = {name: max(len(name), 9) for name in row}
        if number == 0:
            print("  ".join(f"{name:>{widths[name]}}" for name in row))
        print("  ".join(f"{_text(value):>{widths[name]}}" for name, value in row.items()), flush=True)


def run(name: str, about: str, sections: Mapping[str, Callable[[bool], None]], arguments: list[str] | None,
        warehouse: Callable[[bool, Home], None]) -> int:
    """Measures all sections and what needs a built sample (`warehouse`), or the one part that was asked for."""
    parser = argparse.ArgumentParser(prog=f"bass bench {name}", description=about)
    parser.add_argument("--only", choices=(*sections, WAREHOUSE), help="one part instead of all")
    parser.add_argument("--quick", action="store_true", help="smaller samples and one seed: to see that it works")
    parser.add_argument("--home", help="home of a built sample, for the part of the warehouse (default ./home)")
    chosen = parser.parse_args(arguments)
    for part, section in sections.items():
        if chosen.only in (None, part):
            section(chosen.quick)
    if chosen.only in (None, WAREHOUSE):
        warehouse(chosen.quick, settings.home(chosen.home))
    return 0


def _text(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.4f}" if abs(value) < 10 else f"{value:.1f}"
    return str(value)


def in_child(module: str, *arguments: str) -> dict[str, Any]:
    """The figures that a module prints as its last line, in a process of its own: the peak of memory is its own."""
    done = subprocess.run([sys.executable, "-m", module, *arguments], cwd=REPO,
                          env={**os.environ, "PYTHONPATH": str(REPO)}, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{module} {' '.join(arguments)} failed:\n{done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])


def peak_mb() -> float:
    """The most memory that this process has held so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
