"""Whom an offer changes: the effect of a randomised campaign per row, and a refusal where nothing was randomised.

Being likely to leave and being kept by an offer are two things (Ascarza, Retention Futility, JMR 2018).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import polars as pl
from scipy.stats import norm, t
from sklearn.linear_model import LogisticRegression, RidgeCV

from orchestration.analytics import encoding, inputs, leakage, logistic, metrics, resampling
from orchestration.analytics.boosting import lgb
from orchestration.analytics.errors import AnalysisError
from orchestration.analytics.logistic import Term, design_of

FOLDS = 5
LEAST_ROWS = 200
LEAST_EVENTS = 20
LEVEL = 0.95
OUTCOME_TREES = {"objective": "binary", "learning_rate": 0.05, "num_leaves": 8, "min_data_in_leaf": 50,
                 "feature_fraction": 0.8, "lambda_l2": 5.0}
EFFECT_TREES = {"objective": "regression", "learning_rate": 0.03, "num_leaves": 6, "min_data_in_leaf": 200,
                "feature_fraction": 0.8, "lambda_l2": 50.0}
FIXED = {"deterministic": True, "force_row_wise": True, "verbosity": -1}
TREES = 120
PENALTIES = (10.0, 100.0, 1000.0, 10000.0)


@dataclass(frozen=True)
class Learner:
    """One way of telling the effect from features: `constant`, `linear` (ridge) or `trees`."""

    kind: str
    parts: tuple[object, ...]

    def effects(self, matrix: np.ndarray, terms: tuple[Term, ...]) -> np.ndarray:
        """Replicates × rows."""
        if self.kind == "constant":
            return np.repeat(np.array(self.parts, dtype=float)[:, None], len(matrix), axis=1)
        design = design_of(terms, matrix) if self.kind == "linear" else matrix
        return np.stack([np.asarray(part.predict(design)) for part in self.parts])  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Campaign:
    """A fitted campaign. `status` is ok or not_identified; `reason` says why not. `effect` is how much the offer
    lowers the outcome on average, with its standard error; `scores` are the doubly robust effect per training row,
    `base` the outcome expected without and with the offer, predicted by models that did not see the entity."""

    features: tuple[str, ...]
    status: str
    reason: str = ""
    effect: float | None = None
    standard_error: float | None = None
    columns: tuple[encoding.Column, ...] = ()
    terms: tuple[Term, ...] = ()
    learner: Learner | None = None
    replicates: Learner | None = None
    losses: dict[str, float] = field(default_factory=dict)
    scores: np.ndarray = field(default_factory=lambda: np.empty(0))
    base: np.ndarray = field(default_factory=lambda: np.empty((0, 2)))
    held_out: np.ndarray = field(default_factory=lambda: np.empty(0))
    treated_share: float = 0.0


def fit_uplift(frame: pl.DataFrame, *, outcome: str, treated: str, features: list[str], entity: str | None = None,
               treated_share: float | None = None, seed: int = 0) -> Campaign:
    """A doubly robust learner (Kennedy, Towards optimal doubly robust estimation of heterogeneous causal effects, 2023)
    with entities never on both sides of a fold. `outcome` (left or not) and `treated` are 0/1 or boolean, and
    `treated_share` is the share that was to be treated (default: the share that was).

    Three ways of telling the effect from features compete on held-out rows: the same for all, ridge regression, small
    trees. Status not_identified, without figures, where there is no control group to speak of, the treated share is
    not the planned one (sample ratio, p < .001), or features tell who was treated: then it was not randomised.
    Raises AnalysisError for frames that cannot be used.
    """
    inputs.require_columns(frame, [outcome, treated, *features, *([entity] if entity else [])], "fit_uplift")
    left = inputs.binary(frame[outcome], outcome)
    if frame[treated].null_count():
        raise AnalysisError(f"{treated} is null in {frame[treated].null_count()} rows: who was treated must be known")
    got = frame[treated].cast(pl.Float64).to_numpy()
    if treated_share is not None and not 0 < treated_share < 1:
        raise AnalysisError(f"treated_share is a share between 0 and 1, not {treated_share}")
    share = float(got.mean()) if treated_share is None else treated_share
    entity_of = resampling.entities(frame, features, entity)
    if reason := _groups_missing(left, got, share):
        return Campaign(tuple(features), "not_identified", reason)
    columns = encoding.learn(frame, features)
    matrix = encoding.encode(columns, frame)
    fold = resampling.folds(entity_of, left, FOLDS, seed)
    terms = logistic.terms_of(columns, matrix)
    if reason := _not_randomised(terms, matrix, got, fold):
        return Campaign(tuple(features), "not_identified", reason)
    base = _expected(columns, matrix, left, got, fold, seed)
    scores = _doubly_robust(base, left, got, share)
    return _campaign(tuple(features), columns, terms, matrix, scores, base, fold, entity_of, share, seed)


def score_uplift(campaign: Campaign, frame: pl.DataFrame) -> pl.DataFrame:
    """One row per row: uplift (how much the offer lowers the probability of the outcome; below 0 it drives away),
    uplift_low, uplift_high, ci_level, status. Interval: delete-a-group jackknife over folds of entities."""
    inputs.require_columns(frame, list(campaign.features), "score_uplift")
    told = (pl.lit(LEVEL).alias("ci_level"), pl.lit(campaign.status).alias("status"))
    if campaign.learner is None or campaign.replicates is None:
        nothing = pl.Series([None] * frame.height, dtype=pl.Float64)
        return pl.DataFrame({name: nothing for name in ("uplift", "uplift_low", "uplift_high")}).with_columns(told)
    matrix = encoding.encode(campaign.columns, frame)
    estimate = campaign.learner.effects(matrix, campaign.terms)[0]
    spread = campaign.replicates.effects(matrix, campaign.terms).var(axis=0)
    half = t.ppf((1 + LEVEL) / 2, FOLDS - 1) * np.sqrt((FOLDS - 1) * spread)
    return pl.DataFrame({"uplift": estimate, "uplift_low": estimate - half,
                         "uplift_high": estimate + half}).with_columns(told)


def _groups_missing(left: np.ndarray, got: np.ndarray, share: float) -> str:
    if not np.isin(got, (0.0, 1.0)).all():
        raise AnalysisError("treated holds values other than 0 and 1")
    for side, name in ((got == 1, "treated"), (got == 0, "control")):
        if side.sum() < LEAST_ROWS:
            return f"the {name} group has {int(side.sum())} rows; at least {LEAST_ROWS} are needed"
        if min(left[side].sum(), (1 - left[side]).sum()) < LEAST_EVENTS:
            return f"the {name} group has {int(left[side].sum())} outcomes; at least {LEAST_EVENTS} are needed"
    z = (got.mean() - share) / np.sqrt(share * (1 - share) / len(got))
    if 2 * norm.sf(abs(z)) < 0.001:
        return f"{got.mean():.3f} were treated where {share:.3f} were planned (sample ratio, p < .001)"
    return ""


def _not_randomised(terms: tuple[Term, ...], matrix: np.ndarray, got: np.ndarray, fold: np.ndarray) -> str:
    """Where treatment was drawn by lot, no model of held-out rows tells who was treated."""
    predicted = np.empty(len(got))
    design = design_of(terms, matrix)
    for number in range(FOLDS):
        held = fold == number
        predicted[held] = LogisticRegression(C=0.01, solver="newton-cholesky").fit(
            design[~held], got[~held]).decision_function(design[held])
    auc = metrics.auc(got, predicted)
    error = metrics.auc_standard_error(0.5, got.sum(), (1 - got).sum())
    if auc > 0.5 + leakage.STANDARD_ERRORS * error:
        return (f"features tell who was treated (AUC {auc:.3f} on held-out rows, {(auc - 0.5) / error:.1f} standard "
                "errors above chance): the offer was not given by lot")
    return ""


def _expected(columns: tuple[encoding.Column, ...], matrix: np.ndarray, left: np.ndarray, got: np.ndarray,
              fold: np.ndarray, seed: int) -> np.ndarray:
    """Rows × 2: the outcome expected without and with the offer, from models of the other folds."""
    base = np.empty((len(left), 2))
    for number in range(FOLDS):
        held = fold == number
        for side in (0, 1):
            learn = ~held & (got == side)
            base[held, side] = _trees(columns, matrix[learn], left[learn], OUTCOME_TREES, seed).predict(matrix[held])
    return base


def _doubly_robust(base: np.ndarray, left: np.ndarray, got: np.ndarray, share: float) -> np.ndarray:
    """Per row an unbiased, noisy effect (control minus treated), right if either the share or `base` is."""
    with_offer = base[:, 1] + got * (left - base[:, 1]) / share
    without = base[:, 0] + (1 - got) * (left - base[:, 0]) / (1 - share)
    return without - with_offer


def _campaign(features: tuple[str, ...], columns: tuple[encoding.Column, ...], terms: tuple[Term, ...],
              matrix: np.ndarray, scores: np.ndarray, base: np.ndarray, fold: np.ndarray, entity: np.ndarray,
              share: float, seed: int) -> Campaign:
    replicates = {kind: Learner(kind, tuple(_effect(kind, columns, terms, matrix[fold != k], scores[fold != k], seed)
                                            for k in range(FOLDS))) for kind in ("constant", "linear", "trees")}
    held_out = {}
    for kind, learner in replicates.items():
        predicted = np.empty(len(scores))
        for k in range(FOLDS):
            predicted[fold == k] = Learner(kind, (learner.parts[k],)).effects(matrix[fold == k], terms)[0]
        held_out[kind] = predicted
    losses = {kind: float(np.mean((scores - predicted) ** 2)) for kind, predicted in held_out.items()}
    best = min(losses, key=losses.__getitem__)
    summed = np.bincount(entity, scores - scores.mean())
    error = float(np.sqrt((summed**2).sum()) / len(scores))
    return Campaign(features, "ok", "", float(scores.mean()), error, columns, terms,
                    Learner(best, (_effect(best, columns, terms, matrix, scores, seed),)), replicates[best], losses,
                    scores, base, held_out[best], share)


def _effect(kind: str, columns: tuple[encoding.Column, ...], terms: tuple[Term, ...], matrix: np.ndarray,
            scores: np.ndarray, seed: int) -> object:
    if kind == "constant":
        return float(scores.mean())
    if kind == "linear":
        return RidgeCV(alphas=PENALTIES).fit(design_of(terms, matrix), scores)
    return _trees(columns, matrix, scores, EFFECT_TREES, seed)


def _trees(columns: tuple[encoding.Column, ...], matrix: np.ndarray, label: np.ndarray, settings: dict[str, object],
           seed: int) -> lgb.Booster:
    texts = [position for position, column in enumerate(columns) if column.is_text]
    data = lgb.Dataset(matrix, label, categorical_feature=texts, params={**settings, **FIXED})
    return lgb.train({**settings, **FIXED, "seed": seed}, data, num_boost_round=TREES)
