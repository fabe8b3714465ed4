-- One row per code domain, contract column, code, day of use and file date: how many delivered rows carry the code.
-- Codes of a register (customers, offers …) that the register lists are counted together under '*'.
with
{%- for register_column in code_places() | map(attribute='register_column') | select | unique %}
{%- set register, column = register_column.split('.') %}
{{ register }}_codes as (

    select distinct cast({{ column }} as string) as code from {{ ref(register) }}

),
{% endfor %}
uses as (
    {% for place in code_places() %}
    select
        '{{ place.domain_code }}' as domain_code,
        '{{ place.contract_id }}' as contract_id,
        '{{ place.column_name }}' as field_name,
        {% if place.register_column -%}
        case when listed.code is not null then '*' else cast(uses.{{ place.column_name }} as string) end as code,
        {%- else -%}
        cast(uses.{{ place.column_name }} as string) as code,
        {%- endif %}
        {% if place.used_on == 'file_date' -%}
        uses.file_date as used_date,
        {%- else -%}
        coalesce(cast(uses.{{ place.used_on }} as date), uses.file_date) as used_date,
        {%- endif %}
        uses.file_date
    from {{ ref('stg_' ~ place.contract_id) }} as uses
    {%- if place.register_column %}
    left join {{ place.register_column.split('.')[0] }}_codes as listed
        on cast(uses.{{ place.column_name }} as string) = listed.code
    {%- endif %}
    where uses.{{ place.column_name }} is not null and {{ since_window('uses.file_date') }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    domain_code,
    contract_id,
    field_name,
    code,
    cast(count(*) as bigint) as record_count,
    used_date,
    file_date
from uses
group by domain_code, contract_id, field_name, code, used_date, file_date
