"""The sample operator's files agree with their contracts, with each other and with the truth folder.

Files are read here with a small reader of the test's own, so that generator and ingest cannot agree on an error.
"""

import gzip
import hashlib
import io
import json
from collections import Counter
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from lxml import etree

from orchestration import contracts
from orchestration.sample_operator import Plan, reference, write_sample

CONTRACTS = Path(__file__).parents[2] / "data_contracts"
CHARGED = {"VOICE_LOCAL": "VOICE", "VOICE_TOLL": "VOICE", "VOICE_ROAM": "ROAM", "VOICE_INTL": "INTL", "SMS": "SMS",
           "SMS_ROAM": "ROAM", "DATA": "DATA", "DATA_ROAM": "ROAM"}
USAGE_ITEMS = ("VOICE", "SMS", "DATA", "ROAM", "INTL")
REACHED = ("1000", "1010", "1020")


class Sample:
    """A written sample; reads a feed's files in force (by the truth folder) as text columns."""

    def __init__(self, root: Path, **size) -> None:
        self.contracts = contracts.load_all(CONTRACTS)
        self.landing, self.folder = root / "landing", root / "truth"
        self.summary = write_sample(self.landing, self.folder, contracts=self.contracts, **size)

    def truth(self, name: str) -> pl.DataFrame:
        return pl.read_parquet(self.folder / f"{name}.parquet")

    def files(self, contract_id: str, state: str = "accepted") -> pl.DataFrame:
        return self.truth("file").filter(pl.col("contract_id") == contract_id, pl.col("expected_state") == state)

    def data(self, relative_path: str) -> bytes:
        data = (self.landing / relative_path).read_bytes()
        return gzip.decompress(data) if relative_path.endswith(".gz") else data

    def lines(self, contract_id: str, relative_path: str) -> list[bytes]:
        """Data lines without header and trailer."""
        contract, lines = self.contracts[contract_id], self.data(relative_path).splitlines()
        return lines[int(contract.header): len(lines) - (contract.control == "trailer")]

    def rows(self, contract_id: str) -> pl.DataFrame:
        """Well-formed rows of all files in force, in order of date, each key once."""
        contract, frames = self.contracts[contract_id], []
        names, mark = [c.name for c in contract.columns], contract.delimiter.encode()
        for path, on in self.files(contract_id).select("relative_path", "file_date").iter_rows():
            lines = [line for line in self.lines(contract_id, path)
                     if line.count(mark) == len(names) - 1 and b"\xff" not in line]
            text = b"\n".join(lines).decode(contract.encoding).encode()
            if text:
                frame = pl.read_csv(io.BytesIO(text), has_header=False, separator=contract.delimiter, new_columns=names,
                                    infer_schema=False, quote_char=contract.quote)
                frames.append(frame.with_columns(pl.lit(on).alias("file_date")))
        return pl.concat(frames).unique([*contract.key, "file_date"], keep="first", maintain_order=True)


@pytest.fixture(scope="module")
def sample(tmp_path_factory) -> Sample:
    return Sample(tmp_path_factory.mktemp("sample"), subscribers=300, months=2, seed=7)


def fen(name: str) -> pl.Expr:
    return pl.col(name).cast(pl.Int64)


def usage(sample: Sample) -> pl.DataFrame:
    """Accepted usage records as subscription, month, item, fen."""
    voice = sample.rows("billing__rated_voice").filter(
        pl.col("usage_type_code").is_in(list(CHARGED)), pl.col("subscription_id").is_not_null(),
        pl.col("duration_s").str.contains(r"^\d+$"), pl.col("started_at") < "20261300000000")
    data = sample.rows("billing__rated_data").filter(
        pl.col("radio_access_code") != "6G", pl.col("up_bytes").str.contains(r"^\d+$"),
        pl.col("started_at").is_not_null())
    return pl.concat(frame.select(
        "subscription_id", pl.col("started_at").str.head(6).alias("cycle"),
        pl.col("usage_type_code").replace(CHARGED).alias("item"), fen("rated_fen")) for frame in (voice, data))


