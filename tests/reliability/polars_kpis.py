"""KPIs counted from the raw lake by their definitions in `seeds/kpis.csv`; no SQL of the project plays a part."""

from __future__ import annotations

from datetime import timedelta

import polars as pl
from polars import col

from tests.reliability.polars_lake import Figures, Lake, count, month, parameter, ratio

# ---- KPIs of the month

def k02_new(lake: Lake) -> Figures:
    return {period: (n, 0) for period, n in count(lake.flow.filter("new"), month("file_date")).iter_rows()}


def k03_left(lake: Lake) -> Figures:
    return {period: (n, 0) for period, n in count(lake.flow.filter("left"), month("file_date")).iter_rows()}


def k06_churn_rate(lake: Lake) -> Figures:
    return ratio(count(lake.flow.filter("left"), month("file_date"), pl.len() * 2), lake.average)


def _net(lake: Lake) -> pl.DataFrame:
    return lake.counted(lake.charges)


def k11_billing_subscriptions(lake: Lake) -> Figures:
    net = _net(lake).group_by("period", "subscription_id").agg(col("net_fen").sum()).filter(col("net_fen") > 0)
    return {period: (n, 0) for period, n in count(net, col("period")).iter_rows()}


def k13_arpu(lake: Lake) -> Figures:
    """Numerator doubled like the denominator, and in fen."""
    return ratio(count(_net(lake), col("period"), col("net_fen").sum() * 2), lake.average)


def k14_billing_arpu(lake: Lake) -> Figures:
    billing = {period: n for period, (n, _) in k11_billing_subscriptions(lake).items()}
    net = dict(count(_net(lake), col("period"), col("net_fen").sum()).iter_rows())
    return {period: (net[period], billing[period]) for period in net}


def k15_mou(lake: Lake) -> Figures:
    minutes = count(lake.counted(lake.usage), month("event_date"), col("minutes").sum() * 2)
    return ratio(minutes, lake.average)


def k16_dou(lake: Lake) -> Figures:
    mobile = lake.listed.filter(col("service_code") == "MOBILE").select("subscription_id").unique()
    data = lake.counted(lake.usage.join(mobile, on="subscription_id")).filter(
        col("usage_type_code").str.starts_with("DATA")).with_columns(bytes=col("up_bytes") + col("down_bytes"))
    users = data.filter(col("bytes") > 0)
    return ratio(count(data, month("event_date"), col("bytes").sum()),
                 count(users, month("event_date"), col("subscription_id").n_unique()))


def k18_data_revenue_share(lake: Lake) -> Figures:
    data = _net(lake).filter(col("charge_item_code") == "DATA")
    return ratio(count(data, col("period"), col("net_fen").sum()),
                 count(_net(lake), col("period"), col("net_fen").sum()))


def k23_arrears_rate(lake: Lake) -> Figures:
    """Owed 30 days after the due date, of the bills that are as old as that."""
    days = parameter("arrears_days")
    old = lake.bills.with_columns(
        at=col("due_on") + pl.duration(days=days), period=col("billing_cycle").str.to_date("%Y%m", strict=False)
    ).filter(col("at") < lake.last_day + timedelta(days=1))
    then = lake.owed.join(old.select("bill_id", "at", "period"), on="bill_id").filter(col("day") <= col("at"))
    last = then.sort("day").unique("bill_id", keep="last").filter(col("fen") > 0)
    return ratio(count(last, col("period"), col("fen").sum()),
                 count(old, col("period"), (col("net_fen") + col("tax_fen")).sum()))


def k28_waiver_rate(lake: Lake) -> Figures:
    credits = lake.table("billing__adjustment", "adjustment_id").filter(col("amount_fen") > 0)
    issued = lake.bills.filter(col("issued_on") <= lake.last_day)
    return ratio(count(credits, col("adjusted_at_local").dt.date().dt.month_start(), col("amount_fen").sum()),
                 count(issued, month("issued_on"), col("net_fen").sum()))


def k31_market_share(lake: Lake) -> Figures:
    figures = lake.table("crm__market_survey", "survey_on", "source_code", "org_id", "operator_code").filter(
        col("source_code") == "REG")
    own = figures.filter(col("operator_code") == "OWN")
    return ratio(count(own, month("survey_on"), col("subscription_count").sum()),
                 count(figures, month("survey_on"), col("subscription_count").sum()))


def k34_complaint_rate(lake: Lake) -> Figures:
    complaints = lake.tickets.filter(col("ticket_type_code") == "complaint")
    return ratio(count(complaints, col("opened_at_local").dt.date().dt.month_start(), pl.len() * 2), lake.average)


def k44_closed_in_time(lake: Lake) -> Figures:
    ended = lake.tickets.filter(col("ended_at_local").is_not_null())
    limit = pl.duration(hours=parameter("close_limit_h"))
    quick = ended.filter(col("ended_at_local") - col("opened_at_local") <= limit)
    period = col("ended_at_local").dt.date().dt.month_start()
    return ratio(count(quick, period), count(ended, period))


def k45_restore_time(lake: Lake) -> Figures:
    restored = lake.tickets.filter((col("ticket_type_code") == "fault") & col("restored_at_local").is_not_null())
    period = col("restored_at_local").dt.date().dt.month_start()
    seconds = (col("restored_at_local") - col("opened_at_local")).dt.total_seconds().sum()
    return ratio(count(restored, period, seconds), count(restored, period))


