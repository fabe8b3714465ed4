{# The sum of a measure is the same here and in another relation, for each value of `by` (or in all).
   with_measure: its name or expression there, when it differs. where/with_where: which rows count.
   Example: sums_agree: {arguments: {measure: charge_amt, with: ref('stg_billing__bill_item'), by: [file_date]}} #}
{% test sums_agree(model, measure, with, by=[], with_measure=none, where='1 = 1', with_where='1 = 1', tolerance=0) %}
with here as (

    select {{ by | map('string') | join(', ') ~ ', ' if by }}coalesce(sum({{ measure }}), 0) as total
    from {{ model }}
    where {{ where }}
    {{ 'group by ' ~ by | join(', ') if by }}

),

there as (

    select {{ by | map('string') | join(', ') ~ ', ' if by }}coalesce(sum({{ with_measure or measure }}), 0) as total
    from {{ with }}
    where {{ with_where }}
    {{ 'group by ' ~ by | join(', ') if by }}

)

select
    {% for column in by %}coalesce(here.{{ column }}, there.{{ column }}) as {{ column }}, {% endfor %}
    here.total as here_total,
    there.total as there_total
from here
full outer join there on 1 = 1 {% for column in by %} and here.{{ column }} is not distinct from there.{{ column }}{% endfor %}
where abs(coalesce(here.total, 0) - coalesce(there.total, 0)) > {{ tolerance }}
{% endtest %}
