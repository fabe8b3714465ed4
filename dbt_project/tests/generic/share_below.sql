{# The share of rows for which a condition is true is at most a limit from 0 to 1, for data one cannot mend.
   Example: share_below: {arguments: {condition: "reason_code = 'UNKNOWN'", at_most: 0.05}} #}
{% test share_below(model, condition, at_most, where='1 = 1') %}
with counted as (

    select
        count(*) as row_count,
        count(case when {{ condition }} then 1 end) as found_count
    from {{ model }}
    where {{ where }}

)

select
    row_count,
    found_count
from counted
where found_count > {{ at_most }} * row_count
{% endtest %}
