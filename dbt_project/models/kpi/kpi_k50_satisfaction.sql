-- One row per city, question and month: K50 satisfaction and recommendation 满意度与净推荐值: score on a scale of 0 to 100
-- (SATISFACTION); promoters (9, 10) less detractors (0 to 6) of 100 (NPS); over answers.
{% set parts = {
    'SATISFACTION': ('sum(100 * facts.score / cast(facts.scale_max as decimal(10, 2)))', 'SATISFACTION'),
    'NPS': ('100 * sum(case when facts.score >= 9 then 1 when facts.score <= 6 then -1 else 0 end)', 'RECOMMEND'),
} -%}
{% for breakdown, (numerator, question) in parts.items() %}
select
    'K50' as kpi_id,
    'month' as period_type,
    {{ month_of('facts.answer_date') }} as period_start,
    orgs.org_id,
    '{{ breakdown }}' as breakdown_code,
    cast({{ numerator }} as decimal(38, 6)) as numerator,
    cast(count(*) as decimal(38, 6)) as denominator
from {{ ref('fct_survey_response') }} as facts
left join {{ ref('dim_org') }} as orgs on facts.org_key = orgs.org_key
where facts.question_code = '{{ question }}'
group by {{ month_of('facts.answer_date') }}, orgs.org_id
{{ 'union all' if not loop.last }}
{%- endfor %}
