"""Fixed-width text: widths are bytes of the source encoding, fields are padded on the right.

All records of a block are one matrix of bytes; a column is a slice of it, decoded in one go with a line
end after each field. A field that cuts a two-byte character in half therefore shows as undecodable.
Padding is left as delivered.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa

from orchestration.contracts import Contract
from orchestration.formats import decoding
from orchestration.formats.reading import FormatError, Reading, make_batch, spread

CARRIAGE_RETURN, LINE_END = 13, 10


def read(path: Path, contract: Contract, reading: Reading) -> Iterator[pa.RecordBatch]:
    if missing := [column.name for column in contract.columns if not column.width]:
        raise FormatError("no_width", f"{contract.id}: the contract gives no width for {', '.join(missing)}")
    codec, skips = decoding.codec_of(contract.encoding), int(contract.header)
    for block in decoding.line_blocks(path, contract):
        batch = _batch(block, contract, codec)
        batch, skips = batch.slice(skips), 0
        if batch.num_rows:
            yield batch


def _batch(block: decoding.Block, contract: Contract, codec: str) -> pa.RecordBatch:
    content, starts, sizes = _lines(block.data)
    has_text = sizes > 0
    widths = [int(column.width or 0) for column in contract.columns]
    errors = np.where(sizes[has_text] == sum(widths), None, "wrong_record_length")
    is_good = np.equal(errors, None)
    fields = _fields(_matrix(content, starts[has_text][is_good], sum(widths)), widths, codec)
    is_damaged = np.logical_or.reduce([decoding.has_bad_bytes(field) for field in fields])
    errors[np.flatnonzero(is_good)[is_damaged]] = "undecodable_bytes"
    columns = [spread(field.filter(pa.array(~is_damaged)), np.equal(errors, None)) for field in fields]
    texts = decoding.split_lines(decoding.to_utf8(decoding.with_plain_line_ends(block.data), codec))
    raw = decoding.show_bad_bytes(texts.filter(pa.array(has_text)), errors)
    return make_batch(contract, np.flatnonzero(has_text) + block.first_line, raw, errors, columns)


def _lines(data: bytes) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(bytes, where each line starts, its length without line end)."""
    content = np.frombuffer(data if data.endswith(b"\n") else data + b"\n", dtype=np.uint8)
    ends = np.flatnonzero(content == LINE_END)
    starts = np.concatenate(([0], ends[:-1] + 1))
    sizes = ends - starts
    has_return = (sizes > 0) & (content[np.maximum(ends - 1, 0)] == CARRIAGE_RETURN)
    return content, starts, sizes - has_return


def _matrix(content: np.ndarray, starts: np.ndarray, width: int) -> np.ndarray:
    """One row of bytes per record; a plain view of the block where all records are equally far apart."""
    steps = np.diff(starts)
    if len(starts) > 1 and (steps == steps[0]).all():
        return np.lib.stride_tricks.as_strided(content[starts[0] :], (len(starts), width), (int(steps[0]), 1),
                                               writeable=False)
    return content[starts[:, None] + np.arange(width)]


def _fields(matrix: np.ndarray, widths: list[int], codec: str) -> list[pa.StringArray]:
    fields, place = [], 0
    for width in widths:
        cut = np.full((len(matrix), width + 1), LINE_END, dtype=np.uint8)
        cut[:, :width] = matrix[:, place : place + width]
        fields.append(decoding.split_lines(decoding.to_utf8(cut.tobytes(), codec)))
        place += width
    return fields
