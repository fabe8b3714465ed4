-- One row per call event of a foreign subscriber in our network, as we charge it to the home network.
{{ roaming_events(source('billing', 'tap_out'), 'recipient_code') }}
