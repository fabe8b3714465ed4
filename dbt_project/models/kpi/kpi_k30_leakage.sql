-- One row per city, kind and day: K30 leakage value 收入漏失金额: what should have been charged less what was, for usage not
-- rated (UNRATED) or rated by a wrong version (WRONG_VERSION, negative if too much), and fees not billed (UNBILLED).
select
    'K30' as kpi_id,
    'day' as period_type,
    leakage_date as period_start,
    org_id,
    leakage_kind_code as breakdown_code,
    cast(sum(leakage_amt) as decimal(38, 6)) as numerator,
    cast(null as decimal(38, 6)) as denominator
from {{ ref('fct_leakage') }}
group by leakage_date, org_id, leakage_kind_code
