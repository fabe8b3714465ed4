"""A scheme of segments: everything that puts a row into its segment, frozen, so that months can be compared.

Rows of zero use are a class of their own, and so are rows of which something is unknown: neither is near to anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from orchestration.analytics import inputs, mixture
from orchestration.analytics.errors import AnalysisError
from orchestration.analytics.mixture import Mixture
from orchestration.analytics.segment_labels import PROFILE

UNKNOWN, ZERO_USE = -1, 0
UNKNOWN_LABEL, ZERO_USE_LABEL = "unknown", "zero use"
ASSIGNED = {"segment": pl.Int64, "segment_label": pl.String, "distance": pl.Float64, "second_segment": pl.Int64,
            "assignment_confidence": pl.Float64, "status": pl.String, "scheme_version": pl.String}
CHOICES = {"shape": pl.String, "parts": pl.Int64, "bic": pl.Float64, "segments": pl.Int64, "least_share": pl.Float64,
           "least_jaccard": pl.Float64, "verdict": pl.String}


@dataclass(frozen=True)
class Scheme:
    """Segments are numbered 1, 2, … from the highest mean of the first feature; `labels`, `jaccard` and `statuses` go
    by that number. `centre` and `scale` are of the signed logarithms of the features.

    `choices`: one row per mixture that was judged (shape, parts, bic, segments, least_share, least_jaccard, verdict).
    `profile`: see `segment_labels`. `status`: ok; unstable (there are no groups that lie apart and come again in other
    samples, or some do not); low_n (too few rows to tell). `reason` says why not ok.
    """

    features: tuple[str, ...]
    entity: str
    centre: np.ndarray
    scale: np.ndarray
    mixture: Mixture
    labels: tuple[str, ...]
    jaccard: tuple[float | None, ...]
    statuses: tuple[str, ...]
    version: str
    status: str
    reason: str
    n_obs: int
    choices: pl.DataFrame
    profile: pl.DataFrame


def assign(scheme: Scheme, frame: pl.DataFrame) -> pl.DataFrame:
    """One row per row of `frame`, in its order: the entity, segment (0 zero use, -1 unknown, else 1, 2, …),
    segment_label, distance (to the centre of the segment in units of its spread, all features together),
    second_segment, assignment_confidence (probability of the segment under the scheme), status (of the segment),
    scheme_version. Every row is in exactly one segment.

    Raises AnalysisError when a feature is missing or is no number, or an entity comes twice.
    """
    rows = values(frame, scheme.features, scheme.entity)
    found = _classes(rows)
    chosen = np.flatnonzero(found == 1)
    distance, confidence = np.full(len(rows), np.nan), np.full(len(rows), np.nan)
    second = np.full(len(rows), UNKNOWN)
    confidence[found == ZERO_USE] = 1.0
    if len(chosen):
        squared, density = mixture.distances(scheme.mixture, scaled(scheme.centre, scheme.scale, rows[chosen]))
        order = np.argsort(-density, axis=1, kind="stable")
        first = order[:, 0]
        found[chosen], distance[chosen] = first + 1, np.sqrt(squared[np.arange(len(first)), first])
        relative = np.exp(density - density.max(axis=1, keepdims=True))
        confidence[chosen] = 1 / relative.sum(axis=1)
        if order.shape[1] > 1:
            second[chosen] = order[:, 1] + 1
    return _told(scheme, frame, found, distance, second, confidence)


def values(frame: pl.DataFrame, features: tuple[str, ...], entity: str) -> np.ndarray:
    """Rows × features in double precision, unknown as NaN. Raises AnalysisError for frames that cannot be used."""
    inputs.require_columns(frame, [entity, *features], "segments")
    wrong = [name for name in features if not (frame[name].dtype.is_numeric() or frame[name].dtype == pl.Boolean)]
    if wrong:
        raise AnalysisError(f"features {', '.join(map(repr, wrong))} are no numbers: segments are made of amounts")
    if frame[entity].null_count() or frame[entity].n_unique() != frame.height:
        raise AnalysisError(f"{entity} is null or comes twice: give one row per entity, such as those of one month")
    rows = frame.select(pl.col(features).cast(pl.Float64)).to_numpy().copy()
    rows[~np.isfinite(rows)] = np.nan
    return rows


def uses(rows: np.ndarray) -> np.ndarray:
    """Whether all is known of a row and something is not zero: only such rows are near to or far from others."""
    return _classes(rows) == 1


def logarithms(rows: np.ndarray) -> np.ndarray:
    """ln(1 + x), and -ln(1 - x) below zero (credits)."""
    return np.sign(rows) * np.log1p(np.abs(rows))


def scaled(centre: np.ndarray, scale: np.ndarray, rows: np.ndarray) -> np.ndarray:
    return (logarithms(rows) - centre) / scale


def segments(scheme: Scheme) -> pl.DataFrame:
    """One row per segment of the scheme, zero use and unknown too: segment, segment_label, jaccard (mean; null where
    it does not apply), share (of the rows in use that it was made of), status, scheme_version, n_obs, features."""
    share = np.bincount(scheme.mixture.group, scheme.mixture.weights)
    rows = [(UNKNOWN, UNKNOWN_LABEL, None, None, UNKNOWN_LABEL), (ZERO_USE, ZERO_USE_LABEL, None, None, "ok")]
    rows += [(number + 1, scheme.labels[number], scheme.jaccard[number], float(share[number]),
              scheme.statuses[number]) for number in range(len(scheme.labels))]
    found = pl.DataFrame(rows, schema={"segment": pl.Int64, "segment_label": pl.String, "jaccard": pl.Float64,
                                       "share": pl.Float64, "status": pl.String}, orient="row")
    return found.with_columns(pl.lit(scheme.version).alias("scheme_version"), pl.lit(scheme.n_obs).alias("n_obs"),
                              pl.lit(", ".join(scheme.features)).alias("features"))


def as_record(scheme: Scheme) -> dict[str, Any]:
    """The scheme as texts, numbers and lists (JSON can hold it): to keep it and put later months into it."""
    parts = scheme.mixture
    return {**{name: getattr(scheme, name) for name in ("entity", "version", "status", "reason", "n_obs")},
            **{name: list(getattr(scheme, name)) for name in ("features", "labels", "jaccard", "statuses")},
            "centre": scheme.centre.tolist(), "scale": scheme.scale.tolist(), "weights": parts.weights.tolist(),
            "means": parts.means.tolist(), "covariances": parts.covariances.tolist(), "group": parts.group.tolist(),
            "shape": parts.shape, "choices": scheme.choices.to_dicts(), "profile": scheme.profile.to_dicts()}


def from_record(record: dict[str, Any]) -> Scheme:
    """The scheme that `as_record` told."""
    arrays = {name: np.asarray(record[name]) for name in ("weights", "means", "covariances", "group")}
    return Scheme(**{name: record[name] for name in ("entity", "version", "status", "reason", "n_obs")},
                  **{name: tuple(record[name]) for name in ("features", "labels", "jaccard", "statuses")},
                  centre=np.asarray(record["centre"]), scale=np.asarray(record["scale"]),
                  mixture=Mixture(**arrays, shape=record["shape"]),
                  choices=pl.DataFrame(record["choices"], schema=CHOICES),
                  profile=pl.DataFrame(record["profile"], schema=PROFILE))


def _classes(rows: np.ndarray) -> np.ndarray:
    known = ~np.isnan(rows).any(axis=1)
    return np.where(known, np.where((rows != 0).any(axis=1), 1, ZERO_USE), UNKNOWN)


def _told(scheme: Scheme, frame: pl.DataFrame, segment: np.ndarray, distance: np.ndarray, second: np.ndarray,
          confidence: np.ndarray) -> pl.DataFrame:
    labels = np.array([UNKNOWN_LABEL, ZERO_USE_LABEL, *scheme.labels])
    statuses = np.array([UNKNOWN_LABEL, "ok", *scheme.statuses])
    found = pl.DataFrame({"segment": segment, "segment_label": labels[segment + 1], "distance": distance,
                          "second_segment": second, "assignment_confidence": confidence,
                          "status": statuses[segment + 1]}, schema_overrides=ASSIGNED)
    found = found.with_columns(
        pl.col("distance", "assignment_confidence").fill_nan(None),
        pl.when(pl.col("second_segment") > 0).then("second_segment").alias("second_segment"),
        pl.lit(scheme.version).alias("scheme_version"))
    return pl.concat([frame.select(scheme.entity), found], how="horizontal")
