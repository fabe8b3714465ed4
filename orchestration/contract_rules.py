"""What we demand of a contract beyond the standard: one small function per rule.

A rule is handed the parsed contract and yields (path inside the document, sentence) for each break.
Nothing here reads files, knows line numbers or a single feed; a new rule is a new function in RULES.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from orchestration.contracts import CONTROLS, DUPLICATE_POLICIES, FORMATS, LOGICAL_TYPES

Broken = Iterator[tuple[tuple, str]]

SNAKE_CASE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*$")
CHINESE = re.compile(r"[\u3400-\u9fff]")
UNIT_OF_SUFFIX = {"_fen": "fen", "_s": "s", "_bytes": "byte"}
PHYSICAL = {
    "string": r"varchar|json", "array": r"varchar|json", "object": r"varchar|json",
    "integer": r"(big|small|tiny|huge)?int|integer", "number": r"decimal\(\d+, ?\d+\)|double",
    "boolean": r"boolean", "date": r"date", "timestamp": r"timestamp",
}
METRICS = ("rejectedRows", "duplicateValues", "rowCount", "nullValues", "missingValues", "invalidValues", "meanValue")
# option -> what its value must be; None: any text. A misspelt option would be ignored in silence.
SERVER_OPTIONS: dict[str, type | tuple | None] = {
    "interfaceCode": None, "filePattern": None, "control": CONTROLS, "controlPattern": None, "controlSums": list,
    "trailerMark": None, "header": bool, "quote": None, "delivery": ("increment", "full"), "timeZone": None,
    "dateFormat": None, "timestampFormat": None, "nullWords": list, "stableSeconds": (int, float),
    "thousandsSeparator": (",",), "recordPath": None, "sheet": None,
    "countryCode": None, "largestBytes": int}
TABLE_OPTIONS = {"duplicatePolicy": DUPLICATE_POLICIES}
COLUMN_OPTIONS = {"tokenDomain": None, "codeDomain": None, "unit": None, "width": int, "daysFromFile": list}
SERVER, TABLE = ("servers", 0), ("schema", 0)


class Document:
    """The parts of one contract that rules ask for, each with its path."""

    def __init__(self, data: dict[str, Any]):
        self.data = data
        self.server = data["servers"][0]
        self.table = data["schema"][0]
        self.options = options(self.server, SERVER)
        properties = self.table.get("properties") or []
        self.columns = [((*TABLE, "properties", i), entry) for i, entry in enumerate(properties)]
        self.format = self.server.get("format")
        self.control = self.value("control", "stable")

    def value(self, name: str, default: Any = None) -> Any:
        return self.options.get(name, (default, SERVER))[0]

    def path(self, name: str) -> tuple:
        return self.options.get(name, (None, SERVER))[1]


def options(entry: dict[str, Any], path: tuple) -> dict[str, tuple[Any, tuple]]:
    """Custom properties as {name: (value, path of the value)}."""
    found = enumerate(entry.get("customProperties") or [])
    return {item["property"]: (item["value"], (*path, "customProperties", i, "value")) for i, item in found}


def one_server_and_table(data: dict[str, Any]) -> Broken:
    """Asked before all others: they lean on it."""
    for part in ("servers", "schema"):
        if len(data.get(part) or []) != 1:
            yield (part,) if part in data else (), f"a contract has exactly one entry under {part}"


def identity(doc: Document) -> Broken:
    family, feed = doc.data.get("domain"), doc.table["name"]
    if not family:
        yield (), "domain is missing: it names the family (billing, network, …)"
    elif doc.data["id"] != f"{family}__{feed}":
        yield ("id",), f"id must be <domain>__<table>: expected {family}__{feed}"


def owner(doc: Document) -> Broken:
    team = doc.data.get("team")
    if not (isinstance(team, dict) and team.get("name")):
        yield ("team",) if team else (), "team.name is missing: every feed has an owner who is asked when it fails"


def delivery(doc: Document) -> Broken:
    promised = {entry["property"]: (i, entry) for i, entry in enumerate(doc.data.get("slaProperties") or [])}
    for name in ("frequency", "latency"):
        if name not in promised:
            yield ("slaProperties",), f"{name} is missing: without it no file can be late"
    if "latency" in promised:
        i, entry = promised["latency"]
        unit, value = str(entry.get("unit") or "d"), entry["value"]
        if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
            yield ("slaProperties", i, "value"), f"latency must be a number of at least 0, not {value!r}"
        if unit not in {"m", "h", "d"} and unit.rstrip("s") not in {"minute", "hour", "day"}:
            yield ("slaProperties", i, "unit"), f"latency unit {unit!r} is unknown: use m, h or d"


def known_words(doc: Document) -> Broken:
    if doc.format not in FORMATS:
        yield (*SERVER, "format"), f"format {doc.format!r} is unknown: use one of {', '.join(FORMATS)}"
    yield from _known_options(doc.options, SERVER_OPTIONS)
    yield from _known_options(options(doc.table, TABLE), TABLE_OPTIONS)
    for path, column in doc.columns:
        yield from _known_options(options(column, path), COLUMN_OPTIONS)


def _known_options(said: dict[str, tuple[Any, tuple]], known: dict[str, Any]) -> Broken:
    for name, (value, path) in said.items():
        wanted = known.get(name)
        if name not in known:
            yield path, f"option {name!r} is unknown: use one of {', '.join(known)}"
        elif isinstance(wanted, tuple) and isinstance(wanted[0], str):
            if value not in wanted:
                yield path, f"{name} {value!r} is unknown: use one of {', '.join(wanted)}"
        elif not isinstance(value, wanted or str):
            yield path, f"{name} {value!r} is of the wrong kind"


def encoding(doc: Document) -> Broken:
    name = doc.server.get("encoding") or "utf-8"
    try:
        codecs.lookup(name)
    except LookupError:
        yield (*SERVER, "encoding"), f"encoding {name!r} is unknown"


def time_zone(doc: Document) -> Broken:
    name = doc.value("timeZone", "UTC")
    try:
        ZoneInfo(str(name))
    except (ZoneInfoNotFoundError, ValueError):
        yield doc.path("timeZone"), f"timeZone {name!r} is unknown: use a name such as Asia/Shanghai"
    for option in ("dateFormat", "timestampFormat"):
        text = doc.value(option, "iso")
        if text != "iso" and not all(re.search(r"%[a-zA-Z]", choice) for choice in str(text).split("|")):
            yield doc.path(option), f"{option} {text!r} is neither 'iso' nor patterns such as %Y%m%d parted by |"


def file_names(doc: Document) -> Broken:
    for option, wanted in (("filePattern", True), ("controlPattern", doc.control in ("verf", "manifest"))):
        text, path = doc.value(option), doc.path(option)
        if text is None:
            if wanted:
                yield path, f"{option} is missing under servers[0].customProperties"
            continue
        text = str(text)
        try:
            groups = re.compile(text).groupindex
        except re.error as error:
            yield path, f"{option} is not a regular expression: {error}"
            continue
        for group in ("period", "version"):
            if group not in groups:
                yield path, f"{option} has no group (?P<{group}>…): a re-sent file could not be told from the first"
        if not (text.startswith("^") and text.endswith("$")):
            yield path, f"{option} must match the whole name: begin with ^ and end with $"


def layout(doc: Document) -> Broken:
    delimiter = doc.server.get("delimiter")
    if doc.format == "delimited" and not delimiter:
        yield SERVER, "delimiter is missing: a delimited file needs one"
    if doc.format == "fixed_width":
        for path, column in doc.columns:
            width, where = options(column, path).get("width", (None, path))
            if not isinstance(width, int) or isinstance(width, bool) or width < 1:
                yield where, f"width of {column['name']} is missing or not a positive number of bytes"
    if doc.format == "delimited":
        sources = [column.get("physicalName") for _, column in doc.columns]
        for i, source in enumerate(sources):
            if source and source in sources[:i]:
                yield doc.columns[i][0], f"physicalName {source!r} stands twice"


def control_totals(doc: Document) -> Broken:
    if doc.control == "trailer" and not doc.value("trailerMark"):
        yield doc.path("control"), "trailerMark is missing: control is trailer"
    if doc.control == "trailer" and doc.format in FORMATS and doc.format != "delimited":
        yield doc.path("control"), "a trailer record needs format delimited"
    if doc.control == "audit" and doc.format in FORMATS and doc.format != "tap3":
        yield doc.path("control"), "an audit block needs format tap3"
    types = {column["name"]: column.get("logicalType") for _, column in doc.columns}
    sums = doc.value("controlSums")
    for name in map(str, sums if isinstance(sums, list) else ()):
        if name not in types:
            yield doc.path("controlSums"), f"controlSums names {name!r}, which is not a column"
        elif types[name] not in ("integer", "number"):
            yield doc.path("controlSums"), f"controlSums names {name!r}, which is {types[name]}, not integer or number"


def record_key(doc: Document) -> Broken:
    policy = options(doc.table, TABLE).get("duplicatePolicy", ("first", TABLE))[0]
    if policy != "none" and not any(column.get("primaryKey") for _, column in doc.columns):
        yield TABLE, "no column is primaryKey: name a record key or set duplicatePolicy none"


def texts(doc: Document) -> Broken:
    for path, entry in [(TABLE, doc.table), *doc.columns]:
        if not entry.get("description"):
            yield path, f"description of {entry['name']} is missing"
        if not CHINESE.search(entry.get("businessName") or ""):
            yield path, f"businessName of {entry['name']} has no Chinese term"


def column_names(doc: Document) -> Broken:
    if not doc.columns:
        yield TABLE, "properties is empty: name the delivered columns"
    names = [column["name"] for _, column in doc.columns]
    for (path, column), name in zip(doc.columns, names, strict=True):
        if not SNAKE_CASE.match(name):
            yield path, f"column name {name!r} is not snake_case"
        if names.index(name) != doc.columns.index((path, column)):
            yield path, f"column name {name!r} stands twice"
        if column.get("logicalType") == "timestamp" and not name.endswith("_at"):
            yield path, f"{name!r} is a timestamp: its name must end in _at"
        if column.get("logicalType") == "date" and not (name.endswith("_on") or name in ("valid_from", "valid_to")):
            yield path, f"{name!r} is a date: its name must end in _on (or be valid_from, valid_to)"


def column_types(doc: Document) -> Broken:
    for path, column in doc.columns:
        logical = column.get("logicalType")
        if logical not in LOGICAL_TYPES:
            yield (*path, "logicalType"), f"logicalType {logical!r}: use one of {', '.join(LOGICAL_TYPES)}"
            continue
        physical = column.get("physicalType")
        if physical and not re.fullmatch(PHYSICAL[logical], physical):
            yield (*path, "physicalType"), f"physicalType {physical!r} cannot hold a {logical}"
        if physical == "double" and column["name"].endswith("_amt"):
            yield (*path, "physicalType"), "money is decimal or integer fen, never double"
        limits = column.get("logicalTypeOptions") or {}
        if None not in (limits.get("minimum"), limits.get("maximum")) and limits["minimum"] > limits["maximum"]:
            yield (*path, "logicalTypeOptions"), f"minimum of {column['name']} is above its maximum"


def units(doc: Document) -> Broken:
    for path, column in doc.columns:
        for suffix, unit in UNIT_OF_SUFFIX.items():
            if not column["name"].endswith(suffix):
                continue
            said, where = options(column, path).get("unit", (None, path))
            if said != unit:
                yield where, f"{column['name']} ends in {suffix}: its unit must be {unit!r}, not {said!r}"
            if column.get("logicalType") not in ("integer", "number"):
                yield path, f"{column['name']} ends in {suffix}: it must be an integer or a number"


def personal_data(doc: Document) -> Broken:
    for path, column in doc.columns:
        name, personal = column["name"], column.get("classification") == "personal"
        if personal and not name.endswith("_token"):
            yield path, f"{name!r} is personal: its name must end in _token, for only the token is kept"
        if personal and not options(column, path).get("tokenDomain", (None,))[0]:
            yield path, f"{name!r} is personal: customProperties must name its tokenDomain"
        if personal and column.get("logicalType") != "string":
            yield path, f"{name!r} is personal: its logicalType must be string"
        if not personal and name.endswith("_token"):
            yield path, f"{name!r} ends in _token but is not classified as personal"


def quality_limits(doc: Document) -> Broken:
    for i, rule in enumerate(doc.table.get("quality") or []):
        path = (*TABLE, "quality", i)
        ours = rule.get("implementation")
        said = {**rule, **(ours if isinstance(ours, dict) else {})}
        if said.get("metric") not in METRICS:
            yield path, f"metric {said.get('metric')!r} is unknown: use one of {', '.join(METRICS)}"
        if said.get("metric") == "meanValue" and said.get("column") not in (doc.value("controlSums") or []):
            yield path, f"meanValue is known of controlSums only, and {said.get('column')!r} is none of them"
        if not any(word.startswith("mustBe") for word in said):
            yield path, "a quality limit needs a mustBe… value"
        if said.get("severity", "error") not in ("error", "warning"):
            yield path, f"severity {said['severity']!r} is unknown: use error or warning"
        if said.get("unit", "rows") not in ("rows", "percent"):
            yield path, f"unit {said['unit']!r} is unknown: use rows or percent"


def code_lists(doc: Document) -> Broken:
    for path, column in doc.columns:
        for i, rule in enumerate(column.get("quality") or []):
            where = (*path, "quality", i)
            if rule.get("metric") != "invalidValues" or rule.get("mustBe") != 0:
                yield where, f"only invalidValues with mustBe 0 is judged per value ({column['name']})"
            elif not (codes := (rule.get("arguments") or {}).get("validValues")):
                yield where, f"arguments.validValues of {column['name']} is empty"
            elif not (isinstance(codes, list) and all(isinstance(code, str) for code in codes)):
                yield where, f"codes of {column['name']} must be quoted texts: YAML reads 010, no and 1e3 otherwise"


RULES = (identity, owner, delivery, known_words, encoding, time_zone, file_names, layout, control_totals, record_key,
         texts, column_names, column_types, units, personal_data, quality_limits, code_lists)
