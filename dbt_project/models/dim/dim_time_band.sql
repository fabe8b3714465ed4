-- One row per hour of the day, local time, and the unknown member (hour -1).
select
    -- keys
    hour_of_day,

    -- attributes
    time_band_code,
    name_en as time_band_name_en,
    name_zh as time_band_name_zh,
    is_peak
from {{ ref('time_bands') }}

union all

select
    -1 as hour_of_day,
    '?' as time_band_code,
    'Unknown' as time_band_name_en,
    '未知' as time_band_name_zh,
    false as is_peak
