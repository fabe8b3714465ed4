-- One row per city, service and day: K70 refund rate 退费率: fees for value-added services given back on the day over
-- fees taken on the day; most fees are taken on the first of a month, so that a month says more than a day.
with sides as (
    select
        refund_date as period_start,
        org_id,
        service_code,
        refund_amt,
        0 as fee_amt
    from {{ ref('fct_service_refund') }}
    union all
    select
        charge_date as period_start,
        org_id,
        service_code,
        0 as refund_amt,
        fee_amt
    from {{ ref('fct_service_charge') }}
)

select
    'K70' as kpi_id,
    'day' as period_type,
    period_start,
    org_id,
    service_code as breakdown_code,
    cast(sum(refund_amt) as decimal(38, 6)) as numerator,
    cast(sum(fee_amt) as decimal(38, 6)) as denominator
from sides
group by period_start, org_id, service_code
