"""What every notebook of BASS shares: the published warehouse opened for reading, and how figures with intervals look.

A frame of figures has the columns of a mart: status, estimate, ci_low, ci_high. Nothing is calculated here.
"""

from __future__ import annotations

import altair as alt
import duckdb
import marimo as mo
import polars as pl

from orchestration import settings

BLUE, PALE, RED, GREY, AMBER = "#2b6a99", "#9dbfd6", "#c0504d", "#c9d3da", "#e0a33e"
STATUS = {
    "low_n": "too little has been seen for a figure 样本不足",
    "not_identified": "what was seen cannot tell it 不可识别",
    "stale": "the last known outcome is too old 已过期",
    "price_did_not_move": "the price hardly moved 价格未变动",
    "few_clusters": "too few offers changed their price 调价套餐不足",
    "plan_choice_moved": "people changed offers, no offer its price 套餐转移所致",
    "moved_together": "all prices moved together 价格同步变动",
    "zeros_with_instruments": "some quantities are zero 用量含零值",
    "weak_iv": "the instrument hardly moves the price 弱工具变量",
    "positive_own_price": "the price followed demand 价格跟随需求",
    "no_comparison_group": "no offer whose price stayed is there to compare with 无对照组",
    "overlapping_change": "another change lies within the window 调价重叠",
    "pre_trend": "use went apart before the price did 事前趋势",
    "short_panel": "too few months 期数不足",
    "no_long_run": "use forgets too slowly to tell the long run 长期不可估",
    "out_of_range": "no such change was ever seen 超出观测范围",
}
# Wilson's interval of the share k / n, as in the marts; here for sums of their rows. Side: -1 low, 1 high.
WILSON = """create or replace temp macro wilson(k, n, side) as greatest(0, least(1,
    (k / n + 1.9207 / n + side * 1.96 * sqrt(k * (n - k) / n + 0.9604) / n) / (1 + 3.8415 / n)))"""


def opened() -> duckdb.DuckDBPyConnection:
    """The published file of the home in force, read-only. Where nothing is published yet, the notebook stops there."""
    home = settings.home()
    mo.stop(not home.published_database.exists(), said(
        f"Nothing is published in `{home.published}` yet: run `bass demo` or `bass run`, or set `BASS_HOME`."))
    offline = {"autoinstall_known_extensions": False, "autoload_known_extensions": False}
    connection = duckdb.connect(str(home.published_database), read_only=True, config=offline)
    connection.execute(WILSON)
    return connection


def asked(connection: duckdb.DuckDBPyConnection, query: str) -> pl.DataFrame:
    """The answer to a query; decimals as numbers, for drawing."""
    return connection.sql(query).pl().with_columns(pl.selectors.decimal().cast(pl.Float64))


def said(text: str) -> mo.Html:
    """A line in a box."""
    return mo.callout(mo.md(text), kind="warn")


def refused(frame: pl.DataFrame, what: str) -> mo.Html | None:
    """What stands in place of figures whose status is not ok; None where some are."""
    if "ok" in frame["status"]:
        return None
    codes = frame["status"].unique().sort().to_list() or ["low_n"]
    return said(f"**{what}: no figure.** " + "; ".join(f"`{code}`: {STATUS.get(code, code)}" for code in codes) + ".")


def table(frame: pl.DataFrame) -> mo.Html:
    """The frame as a plain table; what is not known is a dash."""
    numbers = pl.selectors.integer().map_elements(lambda number: f"{number:,}", return_dtype=pl.String)
    rows = [frame.columns, [":---"] * frame.width, *frame.with_columns(numbers).cast(pl.String).fill_null("–").rows()]
    return mo.md("\n".join("| " + " | ".join(row) + " |" for row in rows))


def stat(row: dict, label: str, form: str, of: str = "") -> mo.Html:
    """One figure of a row with its interval; or its status."""
    if row["status"] != "ok":
        return mo.stat(row["status"], label=label, caption=STATUS.get(row["status"], ""))
    interval = f"{format(row['ci_low'], form)} to {format(row['ci_high'], form)}"
    return mo.stat(format(row["estimate"], form), label=label, caption=f"{interval}{of}")


def ranged(frame: pl.DataFrame, member: str, title: str, form: str = ".1%", width: int = 420, **x: object) -> alt.Chart:
    """A dot with its interval per member, in the order of the frame. `x` goes to the axis of figures."""
    base = alt.Chart(frame).encode(
        y=alt.Y(f"{member}:N", sort=None, title=None, axis=alt.Axis(labelLimit=320)), tooltip=[member, *_tips(form)])
    edges = alt.X("ci_low:Q", title=title, **{"axis": alt.Axis(format=form, tickCount=4), **x})
    return (base.mark_rule(color=BLUE, strokeWidth=2).encode(x=edges, x2="ci_high:Q")
            + _dots(base).encode(x="estimate:Q")).properties(width=width)


def over(frame: pl.DataFrame, x: alt.X, title: str, form: str = ".1%") -> alt.LayerChart:
    """A dot with its interval at each x."""
    base = alt.Chart(frame).encode(x=x, tooltip=_tips(form))
    edges = alt.Y("ci_low:Q", title=title, axis=alt.Axis(format=form))
    rules = base.mark_rule(color=BLUE, strokeWidth=2).encode(y=edges, y2="ci_high:Q")
    return rules + _dots(base).encode(y="estimate:Q")


def curve(frame: pl.DataFrame, x: alt.X, title: str) -> alt.LayerChart:
    """A line with its band."""
    base = alt.Chart(frame).encode(x=x)
    edges = alt.Y("ci_low:Q", title=title, axis=alt.Axis(format=".0%"))
    return (base.mark_area(opacity=0.25, color=BLUE).encode(y=edges, y2="ci_high:Q")
            + base.mark_line(color=BLUE).encode(y="estimate:Q", tooltip=_tips(".1%")))


def stacked(frame: pl.DataFrame, member: str, part: str, title: str) -> alt.Chart:
    """Losses (left_count) by member, split by part, the most first."""
    return alt.Chart(frame).mark_bar().encode(
        y=alt.Y(f"{member}:N", sort="-x", title=None, axis=alt.Axis(labelLimit=320)),
        x=alt.X("sum(left_count):Q", title=title, axis=alt.Axis(tickMinStep=1, tickCount=5)),
        color=alt.Color(f"{part}:N", title=None, legend=alt.Legend(orient="bottom", columns=2, labelLimit=300)),
        tooltip=[member, part, "sum(left_count)"]).properties(width=250)


def line_at(value: float) -> alt.Chart:
    """A dashed line across, to compare with."""
    return alt.Chart(pl.DataFrame({"at": [value]})).mark_rule(strokeDash=[4, 4], color=RED).encode(y="at:Q")


def _dots(base: alt.Chart) -> alt.Chart:
    return base.mark_point(filled=True, size=70, color=BLUE, opacity=1)


def _tips(form: str) -> list[alt.Tooltip]:
    return [alt.Tooltip(f"{name}:Q", format=form) for name in ("estimate", "ci_low", "ci_high")]
