-- One row per code domain, contract column and delivered code that the domain does not list on the day of use: how
-- often it came, from when to when, and its share of the rows of the column.
with uses as (

    select * from {{ ref('bridge_code_use') }}

),

codes as (

    select * from {{ ref('dim_ref_code') }}
    where is_listed

),

judged as (

    select
        uses.domain_code,
        uses.contract_id,
        uses.field_name,
        uses.code,
        uses.used_date,
        uses.record_count,
        uses.code = '*' or codes.code is not null as is_listed,
        sum(uses.record_count) over (
            partition by uses.domain_code, uses.contract_id, uses.field_name
        ) as column_record_count
    from uses
    left join codes on uses.domain_code = codes.domain_code and uses.code = codes.code
        and {{ valid_on('codes', 'uses.used_date') }}

)

select
    domain_code,
    contract_id,
    field_name,
    code,
    cast(sum(record_count) as bigint) as record_count,
    cast(max(column_record_count) as bigint) as column_record_count,
    min(used_date) as first_used_date,
    max(used_date) as last_used_date
from judged
where not is_listed
group by domain_code, contract_id, field_name, code
