-- One row per unit and month: K07 annualised churn 年化离网率: the share that would leave in a year if every month lost
-- what this one did: 1 - (1 - K06) ^ 12.
with cities as (
    select
        rates.period_start,
        rates.numerator,
        rates.denominator,
        orgs.org_key
    from {{ ref('kpi_k06_churn_rate') }} as rates
    left join {{ ref('dim_org') }} as orgs on rates.org_id = orgs.org_id
        and {{ valid_on('orgs', add_days(add_months('rates.period_start', 1), -1)) }}
),

at_levels as ({{ at_every_level('cities', ['period_start', 'numerator', 'denominator']) }})

select
    'K07' as kpi_id,
    'month' as period_type,
    period_start,
    org_id,
    cast(1 - power(
        1 - cast(sum(numerator) as double) / nullif(cast(sum(denominator) as double), 0), 12
    ) as decimal(38, 6)) as numerator,
    cast(1 as decimal(38, 6)) as denominator
from at_levels
group by period_start, org_id
having sum(denominator) > 0
