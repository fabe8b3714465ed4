"""Roaming files between operators, a subset of TAP3: one row per call event.

Reads transfer batches and notifications (which keep the sequence and hold no event). Calls and messages that
a subscriber made or got and packet sessions are read in full; of any other event the charge is read, so that
the audit block adds up, and its kind is counted among what nobody agreed on. The audit block at the end is
the control total. Columns are named by what this module calls them (`FIELDS`), through `source` of the
contract. What an event is worth to whom is no business of this module.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from orchestration.contracts import Contract
from orchestration.formats import ber
from orchestration.formats.decoding import Source, guard_damage, too_large
from orchestration.formats.reading import FormatError, Reading, make_batch

BATCH_ROWS = 20_000
LARGEST_FILE = 1 << 30
FIELDS = ("sender", "recipient", "file_sequence", "event_number", "event_type", "event_tag", "tele_service", "imsi",
          "msisdn", "other_party", "started_at", "available_at", "duration_s", "received_bytes", "sent_bytes",
          "charge", "currency", "decimals", "recording_entity")
EVENT_TYPES = {9: "MOC", 10: "MTC", 14: "GPRS"}
TRANSFER_BATCH, NOTIFICATION, EVENTS, BATCH_CONTROL, ACCOUNTING, NETWORK, AUDIT = 1, 2, 3, 4, 5, 6, 15
# application tags of the values that are read
IMSI, MSISDN, CALLED, CALLING, TELE_SERVICE, DURATION = 129, 152, 407, 405, 218, 223
RECEIVED, SENT, CHARGE, CHARGE_TYPE, REC_CODE, REC_ID = 250, 251, 62, 71, 184, 400
LOCAL_TIME, OFFSET, OFFSET_CODE = 16, 231, 232
EVENT_START, AVAILABLE, EARLIEST, LATEST = 44, 107, 101, 133
SENDER, RECIPIENT, SEQUENCE, CURRENCY, DECIMALS = 196, 182, 109, 210, 244
TOTAL_CHARGE, EVENT_COUNT = 415, 43
TOTAL = b"00"  # the charge detail that holds the whole charge


@dataclass
class Batch:
    """What a file says once for all its events; `parts` are where its main elements begin and end."""

    is_notification: bool
    parts: dict[int, tuple[int, int]]
    shared: dict[str, Any] = field(default_factory=dict)
    offsets: dict[int, str] = field(default_factory=dict)
    entities: dict[int, str] = field(default_factory=dict)


def read(path: Path, contract: Contract, reading: Reading) -> Iterator[pa.RecordBatch]:
    if unknown := [column.source for column in contract.columns if column.source not in FIELDS]:
        raise FormatError("missing_column", f"a TAP file has no {', '.join(unknown)}")
    with Source(path, contract) as source, guard_damage(path):
        data = source.read(LARGEST_FILE + 1)
    if len(data) > LARGEST_FILE:
        raise too_large(path)
    batch = _open(data)
    _describe(data, batch)
    _check_name(path.name, contract, batch)
    audit = _audit(data, batch)
    sums = {column.name: audit["charge"] for column in contract.columns if column.source == "charge"}
    reading.control = {"rows": audit["events"], "sums": {k: v for k, v in sums.items() if k in contract.control_sums}}
    country, times, rows, number = str(contract.options.get("countryCode", "")), [], [], 0
    for tag, _, begins, ends, _ in ber.children(data, *batch.parts.get(EVENTS, (0, 0))):
        number += 1
        row = _event(data, tag, begins, ends, number, batch, country)
        if tag not in EVENT_TYPES:
            reading.unknown_paths[f"call event [APPLICATION {tag}]"] += 1
        times.append(row["started_at"])
        rows.append((row, data[begins:ends].hex()))
        if len(rows) == BATCH_ROWS:
            yield _make(rows, number, contract)
            rows = []
    _check_times(times, audit)
    if rows:
        yield _make(rows, number, contract)


def _open(data: bytes) -> Batch:
    """The main elements of the file, nothing behind them but filling."""
    if not data:
        raise FormatError("tap_empty", "the file holds nothing; a day without events is told by a notification")
    tag, is_group, begins, ends, following = ber.element(data, 0, len(data))
    if tag not in (TRANSFER_BATCH, NOTIFICATION) or not is_group:
        raise FormatError("tap_root", f"the file begins with {data[:4].hex()}: neither transfer batch nor notification")
    if data[following:].strip(b"\0"):
        raise FormatError("ber_garbled", f"{len(data) - following} bytes stand behind the end of the file's content")
    if tag == NOTIFICATION:
        return Batch(True, {BATCH_CONTROL: (begins, ends)})
    return Batch(False, {tag: (begins, ends) for tag, _, begins, ends, _ in ber.children(data, begins, ends)})


def _describe(data: bytes, batch: Batch) -> None:
    """Sender, recipient, number, times, currency, and the lists that events point into."""
    control: dict[int, bytes] = {}
    available: dict[int, bytes] = {}
    for parent, tag, value in ber.values(data, *batch.parts.get(BATCH_CONTROL, (0, 0))):
        (available if parent == AVAILABLE else control).setdefault(tag, value)
    if missing := [tag for tag in (SENDER, RECIPIENT, SEQUENCE) if tag not in control]:
        raise FormatError("tap_no_batch_control", f"the file does not say its [APPLICATION {missing[0]}]")
    money = {tag: value for _, tag, value in ber.values(data, *batch.parts.get(ACCOUNTING, (0, 0)))}
    batch.shared = {
        "sender": _text(control[SENDER]), "recipient": _text(control[RECIPIENT]),
        "file_sequence": _text(control[SEQUENCE]), "currency": _text(money.get(CURRENCY)),
        "decimals": _number(money.get(DECIMALS)),
        "available_at": _instant(available.get(LOCAL_TIME), _text(available.get(OFFSET)))}
    code = None
    for _, tag, value in ber.values(data, *batch.parts.get(NETWORK, (0, 0))):
        if tag in (OFFSET_CODE, REC_CODE):
            code = int.from_bytes(value)
        elif tag == OFFSET:
            batch.offsets[code or 0] = _text(value) or ""
        elif tag == REC_ID:
            batch.entities[code or 0] = _text(value) or ""


def _check_name(name: str, contract: Contract, batch: Batch) -> None:
    """A file that carries another number or other partners than its name says was mixed up on the way."""
    said = ((match := contract.file_pattern.match(name)) and match.groupdict()) or {}
    if said.get("sequence") and int(said["sequence"]) != int(batch.shared["file_sequence"] or 0):
        raise FormatError("tap_other_sequence", f"{name}: the file is number {batch.shared['file_sequence']}")
    parties = {batch.shared["sender"], batch.shared["recipient"]}
    if said.get("sender") and said["sender"] not in parties:
        raise FormatError("tap_other_partner", f"{name}: the file is between {' and '.join(map(str, parties))}")


def _audit(data: bytes, batch: Batch) -> dict[str, Any]:
    """What the audit block announces; a notification announces nothing."""
    if batch.is_notification:
        return {"events": 0, "charge": "0", "earliest": None, "latest": None}
    if AUDIT not in batch.parts:
        raise FormatError("tap_no_audit", "the file has no audit block")
    times: dict[int, dict[int, bytes]] = {EARLIEST: {}, LATEST: {}}
    found: dict[int, bytes] = {}
    for parent, tag, value in ber.values(data, *batch.parts[AUDIT]):
        times.get(parent, found)[tag] = value
    if EVENT_COUNT not in found:
        raise FormatError("tap_no_audit", "the audit block does not count the events")
    earliest, latest = (_instant(t.get(LOCAL_TIME), _text(t.get(OFFSET))) for t in times.values())
    return {"events": int.from_bytes(found[EVENT_COUNT]), "charge": _number(found.get(TOTAL_CHARGE)) or "0",
            "earliest": earliest, "latest": latest}


def _event(data: bytes, tag: int, begins: int, ends: int, number: int, batch: Batch, country: str) -> dict[str, Any]:
    found: dict[int, bytes] = {}
    start: dict[int, bytes] = {}
    charge, kind = 0, TOTAL
    for parent, name, value in ber.values(data, begins, ends):
        if name == CHARGE_TYPE:
            kind = value
        elif name == CHARGE:
            charge += int.from_bytes(value, signed=True) if kind == TOTAL else 0
            kind = TOTAL
        elif parent == EVENT_START:
            start[name] = value
        else:
            found.setdefault(name, value)
    offset = batch.offsets.get(int.from_bytes(start.get(OFFSET_CODE, b"")), "")
    return batch.shared | {
        "event_number": str(number), "event_type": EVENT_TYPES.get(tag, "OTHER"), "event_tag": str(tag),
        "tele_service": _text(found.get(TELE_SERVICE)), "imsi": _digits(found.get(IMSI)),
        "msisdn": _national(_digits(found.get(MSISDN)), country),
        "other_party": _national(_digits(found.get(CALLED) or found.get(CALLING)), country),
        "started_at": _instant(start.get(LOCAL_TIME), offset), "duration_s": _number(found.get(DURATION)),
        "received_bytes": _number(found.get(RECEIVED)), "sent_bytes": _number(found.get(SENT)), "charge": str(charge),
        "recording_entity": batch.entities.get(int.from_bytes(found.get(REC_CODE, b"")))}


def _check_times(times: list[str | None], audit: dict[str, Any]) -> None:
    """The first and the last event are those that the audit block names; times nobody can read do not count."""
    moments = [moment for moment in map(_moment, times) if moment]
    for which, found in (("earliest", min), ("latest", max)):
        said = _moment(audit[which])
        if said and moments and found(moments) != said:
            raise FormatError("tap_audit_time", f"the {which} event is of {found(moments)}, announced is {said}")


def _moment(text: str | None) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    return moment if moment and moment.tzinfo else None


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode("ascii", "replace")


def _number(value: bytes | None) -> str | None:
    return None if value is None else str(int.from_bytes(value, signed=True))


def _digits(value: bytes | None) -> str | None:
    """Packed digits, filled up with F."""
    return None if value is None else value.hex().rstrip("f")


def _national(digits: str | None, country: str) -> str | None:
    """Numbers of the contract's own country without its code: only so do they meet their tokens in other feeds."""
    return digits.removeprefix(country) if digits and country and len(digits) > 11 else digits


def _instant(stamp: bytes | None, offset: str | None) -> str | None:
    """yyyymmddhhmmss and +hhmm as ISO text; what is no such stamp is handed on as it is, and no contract takes it."""
    text = _text(stamp)
    if text is None or len(text) != 14 or not text.isdigit() or not offset or len(offset) != 5:
        return text
    return f"{text[:4]}-{text[4:6]}-{text[6:8]}T{text[8:10]}:{text[10:12]}:{text[12:]}{offset[:3]}:{offset[3:]}"


def _make(rows: list[tuple[dict[str, Any], str]], last: int, contract: Contract) -> pa.RecordBatch:
    lines = range(last - len(rows) + 1, last + 1)
    columns = [[row[column.source] for row, _ in rows] for column in contract.columns]
    return make_batch(contract, list(lines), [raw for _, raw in rows], [None] * len(rows), columns)
