"""`bass analyse`: estimates from the last build. `bass rehearse`: a tariff tried on the last months. `bass bench`: the
figures that tests hold, by tests/benchmarks.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from orchestration import settings
from orchestration.cli_text import progress, table
from orchestration.settings import Home

TOLD = ("auc", "average_precision", "top_decile_lift", "calibration_slope")


def add(command: Callable[[str, Any, str], argparse.ArgumentParser]) -> None:
    """Adds the commands to those of `bass`."""
    command("analyse", analyse, "estimate what follows from the last build (`bass run` does it too)")
    rehearse_ = command("rehearse", rehearse, "rate the last three months again under a tariff that is proposed")
    rehearse_.add_argument("tariff", type=Path, metavar="TARIFF_FILE", help="YAML: offer_id, rental, prices, included")
    rehearse_.add_argument("--bills", action="store_true", help="each bill of both tariffs, as CSV")
    rehearse_.add_argument("--back-test", action="store_true", help="price changes that are over, rehearsed afterwards")
    bench_ = command("bench", bench, "measure an analysis on data of other people, planted truth and the clock")
    bench_.add_argument("analysis", choices=("churn", "elasticity", "value"))
    bench_.add_argument("--only", metavar="PART", help="one part, such as third-party, speed or warehouse")
    bench_.add_argument("--quick", action="store_true", help="smaller samples and one seed: to see that it works")


def analyse(home: Home, chosen: argparse.Namespace) -> int:
    from orchestration import steps, transform
    from orchestration.estimates import refresh, store

    if transform.last_build(home) is None:
        raise ValueError("nothing is built yet: run `bass build`")
    with progress() as say:
        made = steps.analyse(home, say)
    for name, months in made.items():
        print(f"{name}: {len(months)} months estimated, {months[0]:%Y-%m} to {months[-1]:%Y-%m}")
    rows = []
    for month in sorted(store.months(home, refresh.ANALYSES["churn"].TABLES)):
        card = store.read(home, "churn_model_card", month)
        rows += [[f"{month:%Y-%m}", said["section"], said["item"], said["model_version"],
                  *("" if said[name] is None else f"{said[name]:.4f}" for name in ("estimate", "ci_low", "ci_high")),
                  said["n_obs"] or "", said["status"]]
                 for said in card.filter((card["section"].is_in(["held_out", "out_of_time"]) & card["item"].is_in(TOLD))
                                         | (card["item"] == "status")).iter_rows(named=True)]
    rows += _price_rows(home)
    print(table(["as of", "section", "figure", "model", "estimate", "from", "to", "rows", "status"], rows)
          if rows else "no month has features yet")
    print("next: bass publish")
    return 0


def _price_rows(home: Home) -> list[list[Any]]:
    """Own elasticities of use of the newest month, for everybody."""
    from orchestration.estimates import refresh, store

    months = sorted(store.months(home, refresh.ANALYSES["price"].TABLES))
    if not months or (found := store.read(home, "price_elasticity", months[-1])) is None:
        return []
    found = found.filter(segment_code="ALL", org_id="ALL", design_code="two_way", kind_code="own", margin_code="usage")
    return [[f"{months[-1]:%Y-%m}", "price", f"elasticity of {said['component_code']}", said["model_version"],
             *("" if said[name] is None else f"{said[name]:.4f}" for name in ("estimate", "ci_low", "ci_high")),
             said["n_obs"] or "", said["status"]] for said in found.iter_rows(named=True)]


def rehearse(home: Home, chosen: argparse.Namespace) -> None:
    from orchestration import rehearsal
    from orchestration.analytics import tariff_rehearsal as rehearsals

    asked = rehearsal.proposal(chosen.tariff)
    group = rehearsal.read(home, asked)
    now = rehearsals.Tariff(group.rental, group.prices, group.included)
    proposed = rehearsals.Tariff(group.rental if asked.rental is None else asked.rental,
                                 {**group.prices, **asked.prices}, {**group.included, **asked.included})
    if chosen.bills:
        sys.stdout.write(rehearsals.compared(group.people, group.use, now, proposed).write_csv())
        return
    told = rehearsals.rehearse(group.people, group.use, now, proposed, group.elasticities, group.observed,
                               take_up=asked.take_up)
    print(_rows(told))
    if chosen.back_test:
        print(_rows(rehearsal.tested(home)))


def _rows(frame: Any) -> str:
    """A frame as a table; what has no number is empty."""
    return table(frame.columns, [["" if value is None else f"{value:,.4f}" if isinstance(value, float) else value
                                  for value in row] for row in frame.rows()])


def bench(home: Home, chosen: argparse.Namespace) -> int:
    """In a process of its own, because a library that is only measured with brings a package named `tests` too."""
    if not (settings.REPO / "tests" / "benchmarks").is_dir():
        raise ValueError("bass bench works from a checkout: the measuring and its data are among the tests")
    command = [sys.executable, "-m", f"tests.benchmarks.{chosen.analysis}", "--home", str(home.root.resolve())]
    command += ["--quick"] if chosen.quick else []
    return subprocess.call([*command, *(["--only", chosen.only] if chosen.only else [])], cwd=settings.REPO)
