"""The landing folder: finds files and reads what their names, bytes and control files say.

Files are read as bytes (hash, size) and never changed; what they say is written to the ledger. Which of
them count is decided in `deliveries`, rows are the business of `ingest`.
"""

from __future__ import annotations

import calendar
import gzip
import hashlib
import json
import os
import re
import stat
import time
import zlib
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from orchestration import ledger as ledgers
from orchestration.contracts import LARGEST_CONTROL_BYTES, Contract
from orchestration.ledger import Ledger
from orchestration.settings import Home

SMALL = 64 * 1024
LARGEST_NUMBER = 2**31 - 1  # of a version


class BadControl(ValueError):
    """A control file that cannot be read."""


def scan(home: Home, contracts: dict[str, Contract], ledger: Ledger) -> None:
    """Puts every new or changed file of the landing folder into the ledger.

    Costs one `stat` per file plus the reading of new files; nothing else depends on the history.
    """
    known, found = ledger.known_files(), []
    for path in _walk(home.landing):
        relative = printable(path.relative_to(home.landing).as_posix())
        try:
            status = path.lstat()
        except FileNotFoundError:  # taken away since the folder was listed
            continue
        if known.get(relative) != (status.st_size, status.st_mtime_ns):
            found.append(_see(path, relative, status, contracts))
    ledger.add_files(found)


def _walk(folder: Path) -> Iterable[Path]:
    """Every file below the folder in name order; hidden and temporary names are still being delivered.

    A folder that cannot be read stands for what is in it.
    """
    if not folder.exists():
        return
    try:
        with os.scandir(folder) as entries:
            listed = sorted(entries, key=lambda entry: entry.name)
    except OSError:
        yield folder
        return
    for entry in listed:
        if entry.name.startswith(".") or entry.name.endswith((".tmp", ".part", ".filepart")):
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(Path(entry.path))
        else:
            yield Path(entry.path)


def _see(path: Path, relative: str, status: os.stat_result, contracts: dict[str, Contract]) -> dict[str, Any]:
    record: dict[str, Any] = dict.fromkeys(
        (
            "contract_id",
            "kind",
            "sender",
            "period",
            "part",
            "sequence",
            "version",
            "file_date",
            "control_kind",
            "control",
            "reason",
        )
    )
    record |= {
        "relative_path": relative,
        "file_name": printable(path.name),
        "size_bytes": status.st_size,
        "mtime_ns": status.st_mtime_ns,
        "sha256": "",
        "is_empty": 0,
        "state": "seen",
        "seen_at": ledgers.now(),
        "arrived_at": datetime.fromtimestamp(status.st_mtime, UTC).replace(tzinfo=None).isoformat(sep=" "),
    }
    if refused := _not_plain(path, status):
        return record | {"state": "quarantined", "reason": refused}
    try:
        record["sha256"] = _sha256(path)
    except OSError as error:
        return record | {"state": "quarantined", "reason": f"unreadable: {error.strerror}"}
    named = name_parts(path.name, contracts)
    if isinstance(named, str):
        return record | {"state": "quarantined", "reason": named}
    contract = contracts[named["contract_id"]]
    record |= named
    if named["control_kind"]:
        return record | {"state": "control"} | _read_control(path, contract)
    record["is_empty"] = int(_is_empty(path, status.st_size, contract))
    if not _is_still(status, contract):
        record |= {"state": "waiting", "reason": "still being written", "mtime_ns": -1}
    return record


def _is_still(status: os.stat_result, contract: Contract) -> bool:
    """A time ahead of the clock (the sender's was, or ours has been set back) says nothing: then the change counts
    that this machine noted; and if that lies ahead too, how far."""
    now = time.time()
    touched = status.st_mtime if status.st_mtime <= now else status.st_ctime
    return abs(now - touched) >= contract.stable_seconds


