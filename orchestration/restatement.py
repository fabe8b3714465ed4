"""Closing a month and restating a closed one: when either is allowed, and what is said about the difference.

A closed figure changes in one way only: by a restatement, which writes a new version of the month, a report of every
difference with the late files behind it, and the list of the KPIs it touches with their owners.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb

from orchestration import closing, publish, restatement_report, steps
from orchestration.atomic import share
from orchestration.closing import Closing, Snapshot
from orchestration.settings import Home

SHOWN = 8  # lines of a list that a refusal names


class PeriodRefused(RuntimeError):
    """The month cannot be closed or restated as things are; nothing was written."""


@dataclass(frozen=True)
class Restatement:
    """What a restatement wrote: the version, its report, and the KPIs with (kpi, name, owner, figures changed)."""

    closing: Closing
    reports: list[Path]
    kpis: list[tuple[Any, ...]]


def close(
    home: Home,
    period: str,
    *,
    reason: str | None = None,
    provisional_too: bool = False,
    say: steps.Say = steps.silent,
) -> Closing:
    """Closes a month and its days; of a closed month what was still counting then and has settled since.

    Raises PeriodRefused while a figure is provisional, unless those are wanted too.
    """
    with steps.writing(home):
        taken, made = _taken(home, period), closing.closings(home, period)
        taken = replace(taken, figures=closing.of_kpis(taken.figures, _closed_kpis(home, period), others=True))
        if made and not taken.figures.num_rows:
            counting = f", open are still {', '.join(taken.open_kpis)}" if taken.open_kpis else ""
            raise PeriodRefused(f"{period} is closed since {made[0].closed_at} UTC{counting}:"
                                f" `bass restate {period} --reason ...` changes what is closed")
        _refuse_out_of_order(home, period)
        if not provisional_too:
            _refuse_provisional(taken)
        return steps.show_closed(home, taken, "later" if made else "close", reason, say)


def restate(home: Home, period: str, reason: str, say: steps.Say = steps.silent) -> Restatement:
    """Writes the next version of a closed month from the facts of today. Raises PeriodRefused."""
    with steps.writing(home):
        made = closing.closings(home, period)
        if not made:
            raise PeriodRefused(f"{period} is not closed: its figures follow the facts by themselves")
        if not reason.strip():
            raise PeriodRefused("a restatement needs a reason")
        taken = _taken(home, period)
        with duckdb.connect(str(home.published_database), read_only=True) as connection:
            difference = restatement_report.difference(connection, taken.period)
        if not difference.figures:
            raise PeriodRefused(f"nothing to restate: today's facts give every figure of {period} as in version"
                                f" {made[-1].version}")
        say("report", f"{len(difference.figures)} figures differ")
        reports = restatement_report.write(home.published / "reports", made[-1], reason, difference)
        share(home.published, home.published / "reports", *reports)
        taken = replace(taken, figures=closing.of_kpis(taken.figures, _closed_kpis(home, period)))
        return Restatement(steps.show_closed(home, taken, "restate", reason, say), reports, difference.kpis)


def _taken(home: Home, period: str) -> Snapshot:
    """What is published of the month, if that is what the landing folder says today."""
    closing.month(period)
    if publish.published_version(home) and (steps.pending(home) or not publish.is_current(home)):
        raise PeriodRefused("what is published is older than the lake or the models: run `bass run` first")
    return closing.snapshot(home, period)


def _closed_kpis(home: Home, period: str) -> set[tuple[str, int]]:
    with duckdb.connect(str(home.published_database), read_only=True) as connection:
        return set(connection.execute(f"""
            select distinct kpi_id, definition_version from kpi.fct_kpi_closed
            where is_newest and period_month = date '{closing.month(period)}'""").fetchall())


def _refuse_out_of_order(home: Home, period: str) -> None:
    """Months close one after the other, so that a closed figure is compared with closed ones."""
    first = closing.month(period)
    with duckdb.connect(str(home.published_database), read_only=True) as connection:
        rows = connection.execute(f"""
            select distinct strftime(period_start, '%Y-%m') from kpi.fct_kpi_month
            where closed_version is null and period_start < date '{first}' order by 1""").fetchall()
    closed = {made.period for made in closing.closings(home)}
    if still_open := [month for (month,) in rows if month not in closed]:
        raise PeriodRefused(f"close {still_open[0]} first: months close one after the other")


def _refuse_provisional(taken: Snapshot) -> None:
    provisional = sorted({
        (row["kpi_id"], row["status_reason"])
        for row in taken.figures.select(["kpi_id", "status_code", "status_reason"]).to_pylist()
        if row["status_code"] == "provisional"
    })
    if provisional:
        shown = "; ".join(f"{kpi}: {reason}" for kpi, reason in provisional[:SHOWN])
        more = f"; and {len(provisional) - SHOWN} more" if len(provisional) > SHOWN else ""
        raise PeriodRefused(f"{taken.period} is not final, {len(provisional)} KPIs are provisional: {shown}{more}."
                            " When nothing more will come: --provisional-too with a --reason")
