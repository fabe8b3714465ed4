"""The IBM sample operator: five tables joined through contracts, and the widely mirrored single table."""

from decimal import Decimal

import duckdb
import pytest

TABLES = {
    "crm__telco_demographics": "Telco_customer_churn_demographics",
    "crm__telco_location": "Telco_customer_churn_location",
    "crm__telco_population": "Telco_customer_churn_population",
    "crm__telco_status": "Telco_customer_churn_status",
    "billing__telco_services": "Telco_customer_churn_services",
    "billing__telco_account": "Telco-Customer-Churn",
}


@pytest.fixture(scope="module")
def telco(make_site, shared):
    site = make_site()
    for contract_id, name in TABLES.items():
        site.deliver(contract_id, f"{name}_20210930_v1.csv", shared / "ibm_telco" / f"{name}.csv")
    site.take_in()
    return site


def test_every_delivered_row_of_the_six_tables_is_accepted(telco):
    counts = {file["contract_id"]: tuple(file[f"{kind}_rows"] for kind in ("delivered", "accepted"))
              for file in telco.files("state = 'accepted'")}
    assert counts == {name: (1671, 1671) if name.endswith("population") else (7043, 7043) for name in TABLES}
    assert {f["state"] for f in telco.files()} == {"accepted"}
    for name in TABLES:
        assert telco.rows(name, "min(line_number), max(line_number), count(distinct source_file)") == [
            (2, 1672 if name.endswith("population") else 7044, 1)]


def view(telco, connection, contract_id):
    folder = telco.home.raw / contract_id
    connection.sql(f"create view {contract_id.split('__')[1]} as from read_parquet('{folder}/*/part.parquet')")


def test_the_five_tables_join_on_one_customer_key_and_the_zip_code(telco):
    connection = duckdb.connect()
    for name in TABLES:
        view(telco, connection, name)
    assert connection.sql("""
        select count(*), count(distinct customer_id), count(population_count)
        from telco_demographics
        join telco_location using (customer_id)
        join telco_services using (customer_id)
        join telco_status using (customer_id)
        join telco_account using (customer_id)
        left join telco_population using (zip_code)""").fetchall() == [(7043, 7043, 7043)]


def test_revenue_is_charges_less_refunds_plus_extras_to_the_cent(telco):
    wrong = ("total_revenue_amt <> total_charge_amt - total_refund_amt + total_extra_data_amt"
             " + total_long_distance_amt")
    assert telco.rows("billing__telco_services", "count(*)", f"where {wrong}") == [(0,)]
    assert telco.rows("billing__telco_services", "typeof(any_value(total_revenue_amt))") == [("DECIMAL(18,2)",)]
    sums = telco.rows("billing__telco_services", "sum(total_revenue_amt), sum(total_charge_amt), sum(total_refund_amt),"
                      " sum(total_extra_data_amt), sum(total_long_distance_amt)")[0]
    revenue, charge, refund, extra, distance = sums
    assert revenue == charge - refund + extra + distance and revenue > Decimal(20_000_000)


def test_the_ledger_holds_the_sums_that_the_lake_holds(telco):
    totals = {row["column_name"]: Decimal(row["accepted_total"]) for row in telco.ledger.rows(
        "select t.* from file_total t join file f using (file_id) where f.contract_id = 'billing__telco_services'")}
    lake = telco.rows("billing__telco_services", "sum(total_charge_amt), sum(total_refund_amt), sum(total_revenue_amt)")
    assert lake == [tuple(totals[n] for n in ("total_charge_amt", "total_refund_amt", "total_revenue_amt"))]


def test_churn_is_1869_of_7043_in_both_versions_customer_by_customer(telco):
    connection = duckdb.connect()
    for name in TABLES:
        view(telco, connection, name)
    assert connection.sql("select count(*) from telco_account where has_churned").fetchall() == [(1869,)]
    assert connection.sql("""
        select count(*)
        from telco_account a
        join telco_status s using (customer_id)
        where a.has_churned = s.has_churned and s.churn_value = cast(a.has_churned as integer)
        """).fetchall() == [(7043,)]


def test_states_and_reasons_of_the_customers_are_the_published_ones(telco):
    counts = dict(telco.rows("crm__telco_status", "customer_status_name, count(*)", "group by all"))
    assert counts == {"Stayed": 4720, "Churned": 1869, "Joined": 454}
    reasons = dict(telco.rows("crm__telco_status", "churn_category_name, count(*)",
                              "where churn_category_name is not null group by all"))
    assert reasons == {"Competitor": 841, "Attitude": 314, "Dissatisfaction": 303, "Price": 211, "Other": 200}


def test_blank_totals_of_eleven_new_customers_are_null_not_zero_and_not_rejected(telco):
    assert telco.rows("billing__telco_account", "count(*), min(tenure_months), max(tenure_months)",
                      "where total_charge_amt is null") == [(11, 0, 0)]


def test_population_with_thousands_separators_is_a_number(telco):
    assert telco.rows("crm__telco_population", "population_count", "where zip_code = '90001'") == [(54492,)]
    assert telco.rows("crm__telco_population", "typeof(any_value(population_count))") == [("BIGINT",)]


def test_the_offer_none_is_a_word_and_the_quoted_position_is_whole(telco):
    assert telco.rows("billing__telco_services", "count(offer_name), count(*) filter (offer_name = 'None')") == [
        (7043, 3877)]
    assert telco.rows("crm__telco_location", "position_text", "where customer_id = '0002-ORFBO'") == [
        ("34.827662, -118.999073",)]
