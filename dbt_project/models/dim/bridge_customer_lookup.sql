-- One row per value by which a customer is looked up and customer, as they are now: its number, its name, the numbers
-- of its subscriptions and of its contact persons, personal ones as tokens; with the person to call and the manager.
with customers as (

    select * from {{ ref('dim_customer') }}
    where is_current and customer_id <> '?'

),

numbers as (

    select
        number_token,
        customer_id,
        row_number() over (partition by number_token order by opened_on desc, subscription_id desc) as holder_number
    from {{ ref('dim_subscription') }}
    where is_current and number_token is not null

),

persons as (

    select
        *,
        row_number() over (
            partition by customer_id
            order by case when is_primary then 0 else 1 end, contact_person_id
        ) as person_number
    from {{ ref('dim_contact_person') }}
    where is_current and status_code = 'ACTIVE'

),

lookups as (

    select
        'CUSTOMER_NUMBER' as lookup_code,
        customer_id as lookup_value,
        customer_id
    from customers
    union all
    select
        'CUSTOMER_NAME' as lookup_code,
        cast(name_token as string) as lookup_value,
        customer_id
    from customers
    where name_token is not null
    union all
    select
        'TELEPHONE_NUMBER' as lookup_code,
        cast(number_token as string) as lookup_value,
        customer_id
    from numbers
    where holder_number = 1
    union all
    select distinct
        'CONTACT_NUMBER' as lookup_code,
        cast(phone_token as string) as lookup_value,
        customer_id
    from persons
    where phone_token is not null

),

managers as (

    select
        customer_id,
        staff_key
    from {{ ref('bridge_customer_staff') }}
    where is_current and role_code = 'ACCOUNT_MANAGER'

),

staff as (

    select * from {{ ref('dim_staff') }}

)

select
    -- keys
    {{ surrogate_key(['lookups.lookup_code', 'lookups.lookup_value', 'lookups.customer_id']) }} as customer_lookup_key,
    customers.customer_key,
    coalesce(persons.contact_person_key, {{ unknown_key() }}) as contact_person_key,
    coalesce(staff.staff_key, {{ unknown_key() }}) as account_manager_staff_key,
    lookups.lookup_code,
    lookups.lookup_value,
    lookups.customer_id,

    -- attributes
    customers.name_token as customer_name_token,
    customers.service_grade_code,
    persons.name_token as contact_name_token,
    persons.phone_token as contact_phone_token,
    persons.position_code as contact_position_code,
    staff.staff_id as account_manager_staff_id,
    staff.name_token as account_manager_name_token,
    staff.phone_token as account_manager_phone_token
from lookups
inner join customers on lookups.customer_id = customers.customer_id
left join persons on lookups.customer_id = persons.customer_id and persons.person_number = 1
left join managers on lookups.customer_id = managers.customer_id
left join staff on managers.staff_key = staff.staff_key
