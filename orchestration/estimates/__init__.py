"""From features to estimates in the lake: what an analysis reads, which months it owes, where its tables are kept.

The analyses themselves are pure functions in `orchestration.analytics`; marts over the estimates are dbt models.
"""
