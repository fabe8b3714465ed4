"""Files written from other files: the dbt sources and places of codes from contracts, KPI pages from the dictionary.

`python -m orchestration.codegen` writes them, `--check` only says which are out of date. Holds no
rule about data; what a source is called and means stands in its contract, what a KPI means in `seeds/kpis.csv`.
"""

from __future__ import annotations

import argparse
import csv
import sys
from pathlib import Path
from typing import Any

import yaml

from orchestration import bus_matrix
from orchestration.code_places import render_places
from orchestration.contracts import Column, Contract, load_all
from orchestration.settings import DBT_PROJECT, SEEDS, home

NOTE = "# Written by `python -m orchestration.codegen` from {}. Do not edit.\n"
KPI_PAGES = DBT_PROJECT / "models" / "kpi" / "_kpi__dictionary.yml"
KPI_LIST = DBT_PROJECT / "macros" / "kpi_models.sql"
KPI_COLUMNS = {
    "kpi_id": "KPI 指标编号.",
    "period_type": "day or month 统计周期.",
    "period_start": "First day of the period 周期起始日.",
    "org_id": "Unit, as the facts name it 组织编号.",
    "breakdown_code": "{breakdown} 细分项.",
    "numerator": "Numerator; of a count the count itself 分子.",
    "denominator": "Denominator; null for a count 分母.",
}
LINEAGE = {
    "source_file": ("string", "Delivered file that the row came in. (源文件)"),
    "line_number": ("bigint", "Line of the row in that file, from 1. (行号)"),
    "file_date": ("date", "Day or last day of the period that the file is for; the partition. (文件日期)"),
}


def render_sources(contracts: dict[str, Contract]) -> dict[Path, str]:
    """The text of every generated file, by path."""
    families = sorted({contract.family for contract in contracts.values()})
    return {_path(family): _render(family, [c for c in contracts.values() if c.family == family])
            for family in families}


def render_kpis() -> dict[Path, str]:
    """The list of the KPI models as a macro, and their descriptions and tests, from the dictionary."""
    with (SEEDS / "kpis.csv").open(encoding="utf-8", newline="") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: (row["kpi_id"], int(row["definition_version"])))
    pages = {"version": 2, "models": [_kpi_page(row) for row in rows]}
    yml = yaml.safe_dump(pages, allow_unicode=True, sort_keys=False, width=110)
    listed = ",\n".join(f"    {_kpi_entry(row)}" for row in rows)
    note = NOTE.format("seeds/kpis.csv")
    macro = f"{{# {note[2:-1]} #}}\n{{% macro kpi_models() -%}}\n{{{{ return([\n{listed},\n]) }}}}\n{{%- endmacro %}}\n"
    return {KPI_PAGES: note + yml, KPI_LIST: macro}


def _kpi_model(row: dict[str, str]) -> str:
    return f"kpi_{row['kpi_id'].lower()}_{row['slug']}"


def _kpi_themes(row: dict[str, str]) -> list[str]:
    return [row["theme"], *filter(None, row["needs"].split("|"))]


def _kpi_entry(row: dict[str, str]) -> dict[str, Any]:
    """What the union over all KPIs must know of one."""
    return {"model": _kpi_model(row), "definition_version": int(row["definition_version"]),
            "period_grain": row["period_grain"], "breakdown": bool(row["breakdown"]), "rollup": row["rollup"],
            "themes": _kpi_themes(row)}


def _kpi_page(row: dict[str, str]) -> dict[str, Any]:
    has = [name for name in KPI_COLUMNS if name != "breakdown_code" or row["breakdown"]]
    unit = "city" if row["rollup"] == "sum" else "unit of every level"
    part = f", {row['breakdown']}" if row["breakdown"] else ""
    off = f"{_kpi_themes(row)} | select('in', env_var('BASS_THEMES_OFF', '').split(',')) | list"
    return {
        "name": _kpi_model(row),
        "description": f"One row per {unit}{part} and {row['period_grain']}: {row['name_en']}, {row['formula']}. "
                       f"{row['name_zh']}.",
        "config": {"materialized": "view", "enabled": f"{{{{ not ({off}) }}}}"},
        "data_tests": [{"unique_together": {"arguments": {"columns": [
            name for name in has if name in ("org_id", "breakdown_code", "period_start")]}}}],
        "columns": [{"name": name, "description": KPI_COLUMNS[name].format(breakdown=row["breakdown"])}
                    for name in has],
    }


def stale(files: dict[Path, str]) -> list[Path]:
    """The files whose text on disk is not what it should be, and generated files that nothing asks for."""
    wrong = [path for path, text in files.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    extra = [path for path in (DBT_PROJECT / "models" / "staging").glob("*/_*__sources.yml") if path not in files]
    return sorted(wrong + extra)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m orchestration.codegen", description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing; fail when a file is out of date")
    options = parser.parse_args(arguments)
    contracts = load_all(home().contracts)
    files = {**render_sources(contracts), **render_places(contracts), **render_kpis(), **bus_matrix.render()}
    changed = stale(files)
    for path in changed:
        print(("out of date: " if options.check else "written: ") + str(path.relative_to(DBT_PROJECT)))
        if not options.check and path in files:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(files[path], encoding="utf-8")
        elif not options.check:
            path.unlink()
    return 1 if options.check and changed else 0


def _path(family: str) -> Path:
    return DBT_PROJECT / "models" / "staging" / family / f"_{family}__sources.yml"


def _render(family: str, contracts: list[Contract]) -> str:
    source = {
        "name": family,
        "schema": "raw",
        "description": f"Raw tables of the {family} system: accepted rows as delivered, one partition per day.",
        "tables": [_table(contract) for contract in contracts],
    }
    document = {"version": 2, "sources": [source]}
    return NOTE.format("the data contracts") + yaml.safe_dump(document, allow_unicode=True, sort_keys=False, width=110)


def _table(contract: Contract) -> dict[str, Any]:
    columns = [entry for column in contract.columns for entry in _columns(column)]
    columns += [{"name": name, "data_type": kind, "description": text} for name, (kind, text) in LINEAGE.items()]
    return {
        "name": contract.feed,
        "identifier": f"{contract.family}__{contract.feed}",
        "description": f"{contract.description} ({contract.business_name})",
        "columns": columns,
    }


def _columns(column: Column) -> list[dict[str, str]]:
    return [{"name": name, "data_type": _portable(kind), "description": _describe(column, name)}
            for name, kind in column.lake_columns]


def _describe(column: Column, name: str) -> str:
    more = " Keyed token, not the clear value." if column.is_personal else ""
    if column.logical_type == "timestamp":
        more = " Operator's local time." if name.endswith("_local") else " UTC."
    unit = f" Unit: {column.unit}." if column.unit else ""
    return f"{column.description}{more}{unit} ({column.business_name})"


def _portable(kind: str) -> str:
    """The type name that every engine understands."""
    return "string" if kind == "varchar" else kind


if __name__ == "__main__":
    sys.exit(main())
