-- Question: Does a suspended partner still take orders? 暂停合作的合作方是否仍在受理订购？
select
    partners.partner_id,
    partners.partner_name,
    partners.status_code,
    partners.valid_from,
    partners.valid_to,
    count(events.service_order_event_key) as order_count,
    max(events.event_date) as last_order_date
from dim.dim_partner as partners
left join new_services.fct_service_order_event as events on partners.partner_key = events.partner_key and events.action_code = 'ORDER'
where partners.partner_type_code in ('SP', 'CP')
group by all
order by partners.status_code desc, partners.partner_id, partners.valid_from
