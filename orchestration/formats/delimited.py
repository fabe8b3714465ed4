"""Delimited text: one- or many-character delimiters, quoted or not, with or without header and trailer.

Works on blocks of lines, never on single rows. Where a record begins and ends is settled here (see
`quoting`); cutting it into fields is left to Arrow's CSV parser, which sees one record per line.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as csv

from orchestration.contracts import Contract
from orchestration.formats import decoding, quoting
from orchestration.formats.reading import FormatError, Reading, make_batch, spread

# Control characters that may stand in for what Arrow's parser does not take, if the block does not hold them.
STAND_INS = (b"\x1f", b"\x1e", b"\x1d", b"\x1c", b"\x1a", b"\x11", b"\x12", b"\x13", b"\x14", b"\x05", b"\x06")


@dataclass
class Records:
    """The records of one block, one per line. `swaps` undoes what was written in place of odd characters."""

    texts: pa.StringArray
    lines: np.ndarray
    errors: np.ndarray
    delimiter: str
    swaps: list[tuple[str, str]]

    def restore(self, texts: pa.StringArray) -> pa.StringArray:
        for stand_in, original in self.swaps:
            texts = pc.replace_substring(texts, stand_in, original)
        return texts

    def part(self, chosen: np.ndarray | slice) -> Records:
        index = np.arange(len(self.texts))[chosen]
        return Records(self.texts.take(pa.array(index)), self.lines[index], self.errors[index],
                       self.delimiter, self.swaps)


def read(path: Path, contract: Contract, reading: Reading) -> Iterator[pa.RecordBatch]:
    if not contract.delimiter:
        raise FormatError("no_delimiter", f"{contract.id}: the contract names no delimiter")
    header: list[str] | None = None
    for records, is_last in _records(path, contract):
        if not len(records.texts):
            continue
        if contract.header and header is None:
            header = _header(records, contract)
            records = records.part(slice(1, None))
        if is_last and contract.trailer_mark:
            records = _take_trailer(records, contract, reading)
        if len(records.texts):
            yield _batch(records, contract, header, reading)


def _records(path: Path, contract: Contract) -> Iterator[tuple[Records, bool]]:
    """Records block by block; a quoted record that a block cuts in two waits for the next block."""
    codec, carried, next_line = decoding.codec_of(contract.encoding), b"", 1
    for block in decoding.line_blocks(path, contract):
        text = decoding.to_utf8(decoding.with_plain_line_ends(block.data), codec)
        first_line = block.first_line
        if carried:
            first_line = next_line - carried.count(b"\n")
            text = carried + b"\n" * (block.first_line - next_line) + text  # blank lines in between are part of it
        is_final = block.is_last or len(carried) > quoting.LONGEST_RECORD
        records, carried = _cut(text, first_line, contract, is_final)
        next_line = block.first_line + block.line_ends
        yield records, block.is_last


def _cut(text: bytes, first_line: int, contract: Contract, is_final: bool) -> tuple[Records, bytes]:
    """Records of a text, and the unfinished rest. Odd characters are swapped so that one record is one line."""
    delimiter, swaps = str(contract.delimiter).encode(), []
    free = (mark for mark in STAND_INS if mark not in text and mark != delimiter)
    if len(delimiter) > 1:
        text, delimiter = _swap(text, delimiter, free, swaps)
    if b"\r" in text:  # a lone carriage return is data, but Arrow's parser would end the line there
        text, _ = _swap(text, b"\r", free, swaps)
    rest, starts, is_unclosed = b"", None, None
    if contract.quote and contract.quote.encode() in text:
        joint = _next(free)
        text, rest, starts, is_unclosed = quoting.join_lines(text, delimiter, contract.quote, joint, is_final)
        swaps.append((joint.decode(), "\n"))
    texts = decoding.split_lines(text)
    errors = np.full(len(texts), None, dtype=object)
    if is_unclosed is not None:
        errors[is_unclosed] = "unclosed_quote"
    if decoding.MARK_BYTES in text:
        errors[decoding.has_bad_bytes(texts)] = "undecodable_bytes"
    lines = first_line + (np.arange(len(texts)) if starts is None else starts)
    records = Records(texts, lines, errors, delimiter.decode(), swaps[::-1])
    rest = records.restore(pa.array([rest.decode()]))[0].as_py().encode() if rest else b""
    is_blank = pc.equal(texts, "").to_numpy(zero_copy_only=False)
    return (records.part(~is_blank) if is_blank.any() else records), rest


def _swap(text: bytes, original: bytes, free: Iterator[bytes], swaps: list[tuple[str, str]]) -> tuple[bytes, bytes]:
    stand_in = _next(free)
    swaps.append((stand_in.decode(), original.decode()))
    return text.replace(original, stand_in), stand_in


def _next(free: Iterator[bytes]) -> bytes:
    stand_in = next(free, None)
    if stand_in is None:
        raise FormatError("control_characters", "the text holds every control character that could mark a delimiter")
    return stand_in


def _batch(records: Records, contract: Contract, header: list[str] | None, reading: Reading) -> pa.RecordBatch:
    width = len(header) if header else len(contract.columns)
    is_good = np.equal(records.errors, None)
    texts = records.texts if is_good.all() else records.texts.filter(pa.array(is_good))
    fields, has_width = _fields(texts, records.delimiter, contract.quote, width)
    is_good[is_good] = has_width
    errors = np.where(is_good | ~np.equal(records.errors, None), records.errors, "wrong_column_count")
    places = _places(contract, header)
    columns = [spread(records.restore(fields[place]), is_good) for place in places]
    for place in set(range(width)) - set(places):
        reading.unknown_paths[header[place] if header else ""] += int(is_good.sum())
    raw = decoding.show_bad_bytes(records.restore(records.texts), errors)
    return make_batch(contract, records.lines, raw, errors, columns)


def _fields(texts: pa.StringArray, delimiter: str, quote: str | None, width: int) -> tuple[list[pa.Array], np.ndarray]:
    """The fields of the records that have `width` of them, and which records these are."""
    wrong: list[int] = []

    def skip(row: csv.InvalidRow) -> str:
        wrong.append(row.number - 1)
        return "skip"

    has_width = np.ones(len(texts), dtype=bool)
    if not len(texts):
        return [pa.array([], pa.string())] * width, has_width
    names = [str(place) for place in range(width)]
    data = pc.binary_join(pa.ListArray.from_arrays(pa.array([0, len(texts)], pa.int32()), texts), "\n")[0].as_buffer()
    if texts[0].as_py().startswith("\ufeff"):  # data here, but Arrow would drop it at the start of its input
        data = pa.py_buffer(b"\n" + data.to_pybytes())
    table = csv.read_csv(
        pa.BufferReader(data),
        csv.ReadOptions(column_names=names, use_threads=False, block_size=len(data) + 1),
        csv.ParseOptions(delimiter=delimiter, quote_char=quote or False, invalid_row_handler=skip),
        csv.ConvertOptions(check_utf8=False, column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False),
    )
    has_width[wrong] = False
    if table.num_rows != has_width.sum():
        raise FormatError("broken_quoting", f"{len(texts)} records became {table.num_rows} rows")
    return [column.combine_chunks() for column in table.columns], has_width


def _header(records: Records, contract: Contract) -> list[str]:
    first = records.part(slice(0, 1))
    if first.errors[0]:
        raise FormatError("bad_header", "the header cannot be read", int(first.lines[0]))
    for width in range(first.texts[0].as_py().count(first.delimiter) + 1, 0, -1):  # a name may hold the delimiter
        fields, has_width = _fields(first.texts, first.delimiter, contract.quote, width)
        if has_width.all():
            names = [first.restore(field)[0].as_py().strip() for field in fields]
            break
    missing = [column.source for column in contract.columns if column.source not in names]
    if missing:
        raise FormatError("missing_column", f"the header lacks {', '.join(missing)}", int(first.lines[0]))
    return names


def _places(contract: Contract, header: list[str] | None) -> list[int]:
    if header is None:
        return list(range(len(contract.columns)))
    return [header.index(column.source) for column in contract.columns]


def _take_trailer(records: Records, contract: Contract, reading: Reading) -> Records:
    """The last line, if it is the trailer, goes to `reading.control`; its absence is for landing to judge."""
    if not len(records.texts):
        return records
    mark, *numbers = records.texts[-1].as_py().replace(contract.quote or "\0", "").split(records.delimiter)
    if mark.strip() != contract.trailer_mark:
        return records
    try:
        rows, *sums = [Decimal(number.strip()) for number in numbers]
        totals = dict(zip(contract.control_sums, sums, strict=True))
        if not all(number.is_finite() for number in (rows, *sums)):
            raise ValueError
    except (InvalidOperation, ValueError):
        raise FormatError("bad_trailer", f"expected rows and {len(contract.control_sums)} sums, not {numbers}",
                          int(records.lines[-1])) from None
    reading.control.update(rows=int(rows), sums=totals)
    return records.part(slice(0, -1))
