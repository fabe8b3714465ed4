"""Measurement files of 3GPP TS 32.435: one row per measured object, counter and granularity period.

Reads what network elements really send: namespaces of any release, positional and list form, NIL, suspect
values, a misnamed granPeriod, a missing footer. The tree is thrown away while it is read. Columns are
named by what this module calls them (`FIELDS`), through `source` of the contract. No KPI may enter here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from lxml import etree

from orchestration.contracts import Contract
from orchestration.formats.decoding import Source, guard_damage
from orchestration.formats.reading import FormatError, Reading, make_batch, spread

BATCH_ROWS = 50_000
ROOTS = ("measCollecFile", "measDataFile")
FIELDS = ("managed_element", "measured_object", "meas_info_id", "job_id", "counter", "value", "value_number",
          "suspect", "granularity_s", "begin_time", "end_time")
NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?$"
DURATION = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.0+)?S)?)?")


@dataclass
class Group:
    """What a measInfo says once for all its values."""

    meas_info_id: str | None
    job_id: str | None
    granularity_s: int | None
    begin_time: str | None
    end_time: str | None
    counters: dict[str, str]  # position -> name
    positions: list[str] = field(init=False)
    names: list[str] = field(init=False)

    def __post_init__(self) -> None:
        self.positions, self.names = list(self.counters), list(self.counters.values())


@dataclass
class Rows:
    """Rows collected for the next batch. What a measValue says once is kept once, with its number of results."""

    first: int = 1
    sizes: list[int] = field(default_factory=list)
    shared: list[tuple[Any, ...]] = field(default_factory=list)
    counters: list[str | None] = field(default_factory=list)
    values: list[str | None] = field(default_factory=list)
    errors: dict[int, str] = field(default_factory=dict)


def read(path: Path, contract: Contract, reading: Reading) -> Iterator[pa.RecordBatch]:
    if unknown := [column.source for column in contract.columns if column.source not in FIELDS]:
        raise FormatError("missing_column", f"a measurement file has no {', '.join(unknown)}")
    rows, element, group = Rows(), "", None
    for node in _ends(path, contract):
        name = node.tag.rpartition("}")[2]
        if name == "measValue":
            group = group or _group(node.getparent())
            _add_value(rows, element, group, node)
            if len(rows.values) >= BATCH_ROWS:
                yield _batch(rows, contract)
                rows = Rows(rows.first + len(rows.values))
        elif name in ("managedElement", "measEntity"):
            element = node.get("localDn") or ""
            continue  # small, and its siblings are still to come
        elif name == "measInfo":
            group = None
        _forget(node)
    if rows.values:
        yield _batch(rows, contract)


def _ends(path: Path, contract: Contract) -> Iterator[etree._Element]:
    """The elements that matter as they end; every way in which a file can be bad becomes a FormatError."""
    tags = [f"{{*}}{name}" for name in ("measData", "managedElement", "measEntity", "measInfo", "measValue")]
    with Source(path, contract) as opened, guard_damage(path):
        source = Watched(opened)
        parser = etree.iterparse(source, events=("end",), tag=tags, resolve_entities=False, load_dtd=False,
                                 no_network=True, remove_comments=True, remove_pis=True)
        try:
            seen = False
            for _, node in parser:
                if not seen:
                    _check_root(path, node.getroottree())
                    seen = True
                yield node
            if not seen:
                _check_root(path, parser.root.getroottree())
        except etree.XMLSyntaxError as error:
            code = "xml_truncated" if source.is_cut() else "xml_damaged"
            raise FormatError(code, f"{path.name}: {error.msg}", error.lineno) from error


def _check_root(path: Path, tree: etree._ElementTree) -> None:
    if tree.docinfo.doctype or tree.docinfo.internalDTD is not None:
        raise FormatError("xml_entity", f"{path.name}: document types and entities are refused")
    if (name := etree.QName(tree.getroot()).localname) not in ROOTS:
        raise FormatError("xml_root", f"{path.name}: the root is {name}, expected {' or '.join(ROOTS)}")


class Watched:
    """A source that remembers how it ended, to tell a cut file from a damaged one."""

    def __init__(self, source: Source):
        self.source, self.tail, self.is_at_end = source, b"", False

    def read(self, size: int = -1) -> bytes:
        data = self.source.read(size)
        self.is_at_end = not data
        self.tail = (self.tail + data[-64:])[-64:]
        return data

    def is_cut(self) -> bool:
        if not self.is_at_end:
            self.tail += self.source.read(1 << 20)[-64:]
        return not self.tail.rstrip().endswith(tuple(f"{name}>".encode() for name in ROOTS))


def _forget(node: etree._Element) -> None:
    """Frees what has been read: the content of the node and everything before it."""
    node.clear()
    parent = node.getparent()
    while parent is not None and node.getprevious() is not None:
        del parent[0]


def _group(node: etree._Element) -> Group:
    job, period = node.find("{*}job"), node.find("{*}granPeriod")
    if period is None:
        period = node.find("{*}granularityPeriod")
    begin, end, seconds = _period(period)
    counters = {item.get("p", str(place)): (item.text or "").strip()
                for place, item in enumerate(node.iterchildren("{*}measType"), 1)}
    if not counters:
        names = (node.findtext("{*}measTypes") or "").split()
        counters = {str(place): name for place, name in enumerate(names, 1)}
    return Group(node.get("measInfoId"), None if job is None else job.get("jobId"), seconds, begin, end, counters)


def _period(node: etree._Element | None) -> tuple[str | None, str | None, int | None]:
    """(begin, end, seconds); what cannot be read is None and makes its rows errors."""
    if node is None:
        return None, None, None
    seconds = _seconds(node.get("duration") or "")
    try:
        end = datetime.fromisoformat((node.get("endTime") or "").strip())
        begin = end - timedelta(seconds=seconds) if seconds else None
    except (ValueError, OverflowError):
        return None, None, seconds
    return begin and begin.isoformat(), end.isoformat(), seconds


def _seconds(duration: str) -> int | None:
    found = DURATION.fullmatch(duration.strip())
    if not found:
        return None
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return (days * 24 + hours) * 3600 + minutes * 60 + seconds or None


def _add_value(rows: Rows, element: str, group: Group, node: etree._Element) -> None:
    results = list(node.iterchildren("{*}r"))
    start = len(rows.values)
    if results:
        positions, values = [item.get("p") for item in results], [item.text for item in results]
        if positions == group.positions:
            names: list[str | None] = group.names  # type: ignore[assignment]
        else:
            names = [group.counters.get(position) for position in positions]
            rows.errors |= {start + place: "unknown_counter" for place, name in enumerate(names) if name is None}
    else:
        listed = node.findtext("{*}measResults")
        names, values = (group.names, listed.split()) if listed is not None else ([], [])
        if len(names) != len(values):
            rows.errors[start] = "wrong_result_count"
            names, values = [None], [" ".join(values)]
    if group.begin_time is None:
        rows.errors |= dict.fromkeys(range(start, start + len(values)), "no_period")
    suspect = next(node.iterchildren("{*}suspect"), None)
    is_suspect = suspect is not None and (suspect.text or "").strip().lower() in ("true", "1")
    rows.counters += names
    rows.values += values
    rows.sizes.append(len(values))
    measured_object = node.get("measObjLdn") or element  # an empty name means the managed element itself
    rows.shared.append((element, measured_object, group.meas_info_id, group.job_id,
                        "true" if is_suspect else "false", str(group.granularity_s), group.begin_time, group.end_time))


def _batch(rows: Rows, contract: Contract) -> pa.RecordBatch:
    repeat = pa.array(np.repeat(np.arange(len(rows.sizes)), rows.sizes))
    names = ("managed_element", "measured_object", "meas_info_id", "job_id", "suspect", "granularity_s",
             "begin_time", "end_time")
    columns = {name: pa.array(part, pa.string()).take(repeat)
               for name, part in zip(names, zip(*rows.shared, strict=True), strict=True)}
    text = pc.utf8_trim_whitespace(pa.array(rows.values, pa.string()))
    counter = pa.array(rows.counters, pa.string())
    is_nil = pc.is_in(pc.utf8_upper(text), pa.array(["NIL", ""]))
    value = pc.if_else(is_nil, pa.scalar(None, pa.string()), text)
    columns |= {"counter": counter, "value": value, "value_number": _numbers(value)}
    errors = np.full(len(text), None, dtype=object)
    errors[list(rows.errors)] = list(rows.errors.values())
    is_good = np.equal(errors, None)
    raw = pc.binary_join_element_wise(columns["measured_object"], counter, text, " ", null_handling="replace",
                                      null_replacement="?")
    ordinals = np.arange(rows.first, rows.first + len(text))
    return make_batch(contract, ordinals, raw, errors,
                      [_only_good(columns[column.source], is_good) for column in contract.columns])


def _only_good(values: pa.Array, is_good: np.ndarray) -> pa.Array:
    return values if is_good.all() else spread(values.filter(pa.array(is_good)), is_good)


def _numbers(value: pa.Array) -> pa.Array:
    """Numbers as plain decimals; null for vectors and other texts. Exponents are rare and rewritten one by one."""
    number = pc.if_else(pc.match_substring_regex(value, NUMBER), value, pa.scalar(None, pa.string()))
    has_exponent = pc.fill_null(pc.match_substring_regex(number, "[eE]"), False)
    if not pc.any(has_exponent).as_py():
        return number
    plain = [format(Decimal(text), "f") for text in number.filter(has_exponent).to_pylist()]
    return pc.replace_with_mask(number, has_exponent, pa.array(plain))
