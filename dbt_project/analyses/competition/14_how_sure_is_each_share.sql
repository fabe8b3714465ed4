-- Question: Where does each market share come from and how sure is it? 各市场份额的来源和可信区间？
with shares as (
    select
        market_month,
        org_id,
        operator_code,
        source_code,
        method_name,
        sample_size,
        survey_on,
        1.0 * subscription_count / nullif(market_subscription_count, 0) as share
    from competition.fct_market_operator_month
)

select
    *,
    case
        when sample_size is not null then round(1.96 * sqrt(share * (1 - share) / sample_size), 4)
    end as half_width_95,
    case when sample_size is null then 'full count' else 'sample' end as confidence
from shares
order by market_month, org_id, operator_code, source_code
