"""Six 3GPP TS 32.435 files of other people, through the shipped measurement contract."""

from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest
from lxml import etree

FEED = "network__measurement"
SHIPPED = Path(__file__).resolve().parents[2] / "data_contracts"
NODE = "A20230515.0700_0100-0715_0100_GNODEB-0.xml"  # its own name
NAMES = {
    "ts32435_A1.xml": "A20000301.1400+0200-1415+0200_A1.xml",
    "ts32435_A2.xml": "A20000302.1400+0200-1415+0200_A2.xml",
    "ts32435_A3.xml": "A20050609.1300-0500-1315-0500_A3.xml",
    "ts32435_A4.xml": "A20000304.1400+0200-1415+0200_A4.xml",
    "ts32435_pm.xml": "A20000305.1400+0000-1500+0000_pm.xml",
    NODE: NODE,
}
RESULTS = {"ts32435_A1.xml": 12, "ts32435_A2.xml": 12, "ts32435_A3.xml": 10, "ts32435_A4.xml": 9,
           "ts32435_pm.xml": 5, NODE: 2667}
FACTS = ("managed_element, measured_object, meas_info_id, job_id, counter_name, value_text, value_number, is_suspect,"
         " granularity_s, begin_at, end_at")


@pytest.fixture(scope="module")
def network(make_site, shared):
    site = make_site(SHIPPED)
    for source, name in NAMES.items():
        site.deliver(FEED, name, shared / "pm_3gpp" / source)
    site.take_in()
    return site


def of(source: str) -> str:
    return f"where source_file = '{NAMES[source]}'"


def test_every_result_of_the_six_files_is_one_accepted_row(network):
    counts = {file["file_name"]: (file["state"], file["delivered_rows"], file["accepted_rows"])
              for file in network.files("state <> 'missing'")}
    assert counts == {NAMES[source]: ("accepted", rows, rows) for source, rows in RESULTS.items()}
    assert network.rows(FEED, "count(*)") == [(sum(RESULTS.values()),)]


def test_the_list_form_and_the_positional_form_give_equal_facts(network):
    lists, positions = (network.rows(FEED, FACTS, of(name) + " order by all")
                        for name in ("ts32435_A1.xml", "ts32435_A2.xml"))
    assert len(lists) == 12 and lists == positions


def test_a_result_that_is_not_sent_is_no_row_and_not_a_zero(network):
    sent = {row[:2] for row in network.rows(FEED, "measured_object, counter_name", of("ts32435_A4.xml"))}
    all_of_them = {row[:2] for row in network.rows(FEED, "measured_object, counter_name", of("ts32435_A1.xml"))}
    assert {(ldn[-3:], counter) for ldn, counter in all_of_them - sent} == {
        ("997", "attImmediateAssignProcs"), ("998", "succImmediateAssignProcs"), ("999", "attTCHSeizures")}


def test_a_value_of_the_standard_arrives_with_its_period_and_zone(network):
    found = network.rows(FEED, "value_text, value_number, granularity_s, end_at, is_suspect",
                         of("ts32435_A1.xml") + " and measured_object like '%997' and counter_name = 'succTCHSeizures'")
    assert found == [("345", Decimal(345), 900, datetime(2000, 3, 1, 12, 14, 30), False)]


def test_suspect_objects_keep_their_values_and_their_mark(network):
    suspects = network.rows(FEED, "source_file, count(distinct measured_object), count(*)",
                            "where is_suspect group by all order by 1")
    node = [(NODE, *_suspects_of_the_node(network))]
    assert suspects == sorted([(NAMES["ts32435_A1.xml"], 1, 4), (NAMES["ts32435_A2.xml"], 1, 4),
                               (NAMES["ts32435_A4.xml"], 1, 3), *node])


def _suspects_of_the_node(network) -> tuple[int, int]:
    """(objects, results) with a suspect mark that is true, counted by a plain XML parser."""
    tree = etree.parse(str(network.home.landing / "network" / NODE))
    marked = [value for value in tree.iterfind(".//{*}measValue") if value.findtext("{*}suspect") == "true"]
    return len({value.get("measObjLdn") for value in marked}), sum(len(value.findall("{*}r")) for value in marked)


def test_three_groups_of_one_file_keep_their_own_granularity(network):
    assert network.rows(FEED, "meas_info_id, job_id, granularity_s, count(*)",
                        of("ts32435_A3.xml") + " group by all order by 1") == [
        ("Category A", "01", 900, 4), ("Category B", "02", 900, 4), ("Category C", "03", 1800, 2)]


def test_an_empty_object_name_means_the_managed_element_itself(network):
    assert network.rows(FEED, "distinct managed_element, measured_object", of("ts32435_pm.xml")) == [
        ("NodeName", "NodeName")]


def test_a_placeholder_is_kept_as_text_and_is_no_number(network):
    assert network.rows(FEED, "counter_name, value_text", of("ts32435_pm.xml") + " and value_number is null") == [
        ("...", "...")]


def test_a_real_node_file_of_34_groups_and_880_counters_is_read_whole(network):
    tree = etree.parse(str(network.home.landing / "network" / NODE))
    groups, wanted = tree.findall(".//{*}measInfo"), set()
    assert (len(groups), len(tree.findall(".//{*}measType"))) == (34, 880)
    for group in groups:
        counters = {item.get("p"): item.text for item in group.iterfind("{*}measType")}
        wanted |= {(value.get("measObjLdn"), counters[result.get("p")], result.text)
                   for value in group.iterfind("{*}measValue") for result in value.iterfind("{*}r")}
    rows = network.rows(FEED, "measured_object, counter_name, value_text", of(NODE))
    assert len(wanted) == len(rows) == 2667 and set(rows) == wanted
    with_values = {group.get("measInfoId") for group in groups if group.find("{*}measValue") is not None}
    assert network.rows(FEED, "count(distinct meas_info_id), min(begin_at), max(end_at)", of(NODE)) == [
        (len(with_values), datetime(2023, 5, 15, 6), datetime(2023, 5, 15, 6, 15))]
    assert network.rows(FEED, "count(*)", of(NODE) + " and value_number is null and value_text like '%,%'") == [(409,)]
