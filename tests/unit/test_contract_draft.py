"""`bass contract draft` proposes a contract that can be loaded, checked and used."""

import gzip
import json
from pathlib import Path

import pytest

from orchestration import contract_check, contracts
from orchestration.contract_draft import draft
from orchestration.sample_operator import write_sample

REPO = Path(__file__).resolve().parents[2]
ROWS = 60


def drafted(folder: Path, name: str, content: bytes) -> contracts.Contract:
    sample = folder / name
    sample.write_bytes(content)
    path = folder / "draft.odcs.yaml"
    path.write_text(draft(sample), encoding="utf-8")
    assert [str(finding) for finding in contract_check.check(path)] == []
    return contracts.load(path)


def people(delimiter: str, header: bool = True) -> str:
    """Customers with every kind of column; each value says which row it is of."""
    names = ["客户编号", "姓名", "手机号码", "证件号码", "邮箱", "状态", "入网日期", "创建时间", "费用(分)", "通话秒",
             "比例"]
    rows = [[f"C{i:05d}", "张伟" if i % 2 else "王芳" + str(i), f"138{i:08d}", f"11010119900101{i:03d}X",
             f"user{i}@example.com", "ABC"[i % 3], f"2026-01-{i % 28 + 1:02d}", f"2026010{i % 9 + 1}10{i % 60:02d}00",
             str(i * 10), str(i), f"{i}.125"] for i in range(ROWS)]
    return "\n".join(delimiter.join(row) for row in ([names] if header else []) + rows) + "\n"


def test_a_gb18030_text_file_is_recognised_with_its_personal_columns(tmp_path):
    contract = drafted(tmp_path, "cust_10000_20260301_v2.dat", people("|").encode("gb18030"))
    assert (contract.format, contract.encoding, contract.delimiter, contract.header) == (
        "delimited", "gb18030", "|", True)
    assert {column.source: column.token_domain for column in contract.personal} == {
        "姓名": "name", "手机号码": "msisdn", "证件号码": "id_number", "邮箱": "email"}
    assert contract.key == ("customer_id",)
    types = {column.source: (column.name, column.logical_type) for column in contract.columns}
    assert types["入网日期"][1] == "date" and types["创建时间"][1] == "timestamp" and types["比例"][1] == "number"
    assert types["费用(分)"] == ("fee_fen", "integer") and types["通话秒"][1] == "integer"
    assert contract.column("status_code").codes == ("A", "B", "C")
    assert (contract.date_format, contract.timestamp_format) == ("%Y-%m-%d", "%Y%m%d%H%M%S")


def test_the_period_and_the_version_of_the_file_name_are_groups(tmp_path):
    contract = drafted(tmp_path, "cust_10000_20260301_v2.dat", people("|").encode())
    match = contract.file_pattern.match("cust_10000_20260302_v11.dat")
    assert match and match.groupdict() == {"period": "20260302", "version": "11"}
    assert contract.feed == "cust"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", "||", "\x01", "\x1f", "|@|"])
def test_the_delimiter_is_found_whatever_its_length(tmp_path, delimiter):
    contract = drafted(tmp_path, "people.txt", people(delimiter).encode())
    assert contract.delimiter == delimiter and len(contract.columns) == 11


def test_a_file_without_header_gets_numbered_columns_that_still_have_types(tmp_path):
    contract = drafted(tmp_path, "people.txt", people(",", header=False).encode())
    assert not contract.header
    assert [column.source for column in contract.columns] == [f"column_{n}" for n in range(1, 12)]
    assert contract.columns[6].logical_type == "date" and contract.columns[2].token_domain == "msisdn"


