-- Question: Do waiting time, drop rate and satisfaction move together by city? 各地市等待时长、掉话率与满意度是否同向变化？
select
    orgs.org_name,
    round(max(kpis.kpi_value) filter (where kpis.kpi_id = 'K40'), 1) as wait_s,
    round(100 * max(kpis.kpi_value) filter (where kpis.kpi_id = 'K54'), 3) as drop_pct,
    round(100 * max(kpis.kpi_value) filter (where kpis.kpi_id = 'K36'), 1) as first_contact_pct,
    round(max(kpis.kpi_value) filter (where kpis.kpi_id = 'K50' and kpis.breakdown_code = 'SATISFACTION'), 1)
        as satisfaction,
    cast(max(kpis.denominator) filter (where kpis.kpi_id = 'K50' and kpis.breakdown_code = 'SATISFACTION') as bigint)
        as answer_count,
    round(max(kpis.kpi_value) filter (where kpis.kpi_id = 'K34'), 1) as complaints_per_10000
from kpi.fct_kpi_month as kpis
inner join dim.dim_org as orgs on kpis.org_key = orgs.org_key
where
    kpis.is_in_force and kpis.org_level_code = 'CITY'
    and kpis.period_start = (select max(period_start) from kpi.fct_kpi_month where kpi_id = 'K50')
group by orgs.org_name
order by satisfaction desc nulls last
