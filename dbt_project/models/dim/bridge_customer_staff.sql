-- One row per customer, role and period in which the same person looked after it: account and service managers of
-- the large-customer archive.
{% set roles = {'ACCOUNT_MANAGER': 'account_manager_staff_id', 'SERVICE_MANAGER': 'service_manager_staff_id'} -%}

with archive as (

    select * from {{ ref('stg_crm__key_account') }}

),

{% for role, column in roles.items() -%}
{{ role | lower }}s as (

    {{ history('archive', 'customer_id', [column]) }}

),

{% endfor -%}
versions as (

    {% for role, column in roles.items() -%}
    select
        customer_id,
        '{{ role }}' as role_code,
        {{ column }} as staff_id,
        valid_from,
        valid_to,
        is_current
    from {{ role | lower }}s
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

staff as (

    select * from {{ ref('dim_staff') }}

)

select
    -- keys
    {{ surrogate_key(['versions.customer_id', 'versions.role_code', 'versions.valid_from']) }} as customer_staff_key,
    coalesce(staff.staff_key, {{ unknown_key() }}) as staff_key,
    versions.customer_id,
    versions.staff_id,

    -- attributes
    versions.role_code,

    -- validity
    versions.valid_from,
    versions.valid_to,
    versions.is_current
from versions
left join staff on versions.staff_id = staff.staff_id
