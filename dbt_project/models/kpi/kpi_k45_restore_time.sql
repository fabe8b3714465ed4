-- One row per city and month: K45 mean time to restore 平均故障恢复时长: seconds from opening to restoring over
-- fault tickets restored.
select
    'K45' as kpi_id,
    'month' as period_type,
    {{ month_of('facts.restored_date') }} as period_start,
    orgs.org_id,
    cast(sum(facts.restore_s) as decimal(38, 6)) as numerator,
    cast(count(*) as decimal(38, 6)) as denominator
from {{ ref('fct_ticket') }} as facts
left join {{ ref('dim_org') }} as orgs on facts.org_key = orgs.org_key
where facts.ticket_type_code = 'fault' and facts.restored_date is not null
group by {{ month_of('facts.restored_date') }}, orgs.org_id
