"""What the warehouse of a sample operator says of prices, beside the planted elasticities.

    python -m tests.benchmarks.elasticity_warehouse HOME      (the newest month made again, in a process of its own)

Reads the published file (the working one where nothing is published yet) and the truth folder of the sample, which the
product never reads. A sample of five months or more has planted elasticities. Builds nothing.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from orchestration import settings
from orchestration.estimates import price
from orchestration.settings import Home
from tests.benchmarks.churn_warehouse import DEMO, database
from tests.benchmarks.printed import peak_mb
from tests.truth import Ask

EVERYBODY = "design_code = 'two_way' and segment_code = 'ALL' and org_id = 'ALL'"


def missing(home: Home) -> str | None:
    """What to run first when the home holds no built sample, else None."""
    if database(home).exists() and (home.root / "truth" / "elasticity.parquet").exists():
        return None
    return f"no built sample in {home.root}; run: {DEMO.format(home.root)}"


@contextmanager
def reader(home: Home) -> Iterator[Ask]:
    """The warehouse, read-only under its own name, with the planted elasticities as a view of `truth`."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{database(home)}' as bass (read_only)")
        connection.execute("attach ':memory:' as truth")
        connection.execute("use bass")
        connection.execute(f"""create view truth.elasticity as
            from read_parquet('{home.root}/truth/elasticity.parquet')""")
        yield lambda sql: connection.execute(sql).fetchall()


def newest(ask: Ask) -> Iterator[dict[str, object]]:
    """Elasticities of use per subscription in the newest month, everybody together, own and cross, beside the truth."""
    names = ("as_of", "component", "price_of", "planted", "estimate", "ci_low", "ci_high", "inside", "status")
    for row in ask(f"""select strftime(found.as_of_month, '%Y-%m'), found.component_code, found.price_component_code,
                true_.value, found.estimate, found.ci_low, found.ci_high,
                true_.value between found.ci_low and found.ci_high, found.status
            from mart.price_elasticity as found left join truth.elasticity as true_
                using (component_code, price_component_code)
            where {EVERYBODY} and margin_code = 'usage'
                and as_of_month = (select max(as_of_month) from mart.price_elasticity) order by all"""):
        yield dict(zip(names, row, strict=True))


def by_month(ask: Ask) -> Iterator[dict[str, object]]:
    """Per as-of month: how many of the planted ones are told, and how many of those lie in their interval."""
    for row in ask(f"""select strftime(as_of_month, '%Y-%m'), count(*), count(*) filter (where status = 'ok'),
                count(*) filter (where value between ci_low and ci_high)
            from mart.price_elasticity inner join truth.elasticity using (component_code, price_component_code)
            where {EVERYBODY} and margin_code = 'usage' group by 1 order by 1"""):
        yield dict(zip(("as_of", "planted", "told", "inside"), row, strict=True))


def told(ask: Ask) -> Iterator[dict[str, object]]:
    """Estimates of all months by design, margin and status; own estimates outside the plausible range."""
    for row in ask("""select design_code, margin_code, kind_code, status, count(*),
                count(*) filter (where estimate is not null), count(*) filter (where not is_plausible)
            from mart.price_elasticity group by 1, 2, 3, 4 order by 1, 2, 3, 4"""):
        yield dict(zip(("design", "margin", "kind", "status", "rows", "numbers", "implausible"), row, strict=True))


def rehearsed(ask: Ask) -> Iterator[dict[str, object]]:
    """Finished price changes, each told by the other offers alone: the share whose interval held what was seen."""
    for row in ask("""select strftime(as_of_month, '%Y-%m'), n_obs, ci_level, estimate, status, detail_text
            from mart.price_model_card where section_code = 'back_test' order by as_of_month"""):
        yield dict(zip(("as_of", "told", "level", "held", "status", "detail"), row, strict=True))


def seconds(home: Home) -> Iterator[dict[str, object]]:
    """Seconds of each model that leads to prices alone, by the last build's own record."""
    record = home.work / "dbt" / "build.json"
    nodes = json.loads(record.read_text(encoding="utf-8"))["nodes"] if record.exists() else []
    mine = ("features.feature_price", "features.feature_tariff", "features.feature_usage", "mart.price")
    rows = {node["table"]: float(node["seconds"]) for node in nodes
            if node["kind"] == "model" and node["table"].startswith(mine)}
    for table, spent in sorted(rows.items(), key=lambda row: -row[1]):
        yield {"model": table, "seconds": spent}


def measure(home: Home) -> dict[str, object]:
    """Here and now: the panel is read and every table of its newest month made, written nowhere."""
    began, before = time.perf_counter(), peak_mb()
    with duckdb.connect(str(database(home)), read_only=True) as connection:
        source = price.read(connection)
    month, read = source.panel["as_of_month"].max(), time.perf_counter()
    found = price.estimate(source, month, lambda table, of: None, lambda text: None)
    return {"as_of": f"{month:%Y-%m}", "cells": source.panel.height, "estimates": found["price_elasticity"].height,
            "read_s": read - began, "estimate_s": time.perf_counter() - read, "before_mb": before, "peak_mb": peak_mb()}


if __name__ == "__main__":
    print(json.dumps(measure(settings.home(sys.argv[1]))))
