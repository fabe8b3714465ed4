"""The commands of closed months: close, restate, as-of. Parses, calls and prints like `cli`."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from orchestration.cli_text import PREVIEW, positive, progress, table
from orchestration.settings import Home


def add(command: Callable[[str, Any, str], argparse.ArgumentParser]) -> None:
    """Adds the commands to those of `bass`."""
    close_ = command("close", close, "keep the figures of a month as published: later files go to a restatement")
    close_.add_argument("period", metavar="YYYY-MM")
    close_.add_argument("--provisional-too", action="store_true", help="also figures that are not final; with --reason")
    close_.add_argument("--reason", metavar="TEXT")
    restate_ = command("restate", restate, "give a closed month its next version, from what is known today")
    restate_.add_argument("period", metavar="YYYY-MM")
    restate_.add_argument("--reason", required=True, metavar="TEXT")
    as_of_ = command("as-of", as_of, "count a closed month again from what was known when it was closed")
    as_of_.add_argument("period", metavar="YYYY-MM")
    as_of_.add_argument("--version", type=positive, metavar="N", help="version of the month (default: the newest)")
    as_of_.add_argument("--to", required=True, type=Path, metavar="DIR", help="empty folder for the home of then")


def close(home: Home, chosen: argparse.Namespace) -> None:
    from orchestration import restatement

    if chosen.provisional_too and not chosen.reason:
        raise restatement.PeriodRefused("--provisional-too needs a --reason")
    with progress() as say:
        made = restatement.close(home, chosen.period, reason=chosen.reason, provisional_too=chosen.provisional_too,
                                 say=say)
    print(f"{made.period} is closed (version {made.version}, figures of published version {made.published_version})")


def restate(home: Home, chosen: argparse.Namespace) -> None:
    from orchestration import restatement

    with progress() as say:
        made = restatement.restate(home, chosen.period, chosen.reason, say)
    print(table(["KPI", "name", "", "owner", "definition", "figures changed"], [list(row) for row in made.kpis]))
    print(f"{made.closing.period} is restated: version {made.closing.version} counts; the report:")
    print("\n".join(f"  {path}" for path in made.reports))


def as_of(home: Home, chosen: argparse.Namespace) -> int:
    from orchestration import as_of as replays

    with progress() as say:
        made = replays.replay(home, chosen.period, chosen.version, chosen.to, say)
    print(f"{made.closing.period} version {made.closing.version}: {made.figures} figures counted again from the files"
          f" of then, {len(made.differences)} differ"
          + ("" if made.same_definitions else "; models, seeds or contracts changed since"))
    for closed, counted in made.differences[:PREVIEW]:
        print(f"  closed {closed}\n  counted {counted}")
    return 1 if made.differences else 0
