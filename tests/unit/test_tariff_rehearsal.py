"""A proposed tariff on what people used: bills to the fen, revenue with an interval, else a refusal."""

from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from orchestration import rehearsal
from orchestration.analytics import tariff_rehearsal
from orchestration.analytics.errors import AnalysisError
from orchestration.analytics.tariff_rehearsal import Tariff

MONTH = date(2026, 1, 1)
NOW = Tariff(39.0, {"VOICE": 0.10, "DATA": 0.01}, {"VOICE": 100.0, "DATA": 1000.0})
PEOPLE = pl.DataFrame({"subscription_id": ["a", "b", "c"], "month": [MONTH] * 3})
USE = pl.DataFrame({"subscription_id": ["a", "a", "b"], "month": [MONTH] * 3,
                    "component_code": ["VOICE", "DATA", "VOICE"],
                    "home": [250.0, 500.0, 90.0], "away": [15.0, 0.0, 0.0]})
OBSERVED = {"VOICE": (-0.3, 0.3)}


def known(status: str = "ok", estimate: float | None = -0.5, error: float | None = 0.1) -> pl.DataFrame:
    return pl.DataFrame({"component_code": ["VOICE"], "price_component_code": ["VOICE"], "margin_code": ["usage"],
                         "estimate": [estimate], "std_error": [error], "n_moved_clusters": [8], "status": [status]},
                        schema_overrides={"estimate": pl.Float64, "std_error": pl.Float64})


def cheaper(price: float = 0.08) -> Tariff:
    return Tariff(NOW.rental, {**NOW.prices, "VOICE": price}, NOW.included)


@pytest.mark.requirement("SSV07", "LCK10")
def test_each_bill_of_another_tariff_stands_beside_todays_with_its_saving():
    proposed = Tariff(29.0, {"VOICE": 0.10, "DATA": 0.01}, {"VOICE": 0.0, "DATA": 1000.0})
    found = tariff_rehearsal.compared(PEOPLE, USE, NOW, proposed)
    assert found.rows() == [("a", MONTH, 55.5, 55.5, 0.0), ("b", MONTH, 39.0, 38.0, 1.0),
                            ("c", MONTH, 39.0, 29.0, 10.0)]


def test_revenue_expected_lies_where_the_elasticity_puts_it():
    (row,) = tariff_rehearsal.rehearse(PEOPLE, USE, NOW, cheaper(), known(error=1e-9), OBSERVED).iter_rows(named=True)
    scale = 0.8 ** -0.5
    use = max(250 * scale - 100, 0) + 15 * scale + max(90 * scale - 100, 0)
    assert row["now_amt"] == pytest.approx(39 * 3 + 16.5) and row["unchanged_use_amt"] == pytest.approx(39 * 3 + 13.2)
    assert row["expected_amt"] == pytest.approx(39 * 3 + use * 0.08, rel=1e-3) and row["status"] == "ok"
    assert row["high_amt"] - row["low_amt"] < 1e-3 and row["chance_revenue_rises"] == 0


def test_the_interval_is_as_wide_as_the_elasticity_is_uncertain():
    widths = [np.diff(tariff_rehearsal.rehearse(PEOPLE, USE, NOW, cheaper(), known(error=error), OBSERVED).select(
        "low_amt", "high_amt").row(0)).item() for error in (0.05, 0.1, 0.2)]
    assert widths[0] < widths[1] < widths[2] and widths[2] / widths[0] == pytest.approx(4, rel=0.15)


@pytest.mark.parametrize(("elasticities", "price", "status"), [
    (known("few_clusters", None, None), 0.08, "few_clusters"), (known(), 0.05, "out_of_range"),
    (known().clear(), 0.08, "not_identified")])
def test_what_nobody_knows_is_refused_and_bills_at_unchanged_use_stand(elasticities, price, status):
    (row,) = tariff_rehearsal.rehearse(PEOPLE, USE, NOW, cheaper(price), elasticities, OBSERVED).iter_rows(named=True)
    assert row["status"] == status and row["expected_amt"] is None and row["low_amt"] is None
    assert row["unchanged_use_amt"] < row["now_amt"] and row["reason"]


def test_only_those_go_over_whose_bills_would_have_been_lower_where_they_may_choose():
    proposed = Tariff(45.0, {"VOICE": 0.10, "DATA": 0.01}, {"VOICE": 500.0, "DATA": 1000.0})
    (row,) = tariff_rehearsal.rehearse(PEOPLE, USE, NOW, proposed, known(), OBSERVED,
                                       take_up="cheaper").iter_rows(named=True)
    assert row["take_up_share"] == pytest.approx(1 / 3) and row["expected_amt"] == pytest.approx(39 * 2 + 46.5)


def test_a_price_of_nothing_is_refused_because_no_elasticity_tells_of_it():
    with pytest.raises(AnalysisError, match="VOICE is or becomes 0"):
        tariff_rehearsal.rehearse(PEOPLE, USE, NOW, cheaper(0.0), known(), OBSERVED)


@pytest.mark.parametrize(("text", "said"), [
    ("prices: {VOICE: 0.1}", "names no offer"), ("offer_id: M1\nprize: 3", "prize is not known"),
    ("offer_id: M1\nprices: {FAX: 1}", "FAX"), ("offer_id: M1\nprices: {VOICE: cheap}", "give a number"),
    ("offer_id: M1\ntake_up: some", "choose one of all, cheaper"), (": : :", "cannot be read")])
def test_a_tariff_file_that_cannot_be_used_is_named_with_what_is_wrong(tmp_path: Path, text: str, said: str):
    file = tmp_path / "tariff.yaml"
    file.write_text(text)
    with pytest.raises(rehearsal.TariffError, match=said):
        rehearsal.proposal(file)


def test_what_a_tariff_file_does_not_name_stays_as_it_is(tmp_path: Path):
    file = tmp_path / "tariff.yaml"
    file.write_text("offer_id: M039\nprices: {VOICE: 0.1}\norg_id: 11100\n")
    found = rehearsal.proposal(file)
    assert (found.org_id, found.segment_code, found.rental, found.included) == ("11100", None, None, {})
    assert found.prices == {"VOICE": 0.1} and found.take_up == "all"
