"""The code location over the real contracts and models, and runs of the miniature on a Dagster instance."""

from datetime import date

import dagster as dg
import pytest

from orchestration import contracts, definitions, pipeline, publish, schedules, settings
from orchestration.assets.publish import KEY as PUBLISHED

FIRST, SECOND, THIRD = date(2026, 3, 1), date(2026, 3, 2), date(2026, 3, 3)


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    """The code location of the real contracts and models."""
    return definitions.assemble(settings.home(tmp_path_factory.mktemp("home"), settings.REPO / "data_contracts"))


def test_the_code_location_loads(repository):
    dg.Definitions.validate_loadable(repository)


def test_there_is_one_raw_asset_with_its_check_per_contract(repository):
    graph = repository.resolve_asset_graph()
    ids = set(contracts.load_all(settings.REPO / "data_contracts"))
    raw = {key for key in graph.materializable_asset_keys if key.path[0] == "raw"}
    assert {key.path[1] for key in raw} == ids
    assert {check.asset_key.path[1] for check in graph.asset_check_keys if check.name == "contract"} == ids
    assert all(graph.get(key).backfill_policy == dg.BackfillPolicy.single_run() for key in raw)


def test_every_raw_asset_feeds_staging(repository):
    graph = repository.resolve_asset_graph()
    for key in graph.materializable_asset_keys:
        if key.path[0] == "raw":
            assert "staging" in {child.path[0] for child in graph.get(key).child_keys}, key


def test_everything_that_is_built_is_published(repository):
    graph = repository.resolve_asset_graph()
    built = {key for key in graph.materializable_asset_keys if key.path[0] not in ("raw", "published")}
    assert graph.get(PUBLISHED).parent_keys == built
    assert {"staging", "dim", "customers", "usage", "revenue", "service_quality", "kpi", "ops"} <= {
        key.path[0] for key in built}


def test_tests_of_the_models_are_blocking_checks(repository):
    warehouse = next(d for d in repository.assets if isinstance(d, dg.AssetsDefinition) and len(list(d.keys)) > 1)
    checks = list(warehouse.check_specs)
    assert len(checks) > 100
    assert sum(check.blocking for check in checks) > 100


def test_a_feed_is_late_when_its_contract_says_so(repository):
    specs = {spec.key.path[-1]: spec for spec in repository.resolve_all_asset_specs() if spec.key.path[0] == "raw"}
    assert specs["billing__customer"].freshness_policy.fail_window.to_timedelta().days == 2
    assert specs["crm__org"].freshness_policy is None


def test_one_run_takes_a_range_of_days_and_stands_in_the_instance(home, deliver):
    for number, day in enumerate((FIRST, SECOND, THIRD)):
        deliver(day, (str(number), "A", 100))

    pipeline.run(home)

    with pipeline.instance(home) as instance:
        (run,) = instance.get_runs()
        assert (run.job_name, run.status) == (schedules.JOB, dg.DagsterRunStatus.SUCCESS)
        days = instance.get_materialized_partitions(dg.AssetKey(["raw", "billing__sale"]))
        assert days == {str(FIRST), str(SECOND), str(THIRD)}
        event = instance.get_latest_materialization_event(PUBLISHED)
        assert event.asset_materialization.metadata["version"].value == 1
        check = dg.AssetCheckKey(dg.AssetKey(["revenue", "fct_sale"]), "unique_fct_sale_sale_id")
        (record,) = instance.event_log_storage.get_asset_check_execution_history(check, limit=5)
        assert record.event.asset_check_evaluation.passed


def test_a_refused_run_is_a_failed_run_with_the_check_red(published, deliver):
    deliver(SECOND, ("3", "A", -5))
    with pytest.raises(publish.PublishRefused):
        pipeline.run(published)

    with pipeline.instance(published) as instance:
        assert instance.get_runs(limit=1)[0].status == dg.DagsterRunStatus.FAILURE
        check = dg.AssetCheckKey(dg.AssetKey(["revenue", "fct_sale"]), "sales_are_not_negative")
        (record,) = instance.event_log_storage.get_asset_check_execution_history(check, limit=1)
        assert not record.event.asset_check_evaluation.passed


def test_arrivals_ask_for_one_run_over_the_stale_days_only(published, deliver):
    built = [PUBLISHED]
    assert isinstance(schedules.request(published, built, once=True), dg.SkipReason)
    deliver(SECOND, ("3", "A", 1))
    deliver(THIRD, ("4", "A", 1))

    request = schedules.request(published, built, once=True)

    assert request.asset_selection == [dg.AssetKey(["raw", "billing__sale"]), PUBLISHED]
    assert request.tags == {schedules.FIRST_DAY: str(SECOND), schedules.LAST_DAY: str(THIRD)}
    assert schedules.request(published, built, once=True).run_key == request.run_key
    assert schedules.request(published, built, once=False).run_key is None


def test_a_run_from_the_web_interface_does_what_the_command_does(published, deliver):
    deliver(SECOND, ("3", "A", 7))
    job = definitions.assemble(published).resolve_job_def(schedules.JOB)

    with pipeline.instance(published) as instance:
        tags = {schedules.FIRST_DAY: str(SECOND), schedules.LAST_DAY: str(SECOND)}
        assert job.execute_in_process(instance=instance, tags=tags).success

    assert publish.published_version(published).version == 2
    assert pipeline.run(published) is None
