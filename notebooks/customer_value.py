import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="Customer value 客户价值")

with app.setup:
    # What customers are worth, told from the published warehouse alone: one question per cell. Counting is SQL; Python
    # only draws. Where too little was seen, the status and its reason stand in place of a figure.
    import altair as alt
    import marimo as mo
    import polars as pl

    from notebooks import display
    from notebooks.display import asked

    SCHEMES = {
        "Class of value 价值等级": "value_class", "Behaviour 行为": "behaviour", "Activity 活跃度": "activity",
        "Preference 偏好": "preference", "Large customers 大客户": "large_customer", "Tenth 十分位": "decile"}
    ORDER = ["high", "medium", "low", "HIGH", "MEDIUM", "LOW", "ZERO", *map(str, range(-1, 11)),
             "special", "important", "high_value", "group", "strategic", "ordinary",
             "both", "promotion", "technology", "none", "unknown", "(gone)"]


@app.cell(hide_code=True)
def _():
    warehouse = display.opened()
    return (warehouse,)


@app.cell(hide_code=True)
def _(warehouse):
    _months = [f"{month:%Y-%m}" for (month,) in warehouse.execute(
        "select distinct as_of_month from mart.customer_value order by 1 desc").fetchall()]
    mo.stop(not _months, display.said("No month has been billed yet 尚无帐单月份."))
    month = mo.ui.dropdown(_months, value=_months[0], label="Month 月份")
    mo.vstack([mo.md("""# Customer value 客户价值
What customers bring, what they are still expected to bring, and how alike they are. Economic value 经济价值 is net
revenue: no feed says what serving a customer costs, so margins are not known. Figures come from the published
warehouse, with their 95 % interval 置信区间 where they are estimates."""), month])
    return (month,)


@app.cell(hide_code=True)
def _(month, warehouse):
    _sums = asked(warehouse, """
        with here as (
            select as_of_month, count(*) filter (where is_active) as customers, sum(economic_amt) as value_amt,
                max(cost_status) as cost_status
            from mart.customer_value group by all
        ), there as (
            select revenue_month as as_of_month, sum(recognised_amt) as revenue_amt
            from revenue.fct_revenue_month group by all
        )
        select strftime(as_of_month, '%Y-%m') as month, * exclude (as_of_month), value_amt - revenue_amt as difference
        from here inner join there using (as_of_month) order by as_of_month""")
    _row = _sums.filter(pl.col("month") == month.value).row(0, named=True)
    _bars = alt.Chart(_sums).mark_bar(color=display.BLUE).encode(
        x=alt.X("month:O", title=None, axis=alt.Axis(labelAngle=0)),
        y=alt.Y("value_amt:Q", title="economic value, yuan 经济价值（元）"),
        tooltip=["month", "value_amt", "customers"])
    mo.vstack([
        mo.md("## 1. What do all customers bring? 客户价值合计\nThe sum over customers is the revenue of theme 3, "
              "to the fen."),
        mo.hstack([
            mo.stat(f"{_row['value_amt']:,.2f} yuan", label="economic value 经济价值"),
            mo.stat(f"{_row['difference']:.2f} yuan", label="differs from theme 3 by 与收入主题差额"),
            mo.stat(f"{_row['customers']:,}", label="active customers 在用客户数"),
            mo.stat(_row["cost_status"], label="cost 成本数据")], widths="equal"),
        _bars.properties(width=740, height=200)])
    return


@app.cell(hide_code=True)
def _(month, warehouse):
    _card = asked(warehouse, f"""select section_code, item_code, item_place, status, estimate, ci_low, ci_high, n_obs
        from mart.value_model_card where strftime(as_of_month, '%Y-%m') = '{month.value}'
            and section_code in ('concentration', 'lorenz', 'overlap')""")
    _lorenz = _card.filter(pl.col("section_code") == "lorenz").sort("item_place")
    _shares = {row["item_code"]: row for row in _card.filter(pl.col("section_code") != "lorenz").to_dicts()}
    _words = {"top_1_share": "with the best 1 % 前1%收入占比", "top_20_share": "with the best 20 % 前20%收入占比",
              "rows_for_80_share": "of customers hold 80 % 占收入80%的客户比例",
              "top_20_by_spend_and_value": "of the best fifth by spend are so by lifetime value 消费与价值排名重合"}

    def _stat(name):
        row = _shares.get(name)
        if row is None or row["status"] != "ok" or row["ci_low"] is not None:
            return display.stat(row or {"status": "low_n"}, _words[name], ".1%")
        return mo.stat(format(row["estimate"], ".1%"), label=_words[name])

    _curve = alt.Chart(_lorenz).mark_line(color=display.BLUE).encode(
        x=alt.X("item_place:Q", title="customers, best first 客户占比（由高到低）", axis=alt.Axis(format=".0%")),
        y=alt.Y("estimate:Q", title="share of revenue 收入占比", axis=alt.Axis(format=".0%")))
    _same = alt.Chart(pl.DataFrame({"at": [0.0, 1.0]})).mark_line(strokeDash=[4, 4], color=display.GREY).encode(
        x="at:Q", y="at:Q")
    mo.vstack([
        mo.md("## 2. How much lies with how few? 集中度\nCounted, not assumed to be 80 to 20. Dashed: all alike."),
        mo.hstack([_stat(name) for name in _words], widths="equal"),
        display.said("No customer was charged 无收入.") if _lorenz.is_empty() else (_same + _curve).properties(
            width=740, height=240)])
    return


