"""How a sample file is laid out: packing, format, encoding, delimiter, header, columns.

Looks at the first few megabytes only and guesses from bytes and characters; what the columns mean is
guessed in `contract_draft`. No feed of ours is known here.
"""

from __future__ import annotations

import csv
import json
import re
import zipfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import openpyxl

from orchestration.formats import decoding, pm_xml

HEAD_BYTES = 4 << 20
HEAD_RECORDS = 2000  # lines or records that are taken apart here
DELIMITERS = ("|@|", "||", "\x01", "\x1f", "\t", "|", ";", ",", "~", "^", "$")  # longer and rarer first
NUMBER_OR_DATE = re.compile(r"[-+]?[\d.,/: -]+(T[\d:.]+)?(Z|[+-]\d\d:?\d\d)?")


class UnknownLayout(ValueError):
    """A sample that looks like none of the formats."""


@dataclass
class Layout:
    """The guess. `sources` names the columns as the sample does, `widths` is for fixed width."""

    format: str
    encoding: str = "utf-8"
    delimiter: str | None = None
    quote: str | None = None
    header: bool = False
    trailer_mark: str | None = None
    sources: list[str] = field(default_factory=list)
    widths: list[int] = field(default_factory=list)
    record_path: str | None = None
    notes: list[str] = field(default_factory=list)


def sniff(path: Path) -> Layout:
    """The layout of a sample. Raises UnknownLayout in one line when it looks like nothing we read."""
    if not path.is_file():
        raise UnknownLayout(f"{path}: no such file")
    with path.open("rb") as plain:
        packed = plain.read(4)
    if packed == b"PK\x03\x04" and (sheet := _sheet(path)):
        return sheet
    with decoding.open_bytes(path) as source, decoding.guard_damage(path):
        head = source.read(HEAD_BYTES)
        is_whole = not source.read(1)
    if not head.strip():
        raise UnknownLayout(f"{path}: the sample is empty")
    layout = _layout(path, head, is_whole)
    layout.notes += ["gzip"] if packed[:2] == b"\x1f\x8b" else []
    layout.notes += ["byte order mark"] if decoding.without_byte_order_mark(head) != head else []
    layout.notes += ["CRLF line ends"] if b"\r\n" in head else []
    return layout


def _layout(path: Path, head: bytes, is_whole: bool) -> Layout:
    head = decoding.without_byte_order_mark(head)
    if not is_whole:
        head = head[: head.rfind(b"\n") + 1] or head
    if b"\x00" in head:
        raise UnknownLayout(f"{path}: the sample holds zero bytes: a binary file, or text in a wide encoding")
    if re.search(rb"<(\w+:)?(measCollecFile|measDataFile)\b", head[:8192]):
        return Layout("pm_xml", sources=list(pm_xml.FIELDS))
    encoding = _encoding(path, head, is_whole)
    text = head.decode(encoding, "ignore")
    if text.lstrip()[:1] in "[{":
        return _json(path, text, encoding, is_whole)
    lines = text.replace("\r\n", "\n").removesuffix("\n").split("\n")
    return _delimited(lines, encoding, is_whole) or _fixed_width(path, lines, encoding)


def _encoding(path: Path, head: bytes, is_whole: bool) -> str:
    for name in ("utf-8", "gb18030"):
        try:
            head.decode(name)
        except UnicodeDecodeError as error:
            if not is_whole and error.start > len(head) - 4:
                return name  # a character cut in two by the end of what was read
            continue
        return name
    raise UnknownLayout(f"{path}: the text is neither UTF-8 nor GB18030")


def _delimited(lines: list[str], encoding: str, is_whole: bool) -> Layout | None:
    best: tuple[float, Layout] | None = None
    for delimiter in DELIMITERS:
        trailer_mark = _trailer_mark(lines, delimiter) if is_whole else None
        rows = _split(lines[: -1 if trailer_mark else None][:HEAD_RECORDS], delimiter)
        (width, count), *_ = Counter(map(len, rows)).most_common(1)
        share = count / len(rows)
        if width < 2 or share < 0.9 or (best and share <= best[0]):
            continue
        layout = Layout("delimited", encoding, delimiter, trailer_mark=trailer_mark)
        layout.quote = '"' if any(line.startswith('"') or f'{delimiter}"' in line for line in lines) else None
        body = [row for row in rows if len(row) == width]
        layout.header = _is_header(body)
        layout.sources = [name.strip() for name in body[0]] if layout.header else _numbered(width)
        best = (share, layout)
    return best[1] if best else None


def _split(lines: list[str], delimiter: str) -> list[list[str]]:
    if len(delimiter) > 1:
        return [line.split(delimiter) for line in lines if line]
    chosen = (line + "\n" for line in lines)
    return [row for row in csv.reader(chosen, delimiter=delimiter) if row]