def printable(name: str) -> str:
    """A name that terminals, logs and the ledger can bear: what cannot be printed or is no UTF-8 is written out."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in name)


def _not_plain(path: Path, status: os.stat_result) -> str | None:
    """Why something in the folder is not even opened: a named pipe would wait for ever, a device never end."""
    if stat.S_ISLNK(status.st_mode):
        return "symlink: only plain files are read"
    if stat.S_ISDIR(status.st_mode):
        return "unreadable: the folder cannot be listed"
    if not stat.S_ISREG(status.st_mode):
        return "no plain file: pipes, sockets and devices are not read"
    if printable(path.name) != path.name:
        return "the name holds characters that cannot be printed or are no UTF-8"
    return None


def name_parts(name: str, contracts: dict[str, Contract]) -> dict[str, Any] | str:
    """What a file name says: contract, sender, period, part, sequence, version, date; or why it says nothing."""
    for contract in contracts.values():
        for pattern, control in ((contract.file_pattern, None), (contract.control_pattern, contract.control)):
            if pattern and (match := pattern.match(name)):
                parts = match.groupdict()
                file_date = period_date(parts.get("period") or "")
                if file_date is None:
                    return f"the period in the name is no date: {parts.get('period')}"
                begins = file_date.replace(day=1) if len(parts["period"]) == 6 else file_date
                if begins > datetime.now(UTC).date() + timedelta(days=1):
                    return f"the period in the name has not begun: {parts['period']}"
                if int(parts.get("version") or 1) > LARGEST_NUMBER:
                    return "the version in the name is no number that anybody counts to"
                return {
                    "contract_id": contract.id,
                    "control_kind": control,
                    "file_date": file_date.isoformat(),
                    "version": int(parts.get("version") or 1),
                } | {key: parts.get(key) for key in ("kind", "sender", "period", "part", "sequence")}
    return "no contract has a file name like this"


def period_date(period: str) -> date | None:
    """yyyymm (its last day), yyyymmdd or a longer stamp that begins with it; None if that is no date."""
    digits = re.sub(r"\D", "", period)
    if not "1990" <= digits[:4] <= "2100":
        return None
    try:
        if len(digits) == 6:
            year, month = int(digits[:4]), int(digits[4:])
            return date(year, month, calendar.monthrange(year, month)[1])
        return datetime.strptime(digits[:8], "%Y%m%d").date()
    except ValueError:
        return None


def _sha256(path: Path) -> str:
    with open(path, "rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _is_empty(path: Path, size: int, contract: Contract) -> bool:
    """No data rows: a delivery of an empty period, whose bytes may well equal another's."""
    if size > SMALL:
        return False
    text = path.read_bytes()
    if text[:2] == b"\x1f\x8b":
        try:
            with gzip.open(path) as packed:
                text = packed.read(SMALL + 1)
        except (OSError, EOFError, zlib.error):
            return False
        if len(text) > SMALL:
            return False
    if contract.format in ("json_lines", "json_array"):
        return text.strip() in (b"", b"[]")
    if contract.format not in ("delimited", "fixed_width"):
        return not text
    return len(text.splitlines()) - contract.header - (contract.control == "trailer") <= 0


def _read_control(path: Path, contract: Contract) -> dict[str, Any]:
    try:
        if path.stat().st_size > LARGEST_CONTROL_BYTES:
            raise BadControl(f"more than {LARGEST_CONTROL_BYTES} bytes")
        entries = _verf_entries(path, contract) if contract.control == "verf" else _manifest_entries(path)
    except (ValueError, KeyError, TypeError, AttributeError, ArithmeticError, RecursionError, OSError) as error:
        return {"state": "quarantined", "reason": f"control file cannot be read: {error}"}
    return {"control": ledgers.control_text(entries)}


def _verf_entries(path: Path, contract: Contract) -> dict[str, Any]:
    entries = {}
    for number, line in enumerate(path.read_text("ascii").splitlines(), start=1):
        fields = line.split("|")
        if len(fields) < 7 + len(contract.control_sums):
            raise BadControl(f"line {number} has {len(fields)} fields, {7 + len(contract.control_sums)} expected")
        entries[fields[0]] = {
            "size": int(fields[3]),
            "rows": int(fields[4]),
            "sums": {name: _sum(text) for name, text in zip(contract.control_sums, fields[7:], strict=False)},
        }
    return entries


def _sum(text: str) -> str:
    """A control total as it is written. Raises BadControl for what is no number."""
    if not re.fullmatch(r"\s*[+-]?\d{1,30}(\.\d{1,10})?\s*", text, re.ASCII):
        raise BadControl(f"{text[:20]!r} is no total")
    return text.strip()


def _manifest_entries(path: Path) -> dict[str, Any]:
    return {
        entry["name"]: {
            "size": int(entry["size"]),
            "sha256": entry["sha256"],
            "rows": int(entry["records"]),
            "sums": {name: _sum(str(total)) for name, total in (entry.get("sums") or {}).items()},
        }
        for entry in json.loads(path.read_text("utf-8"))["files"]
    }
