"""JSON records: what was written comes back as text, numbers digit by digit."""

import gzip
import json

import pytest
from contract_helper import errors_by_line, make_contract, read_rows
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestration.formats import FormatError

MANY = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
COLUMNS = ["id", {"name": "deep", "source": "a.b"}, {"name": "second", "source": "list[1].x"},
           {"name": "customer", "source": "relatedParty[role=customer].id"}, {"name": "list", "source": "list"}]
LINES = make_contract("json_lines", COLUMNS)
ARRAY = make_contract("json_array", COLUMNS)
NASTY = st.text(st.one_of(st.sampled_from('"\\[]{},:-1.5e\n\t'), st.characters(exclude_categories=["Cs"],
                exclude_characters="\ufdd0\ufdd2\0")), max_size=10)
NUMBER = st.from_regex(r"-?(0|[1-9][0-9]{0,30})(\.[0-9]{1,20})?([eE][+-]?[0-9]{1,2})?", fullmatch=True)


def codes(tmp_path, content, contract=ARRAY, **more):
    with pytest.raises(FormatError) as caught:
        read_rows(tmp_path, content, contract, **more)
    return caught.value.code


@MANY
@given(table=st.lists(st.tuples(NASTY, NUMBER, NASTY), max_size=6), block=st.sampled_from([5, 4 << 20]),
       is_ascii=st.booleans(), gap=st.sampled_from(["", " ", "\n  ", "\r\n"]))
def test_elements_of_an_array_come_back_whatever_their_text(tmp_path, table, block, is_ascii, gap):
    def quoted(text):
        return json.dumps(text, ensure_ascii=is_ascii)

    elements = [f'{{"id":{gap}{quoted(key)},{gap}"a":{{"b":{number}}},"list":[{number}, {quoted(word)}]}}'
                for key, number, word in table]
    content = f"{gap}[{gap}{(gap + ',' + gap).join(elements)}{gap}]{gap}"
    rows, _ = read_rows(tmp_path, content.encode(), ARRAY, block)
    assert [(row["id"], row["deep"]) for row in rows] == [(key, number) for key, number, _ in table]
    for row, (_, number, word) in zip(rows, table, strict=True):
        assert row["list"].startswith(f"[{number},") and json.loads(row["list"], parse_float=str)[1] == word
    assert [row["line_number"] for row in rows] == list(range(1, len(table) + 1))
    assert [row["raw_text"] for row in rows] == elements


def test_an_array_cut_anywhere_is_refused_whole(tmp_path):
    content = '[{"id": "a]", "x": [1, {"y": "}"}]},\n {"id": "\\"中"}]'.encode()
    assert len(read_rows(tmp_path, content, ARRAY)[0]) == 2
    for size in range(1, len(content)):
        assert codes(tmp_path, content[:size]) == "json_truncated"


def test_a_backslash_before_the_closing_quote_does_not_hide_it(tmp_path):
    content = rb'[{"id":"a\\","a":{"b":1.0}},{"id":"\\\"]","a":{"b":"\\"}},{"id":"]\""}]'
    rows, _ = read_rows(tmp_path, content, ARRAY)
    assert [(row["id"], row["deep"]) for row in rows] == [("a\\", "1.0"), ('\\"]', "\\"), (']"', None)]


def test_lines_come_with_their_physical_number_and_broken_ones_alone_are_rejected(tmp_path):
    content = b'{"id":"1"}\r\n\n{"id":"\xff"}\n{bad}\n[1]\n{"id": 7.10, "a": {"b": null}}\n{"id":"x"'
    rows, _ = read_rows(tmp_path, content, LINES, block_bytes=15)
    assert errors_by_line(rows) == [(1, None), (3, "undecodable_bytes"), (4, "not_json"), (5, "not_json_object"),
                                    (6, None), (7, "not_json")]
    assert rows[1]["raw_text"] == r'{"id":"\xff"}' and rows[3]["raw_text"] == "[1]"
    assert [row["id"] for row in rows] == ["1", None, None, None, "7.10", None] and rows[4]["deep"] is None


def test_paths_reach_into_objects_lists_and_chosen_elements(tmp_path):
    record = {"id": "t", "a": {"b": True}, "list": [{"x": 1}, {"x": "two", "y": 0.10}],
              "relatedParty": [{"role": "agent", "id": "9"}, {"role": "customer", "id": "7"},
                               {"role": "customer", "id": "8"}]}
    rows, _ = read_rows(tmp_path, json.dumps(record).encode(), LINES)
    assert (rows[0]["deep"], rows[0]["second"], rows[0]["customer"]) == ("true", "two", "7")
    assert rows[0]["list"] == '[{"x":1},{"x":"two","y":0.1}]'
    rows, _ = read_rows(tmp_path, b'{"relatedParty":[],"a":"text","list":{}}', LINES)
    assert (rows[0]["id"], rows[0]["deep"], rows[0]["second"], rows[0]["customer"]) == (None,) * 4


