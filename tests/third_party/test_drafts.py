"""A drafted contract can be used as it stands: it keeps every rule, and the sample is taken in with it."""

from pathlib import Path

import pytest

from orchestration import contract_check, contract_draft

SAMPLES = {
    "ibm_telco/Telco-Customer-Churn.csv": 7043,
    "ibm_telco/Telco_customer_churn_population.csv": 1671,
    "ibm_telco/Telco_customer_churn_services.csv": 7043,
    "comcast_complaints/Comcast_telecom_complaints_data.csv": 2224,
    "phone_log/phone_data.csv": 830,
    "cigar_panel/Cigar.csv": 1380,
    "pm_3gpp/A20230515.0700_0100-0715_0100_GNODEB-0.xml": 2667,
    "tmf_samples/tmf678_examples.json": None,
}


def take_in(make_site, sample: Path, folder: Path) -> tuple:
    contract = folder / "drafted" / "drafted.odcs.yaml"
    contract.parent.mkdir(parents=True)
    contract.write_text(contract_draft.draft(sample), encoding="utf-8")
    assert contract_check.check(contract) == []
    site = make_site(folder)
    (contract_id,) = site.contracts
    name = contract_check.sample_names(site.contracts[contract_id].file_pattern.pattern)[0]
    for digits, date in (("1" * 8, "20260101"), ("2" * 8, "20260101")):
        name = name.replace(digits, date)
    site.deliver(contract_id, name, sample)
    (partition,) = site.take_in()
    return site, contract_id, partition


@pytest.mark.parametrize("sample", SAMPLES)
def test_every_row_of_the_sample_is_accepted_under_the_contract_drafted_from_it(make_site, shared, tmp_path, sample):
    _, _, partition = take_in(make_site, shared / sample, tmp_path)
    assert partition.delivered_rows == partition.accepted_rows > 0
    assert SAMPLES[sample] in (None, partition.accepted_rows)


def test_the_drafted_services_contract_reconciles_money_without_an_edit(make_site, shared, tmp_path):
    site, contract_id, _ = take_in(make_site, shared / "ibm_telco" / "Telco_customer_churn_services.csv", tmp_path)
    wrong = ("total_revenue_amt <> total_charges_amt - total_refunds_amt + total_extra_data_charges"
             " + total_long_distance_charges_amt")
    assert site.rows(contract_id, "count(*)", f"where {wrong}") == [(0,)]
    assert site.contracts[contract_id].key == ("customer_id",)
