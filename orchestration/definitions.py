"""The Dagster code location. Assembles; defines nothing. `dagster dev -m orchestration.definitions`"""

from __future__ import annotations

import warnings

import dagster as dg

from orchestration import schedules, settings, steps
from orchestration.assets import analytics, publish, raw, warehouse
from orchestration.settings import Home

warnings.filterwarnings("ignore", category=dg.BetaWarning)
warnings.filterwarnings("ignore", category=dg.PreviewWarning)


def assemble(home: Home, say: steps.Say = steps.silent) -> dg.Definitions:
    manifest = warehouse.manifest_of(home)
    models = warehouse.warehouse_asset(home, manifest, say)
    features = [key for key in models.keys if key.path[0] == "features"]
    made = [models, analytics.analytics_asset(home, features or models.keys, say)]
    made += [marts] if (marts := warehouse.estimated_marts_asset(home, manifest)) else []
    published = publish.publish_asset(home, [key for one in made for key in one.keys], say)
    built = [*published.dependency_keys, published.key]
    return dg.Definitions(
        assets=[*raw.raw_assets(home, say), *made, published],
        jobs=[schedules.refresh_job()],
        schedules=[schedules.nightly(home, built)],
        sensors=[schedules.arrivals(home, built)],
        executor=dg.in_process_executor,
    )


@dg.definitions
def defs() -> dg.Definitions:
    settings.keep_quiet()
    return assemble(settings.home())
