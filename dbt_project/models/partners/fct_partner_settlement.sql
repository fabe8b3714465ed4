-- One row per partner, service, direction and settlement cycle: our own amount against the partner's statement. Our
-- amount is fees less refunds at the rate of the day of the fee, or pushes delivered at their price; the difference
-- is ours less theirs, and within the parameter settlement_tolerance_amt it is settled without question.
{% set ours = theme_is_on('new_services') -%}

with statements as (

    select
        *,
        cast(concat(substr(cycle, 1, 4), '-', substr(cycle, 5, 2), '-01') as date) as settlement_month,
        row_number() over (
            partition by partner_id, cycle, service_code, direction_code order by file_date, source_file, line_number
        ) as copy_number
    from {{ ref('stg_billing__partner_statement') }}

),

own_parts as (
    {%- if ours %}
    select
        partner_id,
        service_code,
        'PAY' as direction_code,
        1 as quantity,
        fee_amt as gross_amt,
        share_amt as payable_amt,
        charge_month as settlement_month
    from {{ ref('fct_service_charge') }}
    union all
    select
        partner_id,
        service_code,
        'PAY' as direction_code,
        -1 as quantity,
        -refund_amt as gross_amt,
        -share_amt as payable_amt,
        {{ month_of('refund_date') }} as settlement_month
    from {{ ref('fct_service_refund') }}
    union all
    select
        messages.partner_id,
        rates.service_code,
        rates.direction_code,
        messages.message_count as quantity,
        messages.message_count * rates.unit_fee_amt as gross_amt,
        messages.message_count * rates.unit_fee_amt * rates.share_rate as payable_amt,
        {{ month_of('messages.message_date') }} as settlement_month
    from {{ ref('fct_gateway_message_day') }} as messages
    inner join {{ ref('dim_partner_rate') }} as rates on messages.partner_id = rates.partner_id
        and rates.service_code = 'VAS_GATEWAY'
        and {{ valid_on('rates', 'messages.message_date') }}
    where messages.send_status_code = 'DELIVERED'
    {%- else %}
    select
        partner_id,
        service_code,
        direction_code,
        0 as quantity,
        gross_amt,
        payable_amt,
        settlement_month
    from statements
    where 1 = 0
    {%- endif %}

),

own as (

    select
        partner_id,
        service_code,
        direction_code,
        settlement_month,
        cast(sum(quantity) as bigint) as quantity,
        cast(sum(gross_amt) as decimal(18, 2)) as gross_amt,
        cast(round(sum(payable_amt), 2) as decimal(18, 2)) as payable_amt
    from own_parts
    group by partner_id, service_code, direction_code, settlement_month

),

members as (

    select
        partner_id,
        service_code,
        direction_code,
        settlement_month
    from own
    union
    select
        partner_id,
        service_code,
        direction_code,
        settlement_month
    from statements

),

tolerances as (

    select
        parameter_value as tolerance_amt,
        valid_from,
        valid_to
    from {{ ref('parameters') }}
    where parameter_code = 'settlement_tolerance_amt'

),

compared as (

    select
        members.*,
        own.partner_id is not null as is_ours,
        statements.partner_id is not null as is_stated,
        coalesce(own.quantity, 0) as own_quantity,
        coalesce(own.gross_amt, 0) as own_gross_amt,
        coalesce(own.payable_amt, 0) as own_payable_amt,
        coalesce(statements.quantity, 0) as stated_quantity,
        coalesce(statements.gross_amt, 0) as stated_gross_amt,
        coalesce(statements.payable_amt, 0) as stated_payable_amt,
        statements.share_rate as stated_share_rate,
        coalesce(own.payable_amt, 0) - coalesce(statements.payable_amt, 0) as difference_amt,
        coalesce(tolerances.tolerance_amt, 0) as tolerance_amt,
        {{ add_days(add_months('members.settlement_month', 1), -1) }} as settled_on
    from members
    left join own on members.partner_id = own.partner_id
        and members.service_code = own.service_code
        and members.direction_code = own.direction_code
        and members.settlement_month = own.settlement_month
    left join statements on members.partner_id = statements.partner_id
        and members.service_code = statements.service_code
        and members.direction_code = statements.direction_code
        and members.settlement_month = statements.settlement_month
        and statements.copy_number = 1
    left join tolerances on {{ valid_on('tolerances', 'members.settlement_month') }}

),

judged as (

    select
        *,
        case
            {%- if not ours %}
            when not is_ours then 'not_checked'
            {%- endif %}
            when not is_stated then 'no_statement'
            when not is_ours then 'not_ours'
            when difference_amt = 0 and own_quantity = stated_quantity and own_gross_amt = stated_gross_amt then 'none'
            when own_quantity <> stated_quantity then 'quantity'
            when abs(difference_amt) <= tolerance_amt then 'tolerated'
            when own_gross_amt = stated_gross_amt then 'rate'
            else 'price'
        end as difference_kind_code
    from compared

),

partners as (

    select * from {{ ref('dim_partner') }}

),

services as (

    select * from {{ ref('dim_service') }}

)

select
    -- keys
    coalesce(partners.partner_key, {{ unknown_key() }}) as partner_key,
    coalesce(services.service_key, {{ unknown_key() }}) as service_key,
    judged.partner_id,
    judged.service_code,

    -- attributes
    judged.direction_code,
    judged.difference_kind_code,
    judged.difference_kind_code in ('none', 'tolerated') as is_agreed,

    -- measures
    cast(judged.own_quantity as bigint) as own_quantity,
    cast(judged.own_gross_amt as decimal(18, 2)) as own_gross_amt,
    cast(judged.own_payable_amt as decimal(18, 2)) as own_payable_amt,
    cast(judged.stated_quantity as bigint) as stated_quantity,
    cast(judged.stated_gross_amt as decimal(18, 2)) as stated_gross_amt,
    judged.stated_share_rate,
    cast(judged.stated_payable_amt as decimal(18, 2)) as stated_payable_amt,
    cast(judged.difference_amt as decimal(18, 2)) as difference_amt,
    'CNY' as currency_code,

    -- times
    judged.settlement_month
from judged
left join partners on judged.partner_id = partners.partner_id and {{ valid_on('partners', 'judged.settled_on') }}
left join services on judged.service_code = services.service_code
