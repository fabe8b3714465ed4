{# Whether a theme is built: all are, but those named in BASS_THEMES_OFF (commas between).
   Example: {% if theme_is_on('service_quality') %} ... {% endif %} #}
{% macro theme_is_on(theme) -%}
    {{ return(themes_are_on([theme])) }}
{%- endmacro %}

{# Whether all of these themes are built; the one place where macros and models read the switch.
   Example: {% if themes_are_on(kpi.themes) %} ... {% endif %} #}
{% macro themes_are_on(themes) -%}
    {{ return(not themes | select('in', env_var('BASS_THEMES_OFF', '').split(',')) | list) }}
{%- endmacro %}