def test_every_file_matches_exactly_one_contract_and_all_feeds_are_there(sample):
    feeds = Counter()
    states = dict(sample.truth("file").select("relative_path", "expected_state").iter_rows())
    for path in sorted(p for p in sample.landing.rglob("*") if p.is_file()):
        state = states.pop(path.relative_to(sample.landing).as_posix())
        hits = [c for c in sample.contracts.values() if c.file_pattern.match(path.name)
                or (c.control_pattern and c.control_pattern.match(path.name))]
        assert len(hits) == (0 if state == "quarantined" else 1), path.name
        feeds.update(c.id for c in hits if path.parent.name == c.family)
    assert not states
    assert set(feeds) == set(sample.contracts) and len(feeds) >= 22


def test_check_files_name_size_rows_and_sums_of_their_data_files_and_come_after_them(sample):
    checked = 0
    for check in sorted(sample.landing.rglob("*.verf")):
        for line in check.read_text("ascii").splitlines():
            name, period, _, size, rows, _, _, *sums = line.split("|")
            data = check.parent / name
            contract = next(c for c in sample.contracts.values() if c.file_pattern.match(name))
            lines = data.read_bytes().splitlines()
            assert (int(size), int(rows)) == (data.stat().st_size, len(lines))
            assert contract.file_pattern.match(name)["period"] == period
            assert check.stat().st_mtime > data.stat().st_mtime
            for column, announced in zip(contract.control_sums, sums, strict=True):
                place = [c.name for c in contract.columns].index(column)
                assert sum(int(row.split(contract.delimiter.encode())[place]) for row in lines) == int(announced)
            checked += 1
    assert checked == sum(len(sample.files(c.id)) for c in sample.contracts.values() if c.control == "verf")


def test_trailers_fit_their_files_except_where_a_wrong_total_was_planted(sample):
    wrong = set()
    for contract in [c for c in sample.contracts.values() if c.control == "trailer"]:
        places = [[c.name for c in contract.columns].index(name) for name in contract.control_sums]
        for path in sorted((sample.landing / "billing").glob("*")):
            if not contract.file_pattern.match(path.name):
                continue
            relative = f"billing/{path.name}"
            mark, rows, *sums = sample.data(relative).splitlines()[-1].split(contract.delimiter.encode())
            lines = [line.split(contract.delimiter.encode()) for line in sample.lines(contract.id, relative)]
            assert (mark, int(rows)) == (contract.trailer_mark.encode(), len(lines))
            whole = [fields for fields in lines if len(fields) == len(contract.columns)]
            real = [sum(int(f[p]) for f in whole if f[p].lstrip(b"-").isdigit()) for p in places]
            if real != [int(value) for value in sums]:
                wrong.add(path.name)
    planted = sample.truth("fault").filter(pl.col("kind").str.starts_with("wrong_control_total"))
    assert wrong == set(planted["file_name"])
    assert len(wrong) == 2


def test_manifests_hold_the_hash_of_their_file(sample):
    manifests = sorted((sample.landing / "billing").glob("order_*.manifest.json"))
    for path in manifests:
        for entry in json.loads(path.read_text())["files"]:
            data = (path.parent / entry["name"]).read_bytes()
            assert (entry["size"], entry["sha256"]) == (len(data), hashlib.sha256(data).hexdigest())
            assert entry["records"] == len(data.splitlines()) - 1
    assert len(manifests) == 59


def test_bill_headers_are_the_sums_of_their_items(sample):
    amounts = ["gross_fen", "discount_fen", "net_fen", "tax_fen"]
    items = sample.rows("billing__bill_item").with_columns(fen(name) for name in amounts)
    bills = sample.rows("billing__bill").select("bill_id", *(fen(name) for name in amounts)).sort("bill_id")
    assert items.group_by("bill_id").agg(pl.col(amounts).sum()).sort("bill_id").equals(bills)
    assert items.filter(pl.col("gross_fen") != pl.col("discount_fen") + pl.col("net_fen")).is_empty()


def test_billed_usage_is_the_sum_of_the_rated_records_to_the_fen(sample):
    key = ["subscription_id", "cycle", "item"]
    rated = usage(sample).group_by(key).agg(pl.col("rated_fen").sum()).filter(pl.col("rated_fen") > 0).sort(key)
    billed = sample.rows("billing__bill_item").filter(pl.col("charge_item_code").is_in(USAGE_ITEMS)).select(
        "subscription_id", pl.col("bill_id").str.head(6).alias("cycle"), pl.col("charge_item_code").alias("item"),
        fen("gross_fen").alias("rated_fen")).sort(key)
    assert rated.equals(billed)
    assert len(billed) > 500


