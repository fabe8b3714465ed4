"""Proposes a contract for a sample file: what its columns are called, mean and hold.

The sample is read by the real readers, so that what is drafted can be loaded and taken in as it stands.
Guesses are guesses: every text says so, and a data owner confirms them.
"""

from __future__ import annotations

import re
import tempfile
from decimal import Decimal
from itertools import combinations
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import yaml

from orchestration import contract_sniff, contracts, formats
from orchestration.column_guess import FAMILIES, Guess, guess_columns
from orchestration.contract_sniff import Layout

SAMPLE_ROWS = 50_000
PERIOD = re.compile(r"(?<!\d)((?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:[0-3]\d(?:[0-2]\d(?:[0-5]\d(?:[0-5]\d)?)?)?)?)(?!\d)")
FEW_ROWS = 20  # in so few anything may be unique
KEY_COLUMNS = 8  # columns that are tried in pairs


def draft(sample: Path, family: str | None = None) -> str:
    """The text of a contract that `contract check` accepts. Raises ValueError in one line for an unreadable sample."""
    layout = contract_sniff.sniff(sample)
    table, trailer = _sample(sample, layout)
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.register("sample", table)
        guesses, options = guess_columns(connection, layout)
        _choose_key(connection, guesses, table.num_rows)
        options |= _trailer(connection, layout, guesses, trailer)
    if family is None:
        family = sample.resolve().parent.name if sample.resolve().parent.name in FAMILIES else "drafted"
    document = _document(sample, family, layout, guesses, options, table.num_rows)
    comment = f"# Drafted from {sample.name}, please confirm every line. 由样本文件草拟，请逐项确认。\n"
    return comment + yaml.safe_dump(document, allow_unicode=True, sort_keys=False, width=110)


def _sample(path: Path, layout: Layout) -> tuple[pa.Table, str | None]:
    """The first records as text in columns c0, c1 …; and the trailer line."""
    server = {"server": "landing", "type": "custom", "format": layout.format, "encoding": layout.encoding,
              "customProperties": _properties(_server_options(layout) | {"filePattern": "^.*$"})}
    if layout.delimiter:
        server["delimiter"] = layout.delimiter
    columns = [{"name": f"c{place}", "physicalName": source, "logicalType": "string"}
               | ({"customProperties": _properties({"width": layout.widths[place]})} if layout.widths else {})
               for place, source in enumerate(layout.sources)]
    document = {"apiVersion": "v3.1.0", "kind": "DataContract", "id": "sample", "version": "1.0.0", "status": "draft",
                "servers": [server], "schema": [{"name": "sample", "properties": columns}]}
    with tempfile.TemporaryDirectory() as folder:
        provisional = Path(folder) / "sample.odcs.yaml"
        provisional.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
        contract = contracts.load(provisional)
    batches, rows = [], 0
    for batch in formats.read(path, contract).batches:
        batches.append(batch)
        rows += batch.num_rows
        if rows >= SAMPLE_ROWS:
            break
    if not rows:
        raise contract_sniff.UnknownLayout(f"{path}: the sample holds no records")
    table = pa.Table.from_batches(batches)
    last = table["raw_text"][-1].as_py()
    trailer = last if layout.trailer_mark and last.strip().startswith(layout.trailer_mark) else None
    table = table.slice(0, table.num_rows - 1 if trailer else SAMPLE_ROWS)
    return table.filter(pc.is_null(table["format_error"])), trailer


def _server_options(layout: Layout) -> dict[str, Any]:
    said = {"header": layout.header or None, "quote": layout.quote, "recordPath": layout.record_path}
    return {name: value for name, value in said.items() if value is not None}


def _choose_key(connection: duckdb.DuckDBPyConnection, guesses: list[Guess], rows: int) -> None:
    """One column that is never empty and never repeats, the likeliest name first; else two; else none."""
    if any(guess.is_key for guess in guesses) or rows < 2:
        return
    usable = [guess for guess in guesses if guess.is_required and guess.logical_type in ("string", "integer")
              and not guess.token_domain]
    alone = [guess for guess in usable if guess.distinct == rows and (guess.looks_like_id or rows >= FEW_ROWS)]
    if alone:
        min(alone, key=lambda guess: not guess.looks_like_id).is_key = True
        return
    timed = usable + [guess for guess in guesses if guess.is_required and guess.logical_type in ("date", "timestamp")]
    for one, two in combinations(timed[:KEY_COLUMNS], 2):
        pairs = connection.execute(f"select count(distinct ({one.column}, {two.column})) from sample").fetchone()
        if pairs == (rows,):
            one.is_key = two.is_key = True
            return


