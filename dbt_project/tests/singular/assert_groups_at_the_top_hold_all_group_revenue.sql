-- The groups at the top hold, with those below them, all revenue of members once: group-paid and member-paid apart.
{{ config(enabled=theme_is_on('key_accounts'), meta={'requirement': ['LCD04', 'SUB04']}) }}
with both_sides as (

    select
        as_of_month,
        group_paid_with_below_amt as here_group_amt,
        member_paid_with_below_amt as here_member_amt,
        0 as there_group_amt,
        0 as there_member_amt
    from {{ ref('mart_group_month') }}
    where is_top

    union all

    select
        billing_month as as_of_month,
        0 as here_group_amt,
        0 as here_member_amt,
        case when payer_code = 'GROUP' then own_amt else 0 end as there_group_amt,
        case when payer_code = 'GROUP' then 0 else own_amt end as there_member_amt
    from {{ ref('fct_group_revenue_month') }}

)

select
    as_of_month,
    sum(here_group_amt) as here_group_amt,
    sum(there_group_amt) as there_group_amt,
    sum(here_member_amt) as here_member_amt,
    sum(there_member_amt) as there_member_amt
from both_sides
group by as_of_month
having sum(here_group_amt) <> sum(there_group_amt) or sum(here_member_amt) <> sum(there_member_amt)
