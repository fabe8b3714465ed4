"""Bills and their items, payments, refunds, recharges and adjustments, month by month.

Usage items are the sums of the rated records of the month, to the fen. Header = Σ items;
gross = discount + net; tax (6 %) stands apart.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import polars as pl

from orchestration.sample_operator import circuits, leakage, value_added
from orchestration.sample_operator.life import ACTIVE, NEVER, ONE_WAY, Life
from orchestration.sample_operator.plan import DAY, Plan
from orchestration.sample_operator.population import BROADBAND, Population
from orchestration.sample_operator.reference import CITY_IDS, Tariff
from orchestration.sample_operator.usage import ITEMS, Meter

ITEM_NAMES = {"RENTAL": "月租费", "BROADBAND": "宽带费", "VOICE": "通话费", "SMS": "短信费", "DATA": "流量费",
              "ROAM": "漫游费", "INTL": "国际费", "VAS": "增值业务费", "ONEOFF": "一次性费用",
              "LEASED_LINE": "专线费"}
UNITS = {"RENTAL": "month", "BROADBAND": "month", "VOICE": "minute", "SMS": "message", "DATA": "mb", "ROAM": "unit",
         "INTL": "minute", "VAS": "month", "ONEOFF": "once", "LEASED_LINE": "month"}
TAX_PERCENT = 6
METHODS = np.array(["ONLINE", "BANK", "CASH", "CARD"])
REASONS = np.array(["BILLING_ERROR", "GOODWILL", "OUTAGE_CREDIT", "WAIVER"])


@dataclass
class Ledger:
    """What was billed, paid and adjusted so far; amounts by account and month in fen."""

    items: list[pl.DataFrame] = field(default_factory=list)
    bills: list[pl.DataFrame] = field(default_factory=list)
    payments: list[pl.DataFrame] = field(default_factory=list)
    adjustments: list[pl.DataFrame] = field(default_factory=list)
    forgotten: list[pl.DataFrame] = field(default_factory=list)  # monthly fees that no bill holds


def charge(plan: Plan, population: Population, life: Life, ledger: Ledger, meter: Meter, month: int) -> pl.DataFrame:
    """Items of one month: one row per subscription and charge item with a charge."""
    subs = np.arange(population.size)
    fees = _rental(plan, population, life, month)
    lost = pl.Series(leakage.forgotten_fees(plan, life, month, fees["sub"].to_numpy()))
    ledger.forgotten.append(fees.filter(lost).with_columns(pl.lit(month).alias("month")))
    parts = [fees.filter(~lost), *_extras(plan, population, life, month), _leased(plan, population, life, month)]
    for position, code in enumerate(ITEMS):
        used = subs[meter.charge[:, position] > 0]
        parts.append(_item(code, used, meter.charge[used, position], np.zeros(len(used), dtype=np.int64),
                           meter.quantity[used, position]))
    items = pl.concat(parts).filter(pl.col("gross_fen") > 0).sort("sub", "charge_item_code")
    net = pl.col("gross_fen") - pl.col("discount_fen")
    items = items.with_columns(net.alias("net_fen"), ((net * TAX_PERCENT + 50) // 100).alias("tax_fen"),
                               pl.lit(month).alias("month"))
    account = population.account[items["sub"].to_numpy()]
    return items.with_columns(pl.Series("account", account), pl.Series("bill_id", _bill_id(plan, month, account)))


def _bill_id(plan: Plan, month: int, account: np.ndarray) -> np.ndarray:
    return int(plan.cycle(month)) * 1_000_000_000 + account + 1


def _item(code: str, sub: np.ndarray, gross: np.ndarray, discount: np.ndarray, quantity: np.ndarray) -> pl.DataFrame:
    return pl.DataFrame({"sub": sub, "charge_item_code": np.full(len(sub), code), "gross_fen": gross.astype(np.int64),
                         "discount_fen": discount.astype(np.int64), "quantity": np.round(quantity.astype(float), 3)})


def served(plan: Plan, life: Life, month: int) -> np.ndarray:
    """Subscriptions that were active (or only barred from calling out) at some moment of the month."""
    begins, ends = (plan.month_days[month + k] * DAY for k in (0, 1))
    served_now = np.isin(life.state_at(begins), (ACTIVE, ONE_WAY))
    back = (life.second >= begins) & (life.second < ends) & (life.status == ACTIVE)
    served_now[life.subscription[back]] = True
    return served_now


def _rental(plan: Plan, population: Population, life: Life, month: int) -> pl.DataFrame:
    """Monthly fee: in the month of opening by days, else whole; loyal customers get a discount."""
    tariff = Tariff(plan, plan.month_days[month])
    offer = life.offer[month]
    first, after = plan.month_days[month], plan.month_days[month + 1]
    begins = np.maximum(np.minimum(life.first_used, NEVER) // DAY, first)
    days = np.clip(after - begins, 0, after - first)
    price = tariff.price["RENTAL"][offer] + tariff.price["BROADBAND"][offer]
    gross = np.rint(price * days / (after - first)).astype(np.int64)
    loyal = plan.rng("loyalty").choice([0, 10, 20], population.size, p=[0.6, 0.3, 0.1])
    discount = gross * loyal // 100
    who = np.flatnonzero(served(plan, life, month) & (gross > 0))
    rows = _item("RENTAL", who, gross[who], discount[who], np.ones(len(who)))
    fixed = pl.Series(population.service[who] == BROADBAND)
    code = pl.when(fixed).then(pl.lit("BROADBAND")).otherwise("charge_item_code")
    return rows.with_columns(code.alias("charge_item_code"))


def _extras(plan: Plan, population: Population, life: Life, month: int) -> list[pl.DataFrame]:
    """Value-added services of some subscriptions, and a one-off fee in the month of opening."""
    fee, fees = value_added.billed(plan, population, life, month)
    first, after = plan.month_days[month] * DAY, plan.month_days[month + 1] * DAY
    opened = (population.opened_s >= first) & (population.opened_s < after) & (life.first_used < after)
    vas, new = np.flatnonzero(fee), np.flatnonzero(opened & served(plan, life, month))
    once = np.where(population.service[new] == BROADBAND, 10_000, 2_000)
    none = np.zeros(population.size, dtype=np.int64)
    return [_item("VAS", vas, fee[vas], none[vas], fees[vas]),
            _item("ONEOFF", new, once, none[new], np.ones(len(new)))]


def _leased(plan: Plan, population: Population, life: Life, month: int) -> pl.DataFrame:
    """Fees of leased circuits, on one subscription of the customer."""
    fees = circuits.rentals(plan, population, served(plan, life, month), month)
    none = np.zeros(len(fees), dtype=np.int64)
    return _item("LEASED_LINE", *(fees[name].to_numpy() for name in ("sub", "fee_fen")), none,
                 fees["circuits"].to_numpy())


def settle(plan: Plan, population: Population, life: Life, ledger: Ledger, items: pl.DataFrame, month: int) -> None:
    """Issues the bills of a month, then what is adjusted and paid on them; only what falls into the sample."""
    sums = [pl.col(f"{name}_fen").sum() for name in ("gross", "discount", "tax", "net")]
    bills = items.group_by("account", "bill_id").agg(sums).sort("account")
    bills = bills.with_columns(pl.lit(month).alias("month"), (pl.col("net_fen") + pl.col("tax_fen")).alias("amount"))
    _recharge(plan, population, ledger, bills, month)
    owed = balances(population, ledger, plan.issue_day(month) * DAY)[bills["account"].to_numpy()]
    bills = bills.with_columns(pl.Series("balance_forward_fen", owed))
    ledger.items.append(items)
    ledger.bills.append(bills)
    credit = _adjust(plan, life, ledger, bills, month)
    _pay(plan, life, ledger, bills, credit, month)


def balances(population: Population, ledger: Ledger, before_s: int) -> np.ndarray:
    """What every account owes just before a second, negative if it has credit."""
    owed = np.zeros(population.accounts, dtype=np.int64)
    for frame in ledger.bills:
        np.add.at(owed, frame["account"].to_numpy(), frame["amount"].to_numpy())
    for frame in (*ledger.payments, *ledger.adjustments):
        done = frame.filter(pl.col("second") < before_s)
        np.subtract.at(owed, done["account"].to_numpy(), done["amount_fen"].to_numpy())
    return owed


def _adjust(plan: Plan, life: Life, ledger: Ledger, bills: pl.DataFrame, month: int) -> np.ndarray:
    """Credits on a few bills within days of their issue; returns the credit by bill."""
    rng, n = plan.rng("adjustments", month), len(bills)
    second = plan.issue_day(month) * DAY + rng.integers(10 * 3600, 5 * DAY, n)
    second = np.minimum(second, life.pays_at[bills["account"].to_numpy(), month] - 600)  # before it is paid
    eligible = np.flatnonzero((second < plan.end_s) & (bills["net_fen"].to_numpy() > 500))
    hit = np.zeros(n, dtype=bool)
    hit[rng.permutation(eligible)[: -(-len(eligible) // 70)]] = True
    amount = np.where(hit, np.rint(bills["net_fen"].to_numpy() * rng.uniform(0.05, 0.4, n)), 0).astype(np.int64)
    ledger.adjustments.append(bills.select("account", "bill_id").with_columns(
        pl.Series("amount_fen", amount), pl.Series("second", second),
        pl.Series("reason_code", REASONS[rng.integers(0, 4, n)])).filter(pl.Series(hit)))
    return amount


def _pay(plan: Plan, life: Life, ledger: Ledger, bills: pl.DataFrame, credit: np.ndarray, month: int) -> None:
    """The bill in one amount or two; a few pay twice by mistake and get the second payment back."""
    rng, n = plan.rng("payments", month), len(bills)
    account = bills["account"].to_numpy()
    second = life.pays_at[account, month]
    due = bills["amount"].to_numpy() - credit
    half = rng.random(n) < 0.03
    first = np.where(half, due // 2, due)
    base = bills.select("account", "bill_id").with_columns(pl.Series("method", _methods(rng, n)))
    rows = [base.with_columns(pl.Series("amount_fen", first), pl.Series("second", second), pl.lit(0).alias("role")),
            base.with_columns(pl.Series("amount_fen", due - first), pl.Series("second", second + 3600),
                              pl.lit(0).alias("role")).filter(pl.Series(half))]
    twice = ~half & (rng.random(n) < 0.004)
    rows.append(base.with_columns(pl.Series("amount_fen", due), pl.Series("second", second + 7200),
                                  pl.lit(1).alias("role")).filter(pl.Series(twice)))
    back = second + 2 * DAY
    rows.append(base.with_columns(pl.Series("amount_fen", -due), pl.Series("second", back),
                                  pl.lit(2).alias("role")).filter(pl.Series(twice)))
    paid = pl.concat(rows).filter(pl.col("second") < plan.end_s, pl.col("amount_fen") != 0)
    ledger.payments.append(paid)


def _methods(rng: np.random.Generator, n: int) -> np.ndarray:
    return METHODS[rng.choice(4, n, p=[0.62, 0.2, 0.13, 0.05])]


def _recharge(plan: Plan, population: Population, ledger: Ledger, bills: pl.DataFrame, month: int) -> None:
    """Prepaid accounts put in at least what the month will cost, in round amounts, from the 4th of the month on.

    Not earlier, so that what the bill of the month before brings forward is known when that bill is issued.
    """
    prepaid = bills.filter(pl.Series(population.account_prepaid[bills["account"].to_numpy()]))
    rng, n = plan.rng("recharges", month), len(prepaid)
    first, after = plan.month_days[month] * DAY, plan.month_days[month + 1] * DAY
    opened = population.account_day[prepaid["account"].to_numpy()] * DAY
    begins = np.maximum(opened + 20 * 3600, first + 3 * DAY + 8 * 3600)
    second = begins + (rng.random(n) * np.maximum(after - begins - 60, 1)).astype(np.int64)
    amount = -(-prepaid["amount"].to_numpy() // 1000) * 1000
    ledger.payments.append(prepaid.select("account", "bill_id").with_columns(
        pl.Series("method", _methods(rng, n)), pl.Series("amount_fen", amount), pl.Series("second", second),
        pl.lit(3).alias("role")))


def payment_rows(plan: Plan, population: Population, ledger: Ledger) -> pl.DataFrame:
    """All payments in order of time; a refund names the second payment of its bill."""
    every = pl.concat(ledger.payments).sort("second", "account", "role").with_row_index("n")
    every = every.with_columns(pl.format("P{}", 500_000_000 + pl.col("n")).alias("payment_id"))
    doubled = every.filter(pl.col("role") == 1).select("bill_id", pl.col("payment_id").alias("reversal_of_payment_id"),
                                                       pl.lit(2).alias("role"))
    every = every.join(doubled, on=["bill_id", "role"], how="left", maintain_order="left")
    rng, account = plan.rng("payment channels"), every["account"].to_numpy()
    city = population.customer_city[population.account_customer[account]]
    return every.select(
        "payment_id", pl.Series("account_id", population.account_id[account]),
        pl.when(pl.col("role") == 3).then(None).otherwise(pl.col("bill_id")).alias("bill_id"),
        pl.col("method").alias("payment_method_code"),
        pl.Series("channel_id", CITY_IDS[city] * 100 + rng.integers(1, 9, len(every))), "amount_fen",
        plan.moments(every["second"].to_numpy()).alias("paid_at"), "reversal_of_payment_id",
        (pl.col("second") // DAY).alias("day"), "account", "second",
    )


def adjustment_rows(plan: Plan, population: Population, ledger: Ledger, approvers: np.ndarray) -> pl.DataFrame:
    every = pl.concat(ledger.adjustments).sort("second", "account").with_row_index("n")
    account = every["account"].to_numpy()
    return every.select(
        pl.format("ADJ{}", 7_000_000 + pl.col("n")).alias("adjustment_id"),
        pl.Series("account_id", population.account_id[account]), "bill_id", "reason_code",
        pl.Series("approver_staff_id", approvers[account % len(approvers)]), "amount_fen",
        plan.moments(every["second"].to_numpy()).alias("adjusted_at"), (pl.col("second") // DAY).alias("day"),
        "account",
        "second",
    )


def bill_rows(plan: Plan, population: Population, bills: pl.DataFrame, month: int) -> pl.DataFrame:
    n = len(bills)
    return bills.with_columns(
        pl.Series("account_id", population.account_id[bills["account"].to_numpy()]),
        pl.lit(plan.cycle(month)).alias("billing_cycle"),
        plan.dates(np.full(n, plan.issue_day(month))).alias("issued_on"),
        plan.dates(np.full(n, plan.due_day(month))).alias("due_on"))


def item_rows(plan: Plan, population: Population, items: pl.DataFrame) -> pl.DataFrame:
    code = pl.col("charge_item_code")
    return items.with_columns(
        pl.Series("subscription_id", population.subscription_id[items["sub"].to_numpy()]),
        code.replace_strict(ITEM_NAMES).alias("item_name"), code.replace_strict(UNITS).alias("unit_code"),
        pl.when(pl.col("net_fen") == 0).then(pl.lit("WAIVED")).otherwise(pl.lit("BILLED")).alias("charge_status_code"))

