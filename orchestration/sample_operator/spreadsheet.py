"""A workbook of one sheet with the same bytes for the same rows: no time of writing in it, texts in the cells.

Only what a spreadsheet program needs to open it. Which sheet and which columns is said by the contract.
"""

from __future__ import annotations

import io
import zipfile
from xml.sax.saxutils import escape

import polars as pl

from orchestration.contracts import Contract

OPEN = "http://schemas.openxmlformats.org"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
TYPES = (f'{HEAD}<Types xmlns="{OPEN}/package/2006/content-types">'
         '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
         '<Default Extension="xml" ContentType="application/xml"/>'
         f'<Override PartName="/xl/workbook.xml" ContentType="{KIND}.sheet.main+xml"/>'
         f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{KIND}.worksheet+xml"/></Types>')


def workbook(contract: Contract, frame: pl.DataFrame) -> bytes:
    """The sheet that the contract names, a header row, then the rows."""
    sheet = escape(str(contract.options.get("sheet", "Sheet1")))
    book = (f'{HEAD}<workbook xmlns="{OPEN}/spreadsheetml/2006/main" '
            f'xmlns:r="{OPEN}/officeDocument/2006/relationships">'
            f'<sheets><sheet name="{sheet}" sheetId="1" r:id="rId1"/></sheets></workbook>')
    members = {"[Content_Types].xml": TYPES, "_rels/.rels": _relation("officeDocument", "xl/workbook.xml"),
               "xl/workbook.xml": book, "xl/_rels/workbook.xml.rels": _relation("worksheet", "worksheets/sheet1.xml"),
               "xl/worksheets/sheet1.xml": _sheet([column.source for column in contract.columns], frame)}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), text.encode(), zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _relation(kind: str, target: str) -> str:
    return (f'{HEAD}<Relationships xmlns="{OPEN}/package/2006/relationships"><Relationship Id="rId1" '
            f'Type="{OPEN}/officeDocument/2006/relationships/{kind}" Target="{target}"/></Relationships>')


def _sheet(header: list[str], frame: pl.DataFrame) -> str:
    rows = [header, *frame.iter_rows()]  # a few hundred rows, as people fill them in
    body = "".join("<row>" + "".join(map(_cell, row)) + "</row>" for row in rows)
    return f'{HEAD}<worksheet xmlns="{OPEN}/spreadsheetml/2006/main"><sheetData>{body}</sheetData></worksheet>'


def _cell(value: object) -> str:
    if value is None:
        return "<c/>"
    if isinstance(value, int | float):
        return f"<c><v>{value}</v></c>"
    return f'<c t="inlineStr"><is><t>{escape(str(value))}</t></is></c>'
