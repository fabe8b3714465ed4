"""3GPP measurement files: the variants that network elements really send."""

import gzip
from collections import Counter

import pytest
from contract_helper import errors_by_line, read_rows

from orchestration import contracts, settings
from orchestration.formats import FormatError

CONTRACT = contracts.load(settings.REPO / "data_contracts" / "network" / "measurement.odcs.yaml")
NAMESPACE = "http://www.3gpp.org/ftp/specs/archive/32_series/32.435#measCollec"
PERIOD = '<granPeriod duration="PT900S" endTime="2026-03-01T10:15:00+08:00"/>'
TYPES = '<measType p="1">A.B</measType><measType p="2">C</measType>'
# counters from the description of the third-party files: rows, suspect rows, distinct counter names
THIRD_PARTY = {"ts32435_A1.xml": (12, 4, 4), "ts32435_A2.xml": (12, 4, 4), "ts32435_A3.xml": (10, 0, 10),
               "ts32435_A4.xml": (9, 3, 4), "ts32435_pm.xml": (5, 0, 5),
               "A20230515.0700_0100-0715_0100_GNODEB-0.xml": (2667, 7, 880)}


def value(results: str, name: str = "Cell=1") -> str:
    return f'<measValue measObjLdn="{name}">{results}</measValue>'


def document(info: str, *more: str, footer: str = "<fileFooter/>", namespace: str = NAMESPACE) -> bytes:
    """A file with one managed element per part; `info` is the content of a measInfo."""
    data = "".join(f'<measData><managedElement localDn="NE-{number}"/><measInfo measInfoId="G">{part}</measInfo>'
                   "</measData>" for number, part in enumerate((info, *more), 1))
    return (f'<?xml version="1.0"?><measCollecFile xmlns="{namespace}"><fileHeader/>{data}{footer}'
            "</measCollecFile>").encode()


def rows_of(tmp_path, content):
    return read_rows(tmp_path, content, CONTRACT)[0]


def results_of(rows):
    return [(row["counter_name"], row["value_text"], row["value_number"]) for row in rows]


@pytest.mark.parametrize("name", THIRD_PARTY)
def test_third_party_files_give_every_result_once(shared, tmp_path, name):
    rows = rows_of(tmp_path, (shared / "pm_3gpp" / name).read_bytes())
    suspect = sum(row["is_suspect"] == "true" for row in rows)
    assert THIRD_PARTY[name][:2] == (len(rows), suspect) and not any(row["format_error"] for row in rows)
    if "GNODEB" not in name:  # the large file declares counters that no object reports
        assert len({row["counter_name"] for row in rows}) == THIRD_PARTY[name][2]
    assert [row["line_number"] for row in rows] == list(range(1, len(rows) + 1))


def test_the_list_form_and_the_positional_form_give_equal_rows(shared, tmp_path):
    first, second = (rows_of(tmp_path, (shared / "pm_3gpp" / f"ts32435_{form}.xml").read_bytes())
                     for form in ("A1", "A2"))
    assert first == second
    assert first[4]["measured_object"] == "RncFunction=RF-1,UtranCell=Gbg-998" and first[4]["value_number"] == "890"


def test_a_missing_result_is_no_row_and_not_zero(shared, tmp_path):
    rows = rows_of(tmp_path, (shared / "pm_3gpp" / "ts32435_A4.xml").read_bytes())
    assert Counter(row["counter_name"] for row in rows) == {
        "attTCHSeizures": 2, "succTCHSeizures": 3, "attImmediateAssignProcs": 2, "succImmediateAssignProcs": 2}


def test_vectors_keep_their_text_and_have_no_number(shared, tmp_path):
    rows = rows_of(tmp_path, (shared / "pm_3gpp" / "A20230515.0700_0100-0715_0100_GNODEB-0.xml").read_bytes())
    vectors = [row for row in rows if "," in (row["value_text"] or "")]
    assert vectors and all(row["value_number"] is None for row in vectors)
    assert rows[0]["begin_at"] == "2023-05-15T07:00:00+01:00" and rows[0]["granularity_s"] == "900"


