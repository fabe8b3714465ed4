"""Faults planted into finished files: dirty rows, wrong totals, re-sends, copies, names that do not parse.

Works on what `Landing` has sent. Dirty rows are extra rows: every true row is still delivered in good form,
so identities of the business hold on what a correct reader accepts. The share of dirty rows of a feed and day
stays below one per cent.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from orchestration.contracts import Contract
from orchestration.sample_operator.landing_files import Landing, Sent, trailer
from orchestration.sample_operator.plan import DAY

VOICE, DATA = "billing__rated_voice", "billing__rated_data"
CUSTOMER, PAYMENT, CONTACT = "billing__customer", "billing__payment", "call_center__contact"
MOST_DIRTY = 0.008  # of the rows of a feed and day


@dataclass(frozen=True)
class Dirt:
    """One way to spoil a line. `readable` says whether its other fields still reach the control sums."""

    reason: str
    spoil: Callable[[list[bytes], Contract], list[bytes]]
    readable: bool = True


def _set(name: str, value: bytes) -> Callable:
    def spoil(fields: list[bytes], contract: Contract) -> list[bytes]:
        fields[_at(contract, name)] = value
        return fields
    return spoil


def _at(contract: Contract, name: str) -> int:
    return [column.name for column in contract.columns].index(name)


VOICE_DIRT = (
    Dirt("unknown_code", _set("usage_type_code", b"VOICE_MARS")),
    Dirt("missing_required", _set("subscription_id", b"")),
    Dirt("bad_type", _set("started_at", b"20261399250000")), Dirt("bad_type", _set("duration_s", b"12x")),
    Dirt("out_of_range", _set("duration_s", b"-30")), Dirt("wrong_column_count", lambda f, _: [*f, b"0"], False),
    Dirt("wrong_column_count", lambda f, _: f[:-2], False),
    Dirt("undecodable_bytes", _set("tariff_version", b"V\xff1"), False),
)
DATA_DIRT = (
    Dirt("unknown_code", _set("radio_access_code", b"6G")), Dirt("bad_type", _set("up_bytes", b"many")),
    Dirt("missing_required", _set("started_at", b"")), Dirt("wrong_column_count", lambda f, _: f[:3], False),
)
CUSTOMER_DIRT = (
    Dirt("undecodable_bytes", _set("name_token", b"\xff\xfe"), False),
    Dirt("bad_type", _set("created_on", b"20269901")),
    Dirt("wrong_column_count", lambda f, _: [*f, b"1"], False), Dirt("missing_required", _set("org_id", b"")),
    Dirt("bad_type", _set("birth_year", b"19x5")),
)
CONTACT_DIRT = (Dirt("unknown_code", _set("outcome_code", b"lost")), Dirt("bad_type", _set("wait_s", b"long")))


def plant(landing: Landing) -> list[dict]:
    """Plants every kind once and returns what was planted, one entry per fault."""
    planted: list[dict] = []
    planted += _dirty_usage(landing, VOICE, VOICE_DIRT, 9)
    planted += _dirty_usage(landing, DATA, DATA_DIRT, 10)
    planted += _dirty_customers(landing)
    planted += _dirty_contacts(landing)
    planted += _wrong_total(landing, DATA, 12)
    planted += _bad_second_version(landing, VOICE, 13)
    planted += _resent(landing)
    planted += _copied(landing, DATA, 14)
    planted += _unparseable(landing, 15)
    return planted


def _sent(landing: Landing, contract_id: str, day: int, least: int = 4) -> list[Sent]:
    on = landing.plan.date_of(day)
    return [sent for sent in landing.sent if sent.contract_id == contract_id and sent.file_date == on
            and sent.state == "accepted" and sent.delivered_rows >= least and not sent.file_name.endswith(".gz")]


def _quota(landing: Landing, contract_id: str, day: int) -> int:
    on = landing.plan.date_of(day)
    rows = sum(s.delivered_rows for s in landing.sent if s.contract_id == contract_id and s.file_date == on)
    return int(MOST_DIRTY * rows)


def _fault(sent: Sent, kind: str, rows: int = 1) -> dict:
    return {"kind": kind, "contract_id": sent.contract_id, "file_name": sent.file_name, "rows": rows}


def _read(landing: Landing, sent: Sent) -> bytes:
    return (landing.root / sent.relative_path).read_bytes()


def _spoilt(line: bytes, contract: Contract, dirt: Dirt, number: int) -> tuple[bytes, dict[str, int]]:
    """The spoilt copy of a line under a key of its own, and what it adds to the control sums."""
    mark = contract.delimiter.encode()
    fields = line.split(mark)
    key = _at(contract, contract.key[0])
    fields[key] = str(int(fields[key]) + 500_000_000 + number).encode()
    if not dirt.readable:
        for name in contract.control_sums:
            fields[_at(contract, name)] = b"0"
    fields = dirt.spoil(fields, contract)
    sums = {name: _number(fields[_at(contract, name)]) if dirt.readable else 0 for name in contract.control_sums}
    return mark.join(fields), sums


def _number(text: bytes) -> int:
    return int(text) if re.fullmatch(rb"-?\d+", text) else 0


def _add(sums: dict[str, int], more: dict[str, int]) -> dict[str, int]:
    return {name: sums.get(name, 0) + more.get(name, 0) for name in {**sums, **more}}


def _dirty_usage(landing: Landing, contract_id: str, kinds: tuple[Dirt, ...], day: int) -> list[dict]:
    """Spoilt rows in one file; one row twice in that file, and once more in a later file of the day."""
    contract, files = landing.contracts[contract_id], _sent(landing, contract_id, day)
    kinds = kinds[:_quota(landing, contract_id, day)]
    if len(files) < 2:
        return []
    first, later = files[len(files) // 2], files[-1]
    lines = _read(landing, first).splitlines()[:-1]
    planted = []
    for number, dirt in enumerate(kinds):
        line, sums = _spoilt(lines[number % 4], contract, dirt, number)
        lines.insert(4 + number, line)
        first = replace(first, delivered_rows=first.delivered_rows + 1, rejected_rows=first.rejected_rows + 1,
                        delivered=_add(first.delivered, sums), rejected=_add(first.rejected, sums))
        planted.append(_fault(first, dirt.reason))
    twin = lines[2]
    first = _with_duplicate(first, contract, twin)
    _rewrite(landing, first, [*lines, twin])
    later = _with_duplicate(later, contract, lines[1])
    _rewrite(landing, later, [*_read(landing, later).splitlines()[:-1], lines[1]])
    return [*planted, _fault(first, "duplicate_in_file"), _fault(later, "duplicate_across_files")]


def _with_duplicate(sent: Sent, contract: Contract, line: bytes) -> Sent:
    fields = line.split(contract.delimiter.encode())
    sums = {name: _number(fields[_at(contract, name)]) for name in contract.control_sums}
    return replace(sent, delivered_rows=sent.delivered_rows + 1, duplicate_rows=sent.duplicate_rows + 1,
                   delivered=_add(sent.delivered, sums), duplicate=_add(sent.duplicate, sums))


def _rewrite(landing: Landing, sent: Sent, lines: list[bytes]) -> None:
    """The file again with other lines and the trailer that fits them."""
    contract = landing.contracts[sent.contract_id]
    data = b"".join(line + b"\n" for line in lines) + trailer(contract, sent.delivered_rows, sent.delivered)
    landing.replace(sent, data)


def _dirty_customers(landing: Landing) -> list[dict]:
    """Spoilt rows in the first full list, whose check file counts them."""
    contract, sent = landing.contracts[CUSTOMER], _sent(landing, CUSTOMER, 0)[0]
    kinds = CUSTOMER_DIRT[:_quota(landing, CUSTOMER, 0)]
    lines = _read(landing, sent).splitlines()
    lines += [_spoilt(lines[number], contract, dirt, number)[0] for number, dirt in enumerate(kinds)]
    sent = replace(sent, delivered_rows=len(lines), rejected_rows=len(kinds))
    data = b"".join(line + b"\n" for line in lines)
    landing.replace(sent, data)
    check = next(s for s in landing.sent if s.file_name == sent.file_name[:-8] + ".verf")
    period = f"{landing.plan.start:%Y%m%d}"
    arrives_s = sent.arrived_at - landing.plan.epoch(0)
    landing.replace(check, landing.check_line(sent.file_name, period, arrives_s, len(data), len(lines), []).encode())
    return [_fault(sent, dirt.reason) for dirt in kinds]


def _dirty_contacts(landing: Landing) -> list[dict]:
    """Only where a day has so many contacts that two bad ones stay below one per cent."""
    contract = landing.contracts[CONTACT]
    for sent in [s for s in landing.sent if s.contract_id == CONTACT and s.delivered_rows * MOST_DIRTY >= 2][:1]:
        lines = _read(landing, sent).split(b"\r\n")[:-1]
        plain = [line for line in lines[1:] if b'"' not in line]
        lines += [_spoilt(plain[n], contract, dirt, n)[0] for n, dirt in enumerate(CONTACT_DIRT)]
        rows = sent.delivered_rows + len(CONTACT_DIRT)
        landing.replace(replace(sent, delivered_rows=rows, rejected_rows=len(CONTACT_DIRT)),
                        b"".join(line + b"\r\n" for line in lines))
        return [_fault(sent, dirt.reason) for dirt in CONTACT_DIRT]
    return []


def _wrong_total(landing: Landing, contract_id: str, day: int) -> list[dict]:
    """Version 1 has a trailer that does not fit its rows; version 2 is right, comes two hours later and replaces it."""
    contract, sent = landing.contracts[contract_id], _sent(landing, contract_id, day)[-1]
    data = _read(landing, sent)
    _send_again(landing, sent, data)
    bad = replace(sent, state="superseded", reason="version 2")
    landing.replace(bad, _falsified(contract, sent, data))
    return [_fault(bad, "wrong_control_total", sent.delivered_rows)]


def _falsified(contract: Contract, sent: Sent, data: bytes) -> bytes:
    last = contract.control_sums[-1]
    lines = data.splitlines()[:-1]
    wrong = {**sent.delivered, last: sent.delivered[last] + 100}
    return b"".join(line + b"\n" for line in lines) + trailer(contract, sent.delivered_rows, wrong)


def _bad_second_version(landing: Landing, contract_id: str, day: int) -> list[dict]:
    """A second version whose trailer does not fit is rejected whole, and the first one stays in force.

    A night file, so that the rejected rows stay a small share of the day.
    """
    contract, most = landing.contracts[contract_id], _quota(landing, contract_id, day)
    small = [sent for sent in _sent(landing, contract_id, day, least=1) if sent.delivered_rows <= most]
    if not small:
        return []
    sent = min(small, key=lambda s: (s.delivered_rows, s.file_name))
    bad = _send_again(landing, sent, _falsified(contract, sent, _read(landing, sent)), "rejected", "control_sum")
    return [_fault(bad, "wrong_control_total_of_version_2", sent.delivered_rows)]


def _send_again(landing: Landing, sent: Sent, data: bytes, state: str = "accepted", reason: str = "") -> Sent:
    name = sent.file_name.replace("_v1.", "_v2.")
    return landing.write(replace(sent, file_name=name, relative_path=sent.relative_path.replace("_v1.", "_v2."),
                                 version=2, state=state, reason=reason, arrived_at=sent.arrived_at + 7200), data)


def _resent(landing: Landing) -> list[dict]:
    """A day of payments was sent one row short and with one wrong amount; version 2 is the true one."""
    for sent in [s for s in landing.sent if s.contract_id == PAYMENT and s.delivered_rows >= 3][:1]:
        contract, data = landing.contracts[PAYMENT], _read(landing, sent)
        _send_again(landing, sent, data)
        head, *lines, _ = data.splitlines()
        fields = lines[0].split(b",")
        amount = _at(contract, "amount_fen")
        fields[amount] = str(int(fields[amount]) + 900).encode()
        lines = [b",".join(fields), *lines[1:-1]]
        total = sum(int(line.split(b",")[amount]) for line in lines)
        old = replace(sent, state="superseded", reason="version 2", delivered_rows=len(lines),
                      delivered={"amount_fen": total})
        body = b"".join(line + b"\n" for line in (head, *lines))
        landing.replace(old, body + trailer(contract, len(lines), old.delivered))
        return [_fault(old, "resent_with_other_rows", len(lines))]
    return []


def _copied(landing: Landing, contract_id: str, day: int) -> list[dict]:
    """The same bytes under the next free sequence number."""
    sent = _sent(landing, contract_id, day)[-1]
    landing.sequence[contract_id] += 1
    name = re.sub(r"_\d{6}_v1", f"_{landing.sequence[contract_id]:06d}_v1", sent.file_name)
    copy = replace(sent, file_name=name, relative_path=f"billing/{name}", state="duplicate", reason=sent.file_name,
                   arrived_at=sent.arrived_at + 1800)
    landing.write(copy, _read(landing, sent))
    return [_fault(copy, "copy_under_another_name", sent.delivered_rows)]


def _unparseable(landing: Landing, day: int) -> list[dict]:
    """A file that someone saved by hand under a name that no contract knows."""
    name = f"vc_10000_{landing.plan.date_of(day):%Y%m%d}_copy(1).cdr"
    sent = Sent(contract_id="", file_name=name, relative_path=f"billing/{name}", file_date=None, version=1,
                state="quarantined", reason="name", size_bytes=0, arrived_at=landing.plan.epoch((day + 1) * DAY))
    landing.write(sent, b"kept by hand\n")
    return [_fault(sent, "name_does_not_parse", 0)]

