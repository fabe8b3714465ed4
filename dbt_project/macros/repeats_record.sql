{# True for a row whose record key came before, on the same or an earlier file date: the first copy wins.
   within_days limits how far back a copy counts, for models that read a window only.
   Example: select *, {{ repeats_record(['payment_id']) }} as is_copy from {{ ref('stg_billing__payment') }} #}
{% macro repeats_record(key, within_days=none) -%}
    {%- set last_copy_date -%}
        lag(file_date) over (partition by {{ key | join(', ') }} order by file_date, source_file, line_number)
    {%- endset -%}
    {%- if within_days is none -%}
        ({{ last_copy_date }} is not null)
    {%- else -%}
        coalesce({{ days_between(last_copy_date, 'file_date') }} <= {{ within_days }}, false)
    {%- endif -%}
{%- endmacro %}
