-- One row per code domain and contract column that holds its codes, and one for a domain that no feed delivers: rows,
-- rows with an unknown code, the share agreed, and whether it is kept.
with domains as (

    select * from {{ ref('code_domains') }}

),

uses as (

    select
        domain_code,
        contract_id,
        column_name,
        sum(row_count) as row_count,
        count(distinct code) as code_count
    from {{ ref('bridge_code_use') }}
    group by domain_code, contract_id, column_name

),

unknown as (

    select
        domain_code,
        contract_id,
        column_name,
        sum(row_count) as row_count,
        count(*) as code_count
    from {{ ref('ops_unknown_code') }}
    group by domain_code, contract_id, column_name

)

select
    cast(domains.domain_number as int) as domain_number,
    domains.domain_code,
    uses.contract_id,
    uses.column_name,
    domains.owner,
    cast(coalesce(uses.row_count, 0) as bigint) as row_count,
    cast(coalesce(unknown.row_count, 0) as bigint) as unknown_row_count,
    cast(coalesce(uses.code_count, 0) as bigint) as code_count,
    cast(coalesce(unknown.code_count, 0) as bigint) as unknown_code_count,
    domains.unknown_share_limit,
    coalesce(unknown.row_count, 0) <= domains.unknown_share_limit * coalesce(uses.row_count, 0) as is_within_limit
from domains
left join uses on domains.domain_code = uses.domain_code
left join unknown
    on uses.domain_code = unknown.domain_code
    and uses.contract_id = unknown.contract_id
    and uses.column_name = unknown.column_name
