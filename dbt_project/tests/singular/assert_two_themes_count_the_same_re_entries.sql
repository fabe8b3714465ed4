-- A new subscription that replaces another one wholly is the same one in customers and in marketing.
{{ config(enabled=theme_is_on('customers') and theme_is_on('usage') and theme_is_on('marketing')) }}

with found as (

    select
        subscription_id,
        1 as customers_count,
        0 as marketing_count
    from {{ ref('fct_re_entry') }}
    where replacement_kind_code = 'whole'

    union all

    select
        subscription_id,
        0 as customers_count,
        1 as marketing_count
    from {{ ref('fct_new_subscription') }}
    where is_reentry

)

select subscription_id
from found
group by subscription_id
having sum(customers_count) <> sum(marketing_count)
