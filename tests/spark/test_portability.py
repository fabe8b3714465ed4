"""The whole project, built on DuckDB and on Spark over one lake, gives the same data; so does a part on a cluster.

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
WINDOW = json.dumps({"from_date": "2026-02-06", "to_date": "9999-12-31"})
OUR_TESTS = ["sums_agree", "rows_accounted_for", "no_overlap", "stock_flow_holds", "share_below"]
EVERYTHING = ["build", "--exclude-resource-types", "test", "unit_test"]
BY_WINDOWS = "config.materialized:incremental"
# Everything, then the last days again of what one theme builds by windows.
SAMPLE_OF_CALLS = [EVERYTHING, ["run", "--select", f"{BY_WINDOWS},path:models/usage", "--vars", WINDOW]]
ALL_CALLS = [  # everything, then the last days again of what is built by windows, then the data tests
    EVERYTHING,
    ["run", "--select", BY_WINDOWS, "--vars", WINDOW],
    ["test", "--select", "test_type:singular", *(f"test_name:{name}" for name in OUR_TESTS)],
]
ON_A_CLUSTER = [[*EVERYTHING, "--select", "+fct_usage_day", "+fct_bill"]]


@pytest.fixture(scope="module")
def lake(tmp_path_factory):
    pytest.importorskip("pyspark", reason="pyspark is not installed")
    return sample.make_lake(tmp_path_factory.mktemp("sample"), subscribers=80, months=2)


@pytest.fixture(scope="module")
def builds(lake, tmp_path_factory, soak):
    """What each engine made of the lake, each in one process."""
    folder, calls = tmp_path_factory.mktemp("ring"), ALL_CALLS if soak else SAMPLE_OF_CALLS
    return [build(engine, lake, folder / engine, *calls) for engine in ENGINES]


@pytest.fixture(scope="module")
def verdicts(builds):
    found = compare(*builds)
    print(report(found), *(f"{made.engine}: {made.seconds:.0f} s" for made in builds), sep="\n")
    return found


def test_both_engines_build_every_model(builds):
    assert {made.engine: failures(made.output) for made in builds if not made.succeeded} == {}


def test_every_relation_has_the_same_rows_on_both_engines(verdicts):
    assert len(verdicts) > 60
    assert {str(verdict.relation): verdict.differences for verdict in verdicts if not verdict.equal} == {}


def test_every_relation_has_the_same_types_on_both_engines(verdicts):
    assert {str(verdict.relation): verdict.types for verdict in verdicts if verdict.types} == {}


def test_the_comparison_is_not_of_empty_relations(verdicts):
    empty = {str(verdict.relation) for verdict in verdicts if verdict.rows == (0, 0)}
    assert len(empty) < len(verdicts) / 10, empty


@pytest.mark.soak
def test_two_workers_of_a_cluster_make_the_same_rows_together(lake, builds, tmp_path):
    with cluster.standalone(tmp_path / "cluster") as master:
        made = build("spark", lake, tmp_path / "made", *ON_A_CLUSTER, master=master)
    assert made.succeeded, failures(made.output)
    found = [verdict for verdict in compare(builds[0], made) if verdict.relation in made.written()]
    assert len(found) > 10 and {str(one.relation): one.differences for one in found if not one.equal} == {}
    logs = [log.read_text() for log in (tmp_path / "cluster").glob("worker*/log")]
    assert len(logs) == 2 and all("Asked to launch executor" in log for log in logs)
