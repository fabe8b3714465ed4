"""Spreadsheets: header by name, cells as people would type them."""

import datetime as dt
import io
from types import SimpleNamespace

import openpyxl
import pytest
from contract_helper import make_contract, read_rows

from orchestration.formats import FormatError, xlsx

CONTRACT = make_contract("xlsx", [{"name": "a", "source": "题目"}, "b"], sheet="Data")


def sheet(rows, title="Data") -> bytes:
    book = openpyxl.Workbook()
    book.active.title = "Notes"
    page = book.create_sheet(title)
    for row in rows:
        page.append(row)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def test_cells_come_as_text_with_the_number_of_their_row(tmp_path):
    moment = dt.datetime(2026, 3, 1, 0, 0)
    rows, reading = read_rows(tmp_path, sheet([
        [], ["b", "extra", " 题目 "], [1, None, "中"], [], [0.1, "x", True], [1e20, "x", 1e-7], [3.0, None, None],
        [dt.date(2026, 3, 1), None, moment],
    ]), CONTRACT)
    assert [(row["line_number"], row["a"], row["b"]) for row in rows] == [
        (3, "中", "1"), (5, "true", "0.1"), (6, "0.0000001", "100000000000000000000"), (7, "", "3"),
        (8, "2026-03-01T00:00:00", "2026-03-01")]
    assert rows[0]["raw_text"] == "1\t\t中" and rows[0]["format_error"] is None
    assert reading.unknown_paths == {"extra": 5}


@pytest.mark.parametrize(("content", "code"), [
    (sheet([["b"], [1]]), "missing_column"), (sheet([["b", "题目"]], "Other"), "missing_sheet"),
    (b"b,\xe9\xa2\x98", "xlsx_damaged"), (sheet([["b", "题目"], [1, 2]])[:-200], "xlsx_damaged"),
], ids=["a column", "a sheet", "no workbook", "cut off"])
def test_what_cannot_be_read_is_refused_whole(tmp_path, content, code):
    with pytest.raises(FormatError) as caught:
        read_rows(tmp_path, content, CONTRACT)
    assert caught.value.code == code


def test_an_empty_sheet_has_no_rows(tmp_path):
    assert read_rows(tmp_path, sheet([]), CONTRACT)[0] == []
    assert read_rows(tmp_path, sheet([["题目", "b"]]), CONTRACT)[0] == []


def test_a_whole_number_stored_with_a_fraction_loses_it():
    assert xlsx._text(SimpleNamespace(value=3.0, number_format="General")) == "3"
