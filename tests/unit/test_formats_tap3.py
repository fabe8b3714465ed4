"""Roaming files: what a clearing house sends, whole, cut, garbled, out of sequence and with a wrong audit block."""

import polars as pl
import pytest
from contract_helper import read_rows

from orchestration import contracts, deliveries, incoming, ingest, ledger, settings
from orchestration.formats import FormatError
from orchestration.sample_operator import Plan, tap_files
from orchestration.sample_operator.tap_files import Header, group, number, text, tlv

CONTRACT = contracts.load(settings.REPO / "data_contracts" / "billing" / "tap_in.odcs.yaml")
PLAN = Plan(subscribers=50, months=1, seed=1)
HEADER = Header("THAP1", "CHNBS", 107, 3, 7)
EVENTS = pl.DataFrame({
    "kind": [0, 1, 2, 4, 5], "second": [36_000, 36_100, 36_200, 36_300, 86_399],
    "duration_s": [61, 30, 0, 600, 0], "received_bytes": [0, 0, 0, 3_000_000_000, 0],
    "sent_bytes": [0, 0, 0, 128, 0], "charge_units": [700, 120, 90, 1, 15], "imsi": [460990000000001] * 5,
    "msisdn": [8618812345678] * 5, "other": [66900000001, 8618900000002, 95588, 0, 0],
    "entity": ["MSC-A", "MSC-A", "MSC-B", "MSC-B", "MSC-A"]})


@pytest.fixture
def whole() -> bytes:
    return tap_files.transfer_batch(PLAN, HEADER, EVENTS)


def rows_of(tmp_path, data: bytes):
    return read_rows(tmp_path, data, CONTRACT)


def fails(tmp_path, data: bytes) -> str:
    with pytest.raises(FormatError) as error:
        rows_of(tmp_path, data)
    return error.value.code


def test_every_call_event_is_one_row_with_its_numbers_charge_and_place(tmp_path, whole):
    rows, reading = rows_of(tmp_path, whole)
    wanted = ("event_type_code", "tele_service_code", "counterpart_token", "duration_s", "charge_units",
              "recording_entity")
    assert [tuple(row[name] for name in wanted) for row in rows] == [
        ("MOC", "11", "66900000001", "61", "700", "MSC-A"), ("MTC", "11", "18900000002", "30", "120", "MSC-A"),
        ("MOC", "22", "95588", "0", "90", "MSC-B"), ("GPRS", None, None, "600", "1", "MSC-B"),
        ("OTHER", None, None, None, "15", "MSC-A")]
    assert (rows[3]["received_bytes"], rows[3]["sent_bytes"]) == ("3000000000", "128")
    assert {(row["sender_code"], row["recipient_code"], row["file_sequence"]) for row in rows} == {
        ("THAP1", "CHNBS", "00107")}
    assert {(row["currency_code"], row["currency_decimals"], row["imsi_token"]) for row in rows} == {
        ("XDR", "3", "460990000000001")}
    assert [row["line_number"] for row in rows] == [1, 2, 3, 4, 5]
    assert reading.control == {"rows": 5, "sums": {"charge_units": "926"}}


def test_times_are_those_of_the_visited_network_with_its_offset(tmp_path, whole):
    rows, _ = rows_of(tmp_path, whole)
    assert rows[0]["started_at"] == "2026-01-01T09:00:00+07:00"  # ten o'clock on our clock
    assert rows[0]["available_at"] == "2026-01-04T03:00:00+07:00"


def test_numbers_of_our_own_country_are_national_and_others_are_not(tmp_path, whole):
    rows, _ = rows_of(tmp_path, whole)
    assert (rows[0]["number_token"], rows[0]["counterpart_token"]) == ("18812345678", "66900000001")


def test_an_event_of_another_kind_is_counted_and_its_charge_is_read(tmp_path, whole):
    rows, reading = rows_of(tmp_path, whole)
    assert dict(reading.unknown_paths) == {"call event [APPLICATION 11]": 1}
    assert (rows[4]["event_tag"], rows[4]["charge_units"]) == ("11", "15")


def test_a_notification_keeps_the_sequence_and_holds_no_event(tmp_path):
    rows, reading = rows_of(tmp_path, tap_files.notification(PLAN, HEADER))
    assert (rows, reading.control) == ([], {"rows": 0, "sums": {"charge_units": "0"}})


def test_elements_of_open_length_are_read_like_those_of_known_length(tmp_path, whole):
    tag, body = whole[:1], whole[1 + 1 + (whole[1] & 0x7F):]
    rows, _ = rows_of(tmp_path, tag + b"\x80" + body + b"\0\0")
    assert rows == rows_of(tmp_path, whole)[0]


@pytest.mark.parametrize("share", [0.02, 0.2, 0.5, 0.8, 0.999])
def test_a_cut_file_is_told_from_a_garbled_one(tmp_path, whole, share):
    assert fails(tmp_path, whole[:int(len(whole) * share)]) == "ber_truncated"


def test_a_file_of_open_length_that_is_not_closed_is_cut(tmp_path, whole):
    body = whole[1 + 1 + (whole[1] & 0x7F):]
    assert fails(tmp_path, whole[:1] + b"\x80" + body) == "ber_truncated"


