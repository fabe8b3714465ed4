"""What the service-quality theme must find: limits kept or missed, issues, customers behind outages.

Sends nothing. Watches the usage of every day, which is not kept otherwise.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from orchestration.sample_operator import care, working_time
from orchestration.sample_operator.care import REPEAT_DAYS
from orchestration.sample_operator.landing_files import Landing
from orchestration.sample_operator.plan import DAY
from orchestration.sample_operator.reference import CITY_IDS
from orchestration.sample_operator.tickets import ACCEPT_S, CONFIRM_S, DISPATCH_S

if TYPE_CHECKING:
    from orchestration.sample_operator.operator import World

USUAL_DAYS = 7  # who used a cell in the days before an outage was hit by it
OFFICE = ("complaint", "appeal", "request")
# step: from, to, due, kinds of tickets
SLA_STEPS = {
    "DISPATCH": ("opened", "dispatched", pl.col("opened") + DISPATCH_S, ("fault",)),
    "ACCEPT": ("dispatched", "accepted", pl.col("dispatched") + ACCEPT_S, ("fault",)),
    "RESTORE": ("opened", "repaired", pl.col("expected"), ("fault",)),
    "CONFIRM": ("repaired", "confirmed", pl.col("repaired") + CONFIRM_S, ("fault",)),
    "FEEDBACK": ("opened", "accepted", pl.col("answer_due"), OFFICE),
    "DONE": ("opened", "closed", pl.col("expected"), OFFICE),
}
TOLD_BY = {"dispatched": "accepted", "repaired": "resolved", "confirmed": "resolved"}  # snapshot that tells a time


def send(world: World, out: Landing) -> None:
    """Nothing to send."""


def observe(world: World, day: int, calls: dict[str, np.ndarray], parts: dict[str, np.ndarray]) -> None:
    """Remembers who used a cell that will be out in the next days."""
    seen = world.drawn.setdefault("usual_users", {})
    for position, outage in enumerate(world.network.outages):
        if 0 < outage.begins_s // DAY - day <= USUAL_DAYS:
            who = [records["sub"][records["cell"] == outage.cell] for records in (calls, parts)]
            seen.setdefault(position, []).append(np.unique(np.concatenate(who)))


def truth(world: World) -> dict[str, pl.DataFrame]:
    return {"sla_step": sla_steps(world), "contact_issue": issues(world), "outage_subscription": outage_users(world),
            "contact_line_day": contact_lines(world), "survey_wave": survey_waves(world)}


def contact_lines(world: World) -> pl.DataFrame:
    """Contacts by day, line dialled and what they were about."""
    keys = ["date", "line_code", "reason_class_code"]
    return world.contact.select(
        world.plan.dates(world.contact["day"].to_numpy()).alias("date"), "line_code",
        pl.col("reason_code").str.split("_").list.first().alias("reason_class_code")).group_by(keys).agg(
            pl.len().alias("contacts")).sort(keys)


def survey_waves(world: World) -> pl.DataFrame:
    """Surveys asked for by wave and how many of them were answered before the sample ended."""
    answers = care.surveys(world.plan, world.contact)
    asked = care.invitations(world.plan, world.contact, answers)
    told = pl.col("contact_id").is_in(answers["contact_id"].unique().to_list())
    return asked.group_by("wave_code").agg(pl.len().alias("invited"), told.sum().alias("answered")).sort("wave_code")


def sla_steps(world: World) -> pl.DataFrame:
    """Every step whose limit counts: it ended as a snapshot told, or its limit passed before the sample ended."""
    ticket, end, parts = world.ticket, world.plan.end_s, []
    for step, (begins, ends, due, kinds) in SLA_STEPS.items():
        begun, done = ((pl.col(TOLD_BY.get(name, name)) < end) for name in (begins, ends))
        counts = done | (due < _running_until(world, kinds))
        rows = ticket.filter(pl.col("ticket_type_code").is_in(kinds), begun, counts)
        days = rows.select(due).to_series().to_numpy() // DAY
        months = np.searchsorted(world.plan.month_days, days, side="right") - 1
        parts.append(rows.select(
            "ticket_id", pl.lit(step).alias("step_code"), "ticket_type_code", "customer_grade_code", "org_id",
            "service_code", "is_green_channel", done.alias("is_done"),
            (pl.col(f"missed_{step.lower()}") | ~done).alias("is_missed"),
            pl.Series("due_cycle", _cycles(world, months), dtype=pl.String)))
    return pl.concat(parts).sort("ticket_id", "step_code")


def _running_until(world: World, kinds: tuple[str, ...]) -> int:
    """The clock of working time shows the same from the end of the last working day on."""
    time, end = working_time.build(world.plan), np.array([world.plan.end_s])
    return int(time.moment(time.clock(end))[0]) if kinds == OFFICE else world.plan.end_s


def _cycles(world: World, months: np.ndarray) -> list[str | None]:
    """Null after the end of the sample."""
    return [world.plan.cycle(month) if month < world.plan.months else None for month in months.tolist()]


def issues(world: World) -> pl.DataFrame:
    """Contacts of one customer for one family of reasons, each at most a week after the one before."""
    known, week = world.contact.filter("known"), REPEAT_DAYS * DAY
    family, key = pl.col("reason_code").str.split("_").list.first(), ["customer_id", "family"]
    rows = known.with_columns(family.alias("family")).sort(*key, "second", "contact_id")
    fresh = pl.col("second").diff().over(key).fill_null(week + 1) > week
    issue = rows.with_columns(fresh.cum_sum().over(key).alias("number")).group_by(*key, "number").agg(
        pl.col("second").first().alias("first"), pl.col("second").last().alias("last"), pl.col("sub").first(),
        pl.len().alias("contacts"), pl.col("channel_code").n_unique().alias("channels"),
        (pl.col("outcome_code") != "abandoned").any().alias("is_served"))
    months = np.searchsorted(world.plan.month_days, issue["first"].to_numpy() // DAY, side="right") - 1
    return issue.select(
        "customer_id", "family", "number", "contacts", "channels", "is_served",
        (pl.col("last") + week <= world.plan.end_s).alias("is_final"),
        pl.Series("cycle", _cycles(world, months), dtype=pl.String),
        pl.Series("org_id", CITY_IDS[world.population.city[issue["sub"].to_numpy()]])).sort(
            "customer_id", "family", "number")


def outage_users(world: World) -> pl.DataFrame:
    """Subscriptions that used a cell in the week before the day of its outage."""
    rows = []
    for position, users in world.drawn.get("usual_users", {}).items():
        outage = world.network.outages[position]
        sub = np.unique(np.concatenate(users))
        rows.append(pl.DataFrame({
            "cell_id": pl.Series(np.full(len(sub), world.network.cell_id[outage.cell])),
            "begins_s": pl.Series(np.full(len(sub), outage.begins_s, dtype=np.int64)),
            "subscription_id": pl.Series(world.population.subscription_id[sub])}))
    none = pl.DataFrame(schema={"cell_id": pl.Int64, "begins_s": pl.Int64, "subscription_id": pl.Int64})
    found = pl.concat([none, *rows])
    begins = world.plan.moments(found["begins_s"].to_numpy()).alias("begins_at_local")
    return found.with_columns(begins).drop("begins_s")
