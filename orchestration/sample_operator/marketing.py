"""Campaigns: who was drawn, who was held back, who was reached, who ordered, what it cost.

Every wave draws a control group at random and orders follow a base rate plus a planted uplift among those to be
contacted, so the true effect is known. What a correct warehouse must find in it is counted in `truth_marketing`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from orchestration.sample_operator import campaign_lists, reference, registers, truth_marketing
from orchestration.sample_operator.landing_files import Landing
from orchestration.sample_operator.life import ACTIVE, CANCELLED, EXPELLED, NEVER, PORTED
from orchestration.sample_operator.plan import DAY, Plan
from orchestration.sample_operator.population import MOBILE

if TYPE_CHECKING:
    from orchestration.sample_operator.operator import World

HOUR = 3600
WINDOW_DAYS, CONTACT_DAYS = 20, 6
REACH, RESPONSE, RESEND_EVERY = 0.9, 0.15, 300
UNIT_COST = {"SMS": 5, "PHONE": 150, "ONLINE": 10, "SHOP": 80}  # fen per contact
CREATIVE, GIFT = 60_000, 500  # fen per wave over all cities, fen per order of a contacted subscription


@dataclass(frozen=True)
class Kind:
    """One kind of campaign: what is offered how, the share that orders by itself, and what the campaign adds."""

    name: str
    goal: str
    offer: str
    channel: str
    base: float
    uplift: float
    margin: int
    horizon: int


KINDS = (
    Kind("流量加油包推广", "UPSELL", "A010", "SMS", 0.06, 0.12, 600, 6),
    Kind("宽带融合推荐", "CROSS_SELL", "B030", "PHONE", 0.02, 0.08, 1500, 12),
    Kind("老客户关怀", "RETENTION", "M039", "ONLINE", 0.10, 0.0, 800, 6),  # it sells nothing; who stays is in `hazard`
    Kind("5G套餐升级", "UPGRADE", "M099", "SHOP", 0.05, 0.02, 900, 3),  # it works, but costs more than it brings
)


def send(world: World, out: Landing) -> None:
    plan = world.plan
    waves = plan_waves(plan)
    consents = registers.customers(plan, world.population)["has_consent"].to_numpy()[world.population.customer]
    members = pl.concat([draw_members(world, number, wave, consents)
                         for number, wave in enumerate(waves.iter_rows(named=True))])
    events = draw_events(world, waves, members)
    costs = draw_costs(world, waves, members, events)
    world.drawn["marketing"] = {"waves": waves, "members": members, "events": events, "costs": costs}
    for month in range(plan.months):
        day = plan.month_days[month]
        out.send_plain("crm__campaign", f"campaign_{plan.date_of(day):%Y%m%d}", "json", campaign_rows(plan, waves, day),
                       day)
    for day, rows in enumerate(_by_day(events, plan.days)):
        out.send_plain("crm__campaign_contact", f"campaign_contact_{plan.date_of(day):%Y%m%d}", "jsonl",
                       event_rows(world, waves, rows), day)
    for day, rows in enumerate(_by_day(costs, plan.days)):
        out.send_plain("crm__campaign_cost", f"campaign_cost_{plan.date_of(day):%Y%m%d}", "csv",
                       cost_rows(plan, waves, rows), day)
    for day in sorted(waves["day"].unique()):
        rows = member_rows(world, waves, members.filter(pl.col("day") == day))
        out.send_plain("crm__segment_list", f"segment_list_{plan.date_of(day):%Y%m%d}", "csv", rows, day)


def truth(world: World) -> dict[str, pl.DataFrame]:
    return truth_marketing.tables(world)


def plan_waves(plan: Plan) -> pl.DataFrame:
    """Two campaigns a month in turn, each with two waves, as far as they begin within the sample."""
    sellers = reference.staff_rows(plan, 0).filter(pl.col("role_code") == "SALES")["staff_id"]
    rows = [(f"CP{plan.cycle(wave.month)}{wave.slot + 1}", wave.number, wave.month, wave.kind, wave.day,
             int(sellers[(2 * wave.month + wave.slot) % len(sellers)])) for wave in campaign_lists.waves(plan)]
    names = ["campaign_id", "wave_number", "month", "kind", "day", "owner"]
    return pl.DataFrame(rows, schema=names, orient="row").with_row_index("wave")


def campaign_rows(plan: Plan, waves: pl.DataFrame, day: int) -> pl.DataFrame:
    """All waves planned up to the month of a day; the budgets of the first month are raised after it."""
    known = waves.filter(pl.col("day") < day + 31)
    of = {name: [getattr(KINDS[kind], name) for kind in known["kind"]] for name in Kind.__dataclass_fields__}
    ends = known["day"].to_numpy() + WINDOW_DAYS - 1
    raised = (known["month"].to_numpy() == 0) & (day >= plan.month_days[1])
    status = np.where(known["day"].to_numpy() > day, "PLANNED", np.where(ends >= day, "RUNNING", "ENDED"))
    return known.select(
        "campaign_id", "wave_number", pl.Series("campaign_name", of["name"]), pl.Series("goal_code", of["goal"]),
        pl.Series("status_code", status), pl.format("SG{}", pl.col("kind") + 1).alias("segment_id"),
        (pl.col("month") * 2 + pl.col("wave_number")).alias("segment_version"), pl.Series("offer_id", of["offer"]),
        pl.Series("contact_channel_code", of["channel"]), pl.col("owner").cast(pl.String).alias("owner_staff_id"),
        pl.lit(0.2).alias("planned_control_share"), pl.Series("budget_fen", np.where(raised, 600_000, 500_000)),
        pl.Series("margin_fen", of["margin"]), pl.Series("horizon_months", of["horizon"]),
        plan.dates(known["day"].to_numpy()).alias("starts_on"), plan.dates(ends).alias("ends_on"))


def draw_members(world: World, number: int, wave: dict, consents: np.ndarray) -> pl.DataFrame:
    """A quarter of the active mobile subscriptions whose customer agrees to be addressed; a fifth is held back."""
    people = world.population
    drawn, control = campaign_lists.draw(world.plan, number, people.size)
    fits = (people.service == MOBILE) & people.counted & consents
    fits &= (world.life.state_at(wave["day"] * DAY) == ACTIVE) & (people.opened_s < wave["day"] * DAY)
    drawn = np.flatnonzero(fits & drawn)
    drawn = drawn if len(drawn) else np.flatnonzero(fits)[:2]
    return pl.DataFrame({
        "wave": np.full(len(drawn), number), "sub": drawn, "control": control[drawn],
        "day": np.full(len(drawn), wave["day"]), "kind": np.full(len(drawn), wave["kind"])})


def draw_events(world: World, waves: pl.DataFrame, members: pl.DataFrame) -> pl.DataFrame:
    """What happened to each member: contact, answer, order, cancellation; nothing after the end of the sample."""
    rng, n = world.plan.rng("campaign events"), len(members)
    control, begins = members["control"].to_numpy(), members["day"].to_numpy() * DAY
    base, uplift = (np.array([getattr(kind, name) for kind in KINDS])[members["kind"].to_numpy()]
                    for name in ("base", "uplift"))
    tried = ~control | (rng.random(n) < 0.01)  # a few of the control group are contacted by mistake
    reached = tried & (rng.random(n) < REACH)
    contact_s = begins + rng.integers(0, CONTACT_DAYS, n) * DAY + rng.integers(9 * HOUR, 20 * HOUR, n)
    orders = rng.random(n) < base + np.where(reached & ~control, uplift / REACH, 0)
    free_s = begins + rng.integers(0, WINDOW_DAYS, n) * DAY + rng.integers(9 * HOUR, 20 * HOUR, n)
    order_s = np.where(reached, contact_s + rng.integers(2 * HOUR, (WINDOW_DAYS - CONTACT_DAYS) * DAY - 12 * HOUR, n),
                       free_s)
    orders &= order_s < _leaving_second(world)[members["sub"].to_numpy()]
    responds = reached & (orders | (rng.random(n) < RESPONSE))
    declines = reached & ~responds & (rng.random(n) < 0.4)
    cancels = orders & (rng.random(n) < 0.15)
    happened = (("CONTACTED", reached, contact_s), ("NOT_REACHED", tried & ~reached, contact_s),
                ("RESPONDED", responds, contact_s + HOUR), ("DECLINED", declines, contact_s + HOUR),
                ("ORDERED", orders, order_s), ("CANCELLED", cancels, order_s + rng.integers(DAY, 80 * DAY, n)))
    rows = members.with_row_index("member")
    parts = [rows.filter(pl.Series(mask)).with_columns(pl.lit(code).alias("event_code"), pl.Series("at", at[mask]))
             for code, mask, at in happened]
    events = pl.concat(parts).filter(pl.col("at") < world.plan.end_s).sort("at", "member", "event_code")
    return events.with_columns((pl.col("at") // DAY).alias("day")).with_row_index("event")


def _leaving_second(world: World) -> np.ndarray:
    """The second in which each subscription leaves for good, NEVER if it does not."""
    life, leaves = world.life, np.full(world.population.size, NEVER)
    gone = np.isin(life.status, (CANCELLED, EXPELLED, PORTED))
    np.minimum.at(leaves, life.subscription[gone], life.second[gone])
    return leaves


def draw_costs(world: World, waves: pl.DataFrame, members: pl.DataFrame, events: pl.DataFrame) -> pl.DataFrame:
    """Creative work by city on the first day, contacts and gifts by city and day."""
    cities = len(reference.CITY_IDS)
    creative = waves.select("wave", "day").join(pl.DataFrame({"city": np.arange(cities)}), how="cross").with_columns(
        pl.lit("CREATIVE").alias("item"), pl.lit(CREATIVE // cities).alias("amount_fen"))
    place = pl.Series("city", world.population.city[events["sub"].to_numpy()])
    unit = pl.col("kind").replace_strict(list(range(len(KINDS))), [UNIT_COST[kind.channel] for kind in KINDS])
    reached = events.filter(pl.col("event_code") == "CONTACTED")["member"]
    spent = events.with_columns(place, pl.when(pl.col("event_code") == "CONTACTED").then(unit).when(
        (pl.col("event_code") == "ORDERED") & pl.col("member").is_in(reached.implode())).then(GIFT).alias("fen"),
        pl.when(pl.col("event_code") == "ORDERED").then(pl.lit("GIFT")).otherwise(pl.lit("CONTACT")).alias("item"))
    daily = spent.filter(pl.col("fen") > 0).group_by("wave", "day", "city", "item").agg(
        pl.col("fen").sum().alias("amount_fen"))
    columns = ["wave", "day", "city", "item", "amount_fen"]
    types = {name: pl.Int64 for name in ("wave", "day", "city", "amount_fen")}
    both = [part.select(columns).cast(types) for part in (creative, daily)]
    return pl.concat(both).sort("day", "wave", "city", "item").with_row_index("cost")


def _named(waves: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """Rows with the campaign and the number of their wave."""
    names = waves.select(pl.col("wave").cast(pl.Int64), "campaign_id", "wave_number", "kind", "month")
    return rows.drop("kind", strict=False).with_columns(pl.col("wave").cast(pl.Int64)).join(
        names, on="wave", how="left", maintain_order="left")


def member_rows(world: World, waves: pl.DataFrame, members: pl.DataFrame) -> pl.DataFrame:
    rows = _named(waves, members)
    return rows.select(
        "campaign_id", "wave_number", pl.Series("subscription_id", _ids(world, rows)),
        pl.format("SG{}", pl.col("kind") + 1).alias("segment_id"),
        (pl.col("month") * 2 + pl.col("wave_number")).alias("segment_version"), pl.col("control").alias("is_control"),
        world.plan.dates(rows["day"].to_numpy()).alias("listed_on"))


def event_rows(world: World, waves: pl.DataFrame, events: pl.DataFrame) -> pl.DataFrame:
    rows = _named(waves, events)
    is_contact = pl.col("event_code").is_in(["CONTACTED", "NOT_REACHED"])
    is_order = pl.col("event_code").is_in(["ORDERED", "CANCELLED"])
    channel = pl.col("kind").replace_strict(list(range(len(KINDS))), [kind.channel for kind in KINDS])
    seller = pl.Series(reference.CITY_IDS[world.population.city[rows["sub"].to_numpy()]] * 1000 + 3).cast(pl.String)
    return rows.select(
        pl.format("CE{}", 100_000_000 + pl.col("event")).alias("event_id"), "campaign_id", "wave_number",
        pl.Series("subscription_id", _ids(world, rows)), "event_code",
        pl.when(is_contact).then(channel).alias("contact_channel_code"),
        pl.when(is_contact & channel.is_in(["PHONE", "SHOP"])).then(seller).alias("staff_id"),
        pl.when(is_order).then(pl.format("CO{}", 10_000_000 + pl.col("member"))).alias("order_id"),
        world.plan.moments(rows["at"].to_numpy()).alias("happened_at"))


def cost_rows(plan: Plan, waves: pl.DataFrame, costs: pl.DataFrame) -> pl.DataFrame:
    rows = _named(waves, costs)
    return rows.select(
        pl.format("CC{}", 1_000_000 + pl.col("cost")).alias("cost_id"), "campaign_id", "wave_number",
        pl.Series("org_id", reference.CITY_IDS[rows["city"].to_numpy()]).cast(pl.String),
        pl.col("item").alias("cost_item_code"), "amount_fen", plan.dates(rows["day"].to_numpy()).alias("cost_on"))


def _ids(world: World, rows: pl.DataFrame) -> pl.Series:
    return pl.Series(world.population.subscription_id[rows["sub"].to_numpy()]).cast(pl.String)


def _by_day(frame: pl.DataFrame, days: int) -> list[pl.DataFrame]:
    """One frame per day of the sample, empty ones included; some events come once more on the next day."""
    if "event" in frame.columns:
        again = frame.filter((pl.col("event") % RESEND_EVERY == RESEND_EVERY - 1) & (
            pl.col("day") + 1).is_in(frame["day"].implode()))  # never a whole file once more
        frame = pl.concat([frame, again.with_columns(pl.col("day") + 1)])
    return [frame.filter(pl.col("day") == day) for day in range(days)]
