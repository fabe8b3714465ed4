import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="Churn 离网分析")

with app.setup:
    # The story of churn, told from the published warehouse alone: one question per cell, each figure with its interval.
    # Counting is SQL; Python only draws. Nothing here says why somebody left, only what leaving goes along with.
    import altair as alt
    import marimo as mo
    import polars as pl

    from notebooks import display
    from notebooks.display import asked

    FAMILIES = {
        "price": "Price 资费", "bill": "Bill and payment 帐单与缴费", "contract": "Contract 合约",
        "network": "Network 网络", "service": "Service 服务", "competitor": "Competitors 竞争", "usage": "Usage 使用",
        "value": "Who they are 客户特征", "campaign": "Campaigns 营销"}


@app.cell(hide_code=True)
def _():
    warehouse = display.opened()
    return (warehouse,)


@app.cell(hide_code=True)
def _(warehouse):
    units = dict(warehouse.execute("""
        select distinct orgs.org_name || ' ' || units.org_id, units.org_id
        from mart.churn_flow as units inner join dim.dim_org as orgs on units.org_id = orgs.org_id and orgs.is_current
        order by units.org_id""").fetchall())
    unit = mo.ui.dropdown(units, value=next(iter(units), None), label="Unit 组织")
    mo.vstack([mo.md("""# Churn 离网分析
Who leaves, when, why, where to, how much is lost, and what can be done. Figures come from the published warehouse
with their 95 % interval 置信区间; where too little was seen, the reason stands in its place. Risks and reasons are
*associated with* leaving 相关; they do not prove a cause 因果. Questions 1 and 2 are about the unit chosen here, the
others about the whole operator."""), unit])
    return (unit,)


@app.cell(hide_code=True)
def _(unit, warehouse):
    kinds = asked(warehouse, f"""
        select flow.month_start_date, kinds.name_en || ' ' || kinds.name_zh as kind, flow.left_count
        from mart.churn_flow as flow inner join reference.churn_kinds as kinds using (churn_kind_code)
        where flow.view_code = 'quantity' and flow.org_id = '{unit.value}'""")
    _months = asked(warehouse, f"""
        with losses as (
            select month_start_date, sum(left_count) as left_count, sum(net_left_count) as net_left_count,
                sum(lost_amt) as lost_amt, max(n_obs) as n_obs, min(status) as status
            from mart.churn_flow where view_code = 'quantity' and org_id = '{unit.value}' group by all
        )
        select *, left_count / n_obs as estimate, wilson(left_count, n_obs, -1) as ci_low,
            wilson(left_count, n_obs, 1) as ci_high
        from losses order by month_start_date""")
    mo.stop(_months.is_empty(), display.said("Nobody has left in this unit 无离网."))
    _last = _months.row(-1, named=True)
    _month = alt.X("yearmonth(month_start_date):O", title=None, axis=alt.Axis(format="%Y-%m", labelAngle=0))
    _counts = alt.Chart(kinds).mark_bar().encode(
        x=_month, y=alt.Y("sum(left_count):Q", title="left 离网数"), tooltip=["kind", "left_count"],
        color=alt.Color("kind:N", title=None, legend=alt.Legend(orient="bottom", columns=1, labelLimit=400)))
    _rates = display.over(_months.filter(pl.col("status") == "ok"), _month, "churn rate of the month 月离网率")
    mo.vstack([
        mo.md("## 1. How many leave, in which way? 量：离网多少"),
        mo.hstack([
            mo.stat(f"{_last['left_count']:,.0f}", label=f"left in {_last['month_start_date']:%Y-%m} 离网数"),
            display.stat(_last, "of those at risk 离网率", ".2%", f", of {_last['n_obs']:,}"),
            mo.stat(f"{_last['net_left_count']:,.0f}", label="without re-entries 净离网数"),
            mo.stat(f"{_last['lost_amt']:,.0f} yuan", label="monthly revenue that left 流失月收入")], widths="equal"),
        alt.hconcat(_counts.properties(width=370, height=230), _rates.properties(width=370, height=230))])
    return (kinds,)


