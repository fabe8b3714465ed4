-- One row per member of a group and billed month: the groups that a customer belongs to at the end of the month, of
-- those that are active then. It counts once, where group_number is 1: in its legal group, else in the one with the
-- lowest number.
with months as (

    select
        revenue_month as month_start_date,
        {{ add_days(add_months('revenue_month', 1), -1) }} as month_end
    from {{ ref('fct_revenue_month') }}
    group by revenue_month

),

members as (

    select * from {{ ref('bridge_group_member') }}

),

group_versions as (

    select * from {{ ref('dim_group') }}

)

select
    -- keys
    members.customer_id,
    members.group_id,

    -- attributes
    members.role_code,
    members.payer_code,
    cast(row_number() over (
        partition by months.month_start_date, members.customer_id
        order by
            case when group_versions.tie_type_code = 'LEGAL' then 1 else 2 end,
            members.group_id,
            members.valid_from
    ) as int) as group_number,

    -- times
    months.month_start_date
from months
inner join members on {{ valid_on('members', 'months.month_end') }}
inner join group_versions on members.group_id = group_versions.group_id
    and {{ valid_on('group_versions', 'months.month_end') }}
where group_versions.status_code = 'ACTIVE'
