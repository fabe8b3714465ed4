-- One row per opportunity, accumulating over its stages: found, qualified, proposed, in negotiation, won or lost; with
-- the contract it led to.
{% set stages = ['FOUND', 'QUALIFIED', 'PROPOSED', 'NEGOTIATION', 'WON', 'LOST'] -%}

with messages as (

    select
        *,
        {{ is_newest(['opportunity_id'], 'changed_at') }} as is_newest
    from {{ ref('stg_crm__opportunity') }}

),

stages as (

    select
        opportunity_id,
        {%- for stage in stages %}
        min(case when stage_code = '{{ stage }}' then changed_at end) as {{ stage | lower }}_at,
        {%- endfor %}
        min(changed_at_local) as first_at_local,
        min(case when stage_code in ('WON', 'LOST') then changed_at_local end) as closed_at_local,
        count(*) as message_count
    from messages
    group by opportunity_id

),

opportunities as (

    select
        messages.*,
        {%- for stage in stages %}
        stages.{{ stage | lower }}_at,
        {%- endfor %}
        cast(stages.first_at_local as date) as found_date,
        cast(stages.closed_at_local as date) as closed_date,
        stages.message_count
    from messages
    inner join stages on messages.opportunity_id = stages.opportunity_id
    where messages.is_newest

),

contracts as (

    select
        opportunity_id,
        min(contract_id) as contract_id,
        min(signed_on) as signed_on
    from {{ ref('fct_contract') }}
    where opportunity_id is not null
    group by opportunity_id

),

customers as (

    select * from {{ ref('dim_customer') }}

),

orgs as (

    select * from {{ ref('dim_org') }}

),

services as (

    select * from {{ ref('dim_service') }}

),

staff as (

    select * from {{ ref('dim_staff') }}

)

select
    -- keys
    {{ surrogate_key(['opportunities.opportunity_id']) }} as opportunity_key,
    coalesce(customers.customer_key, {{ unknown_key() }}) as customer_key,
    coalesce(orgs.org_key, {{ unknown_key() }}) as org_key,
    coalesce(services.service_key, {{ unknown_key() }}) as service_key,
    coalesce(staff.staff_key, {{ unknown_key() }}) as staff_key,
    opportunities.opportunity_id,
    opportunities.customer_id,
    opportunities.org_id,
    contracts.contract_id,

    -- attributes
    opportunities.source_code,
    opportunities.stage_code,
    opportunities.lost_reason_code,
    opportunities.won_at is not null as is_won,
    opportunities.lost_at is not null as is_lost,
    opportunities.won_at is null and opportunities.lost_at is null as is_open,

    -- measures
    cast(opportunities.likelihood_pct as int) as likelihood_pct,
    opportunities.value_amt,
    cast(
        opportunities.value_amt * cast(opportunities.likelihood_pct as decimal(5, 2)) * 0.01 as decimal(18, 2)
    ) as weighted_value_amt,
    'CNY' as currency_code,
    {{ seconds_between('opportunities.found_at', 'coalesce(opportunities.won_at, opportunities.lost_at)') }} as cycle_s,
    {{ days_between('opportunities.found_date', 'contracts.signed_on') }} as contract_days,
    cast(opportunities.message_count as bigint) as message_count,

    -- times
    opportunities.found_at,
    opportunities.qualified_at,
    opportunities.proposed_at,
    opportunities.negotiation_at,
    opportunities.won_at,
    opportunities.lost_at,
    opportunities.found_date,
    opportunities.closed_date,
    opportunities.expected_close_on,
    contracts.signed_on,
    opportunities.file_date
from opportunities
left join contracts on opportunities.opportunity_id = contracts.opportunity_id
left join customers on opportunities.customer_id = customers.customer_id
    and {{ valid_on('customers', 'opportunities.found_date') }}
left join orgs on opportunities.org_id = orgs.org_id and {{ valid_on('orgs', 'opportunities.found_date') }}
left join services on opportunities.service_code = services.service_code
left join staff on opportunities.staff_id = staff.staff_id
