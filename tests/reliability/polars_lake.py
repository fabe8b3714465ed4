"""The raw lake read in Polars, as the definitions of facts and KPIs understand it, and by nothing else.

Here and in `polars_kpis` and `polars_facts` all is written from `seeds/kpis.csv` and the theme pages, not from the
models: no staging, no SQL of the project. Of the seeds only the tables that define words are read (states, usage
types, parameters). Money is integer fen, ratios are numerator and denominator; nothing is rounded. A figure is for
headquarters, the sum of all cities.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path

import polars as pl
from polars import col

from orchestration import settings

Figures = dict[date, tuple[int, int]]  # first day of the period -> numerator, denominator


def seed(name: str) -> pl.DataFrame:
    return pl.read_csv(settings.SEEDS / f"{name}.csv", infer_schema=False)


def parameter(code: str) -> int:
    return int(seed("parameters").filter(col("parameter_code") == code)["parameter_value"][0])


def month(column: str) -> pl.Expr:
    return col(column).dt.month_start()


def ratio(numerator: pl.DataFrame, denominator: pl.DataFrame) -> Figures:
    """Both hold one row per period: `period` and `n`; a period needs a denominator."""
    above = dict(numerator.select("period", "n").iter_rows())
    return {period: (above.get(period, 0), n) for period, n in denominator.select("period", "n").iter_rows()}


def count(frame: pl.DataFrame, period: pl.Expr, value: pl.Expr | None = None) -> pl.DataFrame:
    return frame.group_by(period.alias("period")).agg((pl.len() if value is None else value).alias("n")).sort("period")


def differences(counted: pl.DataFrame, built: pl.DataFrame) -> list[tuple]:
    """Rows that only one of the two has, at most twenty; columns go by their place."""
    built = built.rename(dict(zip(built.columns, counted.columns, strict=True)))
    built = built.cast(dict(counted.schema))
    frames = [frame.group_by(pl.all()).agg(times=pl.len()) for frame in (counted, built)]
    ways = [("only counted", *frames), ("only built", *frames[::-1])]
    lost = [one.join(other, on=one.columns, how="anti", nulls_equal=True).with_columns(side=pl.lit(side))
            for side, one, other in ways]
    return pl.concat(lost).head(20).rows()


class Lake:
    """The raw tables of a home, each record once: the first copy by day, file and line."""

    def __init__(self, raw: Path) -> None:
        self.raw = raw

    def table(self, feed: str, *key: str) -> pl.DataFrame:
        files = sorted((self.raw / feed).glob("file_date=*/part.parquet"))
        rows = pl.concat([self._day(path) for path in files if "1970" not in path.parent.name])
        if not key:
            return rows
        return rows.sort("file_date", "source_file", "line_number").unique(key, keep="first", maintain_order=True)

    @staticmethod
    def _day(path: Path) -> pl.DataFrame:
        day = date.fromisoformat(path.parent.name.removeprefix("file_date="))
        return pl.read_parquet(path, hive_partitioning=False).with_columns(file_date=pl.lit(day))

    # ---- subscriptions

    @cached_property
    def listed(self) -> pl.DataFrame:
        return self.table("billing__subscription")

    @cached_property
    def excluded(self) -> pl.DataFrame:
        """Subscriptions that do not count: test numbers, data-only SIMs, machines."""
        newest = self.listed.sort("file_date").unique("subscription_id", keep="last")
        return newest.filter(col("is_test") | col("is_data_sim") | col("is_m2m")).select("subscription_id")

    def counted(self, frame: pl.DataFrame) -> pl.DataFrame:
        return frame.join(self.excluded, on="subscription_id", how="anti")

    @cached_property
    def last_day(self) -> date:
        return self.listed["file_date"].max()

    @cached_property
    def states(self) -> pl.DataFrame:
        """One row per subscription and day on which its state changed: the state at the end of that day.

        A change counts on the day of its file; one that is older than the state it meets changes nothing.
        """
        first = self.listed.sort("file_date").unique("subscription_id", keep="first").select(
            "subscription_id", "status_code", "file_date", at=col("opened_at_local"), order=pl.lit(0))
        changes = self.table("billing__subscription_status", "subscription_id", "effective_at", "status_code").select(
            "subscription_id", "status_code", "file_date", at=col("effective_at_local"), order=pl.lit(1))
        known = changes.join(first.select("subscription_id", listed_on="file_date"), on="subscription_id")
        known = known.filter(col("file_date") >= col("listed_on")).drop("listed_on")
        rows = pl.concat([first, known]).sort("subscription_id", "file_date", "order", "at")
        rows = rows.filter((col("at") >= col("at").cum_max().over("subscription_id")) | (col("order") == 0))
        last = rows.unique(["subscription_id", "file_date"], keep="last", maintain_order=True)
        kinds = seed("subscription_states").select(
            status_code="state_code", is_reached=col("is_reached") == "true", is_final=col("is_final") == "true",
            is_invalid=col("is_invalid") == "true")
        return self.counted(last).join(kinds, on="status_code", how="left").sort("subscription_id", "file_date")

    @cached_property
    def flow(self) -> pl.DataFrame:
        """One row per subscription and change of being counted: `new`, `left` or `regained`, and `reached` +1/-1."""
        rows = self.states.with_columns(
            before=col("is_reached").shift(1).over("subscription_id").fill_null(False),
            ever=col("is_reached").cum_max().shift(1).over("subscription_id").fill_null(False),
        )
        first_day = self.listed["file_date"].min()
        stock = col("file_date") == first_day
        comes = col("is_reached") & ~col("before")
        return rows.with_columns(
            stock=stock & comes,
            new=comes & ~stock & ~col("ever"),
            regained=comes & col("ever"),
            left=col("before") & col("is_final"),
            change=col("is_reached").cast(pl.Int64) - col("before").cast(pl.Int64),
        )

    @cached_property
    def reached(self) -> dict[date, int]:
        """Counted at the end of each day."""
        change = dict(self.flow.group_by("file_date").agg(col("change").sum()).iter_rows())
        total, by_day, day = 0, {}, self.listed["file_date"].min()
        while day <= self.last_day:
            total += change.get(day, 0)
            by_day[day] = total
            day += timedelta(days=1)
        return by_day

    @cached_property
    def average(self) -> pl.DataFrame:
        """K05 doubled, so that it stays a whole number: at the start plus at the end of each month."""
        first, rows = min(self.reached), []
        stock = int(self.flow.filter(col("stock")).height)
        for begin in sorted({day.replace(day=1) for day in self.reached}):
            end = max(day for day in self.reached if day.replace(day=1) == begin)
            start = stock if begin == first else self.reached[begin - timedelta(days=1)]
            rows.append((begin, start + self.reached[end]))
        return pl.DataFrame(rows, schema=["period", "n"], orient="row")

    # ---- usage

    @cached_property
    def usage(self) -> pl.DataFrame:
        """Voice, message and data records alike, by local day of the event."""
        voice = self.table("billing__rated_voice", "call_id").select(
            "subscription_id", "usage_type_code", "direction_code", "counterpart_operator_code", "roam_type_code",
            "duration_s", "rated_fen", event_date=col("started_at_local").dt.date(),
            minutes=(col("duration_s") + 59) // 60, up_bytes=pl.lit(0, pl.Int64), down_bytes=pl.lit(0, pl.Int64))
        data = self.table("billing__rated_data", "session_id").with_columns(
            pl.lit("NONE").alias("direction_code"), pl.lit("NONE").alias("counterpart_operator_code"),
            pl.lit(0, pl.Int64).alias("duration_s"), pl.lit(0, pl.Int64).alias("minutes"),
            event_date=col("started_at_local").dt.date()).select(voice.columns)
        return pl.concat([voice, data])

    # ---- money

    @cached_property
    def charges(self) -> pl.DataFrame:
        items = self.table("billing__bill_item", "bill_id", "subscription_id", "charge_item_code", "item_name")
        bills = self.bills.select("bill_id", "billing_cycle", "account_id", "issued_on")
        return items.join(bills, on="bill_id", how="left").with_columns(
            period=col("billing_cycle").str.to_date("%Y%m", strict=False))

    @cached_property
    def bills(self) -> pl.DataFrame:
        return self.table("billing__bill", "bill_id")

    @cached_property
    def owed(self) -> pl.DataFrame:
        """What is left of each bill at the end of each day on which it changed: bill, day, fen.

        A payment for a bill pays it, what is over and what names no bill is kept and pays the oldest debt.
        """
        return pl.DataFrame(
            list(self._balances()), schema=["account_id", "bill_id", "day", "fen"], orient="row")

    def _entries(self) -> dict[str, list[tuple[date, int, str | None, int]]]:
        """account -> (day, rank, bill, fen): bills issued, then money with its bill, or None."""
        entries: dict[str, list[tuple[date, int, str | None, int]]] = {}
        for row in self.bills.iter_rows(named=True):
            entries.setdefault(row["account_id"], []).append(
                (row["issued_on"], 0, row["bill_id"], row["net_fen"] + row["tax_fen"]))
        for feed, key, at, rank in (("payment", "payment_id", "paid_at_local", 2),
                                    ("adjustment", "adjustment_id", "adjusted_at_local", 1)):
            for row in self.table(f"billing__{feed}", key).iter_rows(named=True):
                entries.setdefault(row["account_id"], []).append(
                    (row[at].date(), rank, row["bill_id"], -row["amount_fen"]))
        return entries

    def _balances(self) -> Iterator[tuple[str, str, date, int]]:
        for account, entries in self._entries().items():
            left: dict[str, int] = {}
            issued: dict[str, date] = {}
            kept = 0
            for day in sorted({entry[0] for entry in entries}):
                for _, rank, bill, fen in sorted((e for e in entries if e[0] == day), key=lambda e: (e[1], e[2] or "")):
                    if rank == 0:
                        issued[bill] = day
                        left[bill] = left.get(bill, 0) + fen
                    elif bill is None:
                        kept -= fen
                    else:
                        left[bill] = left.get(bill, 0) + fen
                for bill in sorted(issued, key=lambda b: (issued[b], b)):
                    drawn = min(kept, left[bill])
                    if drawn > 0:
                        kept, left[bill] = kept - drawn, left[bill] - drawn
                yield from ((account, bill, day, fen) for bill, fen in left.items() if bill in issued)

    # ---- call centre, tickets

    @cached_property
    def contacts(self) -> pl.DataFrame:
        return self.table("call_center__contact", "contact_id").with_columns(day=col("offered_at_local").dt.date())

    @cached_property
    def tickets(self) -> pl.DataFrame:
        """The newest version of each ticket; restored is repaired, else resolved; ended is closed or cancelled."""
        newest = self.table("call_center__ticket").sort("changed_at", "file_date", "line_number").unique(
            "ticket_id", keep="last")
        return newest.with_columns(
            restored_at_local=pl.coalesce("repaired_at_local", "resolved_at_local"),
            ended_at_local=pl.when(col("status_code").is_in(["closed", "cancelled", "rejected"])).then(
                pl.coalesce("closed_at_local", "changed_at_local")))

    # ---- network

    @cached_property
    def quarters(self) -> pl.DataFrame:
        """One row per cell and quarter-hour, a column per counter; suspect values are null."""
        rows = self.table("network__measurement", "measured_object", "counter_name", "begin_at").with_columns(
            cell_id=col("measured_object").str.extract(r"Cell=(\d+)$"),
            value=pl.when(~col("is_suspect")).then(col("value_number")))
        return rows.pivot("counter_name", index=["cell_id", "begin_at", "begin_at_local"], values="value")

    @cached_property
    def hours(self) -> pl.DataFrame:
        """One row per cell and local hour: sums of the counters over its good quarter-hours."""
        counters = [name for name in self.quarters.columns if "." in name]
        return (
            self.quarters.group_by("cell_id", hour=col("begin_at_local").dt.truncate("1h"))
            .agg(*[col(name).sum() for name in counters], good=col("ERAB.RelAttNbr").count())
            .with_columns(is_valid=col("good") >= parameter("full_hour_quarters"))
        )