def test_what_an_account_owes_follows_from_bills_payments_and_adjustments(sample):
    bills = sample.rows("billing__bill").sort("billing_cycle", "account_id")
    flows = pl.concat([
        bills.select("account_id", pl.col("issued_on").alias("at"), (fen("net_fen") + fen("tax_fen")).alias("fen")),
        sample.rows("billing__payment").select(
            "account_id", pl.col("paid_at").str.replace_all("[-: ]", "").alias("at"), -fen("amount_fen").alias("fen")),
        sample.rows("billing__adjustment").select(
            "account_id", pl.col("adjusted_at").alias("at"), -fen("amount_fen").alias("fen")),
    ])
    closing = flows.filter(pl.col("at") < "202603").group_by("account_id").agg(pl.col("fen").sum().alias("closing_fen"))
    told = sample.truth("arrears_month").filter(pl.col("cycle") == "202602").select(
        pl.col("account_id").cast(pl.String), "closing_fen")
    both = told.join(closing, on="account_id", how="left")
    assert (both["closing_fen"] == both["closing_fen_right"].fill_null(0)).all()
    last = bills.filter(pl.col("billing_cycle") == "202602").join(closing, on="account_id", how="left")
    assert (last["balance_forward_fen"].cast(pl.Int64) == last["closing_fen"].fill_null(0)).all()
    identity = pl.col("opening_fen") + pl.col("billed_fen") - pl.col("paid_fen") - pl.col("adjusted_fen")
    assert sample.truth("arrears_month").filter(identity != pl.col("closing_fen")).is_empty()


def test_stock_and_flow_of_subscriptions_agree_and_the_files_tell_the_same(sample):
    days = sample.truth("population_day").sort("org_id", "date")
    step = days.with_columns(pl.col("reached").shift().over("org_id").alias("before")).drop_nulls("before")
    follows = pl.col("before") + pl.col("new") - pl.col("left") + pl.col("regained")
    assert step.filter(follows != pl.col("reached")).is_empty()
    for until in (date(2026, 1, 1), date(2026, 1, 20), date(2026, 2, 28)):
        rows = sample.rows("billing__subscription").filter(pl.col("file_date") <= until).sort("file_date")
        last = rows.group_by("subscription_id").last().filter(
            pl.col("status_code").is_in(REACHED), ~pl.any_horizontal(pl.col("is_test", "is_data_sim", "is_m2m") == "1"))
        found = dict(last.group_by(pl.col("org_id").cast(pl.Int64)).len().iter_rows())
        told = days.filter(pl.col("date") == until, pl.col("reached") > 0).select("org_id", "reached").iter_rows()
        assert found == dict(told)


def test_every_state_change_is_in_the_subscription_row_of_that_day(sample):
    changes = sample.rows("billing__subscription_status").sort("effective_at")
    changes = changes.group_by("subscription_id", "file_date").last()
    assert (changes["effective_at"].str.head(8) == changes["file_date"].dt.strftime("%Y%m%d")).all()
    both = changes.join(sample.rows("billing__subscription"), on=["subscription_id", "file_date"], how="left")
    assert (both["status_code"] == both["status_code_right"]).all()
    assert {"1000", "1010", "2010"} <= set(changes["status_code"])


def test_numbers_are_distinct_and_have_eleven_digits(sample):
    rows = sample.rows("billing__subscription").unique("subscription_id")
    assert rows["number_token"].str.contains(r"^\d{11}$").all() and rows["number_token"].is_unique().all()


