"""Frames to the bytes of a file, as the contract of the feed describes them.

Columns of a frame carry our names (`Column.name`); the contract gives order, physical names, formats and
encoding. Local times are naive datetimes. No file is opened here.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence

import polars as pl

from orchestration.contracts import Contract
from orchestration.sample_operator import spreadsheet

WINDOWS_FEEDS = ("call_center__contact",)  # written by a desktop system: byte order mark and CRLF
QUOTING = {True: "necessary", False: "never"}
ZONE = "+08:00"


def textual(contract: Contract, frame: pl.DataFrame) -> pl.DataFrame:
    """The delivered columns in the delivered order; times and flags as text, the rest as it is."""
    columns = []
    for column in contract.columns:
        kind, value = frame.schema[column.name], pl.col(column.name)
        if kind == pl.Boolean and contract.format not in ("json_lines", "json_array"):
            value = value.cast(pl.Int8)
        elif kind == pl.Date:
            value = value.dt.strftime(contract.date_format)
        elif kind == pl.Datetime:
            value = value.dt.strftime(_timestamp_format(contract))
        columns.append(value)
    return frame.select(columns)


def _timestamp_format(contract: Contract) -> str:
    return f"%Y-%m-%dT%H:%M:%S{ZONE}" if contract.timestamp_format == "iso" else contract.timestamp_format


def encode(contract: Contract, frame: pl.DataFrame) -> bytes:
    """The whole data file without control record."""
    if contract.format == "delimited":
        return delimited(contract, textual(contract, frame))
    if contract.format == "fixed_width":
        return fixed_width(contract, textual(contract, frame))
    if contract.format in ("json_lines", "json_array"):
        return json_file(contract, textual(contract, frame))
    if contract.format == "xlsx":
        return spreadsheet.workbook(contract, textual(contract, frame))
    raise ValueError(f"{contract.id}: no writer for format {contract.format}")


def header(contract: Contract) -> bytes:
    if not contract.header:
        return b""
    line = contract.delimiter.join(column.source for column in contract.columns)
    bom = b"\xef\xbb\xbf" if contract.id in WINDOWS_FEEDS else b""
    return bom + line.encode(contract.encoding) + line_end(contract)


def line_end(contract: Contract) -> bytes:
    return b"\r\n" if contract.id in WINDOWS_FEEDS else b"\n"


def delimited(contract: Contract, frame: pl.DataFrame) -> bytes:
    return header(contract) + delimited_body(contract, frame)


def delimited_body(contract: Contract, frame: pl.DataFrame) -> bytes:
    """Lines only; a separator of several characters is joined by hand, any other by the CSV writer."""
    if len(contract.delimiter) > 1:
        line = pl.concat_str([pl.col(name).cast(pl.String).fill_null("") for name in frame.columns],
                             separator=contract.delimiter)
        text = "".join(f"{row}\n" for row in frame.select(line).to_series())
        return text.encode(contract.encoding)
    out = io.BytesIO()
    frame.write_csv(out, include_header=False, separator=contract.delimiter, quote_style=QUOTING[bool(contract.quote)],
                    line_terminator=line_end(contract).decode())
    body = out.getvalue()
    return body if contract.encoding in ("utf-8", "ascii") else body.decode("utf-8").encode(contract.encoding)


def fixed_width(contract: Contract, frame: pl.DataFrame) -> bytes:
    """Fields padded on the right to a width counted in bytes of the target encoding."""
    lines = []
    for row in frame.iter_rows():  # reference lists of a few dozen rows
        fields = []
        for column, value in zip(contract.columns, row, strict=True):
            field = ("" if value is None else str(value)).encode(contract.encoding)
            if len(field) > column.width:
                raise ValueError(f"{contract.id}.{column.name}: {value!r} is longer than {column.width} bytes")
            fields.append(field.ljust(column.width))
        lines.append(b"".join(fields) + b"\n")
    return b"".join(lines)


def json_file(contract: Contract, frame: pl.DataFrame) -> bytes:
    """One object per row, nested as the paths of the contract say."""
    rows = json_rows(contract, frame)
    if contract.format == "json_lines":
        return "".join(f"{row}\n" for row in rows).encode(contract.encoding)
    return ("[\n" + ",\n".join(rows) + "\n]\n" if len(rows) else "[]\n").encode(contract.encoding)


def json_rows(contract: Contract, frame: pl.DataFrame) -> pl.Series:
    tree: dict = {}
    for column in contract.columns:
        parts = re.findall(r"[^.\[\]]+(?:\[[^\]]+\])?", column.source)
        _insert(tree, parts, pl.col(column.name))
    return frame.select(_struct(tree).struct.json_encode()).to_series()


def _insert(tree: dict, parts: Sequence[str], value: pl.Expr) -> None:
    for part in parts[:-1]:
        tree = tree.setdefault(part, {})
    tree[parts[-1]] = value


def _struct(tree: dict) -> pl.Expr:
    """`a[role=x].id` becomes an element of the list `a` that says its role; elements without a value are left out."""
    fields: dict[str, pl.Expr] = {}
    lists: dict[str, list[pl.Expr]] = {}
    for name, value in tree.items():
        if match := re.fullmatch(r"(\w+)\[(\w+)=(\w+)\]", name):
            element = {match[2]: pl.lit(match[3]), **{k: v.cast(pl.String) for k, v in value.items()}}
            lists.setdefault(match[1], []).append(_struct(element))
        else:
            fields[name] = _struct(value) if isinstance(value, dict) else value
    for name, elements in lists.items():
        known = pl.element().struct.field("id").is_not_null()
        fields[name] = pl.concat_list(elements).list.eval(pl.element().filter(known))
    return pl.struct([expression.alias(name) for name, expression in fields.items()])
