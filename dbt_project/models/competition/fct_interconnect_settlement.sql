-- One row per cycle, own city, counterpart operator and service: what our records say beside what the counterpart says.
-- A side that is missing counts as nothing, and is told.
with statements as (

    select
        *,
        cast(concat(substr(settlement_cycle, 1, 4), '-', substr(settlement_cycle, 5, 2), '-01') as date) as cycle_month,
        {{ is_newest(['settlement_cycle', 'org_id', 'operator_code', 'service_code']) }} as is_newest
    from {{ ref('stg_billing__interconnect_settlement') }}

),

both_sides as (

    select
        {{ month_of('event_date') }} as settlement_month,
        org_id,
        counterpart_operator_code as operator_code,
        service_code,
        case when direction_code = 'IN' then settled_quantity else 0 end as in_quantity,
        case when direction_code = 'OUT' then settled_quantity else 0 end as out_quantity,
        case when direction_code = 'IN' then fee_amt else 0 end as fee_in_amt,
        case when direction_code = 'OUT' then fee_amt else 0 end as fee_out_amt,
        0 as stated_in_quantity,
        0 as stated_out_quantity,
        0 as stated_fee_in_amt,
        0 as stated_fee_out_amt,
        0 as statement_count
    from {{ ref('fct_interconnect_day') }}

    union all

    select
        cycle_month as settlement_month,
        org_id,
        operator_code,
        service_code,
        0 as in_quantity,
        0 as out_quantity,
        0 as fee_in_amt,
        0 as fee_out_amt,
        in_quantity as stated_in_quantity,
        out_quantity as stated_out_quantity,
        fee_in_amt as stated_fee_in_amt,
        fee_out_amt as stated_fee_out_amt,
        1 as statement_count
    from statements
    where is_newest

),

totals as (

    select
        settlement_month,
        org_id,
        operator_code,
        service_code,
        cast(sum(in_quantity) as bigint) as in_quantity,
        cast(sum(out_quantity) as bigint) as out_quantity,
        cast(sum(fee_in_amt) as decimal(18, 2)) as fee_in_amt,
        cast(sum(fee_out_amt) as decimal(18, 2)) as fee_out_amt,
        cast(sum(stated_in_quantity) as bigint) as stated_in_quantity,
        cast(sum(stated_out_quantity) as bigint) as stated_out_quantity,
        cast(sum(stated_fee_in_amt) as decimal(18, 2)) as stated_fee_in_amt,
        cast(sum(stated_fee_out_amt) as decimal(18, 2)) as stated_fee_out_amt,
        sum(statement_count) > 0 as is_stated
    from both_sides
    group by settlement_month, org_id, operator_code, service_code

),

orgs as (

    select * from {{ ref('dim_org') }}

),

operators as (

    select * from {{ ref('dim_operator') }}

)

select
    -- keys
    {{ surrogate_key(['totals.settlement_month', 'totals.org_id', 'totals.operator_code', 'totals.service_code']) }}
        as interconnect_settlement_key,
    coalesce(orgs.org_key, {{ unknown_key() }}) as org_key,
    coalesce(operators.operator_key, {{ unknown_key() }}) as counterpart_operator_key,
    totals.org_id,
    totals.operator_code as counterpart_operator_code,

    -- attributes
    totals.service_code,
    totals.is_stated,
    totals.is_stated and (
        totals.fee_in_amt <> totals.stated_fee_in_amt or totals.fee_out_amt <> totals.stated_fee_out_amt
    ) as is_different,

    -- measures
    totals.in_quantity,
    totals.out_quantity,
    totals.fee_in_amt,
    totals.fee_out_amt,
    totals.stated_in_quantity,
    totals.stated_out_quantity,
    totals.stated_fee_in_amt,
    totals.stated_fee_out_amt,
    cast(totals.stated_fee_in_amt - totals.fee_in_amt as decimal(18, 2)) as fee_in_difference_amt,
    cast(totals.stated_fee_out_amt - totals.fee_out_amt as decimal(18, 2)) as fee_out_difference_amt,

    -- times
    totals.settlement_month
from totals
left join orgs on totals.org_id = orgs.org_id
    and {{ valid_on('orgs', add_days(add_months('totals.settlement_month', 1), -1)) }}
left join operators on totals.operator_code = operators.operator_code
