"""One KPI is one row of the dictionary and one small SQL file; reads both, builds nothing."""

import csv
import re
from itertools import pairwise

import pytest

from orchestration import contracts, settings

MODELS = settings.DBT_PROJECT / "models" / "kpi"
LONGEST_BODY = {"": 40, "breakdown": 60}  # lines of SQL of a KPI that is one figure, and of one with parts
COLUMNS = ("kpi_id", "period_type", "period_start", "org_id", "numerator", "denominator")


def rows() -> list[dict[str, str]]:
    with (settings.SEEDS / "kpis.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def model_name(row: dict[str, str]) -> str:
    return f"kpi_{row['kpi_id'].lower()}_{row['slug']}"


def models() -> dict[str, str]:
    return {path.stem: path.read_text(encoding="utf-8") for path in MODELS.glob("kpi_k[0-9]*.sql")}


def test_every_kpi_file_has_a_row_and_every_row_a_file():
    assert sorted(models()) == sorted({model_name(row) for row in rows()})


@pytest.mark.parametrize("name", sorted(models()))
def test_a_kpi_file_is_short_and_says_its_id_grain_and_columns(name):
    text = models()[name]
    row = next(row for row in rows() if model_name(row) == name)
    body = [line for line in text.splitlines() if line.strip() and not line.strip().startswith("--")]
    assert len(body) <= LONGEST_BODY["breakdown" if row["breakdown"] or row["rollup"] == "own" else ""]
    assert any("breakdown_code" in line for line in body) == bool(row["breakdown"])
    if f"{{{{ per_average_subscription('{row['kpi_id']}', 'numerators') }}}}" in text:  # the macro selects the columns
        assert row["period_grain"] == "month" and "(K05)" in row["base"]
    else:
        selected = body[body.index("select") + 1:]
        assert selected[:2] == [f"    '{row['kpi_id']}' as kpi_id,", f"    '{row['period_grain']}' as period_type,"]
        assert [name for name in COLUMNS if not any(re.search(rf"\b{name},?$", line) for line in selected)] == []
    assert row["name_zh"] in text.splitlines()[0]


def test_a_kpi_needs_feeds_that_have_a_contract():
    known = contracts.load_all(settings.REPO / "data_contracts")
    assert {feed for row in rows() for feed in row["feeds"].split("|")} - set(known) == set()


def test_a_kpi_waits_for_regular_feeds_only():
    """A feed sent on change has no file on most days: the KPI would end at its last change. Numbered files tell."""
    known = contracts.load_all(settings.REPO / "data_contracts")
    waited = {feed for row in rows() for feed in row["feeds"].split("|")}
    assert sorted(feed for feed in waited if known[feed].frequency == "on_change"
                  and "sequence" not in known[feed].file_pattern.groupindex) == []


def test_versions_of_a_kpi_follow_each_other_in_time():
    versions = sorted((row["kpi_id"], int(row["definition_version"]), row["effective_from"]) for row in rows())
    for (kpi, _, day), (next_kpi, _, next_day) in pairwise(versions):
        assert kpi != next_kpi or day < next_day
