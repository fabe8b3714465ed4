"""The published file: gate, atomic replace, previous versions, rebuild."""

import dataclasses
import json
import os
from datetime import date

import duckdb
import pytest

from orchestration import pipeline, publish, quality, role_files, steps, transform
from tests import role_world

FIRST, SECOND, THIRD = date(2026, 3, 1), date(2026, 3, 2), date(2026, 3, 3)


def _rows(path, table="revenue.fct_sale"):
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute(f"select sale_id, amount_fen from {table} order by 1").fetchall()


def test_a_run_publishes_every_table_and_view_and_a_second_run_does_nothing(published, monkeypatch):
    version = publish.published_version(published)
    before = {path: path.stat().st_mtime_ns for path in published.root.rglob("*") if path.is_file()}

    assert _rows(published.published_database) == [("1", 100), ("2", 50)]
    assert _rows(published.published_database, "staging.stg_billing__sale") == [("1", 100), ("2", 50)]
    assert {"revenue.fct_sale", "revenue.fct_sale_day", "reference.colours"} == set(version.tables)
    assert (version.version, version.checks_passed) == (1, 3)
    assert pipeline.run(published) is None
    changed = {p for p in published.root.rglob("*") if p.is_file() and before.get(p) != p.stat().st_mtime_ns}
    assert {p.name.partition("-")[0] for p in changed} <= {"bass.lock", "ledger.sqlite"}


def test_a_new_day_is_a_new_version_and_the_old_one_is_kept(published, deliver):
    deliver(SECOND, ("3", "A", 7))

    assert pipeline.run(published).version == 2

    assert _rows(published.published_database) == [("1", 100), ("2", 50), ("3", 7)]
    assert _rows(published.published / "previous" / "000001" / "bass.duckdb") == [("1", 100), ("2", 50)]


def test_only_the_newest_previous_versions_are_kept(published, monkeypatch):
    monkeypatch.setenv("BASS_KEEP_VERSIONS", "2")
    for _ in range(4):
        publish.publish(published)

    assert [path.name for path in sorted((published.published / "previous").iterdir())] == ["000003", "000004"]


def test_an_earlier_version_comes_back_and_stays_until_something_new_is_built(published, deliver):
    deliver(SECOND, ("3", "A", 7))
    assert pipeline.run(published).version == 2

    assert steps.restore(published, 1).version == 1

    assert _rows(published.published_database) == [("1", 100), ("2", 50)]
    assert pipeline.run(published) is None
    assert publish.published_version(published).version == 1
    deliver(THIRD, ("4", "A", 9))
    assert pipeline.run(published).version == 3
    assert _rows(published.published_database) == [("1", 100), ("2", 50), ("3", 7), ("4", 9)]
    kept = published.published / "previous"
    assert _rows(kept / "000002" / "bass.duckdb") == [("1", 100), ("2", 50), ("3", 7)]
    assert _rows(kept / "000001" / "bass.duckdb") == [("1", 100), ("2", 50)]


def test_a_restored_version_gives_way_to_publishing_the_last_build_again(published, deliver):
    deliver(SECOND, ("3", "A", 7))
    pipeline.run(published)
    steps.restore(published, 1)

    assert steps.release(published).version == 3
    assert _rows(published.published_database) == [("1", 100), ("2", 50), ("3", 7)]


