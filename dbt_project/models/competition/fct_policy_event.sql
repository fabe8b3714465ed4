-- One row per event that moves the market, as newest listed: price moves, promotions, launches, rules.
with listed as (

    select
        *,
        {{ is_newest(['event_id']) }} as is_newest,
        min(file_date) over (partition by event_id) as first_file_date
    from {{ ref('stg_crm__policy_event') }}

),

orgs as (

    select * from {{ ref('dim_org') }}

),

operators as (

    select * from {{ ref('dim_operator') }}

)

select
    -- keys
    {{ surrogate_key(['listed.event_id']) }} as policy_event_key,
    coalesce(orgs.org_key, {{ unknown_key() }}) as org_key,
    coalesce(operators.operator_key, {{ unknown_key() }}) as operator_key,
    listed.event_id,
    listed.org_id,
    coalesce(listed.operator_code, 'NONE') as operator_code,

    -- attributes
    listed.event_type_code,
    listed.title,

    -- measures
    listed.price_change_share,

    -- times and lineage
    listed.announced_on,
    listed.valid_from,
    coalesce(listed.valid_to, cast('9999-12-31' as date)) as valid_to,
    listed.first_file_date
from listed
left join orgs on listed.org_id = orgs.org_id and {{ valid_on('orgs', 'listed.announced_on') }}
left join operators on listed.operator_code = operators.operator_code
where listed.is_newest
