"""The inventory of requirements and the tests that name its rows agree."""

import re
from pathlib import Path

import pytest

from orchestration import requirements

REPO = Path(__file__).resolve().parents[2]


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    for folder in ("seeds", "tests", "dbt_project/models", "dbt_project/tests"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "seeds" / "requirements.csv").write_text(
        "requirement_id,requirement_group,kind,title\n"
        "AAA01,first,dim,One\nAAA02,first,fact,Two\nAAA03,first,fact,Three\nBBB01,second,mart,Four\n")
    return tmp_path


def test_the_inventory_has_312_rows_in_18_groups_with_short_titles():
    rows = requirements.inventory(REPO)
    assert len({row.requirement_id for row in rows}) == len(rows) == 312
    assert len({row.requirement_group for row in rows}) == 18
    assert all(re.fullmatch(r"[A-Z]{3}\d{2}", row.requirement_id) and 0 < len(row.title) <= 70 for row in rows)


def test_every_test_of_the_repository_names_known_rows_only():
    groups = requirements.report(REPO)
    assert sum(group.rows for group in groups) == 312
    assert sum(len(group.proved) for group in groups) > 0


def test_ids_are_found_in_markers_and_in_metas_of_dbt_tests(repo):
    (repo / "tests" / "test_a.py").write_text(
        "import pytest\n\n@pytest.mark.requirement('AAA01', 'AAA02')\ndef test_one(): ...\n")
    (repo / "dbt_project" / "models" / "m.yml").write_text(
        "models:\n  - name: m\n    meta: {requirement: ZZZ99}\n    columns:\n      - name: c\n        data_tests:\n"
        "          - unique: {config: {meta: {requirement: [BBB01]}}}\n")
    (repo / "dbt_project" / "tests" / "assert_x.sql").write_text("{{ config(meta={'requirement': 'AAA03'}) }}")
    assert [(g.requirement_group, g.rows, g.proved, g.unproved) for g in requirements.report(repo)] == [
        ("first", 3, ("AAA01", "AAA02", "AAA03"), ()), ("second", 1, ("BBB01",), ())]
    assert requirements.inventory(repo)[0].proofs == ("tests/test_a.py:3",)


def test_a_row_that_no_test_names_is_unproved(repo):
    assert [g.unproved for g in requirements.report(repo)] == [("AAA01", "AAA02", "AAA03"), ("BBB01",)]


def test_an_unknown_id_is_refused_with_its_place(repo):
    (repo / "tests" / "test_a.py").write_text("import pytest\npytestmark = pytest.mark.requirement('AAA77')\n")
    with pytest.raises(ValueError, match=r"tests/test_a\.py:2 names 'AAA77'"):
        requirements.report(repo)
