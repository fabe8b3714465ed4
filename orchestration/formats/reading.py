"""What all readers share: the error for a whole file, the result, the shape of a batch.

Knows Arrow and the contract; knows no format. A reader is a module with
`read(path, contract, reading)`, a generator of batches that also fills `reading`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from orchestration.contracts import Contract

LINEAGE = (("line_number", pa.int64()), ("raw_text", pa.string()), ("format_error", pa.string()))


class FormatError(ValueError):
    """A file that cannot be read as a whole: `code` for the ledger, the text for people, `line` if one is to blame."""

    def __init__(self, code: str, message: str, line: int | None = None):
        super().__init__(message)
        self.code, self.message, self.line = code, message, line


@dataclass
class Reading:
    """Rows as they come; `control` and `unknown_paths` are complete once `batches` is exhausted."""

    batches: Iterator[pa.RecordBatch] = field(default_factory=lambda: iter(()))
    control: dict[str, Any] = field(default_factory=dict)
    unknown_paths: Counter[str] = field(default_factory=Counter)


def batch_schema(contract: Contract) -> pa.Schema:
    return pa.schema([*LINEAGE, *((column.name, pa.string()) for column in contract.columns)])


def make_batch(contract: Contract, lines: Any, raw: Any, errors: Any, columns: Sequence[Any]) -> pa.RecordBatch:
    """One batch in the agreed order; arrays, numpy arrays and lists are all welcome."""
    schema = batch_schema(contract)
    parts = [lines, raw, errors, *columns]
    arrays = [part if isinstance(part, pa.Array) and part.type == wanted.type else pa.array(part, type=wanted.type)
              for part, wanted in zip(parts, schema, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def spread(values: pa.Array, is_good: np.ndarray) -> pa.Array:
    """`values` belong to the good rows only: put nulls where the bad rows are."""
    if is_good.all():
        return values
    position = np.cumsum(is_good) - 1
    return values.take(pa.array(position, mask=~is_good))
