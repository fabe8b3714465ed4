"""Feeds about who the customers are: customer, account, subscription, status changes, orders, port messages.

Everything on the first day, then only what was created or changed on each day.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from orchestration.sample_operator import organisations
from orchestration.sample_operator.life import CANCELLED, EXPELLED, PORTED, REACHED, Life
from orchestration.sample_operator.plan import DAY, Plan
from orchestration.sample_operator.population import (
    FIRST_BROADBAND,
    M2M_OFFER,
    MOBILE,
    TYPES,
    Population,
    commitments,
    groups,
)
from orchestration.sample_operator.reference import CITY_IDS, OFFER_IDS, org_customer_names, person_names

BRANDS = np.array(["GLOBAL", "EASY", "YOUTH"])
INDUSTRIES = np.array(["MANUFACTURING", "RETAIL", "FINANCE", "EDUCATION", "LOGISTICS", "PUBLIC"])
GRADES, GRADE_SHARES = np.array(["C", "B", "A"]), [0.9, 0.07, 0.03]  # of people; `organisations` has the others
PROMOTED_SHARE, DEMOTED_SHARE = 0.12, 0.4  # of the people below grade A, and in it, when grades are set anew


def customers(plan: Plan, population: Population) -> pl.DataFrame:
    """Customer rows by day: created, or changed in level, consent or grade on a day of the sample."""
    rng, n = plan.rng("customers"), population.customers
    kind, public = population.customer_type, population.customer_type == 0
    names = pl.select(pl.when(pl.Series(public)).then(person_names(rng, n)).otherwise(
        org_customer_names(rng, population.customer_city))).to_series()
    birth = np.clip(rng.normal(1984, 14, n), 1935, 2008).astype(int)
    person_id = (110_101 + population.customer_city * 11_000).astype(str)
    id_document = pl.Series(person_id) + pl.Series(birth).cast(pl.String) + pl.Series(
        1_000_0000 + np.arange(n) * 7 % 8_999_9999).cast(pl.String)
    grade = np.where(public, GRADES[rng.choice(3, n, p=GRADE_SHARES)], organisations.GRADES[kind])
    group, _ = groups(plan, population)
    base = pl.DataFrame({
        "customer_id": population.customer_id, "customer_type_code": TYPES[kind], "name_token": names,
        "id_document_token": id_document, "birth_year": _only(public, birth),
        "industry_code": _only(~public, INDUSTRIES[rng.integers(0, 6, n)]),
        "customer_level_code": np.array(["1", "2", "3"])[rng.choice(3, n, p=[0.8, 0.15, 0.05])],
        "service_grade_code": grade, "status_code": np.full(n, "1"), "is_important": np.isin(kind, (2, 3, 4)),
        "group_id": _only(group >= 0, np.char.add("G", (1000 + group).astype(str))),
        "org_id": CITY_IDS[population.customer_city], "created_on": plan.dates(population.customer_day),
        "has_consent": rng.random(n) < 0.7, "day": np.maximum(population.customer_day, 0),
    }).with_row_index("position")
    changed = _changes(plan, rng, base, 0.004)
    changed = changed.with_columns(pl.lit("2").alias("customer_level_code"), ~pl.col("has_consent"))
    return _regraded(plan, pl.concat([base, changed]))


def _regraded(plan: Plan, rows: pl.DataFrame) -> pl.DataFrame:
    """Half-way through the sample people get new grades: some rise to A, some of those in A fall to C."""
    day, grade, chance = plan.days // 2, pl.col("service_grade_code"), pl.col("chance")
    drawn = plan.rng("regrading").random(int(rows["position"].max()) + 1)
    people = rows.filter(pl.col("customer_type_code") == TYPES[0], pl.col("day").min().over("position") < day)
    last = people.filter(pl.col("day") <= day).sort("day", maintain_order=True).unique(
        "position", keep="last", maintain_order=True)
    last = last.with_columns(pl.Series("chance", drawn[last["position"].to_numpy()]), pl.lit(day).alias("day"))
    chosen = last.filter(pl.when(grade == "A").then(chance < DEMOTED_SHARE).otherwise(chance < PROMOTED_SHARE))
    chosen = chosen.with_columns(pl.when(grade == "A").then(pl.lit("C")).otherwise(pl.lit("A")).alias("new_grade"))
    later = rows.join(chosen.select("position", "new_grade"), on="position", how="left", maintain_order="left")
    later = later.filter(pl.col("new_grade").is_null() | (pl.col("day") != day))
    later = later.with_columns(pl.when(pl.col("day") > day).then(pl.coalesce("new_grade", grade)).otherwise(grade))
    sent = chosen.with_columns(pl.col("new_grade").alias("service_grade_code"), pl.col("day").cast(rows["day"].dtype))
    return pl.concat([later.select(rows.columns), sent.select(rows.columns)])


def grades_on(plan: Plan, population: Population, customer: np.ndarray, day: np.ndarray) -> np.ndarray:
    """The service grade of each customer on a day, as the customer list has it."""
    listed = customers(plan, population).select(pl.col("position", "day").cast(pl.Int64), "service_grade_code")
    asked = pl.DataFrame({"position": customer, "day": day}).cast(pl.Int64).with_row_index("row")
    found = asked.sort("day").join_asof(listed.sort("day"), on="day", by="position", check_sortedness=False)
    return found.sort("row")["service_grade_code"].to_numpy()


def _only(known: np.ndarray, values: np.ndarray) -> pl.Series:
    """The values where they are known, null elsewhere."""
    return pl.select(pl.when(pl.Series(known)).then(pl.Series(values))).to_series()


def _changes(plan: Plan, rng: np.random.Generator, base: pl.DataFrame, monthly: float) -> pl.DataFrame:
    """A few rows sent once more on a later day of the sample."""
    changed = base.filter(pl.Series(rng.random(len(base)) < monthly * plan.months))
    earliest = changed["day"].to_numpy() + 1
    day = earliest + (rng.random(len(changed)) * (plan.days - earliest)).astype(np.int64)
    return changed.with_columns(pl.Series("day", day)).filter(pl.col("day") < plan.days)


def accounts(plan: Plan, population: Population) -> pl.DataFrame:
    rng, n = plan.rng("accounts"), population.accounts
    bank = rng.random(n) < 0.3
    base = pl.DataFrame({
        "account_id": population.account_id, "customer_id": population.customer_id[population.account_customer],
        "payment_method_code": np.where(bank, "BANK", np.where(population.account_prepaid, "CARD", "ONLINE")),
        "bank_account_token": _only(bank, 6_222_000_000_000_000 + np.arange(n) * 13),
        "is_prepaid": population.account_prepaid, "cycle_group_code": np.full(n, "01"),
        "credit_grade_code": np.array(list("ABCDE"))[rng.choice(5, n, p=[0.3, 0.35, 0.2, 0.1, 0.05])],
        "status_code": np.full(n, "1"), "opened_on": plan.dates(population.account_day),
        "bank_code": _only(bank, _banks(plan, bank)),
        "day": np.maximum(population.account_day, 0),
    }).with_row_index("position")
    changed = _changes(plan, rng, base, 0.003)
    return pl.concat([base, changed.with_columns(pl.lit("B").alias("credit_grade_code"))])


def _banks(plan: Plan, pays_by_bank: np.ndarray) -> np.ndarray:
    """The bank of each account; one in 250 of those paid through a bank has one that no code list knows."""
    code = np.array(["ICBC", "ABC", "BOC", "CCB"])[plan.rng("banks").integers(0, 4, len(pays_by_bank))]
    payers = np.flatnonzero(pays_by_bank)
    return np.where(np.isin(np.arange(len(code)), payers[60::250]), "CGB", code)


def subscriptions(plan: Plan, population: Population, life: Life) -> pl.DataFrame:
    """One row per subscription and day on which it was opened or changed, as it stood at the end of that day."""
    first = np.arange(population.initial)
    moves_month, moves = np.nonzero(np.diff(life.offer, axis=0))
    sub = np.concatenate([first, life.subscription, moves])
    day = np.concatenate([first * 0, life.second // DAY, np.array(plan.month_days)[moves_month + 1]])
    rows = pl.DataFrame({"sub": sub, "day": day}).unique(maintain_order=True).sort("day", "sub")
    status = pl.DataFrame({"sub": life.subscription, "at": life.second, "status_code": life.status})
    known = pl.DataFrame({"sub": first, "at": np.full(len(first), -1), "status_code": life.initial_status[first]})
    status = pl.concat([known, status]).sort("at")
    rows = rows.with_columns(((pl.col("day") + 1) * DAY - 1).alias("at")).sort("at").join_asof(
        status, on="at", by="sub", check_sortedness=False).filter(pl.col("status_code").is_not_null())
    alive = ~pl.col("status_code").is_in([CANCELLED, EXPELLED, PORTED]) | pl.Series(_has_event(rows, life))
    return _describe(plan, population, life, rows.filter(alive).sort("day", "sub"))


def _has_event(rows: pl.DataFrame, life: Life) -> np.ndarray:
    """A change of offer of someone who has already left is no change."""
    key = rows["sub"].to_numpy() * 100_000 + rows["day"].to_numpy()
    return np.isin(key, life.subscription * 100_000 + life.second // DAY)


def _describe(plan: Plan, population: Population, life: Life, rows: pl.DataFrame) -> pl.DataFrame:
    sub, day = rows["sub"].to_numpy(), rows["day"].to_numpy()
    month = np.searchsorted(plan.month_days, day, side="right") - 1
    offer = life.offer[month, sub]
    ends, bound = commitments(plan, population)
    used = life.first_used[sub] < (day + 1) * DAY
    mobile = population.service[sub] == MOBILE
    generation = np.where(offer >= 4, "5G", np.where(offer == M2M_OFFER, "4G", np.where(sub % 5 == 0, "5G", "4G")))
    generation = np.where(sub % 29 == 0, "2G", generation)
    return pl.DataFrame({
        "subscription_id": population.subscription_id[sub],
        "account_id": population.account_id[population.account[sub]],
        "customer_id": population.customer_id[population.customer[sub]], "number_token": population.number[sub],
        "service_code": np.where(mobile, "MOBILE", "BROADBAND"), "offer_id": np.array(OFFER_IDS)[offer],
        "brand_code": BRANDS[np.minimum(offer, FIRST_BROADBAND) % 3],
        "network_generation_code": _only(mobile, generation),
        "opened_at": plan.moments(population.opened_s[sub]),
        "first_used_at": plan.moments(np.where(used, life.first_used[sub], 0), used),
        "contract_end_on": plan.dates(ends[sub], bound[sub]), "channel_id": population.channel[sub],
        "org_id": CITY_IDS[population.city[sub]], "status_code": rows["status_code"],
        "is_test": population.is_test[sub],
        "is_data_sim": population.is_data_sim[sub], "is_m2m": population.is_m2m[sub], "day": day, "sub": sub,
    })


def status_changes(plan: Plan, population: Population, life: Life) -> pl.DataFrame:
    return pl.DataFrame({
        "subscription_id": population.subscription_id[life.subscription], "effective_at": plan.moments(life.second),
        "status_code": life.status, "reason_code": life.reason, "day": life.second // DAY, "sub": life.subscription,
        "second": life.second,
    }).sort("second", "sub")


def orders(plan: Plan, population: Population, life: Life, sellers: np.ndarray) -> pl.DataFrame:
    """Orders behind openings, cancellations and offer changes, one row per status; a few are cancelled."""
    rng = plan.rng("orders")
    opens = np.flatnonzero((np.arange(population.size) >= population.initial) & (population.opened_s < plan.end_s))
    first_event = np.isin(life.status, (CANCELLED,))
    cancels = life.subscription[first_event]
    month, moved = np.nonzero(np.diff(life.offer, axis=0))
    moved_s = np.array(plan.month_days)[month + 1] * DAY
    states = np.stack([life.state_at(first * DAY) for first in plan.month_days[1:]])
    alive = np.isin(states[month, moved], REACHED)
    month, moved, moved_s = month[alive], moved[alive], moved_s[alive]
    sub = np.concatenate([opens, cancels, moved])
    done = np.concatenate([population.opened_s[opens], life.second[first_event], moved_s])
    kind = np.repeat(["OPEN", "CANCEL", "CHANGE_OFFER"], [len(opens), len(cancels), len(moved)])
    offer = np.concatenate([life.offer[0][opens], life.offer[-1][cancels], life.offer[month + 1, moved]])
    n, mobile = len(sub), population.service[sub] == MOBILE
    lead = np.where(mobile, rng.integers(120, 1800, n), rng.integers(4 * 3600, 4 * DAY, n))
    lead = np.where(kind == "CHANGE_OFFER", rng.integers(DAY, 12 * DAY, n), lead)
    base = pl.DataFrame({"sub": sub, "done": done, "order_type_code": kind, "offer": offer, "created": done - lead,
                         "promised": done - lead + np.where(lead < DAY // 8, 3600, 3 * DAY)})
    lost = base.sample(fraction=0.03, seed=plan.seed).with_columns(pl.lit(-1, dtype=pl.Int64).alias("sub")).filter(
        pl.col("order_type_code") == "OPEN")
    return _order_rows(plan, population, pl.concat([base, lost]), sellers, rng)


def _order_rows(plan: Plan, population: Population, base: pl.DataFrame, sellers: np.ndarray,
                rng: np.random.Generator) -> pl.DataFrame:
    base = base.sort("created", "sub").with_row_index("n")
    last = pl.when(pl.col("sub") < 0).then(pl.lit("cancelled")).otherwise(pl.lit("done"))
    steps = [base.with_columns(pl.lit("created").alias("status_code"), pl.col("created").alias("at")),
             base.filter(pl.col("done") - pl.col("created") > DAY // 8).with_columns(
                 pl.lit("in_progress").alias("status_code"), (pl.col("created") + 900).alias("at")),
             base.with_columns(last.alias("status_code"), pl.col("done").alias("at"))]
    rows = pl.concat(steps).filter(pl.col("at") >= 0, pl.col("at") < plan.end_s).sort("at", "n", "status_code")
    sub, n = rows["sub"].to_numpy(), rows["n"].to_numpy()
    finished = (rows["status_code"] == "done").to_numpy()
    city = population.city[sub]
    return rows.select(
        pl.format("O{}", 30_000_000 + pl.col("n")).alias("order_id"), "status_code",
        plan.moments(rows["at"].to_numpy()).alias("changed_at"),
        pl.when(pl.col("sub") >= 0).then(pl.Series(population.subscription_id[sub])).alias("subscription_id"),
        pl.Series("customer_id", population.customer_id[population.customer[sub]]), "order_type_code",
        pl.Series("offer_id", np.array(OFFER_IDS)[rows["offer"].to_numpy()]),
        pl.Series("channel_id", CITY_IDS[city] * 100 + 1 + n % 8), pl.Series("staff_id", sellers[n % len(sellers)]),
        plan.moments(rows["created"].to_numpy()).alias("created_at"),
        plan.moments(rows["promised"].to_numpy()).alias("promised_at"),
        plan.moments(rows["done"].to_numpy(), finished).alias("completed_at"), (pl.col("at") // DAY).alias("day"),
    )


def port_messages(plan: Plan, population: Population, life: Life) -> pl.DataFrame:
    """State messages of requests that ended in a port, and of a few that were refused."""
    base = _port_requests(plan, population, life)
    carried = base.filter(pl.col("ends") == "completed")
    steps = [base.with_columns(pl.lit("requested").alias("state_code"), pl.col("requested").alias("at")),
             carried.with_columns(pl.lit("approved").alias("state_code"), (pl.col("requested") + 3600).alias("at")),
             base.with_columns(pl.col("ends").alias("state_code"), pl.col("done").alias("at"))]
    rows = pl.concat(steps).filter(pl.col("at") < plan.end_s).sort("at", "n", "state_code")
    sub, over = rows["sub"].to_numpy(), (rows["state_code"] == "completed").to_numpy()
    is_out = pl.col("port_type_code") == "OUT"
    known = is_out | (pl.col("state_code") == "completed")
    return rows.select(
        pl.format("NP{}", 900_000 + pl.col("n")).alias("port_id"), "state_code",
        plan.moments(rows["at"].to_numpy()).alias("changed_at"),
        pl.when(known).then(pl.Series(population.subscription_id[sub]).cast(pl.String)).alias("subscription_id"),
        pl.Series("number_token", population.number[sub]).cast(pl.String), "port_type_code",
        pl.when(is_out).then(pl.lit("OWN")).otherwise("rival").alias("donor_operator_code"),
        pl.when(is_out).then("rival").otherwise(pl.lit("OWN")).alias("recipient_operator_code"),
        pl.when(pl.col("state_code") == "rejected").then(pl.lit("IN_CONTRACT")).alias("reject_reason_code"),
        plan.moments(rows["requested"].to_numpy()).alias("requested_at"),
        plan.moments(rows["done"].to_numpy(), over).alias("effective_at"), (pl.col("at") // DAY).alias("day"),
    )


def _port_requests(plan: Plan, population: Population, life: Life) -> pl.DataFrame:
    rng, out = plan.rng("ports"), life.status == PORTED
    entered = np.flatnonzero(life.ported_in & (population.opened_s < plan.end_s))
    refused = rng.choice(np.flatnonzero(population.service[:population.initial] == MOBILE),
                         max(1, int(out.sum()) // 4), replace=False)
    refuse_s = rng.integers(2 * DAY, plan.end_s - DAY, len(refused))
    parts = [int(out.sum()), len(entered), len(refused)]
    sub = np.concatenate([life.subscription[out], entered, refused])
    done = np.concatenate([life.second[out], population.opened_s[entered], refuse_s])
    rival = np.array(["RV1", "RV2"])[rng.integers(0, 2, len(sub))]
    rival[: parts[0]] = life.churn.direction[sub[: parts[0]]]
    base = pl.DataFrame({
        "sub": sub, "done": done, "port_type_code": np.repeat(["OUT", "IN", "OUT"], parts),
        "ends": np.repeat(["completed", "completed", "rejected"], parts), "rival": rival,
        "requested": done - rng.integers(2 * 3600, 20 * 3600, len(sub))})
    return base.filter(pl.col("requested") >= 0).sort("requested", "sub").with_row_index("n")
