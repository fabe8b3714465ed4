-- One row per group and billed month: its place in the hierarchy of groups, and the revenue of its members, paid by the
-- group and by themselves apart. Own revenue counts each member once, in the group that counts it; revenue with the
-- groups below adds theirs, so that the groups at the top hold all of it and no two of them the same.
{% set depth = 5 -%}
{{ config(alias='group_month', enabled=theme_is_on('key_accounts')) }}

with own as (

    select
        group_id,
        billing_month as as_of_month,
        sum(case when payer_code = 'GROUP' then own_amt else 0 end) as group_paid_amt,
        sum(case when payer_code = 'GROUP' then 0 else own_amt end) as member_paid_amt
    from {{ ref('fct_group_revenue_month') }}
    group by group_id, billing_month

),

months as (

    select
        as_of_month,
        {{ add_days(add_months('as_of_month', 1), -1) }} as as_of_date
    from own
    group by as_of_month

),

versions as (

    select * from {{ ref('dim_group') }}
    where group_id <> '?'

),

members as (

    select
        month_start_date as as_of_month,
        group_id,
        count(*) as member_count
    from {{ ref('int_group_member_month') }}
    where group_number = 1
    group by month_start_date, group_id

),

listed as (

    select
        months.as_of_month,
        months.as_of_date,
        versions.group_key,
        versions.group_id,
        versions.org_id,
        versions.tie_type_code,
        versions.status_code,
        case when versions.parent_group_id <> versions.group_id then versions.parent_group_id end as parent_group_id
    from months
    inner join versions on {{ valid_on('versions', 'months.as_of_date') }}

),

known as (

    select
        listed.*,
        parents.group_id as known_parent_id
    from listed
    left join listed as parents on listed.parent_group_id = parents.group_id
        and listed.as_of_month = parents.as_of_month

),

-- Every group with itself and with each group above it.
step_0 as (

    select
        as_of_month,
        group_id,
        group_id as above_group_id,
        known_parent_id as next_group_id
    from known

),
{% for level in range(1, depth) %}
step_{{ level }} as (

    select
        below.as_of_month,
        below.group_id,
        known.group_id as above_group_id,
        known.known_parent_id as next_group_id
    from step_{{ level - 1 }} as below
    inner join known on below.as_of_month = known.as_of_month and below.next_group_id = known.group_id

),
{% endfor %}
lines as (

    {% for level in range(depth) -%}
    select
        as_of_month,
        group_id,
        above_group_id,
        {{ level }} as steps
    from step_{{ level }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

-- A ring of parents, if a list ever holds one, counts each group once.
above as (

    select
        as_of_month,
        group_id,
        above_group_id,
        min(steps) as steps
    from lines
    group by as_of_month, group_id, above_group_id

),

places as (

    select
        as_of_month,
        group_id,
        max(steps) + 1 as level_number,
        max_by(above_group_id, steps) as top_group_id
    from above
    group by as_of_month, group_id

),

totals as (

    select
        above.as_of_month,
        above.above_group_id as group_id,
        count(*) - 1 as groups_below_count,
        sum(coalesce(own.group_paid_amt, 0)) as group_paid_amt,
        sum(coalesce(own.member_paid_amt, 0)) as member_paid_amt
    from above
    left join own on above.as_of_month = own.as_of_month and above.group_id = own.group_id
    group by above.as_of_month, above.above_group_id

)

select
    -- keys
    {{ surrogate_key(['known.group_id', 'known.as_of_month']) }} as group_month_key,
    known.group_id as entity_id,
    known.group_id,
    known.group_key,
    known.known_parent_id as parent_group_id,
    places.top_group_id,
    known.org_id,

    -- attributes
    'group x month' as grain,
    known.tie_type_code,
    known.status_code,
    known.known_parent_id is null as is_top,
    cast(places.level_number as int) as level_number,

    -- measures
    cast(coalesce(members.member_count, 0) as bigint) as member_count,
    cast(totals.groups_below_count as bigint) as groups_below_count,
    cast(coalesce(own.group_paid_amt, 0) as decimal(18, 2)) as group_paid_amt,
    cast(coalesce(own.member_paid_amt, 0) as decimal(18, 2)) as member_paid_amt,
    cast(coalesce(own.group_paid_amt + own.member_paid_amt, 0) as decimal(18, 2)) as revenue_amt,
    cast(totals.group_paid_amt as decimal(18, 2)) as group_paid_with_below_amt,
    cast(totals.member_paid_amt as decimal(18, 2)) as member_paid_with_below_amt,
    cast(totals.group_paid_amt + totals.member_paid_amt as decimal(18, 2)) as revenue_with_below_amt,
    'CNY' as currency_code,

    -- times
    known.as_of_date,
    known.as_of_month
from known
inner join places on known.as_of_month = places.as_of_month and known.group_id = places.group_id
inner join totals on known.as_of_month = totals.as_of_month and known.group_id = totals.group_id
left join own on known.as_of_month = own.as_of_month and known.group_id = own.group_id
left join members on known.as_of_month = members.as_of_month and known.group_id = members.group_id
