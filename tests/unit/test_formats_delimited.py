"""Delimited text: what was written comes back, and what is wrong costs its own record only."""

import csv
import io
from decimal import Decimal

import pytest
from contract_helper import errors_by_line, make_contract, read_rows
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestration.formats import FormatError

MANY = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\ufdd0"), max_size=12)
LINE_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\ufdd0\n\r|¦\x01"), max_size=12)
BLOCKS = st.sampled_from([5, 40, 4 << 20])
SEPARATORS = st.sampled_from(["|", ",", "\t", "\x01", "||", "|~|", "¦"])


def as_rows(rows):
    return [(row["a"], row["b"], row["c"]) for row in rows]


@MANY
@given(table=st.lists(st.tuples(LINE_TEXT, LINE_TEXT, LINE_TEXT), max_size=8), block=BLOCKS,
       delimiter=st.sampled_from(["|", "\x01", "||", "|~|", "¦"]), line_end=st.sampled_from(["\n", "\r\n"]),
       encoding=st.sampled_from(["utf-8", "gb18030"]), is_closed=st.booleans())
def test_unquoted_text_comes_back_as_written(tmp_path, table, block, delimiter, line_end, encoding, is_closed):
    lines = [delimiter.join(row) for row in table]
    text = line_end.join(lines) + (line_end if is_closed else "")
    contract = make_contract("delimited", ["a", "b", "c"], delimiter=delimiter, encoding=encoding)
    rows, _ = read_rows(tmp_path, (b"" if text[:1] != "\ufeff" else b"\n") + text.encode(encoding), contract, block)
    assert as_rows(rows) == table
    assert [row["raw_text"] for row in rows] == lines


@MANY
@given(table=st.lists(st.tuples(ANY_TEXT, ANY_TEXT, ANY_TEXT), max_size=8), block=BLOCKS, delimiter=SEPARATORS,
       line_end=st.sampled_from(["\n", "\r\n"]), encoding=st.sampled_from(["utf-8", "gb18030"]))
def test_quoted_text_comes_back_with_delimiters_quotes_and_line_ends(tmp_path, table, block, delimiter, line_end,
                                                                     encoding):
    lines = [delimiter.join('"' + field.replace('"', '""') + '"' for field in row) for row in table]
    contract = make_contract("delimited", ["a", "b", "c"], delimiter=delimiter, encoding=encoding, quote='"')
    rows, _ = read_rows(tmp_path, (line_end.join(lines) + line_end).encode(encoding), contract, block)
    plain = [tuple(field.replace("\r\n", "\n") for field in row) for row in table]
    assert as_rows(rows) == plain
    sizes = [sum(field.count("\n") for field in row) + 1 for row in plain]
    assert [row["line_number"] for row in rows] == [1 + sum(sizes[:place]) for place in range(len(sizes))]


@settings(MANY, max_examples=300)
@given(text=st.text("a,\"\n", max_size=30), block=st.sampled_from([6, 4 << 20]))
def test_odd_quoting_is_understood_as_the_csv_module_of_python_does(tmp_path, text, block):
    contract = make_contract("delimited", ["a", "b", "c"], delimiter=",", quote='"')
    rows, _ = read_rows(tmp_path, text.encode(), contract, block)
    if any(row["format_error"] == "unclosed_quote" for row in rows):
        assert "".join(row["raw_text"] for row in rows).replace("\n", "") == text.replace("\n", "")
        return
    reader, line, wanted = csv.reader(io.StringIO(text, newline="")), 1, []
    for fields in reader:
        if fields:
            wanted.append((line, *(fields if len(fields) == 3 else [None] * 3)))
        line = reader.line_num + 1
    assert [(row["line_number"], row["a"], row["b"], row["c"]) for row in rows] == wanted


def test_a_quote_that_never_closes_costs_its_line_and_not_the_rest_of_the_file(tmp_path, monkeypatch):
    monkeypatch.setattr("orchestration.formats.quoting.LONGEST_RECORD", 60)
    contract = make_contract("delimited", ["a", "b"], delimiter=",", quote='"')
    text = b'1,"x\ny"\n2,"open\n' + b"3,three\n" * 50
    rows, _ = read_rows(tmp_path, text, contract, block_bytes=20)
    assert errors_by_line(rows) == [(1, None), (3, "unclosed_quote"), *((line, None) for line in range(4, 54))]
    assert rows[0]["b"] == "x\ny" and rows[0]["raw_text"] == '1,"x\ny"'


def test_an_inch_mark_in_a_field_breaks_nothing(tmp_path):
    contract = make_contract("delimited", ["a", "b"], delimiter=",", quote='"')
    rows, _ = read_rows(tmp_path, b'1,5" disk\n2,"a ""b"", c"\n', contract)
    assert [row["b"] for row in rows] == ['5" disk', 'a "b", c']


def test_a_quote_means_nothing_where_the_contract_names_none(tmp_path):
    contract = make_contract("delimited", ["a", "b"], delimiter=",")
    rows, _ = read_rows(tmp_path, b'"1,"\n"2,x"\n', contract)
    assert [(row["a"], row["b"]) for row in rows] == [('"1', '"'), ('"2', 'x"')]