def test_a_version_that_is_not_kept_or_not_what_was_published_is_not_restored(published, deliver):
    deliver(SECOND, ("3", "A", 7))
    pipeline.run(published)
    with pytest.raises(publish.PublishRefused, match="version 7 is not kept; there is: 1"):
        steps.restore(published, 7)
    with duckdb.connect(str(published.published / "previous" / "000001" / "bass.duckdb")) as connection:
        connection.execute("delete from revenue.fct_sale where sale_id = '1'")
    with pytest.raises(publish.PublishRefused, match="is not what was published"):
        steps.restore(published, 1)
    assert publish.published_version(published).version == 2


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_restoring_that_is_killed_leaves_a_whole_file_and_the_next_run_finishes(
    published, deliver, monkeypatch, number
):
    deliver(SECOND, ("3", "A", 7))
    pipeline.run(published)
    replace, done = os.replace, []

    def die(source, target):
        done.append(target)
        if len(done) == number:
            raise KeyboardInterrupt
        replace(source, target)

    monkeypatch.setattr(os, "replace", die)
    with pytest.raises(KeyboardInterrupt):
        steps.restore(published, 1)
    monkeypatch.setattr(os, "replace", replace)

    last = [("1", 100), ("2", 50), ("3", 7)]
    assert _rows(published.published_database) == (last[:2] if number == 3 else last)
    pipeline.run(published)
    assert _rows(published.published_database) == last
    assert publish.is_current(published)


def test_a_failed_test_closes_the_gate_and_a_corrected_file_opens_it(published, deliver):
    deliver(SECOND, ("3", "A", -5))

    with pytest.raises(publish.PublishRefused, match="dbt test sales_are_not_negative"):
        pipeline.run(published)
    assert publish.published_version(published).version == 1
    assert _rows(published.published_database) == [("1", 100), ("2", 50)]

    deliver(SECOND, ("3", "A", 5), version=2)
    assert pipeline.run(published).version == 2


def test_a_broken_limit_of_a_contract_closes_the_gate_and_names_day_limit_and_owner(published, deliver):
    deliver(SECOND, ("3", "A", "many"))

    broken = r"billing__sale 2026-03-02: rejected_rows is 100, agreed is at most 40 \(owner sales-data-owner\)"
    with pytest.raises(publish.PublishRefused, match=broken):
        pipeline.run(published)
    with pytest.raises(publish.PublishRefused):
        steps.release(published)
    assert publish.published_version(published).version == 1


def test_broken_files_within_the_limits_do_not_stop_what_is_good(published, deliver):
    deliver(SECOND, ("3", "A", 7), ("4", "B", 8), ("5", "A", "many"))
    landing = published.landing / "billing"
    (landing / "sale_copy(1).txt").write_text("kept by hand")
    (landing / "sale_20991231_v1.txt").write_text("6|A|1\n")
    os.mkfifo(landing / "sale_20260303_v1.txt")

    assert pipeline.run(published).version == 2

    assert _rows(published.published_database) == [("1", 100), ("2", 50), ("3", 7), ("4", 8)]
    states = dict(duckdb.sql(f"select file_name, state from '{published.ops / 'file.parquet'}'").fetchall())
    assert [name for name, state in sorted(states.items()) if state == "quarantined"] == [
        "sale_20260303_v1.txt", "sale_20991231_v1.txt", "sale_copy(1).txt"]


def test_a_limit_that_the_owner_widened_opens_the_gate_again(published, deliver):
    deliver(SECOND, ("3", "A", "many"))
    with pytest.raises(publish.PublishRefused):
        pipeline.run(published)
    contract = published.contracts / "billing" / "sale.odcs.yaml"
    contract.write_text(contract.read_text().replace("mustBeLessOrEqualTo: 40}", "mustBeLessOrEqualTo: 100}"))

    assert pipeline.run(published).version == 2


def test_a_model_that_breaks_closes_the_gate(published, deliver):
    from orchestration import settings

    (settings.DBT_PROJECT / "models" / "revenue" / "fct_broken.sql").write_text("select cast('x' as int) as a")

    with pytest.raises(publish.PublishRefused, match="fct_broken"):
        pipeline.run(published)
    assert publish.published_version(published).version == 1


