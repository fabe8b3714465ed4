"""The dbt project keeps its own rules: portable text, a stated grain, documented columns, one direction.

Reads the manifest that dbt makes by parsing; builds nothing. Each list of offenders must be empty.
"""

import csv
import json
import os
import re

import pytest

from orchestration import code_places, codegen, contracts, settings
from orchestration.estimates import refresh

MODELS = settings.DBT_PROJECT / "models"
THEMES = {"customers", "usage", "revenue", "competition", "service_quality", "marketing", "key_accounts",
          "new_services", "partners"}
MAY_READ = {
    "staging": {"staging", "seed", "source"},
    "dim": {"staging", "dim", "seed"},
    "theme": {"staging", "dim", "seed", "theme", "ops"},
    "kpi": {"theme", "dim", "kpi", "seed", "ops", "source"},  # the record of closed months
    "features": {"staging", "theme", "dim", "kpi", "features", "seed", "ops"},  # files tell what was known by when
    "marts": {"theme", "dim", "kpi", "features", "seed", "source", "marts"},
    "ops": {"ops", "staging", "dim", "theme", "kpi", "seed", "source"},
}
# Words that only one engine knows, or that ask which engine it is. They belong in macros/engine.
ENGINE_WORDS = re.compile(
    r"target\.(type|name)|adapter\.type|::|\bsequence\(|\b(duckdb|spark|read_parquet|epoch|strftime|date_format|date_diff|datediff|"
    r"date_sub|date_add|timestampadd|timestampdiff|unnest|explode|generate_series|list_(?!start|id)\w+|"
    r"json_extract\w*|get_json_object|from_json|regexp_matches|rlike|arg_max|arg_min|to_(days|seconds|months)|"
    r"make_interval|qualify|exclude|struct_pack|lateral view|file_format|incremental_strategy)\b", re.IGNORECASE)


