-- One row per code domain, code and period of validity; one unknown member per domain; and one row per code that was
-- delivered but stands in no list, which bears the names of the unknown member, so that every code finds its row.
-- Numbers of large customers and of service events are codes too: their registers are the lists.
{% set lists = [
    ('payment_method', ref('payment_methods'), 'payment_method_code', 'name_en', 'name_zh', 'cast(null as string)'),
    ('charge_item', ref('charge_items'), 'charge_item_code', 'name_en', 'name_zh', 'charge_class_code'),
    ('customer_type', ref('customer_types'), 'customer_type_code', 'name_en', 'name_zh', 'customer_class_code'),
    ('service_status', ref('subscription_states'), 'state_code', 'name_en', 'name_zh', 'leave_kind_code'),
    ('area', ref('dim_org'), 'org_id', 'org_name', 'org_name', 'parent_org_id'),
    ('product', ref('dim_offer'), 'offer_id', 'offer_name', 'offer_name', 'offer_family_code'),
] -%}

with listed as (

    select
        domain_code,
        code,
        name_en,
        name_zh,
        parent_code,
        sort_order,
        valid_from,
        valid_to
    from {{ ref('code_values') }}
    {% for domain_code, relation, code, name_en, name_zh, parent_code in lists %}
    union all
    select
        '{{ domain_code }}' as domain_code,
        {{ code }} as code,
        max({{ name_en }}) as name_en,
        max({{ name_zh }}) as name_zh,
        max({{ parent_code }}) as parent_code,
        cast(null as int) as sort_order,
        cast('1900-01-01' as date) as valid_from,
        cast('9999-12-31' as date) as valid_to
    from {{ relation }}
    where {{ code }} <> '?'
    group by {{ code }}
    {% endfor %}

),

domains as (

    select * from {{ ref('code_domains') }}

),

known_codes as (

    select distinct
        domain_code,
        code
    from listed

),

unlisted as (

    select distinct
        uses.domain_code,
        uses.code
    from {{ ref('bridge_code_use') }} as uses
    left join known_codes on uses.domain_code = known_codes.domain_code and uses.code = known_codes.code
    where known_codes.code is null and uses.code not in ('*', '?')

),

members as (

    select
        domain_code,
        code,
        name_en,
        name_zh,
        parent_code,
        sort_order,
        true as is_listed,
        valid_from,
        valid_to
    from listed
    union all
    select
        domain_code,
        '?' as code,
        'Unknown' as name_en,
        '未知' as name_zh,
        cast(null as string) as parent_code,
        cast(null as int) as sort_order,
        false as is_listed,
        cast('1900-01-01' as date) as valid_from,
        cast('9999-12-31' as date) as valid_to
    from domains
    union all
    select
        domain_code,
        code,
        'Unknown' as name_en,
        '未知' as name_zh,
        cast(null as string) as parent_code,
        cast(null as int) as sort_order,
        false as is_listed,
        cast('1900-01-01' as date) as valid_from,
        cast('9999-12-31' as date) as valid_to
    from unlisted

)

select
    -- keys
    {{ surrogate_key(['members.domain_code', 'members.code', 'members.valid_from']) }} as ref_code_key,
    members.domain_code,
    members.code,
    members.parent_code,

    -- attributes
    cast(domains.domain_number as int) as domain_number,
    domains.name_en as domain_name_en,
    domains.name_zh as domain_name_zh,
    members.name_en as code_name_en,
    members.name_zh as code_name_zh,
    cast(members.sort_order as int) as sort_order,
    members.is_listed,

    -- validity
    members.valid_from,
    members.valid_to
from members
inner join domains on members.domain_code = domains.domain_code
