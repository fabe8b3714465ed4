"""Gaussian mixtures: groups in a matrix, whether they lie apart, and whether they come again in other samples.

Fitting is scikit-learn's; a fitted mixture is three arrays, so that it can be kept and used as it was.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace

import numpy as np
from scipy.linalg import solve_triangular
from scipy.special import logsumexp
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture

# a spread below a tenth of the robust spread of a feature is taken as a tenth: many who use none of a service are a
# spike, not a group of infinite density
SPIKE = 0.01
LEAST_GAP = 0.05
BATCH = 50_000
STEPS = 64


@dataclass(frozen=True)
class Mixture:
    """Parts × …: weights (share), means, covariances (parts × features × features), the group of each part, and whether
    each part has a shape of its own (`full`) or all have one (`tied`).

    A group that is not bell-shaped is made of several parts.
    """

    weights: np.ndarray
    means: np.ndarray
    covariances: np.ndarray
    group: np.ndarray
    shape: str

    @property
    def groups(self) -> int:
        return int(self.group.max()) + 1


def fit(matrix: np.ndarray, parts: int, shape: str, seed: int, starts: int) -> tuple[Mixture, float]:
    """The mixture of the best of `starts` random starts (k-means), each part a group, and its Bayesian information
    criterion (the lower the better)."""
    model = GaussianMixture(parts, covariance_type=shape, reg_covar=SPIKE, n_init=starts, random_state=seed,
                            max_iter=300)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(matrix)
    spread = np.broadcast_to(model.covariances_, (parts, matrix.shape[1], matrix.shape[1]))
    return Mixture(model.weights_, model.means_, spread, np.arange(parts), shape), float(model.bic(matrix))


def merged(mixture: Mixture) -> Mixture:
    """The same mixture with parts as one group that have no valley between them, also over a third part (Hennig,
    Methods for merging Gaussian mixture components, ADAC 2010)."""
    group = np.arange(len(mixture.weights))
    for a in range(len(group)):
        for b in range(a):
            if group[a] != group[b] and gap(mixture, a, b) < LEAST_GAP:
                group[group == group[a]] = group[b]
    return replace(mixture, group=np.unique(group, return_inverse=True)[1])


def distances(mixture: Mixture, matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows × groups: squared distance to the nearest centre of the group in units of its spread (Mahalanobis), and the
    log-density weighted by share."""
    squared = np.empty((len(matrix), len(mixture.weights)))
    sizes = np.empty(len(mixture.weights))
    for number, covariance in enumerate(mixture.covariances):
        factor = np.linalg.cholesky(covariance)
        for start in range(0, len(matrix), BATCH):
            rows = slice(start, start + BATCH)
            away = solve_triangular(factor, (matrix[rows] - mixture.means[number]).T, lower=True)
            squared[rows, number] = (away**2).sum(axis=0)
        sizes[number] = np.log(np.diag(factor)).sum()
    density = np.log(mixture.weights) - sizes - matrix.shape[1] * np.log(2 * np.pi) / 2 - squared / 2
    whose = [mixture.group == group for group in range(mixture.groups)]
    return (np.column_stack([squared[:, mine].min(axis=1) for mine in whose]),
            np.column_stack([logsumexp(density[:, mine], axis=1) for mine in whose]))


def nearest(mixture: Mixture, matrix: np.ndarray) -> np.ndarray:
    """The most probable group of each row."""
    return distances(mixture, matrix)[1].argmax(axis=1)


def gap(mixture: Mixture, a: int, b: int) -> float:
    """How deep the valley between two parts is, as a share of the lower of the two peaks: 0 where they are one hill.
    Modes of two normal parts lie on their ridgeline (Ray and Lindsay, The Topography of Multivariate Normal Mixtures,
    2005); the two count as equally large, since a small group is one too."""
    pair = np.array([a, b])
    first, second = np.linalg.inv(mixture.covariances[pair])
    path = []
    for share in np.linspace(0, 1, STEPS):
        weighted = (1 - share) * first, share * second
        path.append(np.linalg.solve(weighted[0] + weighted[1],
                                    weighted[0] @ mixture.means[a] + weighted[1] @ mixture.means[b]))
    equal = Mixture(np.full(2, 0.5), mixture.means[pair], mixture.covariances[pair], np.zeros(2, dtype=int), "")
    height = np.exp(distances(equal, np.array(path))[1][:, 0])
    before, after = np.maximum.accumulate(height), np.maximum.accumulate(height[::-1])[::-1]
    return float((1 - height / np.minimum(before, after)).max())


def jaccards(mixture: Mixture, matrix: np.ndarray, seed: int, draws: int, merge: bool) -> np.ndarray:
    """Draws × groups: how alike a group is to the one most alike when a mixture is fitted to rows drawn anew (Jaccard
    similarity over all rows; Hennig, Cluster-wise assessment of cluster stability, CSDA 2007)."""
    random, labels = np.random.default_rng(seed), nearest(mixture, matrix)
    found = np.empty((draws, mixture.groups))
    for draw in range(draws):
        drawn = matrix[random.integers(0, len(matrix), len(matrix))]
        other = fit(drawn, len(mixture.weights), mixture.shape, int(random.integers(2**31)), 2)[0]
        other = merged(other) if merge else other
        again = nearest(other, matrix)
        both = np.bincount(labels * other.groups + again, minlength=mixture.groups * other.groups)
        both = both.reshape(mixture.groups, other.groups).astype(float)
        either = both.sum(axis=1)[:, None] + both.sum(axis=0) - both
        found[draw] = (both / np.maximum(either, 1)).max(axis=1)
    return found
