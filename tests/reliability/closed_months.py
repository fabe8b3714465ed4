"""A home in miniature for closed months: sales of two cities, the real models from the KPIs on, tests included.

What is closed, shown, queued and restated is said by the project's own SQL; only what lies below the KPIs is small.
"""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import yaml

from orchestration import settings
from orchestration.settings import Home

CONTRACT = """\
apiVersion: v3.1.0
kind: DataContract
id: billing__sale
name: sale
version: 1.0.0
status: active
domain: billing
description: {purpose: One row per sale.}
team: {name: sales-data-owner}
servers:
  - server: landing
    type: custom
    format: delimited
    delimiter: "|"
    encoding: utf-8
    customProperties:
      - {property: filePattern, value: '^sale_(?P<period>\\d{8})_v(?P<version>\\d+)\\.txt$'}
      - {property: control, value: stable}
      - {property: timeZone, value: Asia/Shanghai}
slaProperties:
  - {property: frequency, value: on_change}
  - {property: latency, value: 1, unit: d}
schema:
  - name: sale
    businessName: 销售
    physicalType: file
    description: One row per sale.
    customProperties: [{property: duplicatePolicy, value: first}]
    properties:
      - {name: sale_id, physicalName: id, logicalType: string, primaryKey: true, primaryKeyPosition: 1, required: true}
      - {name: org_id, physicalName: shop, logicalType: string, required: true}
      - {name: sold_on, physicalName: day, logicalType: date, physicalType: date, required: true}
      - {name: amount_fen, physicalName: amount, logicalType: integer, physicalType: bigint, required: true}
"""
KPIS = """\
kpi_id,definition_version,slug,theme,needs,name_en,name_zh,additivity,rollup,factor,feeds,effective_from,owner,settles_after_days
K02,1,new,customers,,Sales,销售笔数,A,sum,1,billing__sale,2020-01-01,market operations,0
K13,1,arpu,revenue,,Revenue per sale,笔均收入,N,sum,1,billing__sale,2020-01-01,finance,0
K19,1,revenue_growth,revenue,,Revenue growth,收入增长率,N,sum,1,billing__sale,2020-01-01,finance,0
K29,1,complaints,revenue,,Sales in all,累计销售,A,sum,1,billing__sale,2020-01-01,billing,20
"""
FILES = {
    "models/staging/billing/_sources.yml": """\
version: 2
sources:
  - name: billing
    schema: raw
    tables: [{name: sale, identifier: billing__sale}]
""",
    "models/staging/billing/stg_billing__sale.sql": """\
-- One row per sale.
select sale_id, org_id, sold_on, cast(amount_fen * 0.01 as decimal(18, 2)) as sale_amt, source_file, file_date
from {{ source('billing', 'sale') }}
""",
    "models/revenue/fct_revenue_month.sql": """\
-- One row per city and month.
select {{ month_of('sold_on') }} as revenue_month, org_id, false as is_excluded,
    cast(sum(sale_amt) as decimal(18, 2)) as recognised_amt
from {{ ref('stg_billing__sale') }} group by {{ month_of('sold_on') }}, org_id
""",
    "models/dim/dim_org.sql": """\
-- One row per unit.
select org_id as org_key, org_id, org_level_code, city_id, province_id, cast('1900-01-01' as date) as valid_from,
    cast('9999-12-31' as date) as valid_to
from (values
    ('h', 'HQ', null, null), ('p', 'PROVINCE', null, 'p'), ('c1', 'CITY', 'c1', 'p'), ('c2', 'CITY', 'c2', 'p')
) as units (org_id, org_level_code, city_id, province_id)
""",
    "models/kpi/int_kpi_day.sql": """\
-- One row per city and day: K02.
select 'K02' as kpi_id, 1 as definition_version, 'ALL' as breakdown_code, 'sum' as rollup_code, org_id,
    cast(count(*) as decimal(38, 6)) as numerator, cast(null as decimal(38, 6)) as denominator, sold_on as period_start
from {{ ref('stg_billing__sale') }} group by org_id, sold_on
""",
    "models/kpi/int_kpi_month.sql": """\
-- One row per city and month: K13, K19 and K29.
select 'K13' as kpi_id, 1 as definition_version, 'ALL' as breakdown_code, 'sum' as rollup_code, org_id,
    cast(sum(sale_amt) as decimal(38, 6)) as numerator, cast(count(*) as decimal(38, 6)) as denominator,
    {{ month_of('sold_on') }} as period_start
from {{ ref('stg_billing__sale') }} group by org_id, {{ month_of('sold_on') }}
union all
select 'K29', 1, 'ALL', 'sum', org_id, cast(count(*) as decimal(38, 6)), cast(null as decimal(38, 6)),
    {{ month_of('sold_on') }}
from {{ ref('stg_billing__sale') }} group by org_id, {{ month_of('sold_on') }}
union all
select kpi_id, 1, breakdown_code, 'sum', org_id, numerator, denominator, period_start
from {{ ref('kpi_k19_revenue_growth') }}
""",
    "models/ops/ops_event_file.sql": """\
-- One row per file and date of sales.
select 'billing__sale' as contract_id, source_file as file_name, count(*) as record_count,
    cast(null as bigint) as duration_s, cast(null as bigint) as volume_bytes,
    cast(sum(sale_amt) as decimal(18, 2)) as amount_amt, sold_on as event_date, file_date
from {{ ref('stg_billing__sale') }} group by source_file, sold_on, file_date
""",
}
REAL = {
    "kpi": ["kpi_city_day", "kpi_city_month", "kpi_org_period", "kpi_org_figure", "kpi_k19_revenue_growth",
            "fct_kpi_closed", "fct_kpi_day", "fct_kpi_month"],
    "ops": ["ops_file", "ops_feed", "ops_expected_file", "ops_late_record",
            "ops_restatement_queue", "ops_restatement", "ops_restated_kpi"],
}


