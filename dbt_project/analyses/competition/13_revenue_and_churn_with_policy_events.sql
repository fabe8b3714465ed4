-- Question: Which policy events fall on the months of our revenue and churn? 收入与离网曲线上的政策事件标注？
select
    kpis.period_start as month,
    round(max(kpis.numerator) filter (where kpis.kpi_id = 'K13'), 2) as net_amt,
    round(100 * max(kpis.kpi_value) filter (where kpis.kpi_id = 'K06'), 3) as churn_pct,
    events.event_id,
    events.event_type_code,
    events.title,
    events.valid_from,
    orgs.org_name as scope_name
from kpi.fct_kpi_month as kpis
left join competition.fct_policy_event as events on date_trunc('month', events.valid_from) = kpis.period_start
left join dim.dim_org as orgs on events.org_key = orgs.org_key
where kpis.kpi_id in ('K06', 'K13') and kpis.is_in_force and kpis.org_level_code = 'HQ'
group by all
order by month, events.valid_from, events.event_id
