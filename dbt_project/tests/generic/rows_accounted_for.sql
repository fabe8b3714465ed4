{# No row is lost or invented: for each value of `by` (or in all) this relation has as many rows as
   another, less those that `except_where` names there.
   Example: rows_accounted_for: {arguments: {with: ref('stg_billing__order'), by: [file_date]}} #}
{% test rows_accounted_for(model, with, by=[], where='1 = 1', with_where='1 = 1', except_where='1 = 0') %}
with here as (

    select {{ by | join(', ') ~ ', ' if by }}count(*) as row_count
    from {{ model }}
    where {{ where }}
    {{ 'group by ' ~ by | join(', ') if by }}

),

there as (

    select {{ by | join(', ') ~ ', ' if by }}count(*) as row_count
    from {{ with }}
    where {{ with_where }} and not coalesce({{ except_where }}, false)
    {{ 'group by ' ~ by | join(', ') if by }}

)

select
    {% for column in by %}coalesce(here.{{ column }}, there.{{ column }}) as {{ column }}, {% endfor %}
    here.row_count as here_row_count,
    there.row_count as there_row_count
from here
full outer join there on 1 = 1 {% for column in by %} and here.{{ column }} is not distinct from there.{{ column }}{% endfor %}
where coalesce(here.row_count, 0) <> coalesce(there.row_count, 0)
{% endtest %}
