{# The start of the half-hour of a timestamp.
   Example: {{ half_hour_of('answered_at_local') }} as interval_at_local #}
{% macro half_hour_of(instant) -%}
    {{ add_seconds("cast(date_trunc('hour', " ~ instant ~ ") as timestamp)",
        '(case when extract(minute from ' ~ instant ~ ') >= 30 then 1800 else 0 end)') }}
{%- endmacro %}

{# Seconds since midnight of a timestamp.
   Example: {{ seconds_of_day('opened_at_local') }} #}
{% macro seconds_of_day(instant) -%}
    {{ seconds_between('cast(cast(' ~ instant ~ ' as date) as timestamp)', instant) }}
{%- endmacro %}
