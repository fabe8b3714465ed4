{# The sum of a measure is the same here and in another relation, for each value of `by` (or in all).
   with_measure: its name or expression there, when it differs. where/with_where: which rows count.
   Example: sums_agree: {arguments: {measure: charge_amt, with: ref('stg_billing__bill_item'), by: [file_date]}} #}
{% test sums_agree(model, measure, with, by=[], with_measure=none, where='1 = 1', with_where='1 = 1', tolerance=0) %}
{%- set keys = by | map('string') | join(', ') %}
with both_sides as (

    select {{ keys ~ ', ' if by }}sum({{ measure }}) as here_total, null as there_total
    from {{ model }}
    where {{ where }}
    {{ 'group by ' ~ keys if by }}
    union all
    select {{ keys ~ ', ' if by }}null as here_total, sum({{ with_measure or measure }}) as there_total
    from {{ with }}
    where {{ with_where }}
    {{ 'group by ' ~ keys if by }}

)

select {{ keys ~ ', ' if by }}sum(here_total) as here_total, sum(there_total) as there_total
from both_sides
{{ 'group by ' ~ keys if by }}
having abs(coalesce(sum(here_total), 0) - coalesce(sum(there_total), 0)) > {{ tolerance }}
{% endtest %}
