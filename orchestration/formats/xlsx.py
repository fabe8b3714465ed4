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

from orchestration.contracts import Contract
from orchestration.formats.decoding import most_bytes, too_large
from orchestration.formats.reading import FormatError, Reading, make_batch

BATCH_ROWS = 10_000
Row = tuple[int, list[str], str | None]  # number in the sheet, cells as text, what is wrong with it


def read(path: Path, contract: Contract, reading: Reading) -> Iterator[pa.RecordBatch]:
    rows = _filled_rows(path, contract)
    number, header, _ = next(rows, (0, [], None))
    names = [name.strip() for name in header]
    missing = [column.source for column in contract.columns if column.source not in names]
    if header and missing:
        raise FormatError("missing_column", f"the header lacks {', '.join(missing)}", number)
    places = [names.index(column.source) for column in contract.columns] if header else []
    extra = [name for name in names if name and name not in {column.source for column in contract.columns}]
    held: list[Row] = []
    for row in rows:
        held.append(row)
        if len(held) == BATCH_ROWS:
            yield _batch(held, places, extra, contract, reading)
            held = []
    if held:
        yield _batch(held, places, extra, contract, reading)


def _filled_rows(path: Path, contract: Contract) -> Iterator[Row]:
    """The rows that hold anything. Whatever a damaged book makes the library say becomes a FormatError."""
    try:
        with path.open("rb") as source:  # a path would be judged by its ending
            if sum(member.file_size for member in zipfile.ZipFile(source).infolist()) > most_bytes(path, contract):
                raise too_large(path)
            values, formulas = (_sheet(source, path, contract, data_only) for data_only in (True, False))
            for number, (cells, written) in enumerate(zip(values.iter_rows(), formulas.iter_rows(), strict=True), 1):
                texts = [_text(cell) for cell in cells]
                if any(cell.value is not None for cell in written):
                    yield number, texts, _error(cells, written)
    except (FormatError, GeneratorExit):
        raise
    except Exception as error:
        raise FormatError("xlsx_damaged", f"{path.name}: {error}") from error


def _sheet(source: Any, path: Path, contract: Contract, data_only: bool) -> Any:
    """The agreed sheet, with the values that formulas had when the book was saved or with the formulas themselves."""
    book = openpyxl.load_workbook(source, read_only=True, data_only=data_only)
    wanted = contract.options.get("sheet", book.sheetnames[0])
    if wanted not in book.sheetnames:
        raise FormatError("missing_sheet", f"{path.name}: no {wanted}, only {', '.join(book.sheetnames)}")
    book[wanted].reset_dimensions()  # what the sheet says of its own size may be a million columns
    return book[wanted]


def _error(cells: Any, written: Any) -> str | None:
    """A formula that nobody ever calculated would read as nothing, and an error as a text."""
    if any(cell.data_type == "e" for cell in cells):
        return "error_in_cell"
    if any(cell.data_type == "f" and value.value is None for value, cell in zip(cells, written, strict=True)):
        return "formula_without_value"
    return None


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


def _batch(rows: list[Row], places: list[int], extra: list[str], contract: Contract,
           reading: Reading) -> pa.RecordBatch:
    reading.unknown_paths.update(dict.fromkeys(extra, len(rows)))
    columns = [[texts[place] if place < len(texts) else "" for _, texts, _ in rows] for place in places]
    raw = ["\t".join(texts) for _, texts, _ in rows]
    return make_batch(contract, [number for number, _, _ in rows], raw, [error for _, _, error in rows], columns)
