"""The market around the operator: rivals' numbers seen in our records, survey figures, prices and policy events."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from orchestration.sample_operator.landing_files import Landing
from orchestration.sample_operator.life import PORTED, REACHED
from orchestration.sample_operator.plan import DAY, Plan
from orchestration.sample_operator.population import OPERATORS
from orchestration.sample_operator.reference import CITY_IDS

if TYPE_CHECKING:
    from orchestration.sample_operator.operator import World

SEEN = (1, 2, 3)  # rival mobile networks and the fixed one: their numbers are counted
SELLERS = np.array(["OWN", "RV1", "RV2"])
PRICES = np.array([5900, 6200, 5700])
PRICE_CUT = -0.15
ASKED = 400
REGULATOR, SURVEY = "REG", "SURV"
METHODS = {REGULATOR: "主管部门月报", SURVEY: "入户抽样调查"}


def observe(world: World, day: int, calls: dict, parts: dict) -> None:
    """Which numbers of rivals were seen on a day, with how many calls and messages."""
    seen = np.isin(calls["operator"], SEEN)
    number = calls["number"][seen] * 8 + calls["operator"][seen]
    frame = pl.DataFrame({"number": number, "records": np.ones(len(number), dtype=np.int64),
                          "billed_minutes": calls["every_minute"][seen]}).group_by("number").sum()
    months = world.drawn.setdefault("competition", {}).setdefault("months", {})
    known = months.get(world.plan.month_of(day))
    both = frame if known is None else pl.concat([known, frame]).group_by("number").sum()
    months[world.plan.month_of(day)] = both


def send(world: World, out: Landing) -> None:
    plan, drawn = world.plan, world.drawn.setdefault("competition", {"months": {}})
    drawn["market"] = _market(world)
    survey = pl.concat([drawn["market"], _asked(plan, drawn["market"])], how="diagonal_relaxed")
    for month in range(plan.months):
        last = plan.month_days[month + 1] - 1
        rows = survey.filter(pl.col("month") == month).with_columns(
            pl.lit(plan.date_of(last)).alias("survey_on"), pl.col("source_code").replace(METHODS).alias("method_name"))
        out.send_plain("crm__market_survey", f"market_survey_{plan.cycle(month)}", "xlsx", rows, last,
                       arrives_s=(last + 15) * DAY)
    drawn["events"] = _events(plan)
    for day in drawn["events"]["day"].unique().sort().to_list():
        known = drawn["events"].filter(pl.col("day") <= day)
        out.send_plain("crm__policy_event", f"policy_event_{plan.date_of(day):%Y%m%d}", "csv", known, day)


def _cut_day(plan: Plan) -> int:
    return plan.month_days[1] + 9 if plan.months > 1 else plan.days // 2


def _market(world: World) -> pl.DataFrame:
    """Subscriptions of the month's end by city and seller as the regulator knows them; our own are exact."""
    plan, people = world.plan, world.population
    rng = plan.rng("market")
    own = np.stack([np.bincount(people.city[np.isin(world.life.state_at(second), REACHED) & people.counted],
                                minlength=len(CITY_IDS))
                    for second in (day * DAY for day in plan.month_days)])
    growth = rng.normal(0.008, 0.004, (plan.months, len(CITY_IDS), 2))
    growth[plan.month_of(_cut_day(plan)):, :, 0] += 0.012  # the one who cut prices gains
    size = np.maximum(20, own[0])[:, None] * rng.uniform([2.7, 2.4], [3.7, 3.2], (len(CITY_IDS), 2))
    path = np.rint(np.concatenate([size[None], size * np.cumprod(1 + growth, axis=0)])).astype(np.int64)
    every = np.concatenate([own[:, :, None], path], axis=2)
    months, cities = plan.months, len(CITY_IDS)
    return pl.DataFrame({
        "month": np.arange(months).repeat(cities * 3), "org_id": np.tile(CITY_IDS.repeat(3), months),
        "operator_code": np.tile(SELLERS, months * cities), "subscription_count": every[1:].ravel(),
        "net_added_count": np.diff(every, axis=0).ravel()}).with_columns(pl.lit(REGULATOR).alias("source_code"))