@app.cell(hide_code=True)
def _(month, warehouse):
    _card = asked(warehouse, f"""select section_code, item_code, item_place, status, estimate, ci_low, ci_high, n_obs,
            detail_text from mart.value_model_card where strftime(as_of_month, '%Y-%m') = '{month.value}'""")
    _model = _card.filter(pl.col("section_code") == "retention").row(0, named=True)
    _survival = _card.filter(pl.col("section_code") == "survival").sort("item_place")
    _tested = {row["item_code"]: row for row in _card.filter(pl.col("section_code") == "back_test").to_dicts()}
    _worth = asked(warehouse, f"""
        select value_class_code as class, count(*) as customers, count(estimate) as estimated, sum(estimate) as total,
            median(estimate) as middle, median(estimate - ci_low) as half, any_value(horizon_months) as horizon
        from mart.customer_value where is_active and strftime(as_of_month, '%Y-%m') = '{month.value}'
        group by all order by total desc nulls last""")
    _said = "No months are held out yet: half a year of bills is needed 历史不足，尚无回测."
    if _tested.get("expected", {}).get("status") == "ok":
        _a, _b = _tested["stayed"], _tested["expected"]
        _said = (f"Back-test 回测: of those there {_a['n_obs']:,} customers, **{_a['estimate']:.2%}** stayed the last "
                 f"three months; the curve of the months before says {_b['estimate']:.2%} ({_b['ci_low']:.2%} to "
                 f"{_b['ci_high']:.2%}).")
    _table = _worth.select(
        pl.col("class").alias("class 等级"), pl.col("customers").alias("customers 客户数"),
        pl.col("middle").round(0).cast(pl.Int64).alias("median, yuan 中位数（元）"),
        pl.col("half").round(0).cast(pl.Int64).alias("± yuan 半区间（元）"),
        pl.col("total").round(0).cast(pl.Int64).alias("sum, yuan 合计（元）"))
    mo.vstack([
        mo.md(f"""## 3. What are they still worth? 生命周期价值
Survival × margin, discounted, over {int(_worth['horizon'].max() or 36)} months. The curve is fitted to how long
customers stay (model {_model['detail_text']}; {_model['n_obs'] or 0:,} customers); old customers leave less often,
which a constant rate of churn would miss. {_said}"""),
        display.refused(_survival, "Survival of customers") or display.curve(
            _survival, alt.X("item_place:Q", title="months as a customer 在网月数"), "still there 留存率").properties(
            width=740, height=220),
        display.table(_table)])
    return


@app.cell(hide_code=True)
def _(month, warehouse):
    _segments = asked(warehouse, f"""
        select segment_code, segment_label, status, customer_count, customer_share, revenue_share, jaccard, reason_text,
            scheme_version, strftime(made_of_month, '%Y-%m') as made_of
        from mart.segment_scheme where scheme_code = 'behaviour' and strftime(as_of_month, '%Y-%m') = '{month.value}'
        order by cast(segment_code as int)""")
    _why = " ".join(text for text in _segments["reason_text"].drop_nulls().unique().to_list() if text)
    _long = _segments.unpivot(["customer_share", "revenue_share"], index=["segment_label"]).with_columns(
        pl.col("variable").replace({"customer_share": "customers 客户", "revenue_share": "revenue 收入"}))
    _bars = alt.Chart(_long).mark_bar().encode(
        y=alt.Y("segment_label:N", sort=None, title=None, axis=alt.Axis(labelLimit=360)),
        x=alt.X("value:Q", title="share 占比", axis=alt.Axis(format=".0%")), yOffset="variable:N",
        color=alt.Color("variable:N", title=None, scale=alt.Scale(range=[display.PALE, display.BLUE]),
                        legend=alt.Legend(orient="top")), tooltip=["segment_label", "variable", "value"])
    _rows = _segments.select(
        pl.col("segment_code").alias("no."), pl.col("segment_label").alias("segment 群组"), pl.col("status"),
        pl.col("customer_count").alias("customers 客户数"), pl.col("jaccard").round(2).alias("comes again 稳定性"))
    mo.vstack([
        mo.md("## 4. Which kinds of customers are there? 行为分群\nGroups that lie apart and come again in other "
              "samples (Jaccard from .75); the scheme stays frozen, so that months can be compared. "
              + (f"Scheme of {_segments['made_of'].drop_nulls().max() or '–'}. " if len(_segments) else "")
              + (f"**This scheme is not ok: {_why}.**" if _why else "")),
        display.said("Nobody is active 无在用客户.") if _segments.is_empty() else _bars.properties(
            width=380, height=40 * len(_segments) + 20), display.table(_rows)])
    return


