-- One row per organisation unit and period in which neither it nor a unit above it changed; and the
-- unknown member. hq/province/city/county are the levels as they were in the period, current_* as they
-- are now. A level below the unit is null; a level above it that the tree lacks is '?'.
{% set levels = ['hq', 'province', 'city', 'county'] -%}
{% set depth = 4 -%}

with lists as (

    select
        *,
        row_number() over (
            partition by org_id, valid_from order by file_date desc, source_file, line_number
        ) as copy_number,
        max(file_date) over () as newest_date
    from {{ ref('stg_crm__org') }}

),

units as (

    select
        org_id,
        org_name,
        org_level_code,
        org_type_code,
        status_code,
        parent_org_id,
        file_date,
        case
            when row_number() over (partition by org_id order by valid_from) = 1 then cast('1900-01-01' as date)
            else valid_from
        end as valid_from,
        coalesce(
            lead(valid_from) over (partition by org_id order by valid_from), cast('9999-12-31' as date)
        ) as valid_to
    from lists
    where copy_number = 1

),

change_days as (

    select distinct valid_from as change_date from units

),

-- Each unit on each day on which any unit changed, with the units above it on that day.
chains as (

    select
        change_days.change_date,
        units.org_id,
        units.org_name,
        units.org_level_code,
        units.org_type_code,
        units.status_code,
        units.parent_org_id,
        {%- for level in levels %}
        {%- for attribute in ['id', 'name'] %}
        case
            when units.org_level_code = '{{ level | upper }}' then units.org_{{ attribute }}
            {%- for step in range(1, depth + 1) %}
            when above_{{ step }}.org_level_code = '{{ level | upper }}' then above_{{ step }}.org_{{ attribute }}
            {%- endfor %}
        end as {{ level }}_{{ attribute }},
        {%- endfor %}
        {%- endfor %}
        case units.org_level_code
            when 'HQ' then 0 when 'PROVINCE' then 1 when 'CITY' then 2 when 'COUNTY' then 3 else 4
        end as org_rank
    from change_days
    inner join units on {{ valid_on('units', 'change_days.change_date') }}
    {%- for step in range(1, depth + 1) %}
    left join units as above_{{ step }}
        on {{ 'units' if step == 1 else 'above_' ~ (step - 1) }}.parent_org_id = above_{{ step }}.org_id
        and {{ valid_on('above_' ~ step, 'change_days.change_date') }}
    {%- endfor %}

),

-- The shape that history() expects: one row per unit and day of change.
states as (

    select
        org_id,
        org_name,
        org_level_code,
        org_type_code,
        status_code,
        parent_org_id,
        {%- for level in levels %}
        case when org_rank >= {{ loop.index0 }} then coalesce({{ level }}_id, '?') end as {{ level }}_id,
        case when org_rank >= {{ loop.index0 }} then coalesce({{ level }}_name, '未知 Unknown') end as {{ level }}_name,
        {%- endfor %}
        change_date as file_date,
        '' as source_file,
        0 as line_number
    from chains

),

versions as (

    {{ history('states', 'org_id', [
        'org_name', 'org_level_code', 'org_type_code', 'status_code', 'parent_org_id', 'hq_id', 'hq_name', 'province_id',
        'province_name', 'city_id', 'city_name', 'county_id', 'county_name',
    ]) }}

),

listed as (

    select distinct org_id
    from lists
    where file_date = newest_date

)

select
    -- keys
    {{ surrogate_key(['versions.org_id', 'versions.valid_from']) }} as org_key,
    versions.org_id,
    versions.parent_org_id,

    -- attributes
    versions.org_name,
    versions.org_level_code,
    versions.org_type_code,
    versions.status_code as org_status_code,
    listed.org_id is not null as is_listed,

    -- levels as they were
    {%- for level in levels %}
    versions.{{ level }}_id,
    versions.{{ level }}_name,
    {%- endfor %}

    -- levels as they are
    {%- for level in levels %}
    newest.{{ level }}_id as current_{{ level }}_id,
    newest.{{ level }}_name as current_{{ level }}_name,
    {%- endfor %}

    -- validity
    versions.valid_from,
    versions.valid_to,
    versions.is_current
from versions
left join versions as newest on versions.org_id = newest.org_id and newest.is_current
left join listed on versions.org_id = listed.org_id

union all

select
    {{ unknown_key() }} as org_key,
    '?' as org_id,
    cast(null as string) as parent_org_id,
    '未知 Unknown' as org_name,
    '?' as org_level_code,
    '?' as org_type_code,
    '?' as org_status_code,
    false as is_listed,
    {%- for prefix in ['', 'current_'] %}
    {%- for level in levels %}
    '?' as {{ prefix }}{{ level }}_id,
    '未知 Unknown' as {{ prefix }}{{ level }}_name,
    {%- endfor %}
    {%- endfor %}
    cast('1900-01-01' as date) as valid_from,
    cast('9999-12-31' as date) as valid_to,
    true as is_current