@app.cell(hide_code=True)
def _(kinds, unit, warehouse):
    _causes = asked(warehouse, f"""
        select causes.name_en || ' ' || causes.name_zh as cause, flow.left_count, case flow.cause_evidence_code
            when 'stated' then 'stated by the customer 自述' when 'none' then 'not known 未知' else 'inferred 推断' end
            as evidence
        from mart.churn_flow as flow inner join reference.churn_causes as causes using (cause_code)
        where flow.view_code = 'cause' and flow.org_id = '{unit.value}'""")
    _directions = asked(warehouse, f"""
        select coalesce(operators.name_en || ' ' || operators.name_zh, 'Unknown 未知') as direction, flow.left_count,
            case flow.direction_evidence_code when 'port' then 'number ported 携号转网'
            when 'circle' then 'calling circle 交往圈' when 're_entry' then 're-entry 重入网' else 'not known 未知' end
            as evidence
        from mart.churn_flow as flow
        left join reference.operators as operators on flow.direction_operator_code = operators.operator_code
        where flow.view_code = 'direction' and flow.org_id = '{unit.value}'""")
    _structure = asked(warehouse, f"""
        with flow as (select * from mart.churn_flow where view_code = 'structure' and org_id = '{unit.value}'),
        parts as (
            select 'Age on net 在网时长' as part, tenure_band_code as code, left_count, n_obs from flow
            union all select 'Monthly revenue 月收入', value_band_code, left_count, n_obs from flow
            union all select 'Service 业务', service_code, left_count, n_obs from flow
            union all select 'Channel 入网渠道', channel_type_code, left_count, n_obs from flow
        ),
        words as (
            select band_code as code, name_en as words, sort_order from reference.profile_bands
            union all select service_code, name_en || ' ' || name_zh, 0 from reference.services
            union all select channel_type_code, name_en || ' ' || name_zh, 0 from reference.channel_types
        ),
        sums as (select part, code, sum(left_count) as left_count, sum(n_obs) as n_obs from parts group by all),
        least as (
            select max(parameter_value) as n_obs from reference.parameters where parameter_code = 'churn_rate_least'
        )
        select sums.part, coalesce(words.words, 'Unknown 未知') as member, sums.left_count,
            case when sums.n_obs >= least.n_obs then 'ok' else 'low_n' end as status,
            sums.left_count / sums.n_obs as estimate, wilson(sums.left_count, sums.n_obs, -1) as ci_low,
            wilson(sums.left_count, sums.n_obs, 1) as ci_high
        from sums cross join least left join words using (code)
        order by sums.part, words.sort_order nulls last, sums.left_count desc""")
    _totals = {"量 quantity": kinds, "因 cause": _causes, "向 direction": _directions,
               "构 structure": _structure.filter(pl.col("part") == "Age on net 在网时长")}
    _small = _structure.filter(pl.col("status") != "ok")["member"].unique().sort()
    mo.vstack([
        mo.md("## 2. Why, where to, and who? 因、向、构\nAll months together. Each view holds every loss once: "
              + ", ".join(f"{name} **{view['left_count'].sum():,.0f}**" for name, view in _totals.items()) + "."),
        alt.hconcat(
            display.stacked(_causes, "cause", "evidence", "left 离网数").properties(title="Cause 离网原因"),
            display.stacked(_directions, "direction", "evidence", "left 离网数").properties(title="Direction 离网去向"),
        ).resolve_scale(color="independent"),
        alt.concat(*(
            display.ranged(part, "member", "churn rate a month 月离网率", width=260).properties(title=name)
            for (name,), part in _structure.filter(pl.col("status") == "ok").group_by("part", maintain_order=True)),
            columns=2),
        mo.md(f"Too few at risk to be drawn 样本不足: {', '.join(_small)}." if len(_small) else "")])
    return