def test_nil_is_null_and_numbers_are_plain_decimals(tmp_path):
    listed = ("NIL", "nil", "-1", "+2.50", "1.5E3", "12e-3", "0x1F", "1_0", "12345678901234567890.123")
    info = PERIOD + f"<measTypes>{' '.join('abcdefghi')}</measTypes>" + \
        value(f"<measResults> {' '.join(listed)}\n</measResults>")
    rows = rows_of(tmp_path, document(info))
    assert [row["value_text"] for row in rows] == [None, None, *listed[2:]]
    assert [row["value_number"] for row in rows] == [None, None, "-1", "+2.50", "1500", "0.012", None, None,
                                                     "12345678901234567890.123"]
    assert not any(row["format_error"] for row in rows)


def test_an_empty_result_is_nil_and_an_object_without_results_is_no_row(tmp_path):
    info = PERIOD + TYPES + value('<r p="1"/><r p="2"> 7 </r>') + value("") + value("<suspect>true</suspect>")
    assert results_of(rows_of(tmp_path, document(info))) == [("A.B", None, None), ("C", "7", "7")]


def test_every_managed_element_and_group_of_a_file_is_read_with_its_own_names(tmp_path):
    second = ('<job jobId="7"/>' + PERIOD.replace("900S", "15M") + '<measType p="1">X</measType>'
              + value('<r p="1">3</r>'))
    other = "</measInfo><measInfo>" + PERIOD.replace("PT900S", "PT1H") + '<measType p="1">Y</measType>' + value(
        '<r p="1">4</r><suspect>true</suspect>')
    rows = rows_of(tmp_path, document(PERIOD + TYPES + value('<r p="1">1</r><r p="2">2</r>'), second + other))
    assert [(row["managed_element"], row["meas_info_id"], row["job_id"], row["counter_name"], row["value_text"],
             row["is_suspect"], row["granularity_s"], row["begin_at"]) for row in rows] == [
        ("NE-1", "G", None, "A.B", "1", "false", "900", "2026-03-01T10:00:00+08:00"),
        ("NE-1", "G", None, "C", "2", "false", "900", "2026-03-01T10:00:00+08:00"),
        ("NE-2", "G", "7", "X", "3", "false", "900", "2026-03-01T10:00:00+08:00"),
        ("NE-2", None, None, "Y", "4", "true", "3600", "2026-03-01T09:15:00+08:00")]


@pytest.mark.parametrize("duration", ["PT900S", "PT15M", "PT0H15M0S", "P0DT900S", "PT900.0S"])
@pytest.mark.parametrize("name", ["granPeriod", "granularityPeriod"])
def test_the_period_is_read_under_both_names_and_in_any_unit(tmp_path, duration, name):
    info = f'<{name} duration="{duration}" endTime="2026-03-01T00:05:00+0800"/>' + TYPES + value('<r p="2">1</r>')
    row = rows_of(tmp_path, document(info))[0]
    assert (row["granularity_s"], row["begin_at"], row["end_at"]) == \
        ("900", "2026-02-28T23:50:00+08:00", "2026-03-01T00:05:00+08:00")


@pytest.mark.parametrize(("given", "begin"), [("2026-03-01T10:15:00Z", "2026-03-01T10:00:00+00:00"),
                                              ("2026-03-01T10:15:00-05:00", "2026-03-01T10:00:00-05:00"),
                                              ("2026-03-01T10:15:00", "2026-03-01T10:00:00")])
def test_zones_stay_as_delivered(tmp_path, given, begin):
    info = f'<granPeriod duration="PT900S" endTime="{given}"/>' + TYPES + value('<r p="1">1</r>')
    assert rows_of(tmp_path, document(info))[0]["begin_at"] == begin


@pytest.mark.parametrize("period", ["", '<granPeriod duration="PT900S"/>', '<granPeriod duration="soon" '
                         'endTime="2026-03-01T10:15:00Z"/>', '<granPeriod duration="PT900S" endTime="25 o\'clock"/>',
                         '<granPeriod duration="PT0S" endTime="2026-03-01T10:15:00Z"/>'])