def _trailer(connection: duckdb.DuckDBPyConnection, layout: Layout, guesses: list[Guess],
             text: str | None) -> dict[str, Any]:
    """A trailer line whose sums are those of columns controls the file; else numbers are only summed."""
    numbers = [guess for guess in guesses if guess.logical_type in ("integer", "number") and guess.unit]
    summed = {"control": "stable", "controlSums": [guess.name for guess in numbers]}
    if not (text and layout.delimiter):
        return summed
    _, _, *wanted = text.split(layout.delimiter)
    numeric = [guess for guess in guesses if guess.logical_type in ("integer", "number")]
    totals = {guess.name: connection.execute(
        f"select sum(try_cast({guess.column} as decimal(38, 6))) from sample").fetchone()[0] for guess in numeric}
    found = [next((name for name, total in totals.items() if total == Decimal(value)), None) for value in wanted]
    if None in found:
        return summed
    return {"control": "trailer", "trailerMark": layout.trailer_mark, "controlSums": found}


def _document(sample: Path, family: str, layout: Layout, guesses: list[Guess], options: dict[str, Any],
              rows: int) -> dict[str, Any]:
    feed, pattern = _file_name(sample.name)
    seen = ", ".join([f"{rows} rows read", *layout.notes])
    server = {"server": "landing", "type": "custom", "format": layout.format}
    if layout.delimiter:
        server["delimiter"] = layout.delimiter
    said = {"filePattern": pattern} | _server_options(layout) | {"timeZone": "UTC"} | options
    server |= {"encoding": layout.encoding, "customProperties": _properties(said)}
    limits = [{"name": "rejected_rows", "type": "custom", "engine": "bass", "unit": "percent", "severity": "error",
               "implementation": {"metric": "rejectedRows", "mustBeLessOrEqualTo": 1},
               "description": "Share of delivered rows that are rejected."}]
    policy = "first" if any(guess.is_key for guess in guesses) else "none"
    table = {"name": feed, "businessName": f"待确认 {feed}", "physicalType": "file",
             "description": f"Drafted from {sample.name}, please confirm: one row per what?",
             "customProperties": _properties({"duplicatePolicy": policy}), "quality": limits,
             "properties": _columns(guesses, sample.name)}
    return {"apiVersion": "v3.1.0", "kind": "DataContract", "id": f"{family}__{feed}", "name": feed,
            "version": "0.1.0", "status": "draft", "domain": family,
            "description": {"purpose": f"Drafted from {sample.name}, please confirm.", "usage": f"Sample: {seen}."},
            "team": {"name": "owner-to-be-named"}, "servers": [server],
            "slaProperties": [{"property": "frequency", "value": "day"},
                              {"property": "latency", "value": 1, "unit": "d"}],
            "schema": [table]}


def _columns(guesses: list[Guess], sample: str) -> list[dict[str, Any]]:
    columns, key = [], 0
    for guess in guesses:
        column = {"name": guess.name, "physicalName": guess.source, "businessName": guess.business_name,
                  "description": f"Drafted from {sample}, please confirm.", "logicalType": guess.logical_type}
        column |= {"physicalType": guess.physical_type} if guess.physical_type else {}
        if guess.is_key:
            key += 1
            column |= {"primaryKey": True, "primaryKeyPosition": key}
        column |= {"required": True} if guess.is_required else {}
        column |= {"classification": "personal"} if guess.token_domain else {}
        said = {"tokenDomain": guess.token_domain, "unit": guess.unit, "width": guess.width}
        more = _properties({name: value for name, value in said.items() if value})
        column |= {"customProperties": more} if more else {}
        if guess.codes:
            column["quality"] = [{"metric": "invalidValues", "arguments": {"validValues": guess.codes}, "mustBe": 0}]
        columns.append(column)
    return columns


def _properties(values: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"property": name, "value": value} for name, value in values.items() if value not in (None, [])]


def _file_name(name: str) -> tuple[str, str]:
    """(feed, pattern): the date in the name is the period, `v1` the version, other digits may be any."""
    stem, _, ending = name.partition(".")
    if found := re.match(r"(.*?)((?:\.(?:csv|txt|dat|cdr|json|jsonl|xml|xlsx|tsv|gz|zip))+)$", name, re.IGNORECASE):
        stem, ending = found[1], found[2].lstrip(".")
    feed = re.sub(r"[^a-z]+", "_", re.sub(r"(?i)(?<![a-z])v\d+(?![a-z])", "", stem).lower()).strip("_") or "feed"
    period, version = PERIOD.search(stem), re.search(r"(?i)(?<![a-z0-9])v(\d+)", stem)
    pattern, place = "^", 0
    for part in re.finditer(r"\d+", stem):
        pattern += re.escape(stem[place:part.start()])
        if period and part.span() == period.span():
            pattern += rf"(?P<period>\d{{{len(part[0])}}})"
        elif version and part.span() == version.span(1):
            pattern += r"(?P<version>\d+)"
        else:
            pattern += r"\d+"
        place = part.end()
    pattern += re.escape(stem[place:]) + ("" if period else r"_(?P<period>\d{8})")
    pattern += "" if version else r"(_v(?P<version>\d+))?"
    ending = "" if not ending else r"\." + re.escape(ending.removesuffix(".gz")) + r"(\.gz)?"
    return feed, pattern + ending + "$"
