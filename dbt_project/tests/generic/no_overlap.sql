{# Validity intervals of one key are not empty and do not overlap: valid_from inclusive, valid_to
   exclusive (null = open). gapless: the next one begins where the last one ends.
   Example: no_overlap: {arguments: {key: [subscription_id]}} #}
{% test no_overlap(model, key, valid_from='valid_from', valid_to='valid_to', gapless=false) %}
with ordered as (

    select
        {{ key | join(', ') }},
        {{ valid_from }} as valid_from,
        {{ valid_to }} as valid_to,
        lead({{ valid_from }}) over (partition by {{ key | join(', ') }} order by {{ valid_from }}, {{ valid_to }}) as next_valid_from
    from {{ model }}

)

select *
from ordered
where
    valid_from is null
    or valid_to <= valid_from
    or (next_valid_from is not null and (valid_to is null or valid_to > next_valid_from))
    {{ 'or (next_valid_from is not null and valid_to < next_valid_from)' if gapless }}
{% endtest %}
