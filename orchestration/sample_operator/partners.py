"""Feeds about those we work with: partner list, dated rates, settlement statements, dealer commission.

Fees and messages come from `new_services`; statements repeat our own count except where a difference is planted.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from orchestration.sample_operator import commission
from orchestration.sample_operator.plan import DAY, Plan
from orchestration.sample_operator.reference import channel_rows
from orchestration.sample_operator.value_added import CODES, FEES, PUSHER, SERVICES

if TYPE_CHECKING:
    from orchestration.sample_operator.landing_files import Landing
    from orchestration.sample_operator.operator import World

NAMES = {
    "SP901": "彩悦科技有限公司", "SP902": "铃动传媒有限公司", "SP903": "新讯信息服务公司", "SP904": "韵律音乐科技公司",
    "SP905": "光影视讯有限公司", "SP906": "速推网络科技公司", "SP907": "乐玩互动有限公司", "CP951": "晨报数字传媒",
    "CP952": "书海文化有限公司", "CP953": "天籁音乐内容公司", "CP954": "星河影业内容公司", "SI971": "中联系统集成公司",
    "SI972": "物通平台服务公司"}
# the codes of `roaming`
ROAMING = {"HKGP1": "香港漫游伙伴", "JPNP1": "日本漫游伙伴", "THAP1": "泰国漫游伙伴", "GBRP1": "英国漫游伙伴"}
RATES = {"SP": 0.60, "CP": 0.50}
GATEWAY, GATEWAY_FEE = "VAS_GATEWAY", 3  # what a seller owes us for each delivered push
RATE_CHANGES = {("SP904", "VAS_MUSIC"): 0.55, ("CP954", "VAS_VIDEO"): 0.45}  # from the 16th of the second month on
LINE = {"cycle": pl.String, "partner_id": pl.String, "service_code": pl.String, "direction_code": pl.String,
        "quantity": pl.Int64, "gross_fen": pl.Int64, "share_rate": pl.Float64, "payable_fen": pl.Int64}


def change_day(plan: Plan) -> int | None:
    return plan.month_days[1] + 15 if plan.months > 1 else None


def partner_rows(plan: Plan, day: int) -> pl.DataFrame:
    """All partners as they stand on a day: sellers, contents, integrators, roaming partners, and the agents."""
    suspended = plan.months > 2 and day >= plan.month_days[2]
    rows = [(i, i[:2], name, "SUSPENDED" if suspended and i == PUSHER else "ACTIVE", f"HT-{i}", "BAC"[k % 3],
             date(2023, 1 + k % 12, 1), date(2027, 12, 31)) for k, (i, name) in enumerate(NAMES.items())]
    rows += [(i, "ROAM", name, "ACTIVE", f"IOT-{i}", "A", date(2020, 1, 1), None) for i, name in ROAMING.items()]
    agents = channel_rows(plan).filter(pl.col("dealer_id").is_not_null()).select("dealer_id", "name").rows()
    rows += [(i, "AGENT", name, "ACTIVE", f"DL-{i}", "B", date(2016, 4, 1), None) for i, name in agents]
    names = ["partner_id", "partner_type_code", "partner_name", "status_code", "contract_id", "grade_code", "signed_on",
             "ends_on"]
    return pl.DataFrame(rows, schema=names, orient="row", infer_schema_length=None)


def rate_rows(plan: Plan, day: int) -> pl.DataFrame:
    """Every rate known on a day; a new rate closes the one before."""
    rows, changes = [], change_day(plan)
    for service, fee, sellers, *_ in SERVICES:
        for partner, _ in sellers:
            starts = [(date(2025, 1, 1), RATES[partner[:2]])]
            if (partner, service) in RATE_CHANGES and changes is not None and day >= changes:
                starts.append((plan.date_of(changes), RATE_CHANGES[partner, service]))
            for n, (begins, rate) in enumerate(starts):
                ends = starts[n + 1][0] if n + 1 < len(starts) else None
                rows.append((partner, service, f"HT-{partner}", "PAY", fee, rate, begins, ends))
    rows += [(i, GATEWAY, f"HT-{i}", "RECEIVE", GATEWAY_FEE, 1.0, date(2025, 1, 1), None)
             for i in NAMES if not i.startswith("SI")]
    names = ["partner_id", "service_code", "contract_id", "direction_code", "unit_fee_fen", "share_rate", "valid_from",
             "valid_to"]
    return pl.DataFrame(rows, schema=names, orient="row", infer_schema_length=None)


def send(world: World, out: Landing) -> None:
    plan = world.plan
    for day in plan.month_days[:-1]:
        out.send_plain("crm__partner", f"partner_{plan.date_of(day):%Y%m%d}", "csv", partner_rows(plan, day), day)
    for day in sorted({0, *([] if change_day(plan) is None else [change_day(plan)])}):
        out.send_plain("crm__partner_rate", f"rate_{plan.date_of(day):%Y%m%d}", "csv", rate_rows(plan, day), day)
    own = _own_lines(world)
    stated, planted = _statement(plan, own)
    paid = commission.rows(world)
    world.drawn["partners"] = {"own": own, "planted": planted, "commission": paid}
    for month in range(plan.months):
        last, cycle = plan.month_days[month + 1] - 1, plan.cycle(month)
        _send_statements(plan, out, stated.filter(pl.col("cycle") == cycle), month, last)
        out.send_plain("billing__dealer_commission", f"commission_{cycle}", "csv",
                       commission.file_rows(plan, paid.filter(pl.col("month") == month)), last,
                       arrives_s=(last + 9) * DAY)


def _send_statements(plan: Plan, out: Landing, lines: pl.DataFrame, month: int, last: int) -> None:
    """One file from each partner that sends one."""
    for n, (partner, rows) in enumerate(sorted(lines.group_by("partner_id"), key=lambda item: item[0])):
        out.send_plain("billing__partner_statement", f"statement_{partner[0]}_{plan.cycle(month)}", "csv",
                       rows.sort("service_code"), last, arrives_s=(last + 8) * DAY + 60 * n)


def _own_lines(world: World) -> pl.DataFrame:
    """What is right: fees less refunds at the rate of the day the fee was taken; pushes delivered at their price."""
    plan, drawn = world.plan, world.drawn["new_services"]
    taken = drawn["charge"].select("month", "charge_day", "service", "partner_id", "fee_fen", pl.lit(1).alias("n"))
    back = drawn["refund"]
    month = np.searchsorted(plan.month_days, back["second"].to_numpy() // DAY, side="right") - 1
    back = back.select(pl.Series("month", month), "charge_day", "service", "partner_id", -pl.col("fee_fen"),
                       pl.lit(-1).alias("n"))
    both = pl.concat([taken.cast({"month": pl.Int64}), back.cast({"month": pl.Int64})])
    rate = _rate_of(plan, both)
    both = both.with_columns((pl.col("fee_fen") * pl.Series(rate)).round(0).cast(pl.Int64).alias("payable_fen"))
    lines = both.group_by("month", "service", "partner_id").agg(
        pl.col("n").sum().alias("quantity").cast(pl.Int64), pl.col("fee_fen").sum().alias("gross_fen"),
        pl.col("payable_fen").sum())
    lines = lines.with_columns(pl.Series("service_code", CODES[lines["service"].to_numpy()]),
                               pl.lit("PAY").alias("direction_code"))
    return _in_order(plan, pl.concat([lines.drop("service"), _gateway_lines(plan, drawn["message"])], how="diagonal"))


def _gateway_lines(plan: Plan, message: pl.DataFrame) -> pl.DataFrame:
    pushed = message.filter(pl.col("send_status_code") == "DELIVERED")
    month = np.searchsorted(plan.month_days, pushed["second"].to_numpy() // DAY, side="right") - 1
    counted = pushed.with_columns(pl.Series("month", month)).group_by("month", "partner_id").agg(
        pl.len().cast(pl.Int64).alias("quantity"))
    return counted.with_columns(
        (pl.col("quantity") * GATEWAY_FEE).alias("gross_fen"), (pl.col("quantity") * GATEWAY_FEE).alias("payable_fen"),
        pl.lit(GATEWAY).alias("service_code"), pl.lit("RECEIVE").alias("direction_code"))


def _rate_of(plan: Plan, frame: pl.DataFrame) -> np.ndarray:
    rate = frame["partner_id"].str.slice(0, 2).replace_strict(RATES, return_dtype=pl.Float64).to_numpy().copy()
    for (partner, service), changed in RATE_CHANGES.items() if change_day(plan) is not None else ():
        hit = (frame["partner_id"] == partner).to_numpy() & (CODES[frame["service"].to_numpy()] == service)
        rate[hit & (frame["charge_day"].to_numpy() >= change_day(plan))] = changed
    return rate


def _in_order(plan: Plan, lines: pl.DataFrame) -> pl.DataFrame:
    cycles = pl.Series([plan.cycle(m) for m in range(plan.months)], dtype=pl.String)
    lines = lines.with_columns(cycles.gather(lines["month"].to_numpy()).alias("cycle"),
                               (pl.col("payable_fen") / pl.col("gross_fen")).round(4).fill_nan(0.0).alias("share_rate"))
    return lines.select([pl.col(name).cast(kind) for name, kind in LINE.items()]).sort(
        "cycle", "partner_id", "service_code")


def _statement(plan: Plan, own: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Our lines as the partners send them, and what was planted: one row per line that differs."""
    first, second = plan.cycle(0), plan.cycle(min(1, plan.months - 1))
    at = [(pl.col("cycle") == c) & (pl.col("partner_id") == p) & (pl.col("service_code") == s) for c, p, s in (
        (first, "SP901", "VAS_RING"), (second, "SP903", "VAS_NEWS"), (first, "CP953", "VAS_MUSIC"),
        (second, "CP952", "VAS_READ"), (first, "SP905", GATEWAY))]
    counted, old_rate, rounded, lost, pushes = at
    fee = int(FEES[0])
    more = pl.when(counted).then(3).when(pushes).then(40).otherwise(0)
    unit = pl.when(counted).then(fee).otherwise(GATEWAY_FEE)
    share = pl.when(counted).then(RATES["SP"]).otherwise(1.0)
    stated = own.with_columns(
        pl.col("quantity") + more, pl.col("gross_fen") + more * unit,
        pl.when(old_rate).then(pl.col("gross_fen") * 65 // 100).when(rounded).then(pl.col("payable_fen") + 1).otherwise(
            pl.col("payable_fen") + (more * unit * share).cast(pl.Int64)).alias("payable_fen"),
        pl.when(old_rate).then(0.65).otherwise("share_rate").alias("share_rate")).filter(~lost)
    claim = (first, "SP903", "VAS_VIDEO", "PAY", 5, 7500, RATES["SP"], 4500)
    strange = pl.DataFrame([claim], schema=LINE, orient="row")
    kind = pl.when(counted | pushes).then(pl.lit("quantity")).when(old_rate).then(pl.lit("rate")).when(rounded).then(
        pl.lit("tolerated")).when(lost).then(pl.lit("no_statement")).alias("difference_kind_code")
    planted = own.with_columns(kind).filter(pl.col("difference_kind_code").is_not_null())
    planted = pl.concat([planted, strange.with_columns(pl.lit("not_ours").alias("difference_kind_code"))])
    return pl.concat([stated, strange]), planted.select("cycle", "partner_id", "service_code", "difference_kind_code")


def truth(world: World) -> dict[str, pl.DataFrame]:
    drawn = world.drawn["partners"]
    return {"partner_settlement": drawn["own"], "settlement_difference": drawn["planted"],
            **commission.truth(world, drawn["commission"])}
