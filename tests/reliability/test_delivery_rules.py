"""The delivery rules for every contract, with the sample operator's own files: order, versions, copies, waiting."""

import os
import random
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from orchestration import contracts, missing, settings
from orchestration.contracts import Contract
from orchestration.ledger import Ledger
from orchestration.sample_operator import write_sample
from tests.reliability import homes
from tests.reliability.deliveries_of import Box, Delivery, by_unit, moved, renamed

CONTRACTS = contracts.load_all(settings.REPO / "data_contracts")
CHECKED = [name for name, contract in CONTRACTS.items() if contract.control in ("verf", "manifest")]
NUMBERED = [name for name, contract in CONTRACTS.items() if "sequence" in contract.file_pattern.groupindex]
EMPTY_TEXT = {"json_lines": b"", "json_array": b"[]"}
MAY_BE_EMPTY = [name for name, contract in CONTRACTS.items() if contract.control != "manifest"
                and contract.format in ("delimited", "fixed_width", *EMPTY_TEXT) and contract.frequency != "month"]
ANOTHER_DAY = date(2026, 2, 28)
NUMBER_MISSING = "sequence number missing"

every_contract = pytest.mark.parametrize("contract", sorted(CONTRACTS), indirect=True)


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The landing folder of a small operator."""
    folder = tmp_path_factory.mktemp("sample")
    write_sample(folder / "landing", folder / "truth", contracts=CONTRACTS, subscribers=60, months=1, seed=7,
                 start=date(2026, 1, 1), progress=lambda text: None)
    return folder / "landing"


@pytest.fixture
def contract(request: pytest.FixtureRequest) -> Contract:
    return CONTRACTS[request.param]


@pytest.fixture(scope="module")
def accepted() -> dict[str, list[Delivery]]:
    """What `units` found so far."""
    return {}


@pytest.fixture
def units(contract: Contract, sample: Path, box, accepted) -> list[Delivery]:
    """Up to four accepted deliveries of the contract that differ from each other, those with most bytes first: the
    sample has broken ones too."""
    if contract.id not in accepted:
        complete = [unit for unit in by_unit(contract, sample / contract.family)
                    if bool(unit.control) == bool(contract.control_pattern)]
        different = {tuple(unit.data.values()): unit for unit in complete}.values()
        largest = sorted(different, key=lambda unit: -sum(map(len, unit.data.values())))[:4]
        states = box().put({name: data for unit in largest for name, data in unit.all.items()}).run().states()
        accepted[contract.id] = [
            unit for unit in largest if {states[name] for name in unit.data} == {("accepted", None)}]
    return accepted[contract.id]


@pytest.fixture
def first(units: list[Delivery]) -> Delivery:
    return units[0]


@pytest.fixture
def box(contract: Contract, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Box]:
    """Makes empty homes that know this contract."""
    monkeypatch.setenv("BASS_SECRET", homes.SECRET)
    monkeypatch.setenv("BASS_THREADS", "1")
    count = iter(range(99))
    return lambda known=contract: Box(
        settings.home(tmp_path / str(next(count)), settings.REPO / "data_contracts"), known)


@every_contract
def test_files_in_any_order_make_the_same_lake(contract, units, box) -> None:
    files = {name: data for unit in units[:2] for name, data in unit.all.items()}
    at_once, one_by_one, names = box().put(files).run(), box(), sorted(files)
    random.Random(contract.id).shuffle(names)
    for name in names:
        one_by_one.put({name: files[name]}).run()
    assert one_by_one.rows() == at_once.rows()
    assert one_by_one.states() == at_once.states()
    assert {at_once.states()[name] for unit in units[:2] for name in unit.data} == {("accepted", None)}


@every_contract
def test_a_version_sent_again_with_other_rows_replaces_the_first_in_either_order(contract, units, box) -> None:
    others = [unit for unit in units[1:] if len(unit.data) == len(units[0].data)]
    if not others or contract.format == "tap3":
        pytest.skip("one delivery in the month, or the file says its own number: nothing to send under this name")
    first, again = units[0], renamed(contract, others[0], units[0], version=2)
    alone = box().put(again.all).run()
    after = box().put(first.all).run().put(again.all).run()
    before = box().put(again.all).run().put(first.all).run()
    assert after.rows() == before.rows() == alone.rows()
    for home in (after, before):
        assert {home.states()[name] for name in first.data} == {("superseded", "version 2 of the same unit")}
        assert {home.states()[name] for name in again.data} == {("accepted", None)}


@every_contract
def test_the_same_bytes_under_another_name_count_once_unless_they_are_a_full_list(contract, first, box) -> None:
    copy = moved(contract, first, ANOTHER_DAY)
    alone = box().put(first.all).run()
    both = box().put(copy.all).run().put(first.all).run().run()
    found = {both.states()[name] for name in copy.data}
    if not alone.rows():
        assert found == {("accepted", None)} and both.rows() == [], "two days on which nothing happened"
    elif contract.options.get("delivery") == "full":
        assert found == {("accepted", None)} and len(both.rows()) == 2 * len(alone.rows())
    elif contract.format == "tap3":
        assert {state for state, _ in found} == {"rejected"}, "the file says its own number"
        assert both.rows() == alone.rows()
    else:
        assert found == {("duplicate", f"same bytes as {name}") for name in first.data}
        assert both.rows() == alone.rows()


@every_contract
def test_a_file_that_is_still_being_written_waits(contract, first, box) -> None:
    beside = {f"{name}{end}": data for name, data in first.data.items() for end in (".part", ".tmp", ".filepart")}
    home = box().put(beside | {f".{name}": data for name, data in first.data.items()}).run()
    assert home.states() == {} and home.rows() == []

    growing = box(replace(contract, stable_seconds=3600.0)).put(first.all).run()
    assert {growing.states()[name] for name in first.data} == {("waiting", "still being written")}
    assert growing.rows() == []
    growing.contract = contract
    assert growing.run().rows() == box().put(first.all).run().rows()


@pytest.mark.parametrize("contract", ["billing__rated_voice"], indirect=True)
def test_a_file_whose_time_lies_ahead_of_the_clock_does_not_wait_for_that_time(contract, first, box) -> None:
    ahead = box().put(first.all)
    for path in (ahead.home.landing / contract.family).iterdir():
        os.utime(path, (time.time() + 86_400, time.time() + 86_400))
    assert ahead.run().rows() == box().put(first.all).run().rows() != []


@every_contract
def test_a_file_that_was_seen_half_counts_when_it_is_whole(contract, first, box) -> None:
    name, data = next(iter(first.data.items()))
    half = box().put(first.all | {name: data[: len(data) // 2]}).run()
    assert half.put({name: data}).run().rows() == box().put(first.all).run().rows()


@pytest.mark.parametrize("contract", CHECKED, indirect=True)
def test_the_check_file_may_come_before_or_after_its_data(contract, first, box) -> None:
    data_first = box().put(first.data).run()
    assert {data_first.states()[name] for name in first.data} == {("waiting", "no check file names this file")}
    check_first = box().put(first.control).run()
    announced = {reason for state, reason in check_first.states().values() if state == "missing"}
    assert announced == {f"announced by {name}" for name in first.control}
    assert data_first.rows() == check_first.rows() == []
    at_once = box().put(first.all).run()
    assert data_first.put(first.control).run().rows() == at_once.rows()
    assert check_first.put(first.data).run().rows() == at_once.rows()
    assert data_first.states() == check_first.states() == at_once.states()


@pytest.mark.parametrize("contract", NUMBERED, indirect=True)
def test_numbers_that_are_missing_are_on_the_board(contract, units, box) -> None:
    def missing_after(numbers: int) -> list[int]:
        later = moved(contract, units[0], ANOTHER_DAY, numbers)
        home = box().put(units[0].all | later.all).run()
        listed = [why for state, why in home.states().values() if state == "missing"].count(NUMBER_MISSING)
        with Ledger(home.home.ledger) as book:
            known = {contract.id: contract}
            owed = [one for one in missing.expected(known, book, missing.clock(known, book))
                    if one.reason == NUMBER_MISSING]
        return [listed, sum(one.file_count for one in owed)]

    assert missing_after(100) == [99, 99]
    assert missing_after(500) == [1, 499], "one line for so many"


@pytest.mark.parametrize("contract", MAY_BE_EMPTY, indirect=True)
def test_an_empty_delivery_is_accepted_makes_no_row_and_its_day_is_not_missing(contract, first, box) -> None:
    days = [date(2026, 2, day) for day in (10, 11, 12)]
    full = moved(contract, first, days[0])
    empty = [moved(contract, _empty(contract, first), day) for day in days[1:]]
    home = box().put(full.all | empty[0].all | empty[1].all).run()
    assert {home.states()[name] for one in (full, *empty) for name in one.data} == {("accepted", None)}
    assert home.rows() == box().put(full.all).run().rows()
    with Ledger(home.home.ledger) as book:
        known = {contract.id: contract}
        owed = missing.expected(known, book, missing.clock(known, book))
    if contract.frequency == "day":
        assert owed == []


def _empty(contract: Contract, delivery: Delivery) -> Delivery:
    """The same names without a row: header and trailer stay, the check file says nought."""
    data, control = {}, {}
    for name, whole in delivery.data.items():
        text = whole.splitlines(keepends=True)[0] if contract.header else b""
        if contract.control == "trailer":
            fields = [contract.trailer_mark or "", "0", *("0" for _ in contract.control_sums)]
            text += ((contract.delimiter or "").join(fields) + "\n").encode()
        data[name] = EMPTY_TEXT.get(contract.format, text)
    for name, whole in delivery.control.items():
        fields = whole.decode().splitlines()[0].split("|")
        fields[3:5], fields[7:] = ["0", "0"], ["0" for _ in fields[7:]]
        control[name] = "".join("|".join([file, *fields[1:]]) + "\n" for file in data).encode()
    return Delivery(data, control)
