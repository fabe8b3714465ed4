-- One row per city, other network and month: numbers seen at the opening, new, seen again, lost, at the closing.
-- The closing is counted by itself; the flows must explain it.
with months as (

    select
        org_id,
        counterpart_operator_code,
        max(counterpart_operator_key) as counterpart_operator_key,
        max(org_key) as org_key,
        sum(case when is_reached then 1 else 0 end) as closing_count,
        sum(case when is_new then 1 else 0 end) as new_count,
        sum(case when is_regained then 1 else 0 end) as regained_count,
        sum(case when is_lost then 1 else 0 end) as lost_count,
        number_month
    from {{ ref('fct_competitor_number_month') }}
    group by org_id, counterpart_operator_code, number_month

)

select
    -- keys
    {{ surrogate_key(['org_id', 'counterpart_operator_code', 'number_month']) }} as competitor_stock_key,
    counterpart_operator_key,
    org_key,
    counterpart_operator_code,
    org_id,

    -- measures
    cast(coalesce(lag(closing_count) over (
        partition by org_id, counterpart_operator_code order by number_month
    ), 0) as bigint) as opening_count,
    cast(new_count as bigint) as new_count,
    cast(regained_count as bigint) as regained_count,
    cast(lost_count as bigint) as lost_count,
    cast(closing_count as bigint) as closing_count,

    -- times
    number_month
from months
