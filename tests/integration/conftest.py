"""A warehouse in miniature: one feed, three models and their tests, under the real macros and project settings.

What the spine does must not depend on how many models there are; here each run of dbt takes a second.
"""

import shutil
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path

import pytest

from orchestration import pipeline, settings
from orchestration.settings import Home
from tests.reliability import homes

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
  - {property: frequency, value: day}
  - {property: latency, value: 1, unit: d}
schema:
  - name: sale
    businessName: 销售
    physicalType: file
    description: One row per sale.
    customProperties: [{property: duplicatePolicy, value: first}]
    quality:
      - name: rejected_rows
        type: custom
        engine: bass
        implementation: {metric: rejectedRows, mustBeLessOrEqualTo: 40}
        unit: percent
        severity: error
      - {name: duplicate_rows, metric: duplicateValues, unit: percent, mustBeLessOrEqualTo: 1, severity: warning}
    properties:
      - {name: sale_id, physicalName: id, logicalType: string, primaryKey: true, primaryKeyPosition: 1, required: true}
      - {name: buyer_token, physicalName: buyer, logicalType: string, classification: personal}
      - {name: amount_fen, physicalName: amount, logicalType: integer, physicalType: bigint, required: true}
"""
PROJECT_FILES = {
    "models/staging/billing/_sources.yml": """\
version: 2
sources:
  - name: billing
    schema: raw
    tables: [{name: sale, identifier: billing__sale}]
""",
    "models/staging/billing/stg_billing__sale.sql": """\
-- One row per sale.
select sale_id, buyer_token, amount_fen, source_file, line_number, file_date from {{ source('billing', 'sale') }}
""",
    "models/revenue/fct_sale.sql": """\
-- One row per sale.
{{ config(materialized='incremental', unique_key='file_date', partition_by='file_date') }}
select sale_id, buyer_token, amount_fen, file_date from {{ ref('stg_billing__sale') }}
where {{ in_window('file_date') }}
""",
    "models/revenue/fct_sale_day.sql": """\
-- One row per day.
select file_date, count(*) as sale_count, sum(amount_fen) as amount_fen, current_timestamp as built_at
from {{ ref('fct_sale') }} group by file_date
""",
    "models/revenue/_models.yml": """\
version: 2
models:
  - name: fct_sale
    description: One row per sale. (销售)
    columns: [{name: sale_id, description: Sale. (销售编号), data_tests: [not_null, unique]}]
""",
    "tests/singular/sales_are_not_negative.sql": "select * from {{ ref('fct_sale') }} where amount_fen < 0",
}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """An empty home whose contracts, models and seeds are those of the miniature."""
    _write_miniature(tmp_path)
    return _use(tmp_path, monkeypatch)


@pytest.fixture
def published(tmp_path: Path, published_once: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A home with one day, of two sales, published as version 1."""
    shutil.copytree(published_once, tmp_path, dirs_exist_ok=True, ignore=shutil.ignore_patterns("home"))
    home = _use(tmp_path, monkeypatch)
    return homes.copy_of(settings.home(published_once / "home", home.contracts), home.root)


@pytest.fixture(scope="session")
def published_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("published")
    _write_miniature(folder)
    with pytest.MonkeyPatch.context() as monkeypatch:
        home = _use(folder, monkeypatch)
        put(home, date(2026, 3, 1), ("1", "A", 100), ("2", "B", 50))
        pipeline.run(home)
    return folder


def _write_miniature(folder: Path) -> None:
    project, seeds, contracts = folder / "dbt_project", folder / "seeds", folder / "contracts" / "billing"
    for name, text in PROJECT_FILES.items():
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text(text)
    for name in ("dbt_project.yml", "profiles.yml"):
        shutil.copy(settings.REPO / "dbt_project" / name, project)
    for name in ("macros", "tests/generic"):
        shutil.copytree(settings.REPO / "dbt_project" / name, project / name)
    seeds.mkdir()
    (seeds / "colours.csv").write_text("colour_code,colour_name\nR,red\n")
    contracts.mkdir(parents=True)
    (contracts / "sale.odcs.yaml").write_text(CONTRACT)


def _use(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    for name in ("BASS_HOME", "BASS_LANDING", "BASS_LAKE", "BASS_CONTRACTS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("BASS_SECRET", "a secret of the tests")
    monkeypatch.setattr(settings, "DBT_PROJECT", folder / "dbt_project")
    monkeypatch.setattr(settings, "SEEDS", folder / "seeds")
    return settings.home(folder / "home", folder / "contracts")


@pytest.fixture
def deliver(tmp_path: Path) -> Callable[..., Path]:
    """Puts a file of sales for a day into the landing folder; a sale is (id, buyer, amount)."""
    return partial(put, settings.home(tmp_path / "home"))


def put(home: Home, day: date, *sales: tuple[str, str, object], version: int = 1) -> Path:
    path = home.landing / "billing" / f"sale_{day:%Y%m%d}_v{version}.txt"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join("|".join(map(str, sale)) + "\n" for sale in sales))
    return path
