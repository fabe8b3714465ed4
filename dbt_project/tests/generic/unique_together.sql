{# No two rows share the values of these columns, and none of these columns is null.
   Example: unique_together: {arguments: {columns: [subscription_id, file_date]}} #}
{% test unique_together(model, columns) %}
select
    {{ columns | join(', ') }},
    count(*) as row_count
from {{ model }}
group by {{ columns | join(', ') }}
having count(*) > 1{% for column in columns %} or {{ column }} is null{% endfor %}
{% endtest %}
