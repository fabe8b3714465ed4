"""The lake's files as files: are those still whole that the ledger says were written? Reads no rows.

A disk that filled up, a copy that broke off or a hand that slipped leaves files that are short or gone; what
is not whole is forgotten here, so that the next step makes it again from landing. Bits that turned inside a
file are found by whoever reads it; `bass rebuild` makes everything again.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

from orchestration.ledger import Ledger
from orchestration.settings import Home

MAGIC, TAIL_BYTES = b"PAR1", 8


def discard_damaged(home: Home, ledger: Ledger) -> list[str]:
    """Forgets partitions whose file is short or gone, deletes what else is short; returns what they are."""
    damaged = []
    for contract_id, day in ledger.partitions():
        if not is_whole(home.raw / contract_id / f"file_date={day}" / "part.parquet"):
            ledger.forget_partitions([(contract_id, date.fromisoformat(day))])
            damaged.append(f"{contract_id} {day}")
    rejects = [path for path in home.rejects.glob("*/*/part.parquet") if not is_whole(path)]
    for path in rejects:
        ledger.forget_partitions([(path.parts[-3], date.fromisoformat(path.parts[-2].partition("=")[2]))])
    schemas = home.raw.glob("*/file_date=1970-01-01/part.parquet")
    short = [path for path in (*schemas, *home.ops.glob("*.parquet")) if not is_whole(path)]
    for path in (*rejects, *short):
        path.unlink()
    return damaged + [str(path.relative_to(home.lake)) for path in (*rejects, *short)]


def is_whole(path: Path) -> bool:
    """Whether the file ends as Parquet ends: with the length of a footer that is inside it, and the magic bytes."""
    try:
        with open(path, "rb") as handle:
            size = handle.seek(0, 2)
            handle.seek(max(0, size - TAIL_BYTES))
            tail = handle.read()
    except FileNotFoundError:
        return False
    return tail[4:] == MAGIC and int.from_bytes(tail[:4], "little") + TAIL_BYTES < size
