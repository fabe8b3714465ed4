"""The list of a campaign to be handed to those who contact customers. Who has not consented, or takes it back before
the list is written, is in no such list and stays counted in every figure; the control group is not to be contacted."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import duckdb

from orchestration.settings import Home

DRAWN = """
    select drawn.wave_number, drawn.subscription_id, customers.customer_id, drawn.segment_id, drawn.is_control,
        coalesce(customers.has_consent, false) as has_consent
    from marketing.fct_campaign_contact as drawn
    left join dim.dim_subscription as subscriptions
        on drawn.subscription_id = subscriptions.subscription_id and subscriptions.is_current
    left join dim.dim_customer as customers
        on subscriptions.customer_id = customers.customer_id and customers.is_current
    where drawn.is_listed and drawn.campaign_id = $campaign_id
    order by drawn.wave_number, drawn.subscription_id"""
COLUMNS = ("wave_number", "subscription_id", "customer_id", "segment_id")


class UnknownCampaign(ValueError):
    """Nothing is published, or no list was drawn for this campaign."""


@dataclass(frozen=True)
class Listed:
    """Subscriptions written, and those left out of the list: without consent, or in the control group."""

    written: int
    without_consent: int
    control: int


def write(home: Home, campaign_id: str, folder: Path) -> Listed:
    """Writes `campaign.csv` into `folder`. Raises UnknownCampaign."""
    if not home.published_database.exists():
        raise UnknownCampaign(f"nothing is published in {home.published} yet: run `bass run`")
    with duckdb.connect(str(home.published_database), read_only=True) as connection:
        rows = connection.execute(DRAWN, {"campaign_id": campaign_id}).fetchall()
    if not rows:
        raise UnknownCampaign(f"no list was drawn for a campaign {campaign_id!r}")
    chosen = [row[: len(COLUMNS)] for row in rows if row[-1] and not row[-2]]
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "campaign.csv", "w", encoding="utf-8-sig", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(COLUMNS)
        writer.writerows(chosen)
    control = sum(row[-2] for row in rows)
    return Listed(len(chosen), len(rows) - len(chosen) - control, control)
