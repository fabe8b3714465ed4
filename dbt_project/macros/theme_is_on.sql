{# Whether a theme is built: all are, but those named in BASS_THEMES_OFF (commas between).
   Example: {% if theme_is_on('service_quality') %} ... {% endif %} #}
{% macro theme_is_on(theme) -%}
    {{ return(theme not in env_var('BASS_THEMES_OFF', '').split(',')) }}
{%- endmacro %}
