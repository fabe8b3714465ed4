"""Landing, deliveries and ingest on small files: every delivered row is accounted for, whatever happens."""

import os
import random
import stat
from pathlib import Path

import pytest
from extract_files import (
    CONTRACTS,
    CUSTOMER,
    Operator,
    call,
    customer_files,
    customer_line,
    order_files,
    voice_file,
    voice_name,
)
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from orchestration import deliveries, ingest, ledger, privacy, settings

VOICE_ID, CUSTOMER_ID, ORDER_ID = "billing__rated_voice", "billing__customer", "billing__order"


@pytest.fixture
def operator(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Operator:
    monkeypatch.setenv("BASS_SECRET", "a secret for tests")
    return Operator(settings.home(tmp_path))


def accounted(operator: Operator, name: str) -> tuple[int, int, int, int]:
    row = operator.file(name)
    return tuple(row[f"{kind}_rows"] for kind in ("delivered", "accepted", "rejected", "duplicate"))


def test_rows_are_accepted_rejected_or_duplicate_and_add_up(operator: Operator) -> None:
    lines = [
        call(1),
        call(2),
        call(2),
        call(3, usage="PIGEON"),
        call(4, seconds="6x"),
        call(5, seconds=-1),
        "short|line",
    ]
    operator.put("billing", voice_name(1), voice_file(lines, seconds=60 * 4 - 1, fen=90))
    operator.run()
    assert accounted(operator, voice_name(1)) == (7, 2, 4, 1)
    assert [row[:2] + row[3:4] for row in operator.rejects(VOICE_ID)] == [
        ("unknown_code", "usage_type_code", 4),
        ("bad_type", "duration_s", 5),
        ("out_of_range", "duration_s", 6),
        ("wrong_column_count", None, 7),
    ]
    with ledger.Ledger(operator.home.ledger) as book:
        totals = {r["column_name"]: tuple(r)[2:] for r in book.rows("select * from file_total")}
    assert totals["duration_s"] == ("239", "120", "59", "60", "239")
    assert totals["rated_fen"] == ("90", "30", "45", "15", "90")


@pytest.mark.parametrize(("text", "column"), [("12.7", "seconds"), ("1e3", "fen"), ("0x1F", "seconds"), ("1_0", "fen")])
def test_a_number_that_would_be_rounded_or_reinterpreted_is_rejected(
    operator: Operator, text: str, column: str
) -> None:
    operator.put(
        "billing",
        voice_name(1),
        voice_file(
            [call(1), call(2, **{column: text})],
            seconds=60 if column == "seconds" else 120,
            fen=15 if column == "fen" else 30,
        ),
    )
    operator.run()
    assert operator.states()[voice_name(1)] == ("accepted", None)
    assert operator.lake(VOICE_ID, "call_id") == [("call000001",)]
    assert [row[0] for row in operator.rejects(VOICE_ID)] == ["bad_type"]


def test_the_same_record_in_two_files_of_a_day_counts_once_in_the_first(operator: Operator) -> None:
    operator.put("billing", voice_name(2), voice_file([call(1), call(7)]))
    operator.put("billing", voice_name(1), voice_file([call(1), call(2)]))
    operator.run()
    assert accounted(operator, voice_name(1)) == (2, 2, 0, 0)
    assert accounted(operator, voice_name(2)) == (2, 1, 0, 1)


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [({"rows": 3}, "control_count"), ({"seconds": 121}, "control_sum"), ({"fen": 29}, "control_sum")],
)
def test_a_file_that_breaks_its_trailer_is_rejected_whole_and_others_are_not(
    operator: Operator, wrong: dict, reason: str
) -> None:
    operator.put("billing", voice_name(1), voice_file([call(1), call(2)], **wrong))
    operator.put("billing", voice_name(2), voice_file([call(3)]))
    operator.run()
    state, why = operator.states()[voice_name(1)]
    assert state == "rejected" and why.startswith(reason)
    assert operator.lake(VOICE_ID, "call_id") == [("call000003",)]


