import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="Price elasticity 价格弹性分析")

with app.setup:
    # The story of prices, told from the published warehouse alone: what moved, how use answered, what a change would
    # do, and where the data cannot say. Counting is SQL; Python only draws. A price is that of the dated tariff
    # version, never revenue divided by use.
    import altair as alt
    import marimo as mo
    import polars as pl

    from notebooks import display
    from notebooks.display import asked

    COMPONENTS = {"VOICE": "Voice 语音", "SMS": "Messages 短信", "DATA": "Data 流量"}
    MARGINS = {"usage": "use per subscription 使用量", "plan_choice": "choice of the offer 套餐选择",
               "churn": "staying 留存", "total": "all together 合计"}
    DESIGNS = {"two_way": "two-way effects 双向固定效应", "staggered": "staggered changes 错时双重差分",
               "instrument": "cost as instrument 工具变量"}


@app.cell(hide_code=True)
def _():
    warehouse = display.opened()
    return (warehouse,)


@app.cell(hide_code=True)
def _():
    component = mo.ui.dropdown({words: code for code, words in COMPONENTS.items()}, value=COMPONENTS["VOICE"],
                               label="What is bought 资费项")
    mo.vstack([mo.md("""# Price elasticity 价格弹性分析
How use answers to its price, and to that of something else. An elasticity of −0.5 means: 10 % dearer, 5 % less use.
Figures come from the published warehouse with their 95 % interval 置信区间; where the data cannot say, the reason
stands in place of a figure. Questions 1 to 3 and 6 are about the component chosen here."""), component])
    return (component,)


@app.cell(hide_code=True)
def _(component, warehouse):
    _prices = asked(warehouse, f"""
        with offers as (
            select distinct as_of_month, offer_id, unit_price_amt, price_changed_on
            from features.feature_price_month where component_code = '{component.value}' and unit_price_amt > 0
        )
        select *, max(unit_price_amt) over (partition by offer_id) > min(unit_price_amt) over (partition by offer_id)
            as is_moved
        from offers order by offer_id, as_of_month""")
    _moved = _prices.filter("is_moved")
    _offers = _prices.group_by("offer_id").agg(pl.col("is_moved").first())
    _lines = alt.Chart(_moved).mark_line(interpolate="step-after", point=True).encode(
        x=alt.X("yearmonth(as_of_month):O", title=None, axis=alt.Axis(format="%Y-%m", labelAngle=0)),
        y=alt.Y("unit_price_amt:Q", title="price of one more unit, yuan 单价（元）", scale=alt.Scale(zero=False)),
        color=alt.Color("offer_id:N", title="offer 套餐"), tooltip=["offer_id", "as_of_month", "unit_price_amt"])
    mo.vstack([
        mo.md(f"""## 1. What moved? 价格变动
Of {_offers.height} offers with a price, **{_offers['is_moved'].sum()}** changed it within the months seen; the
others are what they are compared with 对照组. A price that changes within a month counts by days."""),
        _lines.properties(width=640, height=260) if _moved.height else display.said(
            "No price of this component moved: nothing can be told of how use answers to it 价格未变动.")])
    return


