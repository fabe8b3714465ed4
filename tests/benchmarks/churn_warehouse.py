"""What the warehouse of a sample operator says of leaving, beside what the sample knows to be true.

    python -m tests.benchmarks.churn_warehouse HOME      (the model's part as JSON, in a process of its own)

Reads the published file (the working one where nothing is published yet) and the truth folder of the sample, which the
product never reads. Builds nothing.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import numpy as np
import polars as pl
from scipy.special import logit

from orchestration import settings
from orchestration.analytics import churn, metrics
from orchestration.settings import Home
from tests.benchmarks.printed import peak_mb
from tests.truth import Ask

DEMO = "bass demo --subscribers 20000 --months 12 --seed 3 --home {}"
VIEWS = ("quantity", "cause", "direction", "structure")
TRUE_DRIVERS = ("use_decline", "use_burst", "paid_late", "complaints", "outages", "rival_share", "misfit", "tenure_log",
                "is_prepaid", "contract_ends", "is_bound", "is_large", "is_silent", "campaign")
TRUE_CHANCES = ("p_left", "p_price", "p_competitor", "p_quality", "p_service", "p_move", "p_contract_end",
                "p_customer_request", "p_arrears")


def missing(home: Home) -> str | None:
    """What to run first when the home holds no built sample, else None."""
    if database(home).exists() and (home.root / "truth" / "churn_hazard.parquet").exists():
        return None
    return f"no built sample in {home.root}; run: {DEMO.format(home.root)}"


def database(home: Home) -> Path:
    return home.published_database if home.published_database.exists() else home.warehouse


@contextmanager
def reader(home: Home) -> Iterator[duckdb.DuckDBPyConnection]:
    """The warehouse, read-only under its own name, with the tables of the truth as views of `truth`."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{database(home)}' as bass (read_only)")
        connection.execute("attach ':memory:' as truth")
        connection.execute("use bass")
        for name in ("churn_hazard", "leaver"):
            connection.execute(f"create view truth.{name} as from read_parquet('{home.root}/truth/{name}.parquet')")
        yield connection


def asker(connection: duckdb.DuckDBPyConnection) -> Ask:
    return lambda sql: connection.execute(sql).fetchall()


def views(ask: Ask) -> Iterator[dict[str, object]]:
    """Each of the four views against theme 1: one comparison per organisation and month, of losses."""
    for view in VIEWS:
        months, orgs, compared, here, there, differing = ask(f"""
            with here as (
                select org_level_code, org_id, month_start_date, sum(left_count) as left_count from mart.churn_flow
                where view_code = '{view}' group by all
            ), there as (
                select org_level_code, org_id, cast(date_trunc('month', snapshot_date) as date) as month_start_date,
                    sum(left_count) as left_count from customers.fct_org_flow_day group by all
            )
            select count(distinct month_start_date), count(distinct (org_level_code, org_id)), count(*),
                sum(here.left_count) filter (where org_level_code = 'HQ'),
                sum(there.left_count) filter (where org_level_code = 'HQ'),
                count(*) filter (where coalesce(here.left_count, 0) <> coalesce(there.left_count, 0))
            from here full outer join there using (org_level_code, org_id, month_start_date)""")[0]
        yield {"view": view, "months": months, "orgs": orgs, "compared": compared, "left": int(here),
               "left_theme_1": int(there), "differing": differing}


def directions(ask: Ask) -> Iterator[dict[str, object]]:
    """Where the warehouse shows a rival: how often it is the true one; how many true ones it does not find."""
    gone = ask("""select count(*) from truth.leaver where is_counted and direction_operator_code not in ('NONE', '?')
        and direction_evidence <> 'none'""")[0][0]
    for evidence in ("port", "circle"):
        shown, right = ask(f"""select count(*),
                count(*) filter (where found.direction_operator_code = true_.direction_operator_code)
            from customers.fct_leaver as found inner join truth.leaver as true_
                on found.subscription_id = cast(true_.subscription_id as varchar)
            where found.direction_evidence_code = '{evidence}' and true_.is_counted""")[0]
        yield {"evidence": evidence, "shown": shown, "right": right, "accuracy": right / shown if shown else None,
               "can_be_seen": gone}


def labels(ask: Ask) -> Iterator[dict[str, object]]:
    """Labels of each as-of month against what happened to the same people; `no_label`: at risk, but without one."""
    for row in ask("""
            with found as (
                select cast(subscription_id as bigint) as subscription_id, label_from as month, is_left
                from features.feature_churn_label where is_left is not null
            ), true_ as (
                select subscription_id, month, is_left from truth.churn_hazard
                where is_counted and month in (select month from found)
            )
            select month, count(found.subscription_id), count(true_.subscription_id),
                count(*) filter (where found.is_left = true_.is_left),
                count(*) filter (where found.is_left <> true_.is_left),
                count(*) filter (where found.subscription_id is null)
            from found full outer join true_ using (subscription_id, month) group by 1 order by 1"""):
        yield dict(zip(("leaves_in", "labels", "at_risk", "agree", "differ", "no_label"), row, strict=True))


