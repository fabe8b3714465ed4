-- Economic value of all customers of a month is the revenue of theme 3 less direct cost, to the fen.
{{ config(meta={'requirement': ['LCD16', 'LCD17']}) }}
with both_sides as (

    select
        as_of_month,
        economic_amt as here_amt,
        0 as there_amt
    from {{ ref('mart_customer_value') }}

    union all

    select
        revenue_month as as_of_month,
        0 as here_amt,
        recognised_amt as there_amt
    from {{ ref('fct_revenue_month') }}

    union all

    select
        as_of_month,
        0 as here_amt,
        -direct_cost_amt as there_amt
    from {{ ref('feature_customer_cost') }}

)

select
    as_of_month,
    sum(here_amt) as here_amt,
    sum(there_amt) as there_amt
from both_sides
group by as_of_month
having sum(here_amt) <> sum(there_amt)
