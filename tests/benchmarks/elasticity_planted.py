"""What the elasticity library finds of planted prices, beside the truth; the tests hold the same figures."""

from __future__ import annotations

from collections import Counter

import numpy as np
import polars as pl
import pyfixest as pf

from orchestration.analytics import price_elasticity
from tests import planted_prices
from tests.planted_prices import CROSS, ROLES

TERMS = ("price", *CROSS)
SIZE = {"plans": 24, "areas": 2, "periods": 24, "cost_sd": 0.2}


def truth(own: float, seeds: int) -> dict[str, object]:
    """Prices set partly on demand, told by cost. `naive` and `naive_two_way` take prices as they are.

    `allowed` is .02 + 2 Monte-Carlo standard errors; coverage is of the 95 % interval, of own and of cross terms.
    """
    exact = np.array([own, *CROSS.values()])
    found, naive, statuses = [], [], Counter()
    for seed in range(seeds):
        frame = planted_prices.panel(seed + round(-10_000 * own), own=own, **SIZE)
        rows = price_elasticity.estimate(frame, cross_prices=list(CROSS), instruments=["cost"], **ROLES)
        statuses[rows["status"][0]] += 1
        naive.append(_naive(frame))
        if rows["status"][0] == "ok":
            found.append(rows.select("estimate", "ci_low", "ci_high", "ar_low", "ar_high").to_numpy())
    every = np.stack(found)
    errors = every[:, :, 0] - exact
    covered = (every[:, :, 1] <= exact) & (exact <= every[:, :, 2])
    robust = (every[:, 0, 3] <= own) & (own <= every[:, 0, 4])
    pooled, two_way = np.mean(naive, axis=0)
    return {"own": own, "seeds": seeds, "refused": seeds - statuses["ok"], "mean": float(every[:, 0, 0].mean()),
            "worst_bias": float(np.abs(errors.mean(axis=0)).max()), "sd": float(errors[:, 0].std()),
            "allowed": float(0.02 + 2 * (errors.std(axis=0) / np.sqrt(len(errors))).max()),
            "covered": float(covered[:, 0].mean()), "covered_data": float(covered[:, 1].mean()),
            "covered_rival": float(covered[:, 2].mean()), "covered_ar": float(robust.mean()),
            "naive": float(pooled), "naive_two_way": float(two_way)}


def _naive(frame: pl.DataFrame) -> list[float]:
    """Least squares on all rows, and with unit and period means taken out (the panel is balanced)."""
    logged = frame.sort("unit", "period").select(pl.col("quantity", *TERMS).log()).to_numpy()
    grid = logged.reshape(frame["unit"].n_unique(), frame["period"].n_unique(), -1)
    whole = grid.mean(axis=(0, 1))
    two_way = grid - grid.mean(axis=0) - grid.mean(axis=1, keepdims=True) + whole
    sides = [each.reshape(len(logged), -1) for each in (grid - whole, two_way)]
    return [np.linalg.lstsq(side[:, 1:], side[:, 0], rcond=None)[0][0] for side in sides]


def few_clusters(plans: int, seeds: int, changed: int | None = None) -> dict[str, object]:
    """Coverage of the library's interval beside that of the usual one (CRV1, t of all clusters), prices that know
    nothing of demand. With `changed` only so many plans change their price, once."""
    counts = np.zeros(2)
    limits = price_elasticity.Limits(least_clusters=2)
    widths, told = [], 0
    for seed in range(seeds):
        if changed is None:
            frame = planted_prices.panel(seed, plans=plans, areas=2, periods=18, feedback=0.0, cross={})
        else:
            frame = planted_prices.staggered(seed, plans=plans, changed=changed, areas=2, periods=18)
        row = price_elasticity.estimate(frame, limits=limits, **ROLES).row(0, named=True)
        if row["status"] != "ok":
            continue
        low, high = pf.feols("log(quantity) ~ log(price) | unit + period", frame.to_pandas(),
                             vcov={"CRV1": "plan"}).confint().iloc[0]
        told += 1
        counts += [row["ci_low"] <= planted_prices.OWN <= row["ci_high"], low <= planted_prices.OWN <= high]
        widths.append(row["ci_high"] - row["ci_low"])
    return {"plans": plans, "changed": plans if changed is None else changed, "seeds": told,
            "covered": counts[0] / told, "covered_crv1": counts[1] / told, "width": float(np.median(widths))}


