{# True when the version of a dimension row held on a day: valid_from inclusive, valid_to exclusive.
   Kept to two plain comparisons: an "or" here would turn the hash joins of the facts into nested loops.
   Example: left join orgs on t.org_id = orgs.org_id and {{ valid_on('orgs', 't.event_date') }} #}
{% macro valid_on(dimension, day) -%}
    {{ day }} >= {{ dimension }}.valid_from and {{ day }} < {{ dimension }}.valid_to
{%- endmacro %}
