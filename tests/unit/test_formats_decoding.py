"""Bytes to text: compression, byte order marks, and bad bytes that cost their own line only."""

import gzip
import io
import zipfile

import pytest
from contract_helper import errors_by_line, make_contract, read_rows
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestration.formats import FormatError, decoding

UTF8 = make_contract("delimited", ["a", "b"], delimiter="|")
GB18030 = make_contract("delimited", ["a", "b"], delimiter="|", encoding="gb18030")
MANY = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
LINE_OF_BYTES = st.lists(st.binary(min_size=1, max_size=12).filter(lambda line: not {10, 13} & set(line)), max_size=6)


def is_decodable(line: bytes, encoding: str) -> bool:
    try:
        return "\ufdd0" not in line.decode(encoding)
    except UnicodeDecodeError:
        return False


@MANY
@given(lines=LINE_OF_BYTES, block=st.sampled_from([3, 8, 1000]))
@pytest.mark.parametrize("contract", [UTF8, GB18030], ids=["utf-8", "gb18030"])
def test_exactly_the_lines_with_undecodable_bytes_are_rejected_as_such(tmp_path, contract, lines, block):
    content = b"\n".join([b"first|line", *lines])  # the first line keeps byte order marks out of the play
    rows, _ = read_rows(tmp_path, content, contract, block)
    found = [row["line_number"] for row in rows if row["format_error"] == "undecodable_bytes"]
    utf8, gb18030 = decoding.BYTE_ORDER_MARKS  # both go from any file
    kept = [line.removeprefix(utf8).removeprefix(gb18030) for line in lines]
    assert found == [number for number, line in enumerate(kept, 2) if not is_decodable(line, contract.encoding)]
    assert len(rows) == 1 + sum(map(bool, kept))  # a line that is only such a mark is blank


def test_a_file_that_ends_with_a_lone_byte_order_mark_is_read(tmp_path):
    for block in (3, 1000):
        rows, _ = read_rows(tmp_path, b"first|line\n\xef\xbb\xbf", UTF8, block)
        assert [row["a"] for row in rows] == ["first"]


def test_bad_bytes_are_shown_as_hexadecimal_and_the_next_line_is_read(tmp_path):
    rows, _ = read_rows(tmp_path, b"1|\xc4\xe3\n2|\xc4\n3|\xff\x81\x30x\n4|\xba\xc3\n", GB18030)
    assert [row["raw_text"] for row in rows] == ["1|你", r"2|\xc4", r"3|\xff\x810x", "4|好"]
    assert [row["b"] for row in rows] == ["你", None, None, "好"]


def test_a_delimiter_byte_inside_a_chinese_character_is_no_delimiter(tmp_path):
    assert "亅".encode("gb18030")[1:] == b"|"
    rows, _ = read_rows(tmp_path, "亅|x\n".encode("gb18030"), GB18030)
    assert (rows[0]["a"], rows[0]["b"]) == ("亅", "x")


def test_files_declared_gb2312_may_hold_later_characters(tmp_path):
    contract = make_contract("delimited", ["a", "b"], delimiter="|", encoding="gb2312")
    rows, _ = read_rows(tmp_path, "镕|𠀀\n".encode("gb18030"), contract)
    assert (rows[0]["a"], rows[0]["b"]) == ("镕", "𠀀")


def test_a_byte_order_mark_is_dropped_at_the_start_of_a_line_and_data_elsewhere(tmp_path):
    for block in (5, 4 << 20):
        rows, _ = read_rows(tmp_path, b"\xef\xbb\xbf1|2\n\xef\xbb\xbf3|4\n5\xef\xbb\xbf|6\n", UTF8, block)
        assert [row["a"] for row in rows] == ["1", "3", "5\ufeff"]
    rows, _ = read_rows(tmp_path, b"\x84\x31\x95\x331|2\n", GB18030)
    assert rows[0]["a"] == "1"


@pytest.mark.parametrize("pack", ["gzip", "gzip in two members", "zip"])
def test_packed_files_are_told_by_their_bytes(tmp_path, pack):
    content = b"1|2\n" * 1000
    if pack == "zip":
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("a.dat", content)
        packed = buffer.getvalue()
    else:
        packed = gzip.compress(content[:2000]) + gzip.compress(content[2000:]) if "two" in pack \
            else gzip.compress(content)
    rows, _ = read_rows(tmp_path, packed, UTF8)
    assert [row["line_number"] for row in rows] == list(range(1, 1001))


@pytest.mark.parametrize("break_it", [lambda data: data[:-9], lambda data: data[:40] + b"\0\0\0" + data[43:]])
def test_a_damaged_gzip_file_is_refused_whole(tmp_path, break_it):
    packed = gzip.compress(bytes(range(65, 91)) * 300 + b"\n")
    with pytest.raises(FormatError) as caught:
        read_rows(tmp_path, break_it(packed), UTF8)
    assert caught.value.code == "gzip_damaged"


def test_an_archive_of_several_files_is_refused(tmp_path):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a", b"1|2\n")
        archive.writestr("b", b"1|2\n")
    with pytest.raises(FormatError) as caught:
        read_rows(tmp_path, buffer.getvalue(), UTF8)
    assert caught.value.code == "zip_members"


@pytest.mark.parametrize("encoding", ["utf-16", "klingon"])
def test_an_encoding_that_cannot_be_cut_at_line_ends_is_refused(tmp_path, encoding):
    with pytest.raises(FormatError) as caught:
        read_rows(tmp_path, b"1|2\n", make_contract("delimited", ["a", "b"], delimiter="|", encoding=encoding))
    assert caught.value.code == "unknown_encoding"


def test_a_line_without_end_is_refused_before_it_fills_the_memory(tmp_path, monkeypatch):
    monkeypatch.setattr("orchestration.formats.decoding.LONGEST_LINE", 1000)
    with pytest.raises(FormatError) as caught:
        read_rows(tmp_path, b"x" * 5000, UTF8, block_bytes=100)
    assert caught.value.code == "line_too_long"


def test_blank_lines_are_no_rows_and_keep_the_line_numbers_true(tmp_path):
    rows, _ = read_rows(tmp_path, b"\n\n1|2\r\n\r\n\n3|4\n5\n\n6|7\n\n\n", UTF8, block_bytes=4)
    assert errors_by_line(rows) == [(3, None), (6, None), (7, "wrong_column_count"), (9, None)]
