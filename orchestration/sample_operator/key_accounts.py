"""The large-customer archive and what its managers do: contact persons, visits and return calls, activities, plans.

Planted: strategic listings from the first and from the second list on, grades set by hand that run out, a
hand-over of customers between account managers, visits missed by grade.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from orchestration.sample_operator import organisations
from orchestration.sample_operator.landing_files import Landing
from orchestration.sample_operator.plan import DAY, Plan
from orchestration.sample_operator.population import Population
from orchestration.sample_operator.reference import CITY_IDS, CITY_WEIGHTS, person_names

if TYPE_CHECKING:
    from orchestration.sample_operator.operator import World

HOUR = 3600
CADENCE = {"G": 1, "P": 1, "A": 2, "B": 3, "C": 6}  # months between two visits
DONE_SHARE = {"G": 0.95, "P": 0.9, "A": 0.8, "B": 0.7, "C": 0.6}
OUTCOMES = np.array(["SATISFIED", "PROBLEM", "OPPORTUNITY", "NOT_REACHED"])
ACTIVITIES = np.array(["PRESENTATION", "REVIEW", "TRAINING", "GIFT"])
NEVER_DAY = 1 << 20


def archive(plan: Plan, population: Population) -> pl.DataFrame:
    """One row per organisation with what the archive says of it and from which list on."""
    rng, customer = plan.rng("key accounts"), organisations.positions(population, plan.days)
    n, city = len(customer), population.customer_city[customer]
    strategic = rng.random(n) < 0.08
    strategic[:2] = True
    later = (np.arange(n) % 2 == 1) & strategic
    by_hand = rng.random(n) < 0.05
    by_hand[2:4] = True
    expiry = plan.month_days[min(1, plan.months - 1)] + 14
    until = np.where(np.arange(n) % 2 == 0, expiry, plan.days + 200)
    known_day = population.customer_day[customer]
    listed_day = np.where(later, plan.month_days[min(1, plan.months - 1)], 0)
    after = np.searchsorted(plan.month_days, known_day, side="right").clip(max=plan.months)
    first_list = np.array(plan.month_days)[after]  # whoever comes later is approved with the first list that knows it
    approved_day = np.where(known_day > 0, np.maximum(first_list, listed_day - 20), listed_day - 20)
    return pl.DataFrame({
        "customer": customer, "city": city, "known_day": known_day,
        "is_strategic": strategic, "listed_day": listed_day, "approved_day": approved_day,
        "reason": np.array(["MODEL", "CONTESTED", "GROWTH"])[rng.integers(0, 3, n)],
        "is_national_list": rng.random(n) < 0.04, "by_hand": by_hand,
        "override_grade": np.where(population.customer_type[customer] == 1, "P", "G"), "until_day": until,
        "approver": organisations.staff_of(plan, "APPROVER", city, customer),
        "grade": organisations.GRADES[population.customer_type[customer]],
    }).with_row_index("number")


def list_days(plan: Plan) -> list[int]:
    return plan.month_days[:-1]


def listed(plan: Plan, population: Population, base: pl.DataFrame, day: int) -> pl.DataFrame:
    """The archive as the list of a day has it; every ninth customer changes hands after the first list."""
    base = base.filter(pl.col("known_day") < max(day, 1))
    n, customer, city = len(base), base["customer"].to_numpy(), base["city"].to_numpy()
    turn = customer + ((day > 0) & (base["number"].to_numpy() % 9 == 0))
    strategic = (base["is_strategic"] & (base["listed_day"] <= day)).to_numpy()
    by_hand, approved_day = base["by_hand"].to_numpy(), base["approved_day"].to_numpy()
    known = pl.when(pl.Series(strategic))
    hand = pl.when(pl.Series(by_hand))
    return base.select(
        pl.Series("customer_id", population.customer_id[customer]).cast(pl.String),
        pl.Series("account_manager_staff_id", organisations.staff_of(plan, "SALES", city, turn)).cast(pl.String),
        pl.Series("service_manager_staff_id", organisations.staff_of(plan, "MANAGER", city, customer)).cast(pl.String),
        "is_national_list", pl.Series("is_strategic", strategic),
        known.then(pl.col("reason")).alias("strategic_reason_code"),
        known.then(pl.col("approver").cast(pl.String)).alias("strategic_approver_staff_id"),
        plan.dates(approved_day, strategic).alias("strategic_approved_on"),
        plan.dates(approved_day + 365, strategic).alias("strategic_review_on"),
        hand.then(pl.col("override_grade")).alias("override_grade_code"),
        hand.then(pl.lit("CITY_CASE")).alias("override_reason_code"),
        hand.then(pl.col("approver").cast(pl.String)).alias("override_staff_id"),
        plan.dates(base["until_day"].to_numpy(), by_hand).alias("override_until_on"),
        plan.dates(base["known_day"].to_numpy()).alias("archived_on"), pl.lit(day).alias("day"),
        pl.lit("BASIC").alias("archive_type_code"),
    ) if n else base.select(pl.lit(day).alias("day"))


def send(world: World, out: Landing) -> None:
    plan, population = world.plan, world.population
    base = archive(plan, population)
    world.drawn["key_accounts"] = {"archive": base}
    lists = pl.concat([listed(plan, population, base, day) for day in list_days(plan)])
    organisations.send_changes(out, "crm__key_account", "json", lists)
    organisations.send_changes(out, "crm__contact_person", "csv", _persons(plan, population, base))
    visit = pl.concat([_visits(plan, base), _return_calls(world)]).with_row_index("number").with_columns(
        pl.format("V{}", 600_001 + pl.col("number")).alias("visit_id"))
    world.drawn["key_accounts"]["visit"] = visit
    organisations.send_changes(out, "call_center__visit", "csv", _visit_rows(plan, population, visit))
    activity = _activities(plan, base)
    world.drawn["key_accounts"]["activity"] = activity
    organisations.send_changes(out, "crm__activity", "csv", _activity_rows(plan, population, activity))
    organisations.send_changes(out, "crm__plan", "csv", plan_rows(plan))


def _persons(plan: Plan, population: Population, base: pl.DataFrame) -> pl.DataFrame:
    """Two people per organisation; the list of the second month has a few of them gone."""
    rng, n = plan.rng("contact persons"), 2 * len(base)
    customer = base["customer"].to_numpy().repeat(2)
    place = np.tile([0, 1], len(base))
    people = pl.DataFrame({
        "contact_person_id": 900_001 + np.arange(n), "customer_id": population.customer_id[customer],
        "name_token": person_names(rng, n), "phone_token": 13_500_000_000 + np.arange(n) * 7_919,
        "position_code": np.array(["DIRECTOR", "IT", "FINANCE", "ADMIN"])[(customer + place) % 4],
        "influence_code": np.array(["DECIDES", "INFLUENCES", "USES", "HANDLES"])[(customer + place * 2) % 4],
        "is_primary": place == 0, "known": base["known_day"].to_numpy().repeat(2), "leaves": rng.random(n) < 0.04})
    lists = []
    for day in list_days(plan)[:2]:
        left = pl.when(pl.col("leaves") & (day > 0)).then(pl.lit("LEFT")).otherwise(pl.lit("ACTIVE"))
        lists.append(people.filter(pl.col("known") < max(day, 1)).with_columns(
            left.alias("status_code"), pl.lit(day).alias("day")))
    return pl.concat(lists)


def _visits(plan: Plan, base: pl.DataFrame) -> pl.DataFrame:
    """Visits by the cadence of the grade: due once in every so many months, planned when the month begins."""
    rng, parts = plan.rng("visits"), []
    for month in range(plan.months):
        first = plan.month_days[month]
        cadence = base["grade"].replace_strict(CADENCE, return_dtype=pl.Int64)
        due = base.filter((pl.lit(month) + pl.col("number")) % cadence == 0, pl.col("known_day") < first + 1)
        parts.append(due.select("customer", "city", "grade", (first + 5 + pl.col("number") * 7 % 20).cast(
            pl.Int64).alias("due_day")).with_columns(pl.lit(first * DAY + 8 * HOUR, pl.Int64).alias("planned")))
    visit = pl.concat(parts)
    n, u = len(visit), rng.random(len(visit))
    likely = visit["grade"].replace_strict(DONE_SHARE).to_numpy()
    done = (visit["due_day"].to_numpy() + rng.integers(-4, 4, n)) * DAY + rng.integers(9 * HOUR, 17 * HOUR, n)
    return visit.drop("grade").with_columns(
        pl.lit("VISIT").alias("visit_type_code"), pl.lit(None, pl.String).alias("ticket_id"),
        _where(u < likely, done).alias("done"), _where(u > 0.98, visit["planned"].to_numpy() + DAY).alias("cancelled"),
        pl.Series("outcome", rng.choice(4, n, p=[0.7, 0.12, 0.15, 0.03])))


def _where(known: np.ndarray, values: np.ndarray) -> pl.Series:
    return pl.select(pl.when(pl.Series(known)).then(pl.Series(values.astype(np.int64)))).to_series()


def _return_calls(world: World) -> pl.DataFrame:
    """A call to every second customer whose ticket was closed, due within three days."""
    plan, rng = world.plan, world.plan.rng("return calls")
    ticket = world.ticket.filter(pl.col("closed") < plan.end_s, pl.col("customer_id").is_not_null())
    ticket = ticket.filter(pl.Series(rng.random(len(ticket)) < 0.5))
    n, closed = len(ticket), ticket["closed"].to_numpy()
    customer = ticket["customer_id"].cast(pl.Int64).to_numpy() - world.population.customer_id[0]
    return pl.DataFrame({
        "customer": customer, "city": world.population.customer_city[customer], "due_day": closed // DAY + 3,
        "planned": closed, "visit_type_code": pl.Series(["RETURN_CALL"] * n, dtype=pl.String),
        "ticket_id": ticket["ticket_id"],
        "done": _where(rng.random(n) < 0.92, closed + rng.integers(4 * HOUR, 4 * DAY, n)),
        "cancelled": _where(np.zeros(n, dtype=bool), closed), "outcome": rng.choice(4, n, p=[0.75, 0.1, 0.05, 0.1])})


def _visit_rows(plan: Plan, population: Population, visit: pl.DataFrame) -> pl.DataFrame:
    rows = organisations.states(visit, plan, {"PLANNED": "planned", "DONE": "done", "CANCELLED": "cancelled"})
    customer, city = rows["customer"].to_numpy(), rows["city"].to_numpy()
    outcome = pl.when(pl.col("status_code") == "DONE").then(pl.Series(OUTCOMES[rows["outcome"].to_numpy()]))
    return rows.with_columns(
        pl.Series("customer_id", population.customer_id[customer]), pl.Series("org_id", CITY_IDS[city]),
        pl.Series("staff_id", organisations.staff_of(plan, "SALES", city, customer)), outcome.alias("outcome_code"),
        plan.dates(rows["due_day"].to_numpy()).alias("due_on"))


def _activities(plan: Plan, base: pl.DataFrame) -> pl.DataFrame:
    rng = plan.rng("activities")
    n = max(12, int(len(base) * plan.months * 0.5))
    who = base[rng.integers(0, len(base), n)]
    day = np.maximum(rng.integers(5, plan.days, n), who["known_day"].to_numpy() + 6)
    u = rng.random(n)
    return who.select("customer", "city").with_columns(
        pl.Series("planned_day", day), pl.Series("planned", (day - 5) * DAY + 9 * HOUR),
        _where(u < 0.85, day * DAY + rng.integers(9 * HOUR, 60 * HOUR, n)).alias("done"),
        _where(u > 0.92, (day - 1) * DAY + 10 * HOUR).alias("cancelled"),
        pl.Series("type", rng.integers(0, 4, n)), pl.Series("partial", rng.random(n) < 0.1)).with_row_index("number")


def _activity_rows(plan: Plan, population: Population, activity: pl.DataFrame) -> pl.DataFrame:
    rows = organisations.states(activity, plan, {"PLANNED": "planned", "DONE": "done", "CANCELLED": "cancelled"})
    customer, city = rows["customer"].to_numpy(), rows["city"].to_numpy()
    how = pl.when(pl.col("partial")).then(pl.lit("PARTLY")).otherwise(pl.lit("ON_TIME"))
    return rows.with_columns(
        pl.format("AC{}", 300_001 + pl.col("number")).alias("activity_id"),
        pl.Series("customer_id", population.customer_id[customer]), pl.Series("org_id", CITY_IDS[city]),
        pl.Series("staff_id", organisations.staff_of(plan, "SALES", city, customer)),
        pl.Series("activity_type_code", ACTIVITIES[rows["type"].to_numpy()]),
        pl.when(pl.col("status_code") == "DONE").then(how).alias("completion_type_code"),
        plan.dates(rows["planned_day"].to_numpy()).alias("planned_on"))


def plan_rows(plan: Plan) -> pl.DataFrame:
    """Four figures per city and month, in proportion to the weight of the city."""
    size = plan.subscribers * CITY_WEIGHTS
    kinds = {"DEVELOPMENT": ("count", size * 0.025), "REVENUE": ("fen", size * 1000),
             "VISIT": ("count", size * 0.03), "MARKETING": ("fen", size * 60_000)}
    parts = [pl.DataFrame({
        "org_id": CITY_IDS, "plan_type_code": [kind] * 12, "unit_code": [unit] * 12,
        "target_value": np.ceil(target).astype(np.int64), "month": [month] * 12, "day": [plan.month_days[month]] * 12})
        for month in range(plan.months) for kind, (unit, target) in kinds.items()]
    rows, last = pl.concat(parts), np.array(plan.month_days[1:]) - 1
    month = rows["month"].to_numpy()
    return rows.with_columns(
        pl.format("PL{}{}{}", "org_id", pl.col("month") + 10, pl.col("plan_type_code").str.head(2)).alias("plan_id"),
        pl.lit("APPROVED").alias("status_code"), pl.lit("MONTH").alias("reporting_frequency_code"),
        pl.lit("OPEN").alias("completion_type_code"),
        plan.dates(np.array(plan.month_days)[month]).alias("period_start_on"),
        plan.dates(last[month]).alias("period_end_on"))


def truth(world: World) -> dict[str, pl.DataFrame]:
    """Visits, activities and archive entries as they ended up inside the sample."""
    plan, population, drawn = world.plan, world.population, world.drawn["key_accounts"]
    visit, activity, base = drawn["visit"], drawn["activity"], drawn["archive"]
    inside = pl.col("planned") < plan.end_s
    said = {"is_done": (pl.col("done") < plan.end_s).fill_null(False),
            "is_cancelled": (pl.col("cancelled") < plan.end_s).fill_null(False)}
    strategic = base.filter(pl.col("is_strategic"), pl.col("known_day") < plan.month_days[-2] + 1)
    return {
        "visit": visit.with_columns(
            pl.Series("org_id", CITY_IDS[visit["city"].to_numpy()]),
            plan.dates(visit["due_day"].to_numpy()).alias("due_on"), **said).filter(inside).select(
            "visit_id", "visit_type_code", "org_id", "due_on", *said),
        "activity": activity.with_columns(
            pl.Series("customer_id", population.customer_id[activity["customer"].to_numpy()]),
            pl.Series("activity_type_code", ACTIVITIES[activity["type"].to_numpy()]),
            pl.Series("org_id", CITY_IDS[activity["city"].to_numpy()]), **said).filter(inside).select(
            "customer_id", "activity_type_code", "org_id", *said),
        "strategic_customer": strategic.select(
            pl.Series("customer_id", population.customer_id[strategic["customer"].to_numpy()]),
            plan.dates(strategic["listed_day"].to_numpy()).alias("listed_on")),
    }