@app.cell(hide_code=True)
def _(component, warehouse):
    # One regression through the origin per month from the change: (growth of the offer's use since the month before
    # the change, less the mean growth of offers whose price stayed) on the logarithm of the price change.
    _study = asked(warehouse, f"""
        with offers as (
            select offer_id, as_of_month, ln(sum(quantity) / sum(subscription_count)) as log_use,
                max(unit_price_amt) as price, min(price_changed_on) as changed_on
            from features.feature_price_month
            where component_code = '{component.value}' and unit_price_amt > 0 group by all
            having sum(quantity) > 0 and sum(subscription_count) > 0
        ),
        moves as (
            select offer_id, min(as_of_month) filter (changed_on is not null) as moved_in,
                cast(date_trunc('month', min(changed_on)) as date) <> min(changed_on) as is_within
            from offers group by offer_id
        ),
        starts as (select distinct moved_in, is_within from moves where moved_in is not null),
        stayers as (
            select starts.moved_in, offers.as_of_month, count(*) as stayed,
                avg(offers.log_use - bases.log_use) as growth
            from starts
            inner join offers as bases on bases.as_of_month = starts.moved_in - interval 1 month
            inner join offers on bases.offer_id = offers.offer_id
            inner join moves on bases.offer_id = moves.offer_id and moves.moved_in is null
            group by starts.moved_in, offers.as_of_month
        ),
        doses as (
            select moves.offer_id, moves.moved_in, bases.log_use, ln(afters.price / bases.price) as dose
            from moves
            inner join offers as bases on moves.offer_id = bases.offer_id
                and bases.as_of_month = moves.moved_in - interval 1 month
            inner join offers as afters on moves.offer_id = afters.offer_id
                and afters.as_of_month = moves.moved_in + (case when moves.is_within then interval 1 month
                    else interval 0 month end)
            where afters.price <> bases.price
        ),
        apart as (
            select date_diff('month', doses.moved_in, offers.as_of_month) as months, doses.dose,
                offers.log_use - doses.log_use - stayers.growth as growth
            from doses
            inner join offers using (offer_id)
            inner join stayers on doses.moved_in = stayers.moved_in and offers.as_of_month = stayers.as_of_month
            where stayers.stayed >= 4
        ),
        slopes as (
            select months, sum(dose * growth) / sum(dose * dose) as slope from apart group by months
        )
        select months, slopes.slope as estimate, count(*) as n_obs, if(count(*) >= 4, 'ok', 'low_n') as status,
            slopes.slope - 1.96 * sqrt(sum(power(dose * (growth - slope * dose), 2)) * count(*) / (count(*) - 1))
                / sum(dose * dose) as ci_low,
            slopes.slope + 1.96 * sqrt(sum(power(dose * (growth - slope * dose), 2)) * count(*) / (count(*) - 1))
                / sum(dose * dose) as ci_high
        from apart inner join slopes using (months) group by months, slopes.slope order by months""")
    _ok = _study.filter(pl.col("status") == "ok", pl.col("months") != -1)
    mo.vstack([
        mo.md("""## 2. Did use move when the price moved, and not before? 事件研究
Change of use since the month before the price change, against offers whose price stayed, per unit of change of the
price (both in logarithms). Left of the change the dots should lie on the dashed line: else use had gone apart before,
and the price followed demand 价格跟随需求. Month 0 is that of the change. The interval here takes offers as
independent; the estimates of question 4 leave out one offer at a time."""),
        display.refused(_study, "Use around price changes") or (
            display.over(_ok, alt.X("months:Q", title="months from the change 距调价月数",
                                    axis=alt.Axis(tickMinStep=1, format="d")), "answer of use 使用量变化", ".1f")
            + display.line_at(0)).properties(width=640, height=260)])
    return


@app.cell(hide_code=True)
def _(component, warehouse):
    _stage = asked(warehouse, f"""
        select * from mart.price_elasticity
        where design_code = 'instrument' and component_code = '{component.value}'
            and as_of_month = (select max(as_of_month) from mart.price_elasticity)""").to_dicts()
    _shown = display.said("No cost shifter (interconnect fee) moves this price 无成本工具变量.")
    if _stage:
        (_row,) = _stage
        _number = "–" if _row["first_stage_f"] is None else f"{_row['first_stage_f']:.1f}"
        _strength = "Too weak: an estimate by it could lie anywhere, so none is given. "
        if _row["first_stage_f"] is None:
            _strength = ""
        elif _row["first_stage_f"] >= (_row["first_stage_f_needed"] or 0):
            _strength = "Strong enough to be used. "
        _needed = "" if _row["first_stage_f_needed"] is None else f"needed: {_row['first_stage_f_needed']:.1f}"
        _shown = mo.vstack([
            mo.hstack([
                mo.stat(_number, label="effective F of the first stage 第一阶段F值", caption=_needed),
                display.stat(_row, "elasticity by instrument 工具变量估计", ".2f"),
                mo.stat(_row["ar_set"] or "–", label="Anderson-Rubin set AR置信集", caption=(
                    "" if _row["ar_low"] is None else f"{_row['ar_low']:.2f} to {_row['ar_high']:.2f}"))],
                widths="equal"),
            mo.md(f"{_strength}Status `{_row['status']}`: {_row['identification'] or ''}.")])
    mo.vstack([
        mo.md("""## 3. Is there a reason to move the price that is not demand? 第一阶段
Prices are set by people who look at demand. What the operator pays to others for each call moves prices, but not what
customers want; the share of an offer's calls that went to rivals in its first month makes this cost differ by
offer."""),
        _shown])
    return