@pytest.mark.parametrize("step", ["bass.duckdb", "bass.json"])
def test_a_kill_at_the_replace_leaves_a_whole_file_and_the_next_run_finishes(published, deliver, monkeypatch, step):
    deliver(SECOND, ("3", "A", 7))
    replace = os.replace

    def die(source, target):
        if os.path.basename(target) == step:
            raise KeyboardInterrupt
        replace(source, target)

    monkeypatch.setattr(os, "replace", die)
    with pytest.raises(KeyboardInterrupt):
        pipeline.run(published)
    monkeypatch.setattr(os, "replace", replace)

    expected = [("1", 100), ("2", 50)] if step == "bass.duckdb" else [("1", 100), ("2", 50), ("3", 7)]
    assert _rows(published.published_database) == expected
    assert not publish.is_current(published)
    assert pipeline.run(published).version == 2
    assert _rows(published.published_database) == [("1", 100), ("2", 50), ("3", 7)]
    assert _rows(published.published / "previous" / "000001" / "bass.duckdb") == [("1", 100), ("2", 50)]
    assert list(published.published.glob("*.tmp*")) == []


def test_a_copy_that_lost_rows_is_not_published(published, monkeypatch):
    def copy_without_a_row(source, target):
        with open(source, "rb") as read, open(target, "wb") as write:
            write.write(read.read())
        with duckdb.connect(str(target)) as connection:
            connection.execute("delete from revenue.fct_sale where sale_id = '1'")

    monkeypatch.setattr(publish.shutil, "copyfile", copy_without_a_row)

    with pytest.raises(publish.PublishRefused, match=r"revenue\.fct_sale: 2 rows built, 1 in the copy"):
        publish.publish(published)
    assert publish.published_version(published).version == 1


def test_a_reconciliation_that_is_not_zero_is_not_published(published):
    with duckdb.connect(str(published.warehouse)) as connection:
        connection.execute("create schema ops")
        connection.execute("create table ops.ops_reconciliation as select 0.00 as difference union all select 0.01")

    with pytest.raises(publish.PublishRefused, match=r"ops\.ops_reconciliation\.difference is not 0 in 1 rows"):
        publish.publish(published)


def test_row_hashes_ignore_order_and_run_times_and_nothing_else(tmp_path):
    def state(sql):
        path = tmp_path / "t.duckdb"
        path.unlink(missing_ok=True)
        with duckdb.connect(str(path)) as connection:
            connection.execute(f"create table t as {sql}")
        return publish.table_hashes(path)["main.t"]

    base = state("select i, i::varchar as s, now() as built_at from range(1000) r(i)")
    assert base == state("select i, i::varchar as s, date '2020-01-01' as built_at from range(1000) r(i) order by -i")
    assert base != state("select i, s || case when i = 5 then 'x' else '' end as s, now() as built_at"
                         " from (select i, i::varchar as s from range(1000) r(i))")
    assert base.rows == 1000 and base != state("select i, i::varchar as s, now() as built_at from range(999) r(i)")


def test_a_rebuild_from_the_raw_files_has_the_same_row_hashes(published, deliver):
    deliver(SECOND, ("3", "A", 7), ("4", "C", "many"), ("5", "D", 1))
    pipeline.run(published)
    landing = {path: path.read_bytes() for path in published.landing.rglob("*") if path.is_file()}

    before, after = pipeline.rebuild(published)

    assert (before.version, after.version) == (2, 3)
    assert before.tables == after.tables and before.views == after.views
    assert landing == {path: path.read_bytes() for path in published.landing.rglob("*") if path.is_file()}


