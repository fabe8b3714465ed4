{# Opening + added - removed = closing in each row, and each period opens where the one before closed.
   Example: stock_flow_holds: {arguments: {key: [org_id], period: file_date, opening: opening_count,
       added: [new_count, returned_count], removed: [lost_count], closing: closing_count}} #}
{% test stock_flow_holds(model, key, period, opening, added, removed, closing) %}
with ordered as (

    select
        {{ key | join(', ') ~ ', ' if key }}{{ period }},
        {{ opening }} as opening_value,
        {{ opening }}{% for column in added %} + {{ column }}{% endfor %}{% for column in removed %} - {{ column }}{% endfor %} as computed_closing_value,
        {{ closing }} as closing_value,
        lag({{ closing }}) over ({{ 'partition by ' ~ key | join(', ') if key }} order by {{ period }}) as last_closing_value
    from {{ model }}

)

select *
from ordered
where
    computed_closing_value is distinct from closing_value
    or (last_closing_value is not null and last_closing_value <> opening_value)
{% endtest %}