@app.cell(hide_code=True)
def _(warehouse):
    told = asked(warehouse, """
        select * from mart.price_elasticity
        where as_of_month = (select max(as_of_month) from mart.price_elasticity)""")
    words = pl.col("component_code").replace(COMPONENTS)
    _whole = told.filter(pl.col("segment_code") == "ALL", pl.col("org_id") == "ALL")
    _own = _whole.filter(pl.col("kind_code") == "own", pl.col("margin_code") == "usage").with_columns(
        who=pl.format("{}: {}", words, pl.col("design_code").replace(DESIGNS)))
    _margins = _whole.filter(pl.col("kind_code") == "own", pl.col("design_code") == "two_way").with_columns(
        who=pl.format("{}: {}", words, pl.col("margin_code").replace(MARGINS)))
    _cross = _whole.filter(pl.col("kind_code") == "cross", pl.col("margin_code") == "usage",
                           pl.col("design_code") == "two_way").with_columns(
        who=pl.format("{}, price of {}", words, pl.col("price_component_code").replace(COMPONENTS)))

    def _drawn(frame, title):
        ok = frame.filter(pl.col("status") == "ok")
        drawn = display.refused(frame, title) or display.ranged(ok, "who", "elasticity 弹性", ".2f")
        few = frame.filter(pl.col("status") != "ok").select("who", "status", "identification").unique().sort("who")
        return mo.vstack([mo.md(f"**{title}**"), drawn, mo.md("Not told 未给出: " + "; ".join(
            f"{who} (`{status}`)" for who, status, _ in few.iter_rows()) + "." if few.height else "")])

    mo.vstack([
        mo.md("""## 4. How strong is the answer? 弹性
Everybody together. The same question by designs that can fail in different ways; a figure that stands in all of them
can be trusted more. A positive own elasticity is never shown: it says that the price followed demand."""),
        _drawn(_own, "Own price, by design 自身价格弹性"),
        _drawn(_margins, "Own price, by what people do 弹性维度"),
        _drawn(_cross, "Price of something else 交叉弹性")])
    return told, words


@app.cell(hide_code=True)
def _(told, words):
    _parts = told.filter(pl.col("design_code") == "two_way", pl.col("kind_code") == "own",
                         pl.col("margin_code") == "usage",
                         (pl.col("segment_code") != "ALL") ^ (pl.col("org_id") != "ALL"))
    _parts = _parts.with_columns(
        who=pl.format("{}: {}", words, pl.when(pl.col("org_id") == "ALL").then("segment_code").otherwise("org_id")))
    _shrunk = _parts.filter(pl.col("shrunk_estimate").is_not_null()).with_columns(
        estimate=pl.col("shrunk_estimate"), ci_low=pl.col("shrunk_ci_low"), ci_high=pl.col("shrunk_ci_high"))
    _reasons = _parts.filter(pl.col("status") != "ok").group_by("status").agg(
        pl.len().alias("segments and cities 客群与城市"),
        pl.col("identification").first().alias("why 原因")).sort("status")
    mo.vstack([
        mo.md(f"""## 5. Who answers more? 分群弹性
Use per subscription by type of customer and by city, each drawn towards the others as far as its own interval is wide
经验贝叶斯收缩. {_parts.filter(pl.col('status') == 'ok').height} of {_parts.height} could be told."""),
        display.refused(_parts, "Elasticities by segment") or display.ranged(
            _shrunk, "who", "elasticity, drawn together 收缩后弹性", ".2f"),
        display.table(_reasons) if _reasons.height else mo.md("")])
    return


