-- One row per month and dimension, for headquarters: K75 unknown-member share 未知成员占比: rows of the facts that point
-- to the unknown member of the dimension, over rows of these facts.
with headquarters as (
    select max(org_id) as hq_id from {{ ref('dim_org') }}
    where org_level_code = 'HQ'
)

select
    'K75' as kpi_id,
    'month' as period_type,
    facts.month_start_date as period_start,
    coalesce(headquarters.hq_id, '?') as org_id,
    facts.dimension_code as breakdown_code,
    cast(sum(facts.unknown_record_count) as decimal(38, 6)) as numerator,
    cast(sum(facts.record_count) as decimal(38, 6)) as denominator
from {{ ref('ops_unknown_member') }} as facts
cross join headquarters
group by facts.month_start_date, headquarters.hq_id, facts.dimension_code