@pytest.mark.parametrize(("spoil", "code"), [
    (tap_files.garble, "ber_garbled"),
    (lambda data: data + b"\x01garbage", "ber_garbled"),
    (lambda data: b"\x30" + data[1:], "tap_root"),
    (lambda data: b"not a TAP file at all", "ber_truncated"),
    (lambda data: b"", "tap_empty"),
    (lambda data: b"\x61\x80" * 60, "ber_garbled"),
])
def test_what_is_no_such_file_is_refused_as_a_whole(tmp_path, whole, spoil, code):
    assert fails(tmp_path, spoil(whole)) == code


def test_filling_behind_the_content_is_no_garbage(tmp_path, whole):
    assert len(rows_of(tmp_path, whole + b"\0" * 512)[0]) == 5


def batch_without(part: int) -> bytes:
    parts = {4: group(4, text(196, "THAP1"), text(182, "CHNBS"), text(109, "00107")), 3: group(3),
             15: group(15, number(415, 0), number(43, 0))}
    return group(1, *(data for tag, data in parts.items() if tag != part))


@pytest.mark.parametrize(("part", "code"), [(4, "tap_no_batch_control"), (15, "tap_no_audit")])
def test_a_batch_without_head_or_audit_block_is_refused(tmp_path, part, code):
    assert fails(tmp_path, batch_without(part)) == code


def test_an_audit_block_that_names_another_first_event_is_wrong(tmp_path, whole):
    earlier = tap_files.transfer_batch(PLAN, HEADER, EVENTS.with_columns(pl.col("second") - 3600))
    audit = next(at for at, octet in enumerate(whole) if octet == 0x6F and at + 2 + whole[at + 1] == len(whole))
    assert fails(tmp_path, whole[:audit] + earlier[audit:]) == "tap_audit_time"


def test_every_cut_and_every_changed_byte_ends_in_rows_or_a_named_error(tmp_path, whole):
    for at in range(0, len(whole), 3):
        for data in (whole[:at], whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1:]):
            try:
                rows_of(tmp_path, data)
            except FormatError as error:
                assert error.code.startswith(("ber_", "tap_"))


def test_tags_above_thirty_and_lengths_above_127_are_written_and_read(tmp_path):
    assert tlv(407, b"x").hex() == "5f83170178"
    assert tlv(16, b"y" * 200)[:3].hex() == "5081c8"


def landed(tmp_path, files: dict[str, bytes]):
    """These files taken in as a night does it: (name, state, reason, rows) of every file, and of what is missing."""
    home = settings.home(tmp_path / "home")
    folder = home.landing / "billing"
    folder.mkdir(parents=True)
    for name, data in files.items():
        (folder / name).write_bytes(data)
    with ledger.Ledger(home.ledger) as book:
        stale = deliveries.settle(home, {CONTRACT.id: CONTRACT}, book)
        ingest.ingest(home, CONTRACT, [day for _, day in stale], book)
        return {row["file_name"]: (row["state"], row["reason"], row["accepted_rows"]) for row in book.rows(
            "select file_name, state, reason, accepted_rows from file")}


def name_of(sequence: int, day: int, version: int = 1) -> str:
    return f"CDTHAP1CHNBS{sequence:05d}_202601{day:02d}_v{version}.tap"


def test_the_audit_block_is_the_control_total_and_a_gap_in_the_sequence_is_seen(tmp_path, monkeypatch, whole):
    monkeypatch.setenv("BASS_SECRET", "x")
    wrong = tap_files.transfer_batch(PLAN, Header("THAP1", "CHNBS", 108, 3, 7), EVENTS, more_charge=7)
    other = tap_files.transfer_batch(PLAN, Header("THAP1", "CHNBS", 111, 3, 7), EVENTS)
    found = landed(tmp_path, {name_of(107, 4): whole, name_of(108, 4): wrong, name_of(110, 5): other,
                              name_of(111, 6): tap_files.notification(PLAN, Header("THAP1", "CHNBS", 111, 5, 7))})
    assert found[name_of(107, 4)] == ("accepted", None, 5)
    state, reason, rows = found[name_of(108, 4)]
    assert (state, reason, rows) == ("rejected", "control_sum: charge_units is 926, 933 announced", 0)
    mixed_up = f"tap_other_sequence: {name_of(110, 5)}: the file is number 00111"
    assert found[name_of(110, 5)][:2] == ("rejected", mixed_up)
    assert found[name_of(111, 6)] == ("accepted", None, 0)
    assert found["tap_in THAP1 000109"][:2] == ("missing", "sequence number missing")


def test_memory_follows_the_events_and_not_the_number_of_files(tmp_path, monkeypatch, whole):
    """DuckDB takes blocks of memory for every batch it is handed: 1,300 small files took more than 477 MB so."""
    monkeypatch.setenv("BASS_INGEST_MEMORY_LIMIT", "300MB")
    (tmp_path / "landing").mkdir()
    path, home = tmp_path / "landing" / name_of(107, 4), settings.home(tmp_path)
    path.write_bytes(whole)
    file = {"relative_path": path.name, "file_name": path.name, "file_date": "2026-01-05",
            "size_bytes": path.stat().st_size, "mtime_ns": path.stat().st_mtime_ns}
    files = [file] * 1300
    with ingest._connection(home, CONTRACT) as connection:
        readings = incoming.load(home, CONTRACT, files, connection)
    assert all(reading.delivered and not reading.error for reading in readings)
