-- One row per group, customer and first day of membership: who belonged to which group, from when to when, in which
-- role, and who pays. A customer may be in several groups at once, but in one legal group only.
with memberships as (

    select
        *,
        {{ is_newest(['group_id', 'customer_id', 'valid_from']) }} as is_newest
    from {{ ref('stg_billing__group_member') }}

),

group_versions as (

    select * from {{ ref('dim_group') }}
    where is_current

),

dated as (

    select
        memberships.group_id,
        memberships.customer_id,
        memberships.role_code,
        memberships.payer_code,
        memberships.is_virtual_net,
        coalesce(group_versions.tie_type_code, '?') as tie_type_code,
        memberships.valid_from,
        coalesce(memberships.valid_to, cast('9999-12-31' as date)) as valid_to
    from memberships
    left join group_versions on memberships.group_id = group_versions.group_id
    where memberships.is_newest

),

-- Virtual networks of one customer that overlap in time: their calls are free twice.
shared_nets as (

    select distinct
        here.group_id,
        here.customer_id,
        here.valid_from
    from dated as here
    inner join dated as other on here.customer_id = other.customer_id
        and here.valid_from < other.valid_to
        and here.valid_to > other.valid_from
    where here.group_id <> other.group_id and here.is_virtual_net and other.is_virtual_net

)

select
    -- keys
    {{ surrogate_key(['dated.group_id', 'dated.customer_id', 'dated.valid_from']) }} as group_member_key,
    dated.group_id,
    dated.customer_id,

    -- attributes
    dated.tie_type_code,
    dated.role_code,
    dated.payer_code,
    dated.is_virtual_net,
    shared_nets.group_id is not null as is_virtual_net_overlap,

    -- validity
    dated.valid_from,
    dated.valid_to
from dated
left join shared_nets on dated.group_id = shared_nets.group_id
    and dated.customer_id = shared_nets.customer_id
    and dated.valid_from = shared_nets.valid_from