@app.cell(hide_code=True)
def _(component, warehouse):
    _curve = asked(warehouse, f"""
        select price_change, status, identification, margin_code, volume_change, volume_change_low, volume_change_high,
            revenue_change, revenue_change_low, revenue_change_high, chance_revenue_rises, ci_level
        from mart.price_what_if
        where component_code = '{component.value}' and segment_code = 'ALL' and org_id = 'ALL' and margin_code = 'usage'
            and as_of_month = (select max(as_of_month) from mart.price_what_if)
        order by price_change""")
    _ok = _curve.filter(pl.col("status") == "ok")
    _level = f"{_ok['ci_level'][0]:.0%}" if _ok.height else "80%"
    _change = alt.X("price_change:Q", title="change of the price 价格变动", axis=alt.Axis(format="+.0%"))

    def _of(name, title):
        frame = _ok.select("price_change", *(pl.col(f"{name}{end}").alias(alias) for end, alias in (
            ("", "estimate"), ("_low", "ci_low"), ("_high", "ci_high"))))
        return (display.curve(frame, _change, title) + display.line_at(0)).properties(width=300, height=230)

    _out = _curve.filter(pl.col("status") == "out_of_range")["price_change"].to_list()
    mo.vstack([
        mo.md(f"""## 6. What would a change of the price do? 调价预演
Use per subscription and what is charged beyond the included units; bands hold {_level} of what the uncertainty of the
elasticity allows. Changes that were never seen are refused"""
              + (": " + ", ".join(f"{share:+.0%}" for share in _out) + "." if _out else ".")
              + " `bass rehearse` does the same for a whole tariff and everybody on it."),
        display.refused(_curve, "What a change would do") or alt.hconcat(
            _of("volume_change", "use 使用量变化"), _of("revenue_change", "charged 收入变化"))])
    return


@app.cell(hide_code=True)
def _(warehouse):
    _events = asked(warehouse, """
        select component_code, offer_id, changed_on, status, estimate, ci_low, ci_high, identification,
            price_after_amt / price_before_amt - 1 as price_change, quantity_before, quantity_after
        from mart.price_event
        where segment_code = 'ALL' and org_id = 'ALL' and as_of_month = (select max(as_of_month) from mart.price_event)
        order by component_code, changed_on, offer_id""").with_columns(
        who=pl.format("{} {} {}", pl.col("component_code").replace(COMPONENTS), "offer_id", "changed_on"))
    _reasons = _events.filter(pl.col("status") != "ok").select(
        pl.col("who").alias("price change 调价"), "status", pl.col("identification").alias("why 原因"))
    _tested = asked(warehouse, """
        select status, estimate, n_obs, ci_level, detail_text from mart.price_model_card
        where section_code = 'back_test'
            and as_of_month = (select max(as_of_month) from mart.price_model_card)""").to_dicts()
    _said = "No finished price change could be rehearsed yet 尚无可回测的调价."
    if _tested and _tested[0]["status"] == "ok":
        (_row,) = _tested
        _said = (f"Rehearsed without their own offer 回测: **{_row['estimate']:.0%}** of {_row['n_obs']} finished "
                 f"changes lay in the interval that holds {_row['ci_level']:.0%} of them; {_row['detail_text']}.")
    mo.vstack([
        mo.md(f"""## 7. How did each price change come out? 调价事件
Arc elasticity of each change, whole offers, against offers whose price stayed. One change by itself tells little: its
interval is wide. {_said}"""),
        display.refused(_events, "Price changes") or display.ranged(
            _events.filter(pl.col("status") == "ok"), "who", "arc elasticity 弧弹性", ".1f"),
        display.table(_reasons) if _reasons.height else mo.md("")])
    return


if __name__ == "__main__":
    app.run()
