{# The rest of a monthly KPI whose denominator is the average subscriptions (K05): a city that has only one of the two
   keeps its row. `numerators` is a CTE with period_start, org_id and numerator.
   Example: with numerators as (select ... from ...) {{ per_average_subscription('K13', 'numerators') }} #}
{% macro per_average_subscription(kpi_id, numerators) -%}
    select
        '{{ kpi_id }}' as kpi_id,
        'month' as period_type,
        period_start,
        org_id,
        cast(sum(numerator) as decimal(38, 6)) as numerator,
        cast(sum(denominator) as decimal(38, 6)) as denominator
    from (
        select
            period_start,
            org_id,
            numerator,
            0 as denominator
        from {{ numerators }}
        union all
        select
            period_start,
            org_id,
            0 as numerator,
            numerator as denominator
        from {{ ref('kpi_k05_average_subscriptions') }}
    ) as parts
    group by period_start, org_id
{%- endmacro %}