def test_a_quote_in_a_path_cannot_leave_the_sql(tmp_path):
    contract = make_contract("json_lines", [{"name": "a", "source": "list[name=it's].v"}])
    rows, _ = read_rows(tmp_path, b'{"list":[{"name":"its","v":1},{"name":"it\'s","v":2}]}', contract)
    assert rows[0]["a"] == "2"


def test_numbers_keep_all_their_digits(tmp_path):
    rows, _ = read_rows(tmp_path, b'{"id":12345678901234567890.1200,"a":{"b":1e3},"list":[0.10, "n: 5.50"]}', LINES)
    assert (rows[0]["id"], rows[0]["deep"], rows[0]["list"]) == \
        ("12345678901234567890.1200", "1e3", '[0.10,"n: 5.50"]')


@pytest.mark.parametrize(("content", "ids"), [
    (b"", []), (b" \n", []), (b"[]", []), (b"[ \n ]\n", []), (b'{"id":1}', ["1"]),
    (b'{\n "id": 1\n}\n{"id": 2}', ["1", "2"]), (b'\xef\xbb\xbf[{"id":1}]', ["1"]),
])
def test_small_documents_are_read_for_what_they_hold(tmp_path, content, ids):
    for block in (4, 1000):
        assert [row["id"] for row in read_rows(tmp_path, content, ARRAY, block)[0]] == ids


def test_a_broken_element_is_rejected_and_its_neighbours_are_not(tmp_path):
    rows, _ = read_rows(tmp_path, b'[{"id":1},{id:2},,{"id":"\xc4"},5,{"id":6}]', ARRAY)
    assert errors_by_line(rows) == [(1, None), (2, "not_json"), (3, "not_json"), (4, "undecodable_bytes"),
                                    (5, "not_json_object"), (6, None)]
    assert rows[5]["id"] == "6"


@pytest.mark.parametrize(("content", "code"), [
    (b'"text"', "json_damaged"), (b"id,name\n", "json_damaged"), (b'[{"id":1}] x', "json_damaged"),
    (b'[{"id":1}][]', "json_damaged"),
])
def test_what_is_no_json_document_is_refused(tmp_path, content, code):
    assert codes(tmp_path, content) == code
    assert codes(tmp_path, content, block_bytes=3) == code


def test_a_record_without_end_is_refused_before_it_fills_the_memory(tmp_path, monkeypatch):
    monkeypatch.setattr("orchestration.formats.json_text.LONGEST_RECORD", 100)
    assert codes(tmp_path, b'[{"id":"' + b"x" * 1000, block_bytes=50) == "record_too_large"


def test_gb18030_and_gzip_are_read_too(tmp_path):
    contract = make_contract("json_array", ["id"], encoding="gb18030")
    content = gzip.compress('[{"id":"亅[𠀀"},{"id":"二"}]'.encode("gb18030"))
    for block in (3, 4 << 20):
        assert [row["id"] for row in read_rows(tmp_path, content, contract, block)[0]] == ["亅[𠀀", "二"]


@pytest.mark.parametrize(("record_path", "document"), [
    ("tickets", '{"tickets":[{"id":1.50},{"id":"b"}]}'),
    ("*", '{"first":{"id":1.50},"second":[{"id":"b"}]}'),
    ("*.value", '{"first":{"value":{"id":1.50}},"none":{},"second":{"value":[{"id":"b"}]}}'),
    ("body.items", '{"body":{"items":[{"id":1.50},{"id":"b"}]}}'),
])
def test_records_inside_a_document_are_found_by_their_path(tmp_path, record_path, document):
    contract = make_contract("json_array", ["id"], recordPath=record_path)
    rows, _ = read_rows(tmp_path, document.encode(), contract)
    assert [(row["line_number"], row["id"]) for row in rows] == [(1, "1.50"), (2, "b")]
    assert rows[0]["raw_text"] == '{"id":1.50}'


def test_paths_that_no_column_reads_are_counted_by_records(tmp_path):
    records = [{"id": 1, "note": [{"text": "x"}], "a": {"b": 1, "c": None}}, {"id": 2, "note": [], "list": [{"z": 1}]},
               {"id": 3, "note": [{"text": "y"}], "relatedParty": [{"role": "customer", "id": "1", "name": "n"}]}]
    content = "\n".join(json.dumps(record) for record in records).encode()
    _, reading = read_rows(tmp_path, content, LINES, block_bytes=60)
    assert reading.unknown_paths == {"note[].text": 2, "note[]": 1, "a.c": 1, "relatedParty[].name": 1}
