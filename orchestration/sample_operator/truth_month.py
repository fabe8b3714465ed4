"""What is true by month: revenue, money owed, and the numerators and denominators of the monthly KPIs by city."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from orchestration.sample_operator import reference
from orchestration.sample_operator.billing import Ledger, bill_rows
from orchestration.sample_operator.life import REACHED
from orchestration.sample_operator.plan import DAY
from orchestration.sample_operator.population import MOBILE
from orchestration.sample_operator.reference import CITY_IDS

if TYPE_CHECKING:
    from orchestration.sample_operator.operator import World

ARREARS_DAYS = 30
AMOUNTS = ("gross_fen", "discount_fen", "net_fen", "tax_fen")


def tables(world: World) -> dict[str, pl.DataFrame]:
    items = _items(world)
    return {
        "charge_month": items.group_by("cycle", "org_id", "charge_item_code").agg(pl.col(*AMOUNTS).sum()).sort(
            "cycle", "org_id", "charge_item_code"),
        "bill": _bills(world), "arrears_month": _arrears(world), "month": _months(world, items),
        "ticket": _tickets(world), "contact_day": _contact_days(world),
        "staff": reference.staff_rows(world.plan, world.plan.month_days[-2]).select(
            "staff_id", "org_id", "role_code", "hired_on", "left_on"),
    }


def _items(world: World) -> pl.DataFrame:
    """Every bill item with its city; `is_counted` is false for test, data-only and machine subscriptions."""
    people, items = world.population, pl.concat(world.ledger.items)
    sub = items["sub"].to_numpy()
    cycles = [world.plan.cycle(month) for month in range(world.plan.months)]
    return items.with_columns(
        pl.Series("org_id", CITY_IDS[people.city[sub]]), pl.Series("is_counted", people.counted[sub]),
        pl.Series("customer", people.customer[sub]),
        pl.col("month").replace_strict(list(range(len(cycles))), cycles, return_dtype=pl.String).alias("cycle"))


def _bills(world: World) -> pl.DataFrame:
    """One row per bill with what was paid and credited on it up to the end of the sample."""
    plan, people, ledger = world.plan, world.population, world.ledger
    bills = pl.concat([bill_rows(plan, people, frame, month) for month, frame in enumerate(ledger.bills)])
    due, credit = pl.concat(ledger.payments).filter(pl.col("role") < 3), pl.concat(ledger.adjustments)
    last = pl.col("bill_id").replace_strict(_arrears_second(world, ledger), return_dtype=pl.Int64)
    soon = pl.concat(frame.select("bill_id", "amount_fen", "second").filter(pl.col("second") < last)
                     for frame in (due, credit))
    for name, frame in (("paid_fen", due), ("adjusted_fen", credit), ("settled_by_arrears_day_fen", soon)):
        sums = frame.group_by("bill_id").agg(pl.col("amount_fen").sum().alias(name))
        bills = bills.join(sums, on="bill_id", how="left", maintain_order="left")
    account = bills["account"].to_numpy()
    city = people.customer_city[people.account_customer[account]]
    return bills.select(
        "bill_id", "account_id", "billing_cycle", "issued_on", "due_on", *AMOUNTS, "balance_forward_fen",
        pl.col("amount").alias("owed_fen"),
        pl.col("paid_fen", "adjusted_fen", "settled_by_arrears_day_fen").fill_null(0),
        pl.Series("is_prepaid", people.account_prepaid[account]), pl.Series("org_id", CITY_IDS[city]))


def _arrears_second(world: World, ledger: Ledger) -> dict[int, int]:
    """By bill: midnight after the 30th day past the due date, when what is unpaid counts as arrears."""
    return {bill: (world.plan.due_day(month) + ARREARS_DAYS + 1) * DAY
            for month, frame in enumerate(ledger.bills) for bill in frame["bill_id"].to_list()}


def _arrears(world: World) -> pl.DataFrame:
    """Opening + billed - paid - adjusted = closing, by account and calendar month of the event."""
    plan, people, ledger = world.plan, world.population, world.ledger
    shape, closing = (plan.months, people.accounts), []
    billed, paid, adjusted = (np.zeros(shape, dtype=np.int64) for _ in range(3))
    for month, frame in enumerate(ledger.bills[:-1]):  # the last bills are issued after the end of the sample
        np.add.at(billed[month + 1], frame["account"].to_numpy(), frame["amount"].to_numpy())
    for target, frame in ((paid, world.payment), (adjusted, world.adjustment)):
        when = np.searchsorted(plan.month_days, frame["second"].to_numpy() // DAY, side="right") - 1
        np.add.at(target, (when, frame["account"].to_numpy()), frame["amount_fen"].to_numpy())
    closing = np.cumsum(billed - paid - adjusted, axis=0)
    opening = np.vstack([np.zeros((1, people.accounts), dtype=np.int64), closing[:-1]])
    frame = pl.DataFrame({
        "cycle": [plan.cycle(month) for month in range(plan.months) for _ in range(people.accounts)],
        "account_id": np.tile(people.account_id, plan.months),
        "is_prepaid": np.tile(people.account_prepaid, plan.months),
        "opening_fen": opening.ravel(), "billed_fen": billed.ravel(), "paid_fen": paid.ravel(),
        "adjusted_fen": adjusted.ravel(), "closing_fen": closing.ravel()})
    return frame.filter(pl.any_horizontal(pl.col("opening_fen", "billed_fen", "paid_fen", "adjusted_fen") != 0))


def _months(world: World, items: pl.DataFrame) -> pl.DataFrame:
    """One row per month and city; the unmarked columns leave out test, data-only and machine subscriptions."""
    plan, months = world.plan, []
    for month in range(plan.months):
        columns = {**_stock(world, month), **_usage(world, month),
                   **_revenue(items.filter(pl.col("month") == month)), **_care(world, month), **_money(world, month)}
        months.append(pl.DataFrame({"cycle": [plan.cycle(month)] * len(CITY_IDS), "org_id": CITY_IDS, **columns}))
    return pl.concat(months)


def _per_city(city: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
    return np.bincount(city, weights, len(CITY_IDS)).astype(np.int64)


def _stock(world: World, month: int) -> dict[str, np.ndarray]:
    people, plan = world.population, world.plan
    seconds = {name: plan.month_days[month + k] * DAY for k, name in enumerate(("opening_reached", "closing_reached"))}
    return {name: _per_city(people.city[np.isin(world.life.state_at(second), REACHED) & people.counted])
            for name, second in seconds.items()}


def _usage(world: World, month: int) -> dict[str, np.ndarray]:
    people, (_, _, minutes, originated, volume, _) = world.population, world.counts.usage[month]
    minutes, originated, volume = (measure.sum(axis=1) for measure in (minutes, originated, volume))
    own, city = people.counted, people.city
    mobile = own & (people.service == MOBILE)
    return {"billed_minutes": _per_city(city[own], minutes[own]), "billed_minutes_all": _per_city(city, minutes),
            "originated_minutes": _per_city(city[own], originated[own]), "data_bytes_all": _per_city(city, volume),
            "mobile_data_bytes": _per_city(city[mobile], volume[mobile]),
            "mobile_data_users": _per_city(city[mobile & (volume > 0)])}


def _revenue(items: pl.DataFrame) -> dict[str, np.ndarray]:
    net = items.group_by("sub", "org_id", "is_counted").agg(pl.col("net_fen").sum()).sort("sub")
    city = np.searchsorted(CITY_IDS, net["org_id"].to_numpy())
    own, value = net["is_counted"].to_numpy(), net["net_fen"].to_numpy()
    return {"net_fen": _per_city(city[own], value[own]), "net_fen_all": _per_city(city, value),
            "billing_subscriptions": _per_city(city[own & (value > 0)]),
            "billing_subscriptions_all": _per_city(city[value > 0])}


def _care(world: World, month: int) -> dict[str, np.ndarray]:
    people, plan = world.population, world.plan
    first, after = (plan.month_days[month + k] * DAY for k in (0, 1))
    # an anonymous contact belongs to no city; `contact_day` counts those too
    contact = world.contact.filter(pl.col("second").is_between(first, after - 1), pl.col("answered"), pl.col("known"))
    handled = _per_city(people.city[contact["sub"].to_numpy()])
    seconds = contact.select(pl.sum_horizontal("talk_s", "hold_s", "wrap_s")).to_series().to_numpy()
    opened = world.ticket.filter(pl.col("opened").is_between(first, after - 1))
    city = people.city[opened["sub"].to_numpy()]
    kind = opened["ticket_type_code"].to_numpy()
    # a restore is known once a snapshot tells it: the ticket must have been resolved before the sample ends
    fixed = world.ticket.filter(pl.col("repaired").is_between(first, after - 1), pl.col("resolved") < plan.end_s)
    fault = fixed.filter(pl.col("ticket_type_code") == "fault")
    fixed_city, fault_city = (people.city[frame["sub"].to_numpy()] for frame in (fixed, fault))
    return {"handled_contacts": handled, "handle_s": _per_city(people.city[contact["sub"].to_numpy()], seconds),
            "complaints": _per_city(city[kind == "complaint"]), "appeals": _per_city(city[kind == "appeal"]),
            "faults": _per_city(city[kind == "fault"]), "restored_tickets": _per_city(fixed_city),
            "restored_faults": _per_city(fault_city),
            "restore_s": _per_city(fixed_city, (fixed["repaired"] - fixed["opened"]).to_numpy()),
            "fault_restore_s": _per_city(fault_city, (fault["repaired"] - fault["opened"]).to_numpy())}


def _money(world: World, month: int) -> dict[str, np.ndarray]:
    people, plan = world.population, world.plan
    first, after = (plan.month_days[month + k] * DAY for k in (0, 1))
    out = {}
    for name, frame in (("paid_fen", world.payment), ("adjusted_fen", world.adjustment)):
        rows = frame.filter(pl.col("second").is_between(first, after - 1))
        city = people.customer_city[people.account_customer[rows["account"].to_numpy()]]
        out[name] = _per_city(city, rows["amount_fen"].to_numpy())
    return out


def _tickets(world: World) -> pl.DataFrame:
    """Every ticket with the local time of each step and of its limit, also those after the end of the sample."""
    steps = ("opened", "dispatched", "accepted", "repaired", "confirmed", "resolved", "closed", "expected")
    times = [world.plan.moments(world.ticket[step].to_numpy()).alias(f"{step}_at_local") for step in steps]
    return world.ticket.select("ticket_id", "ticket_type_code", "reason_code", "org_id", "customer_grade_code",
                               "circuit_id", *times)


def _contact_days(world: World) -> pl.DataFrame:
    contact = world.contact
    org = pl.Series("org_id", CITY_IDS[world.population.city[contact["sub"].to_numpy()]])
    handle = pl.sum_horizontal("talk_s", "hold_s", "wrap_s").sum()
    return contact.with_columns(org, world.plan.dates(contact["day"].to_numpy()).alias("date")).group_by(
        "date", "channel_code", "outcome_code").agg(
        pl.len().alias("contacts"), pl.col("wait_s").sum(), handle.alias("handle_s")).sort("date", "channel_code",
        "outcome_code")
