-- One row per city and month: K43 self-service share 自助服务占比: sessions and contacts solved without an agent over
-- sessions not handed over and contacts.
with wishes as (
    select
        org_key,
        session_date as wish_date,
        is_solved
    from {{ ref('fct_self_service') }}
    where result_code <> 'to_agent'
    union all
    select
        org_key,
        contact_date as wish_date,
        outcome_code = 'self_served' as is_solved
    from {{ ref('fct_contact') }}
)

select
    'K43' as kpi_id,
    'month' as period_type,
    {{ month_of('wishes.wish_date') }} as period_start,
    orgs.org_id,
    cast(count(case when wishes.is_solved then 1 end) as decimal(38, 6)) as numerator,
    cast(count(*) as decimal(38, 6)) as denominator
from wishes
left join {{ ref('dim_org') }} as orgs on wishes.org_key = orgs.org_key
group by {{ month_of('wishes.wish_date') }}, orgs.org_id
