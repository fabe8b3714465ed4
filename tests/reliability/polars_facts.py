"""Facts counted from the raw lake, and the columns of the warehouse that must hold the same rows."""

from __future__ import annotations

from datetime import timedelta

import polars as pl
from polars import col

from tests.reliability.polars_lake import Lake, month


def usage_day(lake: Lake) -> pl.DataFrame:
    return lake.usage.group_by(
        "subscription_id", "event_date", "usage_type_code", "direction_code", "roam_type_code",
        operator=col("counterpart_operator_code").fill_null("?"),
    ).agg(records=pl.len(), **{name: col(name).sum() for name in (
        "duration_s", "minutes", "up_bytes", "down_bytes", "rated_fen")})


def bill(lake: Lake) -> pl.DataFrame:
    return lake.bills.select(
        "bill_id", "account_id", "billing_cycle", "issued_on", "due_on", "gross_fen", "discount_fen", "net_fen",
        "tax_fen", owed_fen=col("net_fen") + col("tax_fen"), forward_fen="balance_forward_fen")


def bill_charge(lake: Lake) -> pl.DataFrame:
    return lake.charges.select(
        "bill_id", "account_id", "subscription_id", "charge_item_code", "item_name", "gross_fen", "discount_fen",
        "net_fen", "tax_fen", quantity_milli=(col("quantity") * 1000).cast(pl.Int64), month="period")


def payment(lake: Lake) -> pl.DataFrame:
    return lake.table("billing__payment", "payment_id").select(
        "payment_id", "account_id", "bill_id", "payment_method_code", "amount_fen",
        paid_date=col("paid_at_local").dt.date(), is_refund=col("reversal_of_payment_id").is_not_null())


def adjustment(lake: Lake) -> pl.DataFrame:
    return lake.table("billing__adjustment", "adjustment_id").select(
        "adjustment_id", "account_id", "bill_id", "reason_code", "amount_fen",
        adjusted_date=col("adjusted_at_local").dt.date())


def arrears_snapshot(lake: Lake) -> pl.DataFrame:
    """Account and month-end: what is owed on issued bills, and how much of it is past due."""
    ends = pl.DataFrame({"month_end": sorted({
        min(day.replace(day=28) + timedelta(days=4) - timedelta(days=(day.replace(day=28) + timedelta(days=4)).day),
            lake.last_day) for day in lake.reached})})
    then = lake.owed.join(ends, how="cross").filter(col("day") <= col("month_end"))
    last = then.sort("day").unique(["bill_id", "month_end"], keep="last").filter(col("fen") > 0)
    late = last.join(lake.bills.select("bill_id", "due_on"), on="bill_id").with_columns(
        late=pl.when(col("due_on") <= col("month_end")).then(col("fen")).otherwise(0))
    return late.group_by("account_id", "month_end").agg(col("fen").sum(), late_fen=col("late").sum(), bills=pl.len())


def subscription_day(lake: Lake) -> pl.DataFrame:
    """Counted subscription and day."""
    rows = lake.states.with_columns(
        until=col("file_date").shift(-1).over("subscription_id").fill_null(lake.last_day + timedelta(days=1)))
    held = rows.filter(col("is_reached") & (col("until") > col("file_date")))
    days = pl.date_ranges("file_date", "until", closed="left").alias("snapshot_date")
    return held.select("subscription_id", days).explode("snapshot_date")


def flow_day(lake: Lake) -> pl.DataFrame:
    """Day of headquarters: reached, new, regained, left."""
    by_day = lake.flow.group_by("file_date").agg(*[col(name).sum() for name in ("new", "regained", "left")])
    reached = pl.DataFrame({"snapshot_date": list(lake.reached), "reached": list(lake.reached.values())})
    return reached.join(by_day, left_on="snapshot_date", right_on="file_date", how="left").with_columns(
        col("new", "regained", "left").fill_null(0))


def contact(lake: Lake) -> pl.DataFrame:
    return lake.contacts.select(
        "contact_id", "channel_code", "outcome_code", "wait_s", "talk_s", "hold_s", "wrap_s", "day",
        handle_s=col("talk_s") + col("hold_s") + col("wrap_s"),
        is_handled=col("answered_at").is_not_null(), is_abandoned=col("outcome_code") == "abandoned")


def ticket(lake: Lake) -> pl.DataFrame:
    return lake.tickets.select(
        "ticket_id", "ticket_type_code", "status_code", opened=col("opened_at_local").dt.date(),
        restored=col("restored_at_local").dt.date(), ended=col("ended_at_local").dt.date(),
        restore_s=(col("restored_at_local") - col("opened_at_local")).dt.total_seconds())


def cell_hour(lake: Lake) -> pl.DataFrame:
    names = {"attempts": "RRC.ConnEstabAtt", "successes": "RRC.ConnEstabSucc", "releases": "ERAB.RelAttNbr",
             "drops": "ERAB.RelActNbr", "down": "DRB.PdcpSduVolumeDl", "up": "DRB.PdcpSduVolumeUl"}
    return lake.hours.select("cell_id", "hour", "is_valid", **{n: col(c).cast(pl.Int64) for n, c in names.items()})


def cell_availability_day(lake: Lake) -> pl.DataFrame:
    good = lake.quarters.filter(col("RRU.CellUnavailableTime").is_not_null())
    return good.group_by("cell_id", day=col("begin_at_local").dt.date()).agg(
        measured_s=pl.len() * 900, unavailable_s=col("RRU.CellUnavailableTime").sum().cast(pl.Int64))


def port_request(lake: Lake) -> pl.DataFrame:
    messages = lake.table("billing__port_message", "port_id", "state_code", "changed_at").sort("changed_at")
    return messages.group_by("port_id", maintain_order=True).agg(
        col("port_type_code").last(), col("state_code").last(),
        requested=col("requested_at_local").min().dt.date(), messages=pl.len())


