"""Analyses: pure functions, a Polars frame in and a Polars frame out.

Nothing here knows the warehouse, its column names, a scheduler, a folder or the environment, and nothing prints:
progress goes through a callable that the caller gives.
"""
