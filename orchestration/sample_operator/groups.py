"""Group customers, their members, and the billing system's own count of group-paid and member-paid revenue.

Legal groups are those that the customer list names; business groups add organisations and employees in a
virtual network. Planted: employees in two virtual networks, one group that is closed, statements that differ.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from orchestration.sample_operator import organisations, registers
from orchestration.sample_operator.landing_files import Landing
from orchestration.sample_operator.plan import DAY, Plan
from orchestration.sample_operator.population import Population
from orchestration.sample_operator.reference import CITY_IDS, org_customer_names

if TYPE_CHECKING:
    from orchestration.sample_operator.operator import World

NEVER_DAY = 1 << 20
UNDERSTATED_FEN = 1234
MEMBER = {"group_id": pl.String, "customer": pl.Int64, "from_day": pl.Int64, "to_day": pl.Int64, "role_code": pl.String}


def draw(plan: Plan, population: Population) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Groups and memberships; days are counted from the start of the sample."""
    member = pl.concat([_legal(plan, population), _business(plan, population)])
    member = member.sort("group_id", "from_day", "customer").unique(["group_id", "customer"], keep="first",
                                                                     maintain_order=True)
    rng, n = plan.rng("group payers"), len(member)
    employee = member["role_code"].to_numpy() == "EMPLOYEE"
    paid = rng.random(n) < np.where(employee, 0.4, 0.8)
    member = member.with_columns(pl.Series("payer_code", np.where(paid, "GROUP", "MEMBER")),
                                 pl.Series("is_virtual_net", employee | (rng.random(n) < 0.3)))
    head = member.filter(pl.col("role_code") == "HEAD").group_by("group_id").agg(
        pl.col("customer").first(), pl.col("from_day").min()).sort("group_id")
    return _groups(plan, population, head), member


def _legal(plan: Plan, population: Population) -> pl.DataFrame:
    """Organisations that name a group in the customer list; the first one of a group is its head."""
    listed = registers.customers(plan, population).filter(pl.col("group_id").is_not_null())
    customer = listed["customer_id"].to_numpy() - population.customer_id[0]
    base = listed.select("group_id").with_columns(pl.Series("customer", customer)).unique("customer").sort(
        "group_id", "customer")
    inside = population.customer_day[base["customer"].to_numpy()]
    base = base.with_columns(pl.Series("from_day", inside), pl.lit(NEVER_DAY, pl.Int64).alias("to_day"))
    base = base.filter(pl.col("from_day") < plan.days).sort("group_id", "from_day", "customer")
    first = pl.col("customer") == pl.col("customer").first().over("group_id")
    role = pl.when(first).then(pl.lit("HEAD")).otherwise(pl.lit("MEMBER")).alias("role_code")
    return base.with_columns(role).select(pl.col(name).cast(kind) for name, kind in MEMBER.items())