@app.cell(hide_code=True)
def _():
    scheme = mo.ui.dropdown(SCHEMES, value=next(iter(SCHEMES)), label="Scheme 方案")
    return (scheme,)


@app.cell(hide_code=True)
def _(month, scheme, warehouse):
    _moves = asked(warehouse, f"""
        select from_segment_code, to_segment_code, customer_count, from_count, customer_share, is_stayed
        from mart.segment_migration where scheme_code = '{scheme.value}'
            and strftime(as_of_month, '%Y-%m') = '{month.value}' order by 1, 2""")
    _known = _moves.filter(pl.col("from_segment_code") != "(new)")
    _stay = _known.filter("is_stayed")["customer_count"].sum() / max(_known["customer_count"].sum(), 1)
    _base = alt.Chart(_known).encode(
        x=alt.X("to_segment_code:N", title="this month 本月", sort=ORDER, axis=alt.Axis(labelAngle=0)),
        y=alt.Y("from_segment_code:N", title="the month before 上月", sort=ORDER))
    _map = _base.mark_rect().encode(color=alt.Color("customer_share:Q", title="share 占比", scale=alt.Scale(
        scheme="blues", domain=[0, 1]), legend=alt.Legend(format=".0%")), tooltip=["customer_count", "customer_share"])
    _text = _base.mark_text().encode(text=alt.Text("customer_share:Q", format=".0%"), color=alt.condition(
        "datum.customer_share > 0.6", alt.value("white"), alt.value("black")))
    mo.vstack([
        mo.md("## 5. Who moves? 群组迁移\nEach row adds up to 100 %."), scheme,
        display.said("This is the first month: nobody can have moved 首月无迁移.") if _moves.is_empty() else mo.vstack([
            mo.hstack([mo.stat(f"{_stay:.1%}", label="stayed in their segment 未迁移占比"),
                       mo.stat(f"{_known['customer_count'].sum():,.0f}", label="were there before 上月客户数")],
                      justify="start"),
            (_map + _text).properties(width=560, height=260)])])
    return


@app.cell(hide_code=True)
def _(month, warehouse):
    _next = asked(warehouse, f"""
        select case when next_service_code = 'VAS' then 'Value-added service 增值业务'
                else services.name_en || ' ' || services.name_zh end as service, count(*) as customers,
            avg(next_service_share) as share, sum(next_service_amt) as amount
        from mart.customer_value left join reference.services as services on next_service_code = service_code
        where is_active and strftime(as_of_month, '%Y-%m') = '{month.value}' and next_service_code is not null
        group by all order by customers desc""")
    _social = asked(warehouse, f"""
        select customer_class_code as class, count(*) as customers, median(circle_count) as circle,
            count(*) filter (where is_important) as important, count(*) filter (where is_reference) as reference,
            round(avg(social_score), 3) as score
        from mart.customer_value where is_active and strftime(as_of_month, '%Y-%m') = '{month.value}' group by all
        order by customers desc""")
    mo.vstack([
        mo.md("""## 6. What else could they buy, and who listens to them? 下一产品与社会价值
Next product: the service that most customers with one of the same services have and this one has not. Social value
社会价值 counts kind, reference and the size of the calling circle; it is no money."""),
        display.table(_next.select(
            pl.col("service").alias("next product 下一产品"), pl.col("customers").alias("customers 客户数"),
            pl.col("share").round(3).alias("share who have it 持有率"),
            pl.col("amount").round(0).cast(pl.Int64).alias("expected a month, yuan 月期望收入（元）"))),
        display.table(_social.rename({"class": "class 大类", "customers": "customers 客户数", "circle": "circle 交往圈",
                                      "important": "important 重要", "reference": "reference 标杆",
                                      "score": "social score 社会价值分"}))])
    return


if __name__ == "__main__":
    app.run()
