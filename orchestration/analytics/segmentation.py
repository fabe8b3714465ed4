"""Finds segments and judges them: groups that lie apart, come again in other samples, and are large enough to act on.

A sample without groups is said to have none: then there is one segment, with status unstable.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import polars as pl

from orchestration.analytics import mixture, scheme, segment_labels
from orchestration.analytics.errors import AnalysisError
from orchestration.analytics.mixture import Mixture
from orchestration.analytics.scheme import Scheme

MOST_PARTS = 8
MOST_ROWS = 8_000
LEAST_ROWS = 200
LEAST_SHARE = 0.01
STABLE, HIGHLY_STABLE, PATTERN, DISSOLVED = 0.75, 0.85, 0.6, 0.5
SEARCH_STARTS, STARTS = 3, 10
FIRST_DRAWS, DRAWS = 6, 30
STABILITY = {"segment": pl.Int64, "segment_label": pl.String, "n_obs": pl.Int64, "share": pl.Float64,
             "jaccard": pl.Float64, "jaccard_error": pl.Float64, "dissolved": pl.Int64, "recovered": pl.Int64,
             "draws": pl.Int64, "verdict": pl.String, "status": pl.String}
Progress = Callable[[str, int, int], None]


def segment(frame: pl.DataFrame, *, features: list[str], entity: str, k: int | None = None, seed: int = 0,
            progress: Progress | None = None) -> Scheme:
    """Makes a scheme from one row per entity. `features` are amounts in any unit (the first orders the segments);
    signed log1p, then robust scale over the rows in use.

    Without `k`: normal mixtures of 1 to 8 parts, parts without a valley between them being one group; of those in
    order of their BIC, the first whose groups are at least two, hold at least 1 % each, and all have a bootstrap
    Jaccard of at least .75 (Hennig 2007). If there is none: one segment, status unstable. With `k`: k parts as they
    are, each segment with its own status. Fewer than 200 rows in use: one segment, status low_n.

    The seed and the set of rows decide the result, their order does not. Raises AnalysisError as `assign`, and for a k
    that cannot be.
    """
    named = tuple(features)
    ordered = frame.sort(entity) if entity in frame.columns else frame
    rows = scheme.values(ordered, named, entity)
    rows = rows[scheme.uses(rows)]
    if k is not None and not 1 <= k <= max(len(rows) // LEAST_ROWS, 1):
        raise AnalysisError(f"k is {k}: of {len(rows)} rows in use between 1 and {max(len(rows) // LEAST_ROWS, 1)}")
    centre, scale = _scaling(rows)
    matrix = scheme.scaled(centre, scale, rows)
    found, jaccard, choices = _chosen(_sample(matrix, seed), k, seed, progress)
    order = _order(found)
    found = replace(found, group=np.argsort(order)[found.group])
    return _scheme(named, entity, centre, scale, rows, matrix, found, _means(jaccard, order), choices, k)


def stability(made: Scheme, frame: pl.DataFrame, *, draws: int = DRAWS, seed: int = 0) -> pl.DataFrame:
    """Whether the segments of a scheme are still the groups of this frame: mixtures fitted to rows drawn anew, against
    the frozen assignment. One row per segment: segment, segment_label, n_obs, share (of rows in use), jaccard (mean of
    the draws) and jaccard_error (its standard error), dissolved (draws at most .5), recovered (draws at least .75),
    draws, verdict (highly stable .85, stable .75, pattern .6, else not to be trusted: Hennig 2007), status (ok,
    unstable, low_n below 200 rows in use; then without figures)."""
    rows = scheme.values(frame.sort(made.entity), made.features, made.entity)
    matrix = scheme.scaled(made.centre, made.scale, rows[scheme.uses(rows)])
    counts = np.bincount(mixture.nearest(made.mixture, matrix), minlength=made.mixture.groups)
    drawn = None
    if len(matrix) >= LEAST_ROWS and made.mixture.groups > 1:
        drawn = mixture.jaccards(made.mixture, _sample(matrix, seed), seed, draws, merge=_is_merged(made))
    told = []
    for number, count in enumerate(counts):
        share = float(count / len(matrix)) if len(matrix) else None
        mine = None if drawn is None or not count else drawn[:, number]
        is_few = len(matrix) < LEAST_ROWS or not count
        told.append((number + 1, made.labels[number], int(count), share, *_figures(mine, is_few)))
    return pl.DataFrame(told, schema=STABILITY, orient="row")


def _figures(drawn: np.ndarray | None, is_few: bool) -> tuple:
    """From jaccard to status, of one segment."""
    if drawn is None:
        return None, None, None, None, 0, "not measured", "low_n" if is_few else "unstable"
    mean = float(drawn.mean())
    return (mean, float(drawn.std(ddof=1) / np.sqrt(len(drawn))), int((drawn <= DISSOLVED).sum()),
            int((drawn >= STABLE).sum()), len(drawn), _verdict(mean), "ok" if mean >= STABLE else "unstable")


def _sample(matrix: np.ndarray, seed: int) -> np.ndarray:
    return matrix[np.sort(np.random.default_rng(seed).permutation(len(matrix))[:MOST_ROWS])]


def _scaling(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Median and robust standard deviation of the logarithms; the plain one where the middle half is one value."""
    if not len(rows):
        return np.zeros(rows.shape[1]), np.ones(rows.shape[1])
    logs = scheme.logarithms(rows)
    low, centre, high = np.quantile(logs, [0.25, 0.5, 0.75], axis=0)
    spread = (high - low) / 1.349
    spread = np.where(spread > 0, spread, logs.std(axis=0))
    return centre, np.where(spread > 0, spread, 1.0)


