-- Question: Which network faults reached most customers, and how many of them called? 哪些网络故障影响客户最多？其中多少客户申告？
select
    outages.raised_at_local,
    cells.site_name,
    causes.name_zh as cause_zh,
    round(outages.duration_s / 60.0, 0) as minutes,
    outages.customer_count,
    outages.subscription_count,
    outages.fault_contact_count,
    round(outages.customer_minutes, 0) as customer_minutes
from service_quality.fct_outage_impact as outages
inner join dim.dim_network_element as cells on outages.network_element_key = cells.network_element_key
left join reference.alarm_causes as causes on outages.probable_cause_code = causes.probable_cause_code
order by outages.customer_minutes desc nulls last, outages.raised_at_local
limit 20