def test_levels_are_like_real_ones(sample):
    month = sample.truth("month").group_by("cycle").sum().sort("cycle")
    average = (month["opening_reached"] + month["closing_reached"]).to_numpy() / 2
    yuan = month["net_fen"].to_numpy() / 100 / average
    assert ((yuan > 40) & (yuan < 80)).all()
    minutes = month["billed_minutes"].to_numpy() / average
    assert ((minutes > 300) & (minutes < 480)).all()
    gigabytes = month["mobile_data_bytes"].to_numpy() / month["mobile_data_users"].to_numpy() / 2**30
    assert ((gigabytes > 2) & (gigabytes < 15)).all()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_top_fifth_of_customers_carries_55_to_80_per_cent_of_revenue(seed, tmp_path):
    big = Sample(tmp_path, subscribers=1500, months=1, seed=seed)
    owner = big.rows("billing__subscription").select("subscription_id", "customer_id").unique("subscription_id")
    items = big.rows("billing__bill_item").join(owner, on="subscription_id")
    revenue = items.group_by("customer_id").agg(fen("net_fen").sum()).filter(pl.col("net_fen") > 0)["net_fen"]
    revenue = revenue.sort(descending=True)
    share = revenue.head(-(-len(revenue) // 5)).sum() / revenue.sum()
    assert 0.55 <= share <= 0.80
    month = big.truth("month")
    assert 0.01 < big.truth("population_day")["left"].sum() / month["opening_reached"].sum() < 0.03


def test_the_network_carried_what_was_charged(sample):
    day = "20260105"
    volume, suspect, attempts, dropped = 0.0, 0, 0.0, 0.0
    files = sorted((sample.landing / "network").glob(f"A{day}.*"))
    for path in files:
        tree = etree.fromstring(gzip.decompress(path.read_bytes()))
        space = {"m": tree.nsmap[None]}
        names = {t.get("p"): t.text for t in tree.iterfind(".//m:measType", space)}
        assert tree.find(".//m:measValue", space).get("measObjLdn").startswith("ManagedElement=ENB-")
        for value in tree.iterfind(".//m:measValue", space):
            counters = {names[r.get("p")]: float(r.text) for r in value.iterfind("m:r", space) if r.text != "NIL"}
            volume += counters["DRB.PdcpSduVolumeDl"] + counters["DRB.PdcpSduVolumeUl"]
            attempts, dropped = attempts + counters["ERAB.RelAttNbr"], dropped + counters["ERAB.RelActNbr"]
            suspect += value.find("m:suspect", space) is not None
    charged = sample.rows("billing__rated_data").filter(
        pl.col("started_at").str.starts_with(day), pl.col("cell_id").is_not_null(),
        pl.col("up_bytes").str.contains(r"^\d+$"))
    charged_bytes = charged.select((fen("up_bytes") + fen("down_bytes")).sum()).item()
    assert len(files) == 96 - sample.truth("missing_quarter").filter(pl.col("date") == date(2026, 1, 5)).height
    assert 1.0 < volume / charged_bytes < 1.02
    assert 0.002 < dropped / attempts < 0.012


def test_tickets_move_forward_and_tell_their_history(sample):
    order, seen = ["acknowledged", "inProgress", "resolved", "closed"], {}
    for path in sorted((sample.landing / "call_center").glob("ticket_*.json")):
        for ticket in json.loads(path.read_text("utf-8")):
            states = [entry["status"] for entry in ticket["statusChangeHistory"]]
            assert states == order[: len(states)] and states[-1] == ticket["status"]
            assert ticket["statusChangeHistory"][-1]["changeDate"] == ticket["lastUpdate"]
            assert len(states) > seen.get(ticket["id"], 0)
            seen[ticket["id"]] = len(states)
    assert max(seen.values()) == 4


def test_late_records_arrive_within_two_days_and_never_in_another_month(sample):
    rows = sample.rows("billing__rated_voice").filter(pl.col("started_at") < "20261300000000")
    delay = (rows["file_date"] - rows["started_at"].str.head(8).str.to_date("%Y%m%d")).dt.total_days()
    assert delay.min() == 0 and delay.max() == 2
    late = rows.filter(delay > 0)
    assert 0.001 < len(late) / len(rows) < 0.01
    assert (late["file_date"].dt.strftime("%Y%m") == late["started_at"].str.head(6)).all()


def test_dirty_rows_stay_below_one_per_cent_of_a_feed_and_day(sample):
    days = sample.truth("feed_day")
    assert (days["rejected_rows"] <= days["delivered_rows"] * 0.01).all()
    assert (days["duplicate_rows"] <= days["delivered_rows"] * 0.01).all()
    parts = pl.sum_horizontal("accepted_rows", "rejected_rows", "duplicate_rows")
    assert days.filter(pl.col("delivered_rows") != parts).is_empty()
    kinds = set(sample.truth("fault")["kind"])
    assert {"undecodable_bytes", "wrong_column_count", "unknown_code", "missing_required", "bad_type", "out_of_range",
            "duplicate_in_file", "duplicate_across_files", "resent_with_other_rows", "copy_under_another_name",
            "name_does_not_parse"} <= kinds


def test_customer_names_hold_characters_of_four_bytes(sample):
    names = sample.rows("billing__customer")["name_token"]
    assert any(len(character.encode("gb18030")) == 4 for name in names for character in name)


def test_contacts_are_written_as_a_desktop_system_writes(sample):
    text = (sample.landing / "call_center" / "contact_20260106_v1.csv").read_bytes()
    assert text.startswith(b"\xef\xbb\xbfcontact_id,") and text.count(b"\r\n") == text.count(b"\n") > 1


def test_a_price_change_opens_a_new_tariff_version_that_rates_from_that_day(sample):
    change = sample.truth("price_change").row(0, named=True)
    records = sample.rows("billing__rated_voice").filter(pl.col("tariff_version").is_in(["V1", "V2"]))
    days = records.group_by("tariff_version").agg(pl.col("started_at").str.head(8).min().alias("first"))
    assert dict(days.iter_rows()) == {"V1": "20260101", "V2": change["valid_from"].strftime("%Y%m%d")}
    lists = [json.loads(p.read_text("utf-8")) for p in sorted((sample.landing / "billing").glob("offer_*.json"))]
    opened = [entry["component"]["version"] for entry in lists[-1] if entry["id"] == change["offer_id"]]
    assert len(lists) == 2 and set(opened) == {"V1", "V2"}
    plan = Plan(300, 2, 7)
    before, after = (reference.Tariff(plan, day) for day in (change["day"] - 1, change["day"]))
    place = reference.OFFER_IDS.index(change["offer_id"])
    assert after.price["VOICE"][place] == pytest.approx(before.price["VOICE"][place] * 0.8)


@pytest.mark.parametrize("months", [3, 6, 12])
def test_prices_after_their_changes_have_no_more_digits_than_the_contract_takes(months):
    plan = Plan(300, months, 7)
    prices = reference.tariff_rows(plan, plan.days)["unit_price_fen"].to_list()
    assert [price for price in prices if len(str(price).partition(".")[2]) > 6] == []


def test_a_reorganisation_moves_one_city_from_its_day_on():
    plan = Plan(300, 3, 7)
    days = reference.change_days(plan)["org"]
    before, after = (reference.org_rows(plan, day) for day in days)
    moved = before.join(after, on="org_id").filter(pl.col("parent_org_id") != pl.col("parent_org_id_right"))
    assert moved["org_id"].to_list() == [12400] and days[1] == plan.month_days[2]


def digest(folder: Path) -> dict[str, str]:
    return {p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() + str(p.stat().st_mtime)
            for p in sorted(folder.rglob("*")) if p.is_file()}


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(tmp_path):
    found = [digest(Sample(tmp_path / str(n), subscribers=60, months=1, seed=seed).landing)
             for n, seed in enumerate((5, 5, 6))]
    assert found[0] == found[1]
    same = [name for name in found[0] if found[2].get(name) == found[0][name]]
    assert len(same) < len(found[0]) / 2


def test_rotation_of_15_minutes_gives_96_files_a_day_and_a_running_number(tmp_path):
    quick = Sample(tmp_path, subscribers=60, months=1, seed=5, rotation_minutes=15, faults=False)
    files = quick.files("billing__rated_voice")
    numbers = files["file_name"].str.extract(r"_(\d{6})_v1", 1).cast(pl.Int64).to_numpy()
    assert (np.diff(numbers) == 1).all() and len(files) == 31 * 96
    assert quick.truth("fault").is_empty()


@pytest.mark.parametrize("wrong", [{"start": date(2026, 1, 2)}, {"subscribers": 3}, {"rotation_minutes": 7}])
def test_a_size_that_makes_no_sense_is_refused(wrong):
    with pytest.raises(ValueError):
        Plan(**{"subscribers": 100, "months": 1, "seed": 1, **wrong})


def test_the_smallest_sample_may_be_one_in_which_nobody_s_state_changes(tmp_path: Path) -> None:
    small = Sample(tmp_path, subscribers=50, months=1, seed=5)
    assert any(small.landing.rglob("*.cdr"))