def k48_repeat_fault_rate(lake: Lake) -> Figures:
    faults = lake.tickets.filter(col("ticket_type_code") == "fault").sort("opened_at")
    gap = col("opened_at") - col("opened_at").shift(1).over("subscription_id")
    known = faults.filter(col("subscription_id").is_not_null()).with_columns(gap=gap)
    repeated = known.filter(col("gap") <= pl.duration(days=parameter("repeat_fault_days")))
    period = col("opened_at_local").dt.date().dt.month_start()
    return ratio(count(repeated, period), count(faults, period))


# ---- KPIs of the day

def k01_reached(lake: Lake) -> Figures:
    return {day: (n, 0) for day, n in lake.reached.items()}


def k37_average_handle_time(lake: Lake) -> Figures:
    handled = lake.contacts.filter(col("answered_at").is_not_null())
    seconds = (col("talk_s") + col("hold_s") + col("wrap_s")).sum()
    return ratio(count(handled, col("day"), seconds), count(handled, col("day")))


def _queued(lake: Lake) -> pl.DataFrame:
    return lake.contacts.filter(col("outcome_code") != "self_served")


def k38_service_level(lake: Lake) -> Figures:
    quick = col("answered_at").is_not_null() & (col("wait_s") <= parameter("answer_limit_s"))
    return ratio(count(_queued(lake).filter(quick), col("day")), count(_queued(lake), col("day")))


def k39_abandon_rate(lake: Lake) -> Figures:
    gone = _queued(lake).filter(col("outcome_code") == "abandoned")
    return ratio(count(gone, col("day")), count(_queued(lake), col("day")))


def k40_answer_speed(lake: Lake) -> Figures:
    handled = lake.contacts.filter(col("answered_at").is_not_null())
    return ratio(count(handled, col("day"), col("wait_s").sum()), count(handled, col("day")))


def k42_transfer_rate(lake: Lake) -> Figures:
    handled = lake.contacts.filter(col("answered_at").is_not_null())
    return ratio(count(handled.filter(col("outcome_code") == "transferred"), col("day")), count(handled, col("day")))


def k51_availability(lake: Lake) -> Figures:
    """Planned works as time out of service. Seconds measured are those with a good counter of unavailable time."""
    quarters = lake.quarters.filter(col("RRU.CellUnavailableTime").is_not_null())
    day = col("begin_at_local").dt.date()
    up = pl.len() * 900 - col("RRU.CellUnavailableTime").sum().cast(pl.Int64)
    return ratio(count(quarters, day, up), count(quarters, day, pl.len() * 900))


def k54_drop_rate(lake: Lake) -> Figures:
    valid = lake.hours.filter("is_valid")
    day = col("hour").dt.date()
    return ratio(count(valid, day, col("ERAB.RelActNbr").sum().cast(pl.Int64)),
                 count(valid, day, col("ERAB.RelAttNbr").sum().cast(pl.Int64)))


def k59_alarms(lake: Lake) -> Figures:
    """Alarms of every cause over the cells measured on the day; a day without an alarm has no figure."""
    alarms = lake.table("network__alarm").unique("alarm_id", keep="any")
    cells = count(lake.quarters, col("begin_at_local").dt.date(), col("cell_id").n_unique())
    by_day = count(alarms, col("raised_at_local").dt.date())
    return ratio(by_day, cells.join(by_day.select("period"), on="period", how="semi"))


# kpi -> (figure, period, breakdown, what numerator and denominator are multiplied by here)
KPIS = {
    "K01": (k01_reached, "day", "ALL", (1, 0)),
    "K02": (k02_new, "month", "ALL", (1, 0)),
    "K03": (k03_left, "month", "ALL", (1, 0)),
    "K06": (k06_churn_rate, "month", "ALL", (2, 2)),
    "K11": (k11_billing_subscriptions, "month", "ALL", (1, 0)),
    "K13": (k13_arpu, "month", "ALL", (200, 2)),
    "K14": (k14_billing_arpu, "month", "ALL", (100, 1)),
    "K15": (k15_mou, "month", "ALL", (2, 2)),
    "K16": (k16_dou, "month", "ALL", (1, 1)),
    "K18": (k18_data_revenue_share, "month", "ALL", (100, 100)),
    "K23": (k23_arrears_rate, "month", "ALL", (100, 100)),
    "K28": (k28_waiver_rate, "month", "ALL", (100, 100)),
    "K31": (k31_market_share, "month", "ALL", (1, 1)),
    "K34": (k34_complaint_rate, "month", "ALL", (2, 2)),
    "K37": (k37_average_handle_time, "day", "ALL", (1, 1)),
    "K38": (k38_service_level, "day", "ALL", (1, 1)),
    "K39": (k39_abandon_rate, "day", "ALL", (1, 1)),
    "K40": (k40_answer_speed, "day", "ALL", (1, 1)),
    "K42": (k42_transfer_rate, "day", "ALL", (1, 1)),
    "K44": (k44_closed_in_time, "month", "ALL", (1, 1)),
    "K45": (k45_restore_time, "month", "ALL", (1, 1)),
    "K48": (k48_repeat_fault_rate, "month", "ALL", (1, 1)),
    "K51": (k51_availability, "day", "PLANNED_IN", (1, 1)),
    "K54": (k54_drop_rate, "day", "ALL", (1, 1)),
    "K59": (k59_alarms, "day", "*", (1, 1)),
}
