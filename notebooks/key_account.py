import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="Key account 大客户")

with app.setup:
    # One large customer on one screen: thirteen months of spend, mix, promises, and what is to be done. From
    # the published warehouse alone; counting is SQL, Python only draws. Names are tokens: a customer is a number.
    import altair as alt
    import marimo as mo
    import polars as pl

    from notebooks import display
    from notebooks.display import asked

    MIX = {"mobile_amt": "mobile 移动", "fixed_amt": "fixed 固定", "leased_amt": "circuits 专线",
           "vas_amt": "value-added 增值", "other_amt": "other 其他"}
    RULES = {"is_important": "important 重要", "is_high_value": "high-value 高值", "is_group": "group 集团",
             "is_strategic": "strategic 战略", "is_special": "special 特级"}
    SMALL = {"width": 250, "height": 140}


@app.cell(hide_code=True)
def _():
    warehouse = display.opened()
    mo.stop(not warehouse.execute("select count(*) from duckdb_tables() where schema_name = 'mart'"
                                  " and table_name = 'key_account_month'").fetchone()[0],
            display.said("Theme 7 is off here 大客户主题未启用."))
    return (warehouse,)


@app.cell(hide_code=True)
def _(warehouse):
    _accounts = dict(warehouse.execute("""
        select customer_id || ' · ' || service_grade_code || ' · ' || cast(cast(revenue_amt as bigint) as varchar)
            || ' yuan', customer_id
        from mart.key_account_month where as_of_month = (select max(as_of_month) from mart.key_account_month)
        order by is_special desc, revenue_amt desc, customer_id""").fetchall())
    mo.stop(not _accounts, display.said("No customer is large under any rule yet 尚无大客户."))
    account = mo.ui.dropdown(_accounts, value=next(iter(_accounts)), label="Customer 客户", searchable=True)
    return (account,)


@app.cell(hide_code=True)
def _(account, warehouse):
    months = asked(warehouse, f"""
        select pages.*, strftime(pages.as_of_month, '%Y-%m') as month, watched.status, watched.estimate, watched.ci_low,
            watched.ci_high, watched.is_break, watched.reason_code, watched.task_state_code, watched.task_due_on,
            pages.circuit_up_s / nullif(pages.circuit_measured_s, 0) as availability
        from mart.key_account_month as pages
        left join mart.key_account_watch as watched using (customer_id, as_of_month)
        where pages.customer_id = '{account.value}' order by pages.as_of_month""")
    now = months.row(-1, named=True)
    _rules = ", ".join(words for flag, words in RULES.items() if now[flag]) or "no rule this month 本月无"
    _availability = "–" if now["availability"] is None else f"{now['availability']:.3%}"
    _change = now["revenue_change_amt"]
    mo.vstack([
        mo.hstack([mo.md(f"## {account.value} · {_rules}"), account], justify="space-between"),
        mo.hstack([
            mo.stat(f"{now['revenue_amt']:,.0f}", label=f"yuan in {now['month']} 当月收入",
                    caption=f"{_change:+,.0f} since the month before",
                    direction="increase" if _change >= 0 else "decrease"),
            mo.stat(f"{now['arrears_amt']:,.0f}", label="yuan owed 欠费"),
            mo.stat(_availability, label=f"availability of {now['circuit_count']} circuits 电路可用率",
                    caption=f"{now['missed_circuit_count']} below promise"),
            mo.stat("–" if now["open_ticket_count"] is None else f"{now['open_ticket_count']:.0f}",
                    label="tickets open 在途工单"),
            mo.stat(f"{now['contract_ending_count']} of {now['contract_count']}", label="end in 90 days 将到期合同",
                    caption=f"next {now['next_contract_end_on'] or '–'}"),
            mo.stat(f"{now['done_visit_count']} of {now['due_visit_count']}", label="visits done 走访完成"),
            mo.stat(f"{now['open_opportunity_count']}", label="opportunities 在途商机",
                    caption=f"{now['open_opportunity_amt']:,.0f} yuan by likelihood")], widths="equal")])
    return (months,)


