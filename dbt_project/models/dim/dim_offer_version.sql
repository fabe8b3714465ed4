-- One row per offer and period in which the catalogue said the same of it; and the unknown member. An offer that a
-- later list lacks is withdrawn from the day of that list on; it and its versions stay readable.
with components as (

    select * from {{ ref('stg_billing__offer') }}

),

lists as (

    select distinct file_date from components

),

last_listings as (

    select
        offer_id,
        max(file_date) as last_listed_date
    from components
    group by offer_id

),

withdrawals as (

    select
        last_listings.offer_id,
        min(lists.file_date) as withdrawn_on
    from last_listings
    inner join lists on last_listings.last_listed_date < lists.file_date
    group by last_listings.offer_id

),

versions as (

    {{ history('components', 'offer_id', [
        'offer_name', 'offer_family_code', 'service_code', 'is_addon', 'lifecycle_status_code',
    ]) }}

)

select
    -- keys
    {{ surrogate_key(['versions.offer_id', 'versions.valid_from']) }} as offer_version_key,
    versions.offer_id,

    -- attributes
    versions.offer_name,
    versions.offer_family_code,
    versions.service_code,
    versions.is_addon,
    versions.lifecycle_status_code,
    versions.is_current and withdrawals.offer_id is null and versions.lifecycle_status_code = 'active' as is_on_sale,

    -- validity
    withdrawals.withdrawn_on,
    versions.valid_from,
    versions.valid_to,
    versions.is_current
from versions
left join withdrawals on versions.offer_id = withdrawals.offer_id

union all

select
    {{ unknown_key() }} as offer_version_key,
    '?' as offer_id,
    '未知 Unknown' as offer_name,
    '?' as offer_family_code,
    '?' as service_code,
    false as is_addon,
    '?' as lifecycle_status_code,
    false as is_on_sale,
    cast(null as date) as withdrawn_on,
    cast('1900-01-01' as date) as valid_from,
    cast('9999-12-31' as date) as valid_to,
    true as is_current
