"""The 50 code domains: every delivered code is listed on its day, or is loaded, listed as unknown and judged."""

from __future__ import annotations

import csv

import pytest

from orchestration import code_places, contracts, settings
from tests.truth import differences


def delivered() -> set[str]:
    loaded = contracts.load_all(settings.REPO / "data_contracts")
    return {place["domain_code"] for place in code_places.find_places(loaded)}


def test_there_are_fifty_domains_with_names_in_both_languages_and_a_limit():
    domains = code_places.read_domains()
    assert sorted(int(row["domain_number"]) for row in domains.values()) == list(range(1, 51))
    assert all(row["name_en"] and row["name_zh"] and 0 < float(row["unknown_share_limit"]) < 0.1
               for row in domains.values())


def test_every_domain_is_delivered_by_some_feed():
    assert set(code_places.read_domains()) - delivered() == set()


def test_a_column_of_a_domain_has_no_code_list_of_its_own():
    """A list in the contract would turn an unknown code away at the door; it is loaded, listed and judged instead."""
    loaded = contracts.load_all(settings.REPO / "data_contracts")
    both = {f"{contract.id}.{column.name}" for contract in loaded.values() for column in contract.columns
            if column.code_domain and column.codes}
    assert both == set()


def test_every_listed_code_has_a_domain_and_a_period():
    with open(settings.SEEDS / "code_values.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    domains = code_places.read_domains()
    assert all(row["domain_code"] in domains and row["valid_from"] < row["valid_to"] for row in rows)


@pytest.mark.slow
@pytest.mark.requirement(
    "DOM01", "DOM02", "DOM03", "DOM04", "DOM05", "DOM06", "DOM07", "DOM08", "DOM09", "DOM10", "DOM11", "DOM12", "DOM13",
    "DOM14", "DOM15", "DOM16", "DOM17", "DOM18", "DOM19", "DOM20", "DOM21", "DOM22", "DOM23", "DOM24", "DOM25", "DOM26",
    "DOM27", "DOM28", "DOM29", "DOM30", "DOM31", "DOM32", "DOM33", "DOM34", "DOM35", "DOM36", "DOM37", "DOM38", "DOM39",
    "DOM40", "DOM41", "DOM42", "DOM43", "DOM44", "DOM45", "DOM46", "DOM47", "DOM48", "DOM49", "DOM50", "LCD12",
    "SLA13")
def test_the_unknown_codes_are_those_that_were_planted_and_no_other(ask):
    """One in 250 of the accounts paid through a bank has one that no list knows; all other codes are listed."""
    found = "select domain_code, contract_id, code, record_count from ops.ops_unknown_code"
    true = "select domain_code, contract_id, code, rows from truth.unknown_code"
    assert differences(ask, found, true) == []


@pytest.mark.slow
def test_a_row_with_an_unknown_code_is_loaded_and_finds_the_unknown_name(ask):
    rows = ask("""select distinct accounts.bank_code, codes.code_name_en, codes.code_name_zh, codes.is_listed
                  from dim.dim_account as accounts
                  inner join dim.dim_ref_code as codes on codes.domain_code = 'bank' and codes.code = accounts.bank_code
                  where not codes.is_listed and accounts.account_id <> '?'""")
    assert rows == [("CGB", "Unknown", "未知", False)]


@pytest.mark.slow
def test_every_delivered_code_finds_its_row(ask):
    assert ask("""select uses.domain_code, uses.code from dim.bridge_code_use as uses
                  left join dim.dim_ref_code as codes on uses.domain_code = codes.domain_code and uses.code = codes.code
                  where uses.code <> '*' and codes.code is null""") == []


@pytest.mark.slow
def test_every_domain_is_judged_and_within_its_limit(ask):
    rows = ask("""select count(distinct domain_number), bool_and(is_within_limit), sum(unknown_record_count)
                  from ops.ops_code_check""")
    assert rows[0][:2] == (50, True) and rows[0][2] > 0
