"""A sample operator: seeded extract files of every feed, and a sealed folder with what is true of them."""

from orchestration.sample_operator.operator import Summary, write_sample
from orchestration.sample_operator.plan import Effects, Elasticity, Outage, Plan, PriceChange, Reorganisation

__all__ = ["Effects", "Elasticity", "Outage", "Plan", "PriceChange", "Reorganisation", "Summary", "write_sample"]
