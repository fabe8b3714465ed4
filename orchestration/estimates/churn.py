"""Who will leave, why and what that loses: the churn library over the features of one month.

Only what was known by the end of a month has a part in its estimates: features up to it, labels whose months are over
by then. What is estimated and how, is said in `orchestration.analytics`; here is which rows and parameters it gets.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING

import polars as pl
import pyarrow as pa

from orchestration.estimates import churn_source, retention
from orchestration.estimates.churn_source import KEYS, Source, months_between, shifted

if TYPE_CHECKING:
    from orchestration.analytics.churn import Model

NEEDS, marks, read = churn_source.NEEDS, churn_source.marks, churn_source.read
CAUSES = ("voluntary_competitor", "voluntary_need", "involuntary", "port_out", "?")
HISTORY = 5  # earlier months that a risk is compared with
OLDEST = 60  # months on net up to which cumulative incidence is told
WITHIN = 4  # an alert of fewer months before leaving was early enough to act on

_TEXT, _NUMBER, _COUNT, _MONEY = pa.string(), pa.float64(), pa.int64(), pa.decimal128(18, 2)
_INTERVAL = [(name, _NUMBER) for name in ("estimate", "ci_low", "ci_high", "ci_level")]
_MODEL = [("model_version", _TEXT), ("n_obs", _COUNT), ("n_events", _COUNT), ("train_from", pa.date32()),
          ("train_to", pa.date32())]
TABLES = {
    "churn_score": pa.schema([
        ("subscription_id", _TEXT), ("status", _TEXT), *_INTERVAL,
        *((f"p_{days}", _NUMBER) for days in (30, 60, 90)),
        *((f"p_{name}", _NUMBER) for name in (*CAUSES[:-1], "unknown")),
        ("baseline_probability", _NUMBER), ("log_odds", _NUMBER), ("risen_log_odds", _NUMBER),
        ("risk_rank", _COUNT), ("is_alert", pa.bool_()), ("monthly_amt", _MONEY),
        *((f"expected_loss{end}_amt", _MONEY) for end in ("", "_low", "_high")),
        *((f"reason_{part}_{number}", _NUMBER if part == "value" else _TEXT)
          for number in (1, 2, 3) for part in ("code", "family", "value")), *_MODEL]),
    "retention_value": pa.schema([
        ("subscription_id", _TEXT), ("status", _TEXT), *_INTERVAL, ("value_amt", _MONEY), ("cost_amt", _MONEY),
        ("net_value_amt", _MONEY), ("value_rank", _COUNT), ("action_code", _TEXT), ("is_control", pa.bool_()),
        ("method", _TEXT), ("n_obs", _COUNT), ("model_version", _TEXT)]),
    "churn_incidence": pa.schema([
        ("tenure_months", _COUNT), ("churn_kind_code", _TEXT), ("n_obs", _COUNT), ("n_events", _COUNT),
        ("hazard", _NUMBER), *_INTERVAL, ("status", _TEXT)]),
    "churn_model_card": pa.schema([
        ("model_version", _TEXT), ("section", _TEXT), ("item", _TEXT), *_INTERVAL, ("n_obs", _COUNT),
        ("detail", _TEXT), ("status", _TEXT)]),
}
Earlier = Callable[[str, date], pl.DataFrame | None]
Say = Callable[[str], None]


def estimate(source: Source, month: date, earlier: Earlier, say: Say) -> dict[str, pl.DataFrame]:
    """The tables of one as-of month. `earlier(table, month)` gives those of months before."""
    from orchestration.analytics import churn

    known, now = source.known_labels(month), source.features.filter(pl.col("as_of_month") == month)
    model = _model(source, known, say)
    say("scores and reasons")
    scores = _with_rise(_scores(source, model, now, known, month), month, earlier)
    say("effect of retention campaigns")
    campaign = retention.campaign(source, month)
    drifted = None if model.estimator is None else churn.psi(model, now)
    card = [churn.card(model, drifted=drifted), retention.told(campaign, model.version),
            _outcome(known, month, earlier)]
    return {
        "churn_score": _money(scores, "monthly_amt", *(f"expected_loss{end}_amt" for end in ("", "_low", "_high"))),
        "retention_value": _money(retention.value(source, campaign, scores, now, month),
                                  "value_amt", "cost_amt", "net_value_amt"),
        "churn_incidence": _incidence(known),
        "churn_model_card": _refused(pl.concat([part for part in card if part is not None], how="diagonal_relaxed"))}


def _model(source: Source, known: pl.DataFrame, say: Say) -> Model:
    from orchestration.analytics import churn
    from orchestration.analytics.training import LEAST_EVENTS

    features, events = source.filled(known), int(known["is_left"].sum())
    families = {name: source.families[name] for name in features}
    if min(events, known.height - events) < LEAST_EVENTS:
        return churn.Model(tuple(features), "is_left", "subscription_id", "as_of_month", tuple(families.values()), (),
                           (), "none", "low_n", None, {"n_obs": known.height, "n_events": events})
    return churn.fit(known, label="is_left", features=features, entity="subscription_id", period="as_of_month",
                     cause="churn_kind_code", families=families,
                     progress=lambda step, done, total: say(f"{step}, {done} of {total}"))


def _scores(source: Source, model: Model, now: pl.DataFrame, known: pl.DataFrame, month: date) -> pl.DataFrame:
    """One row per subscription of the month: chances, reasons, what is lost, alerts, and what the model rests on."""
    from orchestration.analytics import churn, early_warning

    found = churn.score(model, now).drop("as_of_month")
    if known.height and months_between(known["label_to"].max(), month) >= source.parameters["churn_stale_months"]:
        found = _without_figures(found, "stale")
    found = found.with_columns(now["mean_bill_amt"].fill_null(0).alias("monthly_amt"), pl.lit(0).alias("period"))
    chances = early_warning.within(found)
    losses = early_warning.expected_loss(found, margin="monthly_amt", discount=source.monthly_discount,
                                         periods=int(source.parameters["churn_loss_months"]))
    alerts = early_warning.alerts(found, period="period", probability="probability",
                                  capacity=int(source.parameters["churn_alert_count"]))
    facts = {name: pl.lit(model.facts.get(name)) for name in ("n_obs", "n_events")}
    spans = {name: pl.lit(model.facts.get(name), pl.String).str.to_date() for name in ("train_from", "train_to")}
    return alerts.with_columns(
        *(chances[f"probability_within_{number}"].alias(f"p_{30 * number}") for number in (1, 2, 3)),
        *(losses[f"expected_lost_margin{end}"].alias(f"expected_loss{end}_amt") for end in ("", "_low", "_high")),
        **facts, **spans).rename(
        {"probability": "estimate", "probability_low": "ci_low", "probability_high": "ci_high"} | {
            f"probability_{name}": f"p_{'unknown' if name == '?' else name}" for name in CAUSES}, strict=False)


def _with_rise(scores: pl.DataFrame, month: date, earlier: Earlier) -> pl.DataFrame:
    """Adds how far the log-odds stand above their lowest point of the last months."""
    from orchestration.analytics import early_warning

    past = _earlier(earlier, "churn_score", month, range(HISTORY, 0, -1))
    both = pl.concat([frame.select("subscription_id", "log_odds", "period") for frame in (*past, scores)])
    risen = early_warning.risen(both, entity="subscription_id", period="period").filter(pl.col("period") == 0)
    return scores.join(risen.select("subscription_id", "risen_log_odds"), on="subscription_id", how="left",
                       maintain_order="left")


def _outcome(known: pl.DataFrame, month: date, earlier: Earlier) -> pl.DataFrame | None:
    """How scores, alerts and lists of earlier months came out in the month that is over by now."""
    from orchestration.analytics import churn, early_warning

    newest = known.filter(pl.col("label_to") == shifted(month, 1))
    if newest.is_empty() or (then := earlier("churn_score", newest["as_of_month"][0])) is None:
        return None
    judged = newest.select("subscription_id", "is_left").join(then.filter(pl.col("status") == "ok"),
                                                              on="subscription_id")
    if not 0 < judged["is_left"].sum() < judged.height:
        return None
    measured = churn.evaluate(judged["is_left"], judged["estimate"], value=judged["monthly_amt"].cast(pl.Float64))
    gone = newest.filter("is_left").select("subscription_id", pl.lit(0).alias("period"))
    alerts = pl.concat([frame.select("subscription_id", "is_alert", "period")
                        for frame in _earlier(earlier, "churn_score", month, range(1, WITHIN))])
    found = early_warning.judged(alerts, gone, entity="subscription_id", period="period", within=WITHIN)
    rows = [measured.with_columns(pl.lit("out_of_time").alias("section"), pl.col("metric").alias("item"),
                                  pl.col("method").alias("detail")),
            found.cast(pl.Float64).unpivot(variable_name="item", value_name="estimate").with_columns(
                pl.lit("alerts").alias("section"), pl.lit(gone.height).alias("n_obs"), pl.lit("ok").alias("status"))]
    if (listed := earlier("retention_value", newest["as_of_month"][0])) is not None:
        rows.append(retention.outcome(listed, newest))
    return pl.concat(rows, how="diagonal_relaxed").with_columns(
        pl.lit(judged["model_version"][0]).alias("model_version"))


def _incidence(known: pl.DataFrame) -> pl.DataFrame:
    """Who has left by which age on net, by kind of leaving; no rows while nobody has."""
    from orchestration.analytics import incidence

    ahead = [pl.col("label_from").dt.year() - pl.col("as_of_month").dt.year(),
             pl.col("label_from").dt.month().cast(pl.Int64) - pl.col("as_of_month").dt.month()]
    rows = known.select(time=(pl.col("tenure_months") + ahead[0] * 12 + ahead[1]).cast(pl.Int64),
                        cause=pl.when("is_left").then(pl.col("churn_kind_code").fill_null("?")))
    rows = rows.filter(pl.col("time").is_between(0, OLDEST))
    times = rows["time"].unique().sort()
    if gaps := times.filter(times.diff().fill_null(1) > 1).to_list():
        rows = rows.filter(pl.col("time") < gaps[0])  # nobody is seen in between: what comes after cannot be told
    if rows["cause"].null_count() == rows.height:
        return pl.DataFrame(schema={"tenure_months": pl.Int64})
    return incidence.cumulative_incidence(rows, time="time", cause="cause").rename(
        {"time": "tenure_months", "cause": "churn_kind_code", "n_at_risk": "n_obs", "incidence": "estimate"})


def _earlier(earlier: Earlier, table: str, month: date, backs: range) -> list[pl.DataFrame]:
    """What is there of the months before, with how many months ago as a period below 0."""
    frames = ((back, earlier(table, shifted(month, -back))) for back in backs)
    return [frame.with_columns(pl.lit(-back).alias("period")) for back, frame in frames if frame is not None]


def _refused(card: pl.DataFrame) -> pl.DataFrame:
    """What a model rests on stays; what it would say goes where it is not ok. Drift has grades of its own."""
    is_fact = pl.col("section") == "training"
    is_refused = ~is_fact & pl.col("status").is_in(["low_n", "not_identified"])
    figures = pl.col("estimate", "ci_low", "ci_high")
    return card.with_columns(pl.when(~is_refused).then(figures), pl.when(is_fact).then(pl.lit("ok"))
                             .otherwise("status").alias("status"))


def _without_figures(scores: pl.DataFrame, status: str) -> pl.DataFrame:
    kept = {*KEYS, "status", "model_version", "ci_level"}
    return scores.with_columns(pl.lit(None).cast(kind).alias(name) for name, kind in scores.schema.items()
                               if name not in kept).with_columns(pl.lit(status).alias("status"))


def _money(frame: pl.DataFrame, *names: str) -> pl.DataFrame:
    return frame.with_columns(pl.col(names).round(2).cast(pl.Decimal(18, 2)))
