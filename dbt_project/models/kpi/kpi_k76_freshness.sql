-- One row per day and kind, for headquarters: K76 freshness 文件及时性: files of the day that came LATE, are MISSING, were
-- delivered twice (DUPLICATE), and all files (DELIVERED).
with headquarters as (
    select max(org_id) as hq_id from {{ ref('dim_org') }}
    where org_level_code = 'HQ'
)

{% for code, condition in [
    ('LATE', 'files.is_late'), ('MISSING', "files.state in ('waiting', 'missing')"),
    ('DUPLICATE', "files.state = 'duplicate'"), ('DELIVERED', "files.state not in ('waiting', 'missing')"),
] -%}
select
    'K76' as kpi_id,
    'day' as period_type,
    files.file_date as period_start,
    coalesce(headquarters.hq_id, '?') as org_id,
    '{{ code }}' as breakdown_code,
    cast(count(case when {{ condition }} then 1 end) as decimal(38, 6)) as numerator,
    cast(null as decimal(38, 6)) as denominator
from {{ ref('ops_file') }} as files
cross join headquarters
where files.file_date is not null and files.contract_id is not null
group by files.file_date, headquarters.hq_id
{{ 'union all' if not loop.last }}
{% endfor %}
