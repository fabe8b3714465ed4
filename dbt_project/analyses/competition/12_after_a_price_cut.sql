-- Question: What happened in the months before and after a rival's price cut? 竞争对手降价前后发生了什么？
with cuts as (
    select
        event_id,
        operator_code,
        title,
        valid_from
    from competition.fct_policy_event
    where event_type_code = 'PRICE_CUT'
)

select
    cuts.title,
    cuts.operator_code,
    date_diff('month', date_trunc('month', cuts.valid_from), market.market_month) as months_from_the_cut,
    sum(market.net_added_count) as net_growth_of_the_rival,
    (
        select count(*)
        from competition.fct_port_request as ports
        where
            ports.port_type_code = 'OUT' and ports.is_completed and ports.counterpart_operator_code = cuts.operator_code
            and date_trunc('month', ports.completed_date) = market.market_month
    ) as ports_to_the_rival
from cuts
inner join competition.fct_market_operator_month as market
    on cuts.operator_code = market.operator_code and market.source_code = 'REG'
group by cuts.title, cuts.operator_code, cuts.valid_from, market.market_month
order by months_from_the_cut
