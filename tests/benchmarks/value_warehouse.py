"""What the warehouse of a sample operator says of customer value, beside its own sums and what the sample knows.

Reads the published file (the working one where nothing is published yet) and the truth folder of the sample, which the
product never reads. Builds nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from orchestration.settings import Home
from tests.benchmarks.churn_warehouse import DEMO, database
from tests.truth import Ask

FLAGS = "is_important, is_high_value, is_group, is_strategic"
TRUTH = ("large_customer_month", "group_revenue_month")


def missing(home: Home) -> str | None:
    """What to run first when the home holds no built sample, else None."""
    if database(home).exists() and (home.root / "truth" / "large_customer_month.parquet").exists():
        return None
    return f"no built sample in {home.root}; run: {DEMO.format(home.root)}"


@contextmanager
def reader(home: Home) -> Iterator[Ask]:
    """The warehouse, read-only under its own name, with tables of the truth as views of `truth`."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{database(home)}' as bass (read_only)")
        connection.execute("attach ':memory:' as truth")
        connection.execute("use bass")
        for name in TRUTH:
            connection.execute(f"create view truth.{name} as from read_parquet('{home.root}/truth/{name}.parquet')")
        yield lambda sql: connection.execute(sql).fetchall()


def sums(ask: Ask) -> Iterator[dict[str, object]]:
    """Economic value of all customers of a month against the revenue of theme 3 (no feed tells cost)."""
    for row in ask("""with here as (
                select as_of_month as month, count(*) as customers, sum(economic_amt) as amount
                from mart.customer_value group by all
            ), there as (
                select revenue_month as month, sum(recognised_amt) as amount from revenue.fct_revenue_month group by all
            ) select month, here.customers, here.amount, there.amount,
                coalesce(here.amount, 0) - coalesce(there.amount, 0)
            from here full outer join there using (month) order by 1"""):
        yield dict(zip(("month", "customers", "value", "revenue_theme_3", "difference"), map(str, row), strict=True))


def segments(ask: Ask) -> Iterator[dict[str, object]]:
    """Each scheme: months in which segments do not hold every active customer once; sums of migration rows."""
    names = ("scheme", "months", "wrong_months", "segments", "ok_share", "migration_rows", "rows_not_1", "stayed")
    for row in ask("""with counted as (
                select scheme_code, as_of_month, count(*) as listed, count(distinct customer_id) as customers,
                    count(*) filter (where status = 'ok') as ok
                from mart.customer_segment group by all
            ), active as (
                select as_of_month, count(*) as customers from mart.customer_value where is_active group by all
            ), moved as (
                select scheme_code, from_segment_code, as_of_month, sum(customer_share) as share, count(*) as n,
                    sum(customer_count) filter (where is_stayed) as stayed, sum(customer_count) as customers,
                from mart.segment_migration where from_segment_code <> '(new)' group by all
            ), moves as (
                select scheme_code, sum(n) as n, count(*) filter (where abs(share - 1) > 1e-9) as wrong,
                    sum(stayed) / sum(customers) as stayed from moved group by all
            ), sizes as (
                select scheme_code, count(distinct segment_code) as segments from mart.customer_segment group by all
            )
            select scheme_code, count(*), count(*) filter (where listed <> counted.customers
                or listed <> active.customers), any_value(sizes.segments), sum(ok) / sum(listed),
                any_value(moves.n), any_value(moves.wrong), any_value(moves.stayed)
            from counted left join active using (as_of_month) left join sizes using (scheme_code)
                left join moves using (scheme_code) group by 1 order by 1"""):
        yield dict(zip(names, row, strict=True))


def classes(ask: Ask) -> Iterator[dict[str, object]]:
    """Large customers by rule and month against the truth: of every flag of every customer, and of its revenue."""
    for row in ask(f"""with found as (
                select strftime(as_of_month, '%Y%m') as cycle, customer_id, {FLAGS},
                    cast(revenue_amt * 100 as bigint) as net_fen
                from mart.key_account_month where is_large
            ), true_ as (
                select cycle, cast(customer_id as varchar) as customer_id, {FLAGS}, net_fen
                from truth.large_customer_month where cycle in (
                    select strftime(as_of_month, '%Y%m') from mart.key_account_month)
            )
            select cycle, count(true_.customer_id), count(found.customer_id),
                count(*) filter (where found.customer_id is null or true_.customer_id is null
                    or (found.is_important, found.is_high_value, found.is_group, found.is_strategic, found.net_fen)
                    <> (true_.is_important, true_.is_high_value, true_.is_group, true_.is_strategic, true_.net_fen))
            from found full outer join true_ using (cycle, customer_id) group by 1 order by 1"""):
        yield dict(zip(("month", "true_rows", "found", "differ"), row, strict=True))


def groups(ask: Ask) -> Iterator[dict[str, object]]:
    """Revenue of the groups at the top with those below, by payer, against the truth; fen."""
    for row in ask("""with here as (
                select strftime(as_of_month, '%Y%m') as cycle,
                    cast(sum(group_paid_with_below_amt) * 100 as bigint) as group_paid,
                    cast(sum(member_paid_with_below_amt) * 100 as bigint) as member_paid
                from mart.group_month where is_top group by all
            ), there as (
                select billing_cycle as cycle, sum(own_fen) filter (where payer_code = 'GROUP') as group_paid,
                    sum(own_fen) filter (where payer_code <> 'GROUP') as member_paid
                from truth.group_revenue_month group by all
            ) select cycle, here.group_paid, there.group_paid, here.member_paid, there.member_paid
            from here full outer join there using (cycle) order by 1"""):
        yield dict(zip(("month", "group_paid", "true_group_paid", "member_paid", "true_member_paid"), row, strict=True))


def told(ask: Ask) -> Iterator[dict[str, object]]:
    """Of each month: what is published of lifetime value, behaviour, watch and potential, and with which status."""
    for row in ask("""select as_of_month, 'lifetime value' as what, status, count(*) from mart.customer_value
                group by all
            union all select as_of_month, 'behaviour', status, count(*) from mart.customer_segment
                where scheme_code = 'behaviour' group by all
            union all select as_of_month, 'watch', status || if(is_break, ', break', ''), count(*)
                from mart.key_account_watch group by all
            union all select as_of_month, 'potential', case is_converted when true then 'converted'
                when false then 'not converted' else 'open' end, count(*)
                from mart.potential_key_account group by all order by 1, 2, 3"""):
        yield dict(zip(("month", "what", "status", "rows"), map(str, row), strict=True))


def seconds(home: Home) -> Iterator[dict[str, object]]:
    """Seconds of each model of value in the last build, by the build's own record."""
    record = home.work / "dbt" / "build.json"
    nodes = json.loads(record.read_text(encoding="utf-8"))["nodes"] if record.exists() else []
    mine = ("features.feature_c", "mart.customer", "mart.segment", "mart.value", "mart.key_account", "mart.potential",
            "mart.group")
    rows = {node["table"]: float(node["seconds"]) for node in nodes
            if node["kind"] == "model" and node["table"].startswith(mine) and "churn" not in node["table"]}
    for table, spent in sorted(rows.items(), key=lambda row: -row[1]):
        yield {"model": table, "seconds": spent}
