-- Question: Which partner sends messages to people who ordered nothing? 哪个合作方向未订购用户下发消息？
select
    messages.partner_id,
    partners.partner_name,
    sum(messages.message_count) as push_count,
    sum(case when not messages.is_ordered then messages.message_count else 0 end) as unwanted_count,
    round(100.0 * sum(case when messages.send_status_code = 'DELIVERED' then messages.message_count else 0 end)
        / sum(messages.message_count), 1) as delivered_percent
from new_services.fct_gateway_message_day as messages
inner join dim.dim_partner as partners on messages.partner_key = partners.partner_key
where messages.record_type_code = 'MT'
group by all
order by unwanted_count desc, messages.partner_id
