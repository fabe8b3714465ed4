-- One row per coverage area, as its first cell has it in the newest inventory; and the unknown member.
with cells as (

    select
        *,
        row_number() over (
            partition by area_id order by file_date desc, cell_id, source_file, line_number
        ) as copy_number
    from {{ ref('stg_network__cell') }}

)

select
    -- keys
    {{ surrogate_key(['area_id']) }} as area_key,
    area_id,
    org_id,

    -- attributes
    area_class_code
from cells
where copy_number = 1

union all

select
    {{ unknown_key() }} as area_key,
    '?' as area_id,
    '?' as org_id,
    '?' as area_class_code
