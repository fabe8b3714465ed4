-- One row per band of a profile measure, and the unknown member. Bounds: lower inclusive, upper exclusive.
-- Example: left join bands on bands.scheme_code = 'TENURE' and t.tenure_months >= bands.lower_value
--     and t.tenure_months < bands.upper_value
select
    -- keys
    {{ surrogate_key(['band_code']) }} as profile_band_key,
    band_code,

    -- attributes
    scheme_code,
    name_en as band_name_en,
    name_zh as band_name_zh,
    sort_order,
    lower_value,
    coalesce(upper_value, cast(9999999999999999 as decimal(18, 2))) as upper_value
from {{ ref('profile_bands') }}

union all

select
    {{ unknown_key() }} as profile_band_key,
    '?' as band_code,
    '?' as scheme_code,
    'Unknown' as band_name_en,
    '未知' as band_name_zh,
    0 as sort_order,
    cast(null as decimal(18, 2)) as lower_value,
    cast(null as decimal(18, 2)) as upper_value
