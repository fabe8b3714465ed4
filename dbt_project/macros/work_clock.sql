{# What the clock of working time shows at a moment, in seconds: the difference of two readings is the working time
   between them. `calendar` is an alias of dim_work_calendar joined on the day of the moment.
   Example: {{ work_clock('last_days', 'ended_at_local') }} - {{ work_clock('first_days', 'opened_at_local') }} #}
{% macro work_clock(calendar, instant) -%}
    ({{ calendar }}.worked_before_s
        + least(greatest({{ seconds_of_day(instant) }} - {{ calendar }}.begins_s, 0), {{ calendar }}.work_s))
{%- endmacro %}
