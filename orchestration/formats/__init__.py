"""Bytes to rows: one module per format, one way in. Which module reads a file is said by the contract.

Readers stream: memory does not grow with the file. They deliver text exactly as it came; what it
means (types, nulls, tokens) is the business of `orchestration.ingest`.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from orchestration.contracts import Contract
from orchestration.formats.reading import FormatError, Reading

__all__ = ["FormatError", "Reading", "read"]

READERS = {
    "delimited": "delimited",
    "fixed_width": "fixed_width",
    "json_lines": "json_records",
    "json_array": "json_records",
    "pm_xml": "pm_xml",
    "xlsx": "xlsx",
    "tap3": "tap3",
}


def read(path: Path, contract: Contract) -> Reading:
    """Rows of one file. FormatError, now or while the batches are drawn, means that the whole file is no good."""
    if contract.format not in READERS:
        raise FormatError("unknown_format", f"{contract.id}: no reader for format {contract.format!r}")
    reading = Reading()
    reader = import_module(f"orchestration.formats.{READERS[contract.format]}")
    reading.batches = reader.read(Path(path), contract, reading)
    return reading