def test_a_higher_version_replaces_the_lower_one_in_either_order(operator: Operator) -> None:
    operator.put("billing", voice_name(1, version=2), voice_file([call(1)]))
    operator.run()
    operator.put("billing", voice_name(1, version=1), voice_file([call(1), call(2)]))
    operator.run()
    assert operator.states()[voice_name(1, 1)] == ("superseded", "version 2 of the same unit")
    assert operator.lake(VOICE_ID, "call_id") == [("call000001",)]


def test_a_rejected_higher_version_leaves_the_lower_one_in_force(operator: Operator) -> None:
    operator.put("billing", voice_name(1, version=1), voice_file([call(1), call(2)]))
    operator.run()
    operator.put("billing", voice_name(1, version=2), voice_file([call(9)], rows=5))
    operator.run()
    assert operator.states()[voice_name(1, 2)][0] == "rejected"
    assert operator.states()[voice_name(1, 1)] == ("accepted", None)
    assert operator.lake(VOICE_ID, "call_id") == [("call000001",), ("call000002",)]


def test_the_same_bytes_under_another_name_are_a_duplicate_but_empty_days_are_not(operator: Operator) -> None:
    for sequence in (1, 2):
        operator.put("billing", voice_name(sequence), voice_file([call(1)]))
        operator.put("billing", voice_name(sequence + 2), voice_file([]))
    operator.run()
    states = operator.states()
    assert states[voice_name(2)] == ("duplicate", f"same bytes as {voice_name(1)}")
    assert states[voice_name(3)][0] == states[voice_name(4)][0] == "accepted"


def test_a_data_file_waits_for_its_check_file_and_a_check_file_without_data_is_missing(operator: Operator) -> None:
    files = customer_files([customer_line(1).encode("gb18030")])
    check, data = sorted(files)
    operator.put("billing", check, files[check])
    operator.run()
    assert operator.states()[data] == ("missing", f"announced by {check}")
    operator.put("billing", data, files[data])
    operator.run()
    assert operator.states()[data] == ("accepted", None)


def test_a_data_file_without_check_file_waits_and_then_is_late(operator: Operator) -> None:
    data = customer_files([customer_line(1).encode("gb18030")])
    name = next(name for name in data if name.endswith(".dat"))
    operator.put("billing", name, data[name])
    operator.run()
    assert operator.states()[name][0] == "waiting"
    operator.put("billing", voice_name(1, day="20260109"), voice_file([call(1)]))
    operator.run()
    assert operator.states()[name][0] == "late"
    check = name.replace("_001.dat", ".verf")
    operator.put("billing", check, data[check])
    operator.run()
    assert operator.states()[name] == ("accepted", None)


@pytest.mark.parametrize(("change", "reason"), [({"count": 2}, "control_count"), ({"size": 5}, "control_size")])
def test_check_file_figures_must_agree(operator: Operator, change: dict, reason: str) -> None:
    for name, data in customer_files([customer_line(1).encode("gb18030")], **change).items():
        operator.put("billing", name, data)
    operator.run()
    assert any((why or "").startswith(reason) for state, why in operator.states().values() if state == "rejected")
    assert operator.lake(CUSTOMER_ID) == []


def test_a_manifest_hash_that_differs_rejects_the_file(operator: Operator) -> None:
    line = "O1,created,2026-01-05 10:00:00,S1,C1,OPEN,F1,,,2026-01-05 10:00:00,,"
    for name, data in order_files([line], sha256="0" * 64).items():
        operator.put("billing", name, data)
    operator.run()
    assert operator.states()["order_20260105_v1.csv"][1].startswith("control_hash")
    for name, data in order_files([line], day="20260106").items():
        operator.put("billing", name, data)
    operator.run()
    assert operator.lake(ORDER_ID, "order_id") == [("O1",)]


def test_names_that_say_nothing_are_quarantined_visibly(operator: Operator) -> None:
    operator.put("billing", "notes.txt", b"hello")
    for day in ("20261399", "99990101"):
        operator.put("billing", voice_name(1, day=day), voice_file([]))
    operator.run()
    assert operator.states()["notes.txt"] == ("quarantined", "no contract has a file name like this")
    for day in ("20261399", "99990101"):
        assert operator.states()[voice_name(1, day=day)][1].startswith("the period in the name is no date")