@app.cell(hide_code=True)
def _(warehouse):
    _incidence = asked(warehouse, """
        select curve.tenure_months, curve.status, curve.estimate, curve.ci_low, curve.ci_high,
            coalesce(kinds.name_en || ' ' || kinds.name_zh, 'All kinds 全部') as kind
        from mart.churn_incidence as curve left join reference.churn_kinds as kinds using (churn_kind_code)
        where curve.as_of_month = (select max(as_of_month) from mart.churn_incidence)
        order by kinds.churn_kind_code nulls first, curve.tenure_months""")
    _ok = _incidence.filter(pl.col("status") == "ok")
    _few = sorted(set(_incidence["kind"]) - set(_ok["kind"]))
    mo.vstack([
        mo.md("""## 3. When do they leave? 何时离网
Share that has left in each way by each age on net, when the ways compete (cumulative incidence 累积离网率,
Aalen-Johansen); the band is the interval. What lies above the curve of all kinds has stayed 存活. A curve begins where
enough have left"""
              + (f"; too few so far 样本不足: {', '.join(_few)}." if _few else ".")),
        display.refused(_incidence, "Leaving by age on net") or display.curve(
            _ok, alt.X("tenure_months:Q", title="months on net 在网月数"), "left by that age 累积离网率").properties(
            width=235, height=150).facet(
            alt.Facet("kind:N", title=None, sort=None, header=alt.Header(labelLimit=260)), columns=3)])
    return


@app.cell(hide_code=True)
def _(warehouse):
    _months = asked(warehouse, """
        select strftime(as_of_month, '%Y-%m') as "as of 截止月份", status as "status 状态",
            count(*) as "subscriptions 用户数", count(*) filter (is_left) as "left 离网数"
        from mart.churn_score where is_left is not null group by all order by 1""")
    _deciles = asked(warehouse, """
        with known as (
            select *, ntile(10) over (order by estimate desc, subscription_id) as decile
            from mart.churn_score
            where status = 'ok' and is_left is not null and as_of_month = (
                select max(as_of_month) from mart.churn_score where status = 'ok' and is_left is not null)
        ),
        counted as (
            select decile, count(*) as n_obs, count(*) filter (is_left) as left_count, avg(estimate) as expected
            from known group by decile
        ),
        totals as (select sum(left_count) as left_count, sum(n_obs) as n_obs from counted)
        select counted.*, case when totals.left_count >= 20 then 'ok' else 'low_n' end as status,
            counted.left_count / counted.n_obs as estimate, totals.left_count / totals.n_obs as base,
            wilson(counted.left_count, counted.n_obs, -1) as ci_low,
            wilson(counted.left_count, counted.n_obs, 1) as ci_high
        from counted cross join totals order by decile""")
    _tenth = alt.X("decile:O", title="tenth by risk, 1 = highest 风险十分位", axis=alt.Axis(labelAngle=0))
    _lifts = _deciles.with_columns(pl.col("estimate", "ci_low", "ci_high") / pl.col("base"))
    _bars = alt.Chart(_lifts).mark_bar(color=display.PALE).encode(x=_tenth, y="estimate:Q")
    _top = _deciles.select(pl.max_horizontal(pl.col("ci_high").max(), pl.col("expected").max())).item() or 1.0
    _same = alt.Chart(pl.DataFrame({"at": [0.0, _top]})).mark_line(strokeDash=[4, 4], color=display.RED)
    _forecast = alt.X("expected:Q", title="forecast share 预测离网率", axis=alt.Axis(format=".0%"))
    mo.vstack([
        mo.md("""## 4. Did the scores come true? 评分是否应验
Scores of a month are judged when the month after next is over. Drawn is the newest such month that has scores: lift
提升度 says how many times the average left; dots on the dashed line came true as forecast."""),
        display.refused(_deciles, "Scores against outcomes") or alt.hconcat(
            (_bars + display.over(_lifts, _tenth, "left, times the average 提升度", ".1f")
             + display.line_at(1)).properties(width=360, height=240, title="Lift 提升"),
            (_same.encode(x="at:Q", y="at:Q") + display.over(_deciles, _forecast, "share that left 实际离网率")
             ).properties(width=360, height=240, title="Calibration 校准")),
        display.table(_months)])
    return


