"""Contracts for tests, built as operators write them (YAML through the real loader), and files read by them."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any
from unittest import mock

import yaml

from orchestration import contracts, formats
from orchestration.formats import decoding


def make_contract(format: str, columns: list[str | dict[str, Any]], *, encoding: str = "utf-8",
                  delimiter: str | None = None, **options: Any) -> contracts.Contract:
    """A contract whose columns are strings unless said otherwise; `options` are the server's customProperties."""
    server = {"server": "landing", "type": "custom", "format": format, "encoding": encoding,
              "customProperties": [{"property": key, "value": value}
                                   for key, value in {"filePattern": "^.*$", **options}.items()]}
    if delimiter:
        server["delimiter"] = delimiter
    document = {
        "apiVersion": "v3.1.0", "kind": "DataContract", "id": "test__feed", "name": "feed", "version": "1.0.0",
        "status": "active", "domain": "test", "servers": [server],
        "schema": [{"name": "feed", "properties": [_column(column) for column in columns]}],
    }
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "feed.odcs.yaml"
        path.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
        return contracts.load(path)


def _column(column: str | dict[str, Any]) -> dict[str, Any]:
    """`name`, or {name, source, width, type}."""
    if isinstance(column, str):
        column = {"name": column}
    entry = {"name": column["name"], "physicalName": column.get("source", column["name"]),
             "logicalType": column.get("type", "string")}
    if "width" in column:
        entry["customProperties"] = [{"property": "width", "value": column["width"]}]
    return entry


def read_rows(folder: Path, content: bytes, contract: contracts.Contract, block_bytes: int | None = None,
              ) -> tuple[list[dict[str, Any]], formats.Reading]:
    """All rows of a file with this content, and what else the reader found. Small blocks put cuts everywhere."""
    path = folder / "extract"
    path.write_bytes(content)
    with mock.patch.object(decoding, "BLOCK_BYTES", block_bytes or decoding.BLOCK_BYTES):
        reading = formats.read(path, contract)
        rows = [row for batch in reading.batches for row in batch.to_pylist()]
    return rows, reading


def errors_by_line(rows: list[dict[str, Any]]) -> list[tuple[int, str | None]]:
    return [(row["line_number"], row["format_error"]) for row in rows]
