"""One sheet of a spreadsheet, header by name, cells as text.

The only reader that goes row by row: its files are filled in by people and therefore small. The
contract's option `sheet` names the sheet; without it the first one is read.
"""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
from openpyxl.utils.exceptions import InvalidFileException

from orchestration.contracts import Contract
from orchestration.formats.reading import FormatError, Reading, make_batch

BATCH_ROWS = 10_000
LARGEST_SHEET = 1 << 30  # bytes when unpacked; a small file may claim more
DAMAGE = (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError)


def read(path: Path, contract: Contract, reading: Reading) -> Iterator[pa.RecordBatch]:
    rows = _filled_rows(path, contract)
    number, header = next(rows, (0, []))
    names = [name.strip() for name in header]
    missing = [column.source for column in contract.columns if column.source not in names]
    if header and missing:
        raise FormatError("missing_column", f"the header lacks {', '.join(missing)}", number)
    places = [names.index(column.source) for column in contract.columns] if header else []
    extra = [name for name in names if name and name not in {column.source for column in contract.columns}]
    held: list[tuple[int, list[str]]] = []
    for row in rows:
        held.append(row)
        if len(held) == BATCH_ROWS:
            yield _batch(held, places, extra, contract, reading)
            held = []
    if held:
        yield _batch(held, places, extra, contract, reading)


def _filled_rows(path: Path, contract: Contract) -> Iterator[tuple[int, list[str]]]:
    """(row number in the sheet, cells as text) of the rows that hold anything."""
    try:
        with path.open("rb") as source:  # a path would be judged by its ending
            if sum(member.file_size for member in zipfile.ZipFile(source).infolist()) > LARGEST_SHEET:
                raise FormatError("xlsx_too_large", f"{path.name}: more than {LARGEST_SHEET} bytes when unpacked")
            book = openpyxl.load_workbook(source, read_only=True, data_only=True)
            wanted = contract.options.get("sheet", book.sheetnames[0])
            if wanted not in book.sheetnames:
                raise FormatError("missing_sheet", f"{path.name}: no {wanted}, only {', '.join(book.sheetnames)}")
            for number, cells in enumerate(book[wanted].iter_rows(), 1):
                texts = [_text(cell) for cell in cells]
                if any(texts):
                    yield number, texts
    except FormatError:
        raise
    except DAMAGE as error:
        raise FormatError("xlsx_damaged", f"{path.name}: {error}") from error


def _text(cell: Any) -> str:
    """A cell as people would type it: ISO dates, plain decimals."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dt.datetime) and "h" not in (cell.number_format or "").lower():
        return value.date().isoformat()
    if isinstance(value, (dt.datetime, dt.date, dt.time)):
        return value.isoformat()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else format(Decimal(repr(value)), "f")
    return str(value)


def _batch(rows: list[tuple[int, list[str]]], places: list[int], extra: list[str], contract: Contract,
           reading: Reading) -> pa.RecordBatch:
    reading.unknown_paths.update(dict.fromkeys(extra, len(rows)))
    columns = [[texts[place] if place < len(texts) else "" for _, texts in rows] for place in places]
    raw = ["\t".join(texts) for _, texts in rows]
    return make_batch(contract, [number for number, _ in rows], raw, [None] * len(rows), columns)
