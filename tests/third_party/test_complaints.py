"""A public set of telecom complaints as a ticket feed: UTF-8 with byte order mark, CRLF, quoted subjects."""

from pathlib import Path

import pytest

FEED = "call_center__complaint"
FILE = "Comcast_telecom_complaints_data_20151231_v1.csv"


@pytest.fixture(scope="module")
def source(shared) -> Path:
    return shared / "comcast_complaints" / "Comcast_telecom_complaints_data.csv"


@pytest.fixture(scope="module")
def complaints(make_site, source):
    site = make_site()
    site.deliver(FEED, FILE, source)
    site.take_in()
    return site


def test_all_2224_tickets_are_accepted_once(complaints):
    (file,) = complaints.files()
    assert (file["state"], file["delivered_rows"], file["accepted_rows"]) == ("accepted", 2224, 2224)
    assert complaints.rows(FEED, "count(distinct ticket_id), min(line_number), max(line_number)") == [(2224, 2, 2225)]


def test_each_ticket_came_through_one_of_two_channels(complaints):
    assert dict(complaints.rows(FEED, "channel_name, count(*)", "group by all")) == {
        "Customer Care Call": 1119, "Internet": 1105}


def test_states_and_regions_are_the_published_ones(complaints):
    assert dict(complaints.rows(FEED, "status_name, count(*)", "group by all")) == {
        "Solved": 973, "Closed": 734, "Open": 363, "Pending": 154}
    assert dict(complaints.rows(FEED, "is_on_behalf, count(*)", "group by all")) == {False: 2021, True: 203}
    assert complaints.rows(FEED, "state_name, count(*)", "group by all order by 2 desc limit 3") == [
        ("Georgia", 288), ("Florida", 240), ("California", 220)]


def test_both_ways_of_writing_the_day_agree(complaints):
    assert complaints.rows(FEED, "count(*)", "where strftime(received_on, '%d-%m-%y') = received_text") == [(2224,)]


def test_the_byte_order_mark_is_no_part_of_the_first_column(complaints, source):
    assert source.read_bytes().startswith(b"\xef\xbb\xbfTicket #")
    assert complaints.rows(FEED, "ticket_id", "where line_number = 2") == [("250635",)]


def test_the_one_ticket_whose_number_is_none_is_kept_as_text(complaints):
    assert complaints.rows(FEED, "ticket_id, count(*)",
                           "where not regexp_full_match(ticket_id, '[0-9]+') group by all") == [("comcas", 1)]


def test_a_contract_that_wants_numbers_rejects_that_ticket_with_its_line_and_text(make_site, source, tmp_path):
    folder = tmp_path / "strict" / "call_center"
    folder.mkdir(parents=True)
    text = (Path(__file__).parent / "contracts" / "call_center" / "complaint.odcs.yaml").read_text()
    strict = text.replace("logicalType: string\n        primaryKey", "logicalType: integer\n        primaryKey")
    (folder / "complaint.odcs.yaml").write_text(strict)
    site = make_site(folder.parent)
    site.deliver(FEED, FILE, source)
    (partition,) = site.take_in()
    assert (partition.delivered_rows, partition.accepted_rows, partition.rejected_rows) == (2224, 2223, 1)
    lines = source.read_bytes().split(b"\n")
    ((reason, column, line, raw),) = site.rejects(FEED, "reason_code, column_name, line_number, raw_text")
    assert (reason, column) == ("bad_type", "ticket_id")
    assert raw.encode() == lines[line - 1].rstrip(b"\r") and raw.startswith("comcas,")