@app.cell(hide_code=True)
def _(months):
    def _month(title=None):
        return alt.X("month:O", title=title, axis=alt.Axis(labelAngle=-45))

    _mix = months.unpivot(list(MIX), index=["month"]).with_columns(pl.col("variable").replace(MIX))
    _spend = alt.Chart(_mix).mark_bar().encode(
        x=_month(), y=alt.Y("sum(value):Q", title="yuan 元"), tooltip=["month", "variable", "value"],
        color=alt.Color("variable:N", title=None, legend=alt.Legend(orient="bottom", columns=3, labelLimit=110)))
    _ok = months.filter(pl.col("status") == "ok")
    _actual = alt.Chart(months).encode(x=_month())
    _watch = _actual.mark_line(color=display.BLUE, point=True).encode(
        y=alt.Y("revenue_amt:Q", title="yuan 元"), tooltip=["month", "revenue_amt", "estimate", "ci_low", "ci_high"])
    if _ok.height:
        _watch = alt.Chart(_ok).mark_area(opacity=0.25, color=display.BLUE).encode(
            x=_month(), y="ci_low:Q", y2="ci_high:Q") + _watch
        _breaks = _ok.filter(pl.col("is_break"))
        _watch += alt.Chart(_breaks).mark_point(filled=True, size=140, color=display.RED).encode(
            x=_month(), y="revenue_amt:Q", tooltip=["month", "reason_code", "task_state_code"])
    _up = alt.Chart(months.filter(pl.col("availability").is_not_null())).mark_line(
        color=display.BLUE, point=True).encode(x=_month(), y=alt.Y(
            "availability:Q", title="availability 可用率", scale=alt.Scale(zero=False), axis=alt.Axis(format=".2%")))

    def _counts(names, words):
        frame = months.unpivot([name for name in names if months[name].null_count() < months.height],
                               index=["month"]).with_columns(pl.col("variable").replace(dict(zip(names, words,
                                                                                              strict=True))))
        return alt.Chart(frame).mark_bar().encode(
            x=_month(), y=alt.Y("value:Q", title=None, axis=alt.Axis(tickMinStep=1, format="d")), xOffset="variable:N",
            color=alt.Color("variable:N", title=None, legend=alt.Legend(orient="bottom", columns=2, labelLimit=160)),
            tooltip=["month", "variable", "value"])

    _care = _counts(["ticket_count", "service_event_count", "missed_circuit_count"],
                    ["tickets 工单", "service events 服务事件", "circuits below promise 未达标"])
    _visits = _counts(["due_visit_count", "done_visit_count", "contract_ending_count", "open_opportunity_count"],
                      ["visits due 应走访", "done 已走访", "contracts ending 将到期", "opportunities 商机"])
    _note = "" if _ok.height else "no range yet: needs half a year of bills"
    mo.vstack([
        mo.hstack([_spend.properties(title="What it pays for 收入构成", **SMALL),
                   _watch.properties(title=alt.Title("Spend and expected range 期望区间", subtitle=_note), **SMALL),
                   _up.properties(title="Circuits 电路", **SMALL)], justify="start"),
        mo.hstack([_care.properties(title="What it suffers 服务", **SMALL),
                   _visits.properties(title="What is to be done 待办", **SMALL)], justify="start")])
    return


@app.cell(hide_code=True)
def _(account, warehouse):
    _signs = asked(warehouse, f"""
        select strftime(as_of_month, '%Y-%m') as "month 月份", reason_code as "break 偏离原因",
            actual_amt as "yuan 实际（元）", estimate as "expected 期望（元）", task_state_code as "task 任务",
            cast(task_due_on as varchar) as "due 期限"
        from mart.key_account_watch where customer_id = '{account.value}' and is_break order by 1 desc limit 5""")
    _group = asked(warehouse, f"""
        select groups.group_id as "group 集团", groups.top_group_id as "top 顶级集团",
            groups.level_number as "level 层级", groups.group_paid_amt as "group-paid, yuan 集团付费",
            groups.member_paid_amt as "member-paid, yuan 成员付费",
            groups.revenue_with_below_amt as "with groups below 含下级"
        from mart.group_month as groups inner join mart.key_account_month as pages using (group_id, as_of_month)
        where pages.customer_id = '{account.value}' order by as_of_month desc limit 1""")
    _worth = asked(warehouse, f"""
        select value_class_code as "class 等级", spend_rank as "by spend 消费排名", value_rank as "by value 价值排名",
            behaviour_segment_label as "segment 群组", churn_reason_family as "risk 离网原因",
            break_task_state_code as "task 任务"
        from mart.customer_360 where customer_id = '{account.value}'""")
    mo.hstack([
        mo.vstack([mo.md("**Breaks and tasks 偏离与任务**"),
                   display.table(_signs) if _signs.height else mo.md("none 无")]),
        mo.vstack([mo.md("**Group 集团**"), display.table(_group) if _group.height else mo.md("in no group 无")]),
        mo.vstack([mo.md("**Value 价值**"), display.table(_worth)])], widths="equal")
    return


if __name__ == "__main__":
    app.run()