def test_rows_without_a_readable_period_are_rejected(tmp_path, period):
    rows = rows_of(tmp_path, document(period + TYPES + value('<r p="1">1</r><r p="2">2</r>')))
    assert errors_by_line(rows) == [(1, "no_period"), (2, "no_period")] and rows[0]["value_text"] is None


def test_a_result_without_a_counter_is_rejected_and_its_neighbour_is_not(tmp_path):
    rows = rows_of(tmp_path, document(PERIOD + TYPES + value('<r p="9">1</r><r p="2">2</r>')))
    assert errors_by_line(rows) == [(1, "unknown_counter"), (2, None)]
    assert rows[0]["raw_text"] == "Cell=1 ? 1" and rows[1]["counter_name"] == "C"


def test_a_list_of_the_wrong_length_is_rejected_because_its_places_cannot_be_trusted(tmp_path):
    info = PERIOD + "<measTypes>A B</measTypes>" + value("<measResults>1</measResults>") + value(
        "<measResults>1 2</measResults>")
    rows = rows_of(tmp_path, document(info))
    assert errors_by_line(rows) == [(1, "wrong_result_count"), (2, None), (3, None)]


@pytest.mark.parametrize("namespace", ["", "http://www.3gpp.org/ftp/specs/archive/28_series/28.550#measData"])
def test_the_namespace_and_a_missing_footer_do_not_matter(tmp_path, namespace):
    content = document(PERIOD + TYPES + value('<r p="1">1</r>'), footer="", namespace=namespace)
    assert results_of(rows_of(tmp_path, gzip.compress(content))) == [("A.B", "1", "1")]


def test_a_file_cut_anywhere_is_refused_whole(tmp_path):
    content = document(PERIOD + TYPES + value('<r p="1">1</r><r p="2">2</r>')) + b"\n"
    assert len(rows_of(tmp_path, content)) == 2
    for size in range(0, len(content) - 1, 3):
        with pytest.raises(FormatError) as caught:
            rows_of(tmp_path, content[:size])
        assert caught.value.code == "xml_truncated"


@pytest.mark.parametrize(("content", "code"), [
    (document("").replace(b"<fileHeader/>", b"<fileHeader>"), "xml_damaged"),
    (document("").replace(b"<measCollecFile", b'<!DOCTYPE m [<!ENTITY e "x">]><measCollecFile'), "xml_entity"),
    (document("").replace(b"<measCollecFile", b'<!DOCTYPE m SYSTEM "m.dtd"><measCollecFile'), "xml_entity"),
    (b"<report><measValue/></report>", "xml_root"), (b"<report/>", "xml_root"),
])
def test_what_is_no_measurement_file_is_refused(tmp_path, content, code):
    with pytest.raises(FormatError) as caught:
        rows_of(tmp_path, content)
    assert caught.value.code == code


def test_a_bomb_of_entities_is_refused_before_it_grows(tmp_path):
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    bomb = document(PERIOD + TYPES + value('<r p="1">&e11;</r>')).replace(
        b"<measCollecFile", f'<!DOCTYPE m [<!ENTITY e0 "lol">{entities}]><measCollecFile'.encode())
    with pytest.raises(FormatError) as caught:
        rows_of(tmp_path, bomb)
    assert caught.value.code == "xml_entity"


def test_batches_stay_small_and_their_numbers_run_on(tmp_path, monkeypatch):
    monkeypatch.setattr("orchestration.formats.pm_xml.BATCH_ROWS", 4)
    info = PERIOD + TYPES + "".join(value(f'<r p="1">{n}</r><r p="2">0</r>', f"Cell={n}") for n in range(10))
    rows = rows_of(tmp_path, document(info))
    assert [row["line_number"] for row in rows] == list(range(1, 21))
    assert [row["value_text"] for row in rows[::2]] == [str(n) for n in range(10)]