def _trailer_mark(lines: list[str], delimiter: str) -> str | None:
    """The first word of a last line that counts the lines before it, with or without a header."""
    mark, count, *_ = [*(cell.strip() for cell in lines[-1].split(delimiter)), ""]
    is_count = count in (str(len(lines) - 1), str(len(lines) - 2))
    return mark if is_count and re.fullmatch(r"[A-Za-z]+", mark) else None


def _is_header(rows: list[list[str]]) -> bool:
    """Distinct names that look like no value, and that do not come back as values below."""
    first, rest = [cell.strip() for cell in rows[0]], rows[1:HEAD_RECORDS]
    if len(set(first)) < len(first) or not all(first) or any(NUMBER_OR_DATE.fullmatch(cell) for cell in first):
        return False
    return bool(rest) and not any(row[place].strip() == name for row in rest for place, name in enumerate(first))


def _fixed_width(path: Path, lines: list[str], encoding: str) -> Layout:
    raw = [line.encode(encoding) for line in lines if line]
    if len(raw) < 2 or len({len(line) for line in raw}) != 1:
        raise UnknownLayout(f"{path}: no delimiter gives every line the same number of columns,"
                            " and the lines are not of one length")
    blank = [all(line[i:i + 1] == b" " for line in raw) for i in range(len(raw[0]))]
    starts = [0] + [i for i in range(1, len(blank)) if blank[i - 1] and not blank[i]]
    widths = [end - start for start, end in zip(starts, [*starts[1:], len(blank)], strict=True)]
    return Layout("fixed_width", encoding, sources=_numbered(len(widths)), widths=widths)


def _json(path: Path, text: str, encoding: str, is_whole: bool) -> Layout:
    first = text.lstrip().split("\n", 1)[0].strip()
    try:
        is_lines = text.lstrip().startswith("{") and isinstance(json.loads(first), dict)
    except ValueError:
        is_lines = False
    try:
        records = _lines(text, is_whole) if is_lines else _elements(text)
    except ValueError as error:
        raise UnknownLayout(f"{path}: begins like JSON but is not: {error}") from error
    record_path = "*" if not is_lines and _holds_records(records) else None
    if record_path:
        records = [inner for value in records[0].values() for inner in (value if isinstance(value, list) else [value])]
    paths: dict[str, None] = {}
    for record in records:
        paths |= dict.fromkeys(_paths(record, ""))
    if not paths:
        raise UnknownLayout(f"{path}: the JSON holds no objects")
    name = "json_lines" if is_lines else "json_array"
    return Layout(name, encoding, sources=list(paths), record_path=record_path)


def _holds_records(records: list[Any]) -> bool:
    """One object whose values are all objects, or lists of them: records filed under names."""
    if len(records) != 1 or not isinstance(records[0], dict) or len(records[0]) < 2:
        return False
    return all(isinstance(value, dict) or (isinstance(value, list) and value and isinstance(value[0], dict))
               for value in records[0].values())


def _lines(text: str, is_whole: bool) -> list[Any]:
    lines = [line for line in text.splitlines() if line.strip()][:HEAD_RECORDS]
    return [json.loads(line) for line in (lines if is_whole or len(lines) < 2 else lines[:-1])]


def _elements(text: str) -> list[Any]:
    """The first elements of an array (or the one object), without parsing what follows."""
    decoder, place, found = json.JSONDecoder(), len(text) - len(text.lstrip()), []
    if text[place] == "{":
        return [decoder.raw_decode(text, place)[0]]
    while len(found) < HEAD_RECORDS:
        place = re.compile(r"[\s,\[]*").match(text, place).end()  # type: ignore[union-attr]
        if place >= len(text) or text[place] == "]":
            break
        try:
            element, place = decoder.raw_decode(text, place)
        except ValueError:
            if found:
                break  # cut by the end of what was read
            raise
        found.append(element)
    return found


def _paths(value: Any, before: str) -> list[str]:
    """Dotted paths of a record; a list is one column, kept as JSON."""
    if not isinstance(value, dict):
        return [before] if before else []
    named = {key: inner for key, inner in value.items() if not re.search(r"[.\[\]\"']", key)}
    return [path for key, inner in named.items() for path in _paths(inner, f"{before}.{key}" if before else key)]


def _sheet(path: Path) -> Layout | None:
    """The header of the first sheet; None for an archive that is no spreadsheet."""
    try:
        if not any(name.startswith("xl/") for name in zipfile.ZipFile(path).namelist()):
            return None
        sheet = openpyxl.load_workbook(path, read_only=True).worksheets[0]
        header = next((row for row in sheet.iter_rows(values_only=True) if any(row)), ())
    except (zipfile.BadZipFile, KeyError, OSError) as error:
        raise UnknownLayout(f"{path}: a damaged archive or spreadsheet: {error}") from error
    return Layout("xlsx", header=True, sources=[str(cell).strip() for cell in header if cell is not None])


def _numbered(count: int) -> list[str]:
    return [f"column_{place}" for place in range(1, count + 1)]
