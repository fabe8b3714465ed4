"""Where the data come from: the registry of extracts, the source families, and keys that hold across them."""

from __future__ import annotations

import pytest
import yaml

from orchestration import settings
from tests.truth import answer, differences

CONTRACTS = sorted((settings.REPO / "data_contracts").glob("*/*.odcs.yaml"))
FAMILIES = ("billing", "network", "call_center")


def read(path) -> dict:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


@pytest.mark.requirement("ORG07")
@pytest.mark.parametrize("path", CONTRACTS, ids=lambda path: path.name.removesuffix(".odcs.yaml"))
def test_a_contract_names_system_owner_feed_and_calendar(path) -> None:
    contract = read(path)
    promises = {row["property"]: row["value"] for row in contract["slaProperties"]}
    assert contract["domain"] == path.parent.name and contract["name"] == path.name.removesuffix(".odcs.yaml")
    assert contract["team"]["name"].endswith("-owner") and " of the " in contract["description"]["usage"]
    assert promises["frequency"] and float(promises["latency"]) >= 0


@pytest.mark.slow
@pytest.mark.requirement("ORG07", "SUB10")
def test_every_feed_of_the_registry_is_live_and_its_files_are_counted(ask) -> None:
    live = {name: (family, files, rows) for name, family, files, rows in ask(
        "select contract_id, family, accepted_file_count, accepted_rows from ops.ops_feed")}
    assert {read(path)["id"] for path in CONTRACTS} == live.keys()
    assert all(files > 0 and rows > 0 for _, files, rows in live.values())
    assert all(len([1 for family, *_ in live.values() if family == name]) >= 5 for name in FAMILIES)


@pytest.mark.slow
@pytest.mark.requirement("SUB10")
def test_a_fact_joins_billing_the_network_and_the_call_centre(ask) -> None:
    """The outage of a cell, the customers who used it, and those of them who called about it."""
    hit, called = ask("select sum(customer_count), sum(fault_contact_count) from service_quality.fct_outage_impact")[0]
    assert hit > 0 and called >= 0
    assert ask("""select count(*) from service_quality.bridge_alarm_service as hits
        left join dim.dim_customer as customers on hits.customer_key = customers.customer_key
        left join dim.dim_subscription as subscriptions on hits.subscription_key = subscriptions.subscription_key
        where customers.customer_key is null or subscriptions.subscription_key is null""") == [(0,)]


@pytest.mark.slow
@pytest.mark.requirement("ORG10")
def test_contacts_keep_customer_and_agent_and_the_anonymous_are_counted(ask) -> None:
    assert ask("""select count(*) from service_quality.fct_contact as contacts
        left join dim.dim_customer as customers on contacts.customer_key = customers.customer_key
        left join dim.dim_staff as staff on contacts.staff_key = staff.staff_key
        where customers.customer_key is null or staff.staff_key is null
            or (contacts.customer_id is not null and customers.customer_id <> contacts.customer_id)
            or (contacts.is_handled and staff.role_code <> 'AGENT')""") == [(0,)]
    anonymous, contacts = ask("""select count(*) filter (where customer_id is null), count(*)
        from service_quality.fct_contact""")[0]
    delivered = ask("""select count(*) filter (where customer_id is null), count(*) from raw.call_center__contact""")[0]
    assert 0 < anonymous < contacts and (anonymous, contacts) == delivered
    assert ask("""select sum(unknown_record_count), sum(record_count) from ops.ops_unknown_member
        where dimension_code = 'customer' and fact_name = 'fct_contact'""") == [(anonymous, contacts)]


@pytest.mark.slow
@pytest.mark.requirement("ORG13")
def test_every_case_is_closed_or_open_with_its_age_and_none_disappears(ask) -> None:
    """Stock and flow of the open cases of each unit and kind; each day's closing stock is the next day's opening."""
    open_ = "coalesce(closed_at_local >= (select max(date) + 1 from truth.contact_day), true)"
    assert differences(ask, "select ticket_id, ended_at is null, is_open from service_quality.fct_ticket",
                       f"select ticket_id, {open_} as a, {open_} as b from truth.ticket") == []
    assert differences(ask, f"select ticket_id, age_hours >= 0 from {answer('service_quality/16')}",
                       "select ticket_id, true from service_quality.fct_ticket where is_open") == []
    assert ask("""select * from (select *, lag(closing_count) over (
            partition by org_id, ticket_type_code order by ticket_date) as before from service_quality.fct_ticket_day)
        where closing_count <> opening_count + opened_count - ended_count or before <> opening_count""") == []
    left = ask("""select sum(closing_count) from service_quality.fct_ticket_day
        where ticket_date = (select max(ticket_date) from service_quality.fct_ticket_day)""")
    assert left == ask("select count(*) from service_quality.fct_ticket where is_open") and left[0][0] > 0


