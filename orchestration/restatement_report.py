"""What a restatement changes, as files for people: every figure in a table, and a page that opens without a network.

Reads the published database; writes only below the folder it is handed.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import duckdb

from orchestration.atomic import replace_file
from orchestration.closing import Closing, month

FIGURE = ("kpi_id", "definition_version", "breakdown_code", "period_type", "period_start", "org_level_code", "org_id",
          "closed_numerator", "counted_numerator", "closed_denominator", "counted_denominator", "closed_value",
          "counted_value", "value_change")
KPI = ("kpi_id", "name_en", "name_zh", "owner", "definition_version", "changed_figures")
LATE = ("contract_id", "file_name", "file_date", "event_date", "record_count", "duration_s", "volume_bytes",
        "amount_amt", "seen_at")
PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<style>
body {{ font: 14px/1.5 sans-serif; margin: 2em; max-width: 75em }}
table {{ border-collapse: collapse; margin: 1em 0 }}
th, td {{ border: 1px solid #ccc; padding: .2em .6em; text-align: left }}
</style></head><body>
<h1>{title}</h1>
<p>{intro}</p>
<h2>KPIs and their owners 影响指标</h2>{kpis}
<h2>Headquarters, month 全网月值</h2>{figures}
<p>Every figure of every unit and day: {csv}</p>
<h2>Files accepted after the closing 关账后到达文件</h2>{late}
</body></html>
"""


@dataclass(frozen=True)
class Difference:
    """Rows of FIGURE, KPI and LATE columns: what changed, whose it is, and the late files."""

    figures: list[tuple[Any, ...]]
    kpis: list[tuple[Any, ...]]
    late: list[tuple[Any, ...]]


def difference(connection: duckdb.DuckDBPyConnection, period: str) -> Difference:
    """What the published database says that a closed month would count otherwise today."""
    within = f"period_month = date '{month(period)}'"
    return Difference(
        connection.execute(
            f"select {', '.join(FIGURE)} from ops.ops_restatement_queue where {within} order by all").fetchall(),
        connection.execute(f"""
            select queue.kpi_id, kpis.name_en, kpis.name_zh, kpis.owner, queue.definition_version, count(*)
            from ops.ops_restatement_queue as queue
            left join reference.kpis as kpis using (kpi_id, definition_version)
            where {within} group by all order by all""").fetchall(),
        connection.execute(f"select {', '.join(LATE)} from ops.ops_late_record where {within} order by all").fetchall(),
    )


def write(folder: Path, before: Closing, reason: str, found: Difference) -> list[Path]:
    """The report on the version after `before`: figures and KPIs as CSV, and a page. Returns their paths."""
    stem = f"restatement_{before.period}_v{before.version + 1}"
    figures, kpis, page = (folder / f"{stem}{end}" for end in ("_figures.csv", "_kpis.csv", ".html"))
    _csv(figures, FIGURE, found.figures)
    _csv(kpis, KPI, found.kpis)
    text = _page(before, reason, found, figures.name)
    replace_file(page, lambda target: target.write_text(text, encoding="utf-8"))
    return [page, figures, kpis]


def _page(before: Closing, reason: str, found: Difference, csv_name: str) -> str:
    top = [row for row in found.figures if row[FIGURE.index("org_level_code")] == "HQ"
           and row[FIGURE.index("period_type")] == "month"]
    return PAGE.format(
        title=escape(f"Restatement of {before.period}: version {before.version} to {before.version + 1} 重述报告"),
        intro=escape(f"Reason: {reason}. {len(found.figures)} figures of {len(found.kpis)} KPIs change;"
                     f" version {before.version} stays readable in kpi.fct_kpi_closed."),
        kpis=_table(KPI, found.kpis), figures=_table(FIGURE, top), late=_table(LATE, found.late),
        csv=f'<a href="{escape(csv_name)}">{escape(csv_name)}</a>',
    )


def _table(header: tuple[str, ...], rows: list[tuple[Any, ...]]) -> str:
    lines = ["".join(f"<th>{escape(name)}</th>" for name in header)]
    lines += ["".join(f"<td>{'' if value is None else escape(str(value))}</td>" for value in row) for row in rows]
    return "<table>" + "".join(f"<tr>{line}</tr>" for line in lines) + "</table>"


def _csv(path: Path, header: tuple[str, ...], rows: list[tuple[Any, ...]]) -> None:
    def fill(target: Path) -> None:
        with open(target, "w", encoding="utf-8-sig", newline="") as handle:  # the mark lets spreadsheets read Chinese
            writer = csv.writer(handle)
            writer.writerow(header)
            writer.writerows(rows)

    replace_file(path, fill)
