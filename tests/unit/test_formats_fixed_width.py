"""Fixed-width text: widths are bytes of the source encoding."""

import pytest
from contract_helper import errors_by_line, make_contract, read_rows
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestration.formats import FormatError

WIDTHS = (4, 10, 3)
COLUMNS = [{"name": name, "width": width} for name, width in zip("abc", WIDTHS, strict=True)]
GB18030 = make_contract("fixed_width", COLUMNS, encoding="gb18030")
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\ufdd0\n\r"), max_size=6)


def pad(text: str, width: int, encoding: str) -> bytes:
    """As many whole characters as fit, padded with blanks on the right."""
    while len(text.encode(encoding)) > width:
        text = text[:-1]
    return text.encode(encoding).ljust(width)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(table=st.lists(st.tuples(TEXT, TEXT, TEXT), max_size=8), line_ends=st.lists(
    st.sampled_from([b"\n", b"\r\n"]), min_size=8, max_size=8), block=st.sampled_from([9, 50, 4 << 20]))
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_fields_come_back_with_their_padding(tmp_path, encoding, table, line_ends, block):
    fields = [[pad(text, width, encoding) for text, width in zip(row, WIDTHS, strict=True)] for row in table]
    content = b"".join(b"".join(row) + end for row, end in zip(fields, line_ends, strict=False))
    contract = make_contract("fixed_width", COLUMNS, encoding=encoding)
    rows, _ = read_rows(tmp_path, b"\n" + content, contract, block)
    assert [[row["a"], row["b"], row["c"]] for row in rows] == [[f.decode(encoding) for f in row] for row in fields]
    assert [row["line_number"] for row in rows] == list(range(2, len(table) + 2))


def test_a_field_that_cuts_a_character_in_half_is_undecodable(tmp_path):
    cut = b"1234" + "一二三四五".encode("gb18030")[:9] + b"x" + b"abc"  # the last character is half of one
    whole = b"1234" + "一二三四五".encode("gb18030") + b"abc"
    across = b"123" + "一".encode("gb18030") + b"123456789" + b"abc"  # half in the first field, half in the second
    rows, _ = read_rows(tmp_path, b"\n".join([whole, cut, across, whole]), GB18030)
    assert errors_by_line(rows)[0] == (1, None) and errors_by_line(rows)[3] == (4, None)
    assert rows[2]["format_error"] == "undecodable_bytes" and rows[2]["a"] is None
    assert rows[3]["b"] == "一二三四五"


def test_a_half_character_before_padding_is_undecodable(tmp_path):
    rows, _ = read_rows(tmp_path, b"12\xd2 " + b"1234567890" + b"abc", GB18030)
    assert rows[0]["format_error"] == "undecodable_bytes" and rows[0]["raw_text"] == r"12\xd2 1234567890abc"


def test_a_wrong_record_length_costs_one_row(tmp_path):
    good = b"1234" + b"1234567890" + b"abc"
    rows, _ = read_rows(tmp_path, b"\n".join([good, good[:-1], b"", good + b"d", good, b"x"]), GB18030)
    assert errors_by_line(rows) == [(1, None), (2, "wrong_record_length"), (4, "wrong_record_length"), (5, None),
                                    (6, "wrong_record_length")]
    assert rows[1]["raw_text"] == "12341234567890ab" and rows[1]["a"] is None and rows[3]["c"] == "abc"


def test_a_header_line_is_no_row(tmp_path):
    contract = make_contract("fixed_width", COLUMNS, header=True)
    rows, _ = read_rows(tmp_path, b"a   b         c  \n12341234567890abc\n", contract, block_bytes=5)
    assert [(row["line_number"], row["a"]) for row in rows] == [(2, "1234")]


def test_a_contract_without_widths_is_refused(tmp_path):
    with pytest.raises(FormatError) as caught:
        read_rows(tmp_path, b"1234\n", make_contract("fixed_width", ["a"]))
    assert caught.value.code == "no_width"
