{# No row is lost or invented: for each value of `by` (or in all) this relation has as many rows as
   another, less those that `except_where` names there.
   Example: rows_accounted_for: {arguments: {with: ref('stg_billing__order'), by: [file_date]}} #}
{% test rows_accounted_for(model, with, by=[], where='1 = 1', with_where='1 = 1', except_where='1 = 0') %}
{%- set keys = by | map('string') | join(', ') %}
with both_sides as (

    select {{ keys ~ ', ' if by }}count(*) as here_count, 0 as there_count
    from {{ model }}
    where {{ where }}
    {{ 'group by ' ~ keys if by }}
    union all
    select {{ keys ~ ', ' if by }}0 as here_count, count(*) as there_count
    from {{ with }}
    where ({{ with_where }}) and not coalesce({{ except_where }}, false)
    {{ 'group by ' ~ keys if by }}

)

select {{ keys ~ ', ' if by }}sum(here_count) as here_count, sum(there_count) as there_count
from both_sides
{{ 'group by ' ~ keys if by }}
having sum(here_count) <> sum(there_count)
{% endtest %}
