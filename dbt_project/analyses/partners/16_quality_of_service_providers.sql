-- Question: How good is each service provider: use, refunds, complaints, unwanted messages, differences? 服务提供商质量评分？
-- Published formula, 0 to 100: 40 x share of relation months used + 30 x (1 - 5 x refund share, not below 0)
-- + 20 x (1 - unwanted share of the pushes) + 10 x share of settlement lines agreed.
with used as (

    select partner_id, count(*) as relation_months, avg(case when is_used then 1.0 else 0 end) as used_share
    from new_services.fct_service_relation_month
    group by partner_id

),

charged as (

    select partner_id, sum(fee_amt) as fee_amt
    from new_services.fct_service_charge
    group by partner_id

),

refunded as (

    select partner_id, sum(refund_amt) as refund_amt
    from new_services.fct_service_refund
    group by partner_id

),

pushed as (

    select
        partner_id,
        sum(case when is_ordered then 0 else message_count end) * 1.0 / nullif(sum(message_count), 0) as unwanted_share
    from new_services.fct_gateway_message_day
    where record_type_code = 'MT'
    group by partner_id

),

settled as (

    select partner_id, avg(case when is_agreed then 1.0 else 0 end) as agreed_share
    from partners.fct_partner_settlement
    group by partner_id

)

select
    used.partner_id,
    partners.partner_name,
    used.relation_months,
    round(used.used_share, 3) as used_share,
    round(coalesce(refunded.refund_amt, 0) / nullif(charged.fee_amt, 0), 3) as refund_share,
    round(coalesce(pushed.unwanted_share, 0), 3) as unwanted_share,
    round(settled.agreed_share, 3) as agreed_share,
    round(
        40 * used.used_share
        + 30 * greatest(1 - 5 * coalesce(refunded.refund_amt, 0) / nullif(charged.fee_amt, 0), 0)
        + 20 * (1 - coalesce(pushed.unwanted_share, 0))
        + 10 * settled.agreed_share, 1
    ) as quality_index
from used
inner join dim.dim_partner as partners on used.partner_id = partners.partner_id and partners.is_current
left join charged on used.partner_id = charged.partner_id
left join refunded on used.partner_id = refunded.partner_id
left join pushed on used.partner_id = pushed.partner_id
left join settled on used.partner_id = settled.partner_id
order by quality_index, used.partner_id
