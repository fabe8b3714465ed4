"""Who leaves, how surely, and why: `fit`, `score`, `evaluate`, on any table of entities or of entities and periods.

One row is one entity (a customer) or one entity in one period (a person-month). The label says whether it left in the
window after the period. The steps are in the modules that this one names; callers need only this one.
"""

from __future__ import annotations

from orchestration.analytics.card import card, hazard_ratios, psi
from orchestration.analytics.errors import AnalysisError, LeakageError
from orchestration.analytics.evaluation import evaluate
from orchestration.analytics.model import Model
from orchestration.analytics.scoring import score
from orchestration.analytics.training import fit

__all__ = ["AnalysisError", "LeakageError", "Model", "card", "evaluate", "fit", "hazard_ratios", "psi", "score"]