@pytest.mark.slow
@pytest.mark.requirement("ORG15")
def test_contacts_split_by_type_of_centre_and_language(ask) -> None:
    rows = ask("""select centres.is_key_customer, contacts.language_code, count(*)
        from service_quality.fct_contact as contacts
        inner join dim.dim_contact_centre as centres on contacts.contact_centre_key = centres.contact_centre_key
        where centres.queue_code <> '?' group by all""")
    assert {row[:2] for row in rows} == {(True, "en"), (True, "zh"), (False, "en"), (False, "zh")}
    assert sum(row[2] for row in rows) == ask("select count(*) from service_quality.fct_contact")[0][0]


@pytest.mark.slow
@pytest.mark.requirement("ORG18")
def test_one_customer_key_works_across_shops_bills_and_contacts(ask) -> None:
    """Whoever ordered, was billed and called is one customer; the share that finds its customer is a KPI."""
    assert ask("""select count(*) from (
            select customer_key from customers.fct_order intersect select customer_key from revenue.fct_bill
            intersect select customer_key from service_quality.fct_contact)
        inner join dim.dim_customer using (customer_key) where customer_id <> '?'""")[0][0] > 20
    unknown, all_ = ask("""select sum(unknown_record_count), sum(record_count) from ops.ops_unknown_member
        where dimension_code = 'customer'""")[0]
    assert ask("""select cast(sum(numerator) as bigint), cast(sum(denominator) as bigint) from kpi.fct_kpi_month
        where kpi_id = 'K75' and breakdown_code = 'customer' and org_level_code = 'HQ'""") == [(unknown, all_)]
    assert 0 < unknown / all_ < 0.01


@pytest.mark.slow
@pytest.mark.requirement("ORG08")
def test_one_subscription_key_holds_across_orders_bills_and_tickets(ask) -> None:
    """What all three feeds name is one subscription; a key that its register lacks is in the list of its load."""
    feeds = ("billing__order", "billing__bill_item", "call_center__ticket")
    shared = " intersect ".join(f"select subscription_id from raw.{feed}" for feed in feeds)
    assert ask(f"select count(*) from ({shared})")[0][0] > 0
    assert ask(f"select count(*) from ({shared}) anti join dim.dim_subscription using (subscription_id)") == [(0,)]
    for fact, number in (("customers.fct_order", "order_id"), ("service_quality.fct_ticket", "ticket_id")):
        assert ask(f"""select facts.{number} from {fact} as facts inner join dim.dim_subscription as versions
            using (subscription_key) where versions.subscription_id <> '?'
            and versions.subscription_id <> facts.subscription_id""") == []
    keys = [*((feed, "subscription_id", "billing__subscription") for feed in feeds),
            ("billing__order", "customer_id", "billing__customer")]
    true = " union all ".join(f"""select '{feed}', '{key}', uses.{key}, uses.file_date, count(*)
        from raw.{feed} as uses
        left join (select {key}, min(file_date) as listed from raw.{register} group by 1) as register using ({key})
        where uses.{key} is not null and coalesce(register.listed > uses.file_date, true) group by all"""
                              for feed, key, register in keys)
    found = f"""select contract_id, field_name, key_value, file_date, record_count from ops.ops_unmatched_key
        where (contract_id, field_name) in {tuple(key[:2] for key in keys)}"""
    assert differences(ask, found, true) == []
    listed = ask(f"select sum(key_count), sum(record_count) from {answer('customers/16')}")[0]
    assert listed == ask("select count(*), sum(record_count) from ops.ops_unmatched_key")[0]


@pytest.mark.slow
@pytest.mark.requirement("ORG09")
def test_a_cell_or_circuit_that_is_measured_is_in_the_inventory_or_in_the_list_of_unmatched_keys(ask) -> None:
    known = {"cell_id": ("service_quality.fct_network_cell_hour", "network__cell", "network__measurement"),
             "circuit_id": ("key_accounts.fct_circuit_day", "network__circuit", "network__circuit_measurement")}
    for column, (fact, register, contract) in known.items():
        assert ask(f"""select uses.{column}, uses.file_date from {fact} as uses
            left join (select {column}, min(file_date) as listed from raw.{register} group by 1) as register
                using ({column})
            left join ops.ops_unmatched_key as unmatched on unmatched.contract_id = '{contract}'
                and unmatched.key_value = uses.{column} and unmatched.file_date = uses.file_date
            where (unmatched.key_value is null) <> (register.listed <= uses.file_date)""") == []
        assert ask(f"select count(*) from {fact} inner join raw.{register} using ({column})")[0][0] > 0
