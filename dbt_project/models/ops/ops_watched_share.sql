-- One row per share that is watched and month: rows, rows of the kind that shall be few, the share agreed in
-- `seeds/parameters.csv` and whether it is kept. A share above its limit warns; it stops nothing.
{% set watched = [] -%}
{% if theme_is_on('service_quality') -%}
{% do watched.append(('other_reason_limit_pct', ref('fct_contact'), 'contact_date', "reason_class_code = 'OTHER'")) -%}
{% do watched.append(
    ('unanswered_survey_limit_pct', ref('fct_survey_invitation'), 'invited_date', 'not is_answered')
) -%}
{% endif -%}
with counted as (
    {% for parameter, fact, day, condition in watched %}
    select
        '{{ parameter }}' as parameter_code,
        {{ month_of(day) }} as month_start_date,
        cast(count(*) as bigint) as record_count,
        cast(sum(case when {{ condition }} then 1 else 0 end) as bigint) as watched_record_count
    from {{ fact }}
    group by {{ month_of(day) }}
    union all
    {%- endfor %}
    select
        '?' as parameter_code,
        cast(null as date) as month_start_date,
        cast(0 as bigint) as record_count,
        cast(0 as bigint) as watched_record_count

)

select
    counted.parameter_code,
    limits.name_en as share_name_en,
    limits.name_zh as share_name_zh,
    counted.record_count,
    counted.watched_record_count,
    cast(limits.parameter_value as decimal(18, 4)) as limit_pct,
    100 * counted.watched_record_count <= limits.parameter_value * counted.record_count as is_within_limit,
    counted.month_start_date
from counted
inner join {{ ref('parameters') }} as limits on counted.parameter_code = limits.parameter_code
    and {{ valid_on('limits', 'counted.month_start_date') }}