def staggered(seeds: int, **planted: float) -> dict[str, object]:
    """Price changes at different times against plans that kept theirs."""
    statuses, found = Counter(), []
    for seed in range(seeds):
        frame = planted_prices.staggered(seed, plans=20, changed=12, areas=1, periods=18, **planted)
        row = price_elasticity.staggered(frame, **ROLES).row(0, named=True)
        statuses[row["status"]] += 1
        if row["status"] == "ok":
            found.append((row["estimate"], row["ci_low"] <= planted_prices.OWN <= row["ci_high"]))
    values = np.array(found, dtype=float).reshape(-1, 2)
    return {"planted": ", ".join(f"{name} {value}" for name, value in planted.items()) or "as assumed", "seeds": seeds,
            "ok": statuses["ok"], "pre_trend": statuses["pre_trend"],
            "mean": float(values[:, 0].mean()) if len(values) else None,
            "covered": float(values[:, 1].mean()) if len(values) else None}


def long_run(lasts: float, periods: int, seeds: int, correction: str) -> dict[str, object]:
    """Quantity that keeps the share `lasts`: bias and coverage of the short run, of what lasts and of the long run."""
    exact = np.array([-0.4, lasts, -0.4 / (1 - lasts)])
    errors, covered = [], []
    for seed in range(seeds):
        frame = planted_prices.remembering(seed, lasts=lasts, periods=periods + 1)
        rows = price_elasticity.long_run(frame, quantity="quantity", price="price", unit="plan", period="period",
                                         correction=correction)
        if (rows["status"] == "ok").all():
            values = rows.select("estimate", "ci_low", "ci_high").to_numpy()
            errors.append(values[:, 0] - exact)
            covered.append((values[:, 1] <= exact) & (exact <= values[:, 2]))
    bias, share = np.mean(errors, axis=0), np.mean(covered, axis=0)
    return {"lasts": lasts, "periods": periods, "correction": correction, "seeds": seeds, "ok": len(errors),
            **{f"bias_{name}": float(value) for name, value in zip(("short", "lasts", "long"), bias, strict=True)},
            **{f"covered_{name}": float(value) for name, value in zip(("short", "lasts", "long"), share, strict=True)}}


def rehearsal(seeds: int, level: float = 0.80) -> dict[str, object]:
    """A plan that is no part of the estimate changes its price once; what its quantity then did, against what the
    others did, must lie in the interval that was told before as often as the interval says."""
    inside, effect_inside = [], []
    for seed in range(seeds):
        random = np.random.default_rng(50_000 + seed)
        own, change = random.uniform(-1.5, -0.2), float(random.choice([-0.2, -0.15, -0.1, 0.1, 0.15]))
        frame = planted_prices.panel(seed, own=own, cross={}, **SIZE)
        row = price_elasticity.estimate(frame, instruments=["cost"], **ROLES).row(0, named=True)
        if row["status"] != "ok":
            continue
        by_plan = frame.group_by("plan", "period").agg(pl.col("quantity").sum(), pl.col("price").first())
        other = price_elasticity.other_causes_sd(by_plan, quantity="quantity", price="price", unit="plan",
                                                 period="period", elasticity=row["estimate"])
        observed = price_elasticity.observed_changes(frame, price="price", unit="unit", period="period")
        told = [price_elasticity.what_if(row["estimate"], row["std_error"], observed=observed, changes=(change,),
                                         clusters=row["n_moved_clusters"], other_sd=sd, level=level,
                                         seed=seed).row(0, named=True) for sd in (0.0, other)]
        effect = (1 + change) ** own - 1
        seen = _seen(seed, own, change)
        effect_inside.append(told[0]["volume_change_low"] <= effect <= told[0]["volume_change_high"])
        inside.append(told[1]["volume_change_low"] <= seen <= told[1]["volume_change_high"])
    return {"price_changes": len(inside), "level": level, "effect_covered": float(np.mean(effect_inside)),
            "seen_covered": float(np.mean(inside))}


def _seen(seed: int, own: float, change: float) -> float:
    """A plan like the others in another six months, three before and three after its change: its volume against
    theirs, as a share."""
    still = planted_prices.panel(70_000 + seed, own=0.0, cross={}, **{**SIZE, "periods": 6})
    months = still.group_by("plan", "period").agg(pl.col("quantity").sum().log())
    apart = months.with_columns(pl.col("quantity") - pl.col("quantity").mean().over("period")).filter(plan=0)
    before, after = (apart.filter(part)["quantity"].mean() for part in (pl.col("period") < 3, pl.col("period") >= 3))
    return float(np.exp(after - before + own * np.log1p(change)) - 1)


def refusals() -> list[dict[str, object]]:
    """Each panel that cannot tell an elasticity, and what is said of it."""
    rows = []
    for status, (frame, more) in planted_prices.untellable().items():
        row = price_elasticity.estimate(frame, **ROLES, **more).row(0, named=True)
        rows.append({"must_be": status, "is": row["status"], "estimate": row["estimate"],
                     "says": row["identification"]})
    return rows
