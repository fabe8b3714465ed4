-- Question: Who was asked first, how fast was the first response, and how often was the ticket handed over? 首问责任人、首次响应时长与转派情况如何？
select
    orgs.org_name,
    tickets.ticket_type_code,
    tickets.is_green_channel,
    count(*) as ticket_count,
    count(distinct tickets.first_owner_staff_key) as first_owner_count,
    round(median(tickets.first_response_min), 1) as median_first_response_min,
    sum(tickets.handover_count) as handover_count,
    count(*) filter (where tickets.is_open) as open_count
from service_quality.fct_ticket as tickets
inner join dim.dim_org as orgs on tickets.org_key = orgs.org_key
group by all
order by orgs.org_name, tickets.ticket_type_code, tickets.is_green_channel
