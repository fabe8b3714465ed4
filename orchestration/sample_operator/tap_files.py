"""Roaming files as networks exchange them: call events in basic encoding rules, with the audit block at the end.

The one writer of the sample that goes event by event: an element of this encoding carries the length of all that
is inside it. Which events there are is decided in `roaming`.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from orchestration.sample_operator.plan import DAY, UTC_OFFSET_S, Plan

OWN = "CHNBS"
TRANSFER_BATCH, NOTIFICATION, SPECIFICATION, RELEASE = 1, 2, 3, 12
DECIMALS, CURRENCY = 3, "XDR"
MO_CALL, MT_CALL, MO_MESSAGE, MT_MESSAGE, SESSION, SUPPLEMENTARY = range(6)
TELE_SERVICE = {MO_CALL: "11", MT_CALL: "11", MO_MESSAGE: "22", MT_MESSAGE: "21"}


@dataclass(frozen=True)
class Header:
    """Who sends which file to whom, when, and from which clock."""

    sender: str
    recipient: str
    sequence: int
    day: int
    offset_hours: int


def tlv(tag: int, content: bytes, group: bool = False) -> bytes:
    """One element with an application tag; lengths in their shortest form."""
    first, size = 0x60 if group else 0x40, len(content)
    head = bytes([first | tag]) if tag < 31 else bytes([first | 31, *_high_tag(tag)])
    if size < 128:
        return head + bytes([size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8)
    return head + bytes([0x80 | len(length)]) + length + content


def _high_tag(tag: int) -> list[int]:
    return [0x80 | tag >> 7, tag & 0x7F] if tag > 127 else [tag]


def group(tag: int, *parts: bytes) -> bytes:
    return tlv(tag, b"".join(parts), group=True)


def number(tag: int, value: int) -> bytes:
    return tlv(tag, int(value).to_bytes(int(value).bit_length() // 8 + 1, signed=True))


def text(tag: int, value: str) -> bytes:
    return tlv(tag, value.encode("ascii"))


def digits(tag: int, value: int | str) -> bytes:
    packed = str(value)
    return tlv(tag, bytes.fromhex(packed + "f" * (len(packed) % 2)))


def stamp(plan: Plan, second: int, offset_hours: int) -> str:
    """yyyymmddhhmmss on the clock of the visited network; `second` is on ours."""
    there = int(second) + offset_hours * 3600 - UTC_OFFSET_S
    day, rest = divmod(there, DAY)
    return f"{plan.date_of(day):%Y%m%d}{rest // 3600:02d}{rest // 60 % 60:02d}{rest % 60:02d}"


def _moment(plan: Plan, tag: int, second: int, hours: int) -> bytes:
    return group(tag, text(16, stamp(plan, second, hours)), text(231, f"{hours:+03d}00"))


def notification(plan: Plan, header: Header) -> bytes:
    """Keeps the sequence on a day without events."""
    return group(NOTIFICATION, text(196, header.sender), text(182, header.recipient),
                 text(109, f"{header.sequence:05d}"),
                 _moment(plan, 107, header.day * DAY + 4 * 3600, header.offset_hours),
                 number(201, SPECIFICATION), number(189, RELEASE))


def transfer_batch(plan: Plan, header: Header, events: pl.DataFrame, more_charge: int = 0) -> bytes:
    """A whole file; `more_charge` makes the audit block wrong on purpose."""
    ready, hours = header.day * DAY + 4 * 3600, header.offset_hours
    control = group(4, text(196, header.sender), text(182, header.recipient), text(109, f"{header.sequence:05d}"),
                    _moment(plan, 108, ready, hours), _moment(plan, 227, ready - 3600, hours),
                    _moment(plan, 107, ready, hours), number(201, SPECIFICATION), number(189, RELEASE))
    money = group(5, text(210, CURRENCY), number(244, DECIMALS))
    places = events["entity"].unique().sort().to_list()
    network = group(6, group(234, group(233, number(232, 0), text(231, f"{hours:+03d}00"))), group(188, *(
        group(183, number(184, code), number(186, 1), text(400, name)) for code, name in enumerate(places))))
    codes = {name: code for code, name in enumerate(places)}
    details = [_event(plan, row, codes[row["entity"]], hours) for row in events.iter_rows(named=True)]
    seconds = events["second"].to_numpy()
    audit = group(15, _moment(plan, 101, int(seconds.min()), hours), _moment(plan, 133, int(seconds.max()), hours),
                  number(415, int(events["charge_units"].sum()) + more_charge), number(226, 0), number(225, 0),
                  number(43, len(events)))
    return group(TRANSFER_BATCH, control, money, network, group(3, *details), audit)


def _event(plan: Plan, row: dict, code: int, hours: int) -> bytes:
    kind = row["kind"]
    who = group(199, digits(129, row["imsi"]), digits(152, row["msisdn"]))
    start = group(44, text(16, stamp(plan, row["second"], hours)), number(232, 0))
    place = group(138, group(156, number(184, code)))
    charge = group(69, group(64, group(63, text(71, "00"), number(62, row["charge_units"]))))
    if kind == SESSION:
        basic = group(114, group(115, who), start, number(223, row["duration_s"]))
        used = group(121, number(250, row["received_bytes"]), number(251, row["sent_bytes"]), group(70, charge))
        return group(14, basic, group(117, group(118, group(185, number(184, code)))), used)
    if kind == SUPPLEMENTARY:  # of these only the charge is read
        return group(11, who, start, place, group(207, text(214, "21")), charge)
    service = group(38, group(39, group(36, group(426, text(218, TELE_SERVICE[kind]))), group(70, charge)))
    if kind in (MO_CALL, MO_MESSAGE):
        basic = group(147, who, group(89, digits(407, row["other"])), start, number(223, row["duration_s"]))
        return group(9, basic, place, service)
    basic = group(153, who, group(41, digits(405, row["other"])), start, number(223, row["duration_s"]))
    return group(10, basic, place, service)


def cut(data: bytes) -> bytes:
    """A file whose transfer broke off."""
    return data[: len(data) * 3 // 5]


def garble(data: bytes) -> bytes:
    """A file in which a block of bytes was overwritten on the way."""
    middle = len(data) // 3
    block = b"\x7e" * min(64, middle)
    return data[:middle] + block + data[middle + len(block):]