def _business(plan: Plan, population: Population) -> pl.DataFrame:
    """A signing organisation, another organisation, and employees; some come and go during the sample."""
    rng, organised = plan.rng("business groups"), organisations.positions(population, 0)
    count, width = max(2, plan.subscribers // 500), 9
    number = np.arange(count).repeat(width + 2)
    place = np.tile(np.arange(width + 2), count)
    head = organised[(np.arange(count) * 5 + 1) % len(organised)]
    public = np.flatnonzero((population.customer_type == 0) & (population.customer_day < 0))
    public = public[np.argsort(population.customer_city[public], kind="stable")]
    start = np.searchsorted(population.customer_city[public], population.customer_city[head])
    employee = public[(start[number] + place * 3 + rng.integers(0, 3, len(place))) % len(public)]
    partner = organised[(np.arange(count) * 7 + 3) % len(organised)]
    customer = np.where(place == 0, head[number], np.where(place == 1, partner[number], employee))
    twice = (place == width + 1) & (number > 0)
    customer = np.where(twice, np.roll(customer, width + 2), customer)
    joins = np.where((place > 1) & (rng.random(len(place)) < 0.2), rng.integers(1, plan.days, len(place)),
                     -rng.integers(5, 400, len(place)))
    leaves = (place > 1) & (joins < 0) & (rng.random(len(place)) < 0.15)
    ends = np.where(leaves, rng.integers(1, plan.days, len(place)), NEVER_DAY)
    role = np.where(place == 0, "HEAD", np.where(place == 1, "MEMBER", "EMPLOYEE"))
    return pl.DataFrame({"group_id": np.char.add("G", (2000 + number).astype(str)), "customer": customer,
                         "from_day": joins, "to_day": ends, "role_code": role}, schema=MEMBER)


def _groups(plan: Plan, population: Population, head: pl.DataFrame) -> pl.DataFrame:
    """One row per group; the last business group is closed in the middle of the sample."""
    rng, n, signer = plan.rng("groups"), len(head), head["customer"].to_numpy()
    legal = head["group_id"].str.starts_with("G1").to_numpy()
    city = population.customer_city[signer]
    parent = np.roll(head["group_id"].to_numpy(), 1)
    below = (np.arange(n) % 4 == 3) & legal
    closed = np.where(np.arange(n) == n - 1, plan.days // 2, NEVER_DAY)
    return head.rename({"customer": "signer"}).with_columns(
        org_customer_names(rng, city).str.replace("有限公司", "集团").alias("name_token"),
        pl.select(pl.when(pl.Series(below)).then(pl.Series(parent))).to_series().alias("parent_group_id"),
        pl.Series("tie_type_code", np.where(legal, "LEGAL", "BUSINESS")),
        pl.Series("industry_code", registers.INDUSTRIES[np.arange(n) % 6]),
        pl.Series("key_level_code", np.array(["NATIONAL", "PROVINCE", "CITY"])[rng.choice(3, n, p=[0.1, 0.3, 0.6])]),
        pl.Series("manager_staff_id", organisations.staff_of(plan, "SALES", city, signer)), pl.Series("city", city),
        pl.Series("closed_day", closed))


def send(world: World, out: Landing) -> None:
    plan, population = world.plan, world.population
    group, member = draw(plan, population)
    statement = pl.concat([_revenue(world, group, member, month) for month in range(plan.months)])
    world.drawn["groups"] = {"group": group, "member": member, "statement": statement}
    organisations.send_checked_changes(out, "billing__group_customer", _group_rows(plan, population, group))
    organisations.send_checked_changes(out, "billing__group_member", _member_rows(plan, population, member))
    for month in range(plan.months):
        rows = statement.filter(pl.col("month") == month, pl.col("statement_fen").is_not_null())
        rows = rows.rename({"statement_fen": "amount_fen"})
        arrives = (plan.issue_day(month) + 2) * DAY
        out.send_checked("billing__group_revenue", [rows], plan.month_days[month + 1] - 1, period=plan.cycle(month),
                         arrives_s=arrives)


def _group_rows(plan: Plan, population: Population, group: pl.DataFrame) -> pl.DataFrame:
    base = group.with_columns(
        pl.Series("signer_customer_id", population.customer_id[group["signer"].to_numpy()]),
        pl.Series("org_id", CITY_IDS[group["city"].to_numpy()]), pl.lit("ACTIVE").alias("status_code"),
        plan.dates(group["from_day"].to_numpy()).alias("established_on"),
        pl.col("from_day").clip(lower_bound=0).alias("day"))
    closed = base.filter(pl.col("closed_day") < plan.days).with_columns(
        pl.lit("CLOSED").alias("status_code"), pl.col("closed_day").alias("day"))
    return pl.concat([base, closed]).sort("day", "group_id")


def _member_rows(plan: Plan, population: Population, member: pl.DataFrame) -> pl.DataFrame:
    base = member.with_columns(
        pl.Series("customer_id", population.customer_id[member["customer"].to_numpy()]),
        plan.dates(member["from_day"].to_numpy()).alias("valid_from"), pl.lit(None, pl.Date).alias("valid_to"),
        pl.col("from_day").clip(lower_bound=0).alias("day"))
    ended = base.filter(pl.col("to_day") < plan.days)
    ended = ended.with_columns(plan.dates(ended["to_day"].to_numpy()).alias("valid_to"), pl.col("to_day").alias("day"))
    return pl.concat([base, ended]).sort("day", "group_id", "customer")


def payers(plan: Plan, group: pl.DataFrame, member: pl.DataFrame, month: int) -> pl.DataFrame:
    """The one group that counts each member's revenue at the end of a month: legal before business, then by number."""
    last = plan.month_days[month + 1] - 1
    alive = group.filter(pl.col("closed_day") > last).select("group_id", "tie_type_code")
    held = member.filter(pl.col("from_day") <= last, pl.col("to_day") > last).join(alive, on="group_id")
    held = held.sort(pl.col("tie_type_code") == "BUSINESS", "group_id")
    return held.unique("customer", keep="first", maintain_order=True).select("customer", "group_id", "payer_code")


def _revenue(world: World, group: pl.DataFrame, member: pl.DataFrame, month: int) -> pl.DataFrame:
    """Net charges by group, payer and item, and what the statement says of them."""
    items = world.ledger.items[month]
    owner = pl.Series("customer", world.population.customer[items["sub"].to_numpy()])
    key = ["group_id", "payer_code", "charge_item_code"]
    own = items.with_columns(owner).join(payers(world.plan, group, member, month), on="customer").group_by(key).agg(
        pl.col("net_fen").sum().alias("own_fen"), pl.col("customer").n_unique().alias("member_count")).sort(key)
    amount = pl.col("own_fen")
    if month == 0:
        largest = amount == amount.max()
        amount = pl.when(largest).then(amount - UNDERSTATED_FEN).otherwise(amount)
    if month == 1:
        amount = pl.when(pl.col("group_id") == pl.col("group_id").last()).then(None).otherwise(amount)
    return own.with_columns(amount.alias("statement_fen"), pl.lit(month).alias("month"),
                            pl.lit(world.plan.cycle(month)).alias("billing_cycle"))


def truth(world: World) -> dict[str, pl.DataFrame]:
    """Own and stated revenue by group, payer and item; memberships as they were."""
    plan, drawn = world.plan, world.drawn["groups"]
    member = drawn["member"]
    ended = member["to_day"].to_numpy() < plan.days
    return {
        "group_revenue_month": drawn["statement"].drop("month"),
        "group_member": member.select("group_id", "role_code", "payer_code", "is_virtual_net").with_columns(
            pl.Series("customer_id", world.population.customer_id[member["customer"].to_numpy()]),
            plan.dates(member["from_day"].to_numpy()).alias("valid_from"),
            plan.dates(np.where(ended, member["to_day"].to_numpy(), 0), ended).alias("valid_to")),
    }
