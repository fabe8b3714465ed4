{# Rows and sums of one relation per file date from the first day of the window on, one row per measure: selects joined by union all.
   Example: layer_totals('lake', 'billing__payment', source('billing', 'payment'), ['amount_fen'], ['amount_fen']) #}
{% macro layer_totals(layer, contract_id, relation, measures, expressions, where='1 = 1') -%}
    {%- for measure, total in [('rows', 'count(*)')] + (zip(measures, expressions) | list) %}
    select
        '{{ layer }}' as layer_code,
        '{{ contract_id }}' as contract_id,
        '{{ measure }}' as measure,
        cast({{ total if loop.first else 'sum(' ~ total ~ ')' }} as decimal(38, 6)) as total,
        file_date
    from {{ relation }}
    where {{ since_window('file_date') }} and {{ where }}
    group by file_date
    {{- ' union all' if not loop.last }}
    {%- endfor %}
{%- endmacro %}
