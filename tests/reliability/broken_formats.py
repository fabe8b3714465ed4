"""Broken files of a format: XML, JSON, roaming files, spreadsheets, and what files are packed in."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from collections.abc import Callable

import openpyxl

from tests.reliability.broken_files import Bench, Outcome, kind
from tests.reliability.broken_rows import DAY, VOICE, lines_of, whole_file

MEASUREMENT, TICKET, ALARM = "network__measurement", "call_center__ticket", "network__alarm"
TAP, SURVEY = "billing__tap_in", "crm__market_survey"
HOUR, DAYTIME, TICKET_DAY, TAP_DAYS, SURVEY_MONTH = "2026010510", "202601051", "20260109", "2026010", "202601"
MB = 1 << 20
BOMB = (b"0" * 999 + b"\n") * (20 * MB // 1000)  # packs to less than a 250th


def _xml(bench: Bench, change: Callable[[bytes], bytes]) -> Outcome:
    """Breaks the second of the quarter-hours; the verdict is for the kind to say."""
    name = bench.names()[1]
    bench.write(name, change(gzip.decompress(bench.read(name))))
    return Outcome(files={name: ("accepted", "")})


def _refused_xml(bench: Bench, change: Callable[[bytes], bytes], reason: str) -> Outcome:
    _xml(bench, change)
    return whole_file(bench, bench.names()[1], reason)


@kind(MEASUREMENT, HOUR)
def xml_cut_in_half(bench: Bench) -> Outcome:
    return _refused_xml(bench, lambda text: text[: len(text) // 2], "xml_truncated")


@kind(MEASUREMENT, HOUR)
def xml_with_rubbish_inside(bench: Bench) -> Outcome:
    return _refused_xml(bench, lambda text: text.replace(b"<measType", b"<<measType", 1), "xml_damaged")


def _with_type(text: bytes, declaration: bytes, value: bytes) -> bytes:
    head, _, body = text.partition(b"?>")
    return head + b"?><!DOCTYPE x [" + declaration + b"]>" + body.replace(b'<r p="1">', b'<r p="1">' + value, 1)


@kind(MEASUREMENT, HOUR)
def xml_bomb_of_entities(bench: Bench) -> Outcome:
    bomb = b'<!ENTITY a0 "lol">' + b"".join(
        b'<!ENTITY a%d "%s">' % (n, (b"&a%d;" % (n - 1)) * 10) for n in range(1, 12))
    return _refused_xml(bench, lambda text: _with_type(text, bomb, b"&a11;"), "xml_")


@kind(MEASUREMENT, HOUR)
def xml_that_asks_for_a_file_of_the_machine(bench: Bench) -> Outcome:
    wish = b'<!ENTITY wish SYSTEM "file:///etc/passwd">'
    return _refused_xml(bench, lambda text: _with_type(text, wish, b"&wish;"), "xml_")


@kind(MEASUREMENT, HOUR)
def xml_that_asks_the_network(bench: Bench) -> Outcome:
    wish = b'<!ENTITY % wish SYSTEM "http://127.0.0.1:9/x.dtd"> %wish;'
    return _refused_xml(bench, lambda text: _with_type(text, wish, b""), "xml_")


@kind(MEASUREMENT, HOUR)
def xml_nested_without_end(bench: Bench) -> Outcome:
    return _refused_xml(bench, lambda text: text.replace(b"<measInfo", b"<a>" * 100_000 + b"<measInfo", 1), "xml_")


@kind(MEASUREMENT, HOUR)
def xml_period_longer_than_time(bench: Bench) -> Outcome:
    name = bench.names()[1]
    text = gzip.decompress(bench.read(name)).replace(b'duration="PT900S" endTime', b'duration="P9999999D" endTime')
    bench.write(name, text)
    rows = sorted(line for file, line, _ in bench.good.rows.values() if file == name)
    return Outcome(rejects=[("no_period", None, name, line) for line in rows], lost=bench.keys(name))


@kind(MEASUREMENT, HOUR)
def xml_of_something_else(bench: Bench) -> Outcome:
    return _refused_xml(bench, lambda text: b"<html><body>404</body></html>", "xml_root")


@kind(MEASUREMENT, HOUR)
def xml_in_an_encoding_of_nobody(bench: Bench) -> Outcome:
    return _refused_xml(bench, lambda text: text.replace(b"UTF-8", b"KLINGON", 1), "xml_damaged")


@kind(MEASUREMENT, HOUR)
def counter_that_is_suspect(bench: Bench) -> Outcome:
    """Loaded and marked: whether a suspect value counts is for the warehouse to say."""
    outcome = _xml(bench, lambda text: text.replace(b"</measValue>", b"<suspect>true</suspect></measValue>", 1))
    name = bench.names()[1]
    first = bench.good.rows[next(iter(bench.keys(name, {1})))][2]
    place = [column for column, _ in bench.contract.lake_columns].index("measured_object")
    outcome.changed = {key for key in bench.keys(name) if bench.good.rows[key][2][place] == first[place]}
    assert outcome.changed
    return outcome


@kind(MEASUREMENT, DAYTIME)
def missing_quarter_hour(bench: Bench) -> Outcome:
    name = bench.names()[1]
    bench.remove(name)
    return Outcome(lost=bench.keys(name), missing=("measurement OMC1 202601051015",))


def _tickets(bench: Bench) -> list[dict]:
    return json.loads(bench.read(bench.largest()))


@kind(TICKET, TICKET_DAY)
def two_versions_of_a_ticket_out_of_order(bench: Bench) -> Outcome:
    """Both are loaded: which is the newer one is told by its own time, not by its place."""
    name, tickets = bench.largest(), _tickets(bench)
    older = tickets[0] | {"lastUpdate": "2026-01-01T00:00:00+08:00"}
    bench.write(name, json.dumps([*tickets, older], ensure_ascii=False).encode())
    names = [column for column, _ in bench.contract.lake_columns]
    (good,) = bench.keys(name, {1})
    place = bench.contract.key.index("ticket_id")
    moment = bench.good.rows[good][2][names.index(bench.contract.key[1 - place])]
    day_before = moment.replace(year=2025, month=12, day=31, hour=16, minute=0, second=0)
    key = (good[place], day_before) if place == 0 else (day_before, good[place])
    return Outcome(files={name: ("accepted", "")}, gained={key})


@kind(TICKET, TICKET_DAY)
def json_cut_in_half(bench: Bench) -> Outcome:
    bench.write(bench.largest(), bench.read(bench.largest())[:-300])
    return whole_file(bench, bench.largest(), "json_truncated")


@kind(TICKET, TICKET_DAY)
def json_with_text_behind_its_end(bench: Bench) -> Outcome:
    bench.write(bench.largest(), bench.read(bench.largest()) + b"[]")
    return whole_file(bench, bench.largest(), "json_damaged")


@kind(TICKET, TICKET_DAY)
def json_nested_too_deep(bench: Bench) -> Outcome:
    name = bench.largest()
    deep = b'"deep":' + b'{"a":' * 50_000 + b"1" + b"}" * 50_000 + b","
    bench.write(name, bench.read(name).replace(b'{"id"', b"{" + deep + b'"id"', 1))
    return Outcome(rejects=[("nested_too_deep", None, name, 1)], lost=bench.keys(name, {1}))


@kind(ALARM, DAY)
def json_lines_nested_too_deep(bench: Bench) -> Outcome:
    name, lines = bench.largest(), lines_of(bench, bench.largest())
    lines[1] = lines[1].replace(b'{"id"', b'{"deep":' + b"[" * 100_000 + b"]" * 100_000 + b',"id"')
    bench.write(name, b"".join(line + b"\n" for line in lines))
    return Outcome(rejects=[("nested_too_deep", None, name, 2)], lost=bench.keys(name, {2}))


@kind(ALARM, DAY)
def json_lines_whose_last_line_is_cut(bench: Bench) -> Outcome:
    name = bench.largest()
    bench.write(name, bench.read(name)[:-40])
    last = len(lines_of(bench, name))
    return Outcome(rejects=[("not_json", None, name, last)], lost=bench.keys(name, {last}))


@kind(ALARM, DAY)
def json_lines_with_two_objects_on_a_line(bench: Bench) -> Outcome:
    name, lines = bench.largest(), lines_of(bench, bench.largest())
    bench.write(name, b"\n".join([lines[0] + lines[1], *lines[2:]]) + b"\n")
    bad = bench.keys(name, {1, 2})
    return Outcome(rejects=[("not_json", None, name, 1)], lost=bad)


@kind(ALARM, DAY)
def json_time_beyond_the_calendar(bench: Bench) -> Outcome:
    name, lines = bench.largest(), lines_of(bench, bench.largest())
    times = [b"294246-12-31T23:59:59Z", b"infinity", b"epoch", b"now"]
    for at, text in enumerate(times):
        record = json.loads(lines[at])
        lines[at] = json.dumps(record | {"alarmChangedTime": text.decode()}, ensure_ascii=False).encode()
    bench.write(name, b"".join(line + b"\n" for line in lines))
    bad = range(1, len(times) + 1)
    return Outcome(rejects=[("bad_type", "changed_at", name, at) for at in bad], lost=bench.keys(name, bad))


def _tap(bench: Bench) -> str:
    """The largest roaming file of the days."""
    return bench.largest()


@kind(TAP, TAP_DAYS)
def roaming_file_cut(bench: Bench) -> Outcome:
    name = _tap(bench)
    bench.write(name, bench.read(name)[:-100])
    return whole_file(bench, name, "ber_truncated")


@kind(TAP, TAP_DAYS)
def roaming_file_with_rubbish_behind_it(bench: Bench) -> Outcome:
    bench.write(_tap(bench), bench.read(_tap(bench)) + b"rubbish")
    return whole_file(bench, _tap(bench), "ber_garbled")


@kind(TAP, TAP_DAYS)
def roaming_file_nested_without_end(bench: Bench) -> Outcome:
    name = _tap(bench)
    bench.write(name, b"\x61\x80" * 200_000)
    return whole_file(bench, name, "ber_")


@kind(TAP, TAP_DAYS)
def roaming_file_that_carries_another_number(bench: Bench) -> Outcome:
    name = _tap(bench)
    last = bench.names()[-1]
    bench.write(last, bench.read(name) + b"\0")  # filling, so that it is no copy
    return Outcome(files={last: ("rejected", "tap_other")}, lost=bench.keys(last))


@kind(TAP, TAP_DAYS)
def roaming_sequence_with_a_gap(bench: Bench) -> Outcome:
    name = next(name for name in bench.names() if "20260105" in name)
    bench.remove(name)
    return Outcome(lost=bench.keys(name), missing=("tap_in",))


def _book(bench: Bench) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(bench.read(bench.largest())))


def _save(bench: Bench, book: openpyxl.Workbook) -> str:
    out = io.BytesIO()
    book.save(out)
    bench.write(bench.largest(), out.getvalue())
    return bench.largest()


@kind(SURVEY, SURVEY_MONTH)
def spreadsheet_that_is_none(bench: Bench) -> Outcome:
    bench.write(bench.largest(), b"\xd0\xcf\x11\xe0 locked with a password")
    return whole_file(bench, bench.largest(), "xlsx_damaged")


@kind(SURVEY, SURVEY_MONTH)
def spreadsheet_cut_in_half(bench: Bench) -> Outcome:
    bench.write(bench.largest(), bench.read(bench.largest())[: len(bench.read(bench.largest())) // 2])
    return whole_file(bench, bench.largest(), "xlsx_damaged")


@kind(SURVEY, SURVEY_MONTH)
def spreadsheet_without_the_agreed_sheet(bench: Bench) -> Outcome:
    book = _book(bench)
    book[bench.contract.options["sheet"]].title = "Sheet1"
    return whole_file(bench, _save(bench, book), "missing_sheet")


def _cell(bench: Bench, value: str, reason: str) -> Outcome:
    """The last cell of the second row holds something that is no value."""
    book = _book(bench)
    sheet = book[bench.contract.options["sheet"]]
    sheet.cell(2, sheet.max_column).value = value
    name = _save(bench, book)
    return Outcome(rejects=[(reason, None, name, 2)], lost=bench.keys(name, {2}))


@kind(SURVEY, SURVEY_MONTH)
def spreadsheet_formula_without_its_value(bench: Bench) -> Outcome:
    return _cell(bench, "=1+1", "formula_without_value")


@kind(SURVEY, SURVEY_MONTH)
def spreadsheet_cell_with_an_error(bench: Bench) -> Outcome:
    return _cell(bench, "#REF!", "error_in_cell")


def _members(bench: Bench, change: Callable[[bytes], bytes]) -> str:
    """The spreadsheet with the XML of its sheets changed."""
    name, out = bench.largest(), io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(bench.read(name))) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.namelist():
            data = old.read(member)
            new.writestr(member, change(data) if member.startswith("xl/worksheets/sheet") else data)
    bench.write(name, out.getvalue())
    return name


@kind(SURVEY, SURVEY_MONTH)
def spreadsheet_with_broken_xml_inside(bench: Bench) -> Outcome:
    return whole_file(bench, _members(bench, lambda text: text[: len(text) // 2]), "xlsx_damaged")


@kind(SURVEY, SURVEY_MONTH)
def spreadsheet_with_a_bomb_of_entities(bench: Bench) -> Outcome:
    bomb = b'<!DOCTYPE x [<!ENTITY a0 "lol">' + b"".join(
        b'<!ENTITY a%d "%s">' % (n, (b"&a%d;" % (n - 1)) * 10) for n in range(1, 12)) + b"]>"

    def change(text: bytes) -> bytes:
        start = text.index(b"<worksheet")
        return text[:start] + bomb + text[start:].replace(b"<v>", b"<v>&a11;", 1)

    return whole_file(bench, _members(bench, change), "xlsx_damaged")


@kind(SURVEY, SURVEY_MONTH)
def spreadsheet_that_claims_a_million_columns(bench: Bench) -> Outcome:
    """A stray mark far below the table: rows and columns in between are empty."""
    def change(text: bytes) -> bytes:
        far = b'<row r="1048576"><c r="XFD1048576" t="n"></c></row></sheetData>'
        text = text.replace(b"</sheetData>", far, 1)
        start = text.find(b"<dimension")
        if start >= 0:
            text = text[:start] + text[text.index(b">", start) + 1:]
        return text.replace(b"<sheetData>", b'<dimension ref="A1:XFD1048576"/><sheetData>', 1)

    return Outcome(files={_members(bench, change): ("accepted", "")})


@kind(SURVEY, SURVEY_MONTH)
def spreadsheet_that_is_a_bomb(bench: Bench) -> Outcome:
    return whole_file(bench, _members(bench, lambda text: text + b" " * (300 * MB)), "too_large")


def _voice(bench: Bench, change: Callable[[bytes], bytes], reason: str) -> Outcome:
    name = bench.largest()
    bench.write(name, change(bench.read(name)))
    return whole_file(bench, name, reason)


@kind(VOICE, DAY)
def gzip_cut(bench: Bench) -> Outcome:
    return _voice(bench, lambda data: gzip.compress(data)[:-40], "gzip_damaged")


@kind(VOICE, DAY)
def gzip_with_rubbish_behind_it(bench: Bench) -> Outcome:
    return _voice(bench, lambda data: gzip.compress(data) + b"rubbish", "gzip_damaged")


@kind(VOICE, DAY)
def gzip_of_two_parts(bench: Bench) -> Outcome:
    """As some hosts write them; together they are the file."""
    name = bench.largest()
    data = bench.read(name)
    bench.write(name, gzip.compress(data[:100]) + gzip.compress(data[100:]))
    return Outcome(files={name: ("accepted", "")})


@kind(VOICE, DAY)
def gzip_of_a_gzip(bench: Bench) -> Outcome:
    return _voice(bench, lambda data: gzip.compress(gzip.compress(data)), "packed_twice")


@kind(VOICE, DAY)
def gzip_that_is_a_bomb(bench: Bench) -> Outcome:
    return _voice(bench, lambda _: gzip.compress(BOMB, 6), "too_large")


@kind(VOICE, DAY)
def gzip_of_blank_lines_that_is_a_bomb(bench: Bench) -> Outcome:
    return _voice(bench, lambda _: gzip.compress(b"\n" * (20 * MB), 9), "too_large")


def _zip(names: list[str], data: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, data)
    return out.getvalue()


@kind(VOICE, DAY)
def zip_that_is_a_bomb(bench: Bench) -> Outcome:
    return _voice(bench, lambda _: _zip(["x"], BOMB), "too_large")


@kind(VOICE, DAY)
def zip_of_two_files(bench: Bench) -> Outcome:
    return _voice(bench, lambda data: _zip(["a", "b"], data), "zip_members")


@kind(VOICE, DAY)
def zip_whose_member_wants_to_leave_the_folder(bench: Bench) -> Outcome:
    """Nothing is unpacked to a name: the content is read, wherever it says it belongs."""
    name = bench.largest()
    bench.write(name, _zip(["../../../../tmp/evil"], bench.read(name)))
    return Outcome(files={name: ("accepted", "")})


@kind(VOICE, DAY)
def zip_with_a_password(bench: Bench) -> Outcome:
    def lock(data: bytes) -> bytes:
        packed = bytearray(_zip(["x"], data))
        packed[6] |= 1  # the flags of the file and of its entry in the directory
        packed[packed.index(b"PK\x01\x02") + 8] |= 1
        return bytes(packed)

    return _voice(bench, lock, "gzip_damaged")


@kind(VOICE, DAY)
def zip_packed_in_a_way_of_nobody(bench: Bench) -> Outcome:
    def pack(data: bytes) -> bytes:
        packed = bytearray(_zip(["x"], data))
        packed[8] = packed[packed.index(b"PK\x01\x02") + 10] = 77
        return bytes(packed)

    return _voice(bench, pack, "gzip_damaged")


@kind(VOICE, DAY)
def file_larger_than_agreed(bench: Bench) -> Outcome:
    name = bench.largest()
    size = len(bench.read(name))
    bench.agree(options=bench.contract.options | {"largestBytes": size - 1}, largest_bytes=size - 1)
    return whole_file(bench, name, "too_large")


@kind(VOICE, DAY)
def line_without_end(bench: Bench) -> Outcome:
    def widen(data: bytes) -> bytes:
        return data.replace(b"|HOME|", b"|" + b"0" * (44 * MB) + b"|", 1)

    return _voice(bench, widen, "line_too_long")


@kind(VOICE, DAY)
def bytes_of_a_picture(bench: Bench) -> Outcome:
    noise = bytes((n * 7919 + n // 3) % 256 for n in range(20_000))
    return _voice(bench, lambda _: b"\x89PNG\r\n" + noise, "control_")
