"""The asset that people read: made only while every blocking check is green."""

from collections.abc import Iterable

import dagster as dg

from orchestration import steps
from orchestration.settings import Home

KEY = dg.AssetKey(["published", "bass"])


def publish_asset(home: Home, upstream: Iterable[dg.AssetKey], say: steps.Say = steps.silent) -> dg.AssetsDefinition:
    @dg.asset(key=KEY, deps=list(upstream), group_name="published", kinds={"duckdb"},
              description="published/bass.duckdb: the file that people read. (发布库)")
    def published() -> dg.MaterializeResult:
        version = steps.release(home, say)
        rows = sum(state.rows for state in version.tables.values())
        return dg.MaterializeResult(metadata={
            "version": version.version, "tables": len(version.tables), "dagster/row_count": rows,
            "checks_passed": version.checks_passed, "role_files": len(version.role_files),
        })

    return published
