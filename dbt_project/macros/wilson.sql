{# A bound of the Wilson interval of a share at 95 per cent, `side` -1 for the lower and 1 for the upper one; null where
   nothing was observed. Source: E. B. Wilson, Probable inference, JASA 22 (1927).
   Example: {{ wilson('left_count', 'at_risk_count', -1) }} as ci_low #}
{% macro wilson(hits, total, side) -%}
    {%- set n = 'cast(' ~ total ~ ' as double)' -%}
    {%- set z = '1.959963984540054' -%}
    case when {{ total }} > 0 then greatest(0.0, least(1.0, (
        {{ hits }} / {{ n }} + {{ z }} * {{ z }} / (2 * {{ n }})
        + {{ side }} * {{ z }} * sqrt(greatest({{ hits }} * ({{ n }} - {{ hits }}) / {{ n }} + {{ z }} * {{ z }} / 4, 0.0)) / {{ n }}
    ) / (1 + {{ z }} * {{ z }} / {{ n }}))) end
{%- endmacro %}

