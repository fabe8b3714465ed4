"""Fits the churn model: what is held out from what, in which order, and when it is refused."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.special import expit

from orchestration.analytics import (
    boosting,
    calibration,
    causes,
    drift,
    encoding,
    evaluation,
    inputs,
    leakage,
    logistic,
    metrics,
    reasons,
    resampling,
)
from orchestration.analytics.errors import AnalysisError
from orchestration.analytics.model import Estimator, Model, Progress

FOLDS = 5
LEAST_EVENTS = 50
CALIBRATION_EVENTS = 1000  # the slope is then known to about .03
MOST_ROWS = 300_000
LEAST_OTHERS_PER_EVENT = 5


@dataclass(frozen=True)
class Rows:
    """The training rows as arrays. `weight` restores the true rate; `is_late` marks the periods of calibration (all
    rows without a period); `fold` is one per entity."""

    matrix: np.ndarray
    label: np.ndarray
    entity: np.ndarray
    fold: np.ndarray
    is_late: np.ndarray
    is_early: np.ndarray
    weight: np.ndarray
    offset: float
    cause: np.ndarray | None


def fit(frame: pl.DataFrame, *, label: str, features: list[str], entity: str | None = None, period: str | None = None,
        base_rate: float | None = None, seed: int = 0, cause: str | None = None,
        families: Mapping[str, str] | None = None, progress: Progress | None = None) -> Model:
    """Fits a discrete-time hazard: gradient-boosted trees, with a regularised logistic baseline beside them.

    `label` is boolean or 0/1. `features` are numbers, booleans and texts, with nulls and, later, unseen members.
    `entity` names whose row it is: rows of one entity never stand on both sides of a split (without it, rows that are
    equal in all features count as one entity). `period` is anything that sorts (a date, a number): models are then
    calibrated on the latest periods, predicted by models that saw neither these periods nor the entity; without it on
    held-out entities. `base_rate` is the true rate where the rows were drawn by outcome: log-odds are first moved by
    the difference (prior correction), then calibrated. `cause` is a text that says why a row left (ignored where it
    stayed). `families` maps features to reason families. `progress(step, done, total)` is called along the way.
    The same rows in the same order, arguments and seed give the same model.

    Raises AnalysisError when the frame or an argument cannot be used, and LeakageError when one feature alone tells
    the outcome with an AUC above .9.
    """
    say = progress or (lambda step, done, total: None)
    wanted = [name for name in (label, *features, entity, period, cause) if name is not None]
    inputs.require_columns(frame, wanted, "fit")
    _refuse_misuse(features, (label, entity, period, cause), base_rate)
    outcome = inputs.binary(frame[label], label)
    named = reasons.family_of(tuple(features), families)
    columns = encoding.learn(frame, features)
    rows = _rows(frame, columns, outcome, features, entity, period, cause, base_rate, seed)
    reference = drift.learn(columns, rows.matrix, rows.weight)
    facts: dict[str, float | int | str] = {
        "n_obs": frame.height, "n_events": int(outcome.sum()), "entities_used": len(np.unique(rows.entity)),
        "n_features": len(features), "rows_used": len(rows.label), "base_rate": float(_rate(rows)), "seed": seed,
        "lightgbm": boosting.lgb.__version__,
        **({"train_from": str(frame[period].min()), "train_to": str(frame[period].max())} if period else {})}
    version = _version(rows, facts, features)
    common = (tuple(features), label, entity, period, named, columns, reference, version)
    if min(rows.label.sum(), (1 - rows.label).sum()) < LEAST_EVENTS:
        return Model(*common, "low_n", None, facts)
    say("look for leakage", 0, FOLDS + 2)
    alone = leakage.refuse_telling_features(columns, rows.matrix, rows.label, rows.fold % 2, seed)
    estimator, held_out = _estimator(columns, rows, seed, say)
    calibrated, plain = (_held_out_metrics(rows, scores, seed) for scores in held_out)
    return Model(*common, _status(rows, held_out[0]), estimator, facts, alone, calibrated, plain)


def _refuse_misuse(features: list[str], others: tuple[str | None, ...], base_rate: float | None) -> None:
    if not features:
        raise AnalysisError("fit: no feature is named")
    if twice := sorted({name for name in features if features.count(name) > 1}):
        raise AnalysisError(f"fit: features named twice: {', '.join(twice)}")
    if mixed := sorted(set(features) & {name for name in others if name}):
        raise AnalysisError(f"fit: {', '.join(mixed)} cannot be a feature and the label, entity, period or cause")
    if base_rate is not None and not 0 < base_rate < 1:
        raise AnalysisError(f"fit: base_rate is a share between 0 and 1, not {base_rate}")


def _rows(frame: pl.DataFrame, columns: tuple[encoding.Column, ...], outcome: np.ndarray, features: list[str],
          entity: str | None, period: str | None, cause: str | None, base_rate: float | None, seed: int) -> Rows:
    """Every event and, of very long tables, a share of the other rows."""
    chosen, kept = resampling.thin(outcome, MOST_ROWS, LEAST_OTHERS_PER_EVENT, seed)
    rate = outcome.mean()
    event, other = (1.0, 1.0) if base_rate is None else (base_rate / rate, (1 - base_rate) / (1 - rate))
    groups = resampling.entities(frame, features, entity)[chosen]
    used = frame.select(*features, *([cause] if cause else []))
    used = used if len(chosen) == frame.height else used[chosen]
    label = outcome[chosen]
    late = np.ones(len(chosen), bool) if period is None else _late(inputs.codes(frame[period])[chosen], label)
    named = None if cause is None else used[cause].cast(pl.String).fill_null(causes.UNKNOWN_CAUSE).to_numpy()
    return Rows(encoding.encode(columns, used), label, groups, resampling.folds(groups, label, FOLDS, seed), late,
                np.ones(len(chosen), bool) if late.all() else ~late, np.where(label == 1, event, other / kept),
                float(np.log(event / (other / kept))), named)


def _late(period: np.ndarray, label: np.ndarray) -> np.ndarray:
    """The latest periods that hold enough events to calibrate on, at most half of all; all rows of a single period."""
    numbers = np.unique(period)
    for first in numbers[::-1][:max(1, len(numbers) // 2)]:
        late = period >= first
        if label[late].sum() >= CALIBRATION_EVENTS:
            break
    earlier = label[~late]
    can_be_parted = len(earlier) and 0 < earlier.sum() < len(earlier) and label[late].any()
    return late if can_be_parted else np.ones(len(label), bool)


def _estimator(columns: tuple[encoding.Column, ...], rows: Rows, seed: int,
               say: Progress) -> tuple[Estimator, tuple[np.ndarray, np.ndarray]]:
    """The final models on all rows, and held-out log-odds of the late rows, calibrated: trees and baseline."""
    trees, plain, replicates = np.full(len(rows.label), np.nan), np.full(len(rows.label), np.nan), []
    for fold in range(FOLDS):
        say("train without one fold", fold + 1, FOLDS + 2)
        learn, held = rows.is_early & (rows.fold != fold), rows.is_late & (rows.fold == fold)
        sample = rows.matrix[learn], rows.label[learn]
        replicates.append(boosting.train(columns, *sample, seed))
        trees[held] = rows.offset + boosting.log_odds(replicates[-1], rows.matrix[held])
        baseline = logistic.train(columns, *sample, rows.entity[learn])
        plain[held] = rows.offset + baseline.log_odds(rows.matrix[held])
    late = rows.is_late
    lines = [calibration.fit(scores[late], rows.label[late], rows.weight[late], rows.entity[late])
             for scores in (trees, plain)]
    say("train on all rows", FOLDS + 1, FOLDS + 2)
    baseline = logistic.train(columns, rows.matrix, rows.label, rows.entity)
    left = rows.label == 1
    ways = None if rows.cause is None else causes.train(baseline.terms, rows.matrix[left], rows.cause[left],
                                                        rows.entity[left], seed)
    booster = boosting.train(columns, rows.matrix, rows.label, seed)
    say("fitted", FOLDS + 2, FOLDS + 2)
    held_out = lines[0].apply(trees[late]), lines[1].apply(plain[late])
    return Estimator(booster, tuple(replicates), baseline, rows.offset, *lines, ways), held_out


def _held_out_metrics(rows: Rows, log_odds: np.ndarray, seed: int) -> pl.DataFrame:
    late = rows.is_late
    return evaluation.evaluate(pl.Series(rows.label[late]), expit(log_odds), entity=pl.Series(rows.entity[late]),
                               weight=rows.weight[late], seed=seed)


def _status(rows: Rows, log_odds: np.ndarray) -> str:
    """not_identified unless held-out rows are ranked better than by chance by more than 3 standard errors."""
    label = rows.label[rows.is_late]
    auc = metrics.auc(label, log_odds)
    error = metrics.auc_standard_error(0.5, label.sum(), (1 - label).sum())
    return "ok" if auc > 0.5 + leakage.STANDARD_ERRORS * error else "not_identified"


def _rate(rows: Rows) -> float:
    return (rows.weight * rows.label).sum() / rows.weight.sum()


def _version(rows: Rows, facts: dict[str, float | int | str], features: list[str]) -> str:
    """The same for the same rows, features, settings and libraries; another for any other."""
    digest = hashlib.blake2b(digest_size=8)
    for part in (rows.matrix, rows.label, rows.entity, rows.weight):
        digest.update(np.ascontiguousarray(part).data)
    if rows.cause is not None:
        digest.update(repr(rows.cause[rows.label == 1].tolist()).encode())
    digest.update(repr((facts, features, boosting.PARAMETERS, boosting.TREES, FOLDS)).encode())
    return digest.hexdigest()