def drivers(ask: Ask) -> Iterator[dict[str, object]]:
    """What each planted driver has to do with the feature that should show it, over all as-of months with truth."""
    shown = {
        "use_decline": "corr(use_loss_share, use_decline)",
        "use_burst": "corr((use_rise_ratio > 1.5)::int, use_burst)",
        "paid_late": "avg(((late_bill_count > 0) = (paid_late > 0))::int)",
        "complaints": "corr(complaint_count + fault_count, complaints)",
        "outages": "corr(home_outage_count, outages)",
        "rival_share": "corr(rival_call_share, rival_share)",
        "misfit": "corr(volume_misfit, misfit)",
        "contract_ends": "avg((is_contract_ending = (contract_ends > 0))::int)",
        "is_large": "avg((is_important = (is_large > 0))::int)",
        "is_silent": "corr((days_since_own_use > 25 or days_since_own_use is null)::int, is_silent)",
        "campaign": "corr(retention_count_2m, abs(campaign))",
    }
    found = ask(f"""select count(*), {', '.join(shown.values())}
        from features.feature_churn_month as features inner join (
            select * exclude (is_prepaid), cast(subscription_id as varchar) as id from truth.churn_hazard
        ) as moved on features.subscription_id = moved.id
            and cast(features.as_of_month + interval 2 month as date) = moved.month""")[0]
    for name, value in zip(shown, found[1:], strict=True):
        yield {"driver": name, "rows": found[0], "measure": "agree" if shown[name].startswith("avg") else "corr",
               "with_feature": value}


def evidence(ask: Ask) -> Iterator[dict[str, object]]:
    """By what the cause of a counted leaver was told: how often it is the true one. A port states none."""
    names = ("evidence", "kind", "cause", "leavers", "right")
    for row in ask("""select found.cause_evidence_code, found.churn_kind_code, found.cause_code, count(*),
                count(*) filter (where found.cause_code = true_.cause_code)
            from customers.fct_churn as found inner join truth.leaver as true_
                on found.subscription_id = cast(true_.subscription_id as varchar)
            where true_.is_counted and not found.is_replaced group by all order by 1, 2, 3"""):
        yield dict(zip(names, row, strict=True)) | {"share": row[4] / row[3]}


def told_of(ask: Ask) -> dict[tuple[str, str], float]:
    """(true cause, cause as the warehouse tells it) -> its share among the leavers of that true cause, all months."""
    rows = ask("""with pairs as (
            select true_.cause_code as true_code, found.cause_code as told_code, count(*) as leavers
            from customers.fct_churn as found inner join truth.leaver as true_
                on found.subscription_id = cast(true_.subscription_id as varchar)
            where true_.is_counted and not found.is_replaced group by all
        ) select true_code, told_code, leavers / sum(leavers) over (partition by true_code) from pairs""")
    return {(true, told): share for true, told, share in rows}


def seconds(home: Home) -> Iterator[dict[str, object]]:
    """Seconds of each feature model in the last build, by the build's own record."""
    record = home.work / "dbt" / "build.json"
    nodes = json.loads(record.read_text(encoding="utf-8"))["nodes"] if record.exists() else []
    rows = {node["table"]: float(node["seconds"]) for node in nodes
            if node["kind"] == "model" and node["table"].startswith("features.")}
    for table, spent in sorted(rows.items(), key=lambda row: -row[1]):
        yield {"model": table, "seconds": spent}
    if rows:
        yield {"model": "all features", "seconds": sum(rows.values())}