def write_project(folder: Path) -> None:
    """Contracts, models and seeds of the miniature below `folder`."""
    project, real = folder / "dbt_project", settings.REPO / "dbt_project"
    for name, text in FILES.items():
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text(text)
    for name in ("dbt_project.yml", "profiles.yml"):
        shutil.copy(real / name, project)
    for name in ("macros", "tests/generic"):
        shutil.copytree(real / name, project / name)
    shutil.copy(real / "models/ops/_ops__sources.yml", project / "models/ops")
    for layer, models in REAL.items():
        for model in models:
            shutil.copy(real / f"models/{layer}/{model}.sql", project / f"models/{layer}")
        said = yaml.safe_load((real / f"models/{layer}/_{layer}__models.yml").read_text("utf-8"))
        said["models"] = [model for model in said["models"] if model["name"] in models]
        (project / f"models/{layer}/_models.yml").write_text(yaml.safe_dump(said, allow_unicode=True), "utf-8")
    (folder / "seeds").mkdir()
    (folder / "seeds" / "kpis.csv").write_text(KPIS, "utf-8")
    shutil.copy(settings.REPO / "seeds" / "parameters.csv", folder / "seeds")
    said = yaml.safe_load((settings.REPO / "seeds" / "_seeds.yml").read_text("utf-8"))
    seeds = [seed for seed in said["seeds"] if seed["name"] == "parameters"]
    types = {"factor": "double", "effective_from": "date", "definition_version": "int", "settles_after_days": "int"}
    seeds.append({"name": "kpis", "config": {"column_types": types}})
    (folder / "seeds" / "_seeds.yml").write_text(yaml.safe_dump({"version": 2, "seeds": seeds}, allow_unicode=True))
    (folder / "contracts" / "billing").mkdir(parents=True)
    (folder / "contracts" / "billing" / "sale.odcs.yaml").write_text(CONTRACT, "utf-8")


def put(home: Home, day: date, *sales: tuple[str, str, str, int], version: int = 1) -> Path:
    """Delivers the file of a day; a sale is (id, city, day of sale, fen)."""
    path = home.landing / "billing" / f"sale_{day:%Y%m%d}_v{version}.txt"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{sale}|{city}|{on.replace('-', '')}|{fen}\n" for sale, city, on, fen in sales))
    return path


def ask(home: Home, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(home.published_database), read_only=True) as connection:
        return connection.execute(sql).fetchall()
