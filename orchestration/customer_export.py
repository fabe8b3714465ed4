"""One customer's own part of the published warehouse as CSV files, to be handed over: circuits, their availability,
tickets and service events. Every query is bound to one customer number; nothing here reads without it."""

from __future__ import annotations

import csv
from pathlib import Path

import duckdb

from orchestration.settings import Home

QUERIES = {
    "circuits": """
        select circuit_id, service_code, access_type_code, port_type_code, bandwidth_kbps, circuit_grade_code,
            a_end_site_id, b_end_site_id, monthly_fee_amt, status_code, opened_on, closed_on
        from dim.dim_circuit where customer_id = $customer_id and is_current order by circuit_id""",
    "availability": """
        select month_start_date, circuit_id, circuit_grade_code, availability_target, measured_s, up_s, down_s,
            round(up_s / nullif(measured_s, 0), 6) as availability_share, is_target_met, credit_amt, currency_code
        from key_accounts.fct_circuit_month where customer_id = $customer_id order by month_start_date, circuit_id""",
    "tickets": """
        select tickets.ticket_id, tickets.ticket_type_code, tickets.service_code, tickets.circuit_id,
            tickets.status_code, tickets.opened_at_local, tickets.restored_at_local, tickets.ended_at_local
        from service_quality.fct_ticket as tickets
        inner join dim.dim_customer as customers on tickets.customer_key = customers.customer_key
        where customers.customer_id = $customer_id order by tickets.opened_at_local, tickets.ticket_id""",
    "service_events": """
        select service_event_id, event_type_code, service_code, circuit_id, status_code, opened_at_local, promised_at,
            closed_at, is_promise_met
        from key_accounts.fct_service_event where customer_id = $customer_id
        order by opened_at_local, service_event_id""",
}


class UnknownCustomer(ValueError):
    """Nothing is published, or no customer in it has this number."""


def write(home: Home, customer_id: str, folder: Path) -> dict[str, int]:
    """Writes one file per query into `folder`; returns their rows. Raises UnknownCustomer."""
    if not home.published_database.exists():
        raise UnknownCustomer(f"nothing is published in {home.published} yet: run `bass run`")
    with duckdb.connect(str(home.published_database), read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        if not _is_known(connection, customer_id):
            raise UnknownCustomer(f"no customer has the number {customer_id!r}")
        folder.mkdir(parents=True, exist_ok=True)
        return {name: _one(connection, sql, customer_id, folder / f"{name}.csv") for name, sql in QUERIES.items()}


def _is_known(connection: duckdb.DuckDBPyConnection, customer_id: str) -> bool:
    found = connection.execute("select count(*) from dim.dim_customer where customer_id = $customer_id and is_current "
                               "and customer_id <> '?'", {"customer_id": customer_id}).fetchone()
    return bool(found and found[0])


def _one(connection: duckdb.DuckDBPyConnection, sql: str, customer_id: str, path: Path) -> int:
    cursor = connection.execute(sql, {"customer_id": customer_id})
    columns, rows = [column[0] for column in cursor.description], cursor.fetchall()
    with open(path, "w", encoding="utf-8-sig", newline="") as handle:  # the mark lets spreadsheets read Chinese
        writer = csv.writer(handle)
        writer.writerow(columns)
        writer.writerows(rows)
    return len(rows)
