"""One asset per table of estimates, which follow from the features of the last build. Knows no single analysis."""

from collections.abc import Iterable

import dagster as dg

from orchestration import steps
from orchestration.estimates import refresh
from orchestration.settings import Home


def analytics_asset(home: Home, features: Iterable[dg.AssetKey], say: steps.Say = steps.silent) -> dg.AssetsDefinition:
    """All analyses in one step, so that features are read and the marts over them are built once."""
    specs = [dg.AssetSpec(key(table), deps=list(features), group_name="analytics", kinds={"python", "parquet"},
                          description=f"lake/analytics/{table}: estimates by as-of month. (分析估计)")
             for table in refresh.TABLES]

    @dg.multi_asset(name="analytics", specs=specs)
    def analytics() -> Iterable[dg.MaterializeResult]:
        made = steps.analyse(home, say)
        for name, analysis in refresh.ANALYSES.items():
            for table in analysis.TABLES:
                yield dg.MaterializeResult(key(table), metadata={"months made": len(made.get(name, []))})

    return analytics


def key(table: str) -> dg.AssetKey:
    return dg.AssetKey(["analytics", table])
