-- One row per call event of an own subscriber abroad, as the visited network charges it to us.
{{ roaming_events(source('billing', 'tap_in'), 'sender_code') }}
