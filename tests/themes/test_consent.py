"""Consent: who opted out is in no list that leaves the house, and in every figure."""

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from orchestration import campaign_export
from orchestration.settings import Home

pytestmark = pytest.mark.slow
Ask = Callable[[str], list[tuple]]


@pytest.mark.requirement("SEC08")
def test_a_customer_who_opted_out_is_in_no_campaign_list_and_still_counted(
    demo: Home, ask: Ask, tmp_path: Path
) -> None:
    newest = "select customer_id from raw.billing__customer group by 1 having not arg_max(has_consent, file_date)"
    opted_out = {row[0] for row in ask(newest)}
    drawn = dict(ask("select campaign_id, count(*) from raw.crm__segment_list group by 1"))
    left_out = written = 0
    for campaign_id in drawn:
        listed = campaign_export.write(demo, campaign_id, tmp_path)
        with open(tmp_path / "campaign.csv", encoding="utf-8-sig") as handle:
            rows = list(csv.DictReader(handle))
        assert len(rows) == listed.written and not {row["customer_id"] for row in rows} & opted_out
        assert all(row["customer_id"] for row in rows)
        (counted,) = ask("select count(*) from marketing.fct_campaign_contact where is_listed and campaign_id = "
                         f"'{campaign_id}'")[0]
        assert counted == listed.written + listed.without_consent + listed.control
        written, left_out = written + listed.written, left_out + listed.without_consent
    assert opted_out and left_out and written
    (counted,) = ask("select count(distinct customer_id) from dim.dim_customer where is_current and not has_consent")[0]
    assert counted >= len(opted_out)


def test_a_campaign_nobody_knows_gives_no_list(demo: Home, tmp_path: Path) -> None:
    with pytest.raises(campaign_export.UnknownCampaign):
        campaign_export.write(demo, "no such campaign", tmp_path)
    assert list(tmp_path.iterdir()) == []
