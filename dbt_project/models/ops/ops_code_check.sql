-- One row per code domain and contract column that holds its codes, and one for a domain that no feed delivers: rows,
-- rows with an unknown code, the share agreed, and whether it is kept.
with domains as (

    select * from {{ ref('code_domains') }}

),

uses as (

    select
        domain_code,
        contract_id,
        field_name,
        sum(record_count) as record_count,
        count(distinct code) as code_count
    from {{ ref('bridge_code_use') }}
    group by domain_code, contract_id, field_name

),

unknown_codes as (

    select
        domain_code,
        contract_id,
        field_name,
        sum(record_count) as record_count,
        count(*) as code_count
    from {{ ref('ops_unknown_code') }}
    group by domain_code, contract_id, field_name

)

select
    cast(domains.domain_number as int) as domain_number,
    domains.domain_code,
    uses.contract_id,
    uses.field_name,
    domains.owner,
    cast(coalesce(uses.record_count, 0) as bigint) as record_count,
    cast(coalesce(unknown_codes.record_count, 0) as bigint) as unknown_record_count,
    cast(coalesce(uses.code_count, 0) as bigint) as code_count,
    cast(coalesce(unknown_codes.code_count, 0) as bigint) as unknown_code_count,
    domains.unknown_share_limit,
    coalesce(unknown_codes.record_count, 0)
        <= domains.unknown_share_limit * coalesce(uses.record_count, 0) as is_within_limit
from domains
left join uses on domains.domain_code = uses.domain_code
left join unknown_codes
    on uses.domain_code = unknown_codes.domain_code
    and uses.contract_id = unknown_codes.contract_id
    and uses.field_name = unknown_codes.field_name
