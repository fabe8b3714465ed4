-- One row per cooperating party and period without a change, from the monthly lists, or named only by an order,
-- message, statement, outlet or commission (not listed); and the unknown member. Agents are partners too.
{% set named_in = [
    ('stg_billing__service_order', 'partner_id'), ('stg_billing__message', 'partner_id'),
    ('stg_billing__service_refund', 'partner_id'), ('stg_billing__partner_statement', 'partner_id'),
    ('stg_crm__partner_rate', 'partner_id'), ('stg_billing__channel', 'dealer_id'),
    ('stg_billing__dealer_commission', 'dealer_id'), ('stg_billing__tap_in', 'partner_code'),
    ('stg_billing__tap_out', 'partner_code'),
] -%}

with source as (

    select * from {{ ref('stg_crm__partner') }}

),

versions as (

    {{ history('source', 'partner_id', [
        'partner_type_code', 'partner_name', 'status_code', 'contract_id', 'grade_code', 'signed_on', 'ends_on',
    ]) }}

),

named as (
    {% for model, column in named_in %}
    select {{ column }} as partner_id from {{ ref(model) }}
    where {{ column }} is not null
    {{ 'union' if not loop.last }}
    {%- endfor %}

),

not_listed as (

    select named.partner_id
    from named
    left join source on named.partner_id = source.partner_id
    where source.partner_id is null
    group by named.partner_id

)

select
    -- keys
    {{ surrogate_key(['partner_id', 'valid_from']) }} as partner_key,
    partner_id,

    -- attributes
    partner_type_code,
    partner_name,
    status_code,
    contract_id,
    grade_code,
    signed_on,
    ends_on,
    true as is_listed,

    -- validity
    valid_from,
    valid_to,
    is_current
from versions

union all

select
    {{ surrogate_key(['partner_id', "'1900-01-01'"]) }} as partner_key,
    partner_id,
    '?' as partner_type_code,
    '未列入 Not listed' as partner_name,
    '?' as status_code,
    cast(null as string) as contract_id,
    cast(null as string) as grade_code,
    cast(null as date) as signed_on,
    cast(null as date) as ends_on,
    false as is_listed,
    cast('1900-01-01' as date) as valid_from,
    cast('9999-12-31' as date) as valid_to,
    true as is_current
from not_listed

union all

select
    {{ unknown_key() }} as partner_key,
    '?' as partner_id,
    '?' as partner_type_code,
    '未知 Unknown' as partner_name,
    '?' as status_code,
    '?' as contract_id,
    '?' as grade_code,
    cast(null as date) as signed_on,
    cast(null as date) as ends_on,
    false as is_listed,
    cast('1900-01-01' as date) as valid_from,
    cast('9999-12-31' as date) as valid_to,
    true as is_current