@pytest.fixture(scope="module")
def manifest(tmp_path_factory) -> dict:
    dbt = pytest.importorskip("dbt.cli.main")
    target = tmp_path_factory.mktemp("parse")
    before = dict(os.environ)
    os.environ.update(BASS_DBT_ENGINE="duckdb", BASS_WAREHOUSE=str(target / "parse.duckdb"), BASS_LAKE=str(target))
    folders = ["--project-dir", settings.DBT_PROJECT, "--profiles-dir", settings.DBT_PROJECT]
    try:
        result = dbt.dbtRunner().invoke(["--quiet", "parse", *map(str, folders), "--target-path", str(target),
                                         "--log-path", str(target)])
    finally:
        os.environ.clear()
        os.environ.update(before)
    assert result.success, result.exception
    return json.loads((target / "manifest.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def models(manifest) -> list[dict]:
    found = [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]
    assert found, "the project has no model"
    return found


def layer(node: dict) -> str:
    """The layer of a model, seed or source, as MAY_READ names it."""
    if node["resource_type"] in ("seed", "source"):
        return node["resource_type"]
    folder = node["fqn"][1]
    return "theme" if folder in THEMES else folder


def test_sources_are_what_the_contracts_say():
    loaded = contracts.load_all(settings.REPO / "data_contracts")
    files = {**codegen.render_sources(loaded), **code_places.render_places(loaded)}
    assert [str(path) for path in codegen.stale(files)] == []


def test_no_model_names_an_engine():
    found = {path.name: match.group() for path in MODELS.rglob("*.*") if path.suffix in (".sql", ".yml")
             if (match := ENGINE_WORDS.search(re.sub(r"--.*|description:.*", "", path.read_text(encoding="utf-8"))))}
    assert found == {}


def test_engines_are_named_in_one_folder_only():
    macros = settings.DBT_PROJECT / "macros"
    dispatched = re.compile(r"(duckdb|spark)__|adapter\.dispatch|target\.type")
    elsewhere = [path.name for path in macros.rglob("*.sql")
                 if path.parent.name != "engine" and dispatched.search(path.read_text(encoding="utf-8"))]
    assert elsewhere == []


def test_every_model_begins_with_its_grain(models):
    assert [node["name"] for node in models if not node["raw_code"].lstrip().startswith("-- One row per ")] == []


def test_every_model_is_described_with_its_chinese_term(models):
    assert [node["name"] for node in models if not re.search(r"[\u4e00-\u9fff]", node["description"])] == []


def test_every_column_in_a_yml_is_described(models):
    assert [f"{node['name']}.{name}" for node in models for name, column in node["columns"].items()
            if len(column["description"]) < 5] == []


def test_every_model_has_a_test(manifest, models):
    tests = [node for node in manifest["nodes"].values() if node["resource_type"] == "test"]
    tested = {parent for node in tests for parent in node["depends_on"]["nodes"]}
    assert [node["name"] for node in models if node["unique_id"] not in tested] == []


def test_a_table_has_one_test_for_all_columns_that_are_never_null(manifest):
    """`never_null` reads the table once; dbt's own test is for a single column, or for a part of the rows."""
    tables = [node["attached_node"] for node in manifest["nodes"].values() if not node["config"].get("where")
              and node.get("test_metadata", {}).get("name") in ("not_null", "never_null")]
    assert len(tables) > 100
    assert sorted({table for table in tables if tables.count(table) > 1}) == []


def test_layers_read_in_one_direction(manifest, models):
    known = manifest["nodes"] | manifest["sources"]
    wrong = [f"{node['name']} reads {known[parent]['name']}" for node in models
             for parent in node["depends_on"]["nodes"] if layer(known[parent]) not in MAY_READ[layer(node)]]
    assert wrong == []


def test_a_name_says_its_layer(models):
    prefixes = {"staging": ("stg_",), "dim": ("dim_", "bridge_"), "theme": ("fct_", "int_", "bridge_", "exp_"),
                "kpi": ("kpi_", "int_kpi", "fct_kpi"), "marts": ("mart_",), "ops": ("ops_",), "features": ("feature",)}
    assert [node["name"] for node in models if not node["name"].startswith(prefixes[layer(node)])] == []


def test_an_incremental_model_is_partitioned_by_its_key(models):
    incremental = [node for node in models if node["config"]["materialized"] == "incremental"]
    assert [node["name"] for node in incremental if not node["config"].get("unique_key")
            or node["config"]["unique_key"] != node["config"].get("partition_by")] == []


def test_a_run_replaces_exactly_the_days_that_an_incremental_model_counts_again(models):
    """What `is_rewritten` goes by: days before the window in its meta, dates of its files by `touched_dates`."""
    wrong = []
    for node in (node for node in models if node["config"]["materialized"] == "incremental"):
        key = node["config"]["unique_key"]
        window = rf"since_window\(['\"](?:\w+\.)?{key}['\"](?:, lookback_days=(\d+))?\)"
        days = {int(found or 0) for found in re.findall(window, node["raw_code"])} or {0}
        said = node["config"]["meta"].get("lookback_days", 0)
        if said != min(days) and key != "control_date":
            wrong.append(f"{node['name']}: counts {min(days)} days before its window again, meta says {said}")
        if ("last_file_date" in node["columns"]) != ("touched_dates(" in node["raw_code"]):
            wrong.append(f"{node['name']}: last_file_date and touched_dates belong together")
    assert wrong == []


def test_only_a_model_that_keeps_its_other_days_reads_a_window(models):
    """A table would lose every day before the window at the next run."""
    assert [node["name"] for node in models if re.search(r"(since|in)_window\(", node["raw_code"])
            and node["config"]["materialized"] not in ("incremental", "ephemeral", "view")] == []


def test_what_comes_in_is_judged_by_contracts_not_by_dbt(manifest):
    tests = [node for node in manifest["nodes"].values() if node["resource_type"] == "test"]
    assert [node["name"] for node in tests if any(p.startswith("source.") for p in node["depends_on"]["nodes"])] == []


def test_a_folder_is_the_schema_of_its_models(models):
    assert [node["name"] for node in models
            if node["schema"] != {"marts": "mart"}.get(node["fqn"][1], node["fqn"][1])] == []


def test_every_model_file_stands_beside_a_yml():
    folders = {path.parent for path in MODELS.rglob("*.sql")}
    assert [str(folder) for folder in folders if not list(folder.glob("*__models.yml"))] == []


@pytest.mark.requirement("LYR14")
@pytest.mark.parametrize("theme", sorted(THEMES))
def test_the_page_of_a_theme_has_a_worked_example_and_says_how_to_act_on_it(theme):
    page = (MODELS / theme / f"_{theme}__docs.md").read_text(encoding="utf-8")
    section = page.split("## Worked example and how to act\n")[1].split("\n## ")[0]
    example, *actions = re.split(r"\n- ", section)
    asked = re.search(r"`bass ask (\w+)/(\d\d)`", example)
    assert asked and asked.group(1) == theme
    assert list((settings.DBT_PROJECT / "analyses" / theme).glob(f"{asked.group(2)}_*.sql"))
    assert "in the sample" in example.lower().replace("\n", " ") and len(actions) >= 3


def test_every_feature_has_a_family_of_reasons(models):
    """`seeds/churn_features.csv` names the columns of the features that are neither keys nor lineage, and no others."""
    columns = next(node["columns"] for node in models if node["name"] == "feature_churn_month")
    keys = {"subscription_id", "account_id", "customer_id", "org_id", "offer_id", "home_cell_id", "feature_set_version",
            "as_of_month", "as_of_date"}
    lines = (settings.SEEDS / "churn_features.csv").read_text(encoding="utf-8").splitlines()[1:]
    assert sorted(set(columns) - keys) == sorted(line.split(",")[0] for line in lines)


def test_the_marts_know_the_columns_that_the_analyses_write(manifest):
    """The month is the partition: it stands in the path of the file."""
    described = {node["name"]: list(node["columns"]) for node in manifest["sources"].values()
                 if node["source_name"] == "analytics"}
    assert described == {table: [*columns.names, "as_of_month"] for table, columns in refresh.TABLES.items()}


@pytest.mark.requirement("SEC07")
def test_the_access_seed_names_tables_and_columns_that_are_there_and_hides_every_token(manifest):
    """Who sees a table is said once per role; groups are never numbers of customers."""
    built = {f"{node['schema']}.{node['alias']}": set(node["columns"]) for node in manifest["nodes"].values()
             if node["resource_type"] in ("model", "seed")}
    with (settings.SEEDS / "access_tables.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows and [row["table_name"] for row in rows if row["table_name"] not in built] == []
    cells = ("scope_column", "hidden_columns", "group_columns", "sum_columns")
    named = {(row["table_name"], name) for row in rows for cell in cells for name in row[cell].split("|") if name}
    assert sorted((table, name) for table, name in named if name not in built[table]) == []
    assert [row["table_name"] for row in rows for name in built[row["table_name"]] if name.endswith("_token")
            and not row["group_columns"] and name not in row["hidden_columns"].split("|")] == []