def market_operator_month(lake: Lake) -> pl.DataFrame:
    figures = lake.table("crm__market_survey", "survey_on", "source_code", "org_id", "operator_code")
    return figures.select(
        "org_id", "operator_code", "source_code", "subscription_count", "net_added_count",
        market=col("subscription_count").sum().over("survey_on", "source_code", "org_id"), month=month("survey_on"))


def order(lake: Lake) -> pl.DataFrame:
    messages = lake.table("billing__order", "order_id", "status_code", "changed_at").sort("changed_at")
    done = col("changed_at").filter(col("status_code") == "done").min()
    return messages.group_by("order_id", maintain_order=True).agg(
        col("order_type_code").last(), col("status_code").last(), created=col("created_at").min(), done=done,
        lead_time_s=(done - col("created_at").min()).dt.total_seconds())


def survey_response(lake: Lake) -> pl.DataFrame:
    return lake.table("call_center__survey", "response_id", "question_code").select(
        "response_id", "question_code", "score", "scale_max", day=col("answered_at_local").dt.date())


def alarm(lake: Lake) -> pl.DataFrame:
    cleared = col("cleared_at").max()
    return lake.table("network__alarm").group_by("alarm_id").agg(
        col("probable_cause_code").first(), raised=col("raised_at").min(), cleared=cleared,
        duration_s=(cleared - col("raised_at").min()).dt.total_seconds())


def self_service(lake: Lake) -> pl.DataFrame:
    return lake.table("call_center__self_service", "session_id").select(
        "session_id", "channel_code", "result_code", day=col("started_at_local").dt.date(),
        duration_s=(col("ended_at") - col("started_at")).dt.total_seconds())


def _fen(*names: str) -> str:
    return ", ".join(f"cast({name} * 100 as bigint)" for name in names)


BILLED = _fen("gross_amt", "discount_amt", "net_amt", "tax_amt")
# fact -> (frame, what the warehouse has instead, in the same order of columns)
FACTS = {
    "fct_usage_day": (usage_day, "select subscription_id, event_date, usage_type_code, direction_code, roam_type_code,"
        " counterpart_operator_code, record_count, duration_s, billed_minutes, up_bytes, down_bytes,"
        f" {_fen('rated_amt')} from usage.fct_usage_day"),
    "fct_bill": (bill, f"select bill_id, account_id, billing_cycle, issued_on, due_on, {BILLED},"
        f" {_fen('owed_amt', 'balance_forward_amt')} from revenue.fct_bill"),
    "fct_bill_charge": (bill_charge, "select bill_id, account_id, subscription_id, charge_item_code, item_name,"
        f" {BILLED}, cast(quantity * 1000 as bigint), billing_month from revenue.fct_bill_charge"),
    "fct_payment": (payment, f"select payment_id, account_id, bill_id, payment_method_code, {_fen('payment_amt')},"
        " paid_date, is_refund from revenue.fct_payment"),
    "fct_adjustment": (adjustment, "select adjustment_id, account_id, bill_id, reason_code,"
        f" {_fen('adjustment_amt')}, adjusted_date from revenue.fct_adjustment"),
    "fct_arrears_snapshot": (arrears_snapshot, f"select account_id, month_end, sum({_fen('arrears_amt')})::bigint,"
        " coalesce(sum(cast(arrears_amt * 100 as bigint)) filter (where is_past_due), 0)::bigint,"
        " sum(bill_count)::bigint from revenue.fct_arrears_snapshot group by all"),
    "fct_subscription_day": (subscription_day, "select subscription_id, snapshot_date"
        " from customers.fct_subscription_day where is_counted"),
    "fct_org_flow_day": (flow_day, "select snapshot_date, reached_count, new_count, regained_count, left_count"
        " from customers.fct_org_flow_day where org_level_code = 'HQ'"),
    "fct_contact": (contact, "select contact_id, channel_code, outcome_code, wait_s, talk_s, hold_s, wrap_s,"
        " contact_date, handle_s, is_handled, is_abandoned from service_quality.fct_contact"),
    "fct_ticket": (ticket, "select ticket_id, ticket_type_code, status_code, opened_date, restored_date, ended_date,"
        " restore_s from service_quality.fct_ticket"),
    "fct_network_cell_hour": (cell_hour, "select cell_id, hour_at_local, is_valid, connection_attempt_count,"
        " connection_success_count, bearer_release_count, bearer_drop_count, volume_down_bytes, volume_up_bytes"
        " from service_quality.fct_network_cell_hour"),
    "fct_cell_availability_day": (cell_availability_day, "select cell_id, measured_date, measured_s, unavailable_s"
        " from service_quality.fct_cell_availability_day"),
    "fct_port_request": (port_request, "select port_id, port_type_code, state_code, requested_date, message_count"
        " from competition.fct_port_request"),
    "fct_market_operator_month": (market_operator_month, "select org_id, operator_code, source_code,"
        " subscription_count, net_added_count, market_subscription_count, market_month"
        " from competition.fct_market_operator_month"),
    "fct_order": (order, "select order_id, order_type_code, status_code, created_at, done_at, lead_time_s"
        " from customers.fct_order"),
    "fct_survey_response": (survey_response, "select response_id, question_code, score, scale_max, answer_date"
        " from service_quality.fct_survey_response"),
    "fct_alarm": (alarm, "select alarm_id, probable_cause_code, raised_at, cleared_at, duration_s"
        " from service_quality.fct_alarm"),
    "fct_self_service": (self_service, "select session_id, channel_code, result_code, session_date, duration_s"
        " from service_quality.fct_self_service"),
}