def _asked(plan: Plan, market: pl.DataFrame) -> pl.DataFrame:
    """The household survey: so many people of each city say whose customer they are, and what a basket costs."""
    rng = plan.rng("survey of the market")
    counts = market["subscription_count"].to_numpy().reshape(-1, 3)
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    said = rng.multinomial(ASKED, share / share.sum(axis=1, keepdims=True))
    month = market["month"].to_numpy().reshape(-1, 3)
    price = PRICES * np.where((np.arange(3) == 1) & (month >= plan.month_of(_cut_day(plan))), 1 + PRICE_CUT, 1.0)
    return market.select("month", "org_id", "operator_code").with_columns(
        pl.Series("subscription_count", said.ravel()), pl.lit(SURVEY).alias("source_code"),
        pl.Series("basket_price_fen", np.rint(price).astype(np.int64).ravel()), pl.lit(ASKED).alias("sample_size"))


def _events(plan: Plan) -> pl.DataFrame:
    cut = _cut_day(plan)
    rows = [
        ("P001", "REGULATION", None, 10000, "携号转网服务时限缩短", None, 0, date(2025, 12, 1), None),
        ("P002", "LAUNCH", "RV2", 12000, "推出5G融合套餐，含宽带", None, min(12, plan.days - 1), None, None),
        ("P003", "PRICE_CUT", "RV1", 10000, "主力套餐降价15%", PRICE_CUT, max(0, cut - 5), plan.date_of(cut), None),
        ("P004", "PROMOTION", "OWN", 11100, "新入网赠送3个月会员", None, min(cut + 4, plan.days - 1), None,
         plan.date_of(cut + 64)),
    ]
    names = ["event_id", "event_type_code", "operator_code", "org_id", "title", "price_change_share", "day",
             "valid_from", "valid_to"]
    frame = pl.DataFrame(rows, schema=names, orient="row")
    announced = plan.dates(frame["day"].to_numpy())
    return frame.with_columns(announced.alias("announced_on"), pl.col("valid_from").fill_null(announced))


def truth(world: World) -> dict[str, pl.DataFrame]:
    plan, drawn = world.plan, world.drawn["competition"]
    market = drawn["market"].with_columns(pl.Series("cycle", [plan.cycle(m) for m in drawn["market"]["month"]]))
    event = drawn["events"].select("event_id", "event_type_code", "operator_code", "announced_on", "valid_from")
    return {"market_month": market.drop("month"), "policy_event": event, "port_month": _ports(world),
            "rival_number_month": _rival_numbers(plan, drawn["months"])}


def _rival_numbers(plan: Plan, months: dict[int, pl.DataFrame]) -> pl.DataFrame:
    """By month and operator: numbers seen, of these first ever and back after a gap; and those not seen again."""
    rows, ever, last = [], np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    for month in range(plan.months):
        frame = months[month].sort("number")
        now = frame["number"].to_numpy()
        is_new, back = ~np.isin(now, ever), np.isin(now, ever) & ~np.isin(now, last)
        lost = last[~np.isin(last, now)]
        for operator in SEEN:
            of = now % 8 == operator
            rows.append((plan.cycle(month), str(OPERATORS[operator]), int(of.sum()), int((is_new & of).sum()),
                         int((back & of).sum()), int((lost % 8 == operator).sum()),
                         int(frame["records"].to_numpy()[of].sum()), int(frame["billed_minutes"].to_numpy()[of].sum())))
        ever, last = np.union1d(ever, now), now
    return pl.DataFrame(rows, orient="row", schema=["cycle", "operator_code", "reached", "new", "regained", "lost",
                                                    "records", "billed_minutes"])


def _ports(world: World) -> pl.DataFrame:
    """Completed ports by month and city."""
    plan, people, life = world.plan, world.population, world.life
    out = life.status == PORTED
    came = np.flatnonzero(life.ported_in & (people.opened_s < plan.end_s))
    sub = np.concatenate([life.subscription[out], came])
    second = np.concatenate([life.second[out], people.opened_s[came]])
    month = np.searchsorted(plan.month_days, second // DAY, side="right") - 1
    frame = pl.DataFrame({"cycle": [plan.cycle(int(m)) for m in month], "org_id": CITY_IDS[people.city[sub]],
                          "port_type_code": np.repeat(["OUT", "IN"], [int(out.sum()), len(came)])})
    return frame.group_by("cycle", "org_id", "port_type_code").len("ports").sort("cycle", "org_id", "port_type_code")
