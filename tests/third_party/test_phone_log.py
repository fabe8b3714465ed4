"""One subscriber's log of five billing months as a usage feed; its dates are written in two ways."""

from datetime import datetime
from decimal import Decimal

import pytest

FEED = "billing__phone_record"


@pytest.fixture(scope="module")
def log(make_site, shared):
    site = make_site()
    site.deliver(FEED, "phone_data_20150331_v1.csv", shared / "phone_log" / "phone_data.csv")
    site.take_in()
    return site


def test_all_830_records_are_accepted_and_split_by_kind(log):
    (file,) = log.files()
    assert (file["state"], file["delivered_rows"], file["accepted_rows"]) == ("accepted", 830, 830)
    assert dict(log.rows(FEED, "usage_type_code, count(*)", "group by all")) == {"call": 388, "sms": 292, "data": 150}


def test_records_and_call_seconds_by_billing_month_are_the_published_ones(log):
    by_month = log.rows(FEED, "billing_month, count(*), sum(quantity) filter (usage_type_code = 'call')",
                        "group by all order by 1")
    assert by_month == [("2014-11", 230, Decimal(25547)), ("2014-12", 157, Decimal(13561)),
                        ("2015-01", 205, Decimal(17070)), ("2015-02", 137, Decimal(14416)),
                        ("2015-03", 101, Decimal(21727))]
    assert sum(row[2] for row in by_month) == 92_321


def test_years_of_two_and_of_four_digits_give_the_same_kind_of_instant(log, shared):
    text = (shared / "phone_log" / "phone_data.csv").read_text().splitlines()
    assert any(",15/10/14 06:58," in line for line in text) and any(",1/11/2014 6:58," in line for line in text)
    assert log.rows(FEED, "min(started_at_local), max(started_at_local), count(started_at)") == [
        (datetime(2014, 10, 15, 6, 58), datetime(2015, 3, 14, 0, 16), 830)]


def test_utc_and_local_time_differ_by_the_summer_hour_of_the_zone(log):
    offsets = dict(log.rows(FEED, "date_diff('minute', started_at, started_at_local), max(started_at_local)",
                            "group by all order by 1 desc"))
    assert list(offsets) == [60, 0] and offsets[60] < datetime(2014, 10, 26, 2)


def test_megabytes_keep_their_three_decimals(log):
    assert log.rows(FEED, "quantity", "where record_id = 0") == [(Decimal("34.429"),)]
