"""Data contracts as the rest of the code needs them; the only module that knows the shape of ODCS.

A contract is read from `data_contracts/<family>/<feed>.odcs.yaml` (Open Data Contract Standard
v3.1), validated by the standard's own model, and reduced to a frozen `Contract`. What the standard
has no word for (encoding details, control kind, file-name pattern) stands in `customProperties`.
No rule about a single feed may enter this module.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml
from open_data_contract_standard.model import OpenDataContractStandard
from pydantic import ValidationError

FORMATS = ("delimited", "fixed_width", "json_lines", "json_array", "pm_xml", "xlsx", "tap3")
CONTROLS = ("verf", "trailer", "manifest", "audit", "stable")
DUPLICATE_POLICIES = ("first", "none")
READING_VERSION = "2"  # raise it when the same bytes would be read differently: partitions are then made again
LARGEST_BYTES = 4 << 30  # of a file when unpacked, unless its contract says `largestBytes`
LARGEST_CONTROL_BYTES = 16 << 20  # of a check file or manifest, which is read at once
MOST_UNPACKED = 250  # times its packed size may a file hold: text packs to a twentieth, bombs to a thousandth
LOGICAL_TYPES = ("string", "integer", "number", "boolean", "date", "timestamp", "array", "object")


class ContractError(ValueError):
    """A contract that cannot be used; the text names the file and the rule."""


@dataclass(frozen=True)
class Column:
    """One delivered column. `name` is ours, `source` is the operator's (a JSON path in JSON feeds)."""

    name: str
    source: str
    logical_type: str
    physical_type: str
    description: str
    business_name: str
    is_key: bool
    is_required: bool
    token_domain: str | None
    code_domain: str | None
    unit: str | None
    width: int | None
    codes: tuple[str, ...]
    minimum: float | None
    maximum: float | None
    days_from_file: tuple[int, int] | None = None

    @property
    def is_personal(self) -> bool:
        return self.token_domain is not None

    @property
    def lake_columns(self) -> list[tuple[str, str]]:
        """(name, DuckDB type) of what this column becomes in the lake; an instant becomes UTC and local."""
        if self.is_personal:
            return [(self.name, "bigint")]
        if self.logical_type == "timestamp":
            return [(self.name, "timestamp"), (f"{self.name}_local", "timestamp")]
        return [(self.name, self.physical_type)]


@dataclass(frozen=True)
class Limit:
    """A quality limit that a data owner agreed to: per cent of delivered rows, rows, or the mean of a column."""

    name: str
    metric: str
    unit: str
    at_least: float | None
    at_most: float | None
    severity: str
    owner: str
    description: str
    column: str | None = None


@dataclass(frozen=True)
class Contract:
    """What an operator promised to deliver for one feed, and how it is read."""

    id: str
    family: str
    feed: str
    version: str
    path: Path
    description: str
    business_name: str
    owner: str
    format: str
    encoding: str
    delimiter: str | None
    header: bool
    quote: str | None
    file_pattern: re.Pattern[str]
    control: str
    control_pattern: re.Pattern[str] | None
    trailer_mark: str | None
    control_sums: tuple[str, ...]
    time_zone: str
    date_format: str
    timestamp_format: str
    frequency: str
    lateness_minutes: int
    duplicate_policy: str
    null_words: tuple[str, ...]
    stable_seconds: float
    columns: tuple[Column, ...]
    limits: tuple[Limit, ...]
    largest_bytes: int = LARGEST_BYTES
    options: dict[str, Any] = field(default_factory=dict, hash=False)

    @cached_property
    def key(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns if column.is_key)

    @cached_property
    def personal(self) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if column.is_personal)

    @cached_property
    def lake_columns(self) -> list[tuple[str, str]]:
        """(name, DuckDB type) of the raw table, lineage last; `file_date` is the partition."""
        delivered = [pair for column in self.columns for pair in column.lake_columns]
        return [*delivered, ("source_file", "varchar"), ("line_number", "bigint")]

    @cached_property
    def reading_digest(self) -> str:
        """Changes when the same bytes would give other rows: texts, owners and limits do not count."""
        text = repr(
            (
                READING_VERSION,
                self.id,
                self.format,
                self.encoding,
                self.delimiter,
                self.header,
                self.quote,
                self.trailer_mark,
                self.control,
                self.control_sums,
                self.time_zone,
                self.date_format,
                self.timestamp_format,
                self.duplicate_policy,
                self.null_words,
                [
                    (
                        c.name,
                        c.source,
                        c.logical_type,
                        c.physical_type,
                        c.is_key,
                        c.is_required,
                        c.token_domain,
                        c.width,
                        c.codes,
                        c.minimum,
                        c.maximum,
                        c.days_from_file,
                    )
                    for c in self.columns
                ],
                sorted(self.options.items(), key=str),
            )
        )
        return hashlib.sha256(text.encode()).hexdigest()

    def column(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)


def load_all(folder: Path) -> dict[str, Contract]:
    """Every contract below `folder`, by id, sorted. Raises ContractError on the first bad one."""
    contracts = [load(path) for path in sorted(folder.glob("*/*.odcs.yaml"))]
    if not contracts:
        raise ContractError(f"{folder}: no contract found (expected <family>/<feed>.odcs.yaml)")
    ids = [contract.id for contract in contracts]
    if twice := sorted({i for i in ids if ids.count(i) > 1}):
        raise ContractError(f"{folder}: contract id used twice: {', '.join(twice)}")
    return {contract.id: contract for contract in contracts}


