"""The dbt project as assets: models and seeds with their tests as checks, all made by one run of dbt.

Keys and checks are derived by dagster-dbt; dbt itself runs in process (`transform`). Nothing here
knows a single model.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, dbt_assets

from orchestration import steps, transform
from orchestration.assets import analytics
from orchestration.settings import Home
from orchestration.transform import Node

UNIQUE_ID = "dagster_dbt/unique_id"


class Translator(DagsterDbtTranslator):
    """Joins the two halves of the graph: a dbt source is the raw asset of that contract."""

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        if dbt_resource_props["resource_type"] == "source":
            if dbt_resource_props["source_name"] == "analytics":
                return analytics.key(dbt_resource_props["name"])
            return dg.AssetKey(["raw", dbt_resource_props["identifier"]])
        return dg.AssetKey([dbt_resource_props["schema"], dbt_resource_props["alias"]])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        return dbt_resource_props.get("schema")

    def get_description(self, dbt_resource_props: Mapping[str, Any]) -> str:
        return dbt_resource_props.get("description") or dbt_resource_props["name"]


class BuildConfig(dg.Config):
    """`full_refresh`: build everything from nothing instead of the days that landed."""

    full_refresh: bool = False


def manifest_of(home: Home) -> dict[str, Any]:
    """The parsed project, read once for all assets made of it."""
    return json.loads(transform.manifest_json(home).read_text(encoding="utf-8"))


def warehouse_asset(home: Home, manifest: dict[str, Any], say: steps.Say = steps.silent) -> dg.AssetsDefinition:
    @dbt_assets(manifest=manifest, dagster_dbt_translator=Translator(), name="warehouse", exclude=steps.ESTIMATED)
    def warehouse(context: dg.AssetExecutionContext, config: BuildConfig) -> Iterator[Any]:
        keys, checks = _of(context)
        select = None
        if context.is_subset:
            select = " ".join(uid.split(".")[2] for uid, key in keys.items() if key in context.selected_asset_keys)
        nodes = steps.build(home, select=select, full_refresh=config.full_refresh, say=say)
        yield from _results(nodes, keys, checks)

    return warehouse


def estimated_marts_asset(home: Home, manifest: dict[str, Any]) -> dg.AssetsDefinition | None:
    """The models over estimates, as `steps.analyse` left them; None in a project without any."""
    if not any(source["source_name"] == "analytics" for source in manifest["sources"].values()):
        return None

    @dbt_assets(manifest=manifest, dagster_dbt_translator=Translator(), name="estimated_marts", select=steps.ESTIMATED)
    def estimated_marts(context: dg.AssetExecutionContext) -> Iterator[Any]:
        yield from _results(transform.last_build(home).nodes, *_of(context))

    return estimated_marts


def _of(context: dg.AssetExecutionContext) -> tuple[dict[str, dg.AssetKey], dict[str, dg.AssetCheckSpec]]:
    """The assets and checks of a definition, by the ids that dbt gives them."""
    specs, checks = context.assets_def.specs, context.assets_def.check_specs
    return ({spec.metadata[UNIQUE_ID]: spec.key for spec in specs}, {spec.metadata[UNIQUE_ID]: spec for spec in checks})


def _results(
    nodes: Iterable[Node], keys: dict[str, dg.AssetKey], checks: dict[str, dg.AssetCheckSpec]
) -> Iterator[Any]:
    """What became of them. Raises Failure when a model broke."""
    nodes = [node for node in nodes if node.unique_id in keys.keys() | checks.keys()]
    for node in nodes:
        if node.unique_id in keys and node.status == "success":
            yield dg.MaterializeResult(asset_key=keys[node.unique_id], metadata={"seconds": node.seconds})
        elif node.unique_id in checks and node.status != "skipped":
            yield _check_result(checks[node.unique_id], node)
    if broken := [node for node in nodes if node.table and node.status in transform.RED]:
        raise dg.Failure(f"{broken[0].name}: {broken[0].message}", allow_retries=False)


def _check_result(spec: dg.AssetCheckSpec, node: Node) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        asset_key=spec.asset_key,
        check_name=spec.name,
        passed=node.status == "pass",
        severity=dg.AssetCheckSeverity.WARN if node.status == "warn" else dg.AssetCheckSeverity.ERROR,
        metadata={"failures": node.failures, "message": node.message, "seconds": node.seconds},
    )
