-- Question: Who is silent, and what did the new definition change? 谁在沉默，新口径改变了什么？
select
    period_start as day,
    max(kpi_value) filter (where definition_version = 1) as silent_share_any_use,
    max(kpi_value) filter (where definition_version = 2) as silent_share_own_use,
    max(definition_version) filter (where is_in_force) as version_in_force
from kpi.fct_kpi_day
where kpi_id = 'K12' and org_level_code = 'HQ'
group by all
order by day
