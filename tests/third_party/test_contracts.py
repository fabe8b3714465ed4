"""The contracts of the third-party files are as good as the shipped ones."""

from pathlib import Path

from orchestration import contract_check

HERE = Path(__file__).resolve().parent


def test_every_third_party_contract_keeps_every_rule():
    assert contract_check.check(HERE / "contracts") == []
