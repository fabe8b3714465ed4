"""How use answers to prices: the elasticity library over the price panel, as known by the end of one month.

What is estimated and when it is refused, is said in `orchestration.analytics`; here is which rows it gets. An offer
sets its price, so offers are the clusters; cells of offer, segment and city are the units.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import date

import polars as pl
import pyarrow as pa

from orchestration.estimates import price_events, price_source, price_test
from orchestration.estimates.price_source import ALL, COMPONENTS, Source

NEEDS, marks, read = price_source.NEEDS, price_source.marks, price_source.read
CROSS = {"VOICE": ("data_price_amt",), "SMS": ("voice_price_amt",), "DATA": ("voice_price_amt",)}  # listed by theory
TARGETS = {"unit_price_amt": None, "voice_price_amt": "VOICE", "sms_price_amt": "SMS", "data_price_amt": "DATA"}
MARGINS = {"usage": "use", "plan_choice": "chosen", "churn": "stayed", "total": "quantity"}
WHAT_IF_MARGINS = ("usage", "total")
COST = "interconnect_cost"

_TEXT, _NUMBER, _COUNT, _DAY, _PRICE = pa.string(), pa.float64(), pa.int64(), pa.date32(), pa.decimal128(18, 8)
_SCOPE = [("component_code", _TEXT), ("segment_code", _TEXT), ("org_id", _TEXT)]
_INTERVAL = [(name, _NUMBER) for name in ("estimate", "ci_low", "ci_high", "ci_level")]
TABLES = {
    "price_elasticity": pa.schema([
        *_SCOPE, ("margin_code", _TEXT), ("design_code", _TEXT), ("kind_code", _TEXT), ("price_component_code", _TEXT),
        *_INTERVAL, *((name, _NUMBER) for name in (
            "std_error", "p_value", "shrunk_estimate", "shrunk_ci_low", "shrunk_ci_high", "shrinkage", "q_value",
            "ar_low", "ar_high", "first_stage_f", "first_stage_f_needed", "price_variation_sd")),
        ("is_discovery", pa.bool_()), ("ar_set", _TEXT), ("n_obs", _COUNT), ("n_clusters", _COUNT),
        ("n_moved_clusters", _COUNT), ("rows_left_out", _COUNT), ("method", _TEXT), ("identification", _TEXT),
        ("status", _TEXT), ("model_version", _TEXT), ("train_from", _DAY), ("train_to", _DAY)]),
    "price_event": pa.schema([
        *_SCOPE, ("offer_id", _TEXT), ("changed_on", _DAY), ("window_months", _COUNT), ("price_before_amt", _PRICE),
        ("price_after_amt", _PRICE), ("quantity_before", _NUMBER), ("quantity_after", _NUMBER),
        ("effective_price_before_amt", _PRICE), ("effective_price_after_amt", _PRICE), ("n_obs", _COUNT),
        ("comparison_change", _NUMBER), ("arc_without_comparison", _NUMBER), *_INTERVAL, ("identification", _TEXT),
        ("status", _TEXT)]),
    "price_what_if": pa.schema([
        *_SCOPE, ("margin_code", _TEXT), ("price_change", _NUMBER),
        *((f"{name}{end}", _NUMBER) for name in ("volume_change", "revenue_change") for end in ("", "_low", "_high")),
        ("chance_revenue_rises", _NUMBER), ("ci_level", _NUMBER), ("draws", _COUNT), ("identification", _TEXT),
        ("status", _TEXT)]),
    "price_model_card": pa.schema([
        ("model_version", _TEXT), ("section", _TEXT), ("item", _TEXT), *_INTERVAL, ("n_obs", _COUNT),
        ("detail", _TEXT), ("status", _TEXT)]),
}
Earlier = Callable[[str, date], pl.DataFrame | None]
Say = Callable[[str], None]


def estimate(source: Source, month: date, earlier: Earlier, say: Say) -> dict[str, pl.DataFrame]:
    """The tables of one as-of month."""
    version = _version(source, month)
    told = []
    for component in COMPONENTS:
        say(f"elasticity of {component}")
        told += _of_component(source, component, month)
    elasticities = pl.concat(told, how="diagonal_relaxed").with_columns(
        price_component_code=pl.col("target").replace_strict(TARGETS, return_dtype=pl.String, default=None)
        .fill_null(pl.col("component_code")), model_version=pl.lit(version),
        train_from=pl.lit(source.panel["as_of_month"].min()), train_to=pl.lit(month)).rename(
        {"margin": "margin_code", "kind": "kind_code"})
    say("price events")
    events = price_events.events(source, month)
    say("rehearsal of what is over")
    tested = price_test.back_test(source, month, CROSS)
    return {"price_elasticity": elasticities, "price_event": events,
            "price_what_if": _what_if(source, elasticities, month),
            "price_model_card": _card(source, month, elasticities, events, tested).with_columns(
                model_version=pl.lit(version))}


def roles(component: str) -> dict[str, object]:
    """What every estimate of a component is told; a price of 0 is free of charge, no price to take a logarithm of."""
    cross = list(CROSS[component])
    return {"price": "unit_price_amt", "period": "as_of_month", "unit": "unit", "cluster": "offer_id",
            "cross_prices": cross, "coded": {name: [0.0] for name in ("unit_price_amt", *cross)}}


def _of_component(source: Source, component: str, month: date) -> list[pl.DataFrame]:
    """The ladder for everybody, and use by segment and by city."""
    from orchestration.analytics import price_elasticity as pe

    cells, offers, told = source.cells(component, month), source.offers(component, month), []
    if cells.is_empty():
        return []
    for margin, quantity in MARGINS.items():
        rows = cells if margin in WHAT_IF_MARGINS else offers
        told.append(_scoped(pe.estimate(rows, quantity=quantity, margin=margin, **roles(component)), component))
    for part in ("segment_code", "org_id"):
        told.append(_scoped(pe.by_segment(cells, segment=part, quantity="use", **roles(component)), component))
    whole = offers.filter(pl.col("use") > 0)
    plain = {name: value for name, value in roles(component).items() if name != "cross_prices"} | {
        "coded": {"unit_price_amt": [0.0]}}
    told.append(_scoped(pe.staggered(whole, quantity="use", **plain), component, design="staggered"))
    told.append(_scoped(pe.long_run(whole, quantity="use", **plain), component, design="long_run"))
    priced = _with_cost(whole)
    if (priced[COST] > 0).any():
        iv = pe.estimate(priced, quantity="use", instruments=[COST], **plain)
        told.append(_scoped(iv, component, design="instrument"))
    return told


def _with_cost(offers: pl.DataFrame) -> pl.DataFrame:
    """The fee to rivals × the share of calls that went to them in the first month: a cost that differs by offer."""
    share = (pl.col("rival_call_count") / pl.col("call_count").replace(0, None)).sort_by("as_of_month").first()
    return offers.with_columns((pl.col("interconnect_rate_amt") * share.over("unit")).fill_null(0.0).alias(COST))


def _scoped(found: pl.DataFrame, component: str, design: str = "two_way") -> pl.DataFrame:
    missing = {name: pl.lit(ALL) for name in ("segment_code", "org_id") if name not in found.columns}
    return found.with_columns(**missing, component_code=pl.lit(component), design_code=pl.lit(design))


def _what_if(source: Source, elasticities: pl.DataFrame, month: date) -> pl.DataFrame:
    """Every own elasticity of use and in total, drawn for price changes of -20 to +20 %."""
    from orchestration.analytics import price_elasticity as pe

    level = source.parameters["price_what_if_level_pct"] / 100
    asked = elasticities.filter(pl.col("design_code") == "two_way", pl.col("kind_code") == "own",
                                pl.col("margin_code").is_in(WHAT_IF_MARGINS))
    ranges = {component: pe.observed_changes(source.offers(component, month), price="unit_price_amt", unit="unit",
                                             period="as_of_month") for component in COMPONENTS}
    names, made = ("component_code", "segment_code", "org_id", "margin_code"), []
    for row in asked.iter_rows(named=True):
        found = pe.what_if(row["estimate"], row["std_error"], observed=ranges[row["component_code"]],
                           status=row["status"], clusters=row["n_moved_clusters"], level=level)
        made.append(found.with_columns(pl.lit(row[name]).alias(name) for name in names))
    return pl.concat(made)


def _card(source: Source, month: date, elasticities: pl.DataFrame, events: pl.DataFrame,
          tested: pl.DataFrame) -> pl.DataFrame:
    """What the estimates rest on, what was refused and why, and how rehearsals of finished changes came out."""
    rows: list[dict[str, object]] = []
    for component in COMPONENTS:
        offers = source.offers(component, month)
        moved = offers.group_by("offer_id").agg(pl.col("unit_price_amt").n_unique() > 1)["unit_price_amt"].sum()
        facts = {"cells": source.cells(component, month)["unit"].n_unique(), "offers": offers["offer_id"].n_unique(),
                 "offers_whose_price_moved": moved, "months": offers["as_of_month"].n_unique()}
        rows += [{"section": "panel", "item": f"{component} {item}", "estimate": float(value), "status": "ok"}
                 for item, value in facts.items()]
    for table, found in (("price_elasticity", elasticities), ("price_event", events)):
        for status, count in sorted(found["status"].value_counts().iter_rows()):
            rows.append({"section": "status", "item": f"{table} {status}", "estimate": float(count),
                         "n_obs": found.height, "status": "ok"})
    return pl.concat([pl.DataFrame(rows, schema=price_test.CARD), price_test.card(tested)])


def _version(source: Source, month: date) -> str:
    known = source.panel.filter(pl.col("as_of_month") <= month)
    said = known.write_csv() + repr(sorted(source.parameters.items()))
    return hashlib.sha256(said.encode()).hexdigest()[:12]