@app.cell(hide_code=True)
def _(warehouse):
    card = asked(warehouse, """
        with card as (
            select *, split_part(item_code, ': ', 1) as feature_name, split_part(item_code, ': ', 2) as member
            from mart.churn_model_card where as_of_month = (select max(as_of_month) from mart.churn_model_card)
        )
        select card.* exclude (feature_name, member),
            coalesce(features.name_en || ' ' || features.name_zh, card.item_code)
            || case when card.member <> '' then ': ' || card.member else '' end as feature
        from card left join reference.churn_features as features using (feature_name)""")
    _metrics = asked(warehouse, """
        with words(item_code, metric, meaning) as (values
            ('auc', 'AUC', 'chance that a leaver stands above a stayer; by lot 0.5'),
            ('average_precision', 'Average precision 平均精度', 'leavers among the high risks; by lot the base rate'),
            ('top_decile_lift', 'Top-decile lift 首十分位提升', 'leavers in the top tenth, times the average'),
            ('empc', 'EMPC 最大期望利润', 'profit per customer of the best campaign, at textbook prices'),
            ('brier', 'Brier score 布莱尔分', 'mean squared error of the risk; lower is better'),
            ('calibration_slope', 'Calibration slope 校准斜率', '1 is right; below 1 the risks are too extreme'),
            ('calibration_intercept', 'Calibration intercept 校准截距', '0 is right; above 0 the risks are too low'))
        select words.metric, words.meaning, card.section_code, card.status, case when card.status = 'ok' then
            format('{:.3f} ({:.3f} to {:.3f})', round(card.estimate, 3) + 0, round(card.ci_low, 3) + 0,
                round(card.ci_high, 3) + 0) else card.status end as figure
        from mart.churn_model_card as card inner join words using (item_code)
        where card.section_code in ('held_out', 'baseline', 'out_of_time')
            and card.as_of_month = (select max(as_of_month) from mart.churn_model_card)
        order by list_position(['auc', 'average_precision', 'top_decile_lift', 'empc', 'brier', 'calibration_slope',
            'calibration_intercept'], card.item_code)""")
    _facts = dict(card.filter(pl.col("section_code") == "training").select("item_code", "detail_text").iter_rows())
    _titles = {"held_out": "customers not seen 留出样本", "out_of_time": "scores of an earlier month 跨期",
               "baseline": "logistic baseline 逻辑回归"}
    _wide = _metrics.pivot("section_code", index=["metric", "meaning"], values="figure", maintain_order=True)
    mo.vstack([
        mo.md(f"""## 5. How good is the model? 模型质量
Newest model: status `{_facts.get('status', 'none')}`; {int(_facts.get('n_obs', 0)):,} rows of which
{int(_facts.get('n_events', 0)):,} left; as-of months {_facts.get('train_from', '–')[:7]} to
{_facts.get('train_to', '–')[:7]}. It is judged on customers that it did not learn from, and on scores of an earlier
month whose outcome is known; 95 % intervals in brackets. Real operators reach an AUC of .65 to .80."""),
        display.refused(_metrics, "Metrics of the newest model") or display.table(_wide.select(
            "metric", *(pl.col(code).alias(title) for code, title in _titles.items() if code in _wide.columns),
            "meaning"))])
    return (card,)