def test_quoted_fields_gzip_a_byte_order_mark_and_crlf_are_seen(tmp_path):
    text = "id,text,n\r\n" + "".join(f'{i},"a, ""b"" {i}",{i}\r\n' for i in range(ROWS))
    contract = drafted(tmp_path, "q_20260301.csv.gz", gzip.compress(b"\xef\xbb\xbf" + text.encode()))
    assert contract.quote == '"' and [column.source for column in contract.columns] == ["id", "text", "n"]
    usage = contract.path.read_text()
    assert all(note in usage for note in ("gzip", "byte order mark", "CRLF line ends"))
    assert contract.file_pattern.match("q_20260302.csv.gz")


def test_fixed_width_is_counted_in_bytes_of_the_encoding(tmp_path):
    def pad(text, width):
        raw = text.encode("gb18030")
        return raw + b" " * (width - len(raw))

    lines = [pad(f"1{i:04d}", 8) + pad(name, 20) + pad("CITY", 8) + b"20260101"
             for i, name in enumerate(["总部", "北京市分公司", "天津", "上海浦东新区分公司"])]
    contract = drafted(tmp_path, "org_20260301.txt", b"\n".join(lines) + b"\n")
    assert (contract.format, contract.encoding) == ("fixed_width", "gb18030")
    assert [column.width for column in contract.columns] == [8, 20, 8, 8]
    assert contract.columns[3].logical_type == "date"


def test_a_last_line_with_the_count_and_the_sums_is_a_trailer(tmp_path):
    rows = [f"r{i}|2026030110{i:02d}00|{i}|{i * 3}" for i in range(ROWS)]
    total = sum(range(ROWS))
    text = "\n".join([*rows, f"TRAILER|{ROWS}|{total}|{total * 3}"]) + "\n"
    contract = drafted(tmp_path, "vc_202603011000.cdr", text.encode())
    assert (contract.control, contract.trailer_mark) == ("trailer", "TRAILER")
    assert contract.control_sums == ("column_3", "column_4")


def test_json_lines_and_arrays_get_dotted_paths(tmp_path):
    records = [{"id": f"A{i}", "raised": f"2026-03-01T10:00:{i:02d}+08:00", "object": {"cell": f"C{i}"}, "n": i,
                "is_root": i % 2 == 0, "tags": ["x"], "party": [{"name": f"someone {i}"}]} for i in range(20)]
    for name, content in (("alarm_20260301.jsonl", "\n".join(map(json.dumps, records))),
                          ("alarm_20260301.json", json.dumps(records, indent=1))):
        contract = drafted(tmp_path, name, content.encode())
        assert contract.format == ("json_lines" if name.endswith("l") else "json_array")
        types = {column.source: (column.name, column.logical_type) for column in contract.columns}
        assert types == {"id": ("id", "string"), "raised": ("raised_at", "timestamp"), "n": ("n", "integer"),
                         "object.cell": ("object_cell", "string"), "is_root": ("is_root", "boolean"),
                         "tags": ("tags", "array"), "party": ("party_token", "string")}
        assert contract.timestamp_format == "iso" and contract.key == ("id",)


def test_a_spreadsheet_is_read_by_its_header(tmp_path):
    import openpyxl

    book = openpyxl.Workbook()
    book.active.append(["response_id", "score", "answered on"])
    for i in range(20):
        book.active.append([f"R{i}", i % 10, f"2026-03-{i + 1:02d}"])
    book.save(tmp_path / "made.xlsx")
    contract = drafted(tmp_path, "survey_202603.xlsx", (tmp_path / "made.xlsx").read_bytes())
    assert [(column.name, column.logical_type) for column in contract.columns] == [
        ("response_id", "string"), ("score", "integer"), ("answered_on", "date")]


def test_a_key_of_two_columns_is_found_and_without_any_nothing_is_dropped(tmp_path):
    pairs = "a,b,x\n" + "".join(f"k{i // 4},m{i % 4},1.5\n" for i in range(40))
    assert drafted(tmp_path, "pairs.csv", pairs.encode()).key == ("a", "b_code")
    same = drafted(tmp_path, "same.csv", ("a,b\n" + "k,1.5\n" * 20).encode())
    assert (same.key, same.duplicate_policy) == ((), "none")


