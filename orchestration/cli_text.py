"""How the `bass` command reads words and writes tables and progress."""

from __future__ import annotations

import argparse
import sys
from typing import Any

PREVIEW = 10  # lines of a list that are shown before the rest is counted


def positive(text: str) -> int:
    if not text.isdigit() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above 0")
    return int(text)


def progress() -> Any:
    """Shows on the error stream how far a command is, while the `with` lasts."""
    from orchestration.progress import Progress

    return Progress(sys.stderr)


def table(header: list[str], rows: list[list[Any]]) -> str:
    """Columns as wide as their longest value; figures to the right."""
    lines = [[str(value) for value in line] for line in (header, *rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(header))]
    right = [all(line[i].replace(",", "").replace(".", "").isdigit() or not line[i] for line in lines[1:])
             for i in range(len(header))]
    return "\n".join(
        "  ".join(value.rjust(width) if to_right else value.ljust(width)
                  for value, width, to_right in zip(line, widths, right, strict=True)).rstrip()
        for line in lines
    )
