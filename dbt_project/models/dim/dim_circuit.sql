-- One row per leased circuit and period without a change, from the daily inventory; and the unknown member.
-- Both ends are sites of the network; is_a_end_known and is_b_end_known say whether the site inventory has them.
with source as (

    select * from {{ ref('stg_network__circuit') }}

),

versions as (

    {{ history('source', 'circuit_id', [
        'customer_id', 'org_id', 'a_end_site_id', 'b_end_site_id', 'service_code', 'access_type_code',
        'port_type_code', 'bandwidth_kbps', 'circuit_grade_code', 'monthly_fee_amt', 'status_code', 'opened_on',
        'closed_on',
    ]) }}

),

sites as (

    select distinct site_id from {{ ref('stg_network__cell') }}

)

select
    -- keys
    {{ surrogate_key(['versions.circuit_id', 'versions.valid_from']) }} as circuit_key,
    versions.circuit_id,
    versions.customer_id,
    versions.org_id,
    versions.a_end_site_id,
    versions.b_end_site_id,

    -- attributes
    versions.service_code,
    versions.access_type_code,
    versions.port_type_code,
    versions.bandwidth_kbps,
    case
        when versions.bandwidth_kbps < 2048 then 'SUB_RATE'
        when versions.bandwidth_kbps < 10000 then '2M'
        when versions.bandwidth_kbps < 100000 then '10M'
        when versions.bandwidth_kbps < 155000 then '100M'
        else '155M'
    end as bandwidth_class_code,
    versions.circuit_grade_code,
    versions.monthly_fee_amt,
    versions.status_code,
    versions.opened_on,
    versions.closed_on,
    a_sites.site_id is not null as is_a_end_known,
    b_sites.site_id is not null as is_b_end_known,

    -- validity
    versions.valid_from,
    versions.valid_to,
    versions.is_current
from versions
left join sites as a_sites on versions.a_end_site_id = a_sites.site_id
left join sites as b_sites on versions.b_end_site_id = b_sites.site_id

union all

select
    {{ unknown_key() }} as circuit_key,
    '?' as circuit_id,
    '?' as customer_id,
    '?' as org_id,
    '?' as a_end_site_id,
    '?' as b_end_site_id,
    '?' as service_code,
    '?' as access_type_code,
    '?' as port_type_code,
    cast(null as bigint) as bandwidth_kbps,
    '?' as bandwidth_class_code,
    '?' as circuit_grade_code,
    cast(null as decimal(18, 2)) as monthly_fee_amt,
    '?' as status_code,
    cast(null as date) as opened_on,
    cast(null as date) as closed_on,
    false as is_a_end_known,
    false as is_b_end_known,
    cast('1900-01-01' as date) as valid_from,
    cast('9999-12-31' as date) as valid_to,
    true as is_current
