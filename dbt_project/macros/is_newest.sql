{# True for the newest row of a document that is sent again whenever it changes: that of its last change, then of the
   last delivery; of one delivery the last line. Without `changed_at` the delivery alone counts.
   Example: select *, {{ is_newest(['contract_id'], 'changed_on') }} as is_newest from {{ ref('stg_crm__contract') }} #}
{% macro is_newest(key, changed_at=none) -%}
    (row_number() over (
        partition by {{ key | join(', ') }}
        order by {{ changed_at ~ ' desc, ' if changed_at }}file_date desc, source_file desc, line_number desc
    ) = 1)
{%- endmacro %}
