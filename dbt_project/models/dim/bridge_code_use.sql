-- One row per code domain, contract column, code and day of use: how many delivered rows carry the code. Codes of a
-- register (customers, offers …) that the register lists are counted together under '*'.
with uses as (
    {% for place in code_places() %}
    {%- set day = 'uses.file_date' if place.used_on == 'file_date'
        else 'coalesce(uses.' ~ place.used_on ~ ', uses.file_date)' %}
    select
        '{{ place.domain_code }}' as domain_code,
        '{{ place.contract_id }}' as contract_id,
        '{{ place.column_name }}' as field_name,
        {% if place.register_column -%}
        case when register.code is not null then '*' else cast(uses.{{ place.column_name }} as string) end as code,
        {%- else -%}
        cast(uses.{{ place.column_name }} as string) as code,
        {%- endif %}
        cast({{ day }} as date) as used_date
    from {{ ref('stg_' ~ place.contract_id) }} as uses
    {%- if place.register_column %}
    {%- set register, column = place.register_column.split('.') %}
    left join (  -- noqa: ST05
        select distinct cast({{ column }} as string) as code from {{ ref('stg_' ~ register) }}
    ) as register
        on cast(uses.{{ place.column_name }} as string) = register.code
    {%- endif %}
    where uses.{{ place.column_name }} is not null
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    domain_code,
    contract_id,
    field_name,
    code,
    cast(count(*) as bigint) as record_count,
    used_date
from uses
group by domain_code, contract_id, field_name, code, used_date
