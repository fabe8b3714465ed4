-- Question: Which services and partners have to pay back, and why? 哪些业务和合作方退费多，原因是什么？
with charged as (

    select service_code, partner_id, sum(fee_amt) as fee_amt, count(*) as fee_count
    from new_services.fct_service_charge
    group by service_code, partner_id

),

refunded as (

    select
        service_code,
        partner_id,
        sum(refund_amt) as refund_amt,
        count(*) as refund_count,
        count(case when reason_code = 'NOT_ORDERED' then 1 end) as not_ordered_count,
        count(case when source_code = 'COMPLAINT' then 1 end) as complaint_count
    from new_services.fct_service_refund
    group by service_code, partner_id

)

select
    charged.service_code,
    charged.partner_id,
    charged.fee_amt,
    coalesce(refunded.refund_amt, 0) as refund_amt,
    round(100 * coalesce(refunded.refund_amt, 0) / nullif(charged.fee_amt, 0), 2) as refund_percent,
    coalesce(refunded.not_ordered_count, 0) as not_ordered_count,
    coalesce(refunded.complaint_count, 0) as complaint_count
from charged
left join refunded on charged.service_code = refunded.service_code and charged.partner_id = refunded.partner_id
order by refund_percent desc, charged.service_code, charged.partner_id
