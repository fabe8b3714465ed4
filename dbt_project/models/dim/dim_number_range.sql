-- One row per number range, as in the newest list; and the unknown member.
with source as (

    select
        *,
        row_number() over (
            partition by number_prefix order by file_date desc, source_file, line_number
        ) as copy_number
    from {{ ref('stg_billing__number_range') }}

),

operators as (

    select * from {{ ref('dim_operator') }}

)

select
    -- keys
    {{ surrogate_key(['source.number_prefix']) }} as number_range_key,
    coalesce(operators.operator_key, {{ unknown_key() }}) as operator_key,
    source.number_prefix,
    source.operator_code,
    source.org_id,

    -- attributes
    source.operator_name,

    -- validity
    source.valid_from
from source
left join operators on source.operator_code = operators.operator_code
where source.copy_number = 1

union all

select
    {{ unknown_key() }} as number_range_key,
    {{ unknown_key() }} as operator_key,
    '?' as number_prefix,
    '?' as operator_code,
    '?' as org_id,
    '未知 Unknown' as operator_name,
    cast('1900-01-01' as date) as valid_from
