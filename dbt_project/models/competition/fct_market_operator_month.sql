-- One row per operator, city, month and source of the figures; sources are never mixed. Shares are kept as the
-- operator's figure over that of the whole market of the same city, month and source.
with figures as (

    select
        *,
        {{ month_of('survey_on') }} as market_month,
        {{ repeats_record(['survey_on', 'source_code', 'org_id', 'operator_code']) }} as is_copy
    from {{ ref('stg_crm__market_survey') }}

),

orgs as (

    select * from {{ ref('dim_org') }}

),

operators as (

    select * from {{ ref('dim_operator') }}

),

described as (

    select
        figures.*,
        coalesce(orgs.org_key, {{ unknown_key() }}) as org_key,
        coalesce(operators.operator_key, {{ unknown_key() }}) as operator_key,
        coalesce(operators.is_own, false) as is_own
    from figures
    left join orgs on figures.org_id = orgs.org_id and {{ valid_on('orgs', 'figures.survey_on') }}
    left join operators on figures.operator_code = operators.operator_code
    where not figures.is_copy

)

select
    -- keys
    {{ surrogate_key(['market_month', 'source_code', 'org_id', 'operator_code']) }} as market_operator_key,
    org_key,
    operator_key,
    org_id,
    operator_code,

    -- attributes
    source_code,
    method_name,
    is_own,

    -- measures
    subscription_count,
    cast(sum(subscription_count) over (partition by org_id, market_month, source_code) as bigint)
        as market_subscription_count,
    net_added_count,
    cast(sum(net_added_count) over (partition by org_id, market_month, source_code) as bigint)
        as market_net_added_count,
    basket_price_amt,
    max(case when is_own then basket_price_amt end) over (partition by org_id, market_month, source_code)
        as own_basket_price_amt,
    sample_size,

    -- times and lineage
    survey_on,
    market_month,
    source_file,
    line_number,
    file_date
from described
