"""What a segment is called: the behaviour that sets it apart, in the words of its features."""

from __future__ import annotations

import numpy as np
import polars as pl

NONE_SHARE = 0.9
LOW, HIGH = 1 / 3, 2 / 3
WORDS = 3
PROFILE = {"segment": pl.Int64, "feature": pl.String, "median": pl.Float64, "all_median": pl.Float64,
           "zero_share": pl.Float64, "percentile": pl.Float64, "level": pl.String}
NO_GROUPS = "no groups found"


def profile(rows: np.ndarray, segment: np.ndarray, features: tuple[str, ...], segments: int) -> pl.DataFrame:
    """One row per segment (1, 2, …) and feature: median and all_median in the unit of the feature, zero_share,
    percentile (share of the rows of the other segments that lie below its median, ties half) and level: `no` (nine in
    ten have none), `high` (its middle is above two thirds of the others), `low` (below two thirds), else `usual`."""
    told = []
    for number in range(1, segments + 1):
        mine = segment == number
        for place, name in enumerate(features):
            own, others = rows[mine, place], rows[~mine, place]
            middle = float(np.median(own)) if mine.any() else float("nan")
            zeros = float((own == 0).mean()) if mine.any() else 0.0
            below = float(((others < middle).mean() + (others <= middle).mean()) / 2) if len(others) else 0.5
            is_none = zeros >= NONE_SHARE and len(others) > 0 and zeros > (others == 0).mean()
            level = "no" if is_none else "high" if below >= HIGH else "low" if below <= LOW else "usual"
            told.append((number, name, middle, float(np.median(rows[:, place])), zeros, below, level))
    return pl.DataFrame(told, schema=PROFILE, orient="row")


def labels(profile: pl.DataFrame) -> tuple[str, ...]:
    """One label per segment, such as `high data_mb, no voice_min`: the three features that stand out most, more where
    two segments would share a label, and their number where even that does not part them."""
    if profile["segment"].n_unique() < 2:
        return (NO_GROUPS,)
    features = profile["feature"].n_unique()
    numbers = sorted(profile["segment"].unique().to_list())
    found: dict[int, str] = {}
    for words in range(WORDS, features + WORDS):
        found |= {number: _label(profile.filter(pl.col("segment") == number), words)
                  for number in numbers if list(found.values()).count(found.get(number)) != 1}
        if len(set(found.values())) == len(numbers):
            break
    twice = {label for label in found.values() if list(found.values()).count(label) > 1}
    return tuple(f"{found[number]} ({number})" if found[number] in twice else found[number] for number in numbers)


def _label(mine: pl.DataFrame, words: int) -> str:
    far = (pl.col("percentile") - 0.5).abs()
    said = mine.sort(far, descending=True, maintain_order=True).filter(pl.col("level") != "usual").head(words)
    if said.is_empty():
        return "usual in everything"
    return ", ".join(f"{level} {feature}" for level, feature in said.select("level", "feature").iter_rows())
