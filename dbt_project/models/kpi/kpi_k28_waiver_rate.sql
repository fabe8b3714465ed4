-- One row per city and month: K28 waiver rate 减免率: credits given in the month over net charges of the bills issued in
-- it.
with parts as (
    select
        org_key,
        adjusted_date as event_date,
        adjustment_amt,
        0 as net_amt
    from {{ ref('fct_adjustment') }}
    union all
    select
        org_key,
        issued_on as event_date,
        0 as adjustment_amt,
        net_amt
    from {{ ref('fct_bill') }}
)

select
    'K28' as kpi_id,
    'month' as period_type,
    {{ month_of('parts.event_date') }} as period_start,
    orgs.org_id,
    cast(sum(parts.adjustment_amt) as decimal(38, 6)) as numerator,
    cast(sum(parts.net_amt) as decimal(38, 6)) as denominator
from parts
left join {{ ref('dim_org') }} as orgs on parts.org_key = orgs.org_key
group by {{ month_of('parts.event_date') }}, orgs.org_id
