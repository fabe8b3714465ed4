"""No clear personal value of the sample operator stands anywhere but in what was delivered; and the search can find."""

import sqlite3
from pathlib import Path

import duckdb
import pytest

from orchestration import cli, settings, vault
from orchestration.settings import Home
from tests.reliability import clear_values, homes

pytestmark = pytest.mark.slow
PHONE, NAME = "13811112222", "欧阳石头"


@pytest.fixture(scope="module")
def values(finished: Home) -> dict[str, set[str]]:
    return clear_values.delivered(finished)


@pytest.fixture(scope="module")
def search(values: dict[str, set[str]]) -> clear_values.Search:
    return clear_values.Search(clear_values.searchable(values)[0])


@pytest.mark.requirement("SEC01", "SEC05")
def test_no_clear_value_stands_in_lake_warehouse_published_file_rejects_logs_history_or_vault(
    finished: Home, search: clear_values.Search
) -> None:
    assert search.in_home(finished) == {}
    places = {path.relative_to(finished.root).parts[0] for path in clear_values.files_of(finished)}
    assert {"lake", "work", "published", "dagster", "vault", "ledger.sqlite"} <= places
    assert list(finished.rejects.rglob("*.parquet")), "no reject was looked at"


def test_every_kind_of_personal_value_is_looked_for(values: dict[str, set[str]], finished: Home) -> None:
    looked_for, left_out = clear_values.searchable(values)
    assert {"msisdn", "name", "id_document", "imsi", "bank_account", "number", "free_text"} <= set(values)
    assert all(values[domain] & looked_for for domain in values)
    assert len(left_out) < len(looked_for) / 100, sorted(left_out)
    sealed = {(domain, text) for domain, _, text in vault.values(finished, homes.SECRET.encode())}
    assert sealed and all(text in values[domain] for domain, text in sealed)


@pytest.mark.requirement("SEC01")
def test_no_command_says_a_clear_value(finished: Home, search: clear_values.Search, capsys) -> None:
    rejects = sorted(finished.rejects.rglob("*.parquet"))
    questions = ["from raw.billing__customer", "from dim.dim_customer", "from dim.dim_subscription",
                 "from raw.crm__contact_person", *(f"from '{path}'" for path in rejects)]
    commands = [["status"], ["status", "--json"], ["ask"],
                *(["sql", question, "--format", "json"] for question in questions)]
    for command in commands:
        assert cli.main([*command, "--home", str(finished.root)]) == 0
        said = capsys.readouterr()
        assert len(said.out) > 20, command
        assert search.in_text(said.out + said.err) == set(), command


def plant_text(home: Home, value: str) -> Path:
    path = home.work / "dbt" / "logs" / "dbt.log"
    path.parent.mkdir(parents=True)
    path.write_bytes(f"one line\nmodel failed on {value}, sorry\n".encode("gb18030"))
    return path


def plant_parquet(home: Home, value: str) -> Path:
    path = home.rejects / "billing__customer" / "file_date=2026-01-05" / "part.parquet"
    path.parent.mkdir(parents=True)
    duckdb.sql(f"select 'C1|10|{value}|x' as raw_text from range(9)").write_parquet(str(path), compression="zstd")
    return path


def plant_table(home: Home, value: str) -> Path:
    home.published.mkdir(parents=True)
    with duckdb.connect(str(home.published_database)) as connection:
        kind = "bigint" if value.isdigit() else "varchar"
        connection.execute(f"create table dim_customer as select '{value}'::{kind} as contact from range(5000)")
    return home.published_database


def plant_history(home: Home, value: str) -> Path:
    path = home.dagster / "history" / "runs.db"
    path.parent.mkdir(parents=True)
    with sqlite3.connect(path) as connection:
        connection.execute("create table event (body text)")
        connection.execute("insert into event values (?)", (f'{{"said": "{value}"}}',))
    return path


def plant_page(home: Home, value: str) -> Path:
    import json

    path = home.published / "docs.html"
    path.parent.mkdir(parents=True)
    path.write_text(f"<script>{json.dumps({'contact': value})}</script>")
    return path


@pytest.mark.parametrize("plant", [plant_text, plant_parquet, plant_table, plant_history, plant_page])
@pytest.mark.parametrize("value", [PHONE, NAME])
def test_a_value_that_leaks_is_found(tmp_path: Path, plant, value: str) -> None:
    home = settings.home(tmp_path)
    path = plant(home, value)
    found = clear_values.Search({PHONE, NAME}).in_home(home)
    assert found and set().union(*found.values()) == {value}
    assert {place.split("/")[0] for place in found} == {path.relative_to(home.root).parts[0]}
