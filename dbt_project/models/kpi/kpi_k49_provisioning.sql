-- One row per unit, statistic and month: K49 provisioning 开通时长与承诺兑现: seconds from order to opening (P50, P90), and
-- openings done by the time promised (PROMISED).
with openings as (
    select
        {{ month_of(add_seconds('created_at_local', 'lead_time_s')) }} as period_start,
        org_key,
        lead_time_s,
        is_promise_met
    from {{ ref('fct_order') }}
    where order_type_code = 'OPEN' and done_at is not null
),

at_levels as ({{ at_every_level('openings', ['period_start', 'lead_time_s', 'is_promise_met']) }}),

parts as (
    select
        period_start,
        org_id,
        breakdown_code,
        ranked_value as part,
        1 as whole
    from ({{ nearest_ranks('at_levels', 'lead_time_s', ['period_start', 'org_id'], [50, 90]) }}) as ranks
    union all
    select
        period_start,
        org_id,
        'PROMISED' as breakdown_code,
        count(case when is_promise_met then 1 end) as part,
        count(is_promise_met) as whole
    from at_levels
    group by period_start, org_id
)

select
    'K49' as kpi_id,
    'month' as period_type,
    period_start,
    org_id,
    breakdown_code,
    cast(part as decimal(38, 6)) as numerator,
    cast(whole as decimal(38, 6)) as denominator
from parts
