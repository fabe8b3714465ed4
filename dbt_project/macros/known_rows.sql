{# The rows of a staging model that features may use, as a whole select: with `known_month`, the first as-of month whose
   features may know them, because the file that brought them had come by its cut-off (feature_file). Rows of a file that
   is not accepted are not in the lake.
   Example: listings as ({{ known_rows('billing__subscription', ['subscription_id', 'offer_id']) }}) #}
{% macro known_rows(contract_id, columns) -%}
    select
        {%- for column in columns %}
        delivered.{{ column }},
        {%- endfor %}
        delivered.source_file,
        delivered.line_number,
        delivered.file_date,
        files.known_month
    from {{ ref('stg_' ~ contract_id) }} as delivered
    inner join {{ ref('feature_file') }} as files on delivered.source_file = files.file_name
        and files.contract_id = '{{ contract_id }}'
{%- endmacro %}

{# The newest row of each id in a register as it was known for each as-of month, as a whole select. `relation` is a CTE
   made by known_rows, `months` one with as_of_month and as_of_date.
   Example: accounts as ({{ newest_known('account_rows', 'account_id', ['is_prepaid'], 'months') }}) #}
{% macro newest_known(relation, id, columns, months) -%}
    select
        as_of_month,
        {{ id }}
        {%- for column in columns %},
        {{ column }}
        {%- endfor %}
    from (
        select
            months.as_of_month,
            listed.*,
            row_number() over (
                partition by months.as_of_month, listed.{{ id }}
                order by listed.file_date desc, listed.source_file desc, listed.line_number desc
            ) as newest_number
        from {{ relation }} as listed
        inner join {{ months }} as months on listed.known_month <= months.as_of_month
            and listed.file_date <= months.as_of_date
    ) as numbered
    where newest_number = 1
{%- endmacro %}