@app.cell(hide_code=True)
def _(card):
    # A ratio is per unit of its feature: those of seconds or bytes lie too near to 1 to be read.
    _ratios, _drift = (card.filter(pl.col("section_code") == section) for section in ("hazard_ratio", "drift"))
    _clear = _ratios.filter(((pl.col("ci_low") > 1) | (pl.col("ci_high") < 1))
                            & (pl.col("estimate").log().abs() >= 0.01))
    _strength = (pl.col("estimate").log() / (pl.col("ci_high") / pl.col("ci_low")).log()).abs()
    _shown = _clear.sort(_strength, descending=True).head(12).sort("estimate", descending=True)
    _bars = alt.Chart(_drift.sort("estimate", descending=True, nulls_last=True).head(12)).mark_bar().encode(
        y=alt.Y("feature:N", sort="-x", title=None, axis=alt.Axis(labelLimit=320)),
        x=alt.X("estimate:Q", title="population stability index 群体稳定性指数 (PSI)"),
        color=alt.Color("status:N", title=None, scale=alt.Scale(
            domain=["ok", "watch", "shifted"], range=[display.PALE, display.AMBER, display.RED])),
        tooltip=["feature", alt.Tooltip("estimate:Q", format=".3f"), "status"]).properties(width=420)
    mo.vstack([
        mo.md(f"""## 6. What goes along with leaving, and what has changed since training? 相关因素与漂移
A hazard ratio 风险比 of 1.2: the odds of leaving in the month are 20 % higher per unit of the feature, all else in the
model equal. Shown are the clearest {_shown.height} of {_clear.height} whose interval leaves out 1."""),
        display.refused(_ratios, "Hazard ratios") or display.ranged(
            _shown, "feature", "hazard ratio 风险比, log scale", ".2f",
            scale=alt.Scale(type="log", nice=False, padding=12),
            axis=alt.Axis(format="~g", values=[0.1, 0.2, 0.5, 0.8, 1, 1.25, 2, 5, 10, 20, 50])),
        mo.md(f"""Drift 漂移 compares the newest month with the rows of training: below .1 ok, below .25 watch, else
shifted. {_drift.filter(pl.col('status') == 'shifted').height} of {_drift.height} features have shifted.""")
        if _drift.height else display.said(
            "**Drift: no figure.** No model to compare the newest month with 尚无模型."),
        _bars if _drift.height else mo.md("")])
    return


@app.cell(hide_code=True)
def _(warehouse):
    _scores = asked(warehouse, """
        with newest as (
            select * from mart.churn_score where as_of_month = (select max(as_of_month) from mart.churn_score)
        ),
        words as (select feature_name, name_en || ' ' || name_zh as words from reference.churn_features)
        select newest.*, first.words as words_1, second.words as words_2, third.words as words_3
        from newest
        left join words as first on newest.reason_code_1 = first.feature_name
        left join words as second on newest.reason_code_2 = second.feature_name
        left join words as third on newest.reason_code_3 = third.feature_name
        order by newest.risk_rank""")
    _shares = _scores.filter(pl.col("reason_family_1").is_not_null()).select(
        pl.when("is_alert").then(pl.lit("alerts 预警用户")).otherwise(pl.lit("everyone else 其他用户")).alias("who"),
        pl.col("reason_family_1").replace(FAMILIES).alias("family")).group_by("who", "family").len().with_columns(
        (pl.col("len") / pl.col("len").sum().over("who")).alias("share"))
    _chart = alt.Chart(_shares).mark_bar().encode(
        y=alt.Y("family:N", sort="-x", title=None, axis=alt.Axis(labelLimit=300)), yOffset="who:N",
        x=alt.X("share:Q", title="share with this first reason 首要原因占比", axis=alt.Axis(format=".0%")),
        color=alt.Color("who:N", title=None, scale=alt.Scale(range=[display.RED, display.GREY]),
                        legend=alt.Legend(orient="bottom")),
        tooltip=["family", "who", alt.Tooltip("share:Q", format=".1%")]).properties(width=560, height=alt.Step(13))
    _percent = [(pl.col(name) * 100).round(1) for name in ("estimate", "ci_low", "ci_high")]
    _highest = _scores.head(8).select(
        pl.col("risk_rank").alias("rank 排名"), pl.col("subscription_id").alias("subscription 用户编号"),
        pl.format("{} % ({} to {})", *_percent).alias("risk 离网概率"),
        pl.col("expected_loss_amt").round(0).cast(pl.Int64, strict=False).alias("expected loss, yuan 预期流失（元）"),
        *(pl.format("{} ({})", f"words_{n}", pl.col(f"reason_value_{n}").round(2)).alias(f"reason {n} 原因 {n}")
          for n in (1, 2, 3)))
    mo.vstack([
        mo.md(f"""## 7. Who is likely to leave next, and what is it associated with? 预警与原因
As of {_scores['as_of_date'].max() or '–'}. Reasons are the features that raise the risk of this customer most, in
log-odds 对数几率 (0.7 doubles the odds): *associated with*, not *because of*."""),
        display.refused(_scores, "Scores of the newest month") or mo.vstack([
            _chart, mo.md("The highest risks 最高风险:"), display.table(_highest)])])
    return


