-- What accounts owe at a month-end, by days past due, is what the billing system's own list (03007) says, to the fen.
{% set buckets = {
    'NOT_DUE': 'not_due_amt', '0-30': 'days_0_30_amt', '31-60': 'days_31_60_amt', '61-90': 'days_61_90_amt',
    '91-180': 'days_91_180_amt', '181-365': 'days_181_365_amt', '>365': 'days_over_365_amt',
} -%}

with told_months as (

    select distinct snapshot_on as month_end from {{ ref('stg_billing__arrears') }}

),

sides as (

    {% for code, column in buckets.items() -%}
    select
        account_id,
        snapshot_on as month_end,
        '{{ code }}' as ageing_bucket_code,
        cast(0 as decimal(18, 2)) as found_amt,
        {{ column }} as told_amt
    from {{ ref('stg_billing__arrears') }}
    union all
    {% endfor -%}
    select
        facts.account_id,
        facts.month_end,
        facts.ageing_bucket_code,
        facts.arrears_amt as found_amt,
        cast(0 as decimal(18, 2)) as told_amt
    from {{ ref('fct_arrears_snapshot') }} as facts
    inner join told_months on facts.month_end = told_months.month_end

)

select
    account_id,
    month_end,
    ageing_bucket_code,
    sum(found_amt) as found_amt,
    sum(told_amt) as told_amt
from sides
group by account_id, month_end, ageing_bucket_code
having sum(found_amt) <> sum(told_amt)
