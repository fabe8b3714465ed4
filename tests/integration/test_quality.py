"""Limits of a contract, judged over what was delivered."""

from datetime import date

import pytest

from orchestration import contracts, quality, steps
from orchestration.contracts import ContractError

FIRST, SECOND = date(2026, 3, 1), date(2026, 3, 2)


def _land(home, *days):
    contract = contracts.load_all(home.contracts)["billing__sale"]
    steps.settle(home)
    return steps.land(home, contract, days)


def _passed(home):
    return {(r["file_date"], r["check_name"]): r["passed"] for r in quality.results(home)}


def test_a_day_over_an_error_limit_is_red_and_names_its_owner(home, deliver):
    deliver(FIRST, ("1", "A", 100), ("2", "B", "many"))
    deliver(SECOND, ("3", "A", 100))
    _land(home, FIRST, SECOND)

    (red,) = quality.red(home)

    assert (red["file_date"], red["check_name"], red["observed"], red["limit_high"]) == (FIRST, "rejected_rows", 50, 40)
    assert (red["severity"], red["owner"]) == ("error", "sales-data-owner")


def test_a_broken_warning_limit_is_kept_but_does_not_close_the_gate(home, deliver):
    deliver(FIRST, ("1", "A", 100), ("1", "A", 100))
    _land(home, FIRST)

    assert _passed(home) == {(FIRST, "duplicate_rows"): False, (FIRST, "rejected_rows"): True}
    assert quality.red(home) == []


def test_a_better_version_of_a_file_replaces_the_judgement_of_its_day_only(home, deliver):
    deliver(FIRST, ("1", "A", "many"))
    deliver(SECOND, ("2", "A", "many"))
    _land(home, FIRST, SECOND)
    deliver(FIRST, ("1", "A", 100), version=2)
    _land(home, FIRST)

    assert [r["file_date"] for r in quality.red(home)] == [SECOND]
    assert len(quality.results(home)) == 4


def test_an_empty_day_breaks_no_share(home, deliver):
    deliver(FIRST)
    _land(home, FIRST)

    assert _passed(home) == {(FIRST, "duplicate_rows"): True, (FIRST, "rejected_rows"): True}


def test_a_limit_that_cannot_be_measured_names_the_contract(home, deliver):
    path = home.contracts / "billing" / "sale.odcs.yaml"
    path.write_text(path.read_text().replace("metric: duplicateValues", "metric: nullValues"))
    deliver(FIRST, ("1", "A", 100))

    with pytest.raises(ContractError, match=r"sale\.odcs\.yaml: quality duplicate_rows: nullValues"):
        _land(home, FIRST)