def test_a_wrong_number_of_columns_costs_one_row_and_line_numbers_stay_true(tmp_path):
    contract = make_contract("delimited", ["a", "b", "c"], delimiter="|")
    rows, _ = read_rows(tmp_path, "1|2|3\n4|张|三|6\n\n7|8\n9|10|11\n12|1".encode(), contract)
    assert errors_by_line(rows) == [(1, None), (2, "wrong_column_count"), (4, "wrong_column_count"), (5, None),
                                    (6, "wrong_column_count")]
    assert rows[1] == {"line_number": 2, "raw_text": "4|张|三|6", "format_error": "wrong_column_count",
                       "a": None, "b": None, "c": None}
    assert as_rows(rows)[3] == ("9", "10", "11")


def test_a_lone_carriage_return_is_data(tmp_path):
    contract = make_contract("delimited", ["a", "b", "c"], delimiter="|")
    rows, _ = read_rows(tmp_path, b"1|x\ry|3\r\n4|5|6\n", contract)
    assert as_rows(rows) == [("1", "x\ry", "3"), ("4", "5", "6")]


def test_text_that_holds_every_control_character_is_refused_clearly(tmp_path):
    contract = make_contract("delimited", ["a", "b"], delimiter="||")
    with pytest.raises(FormatError) as caught:
        read_rows(tmp_path, bytes(set(range(1, 32)) - {10}) + b"||x\n", contract)
    assert caught.value.code == "control_characters"


def test_columns_are_found_by_header_name_and_strangers_are_counted(tmp_path):
    contract = make_contract("delimited", [{"name": "a", "source": "甲"}, "b"], delimiter=",", header=True, quote='"')
    text = '\ufeffb,new,"甲"\r\n1,2,3\r\n4,5\r\n6,7,8\r\n'
    rows, reading = read_rows(tmp_path, text.encode(), contract, block_bytes=16)
    assert [(row["line_number"], row["a"], row["b"]) for row in rows] == [(2, "3", "1"), (3, None, None), (4, "8", "6")]
    assert reading.unknown_paths == {"new": 2}


def test_a_missing_column_refuses_the_file(tmp_path):
    contract = make_contract("delimited", ["a", "b", "c"], delimiter=",", header=True)
    with pytest.raises(FormatError, match="lacks b, c") as caught:
        read_rows(tmp_path, b"\na,B\n1,2\n", contract)
    assert (caught.value.code, caught.value.line) == ("missing_column", 2)


def test_a_header_that_cannot_be_decoded_refuses_the_file(tmp_path):
    contract = make_contract("delimited", ["a"], delimiter=",", header=True)
    with pytest.raises(FormatError) as caught:
        read_rows(tmp_path, b"\xff\xfea\n1\n", contract)
    assert caught.value.code == "bad_header"


@pytest.mark.parametrize("content", [b"", b"a,b\n", b"a,b"])
def test_a_file_without_rows_is_read_as_such(tmp_path, content):
    contract = make_contract("delimited", ["a", "b"], delimiter=",", header=True)
    rows, reading = read_rows(tmp_path, content, contract)
    assert rows == [] and reading.control == {}


TRAILER = make_contract("delimited", ["a", "b"], delimiter="|", trailerMark="TRAILER", controlSums=["fen", "seconds"])


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n\r\n", b"\n" * 50])
def test_the_trailer_is_the_last_line_and_no_row(tmp_path, end):
    rows, reading = read_rows(tmp_path, b"1|2\n3|4\nTRAILER|2|-10.50|0" + end, TRAILER, block_bytes=7)
    assert errors_by_line(rows) == [(1, None), (2, None)]
    assert reading.control == {"rows": 2, "sums": {"fen": Decimal("-10.50"), "seconds": Decimal(0)}}


def test_a_trailer_in_the_middle_is_a_broken_row_and_a_missing_one_leaves_no_control(tmp_path):
    rows, reading = read_rows(tmp_path, b"1|2\nTRAILER|2|0|0\n3|4\n", TRAILER, block_bytes=10)
    assert errors_by_line(rows) == [(1, None), (2, "wrong_column_count"), (3, None)]
    assert reading.control == {}


@pytest.mark.parametrize("trailer", [b"TRAILER|2|0", b"TRAILER|2|0|x", b"TRAILER", b"TRAILER|2|0|0|0"])
def test_a_trailer_that_cannot_be_read_refuses_the_file(tmp_path, trailer):
    with pytest.raises(FormatError) as caught:
        read_rows(tmp_path, b"1|2\n" + trailer + b"\n", TRAILER)
    assert (caught.value.code, caught.value.line) == ("bad_trailer", 2)


def test_an_empty_quoted_only_column_is_a_row_and_a_blank_line_is_not(tmp_path):
    contract = make_contract("delimited", ["a"], delimiter=",", quote='"')
    rows, _ = read_rows(tmp_path, b'""\n\nNULL\n', contract)
    assert [(row["line_number"], row["a"]) for row in rows] == [(1, ""), (3, "NULL")]


def test_blank_lines_inside_a_quoted_field_are_part_of_it(tmp_path):
    contract = make_contract("delimited", ["a", "b"], delimiter=",", quote='"')
    rows, _ = read_rows(tmp_path, b'"x\n' + b"\n" * 20 + b'y",1\n2,3\n', contract, block_bytes=4)
    assert [(row["line_number"], row["a"]) for row in rows] == [(1, "x\n" + "\n" * 20 + "y"), (23, "2")]
