"""Erasing a customer by number: everything of his own goes, what others have too stays theirs."""

from pathlib import Path

import pytest
from extract_files import CUSTOMER, Operator, call, customer_files, customer_line, voice_file, voice_name

from orchestration import erasure, privacy, settings, vault

SECRET = b"a secret for tests"


@pytest.fixture
def operator(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Operator:
    """C1 and C2 have the same name; two numbers have called."""
    monkeypatch.setenv("BASS_SECRET", SECRET.decode())
    operator = Operator(settings.home(tmp_path))
    deliver(operator, "20260105")
    operator.put("billing", voice_name(1), voice_file([call(1), call(2, msisdn="13800000009")]))
    operator.run()
    return operator


def deliver(operator: Operator, day: str) -> None:
    lines = [customer_line(1, name="张三"), customer_line(2, name="张三"), customer_line(3, name="李四")]
    for name, data in customer_files([line.encode("gb18030") for line in lines], day=day).items():
        operator.put("billing", name, data)


def people(operator: Operator) -> list[tuple]:
    return operator.lake(CUSTOMER.id, "customer_id, name_token is null, id_document_token is null")


def erase(operator: Operator, *numbers: str) -> erasure.Erased:
    return erasure.erase(operator.home, customers=numbers)


def test_his_rows_lose_every_token_and_a_name_that_others_have_stays_theirs(operator: Operator) -> None:
    done = erase(operator, "C1")
    operator.run()
    assert people(operator) == [("C1", True, True), ("C2", False, False), ("C3", False, False)]
    assert (done.values, done.shared, done.days) == (1, 1, 1)
    document = "110101198001010001"
    assert privacy.clear_value(operator.home, "id_document", privacy.token(SECRET, "id_document", document)) is None
    assert privacy.clear_value(operator.home, "name", privacy.token(SECRET, "name", "张三")) == "张三"


def test_a_later_list_with_him_in_it_gives_no_token(operator: Operator) -> None:
    erase(operator, "C1")
    deliver(operator, "20260106")
    operator.run()
    assert {row for row in people(operator) if row[0] == "C1"} == {("C1", True, True)}


def test_when_the_last_bearer_of_a_name_is_erased_the_name_goes_too(operator: Operator) -> None:
    erase(operator, "C1")
    operator.run()
    assert erase(operator, "C2").shared == 0
    operator.run()
    assert privacy.clear_value(operator.home, "name", privacy.token(SECRET, "name", "张三")) is None
    assert sorted(text for domain, _, text in vault.values(operator.home, SECRET) if domain == "name") == ["李四"]


def test_a_number_goes_from_every_call(operator: Operator) -> None:
    erasure.erase(operator.home, values=[("msisdn", "13800000001")])
    operator.run()
    assert operator.lake("billing__rated_voice", "call_id, number_token is null") == [
        ("call000001", True), ("call000002", False)]


def test_a_customer_nobody_knows_is_told(operator: Operator) -> None:
    with pytest.raises(erasure.NothingToErase):
        erase(operator, "C9")
    assert vault.erased(operator.home).num_rows == 0
