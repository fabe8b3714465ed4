"""The value library on planted truth: each function measures one seed and returns one row."""

from __future__ import annotations

import numpy as np
import polars as pl
from scipy.stats import norm
from sklearn.metrics import adjusted_rand_score

from orchestration.analytics import customer_value, lifetime_value
from tests import planted_value

MONTH_NOISE = 0.2


def segments(separation: float, seed: int, apart: bool, rows: int = 8000) -> dict[str, object]:
    """ARI beside that of the true densities, the least Jaccard, and how many customers that did not change keep their
    label a month later, when every amount moves by 20 % and a tenth of the customers behave like somebody else."""
    frame, _ = planted_value.groups(rows, separation, seed, apart)
    features = planted_value.FEATURES
    scheme = customer_value.segment(frame.select("customer", *features), features=features, entity="customer")
    before = customer_value.assign(scheme, frame)
    later = planted_value.month_after(frame, MONTH_NOISE, 0.1, seed)
    kept = customer_value.assign(scheme, later)["segment"] == before["segment"]
    sure = (before["assignment_confidence"] >= 0.8) & ~later["has_moved"]
    found, best = (adjusted_rand_score(frame["group"], labels) for labels in (before["segment"], frame["best"]))
    jaccard = [each for each in scheme.jaccard if each is not None]
    return {"separation": separation, "apart": apart, "seed": seed, "rows": rows, "segments": len(scheme.labels),
            "ari": found, "bayes_ari": best, "ari_share": found / best, "least_jaccard": min(jaccard, default=np.nan),
            "kept": float(kept.filter(~later["has_moved"]).mean()), "kept_sure": float(kept.filter(sure).mean()),
            "sure_share": float((before["assignment_confidence"] >= 0.8).mean()), "status": scheme.status}


def blob(kind: str, seed: int, rows: int = 8000) -> dict[str, object]:
    """One group of customers: what the gate says, and what two forced segments would have had for a Jaccard."""
    frame, features = planted_value.blob(kind, rows, seed), planted_value.FEATURES
    scheme = customer_value.segment(frame, features=features, entity="customer")
    why = scheme.choices["verdict"].value_counts().sort("verdict").iter_rows()
    return {"blob": kind.replace(" ", "_"), "seed": seed, "rows": rows, "segments": len(scheme.labels),
            "status": scheme.status, "why": "; ".join(f"{count} × {verdict}" for verdict, count in why)}


def retention(alpha: float, beta: float, seed: int, customers: int = 20_000, periods: int = 24, model: str = "sbg",
              c: float = 1.0) -> dict[str, float]:
    """Standard errors between the estimates and the truth, points of survival at 12 periods and the coverage of the
    intervals of all periods and half as many again."""
    curve = lifetime_value.fit_retention(planted_value.cohort(alpha, beta, customers, periods, seed, c), model=model)
    told = lifetime_value.parameters(curve)
    away = [abs(np.log(row["estimate"] / true)) / (row["standard_error"] / row["estimate"])
            for row, true in zip(told.iter_rows(named=True), (alpha, beta), strict=False)]
    shown = lifetime_value.points(curve, periods * 3 // 2)
    truth = planted_value.survival(alpha, beta, shown["period"].to_numpy(), c)
    held = (shown["ci_low"].to_numpy() <= truth) & (truth <= shown["ci_high"].to_numpy())
    worth = lifetime_value.worth_of_one(curve, discount=0.99, horizon=36).row(0, named=True)
    true_worth = float(0.99 ** np.arange(1, 37) @ planted_value.survival(alpha, beta, np.arange(1, 37), c))
    return {"alpha": alpha, "beta": beta, "seed": seed, "customers": customers,
            "alpha_found": told["estimate"][0], "beta_found": told["estimate"][1], "alpha_se": away[0],
            "beta_se": away[1], "survival_12": float(shown["survival"][11]),
            "points_away": float(100 * abs(shown["survival"][11] - truth[11])), "curve_inside": float(held.mean()),
            "worth_inside": float(worth["factor_low"] <= true_worth <= worth["factor_high"])}


def watched(seed: int, noise: float = 0.08, growth: float = 0.0, broken: float = 0.6,
            accounts: int = 3000) -> dict[str, float]:
    """36 months: false alarms of accounts that did not break in the third year, and how many breaks were seen."""
    frame = planted_value.accounts(accounts, 36, seed, noise, growth, broken)
    found = customer_value.watch(frame, entity="account", period="month", value="spend")
    year = found.with_columns(frame["is_broken"]).filter(pl.col("month") >= 24)
    steady, odd = year.filter(~pl.col("is_broken")), year.filter("is_broken")
    strict = steady.filter(pl.col("distance").abs() > 3).height / steady.height
    return {"seed": seed, "accounts": accounts, "noise": noise, "growth": growth, "broken": broken,
            "false_alarms": float(steady["is_break"].mean()), "false_k3": strict, "seen": float(odd["is_break"].mean())}


def peers(seed: int, customers: int = 8000) -> dict[str, float]:
    """Customers below the upper quantiles of their peers, on the whole and where spend varies more and less; and the
    error of the quantiles in the logarithm."""
    frame = planted_value.peers(customers, seed)
    found = customer_value.potential(frame, value="spend", features=["a", "b", "c", "d", "trade"], entity="customer",
                                     seed=seed)
    row: dict[str, float] = {"seed": seed, "customers": customers}
    for quantile, name in zip((0.8, 0.9), ("low", "high"), strict=True):
        below = found["spend"] <= found[f"peers_{name}"]
        truth = frame["mean"] + frame["spread"] * norm.ppf(quantile)
        wide = frame["spread"] > 0.4
        row |= {f"below_{name}": float(below.mean()), f"below_{name}_wide": float(below.filter(wide).mean()),
                f"below_{name}_narrow": float(below.filter(~wide).mean()),
                f"error_{name}": float((found[f"peers_{name}"].log() - truth).abs().mean())}
    return row


def concentration(seeds: range, customers: int = 2000, sigma: float = 1.2) -> dict[str, float]:
    """How often the intervals hold the truth for log-normal spend: top 20 % and Gini are known in closed form."""
    true = {"top_20_share": float(norm.sf(norm.ppf(0.8) - sigma)), "gini": float(2 * norm.cdf(sigma / 2**0.5) - 1)}
    inside = dict.fromkeys(true, 0)
    for seed in seeds:
        spend = np.random.default_rng(seed).lognormal(3, sigma, customers)
        found = customer_value.pareto(pl.DataFrame({"spend": spend}), value="spend", draws=200, seed=seed)
        for row in found.iter_rows(named=True):
            if row["metric"] in true:
                inside[row["metric"]] += row["ci_low"] <= true[row["metric"]] <= row["ci_high"]
    return {"seeds": len(seeds), "customers": customers, "true_top_20": true["top_20_share"], "true_gini": true["gini"],
            **{f"{name}_inside": count / len(seeds) for name, count in inside.items()}}