def test_a_kill_between_landing_and_building_is_made_good_by_the_next_run(published, deliver, monkeypatch):
    deliver(SECOND, ("3", "A", 7))
    build = transform.run

    def die(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(transform, "run", die)
    with pytest.raises(KeyboardInterrupt):
        pipeline.run(published)
    monkeypatch.setattr(transform, "run", build)

    assert steps.settle(published) == {}
    assert pipeline.run(published).version == 2
    assert _rows(published.published_database) == [("1", 100), ("2", 50), ("3", 7)]


@pytest.mark.parametrize("mended", [False, True])
def test_a_kill_between_landing_and_judging_does_not_decide_the_gate(published, deliver, monkeypatch, mended):
    judge = quality.judge

    def die(*_):
        raise KeyboardInterrupt

    if mended:
        deliver(SECOND, ("3", "A", "many"))
        with pytest.raises(publish.PublishRefused):
            pipeline.run(published)
        deliver(SECOND, ("3", "A", 7), version=2)
    else:
        deliver(SECOND, ("3", "A", "many"))
    monkeypatch.setattr(quality, "judge", die)
    with pytest.raises(KeyboardInterrupt):
        pipeline.run(published)
    monkeypatch.setattr(quality, "judge", judge)

    if mended:
        assert pipeline.run(published).version == 2
    else:
        with pytest.raises(publish.PublishRefused, match="rejected_rows is 100"):
            pipeline.run(published)


def test_the_published_description_can_be_read_by_any_program(published):
    said = json.loads((published.published / "bass.json").read_text())
    assert said["tables"]["revenue.fct_sale"]["rows"] == 2
    assert said["fingerprint"] == transform.fingerprint(published)


@pytest.fixture
def with_roles(published):
    """The miniature with the customers and roles of a small world in its working database, published anew."""
    with duckdb.connect(str(published.warehouse)) as connection:
        role_world.fill(connection)
    publish.publish(published)
    return published


def _lost_role(home):
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.execute("delete from reference.access_holders where holder_id = 'AREA2'")


def test_role_files_are_published_with_the_build_and_one_that_is_gone_is_made_again(with_roles):
    made = list(publish.published_version(with_roles).role_files)
    assert len(made) == 8 and role_files.listed(with_roles) == made and publish.is_current(with_roles)
    (with_roles.published / "roles" / made[0]).unlink()
    assert not publish.is_current(with_roles)
    steps.release(with_roles)
    assert role_files.listed(with_roles) == made and publish.is_current(with_roles)


@pytest.mark.parametrize("step", ["old files away", "new files there", "bass.duckdb", "bass.json"])
def test_after_a_kill_no_role_file_is_older_than_the_published_one_and_the_next_run_makes_them_all(
    with_roles, monkeypatch, step
):
    lost, made, replace = "AREA_MANAGER/AREA2.duckdb", role_files.listed(with_roles), os.replace
    _lost_role(with_roles)
    build = transform.last_build(with_roles)
    monkeypatch.setattr(transform, "last_build", lambda _: dataclasses.replace(build, number=build.number + 1))

    def die(source, target):
        name = os.path.basename(target)
        if step == {"roles": "new files there"}.get(name, "old files away" if role_files.GONE in name else name):
            raise KeyboardInterrupt
        replace(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", die)
        with pytest.raises(KeyboardInterrupt):
            publish.publish(with_roles)
    found = role_files.listed(with_roles)
    assert found == {"old files away": made, "new files there": []}.get(step, [name for name in made if name != lost])
    assert not publish.is_current(with_roles)
    publish.publish(with_roles)
    assert role_files.listed(with_roles) == [name for name in made if name != lost] and publish.is_current(with_roles)
    assert not [path for path in with_roles.published.iterdir() if path.name.startswith(".roles")]


def test_a_version_that_is_put_back_has_no_role_files_until_something_new_is_built(with_roles):
    steps.restore(with_roles, 1)
    assert role_files.listed(with_roles) == [] and publish.is_current(with_roles)


def test_access_seeds_that_contradict_themselves_are_not_published(with_roles):
    made, version = role_files.listed(with_roles), publish.published_version(with_roles)
    with duckdb.connect(str(with_roles.warehouse)) as connection:
        connection.execute(
            "update reference.access_tables set hidden_columns = 'rankno' where table_name = 'key_accounts.money'")
    with pytest.raises(publish.PublishRefused, match=r"key_accounts\.money: no column rankno"):
        publish.publish(with_roles)
    assert role_files.listed(with_roles) == made and publish.published_version(with_roles) == version
