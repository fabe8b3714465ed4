"""Which customers are alike, how much they are worth beside each other, and what was expected of them: segments that
stay put, classes by rank, concentration, watch and potential.

One row is one entity, or one entity in one period (`watch`). The steps are in the modules that this one names; callers
need only this one. What a customer is still worth is in `lifetime_value`.
"""

from __future__ import annotations

from orchestration.analytics.concentration import lorenz, pareto
from orchestration.analytics.errors import AnalysisError, LeakageError
from orchestration.analytics.migration import migration
from orchestration.analytics.potential import potential
from orchestration.analytics.ranking import deciles, rfm, value_classes
from orchestration.analytics.scheme import Scheme, as_record, assign, from_record, segments
from orchestration.analytics.segmentation import segment, stability
from orchestration.analytics.watch import watch

__all__ = ["AnalysisError", "LeakageError", "Scheme", "as_record", "assign", "deciles", "from_record", "lorenz",
           "migration", "pareto", "potential", "rfm", "segment", "segments", "stability", "value_classes", "watch"]
