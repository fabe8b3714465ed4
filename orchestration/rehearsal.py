"""`bass rehearse`: reads a tariff file and what it needs of the published warehouse. Calculates nothing itself.

The tariff file names an offer, whom of it (segment_code, org_id), and what shall be different: rental, prices and
included units by component, in yuan and units; what it does not name stays as it is today.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import polars as pl

from orchestration.settings import Home

MONTHS = 3
KNOWN = {"name", "offer_id", "segment_code", "org_id", "rental", "prices", "included", "take_up"}
QUANTITY = """case types.tariff_component_code when 'VOICE' then months.billed_minutes
    when 'SMS' then months.record_count else (months.up_bytes + months.down_bytes) / 1048576.0 end"""


class TariffError(ValueError):
    """A tariff file that cannot be used, or a warehouse that knows nothing of its offer."""


@dataclass(frozen=True)
class Proposal:
    offer_id: str
    segment_code: str | None
    org_id: str | None
    rental: float | None
    prices: dict[str, float]
    included: dict[str, float]
    take_up: str


@dataclass(frozen=True)
class Group:
    """Who is on the offer, what they used, its tariff today, and what is known of elasticities."""

    people: pl.DataFrame
    use: pl.DataFrame
    rental: float
    prices: dict[str, float]
    included: dict[str, float]
    elasticities: pl.DataFrame
    observed: dict[str, tuple[float, float]]


def proposal(path: Path) -> Proposal:
    """Reads a tariff file. Raises TariffError with what is wrong."""
    import yaml

    from orchestration.analytics.tariff_rehearsal import COMPONENTS, TAKE_UP

    try:
        said = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise TariffError(f"{path} cannot be read: {' '.join(str(error).split())}") from error
    if not isinstance(said, dict) or not said.get("offer_id"):
        raise TariffError(f"{path} names no offer: write offer_id: M039, and prices, included or rental")
    if strange := sorted(map(str, set(said) - KNOWN)):
        raise TariffError(f"{path}: {', '.join(strange)} is not known; known are {', '.join(sorted(KNOWN))}")
    tables = {}
    for name in ("prices", "included"):
        tables[name] = {str(code): _number(path, f"{name}.{code}", value)
                        for code, value in (said.get(name) or {}).items()}
        if strange := sorted(set(tables[name]) - set(COMPONENTS)):
            raise TariffError(f"{path}: {name} of {', '.join(strange)}: components are {', '.join(COMPONENTS)}")
    if (take_up := str(said.get("take_up", "all"))) not in TAKE_UP:
        raise TariffError(f"{path}: take_up is {take_up}: choose one of {', '.join(TAKE_UP)}")
    rental = None if said.get("rental") is None else _number(path, "rental", said["rental"])
    segment, org = (None if said.get(name) is None else str(said[name]) for name in ("segment_code", "org_id"))
    return Proposal(str(said["offer_id"]), segment, org, rental, tables["prices"], tables["included"], take_up)


def _number(path: Path, name: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < 1e12:
        raise TariffError(f"{path}: {name} is {value!r}: give a number, 0 or more")
    return float(value)


def read(home: Home, asked: Proposal) -> Group:
    """What the published warehouse holds of the target group. Raises TariffError."""
    if not home.published_database.exists():
        raise TariffError(f"nothing is published in {home.published} yet: run `bass run` or `bass demo`")
    offline = {"autoinstall_known_extensions": False, "autoload_known_extensions": False}
    with duckdb.connect(str(home.published_database), read_only=True, config=offline) as connection:
        return of_connection(connection, asked)


def of_connection(connection: duckdb.DuckDBPyConnection, asked: Proposal) -> Group:
    months = [month for (month,) in connection.execute(
        "select distinct as_of_month from features.feature_price_month order by 1 desc limit ?", [MONTHS]).fetchall()]
    if not months:
        raise TariffError("no month has features yet: a month closes when files of the next one have come")
    tariff = _tariff(connection, asked.offer_id, max(months))
    people = connection.execute("""select subscription_id, as_of_month as month
        from features.feature_subscription_month where offer_id = $offer and as_of_month >= $first
            and as_of_month <= $last and ($segment is null or customer_type_code = $segment)
            and ($org is null or org_id = $org) order by all""", _asked(asked, months)).pl()
    use = connection.execute(f"""select months.subscription_id, months.month_start_date as month,
            types.tariff_component_code as component_code,
            coalesce(sum(({QUANTITY})::double) filter (where types.price_multiple = 1), 0) as home,
            coalesce(sum(({QUANTITY})::double * types.price_multiple::double)
                filter (where types.price_multiple <> 1), 0) as away
        from usage.fct_usage_month as months
        inner join reference.usage_types as types on months.usage_type_code = types.usage_type_code
        where months.direction_code in ('MO', 'NONE') and types.tariff_component_code is not null
            and months.month_start_date >= ? group by all order by all""", [min(months)]).pl()
    return Group(people, use.join(people, on=["subscription_id", "month"], how="semi"), *tariff,
                 *_known(connection, max(months)))


def _asked(asked: Proposal, months: list[date]) -> dict[str, object]:
    return {"offer": asked.offer_id, "segment": asked.segment_code, "org": asked.org_id, "first": min(months),
            "last": max(months)}


def _tariff(connection: duckdb.DuckDBPyConnection, offer: str,
            month: date) -> tuple[float, dict[str, float], dict[str, float]]:
    """The newest version in force on the last day of the month."""
    rows = connection.execute("""select component_code, unit_price_amt::double, included_quantity::double
        from dim.dim_tariff_version
        where offer_id = ? and valid_from <= last_day(?::date) and valid_to > last_day(?::date)
        order by component_code, valid_from""", [offer, month, month]).fetchall()
    if not rows:
        raise TariffError(f"offer {offer} has no tariff in {month:%Y-%m}: see dim.dim_tariff_version")
    prices = {code: price for code, price, _ in rows}
    return prices.pop("RENTAL", 0.0), prices, {code: included or 0.0 for code, _, included in rows}


def _known(connection: duckdb.DuckDBPyConnection, month: date) -> tuple[pl.DataFrame, dict[str, tuple[float, float]]]:
    elasticities = connection.execute("""select component_code, price_component_code, margin_code, estimate, std_error,
            n_moved_clusters, status from mart.price_elasticity
        where as_of_month = ? and segment_code = 'ALL' and org_id = 'ALL' and design_code = 'two_way' order by all""",
                                      [month]).pl()
    ranges = connection.execute("""with changes as (
            select component_code, price_after_amt::double / price_before_amt::double - 1 as change
            from mart.price_event where as_of_month = ? and price_before_amt > 0
        )
        select component_code, least(min(change), 0), greatest(max(change), 0) from changes group by 1 order by 1""",
                                [month]).fetchall()
    return elasticities, {code: (low, high) for code, low, high in ranges}


def tested(home: Home) -> pl.DataFrame:
    """Rehearsals of finished price changes, as the newest estimates tell them."""
    if not home.published_database.exists():
        raise TariffError(f"nothing is published in {home.published} yet: run `bass run` or `bass demo`")
    from orchestration.estimates import price, price_test

    with duckdb.connect(str(home.published_database), read_only=True) as connection:
        source = price.read(connection)
    if source.panel.is_empty():
        return pl.DataFrame(schema=price_test.SCHEMA)
    return price_test.back_test(source, source.panel["as_of_month"].max(), price.CROSS)