@app.cell(hide_code=True)
def _(warehouse):
    _judged = asked(warehouse, """
        with counts as (
            select * from (
                select as_of_month, item_code, estimate from mart.churn_model_card where section_code = 'alerts')
            pivot (max(estimate) for item_code in ('exits', 'exits_alerted', 'alerts', 'alerts_right', 'median_lead'))
            order by as_of_month desc limit 1
        ),
        shares as (
            select 1 as position, exits_alerted as hits, exits as n_obs, median_lead from counts
            union all select 2, alerts_right, alerts, median_lead from counts
        )
        select *, 'ok' as status, hits / n_obs as estimate,
            wilson(hits, n_obs, -1) as ci_low, wilson(hits, n_obs, 1) as ci_high
        from shares where n_obs > 0 order by position""").to_dicts()
    _groups = asked(warehouse, """
        with counted as (
            select as_of_month, is_alert, count(*) as n_obs, count(*) filter (is_left) as left_count,
                median(lead_days) filter (is_left) as lead_days
            from mart.churn_score where status = 'ok' and is_left is not null group by as_of_month, is_alert
        )
        select is_alert, lead_days, 'ok' as status, left_count / n_obs as estimate,
            strftime(as_of_month, '%Y-%m') || if(is_alert, ' alerts 预警用户', ' everyone else 其他用户') as who,
            wilson(left_count, n_obs, -1) as ci_low, wilson(left_count, n_obs, 1) as ci_high
        from counted order by as_of_month, is_alert desc""")
    _labels = ("of leavers had an alert 查全率", "of alerts left 查准率")
    _days = _groups.filter("is_alert")["lead_days"].median()
    _stats = [display.stat(row, label, ".1%", f"; {row['hits']:,.0f} of {row['n_obs']:,.0f}")
              for row, label in zip(_judged, _labels, strict=False)]
    if _judged and _judged[0]["median_lead"] is not None:
        _stats.append(mo.stat(f"{_judged[0]['median_lead']:.0f} months", label="median lead 提前月数中位数", caption=(
            "from the first alert" + (f"; {_days:.0f} days from the newest" if _days else ""))))
    mo.vstack([
        mo.md("""## 8. Do alerts come early enough? 预警提前量
A month has as many alerts as people can work through (parameter `churn_alert_count`)."""),
        mo.hstack(_stats, widths="equal") if _stats else display.said("No alert has a known outcome yet 预警尚无结果."),
        display.refused(_groups, "Alerts against outcomes") or display.ranged(
            _groups, "who", "share that left in the month of the outcome 实际离网率")])
    return


