"""The regularised logistic baseline of the hazard, with ratios per feature and intervals that hold under clustering."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.special import expit
from scipy.stats import norm
from sklearn.linear_model import LogisticRegression

from orchestration.analytics.encoding import FIRST_MEMBER, OTHER, UNKNOWN, Column

PENALTY = 1.0
MOST_MEMBERS = 30
LEAST_SHARE = 0.001


@dataclass(frozen=True)
class Term:
    """One column of the design: a standardised number, its missing mark, or one member of a text."""

    feature: str
    position: int
    kind: str  # number | missing | member
    code: int = 0
    member: str = ""
    mean: float = 0.0
    scale: float = 1.0


@dataclass(frozen=True)
class Baseline:
    """Coefficients in log-odds per standard deviation; the intercept comes first, in `covariance` too."""

    terms: tuple[Term, ...]
    coefficients: np.ndarray
    covariance: np.ndarray

    def log_odds(self, matrix: np.ndarray) -> np.ndarray:
        return self.coefficients[0] + design_of(self.terms, matrix) @ self.coefficients[1:]


def train(columns: tuple[Column, ...], matrix: np.ndarray, label: np.ndarray, entity: np.ndarray) -> Baseline:
    """Ridge-penalised maximum likelihood (variance of a coefficient 1 per standard deviation); covariance by the
    sandwich over entities (Liang and Zeger 1986)."""
    terms = terms_of(columns, matrix)
    design = design_of(terms, matrix)
    fitted = LogisticRegression(C=PENALTY, solver="newton-cholesky", max_iter=100, tol=1e-6).fit(design, label)
    coefficients = np.concatenate([fitted.intercept_, fitted.coef_[0]])
    return Baseline(terms, coefficients, _sandwich(design, label, coefficients, entity))


def ratios(baseline: Baseline, level: float = 0.95) -> pl.DataFrame:
    """One row per term: feature, member (of a text; against its most frequent one), log_odds and standard_error per
    unit of the feature, ratio with ci_low, ci_high and ci_level.

    The ratio is one of odds of a period's hazard, which is the hazard ratio while hazards are small.
    """
    z, rows = norm.ppf((1 + level) / 2), []
    for number, term in enumerate(baseline.terms, start=1):
        estimate = baseline.coefficients[number] / term.scale
        error = np.sqrt(baseline.covariance[number, number]) / term.scale
        member = {"number": "", "missing": "(unknown)"}.get(term.kind, term.member)
        rows.append((term.feature, member, estimate, error, *np.exp([estimate, estimate - z * error,
                                                                     estimate + z * error]), level))
    names = ("feature", "member", "log_odds", "standard_error", "ratio", "ci_low", "ci_high", "ci_level")
    return pl.DataFrame(rows, schema={name: pl.String if name in ("feature", "member") else pl.Float64
                                      for name in names}, orient="row")


def terms_of(columns: tuple[Column, ...], matrix: np.ndarray) -> tuple[Term, ...]:
    found: list[Term] = []
    for position, column in enumerate(columns):
        values = matrix[:, position]
        found += _member_terms(column, position, values) if column.is_text else _number_terms(column, position, values)
    return tuple(found)


def _number_terms(column: Column, position: int, values: np.ndarray) -> list[Term]:
    missing = np.isnan(values)
    known = values[~missing]
    terms = []
    if len(known) and (scale := float(known.std())) > 1e-12 * max(1.0, abs(float(known.mean()))):
        terms.append(Term(column.name, position, "number", mean=float(known.mean()), scale=scale))
    if LEAST_SHARE < missing.mean() < 1 - LEAST_SHARE:
        terms.append(Term(column.name, position, "missing"))
    return terms


def _member_terms(column: Column, position: int, values: np.ndarray) -> list[Term]:
    rows = np.bincount(values.astype(np.int64), minlength=FIRST_MEMBER + len(column.members or ()))
    often = [code for code in np.argsort(-rows, kind="stable")[:MOST_MEMBERS] if rows[code] > LEAST_SHARE * len(values)]
    names = {UNKNOWN: "(unknown)", OTHER: "(other)"}
    names |= {FIRST_MEMBER + number: member for number, member in enumerate(column.members or ())}
    return [Term(column.name, position, "member", int(code), names[int(code)]) for code in often[1:]]


def design_of(terms: tuple[Term, ...], matrix: np.ndarray) -> np.ndarray:
    """Rows × terms. A missing number stands at its mean; a member that is none of the terms counts as the reference."""
    design = np.empty((len(matrix), len(terms)))
    for number, term in enumerate(terms):
        values = matrix[:, term.position]
        if term.kind == "number":
            design[:, number] = np.nan_to_num((values - term.mean) / term.scale)
        else:
            design[:, number] = np.isnan(values) if term.kind == "missing" else values == term.code
    return design


def _sandwich(design: np.ndarray, label: np.ndarray, coefficients: np.ndarray, entity: np.ndarray) -> np.ndarray:
    design = np.column_stack([np.ones(len(design)), design])
    fitted = expit(design @ coefficients)
    penalty = np.eye(len(coefficients)) / PENALTY
    penalty[0, 0] = 0
    bread = np.linalg.inv((design * (fitted * (1 - fitted))[:, None]).T @ design + penalty)
    _, group = np.unique(entity, return_inverse=True)
    scores = design * (label - fitted)[:, None]
    order = np.argsort(group, kind="stable")
    summed = np.add.reduceat(scores[order], np.flatnonzero(np.diff(group[order], prepend=-1)), axis=0)
    return bread @ (summed.T @ summed) @ bread