def _chosen(sample: np.ndarray, k: int | None, seed: int,
            progress: Progress | None) -> tuple[Mixture, np.ndarray | None, list[tuple]]:
    if len(sample) < LEAST_ROWS:
        return _one(sample), None, []
    if k is not None:
        fitted = [mixture.fit(sample, k, shape, seed, STARTS) for shape in ("full", "tied")]
        best, bic = min(fitted, key=lambda each: each[1])
        jaccard = mixture.jaccards(best, sample, seed, DRAWS, merge=False).mean(axis=0) if k > 1 else None
        return best, jaccard, [(best.shape, k, bic, k, float(best.weights.min()),
                                None if jaccard is None else float(jaccard.min()), "given")]
    tried = _searched(sample, seed, progress)
    alone = next(place for place, (parts, *_) in enumerate(tried) if parts == 1)
    choices: list[tuple] = []
    for parts, shape, bic in tried[:alone]:
        found, jaccard, told = _judged(sample, parts, shape, bic, seed)
        choices.append(told)
        if progress:
            progress("stability", len(choices), alone)
        if told[-1] == "chosen":
            return found, jaccard, choices
    return _one(sample), None, [*choices, ("full", 1, tried[alone][2], 1, 1.0, None, "one group")]


def _searched(sample: np.ndarray, seed: int, progress: Progress | None) -> list[tuple[int, str, float]]:
    """Parts, shape and BIC of what was fitted, best first; a shape is left when two more parts did not help."""
    found = [(1, "full", mixture.fit(sample, 1, "full", seed, 1)[1])]
    for shape in ("full", "tied"):
        best, worse = np.inf, 0
        for parts in range(2, MOST_PARTS + 1):
            if progress:
                progress(f"mixtures, {shape}", parts, MOST_PARTS)
            bic = mixture.fit(sample, parts, shape, seed, SEARCH_STARTS)[1]
            found.append((parts, shape, bic))
            best, worse = (bic, 0) if bic < best else (best, worse + 1)
            if worse == 2:
                break
    return sorted(found, key=lambda each: each[2])