def test_dates_with_the_month_first_are_told_from_dates_with_the_day_first(tmp_path):
    american = "d,n\n" + "".join(f"{i % 12 + 1}/{i + 1}/2026,{i}\n" for i in range(28))
    assert drafted(tmp_path, "a.csv", american.encode()).date_format == "%m/%d/%Y"
    european = "d,n\n" + "".join(f"{i + 1}/{i % 12 + 1}/26,{i}\n" for i in range(28))
    assert drafted(tmp_path, "b.csv", european.encode()).date_format == "%d/%m/%y"


def test_numbers_with_leading_zeros_stay_text(tmp_path):
    text = "zip,n\n" + "".join(f"0{1000 + i},{i}\n" for i in range(ROWS))
    contract = drafted(tmp_path, "z.csv", text.encode())
    assert contract.column("zip").logical_type == "string" and contract.column("n").logical_type == "integer"


@pytest.mark.parametrize(("name", "content", "reason"), [
    ("empty.csv", b"", "empty"),
    ("picture.bin", b"\x89PNG\x00\x01", "zero bytes"),
    ("prose.txt", b"one line\nand another, longer line\n", "no delimiter"),
    ("broken.json", b"[{\"a\": 1, ]", "not"),
    ("latin.txt", b"a|b\n\xe9\xff|1\n", "neither UTF-8 nor GB18030"),
    ("damaged.xlsx", b"PK\x03\x04 and no more", "damaged"),
    ("cut.csv.gz", gzip.compress(b"a,b\n1,2\n" * 999, mtime=0)[:-9], "cut.csv.gz"),
])
def test_a_sample_that_looks_like_nothing_is_refused_in_one_line(tmp_path, name, content, reason):
    sample = tmp_path / name
    sample.write_bytes(content)
    with pytest.raises(ValueError) as refusal:
        draft(sample)
    assert reason in str(refusal.value) and "\n" not in str(refusal.value)


def test_a_missing_sample_is_named(tmp_path):
    with pytest.raises(ValueError, match="no such file"):
        draft(tmp_path / "missing.csv")


def test_only_the_first_megabytes_of_a_large_sample_are_read(tmp_path):
    sample = tmp_path / "large_20260301.csv"
    with sample.open("wb") as file:
        file.write(b"id,seconds\n")
        for block in range(40):
            file.write(b"".join(b"%d,%d\n" % (i, i % 60) for i in range(block * 25_000, (block + 1) * 25_000)))
        file.write(b"\xff\xff not,even,text\n")
    text = draft(sample)
    assert "Sample: 50000 rows read" in text


def test_every_personal_column_of_the_sample_operator_is_found_without_its_contract(tmp_path):
    """Extracts without header say nothing but their values; missing a person would be worse than one too many."""
    shipped = contracts.load_all(REPO / "data_contracts")
    write_sample(tmp_path / "landing", tmp_path / "truth", contracts=shipped, subscribers=200, months=1, seed=5,
                 faults=False)
    for feed in ("customer", "account", "rated_voice", "port_message", "staff", "contact"):
        (contract,) = [c for c in shipped.values() if c.feed == feed]
        named = [p for p in (tmp_path / "landing" / contract.family).iterdir() if contract.file_pattern.match(p.name)]
        sample = max(named, key=lambda path: path.stat().st_size)
        guess = drafted(tmp_path, sample.name, sample.read_bytes())
        assert (guess.format, guess.delimiter, guess.header, guess.trailer_mark) == (
            contract.format, contract.delimiter, contract.header, contract.trailer_mark)
        is_named = contract.header or contract.format.startswith("json")
        found = ({column.source for column in guess.personal} if is_named else
                 {contract.columns[place].source for place, column in enumerate(guess.columns) if column.is_personal})
        assert found >= {column.source for column in contract.personal}, feed
        assert guess.file_pattern.match(sample.name), feed
