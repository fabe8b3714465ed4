"""The whole project, built on DuckDB and on Spark over one lake, gives the same data (nightly ring).

`pytest tests/spark -s` runs it and prints what was compared and how long each engine took.
"""

import json
import shutil

import pytest

from tests.spark import cluster, sample
from tests.spark.compare import compare, failures, report
from tests.spark.engines import ENGINES, build

pytestmark = [
    pytest.mark.spark,
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("java") is None, reason="Spark needs a Java runtime, and none is on the path"),
]
FIRST = json.dumps({"from_date": "1900-01-01", "to_date": "2026-02-10"})
THEN = json.dumps({"from_date": "2026-02-06", "to_date": "9999-12-31"})
ON_THE_CLUSTER = ["usage", "revenue"]  # the whole project takes its time: `python -m tests.spark.compare --cluster`
NO_TESTS = ["--exclude-resource-types", "test", "unit_test"]
OUR_TESTS = ["sums_agree", "rows_accounted_for", "no_overlap", "stock_flow_holds", "share_below"]


@pytest.fixture(scope="module")
def lake(tmp_path_factory):
    pytest.importorskip("pyspark", reason="pyspark is not installed")
    return sample.make_lake(tmp_path_factory.mktemp("sample"), subscribers=80, months=2)


@pytest.fixture(scope="module")
def builds(lake, tmp_path_factory):
    """On each engine: everything up to a day, then a window that overlaps it, then the data tests."""
    tests = [f"test_name:{name}" for name in OUR_TESTS]
    calls = [["build", *NO_TESTS, "--vars", FIRST], ["run", "--vars", THEN],
             ["test", "--select", "test_type:singular", *tests]]
    return [build(engine, lake, tmp_path_factory.mktemp("ring") / engine, *calls) for engine in ENGINES]


@pytest.fixture(scope="module")
def verdicts(builds):
    found = compare(*builds)
    print(report(found), *(f"{made.engine}: {made.seconds:.0f} s" for made in builds), sep="\n")
    return found


def test_both_engines_build_every_model_and_hold_the_data_tests(builds):
    assert {made.engine: failures(made.output) for made in builds if not made.succeeded} == {}


def test_every_relation_has_the_same_rows_on_both_engines(verdicts):
    assert len(verdicts) > 60
    assert {str(verdict.relation): verdict.differences for verdict in verdicts if not verdict.equal} == {}


def test_every_relation_has_the_same_types_on_both_engines(verdicts):
    assert {str(verdict.relation): verdict.types for verdict in verdicts if verdict.types} == {}


def test_the_comparison_is_not_of_empty_relations(verdicts):
    empty = {str(verdict.relation) for verdict in verdicts if verdict.rows == (0, 0)}
    assert len(empty) < len(verdicts) / 10, empty


def test_a_cluster_of_two_workers_gives_the_same_rows(lake, tmp_path):
    """Executors in processes of their own, as on a site's cluster; what they read and write is the same lake."""
    selected = [f"+{theme}" for theme in ON_THE_CLUSTER]
    with cluster.standalone(tmp_path / "cluster") as master:
        made = [build(engine, lake, tmp_path / engine, ["build", *NO_TESTS, "--select", *selected], master=master)
                for engine in ENGINES]
        workers = [log.read_text() for log in (tmp_path / "cluster").glob("worker*/log")]
    found = compare(*made)
    print(report(found), *(f"cluster, {build_.engine}: {build_.seconds:.0f} s" for build_ in made), sep="\n")
    assert {build_.engine: failures(build_.output) for build_ in made if not build_.succeeded} == {}
    assert {str(verdict.relation): verdict.differences for verdict in found if not verdict.equal} == {}
    assert len(found) > 20 and all("Launched executor" in log or "Asked to launch executor" in log for log in workers)