@app.cell(hide_code=True)
def _(card, warehouse):
    _actions = asked(warehouse, """
        select action_code as "action 动作", status, count(*) as "subscriptions 用户数",
            cast(round(sum(net_value_amt)) as bigint) as "net value, yuan 净价值（元）",
            cast(round(sum(case when action_code = 'contact' then cost_amt end)) as bigint) as "cost, yuan 成本（元）"
        from mart.retention_value where as_of_month = (select max(as_of_month) from mart.retention_value)
        group by all order by 3 desc""")
    _orders = asked(warehouse, """
        with ranked as (
            select worth.net_value_amt, count(*) over () as everyone,
                row_number() over (order by worth.value_rank, subscription_id) as value_rank,
                row_number() over (order by scores.risk_rank, subscription_id) as risk_rank
            from mart.retention_value as worth
            inner join mart.churn_score as scores using (subscription_id, as_of_month)
            where worth.status = 'ok' and as_of_month = (select max(as_of_month) from mart.retention_value)
        ),
        listed as (
            select 'by net value 按净价值' as policy, value_rank as contacted, net_value_amt, everyone from ranked
            union all select 'by risk 按风险', risk_rank, net_value_amt, everyone from ranked
        )
        select policy, contacted, sum(net_value_amt) over (partition by policy order by contacted) as net_value_amt
        from listed qualify contacted % greatest(1, everyone // 300) = 0 or contacted = 1""")

    def _told(section, words):
        found = card.filter(pl.col("section_code") == section).to_dicts()
        if not found:
            return f"{words}: no outcome yet 尚无结果."
        (row,) = found
        if row["estimate"] is None:
            why = f"`{row['status']}` {display.STATUS.get(row['status'], '')}; {row['detail_text']}"
            return f"{words}: no figure, {why}."
        points, low, high = (f"{row[name] * 100:+.1f}" for name in ("estimate", "ci_low", "ci_high"))
        return f"{words}: **{points} points** ({low} to {high}); {row['detail_text']}."

    _lines = alt.Chart(_orders).mark_line().encode(
        x=alt.X("contacted:Q", title="customers contacted, in this order 接触用户数"),
        y=alt.Y("net_value_amt:Q", title="net value, yuan 净价值（元）", axis=alt.Axis(format=",.0f")),
        color=alt.Color("policy:N", title=None, scale=alt.Scale(range=[display.BLUE, display.RED]),
                        legend=alt.Legend(orient="top")),
        tooltip=["policy", "contacted", alt.Tooltip("net_value_amt:Q", format=",.0f")])
    mo.vstack([
        mo.md("""## 9. Whom is it worth contacting? 维系价值
Net value = uplift 提升效果 × value still expected − cost of contacting. High risk alone is no reason to call: some
cannot be kept, others stay anyway. Both lines use the same estimated uplift: they compare orders, not outcomes. What
lists really save is told by the share held back as control 对照组.\n\n"""
              + _told("campaign", "Change in the share that stays when contacted") + "\n\n"
              + _told("retention_list", "What the last list saved against its control")),
        display.refused(_actions, "Net value of contacting") or _lines.properties(
            width=740, height=240), display.table(_actions)])
    return


@app.cell(hide_code=True)
def _(warehouse):
    _silence = asked(warehouse, "select * from mart.prepaid_silence order by silence_days")
    _limit = asked(warehouse, """select max(parameter_value) / 100 as share from reference.parameters
        where parameter_code = 'prepaid_reactivation_limit_pct'""")["share"].item()
    _ok = _silence.filter(pl.col("status") == "ok")
    _days = alt.X("silence_days:Q", title="days without own use 静默天数", axis=alt.Axis(tickMinStep=1, format="d"))
    _chosen = _ok.filter("is_chosen")["silence_days"].to_list()
    _said = (f"The curve stays below it from **{_chosen[0]} days** on: then silence counts as churn." if _chosen else
             "No number of days is chosen yet: as far as enough silences were watched, the curve is not below it.")
    _mark = alt.Chart(_ok.filter("is_chosen")).mark_point(filled=True, size=140, color=display.RED)
    mo.vstack([
        mo.md(f"""## 10. When has a silent prepaid number left? 预付费静默
A prepaid customer does not cancel, but falls silent. Dashed: the limit of {_limit:.0%}. {_said}
Not drawn: {_silence.height - _ok.height} of {_silence.height} numbers of days with too few silences 样本不足."""),
        display.refused(_silence, "Silent prepaid numbers") or (
            display.curve(_ok, _days, "share that comes back 复活率") + display.line_at(_limit)
            + _mark.encode(x=_days, y="estimate:Q")).properties(width=740, height=240)])
    return


if __name__ == "__main__":
    app.run()
