"""The Dagster code location. Assembles; defines nothing. `dagster dev -m orchestration.definitions`"""

from __future__ import annotations

import warnings

import dagster as dg

from orchestration import schedules, settings, steps
from orchestration.assets import publish, raw, warehouse
from orchestration.settings import Home

warnings.filterwarnings("ignore", category=dg.BetaWarning)
warnings.filterwarnings("ignore", category=dg.PreviewWarning)


def assemble(home: Home, say: steps.Say = steps.silent) -> dg.Definitions:
    models = warehouse.warehouse_asset(home, say)
    published = publish.publish_asset(home, models.keys, say)
    built = [*models.keys, published.key]
    return dg.Definitions(
        assets=[*raw.raw_assets(home, say), models, published],
        jobs=[schedules.refresh_job()],
        schedules=[schedules.nightly(home, built)],
        sensors=[schedules.arrivals(home, built)],
        executor=dg.in_process_executor,
    )


@dg.definitions
def defs() -> dg.Definitions:
    settings.keep_quiet()
    return assemble(settings.home())