def load(path: Path) -> Contract:
    """One contract. Raises ContractError naming the file and the broken rule."""
    text = path.read_bytes()
    try:
        document = OpenDataContractStandard.model_validate(yaml.load(text, Loader=yaml.CSafeLoader))
        return _reduce(document, path)
    except yaml.YAMLError as error:
        raise ContractError(f"{path}: not YAML: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ContractError(f"{path}: {where}: {first['msg']}") from error


def _reduce(document: OpenDataContractStandard, path: Path) -> Contract:
    if not document.servers or not document.schema_:
        raise ContractError(f"{path}: a contract needs one entry under servers and one under schema")
    server, table = document.servers[0], document.schema_[0]
    more = _custom(server)
    owner = (document.team.name if document.team else None) or ""
    sla = {entry.property: entry for entry in document.slaProperties or []}
    pattern = more.get("controlPattern")
    return Contract(
        id=str(document.id),
        family=str(document.domain),
        feed=table.name or "",
        version=str(document.version),
        path=path,
        description=table.description or "",
        business_name=table.businessName or "",
        owner=owner,
        format=server.format or "",
        encoding=(server.encoding or "utf-8").lower(),
        delimiter=server.delimiter,
        header=bool(more.get("header", False)),
        quote=more.get("quote"),
        file_pattern=_pattern(path, "filePattern", more.get("filePattern")),
        control=more.get("control", "stable"),
        control_pattern=_pattern(path, "controlPattern", pattern) if pattern else None,
        trailer_mark=more.get("trailerMark"),
        control_sums=tuple(more.get("controlSums", ())),
        time_zone=more.get("timeZone", "UTC"),
        date_format=more.get("dateFormat", "%Y%m%d"),
        timestamp_format=more.get("timestampFormat", "%Y%m%d%H%M%S"),
        frequency=str(sla["frequency"].value) if "frequency" in sla else "on_change",
        lateness_minutes=_minutes(sla.get("latency")),
        duplicate_policy=_custom(table).get("duplicatePolicy", "first"),
        null_words=tuple(more.get("nullWords", ("null", "NULL"))),
        stable_seconds=float(more.get("stableSeconds", 0)),
        columns=tuple(_column(entry) for entry in table.properties or []),
        limits=tuple(_limit(rule, owner) for rule in table.quality or []),
        largest_bytes=int(more.get("largestBytes", LARGEST_BYTES)),
        options=more,
    )


def _column(entry: Any) -> Column:
    more, options = _custom(entry), entry.logicalTypeOptions or {}
    logical = entry.logicalType or "string"
    default = {
        "string": "varchar",
        "integer": "bigint",
        "number": "decimal(18,4)",
        "boolean": "boolean",
        "date": "date",
        "timestamp": "timestamp",
    }.get(logical, "varchar")
    physical = {"json": "varchar", None: default}.get(entry.physicalType, entry.physicalType)
    codes = [
        code
        for rule in entry.quality or []
        if rule.metric == "invalidValues" and rule.mustBe == 0
        for code in (rule.arguments or {}).get("validValues", [])
    ]
    personal = entry.classification == "personal"
    return Column(
        name=entry.name,
        source=entry.physicalName or entry.name,
        logical_type=logical,
        physical_type=physical,
        description=entry.description or "",
        business_name=entry.businessName or "",
        is_key=bool(entry.primaryKey),
        is_required=bool(entry.required or entry.primaryKey),
        token_domain=more.get("tokenDomain", entry.name) if personal else None,
        code_domain=more.get("codeDomain"),
        unit=more.get("unit"),
        width=int(more["width"]) if "width" in more else None,
        codes=tuple(str(code) for code in codes),
        minimum=options.get("minimum"),
        maximum=options.get("maximum"),
        days_from_file=tuple(more["daysFromFile"]) if "daysFromFile" in more else None,
    )


def _limit(rule: Any, owner: str) -> Limit:
    """A rule of the standard's library, or one of ours: those stand under `implementation`, engine bass."""
    ours = rule.implementation if isinstance(rule.implementation, dict) else {}
    said = {**rule.model_dump(exclude_none=True), **ours}
    at_most = next((said[w] for w in ("mustBeLessOrEqualTo", "mustBeLessThan", "mustBe") if w in said), None)
    at_least = next((said[w] for w in ("mustBeGreaterOrEqualTo", "mustBeGreaterThan") if w in said), None)
    return Limit(
        name=rule.name or said["metric"],
        metric=said["metric"],
        unit=rule.unit or "rows",
        at_least=at_least,
        at_most=at_most,
        severity=rule.severity or "error",
        owner=_custom(rule).get("owner", owner),
        description=rule.description or "",
        column=said.get("column"),
    )


def _custom(entry: Any) -> dict[str, Any]:
    return {item.property: item.value for item in entry.customProperties or []}


def _pattern(path: Path, name: str, text: str | None) -> re.Pattern[str]:
    if not text:
        raise ContractError(f"{path}: servers[0].customProperties.{name} is missing")
    try:
        return re.compile(text)
    except re.error as error:
        raise ContractError(f"{path}: {name} is not a regular expression: {error}") from error


def _minutes(entry: Any) -> int:
    if entry is None:
        return 24 * 60
    per = {"m": 1, "minute": 1, "h": 60, "hour": 60, "d": 1440, "day": 1440}
    return int(
        float(entry.value) * per[(entry.unit or "d").rstrip("s") if len(entry.unit or "d") > 1 else entry.unit or "d"]
    )