def test_a_symlink_is_never_followed(operator: Operator, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_bytes(voice_file([call(1)]))
    operator.put("billing", "x", b"")
    os.symlink(outside, operator.home.landing / "billing" / voice_name(1))
    operator.run()
    assert operator.states()[voice_name(1)][0] == "quarantined"


def test_missing_sequence_numbers_and_days_are_on_the_board_until_they_arrive(operator: Operator) -> None:
    for sequence in (1, 3):
        operator.put("billing", voice_name(sequence), voice_file([call(sequence)]))
    operator.run()
    assert operator.states()["rated_voice 10000 000002"] == ("missing", "sequence number missing")
    operator.put("billing", voice_name(2), voice_file([call(2)]))
    operator.run()
    assert "missing" not in {state for state, _ in operator.states().values()}


def test_a_missing_quarter_hour_is_on_the_board(operator: Operator) -> None:
    for minute in (0, 15, 45):
        name = f"A20260105.10{minute:02d}+0800-10{minute:02d}+0800_OMC1.xml"
        operator.put("network", name, f"<measCollecFile><!-- {minute} --></measCollecFile>".encode())
    operator.run()
    missing = [name for name, (state, _) in operator.states().items() if state == "missing"]
    assert missing == ["measurement OMC1 202601051030"]


def test_personal_values_become_tokens_and_never_reach_lake_or_rejects(operator: Operator) -> None:
    lines = [customer_line(1), customer_line(2, name="李四"), customer_line(3, birth_year="19x0"), "C4|10|王五|broken"]
    for name, data in customer_files([line.encode("gb18030") for line in lines]).items():
        operator.put("billing", name, data)
    operator.run()
    key = b"a secret for tests"
    assert operator.lake(CUSTOMER_ID, "customer_id, name_token") == [
        ("C1", privacy.token(key, "name", "张三𠮷")),
        ("C2", privacy.token(key, "name", "李四")),
    ]
    raw_texts = [row[4] for row in operator.rejects(CUSTOMER_ID)]
    assert raw_texts == ["C3|10|***|***|19x0|||A|1|0||11100|20200101|1", "x9|99|xx|xxxxxx"]
    vault = operator.home.vault / "vault.sqlite"
    assert stat.S_IMODE(vault.stat().st_mode) == 0o600
    assert privacy.clear_value(operator.home, "name", privacy.token(key, "name", "李四")) == "李四"
    for path in [*operator.home.lake.rglob("*.parquet")]:
        assert "李四".encode() not in path.read_bytes()


def test_a_column_nobody_agreed_on_is_counted_and_its_text_never_shown(operator: Operator, monkeypatch) -> None:
    import dataclasses

    import extract_files

    staff = CONTRACTS["crm__staff"]
    header = "||".join([*(column.source for column in staff.columns), "HOME_PHONE"])
    rows = ["T1||张三||66||11100||AGENT||20200101||||ACTIVE||138",
            "T2||李四||77||11100||JUGGLER||20200101||||ACTIVE||139"]
    operator.put("crm", "staff_20260105_v1.csv", "\n".join([header, *rows, ""]).encode("gb18030"))
    with_header = dataclasses.replace(staff, header=True)
    monkeypatch.setattr(extract_files, "CONTRACTS", {**CONTRACTS, staff.id: with_header})
    operator.run()
    assert operator.file("staff_20260105_v1.csv")["unknown_paths"] == '{"HOME_PHONE": 2}'
    assert [row[4] for row in operator.rejects(staff.id)] == ["x9||xx||99||99999||xxxxxxx||99999999||||xxxxxx||999"]


def test_a_personal_value_written_with_doubled_quotes_is_masked_too(operator: Operator) -> None:
    contact = CONTRACTS["call_center__contact"]
    values = {"contact_id": "K1", "channel": "HOTLINE", "remark": '"said ""call me"" twice"'}
    line = ",".join(values.get(column.source, "") for column in contact.columns)
    header = ",".join(column.source for column in contact.columns)
    operator.put("call_center", "contact_20260105_v1.csv", f"\ufeff{header}\r\n{line}\r\n".encode())
    operator.run()
    ((reason, _, _, _, raw_text),) = operator.rejects(contact.id)
    assert reason == "missing_value" and "call me" not in raw_text


def test_tokens_of_one_domain_join_across_feeds_and_domains_differ() -> None:
    assert privacy.token(b"k", "msisdn", "13800000001") != privacy.token(b"k", "name", "13800000001")
    domains = {
        column.token_domain
        for contract in CONTRACTS.values()
        for column in contract.columns
        if column.name in ("number_token", "counterpart_token", "caller_token")
    }
    assert domains == {"msisdn"}


def test_another_secret_is_refused_before_anything_is_written(operator: Operator, monkeypatch) -> None:
    operator.put("billing", voice_name(1), voice_file([call(1)]))
    operator.run()
    monkeypatch.setenv("BASS_SECRET", "another one")
    operator.put("billing", voice_name(2), voice_file([call(2)]))
    with pytest.raises(privacy.SecretMissing, match="differs"):
        operator.run()
    assert operator.lake(VOICE_ID, "call_id") == [("call000001",)]


def test_a_mended_contract_gives_rejected_files_a_new_chance(operator: Operator, monkeypatch) -> None:
    import dataclasses

    import extract_files

    operator.put("billing", voice_name(1), voice_file([call(1), call(2, usage="PIGEON")]))
    operator.run()
    assert len(operator.rejects(VOICE_ID)) == 1
    contract = CONTRACTS[VOICE_ID]
    columns = tuple(
        dataclasses.replace(c, codes=(*c.codes, "PIGEON")) if c.name == "usage_type_code" else c
        for c in contract.columns
    )
    mended = {**CONTRACTS, VOICE_ID: dataclasses.replace(contract, columns=columns)}
    monkeypatch.setattr(extract_files, "CONTRACTS", mended)
    operator.run()
    assert operator.rejects(VOICE_ID) == []
    assert accounted(operator, voice_name(1)) == (2, 2, 0, 0)


def test_a_second_run_finds_nothing_stale_and_changes_no_byte(operator: Operator) -> None:
    operator.put("billing", voice_name(1), voice_file([call(1), call(2, usage="PIGEON")]))
    operator.run()
    before = {path: path.stat().st_mtime_ns for path in operator.home.lake.rglob("*.parquet")}
    assert operator.run() == []
    assert before == {path: path.stat().st_mtime_ns for path in operator.home.lake.rglob("*.parquet")}


def test_local_time_is_kept_and_utc_is_derived(operator: Operator) -> None:
    operator.put("billing", voice_name(1), voice_file([call(1)]))
    operator.run()
    ((utc, local),) = operator.lake(VOICE_ID, "started_at, started_at_local")
    assert (utc.hour, utc.minute, local.hour, local.minute) == (2, 15, 10, 15)


def test_only_one_process_writes_to_a_home(operator: Operator) -> None:
    refused = pytest.raises(ledger.HomeBusy, match=str(os.getpid()))
    with ledger.writer_lock(operator.home), refused, ledger.writer_lock(operator.home):
        pass


def test_only_reading_rules_make_partitions_stale() -> None:
    import dataclasses

    texts = dataclasses.replace(CUSTOMER, description="other words", owner="somebody else")
    codes = dataclasses.replace(CUSTOMER, null_words=("NIL",))
    assert texts.reading_digest == CUSTOMER.reading_digest
    assert codes.reading_digest != CUSTOMER.reading_digest


def test_a_kill_between_lake_and_ledger_is_healed_by_the_next_run(operator: Operator, monkeypatch) -> None:
    operator.put("billing", voice_name(1), voice_file([call(1)]))

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(ledger.Ledger, "record_partition", killed)
        with pytest.raises(KeyboardInterrupt):
            operator.run()
    (partition,) = operator.run()
    assert partition.accepted_rows == 1 and operator.lake(VOICE_ID, "call_id") == [("call000001",)]


def test_a_kill_between_a_rejection_and_what_it_brings_back_is_healed_by_the_next_run(
    operator: Operator, monkeypatch
) -> None:
    operator.put("billing", voice_name(1, version=1), voice_file([call(1)]))
    operator.put("billing", voice_name(1, version=2), voice_file([call(9)], rows=5))

    def killed(*_: object, again: object = ()) -> None:
        if again:
            raise KeyboardInterrupt

    with ledger.Ledger(operator.home.ledger) as book:
        deliveries.settle(operator.home, CONTRACTS, book)
    with monkeypatch.context() as patch:
        patch.setattr(deliveries, "decide", killed)
        with pytest.raises(KeyboardInterrupt):
            operator.run()
    operator.run()
    assert operator.states()[voice_name(1, 2)][0] == "rejected"
    assert operator.lake(VOICE_ID, "call_id") == [("call000001",)]


def test_a_version_with_the_same_bytes_as_the_one_before_replaces_it_and_loses_nothing(operator: Operator) -> None:
    for version in (1, 2):
        operator.put("billing", voice_name(1, version), voice_file([call(1)]))
    operator.run()
    assert operator.states()[voice_name(1, 1)][0] == "superseded"
    assert operator.states()[voice_name(1, 2)] == ("accepted", None)
    assert operator.lake(VOICE_ID, "call_id") == [("call000001",)]


@pytest.mark.parametrize("second_part", ["not there", "broken"])
def test_a_version_of_which_a_part_is_missing_or_broken_replaces_nothing(operator: Operator, second_part: str) -> None:
    def send(version: int, numbers: list[int], parts: int) -> None:
        checks = b""
        for part, number in enumerate(numbers, start=1):
            files = customer_files([customer_line(number).encode("gb18030")], version=version,
                                   count=7 if part > parts and second_part == "broken" else None)
            (check, text), (data, rows) = sorted(files.items(), key=lambda item: item[0].endswith(".dat"))
            name = data.replace("_001.dat", f"_{part:03d}.dat")
            checks += text.replace(data.encode(), name.encode())
            if part <= parts or second_part == "broken":
                operator.put("billing", name, rows)
        operator.put("billing", check, checks)
        operator.run()

    send(1, [1, 2], parts=2)
    assert operator.lake(CUSTOMER_ID, "customer_id") == [("C1",), ("C2",)]
    send(2, [3, 4], parts=1)
    assert operator.lake(CUSTOMER_ID, "customer_id") == [("C1",), ("C2",)]
    states = operator.states()
    assert states["i_10000_20260105_01001_02_001.dat"] == (
        "waiting", "version 2 is not complete: version 1 stays in force")
    send(2, [3, 4], parts=2)
    assert operator.lake(CUSTOMER_ID, "customer_id") == [("C3",), ("C4",)]


def test_a_version_below_one_that_counts_is_superseded_whether_it_was_rejected_before_or_not(
    operator: Operator,
) -> None:
    operator.put("billing", voice_name(1, version=1), voice_file([call(1)], rows=5))
    operator.run()
    operator.put("billing", voice_name(1, version=2), voice_file([call(1)]))
    operator.run()
    assert operator.states()[voice_name(1, 1)] == ("superseded", "version 2 of the same unit")


def test_the_same_bytes_count_on_the_earlier_day_even_if_that_comes_last(operator: Operator) -> None:
    for day in ("20260106", "20260105"):
        operator.put("billing", voice_name(1, day=day), voice_file([call(1)]))
        operator.run()
    first, second = voice_name(1, day="20260105"), voice_name(1, day="20260106")
    assert operator.states()[first] == ("accepted", None)
    assert operator.states()[second] == ("duplicate", f"same bytes as {first}")
    assert len(operator.lake(VOICE_ID)) == 1
    operator.put("billing", voice_name(1, version=2, day="20260105"), voice_file([call(2)]))
    operator.run()
    assert operator.states()[second] == ("accepted", None)
    assert operator.lake(VOICE_ID, "call_id") == [("call000001",), ("call000002",)]


def test_a_copy_counts_in_the_same_run_in_which_its_original_is_rejected(operator: Operator) -> None:
    line = "O1,created,2026-01-05 10:00:00,S1,C1,OPEN,F1,,,2026-01-05 10:00:00,,"
    for day, records in (("20260105", 9), ("20260106", 1)):
        files = order_files([line], day=day)
        manifest = f"order_{day}_v1.manifest.json"
        files[manifest] = files[manifest].replace(b'"records": 1', f'"records": {records}'.encode())
        for name, data in files.items():
            operator.put("billing", name, data)
    operator.run()
    assert operator.states()["order_20260105_v1.csv"][1].startswith("control_count")
    assert operator.states()["order_20260106_v1.csv"] == ("accepted", None)
    assert operator.lake(ORDER_ID, "order_id") == [("O1",)]


def test_a_check_file_sent_again_under_its_name_is_believed_for_better_and_for_worse(operator: Operator) -> None:
    def send(count: int) -> tuple[str, str | None]:
        files = customer_files([customer_line(1).encode("gb18030")], count=count)
        for name, data in files.items():
            operator.put("billing", name, data)
        operator.run()
        return operator.states()[next(name for name in files if name.endswith(".dat"))]

    assert send(2)[1].startswith("control_count")
    assert send(1) == ("accepted", None)
    assert send(2)[1].startswith("control_count")
    assert operator.lake(CUSTOMER_ID) == []


def test_bytes_that_come_again_under_their_name_count_and_cost_nothing_afterwards(operator: Operator) -> None:
    good, bad = voice_file([call(1)]), voice_file([call(1)], rows=7)
    path = operator.put("billing", voice_name(1), good)
    operator.run()
    for second, data in enumerate((good, bad, good), start=1):
        path.write_bytes(data)
        os.utime(path, (1_767_600_000 + second, 1_767_600_000 + second))
        with ledger.Ledger(operator.home.ledger) as book:
            deliveries.settle(operator.home, CONTRACTS, book)
    operator.run()
    with ledger.Ledger(operator.home.ledger) as book:
        current = book.rows("select state from file where coalesce(reason, '') <> ?", (ledger.OVERWRITTEN,))
    assert [row["state"] for row in current] == ["accepted"]
    assert operator.lake(VOICE_ID, "call_id") == [("call000001",)]
    assert operator.run() == []


FILES = st.lists(
    st.tuples(st.integers(1, 3), st.integers(1, 3), st.lists(st.integers(1, 6), max_size=5), st.booleans()),
    min_size=1,
    max_size=6,
    unique_by=lambda f: f[:2],
)


@hypothesis_settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(files=FILES, seed=st.integers(0, 999))
def test_the_lake_depends_on_the_set_of_files_and_not_on_their_order(
    files, seed, tmp_path_factory, monkeypatch
) -> None:
    monkeypatch.setenv("BASS_SECRET", "a secret for tests")
    operator = Operator(settings.home(tmp_path_factory.mktemp("home")))
    order = random.Random(seed).sample(files, len(files))
    for sequence, version, numbers, is_good in order:
        data = voice_file([call(n) for n in numbers], rows=None if is_good else 99)
        operator.put("billing", voice_name(sequence, version), data)
        if random.Random(seed + sequence).random() < 0.5:
            operator.run()
    operator.run()
    assert operator.lake(VOICE_ID, "call_id") == expected_calls(files)


def expected_calls(files: list[tuple[int, int, list[int], bool]]) -> list[tuple[str]]:
    """The reference model: the highest good version per sequence number, each record once."""
    in_force: dict[int, tuple[int, list[int]]] = {}
    for sequence, version, numbers, is_good in files:
        if is_good and version >= in_force.get(sequence, (0, []))[0]:
            in_force[sequence] = (version, numbers)
    return [(f"call{n:06d}",) for n in sorted({n for _, numbers in in_force.values() for n in numbers})]


def test_schema_partitions_let_readers_see_every_feed_before_any_delivery(operator: Operator) -> None:
    ingest.ensure_schema_partitions(operator.home, CONTRACTS.values())
    assert {path.name for path in operator.home.raw.iterdir()} == set(CONTRACTS)
    assert operator.lake(VOICE_ID) == []
