"""Whether instruments move the price enough, and an interval that holds however little they do.

Effective F and its critical value: Montiel Olea and Pflueger, A robust test for weak instruments (Journal of Business
& Economic Statistics 31, 2013), worst-case bias of a tenth at 5 %, simplified procedure. The interval: Anderson and
Rubin 1949, all elasticities at which the instruments do not tell the quantity, with the variance of the estimate.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.linalg import eigvals
from scipy.stats import f as fisher
from scipy.stats import ncx2

from orchestration.analytics.elasticity import jackknife, regression
from orchestration.analytics.elasticity.panel import Panel

WORST_BIAS = 0.1
TEST_LEVEL = 0.95


@dataclass(frozen=True)
class ReducedForm:
    """Coefficients of the instruments for the quantity and for the price, with their joint covariance (quantity
    first), and the cross products of the instruments after all else."""

    of_quantity: np.ndarray
    of_price: np.ndarray
    covariance: np.ndarray
    products: np.ndarray
    freedom: float


def reduced_form(panel: Panel, moved_clusters: int) -> ReducedForm:
    """With the variance that `regression.fit` takes for as many clusters."""
    instruments = tuple(panel.group("instrument"))
    others = (*panel.group("cross"), *panel.group("control"))
    apart = np.column_stack([panel.residual(name, others) for name in instruments])
    products = apart.T @ apart
    sides = np.column_stack([panel.residual(name, others) for name in ("outcome", "price")])
    found = np.linalg.solve(products, apart.T @ sides)
    if 0 < panel.clusters <= regression.MOST_JACKKNIFE:
        covariance, freedom = _jackknifed(panel, instruments, others), moved_clusters - 1.0
    else:
        covariance, freedom = _sandwich(panel, apart, sides - apart @ found, products, len(others))
    return ReducedForm(found[:, 0], found[:, 1], covariance, products, freedom)


def effective_f(form: ReducedForm) -> tuple[float, float]:
    """The effective F of the first stage, and the value it must exceed."""
    count = len(form.of_price)
    of_price = form.covariance[count:, count:]
    found = form.of_price @ form.products @ form.of_price / np.trace(of_price @ form.products)
    root = np.linalg.cholesky(form.products)
    weights = root.T @ of_price @ root
    bias = 1 / WORST_BIAS
    total, largest = np.trace(weights), np.linalg.eigvalsh(weights).max()
    effective = total**2 * (1 + 2 * bias) / (np.trace(weights @ weights) + 2 * bias * total * largest)
    return float(found), float(ncx2.ppf(TEST_LEVEL, effective, effective * bias) / effective)


def anderson_rubin(form: ReducedForm, level: float) -> tuple[float | None, float | None, str]:
    """Lower end, upper end and kind of the set: interval, empty, or unbounded (both ends None: one or both sides go
    on for ever).

    An elasticity e is inside when d'V⁻¹d ≤ c for d = quantity − e·price and V its variance, that is when c·V − dd' has
    no negative eigenvalue; the ends are therefore roots of a quadratic eigenvalue problem.
    """
    count = len(form.of_price)
    limit = count * fisher.ppf(level, count, form.freedom)
    a, b, v = form.of_quantity, form.of_price, form.covariance
    both = v[:count, count:] + v[count:, :count]
    terms = (limit * v[:count, :count] - np.outer(a, a),
             -limit * both + np.outer(a, b) + np.outer(b, a),
             limit * v[count:, count:] - np.outer(b, b))
    inside = lambda e: np.linalg.eigvalsh(terms[0] + e * terms[1] + e**2 * terms[2]).min() >= 0  # noqa: E731
    none, one = np.zeros((count, count)), np.eye(count)
    roots = eigvals(np.block([[none, one], [-terms[0], -terms[1]]]), np.block([[one, none], [none, terms[2]]]))
    real = np.sort(roots[np.isfinite(roots) & (np.abs(roots.imag) < 1e-8 * (1 + np.abs(roots)))].real)
    if not len(real):
        return None, None, "unbounded" if inside(0.0) else "empty"
    far = 10 * (1 + np.abs(real).max())
    if inside(-far) or inside(far):
        return None, None, "unbounded"
    middles = [(low, high) for low, high in pairwise(real) if inside((low + high) / 2)]
    if not middles:
        return None, None, "empty"
    return float(middles[0][0]), float(middles[-1][1]), "interval"


def _jackknifed(panel: Panel, instruments: tuple[str, ...], others: tuple[str, ...]) -> np.ndarray:
    parts = [jackknife.coefficients(regression.design(panel, (*instruments, *others), outcome=outcome,
                                                      instrumented=False)) for outcome in ("outcome", "price")]
    count = len(instruments)
    return jackknife.covariance(np.concatenate([whole[:count] for whole, _ in parts]),
                                np.hstack([left_out[:, :count] for _, left_out in parts]))


def _sandwich(panel: Panel, apart: np.ndarray, errors: np.ndarray, products: np.ndarray,
              others: int) -> tuple[np.ndarray, float]:
    """CRV1 or, without clusters, HC1."""
    rows, count = apart.shape
    inverse = np.linalg.inv(products)
    scores = np.hstack([apart * errors[:, [side]] @ inverse for side in range(errors.shape[1])])
    parameters = count + others + (0 if panel.effects else 1)
    if not panel.clusters:
        return scores.T @ scores * rows / (rows - parameters), float(rows - parameters)
    cluster, groups = panel.codes("cluster"), panel.clusters
    summed = np.column_stack([np.bincount(cluster, column, groups) for column in scores.T])
    if "period" in panel.effects:
        parameters += panel.frame["period"].n_unique()
    return (summed.T @ summed * groups / (groups - 1) * (rows - 1) / (rows - parameters)), groups - 1.0