def frame(connection: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """Features, label, cause as known, and the truth of the same month, one row per subscription and as-of month."""
    rows = connection.execute(f"""
        select features.*, labels.is_left, case when labels.is_left then labels.cause_code end as cause,
            {', '.join(f'moved.{name} as true_{name}' for name in (*TRUE_DRIVERS, *TRUE_CHANCES))}
        from features.feature_churn_month as features
        inner join features.feature_churn_label as labels
            on features.subscription_id = labels.subscription_id and features.as_of_date = labels.as_of_date
        left join truth.churn_hazard as moved
            on features.subscription_id = cast(moved.subscription_id as varchar) and labels.label_from = moved.month
        where labels.is_left is not null
        order by features.as_of_month, features.subscription_id""").pl()
    return rows.with_columns(pl.col(name).cast(pl.Float64) for name, kind in rows.schema.items() if kind.is_decimal())


def measure(home: Home) -> dict[str, object]:
    """Here and now: fitted on the earlier as-of months, judged on the newest that has labels, three times.

    `warehouse` on the features as they are; `drivers` on the planted drivers themselves: what is still missing to Bayes
    there is missing by the number of people, what `warehouse` has less is missing in the features.
    """
    with reader(home) as connection:
        rows = frame(connection)
        families = dict(asker(connection)("select feature_name, reason_family_code from reference.churn_features"))
        told = told_of(asker(connection))
    newest = rows["as_of_month"].max()
    known = pl.col("true_p_left").is_not_null()
    train, test = rows.filter(pl.col("as_of_month") < newest), rows.filter(pl.col("as_of_month") == newest)
    features = [name for name in families if train[name].n_unique() > 1]
    found: dict[str, object] = {
        "as_of": str(newest), "train_rows": train.height, "train_events": int(train["is_left"].sum()),
        "test_rows": test.height, "test_events": int(test["is_left"].sum()), "features": len(features),
        "without_truth": test.filter(~known).height, "left_out": sorted(set(families) - set(features)),
        "table_mb": rows.estimated_size("mb"), "before_mb": peak_mb()}
    train, test = train.filter(known), test.filter(known)
    scored = judged(found, "warehouse", train, test, features, families)
    found["peak_mb"] = peak_mb()
    if found["warehouse_status"] != "ok":
        return found
    judged(found, "drivers", train, test, [f"true_{name}" for name in TRUE_DRIVERS], {})
    found["bayes_auc"] = auc_of(test, test["true_p_left"])
    found["bayes_standard_error"] = metrics.auc_standard_error(
        found["bayes_auc"], test["is_left"].sum(), test.height - test["is_left"].sum())
    found["bayes_expected_auc"] = expected_auc(test, test["true_p_left"])
    found["causes"] = causes(test, scored, told)
    found["families"] = reasons(scored)
    return found


def judged(found: dict[str, object], what: str, train: pl.DataFrame, test: pl.DataFrame, features: list[str],
           families: dict[str, str]) -> pl.DataFrame:
    """Fits, scores and evaluates; adds figures and seconds to `found`."""
    began = time.perf_counter()
    model = churn.fit(train, label="is_left", features=features, entity="subscription_id", period="as_of_month",
                      cause="cause", families={name: families.get(name, "other") for name in features}, seed=0)
    fitted = time.perf_counter()
    scored = churn.score(model, test.select(*features))
    told = time.perf_counter()
    found[f"{what}_status"] = model.status
    if model.status != "ok":
        return scored
    table = churn.evaluate(test["is_left"], scored["probability"], entity=test["subscription_id"])
    found |= {f"{what}_fit_s": fitted - began, f"{what}_score_s": told - fitted,
              f"{what}_evaluate_s": time.perf_counter() - told}
    for name, estimate, low, high in table.select("metric", "estimate", "ci_low", "ci_high").iter_rows():
        found |= {f"{what}_{name}": estimate, f"{what}_{name}_low": low, f"{what}_{name}_high": high}
    found[f"{what}_expected_auc"] = expected_auc(test, scored["probability"])
    found[f"{what}_logistic_auc"] = auc_of(test, scored["baseline_probability"])
    found[f"{what}_with_bayes"] = float(np.corrcoef(scored["log_odds"], logit(test["true_p_left"]))[0, 1])
    return scored


def auc_of(test: pl.DataFrame, probability: pl.Series) -> float:
    return float(metrics.auc(test["is_left"].cast(pl.Float64).to_numpy(), probability.to_numpy()))


def expected_auc(test: pl.DataFrame, probability: pl.Series) -> float:
    """The AUC to be expected from the planted chances: without the chance of who of them happened to leave."""
    return float(metrics.auc(test["true_p_left"].to_numpy(), probability.to_numpy()))


def causes(test: pl.DataFrame, scored: pl.DataFrame, told: dict[tuple[str, str], float]) -> list[dict[str, object]]:
    """Share of each cause among those who leave: as the model expects it and as it can be known, both without chance.

    knowable: the planted shares as the warehouse tells causes: who states none, or ports, is told by other evidence or
    `?`. found: among those who happened to leave in the month. planted: the truth.
    """
    left, chance = test.filter("is_left"), test["true_p_left"].sum()
    planted = {name.removeprefix("p_").upper(): test[f"true_{name}"].sum() / chance for name in TRUE_CHANCES[1:]}
    rows = []
    for name in sorted(name.removeprefix("probability_") for name in scored.columns if name.startswith("probability_")
                       and name not in ("probability_low", "probability_high")):
        expected = scored[f"probability_{name}"].sum() / scored["probability"].sum()
        knowable = sum(share * told.get((true, name), 0) for true, share in planted.items())
        rows.append({"cause": name, "model": expected, "knowable": knowable,
                     "points_apart": 100 * (expected - knowable), "found": (left["cause"] == name).mean(),
                     "planted": planted.get("CUSTOMER_REQUEST" if name == "?" else name)})
    return rows


def reasons(scored: pl.DataFrame) -> list[dict[str, object]]:
    """Which family is the first reason of the tenth with the highest probability."""
    top = scored.sort("probability", descending=True).head(scored.height // 10)
    counts = top["reason_family_1"].value_counts(sort=True)
    return [{"family": name, "first_reason_of": count / top.height} for name, count in counts.iter_rows()]


if __name__ == "__main__":
    print(json.dumps(measure(settings.home(sys.argv[1]))))