def _judged(sample: np.ndarray, parts: int, shape: str, bic: float,
            seed: int) -> tuple[Mixture, np.ndarray | None, tuple]:
    found = mixture.merged(mixture.fit(sample, parts, shape, seed, STARTS)[0])
    share = np.bincount(found.group, found.weights)
    facts = (shape, parts, bic, found.groups, float(share.min()))
    if found.groups == 1:
        return found, None, (*facts, None, "no valley")
    if share.min() < LEAST_SHARE:
        return found, None, (*facts, None, "too small")
    jaccard = mixture.jaccards(found, sample, seed, FIRST_DRAWS, merge=True)
    if jaccard.mean(axis=0).min() >= PATTERN:  # not worth the draws otherwise
        jaccard = mixture.jaccards(found, sample, seed, DRAWS, merge=True)
    least = float(jaccard.mean(axis=0).min())
    return found, jaccard.mean(axis=0), (*facts, least, "chosen" if least >= STABLE else "unstable")


def _one(sample: np.ndarray) -> Mixture:
    """Everybody in one group, around the middle."""
    size = sample.shape[1]
    spread = np.atleast_2d(np.cov(sample, rowvar=False)) if len(sample) > size else np.eye(size)
    centre = sample.mean(axis=0) if len(sample) else np.zeros(size)
    return Mixture(np.ones(1), centre[None], (spread + mixture.SPIKE * np.eye(size))[None], np.zeros(1, int), "full")


def _order(found: Mixture) -> np.ndarray:
    """Groups from the highest mean of the first feature."""
    share = np.bincount(found.group, found.weights)
    return np.argsort(-np.bincount(found.group, found.weights * found.means[:, 0]) / share, kind="stable")


def _means(jaccard: np.ndarray | None, order: np.ndarray) -> tuple[float | None, ...]:
    return tuple([None] * len(order) if jaccard is None else jaccard[order].tolist())


def _is_merged(made: Scheme) -> bool:
    return "given" not in made.choices["verdict"].to_list()


def _verdict(jaccard: float) -> str:
    named = ((HIGHLY_STABLE, "highly stable"), (STABLE, "stable"), (PATTERN, "pattern"))
    return next((name for limit, name in named if jaccard >= limit), "not to be trusted")


def _scheme(features: tuple[str, ...], entity: str, centre: np.ndarray, scale: np.ndarray, rows: np.ndarray,
            matrix: np.ndarray, found: Mixture, jaccard: tuple[float | None, ...], choices: list[tuple],
            k: int | None) -> Scheme:
    few = len(rows) < LEAST_ROWS
    statuses = tuple("low_n" if few else "ok" if (each or 0) >= STABLE else "unstable" for each in jaccard)
    status = "low_n" if few else "ok" if set(statuses) == {"ok"} else "unstable"
    told = pl.DataFrame(schema=segment_labels.PROFILE)
    if len(rows):
        told = segment_labels.profile(rows, mixture.nearest(found, matrix) + 1, features, found.groups)
    return Scheme(features, entity, centre, scale, found, segment_labels.labels(told), jaccard, statuses,
                  _version(features, k, centre, scale, found, len(rows)), status, _reason(status, len(rows), k),
                  len(rows), pl.DataFrame(choices, schema=scheme.CHOICES, orient="row"), told)


def _reason(status: str, rows: int, k: int | None) -> str:
    if status == "unstable":
        return (f"not all of the {k} segments come again in other samples" if (k or 0) > 1
                else "there are no groups that lie apart and come again in other samples")
    return f"{rows} rows in use, at least {LEAST_ROWS} are needed" if status == "low_n" else ""


def _version(features: tuple[str, ...], k: int | None, centre: np.ndarray, scale: np.ndarray, found: Mixture,
             rows: int) -> str:
    """The same for the same scheme, and for no other."""
    digest = hashlib.blake2b(repr((features, rows, k)).encode(), digest_size=8)
    for part in (centre, scale, found.weights, found.means, found.covariances, found.group):
        digest.update(np.ascontiguousarray(part).data)
    return digest.hexdigest()
