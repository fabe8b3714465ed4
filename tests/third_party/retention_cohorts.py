"""Customers of two segments of a company still there after 0 to 12 years, as published by Berry and Linoff (Data Mining
Techniques, 2004) and fitted by Fader and Hardie (How to Project Customer Retention, JIM 2007) on the first seven."""

from __future__ import annotations

import polars as pl

SURVIVORS = {
    "high end": (1000, 869, 743, 653, 593, 551, 517, 491, 468, 445, 427, 409, 394),
    "regular": (1000, 631, 468, 382, 326, 289, 262, 241, 223, 207, 194, 183, 173),
}
# alpha, beta as published
PUBLISHED = {"high end": (0.668, 3.806), "regular": (0.704, 1.182)}
HELD_OUT = 5


def cohort(name: str) -> pl.DataFrame:
    """One row per year: period, survivors."""
    return pl.DataFrame({"period": range(13), "survivors": SURVIVORS[name]})
