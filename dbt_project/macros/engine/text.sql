{# The part of a text that the first bracket of a regular expression matches, '' when nothing does.
   Write [0-9], not \d: engines disagree on backslashes.
   Example: {{ text_match('measured_object', 'EUtranCell=(.+)$') }} as cell_id #}
{% macro text_match(column, pattern) -%}
    regexp_extract({{ column }}, '{{ pattern }}', 1)
{%- endmacro %}

{# True when the whole or a part of a text matches a regular expression.
   Example: where {{ text_matches('offer_code', '^5G') }} #}
{% macro text_matches(column, pattern) %}{{ return(adapter.dispatch('text_matches')(column, pattern)) }}{% endmacro %}

{% macro default__text_matches(column, pattern) -%}
    regexp_matches({{ column }}, '{{ pattern }}')
{%- endmacro %}

{% macro spark__text_matches(column, pattern) -%}
    ({{ column }} rlike '{{ pattern }}')
{%- endmacro %}

{# A whole number from a fraction, half away from zero: a plain cast rounds on one engine, cuts on the other.
   Example: {{ whole_number('volume_bytes / 1024.0') }} as volume_kb #}
{% macro whole_number(expression) -%}
    cast(round({{ expression }}, 0) as bigint)
{%- endmacro %}
