"""How quantity answers to price, own and cross, short and long run, and a refusal where the data cannot say.

`estimate` is one regression; `by_segment` many of them, drawn together; `staggered` compares those whose price changed
with those whose price had not; `price_events` is the arc elasticity of each change; `long_run` lets quantity remember;
`plausible` holds estimates against published ranges; `what_if` tells what a price change would do. Every row has a
status, and without `ok` no number.
"""

from __future__ import annotations

from orchestration.analytics.elasticity.dynamics import long_run
from orchestration.analytics.elasticity.events import price_events
from orchestration.analytics.elasticity.plausibility import plausible
from orchestration.analytics.elasticity.rehearsal import observed_changes, other_causes_sd, what_if
from orchestration.analytics.elasticity.results import STATUSES
from orchestration.analytics.elasticity.segments import by_segment
from orchestration.analytics.elasticity.single import estimate
from orchestration.analytics.elasticity.staggered import staggered
from orchestration.analytics.elasticity.variation import Limits
from orchestration.analytics.errors import AnalysisError

__all__ = ["STATUSES", "AnalysisError", "Limits", "by_segment", "estimate", "long_run", "observed_changes",
           "other_causes_sd", "plausible", "price_events", "staggered", "what_if"]
