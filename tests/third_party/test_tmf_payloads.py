"""TM Forum payloads: every example as the file an interface would hand over, and the published files whole."""

import hashlib
import json
from collections import Counter
from decimal import Decimal

import duckdb
import pytest

from orchestration import formats

# what the `@type` of an example says about the feed it belongs to; a patch belongs to what it patches
FEEDS = {
    "TroubleTicketSpecification": "call_center__tmf_ticket_specification",
    "TroubleTicket": "call_center__tmf_ticket",
    "AppliedCustomerBillingRate": "billing__tmf_billing_rate",
    "BillCycle": "billing__tmf_bill_cycle",
    "CustomerBillOnDemand": "billing__tmf_bill_on_demand",
    "CustomerBill": "billing__tmf_bill",
    "TroubleTicketEvent": "call_center__tmf_ticket_event",
    "CustomerBillEvent": "billing__tmf_bill_event",
}
EXAMPLES = {"tmf621_examples": 37, "tmf678_examples": 22}
WHOLE = {"tmf621_examples": "call_center__tmf_ticket_payload", "tmf678_examples": "billing__tmf_bill_payload"}


def kind_of(name: str, payload) -> str:
    kind = (payload[0] if isinstance(payload, list) else payload).get("@type")
    if kind is None:
        kind = "CustomerBill" if name.startswith("Customer_Bill") else name.split("_")[0]
    if kind.endswith("Event"):
        return "TroubleTicketEvent" if kind.startswith("TroubleTicket") else "CustomerBillEvent"
    return kind


def objects(payload) -> list[dict]:
    return payload if isinstance(payload, list) else [payload]


@pytest.fixture(scope="module")
def examples(shared) -> dict:
    read = {name: json.loads((shared / "tmf_samples" / f"{name}.json").read_text()) for name in EXAMPLES}
    assert {name: len(found) for name, found in read.items()} == EXAMPLES
    return {name: payload for found in read.values() for name, payload in found.items()}


@pytest.fixture(scope="module")
def interface(make_site, shared, examples):
    site = make_site()
    for number, (name, payload) in enumerate(examples.items()):
        kind = kind_of(name, payload)
        text = json.dumps(payload, indent=1).encode()
        site.deliver(FEEDS[kind], f"{kind}_20230601_{number:02d}_v1.json", text)
    for name, contract_id in WHOLE.items():
        site.deliver(contract_id, f"{name}_20230601_v1.json", shared / "tmf_samples" / f"{name}.json")
    site.take_in()
    return site


@pytest.fixture(scope="module")
def delivered(examples) -> dict[str, list[dict]]:
    """Feed -> objects that count: an example with the very bytes of another one is a duplicate file."""
    found, seen = {feed: [] for feed in FEEDS.values()}, set()
    for name, payload in examples.items():
        digest = hashlib.sha256(json.dumps(payload, indent=1).encode()).digest()
        feed = FEEDS[kind_of(name, payload)]
        if (feed, digest) not in seen:
            found[feed] += objects(payload)
        seen.add((feed, digest))
    return found


def test_all_59_examples_are_seen_and_the_same_bytes_count_once(interface, examples):
    files = interface.files("contract_id not like '%payload'")
    states = Counter(file["state"] for file in files)
    copies = len(files) - len({(file["contract_id"], file["sha256"]) for file in files})
    assert len(files) == 59 and states == {"accepted": 59 - copies, "duplicate": copies} and copies > 0


def test_every_object_is_accounted_for_and_those_without_their_id_are_rejected(interface, delivered):
    for feed, found in delivered.items():
        key = "eventId" if feed.endswith("_event") else "id"
        unusable = sum(key not in item for item in found)
        unusable += sum("00T00" in json.dumps(item) for item in found)  # the 0th of January
        files = interface.files("state = 'accepted'", feed)
        assert sum(file["delivered_rows"] for file in files) == len(found), feed
        assert sum(file["rejected_rows"] for file in files) == unusable, feed
        assert interface.rows(feed, "count(*)") == [(len(found) - unusable,)], feed


def test_nested_paths_of_a_ticket_reach_the_lake(interface, delivered):
    wanted = Counter()
    for item in delivered["call_center__tmf_ticket"]:
        customer = [p["partyOrPartyRole"]["id"] for p in item.get("relatedParty", []) if p["role"] == "customer"]
        if "id" in item:
            wanted[item["id"], item.get("status"), item.get("channel", {}).get("name"), (customer or [None])[0]] += 1
    rows = interface.rows("call_center__tmf_ticket", "ticket_id, status_code, channel_name, customer_id")
    assert Counter(rows) == wanted and any(row[3] for row in rows)


def test_the_history_of_a_ticket_is_kept_as_it_came(interface, delivered):
    wanted = [item["statusChangeHistory"] for item in delivered["call_center__tmf_ticket"]
              if "id" in item and "statusChangeHistory" in item]
    rows = interface.rows("call_center__tmf_ticket", "history", "where history is not null")
    as_text = sorted(json.dumps(history) for history in wanted)
    assert sorted(json.dumps(json.loads(history)) for (history,) in rows) == as_text and len(wanted) > 0


def test_names_of_parties_are_tokens_and_one_person_has_one_token(interface, delivered):
    pairs = {(p["partyOrPartyRole"]["id"], p["partyOrPartyRole"]["name"])
             for item in delivered["call_center__tmf_ticket"] if "id" in item
             for p in item.get("relatedParty", []) if p["role"] == "customer"}
    rows = interface.rows("call_center__tmf_ticket", "distinct customer_id, customer_name_token",
                          "where customer_name_token is not null")
    assert len(rows) == len(pairs) and all(isinstance(token, int) for _, token in rows)


@pytest.mark.requirement("SEC05")
def test_no_row_and_no_reject_shows_a_name_not_even_from_a_path_that_nobody_reads(interface, examples):
    assert '"author": "Jack Smith"' in json.dumps(examples["TroubleTicket_create_example_request"])
    for path in interface.home.lake.rglob("*.parquet"):
        shown = duckdb.sql(f"select count(*) from '{path}' t where cast(to_json(t) as varchar) like '%Jack Smith%'")
        assert shown.fetchall() == [(0,)], path
    ((kept,),) = interface.rejects("call_center__tmf_ticket", "raw_text",
                                   "where raw_text like '%ticketType%Bill Dispute%' limit 1")
    assert json.loads(kept)["relatedParty[role=customer].partyOrPartyRole.name"] in ("***", None)


def test_money_of_a_bill_is_exact_and_reconciled(interface, delivered):
    bills = [item for item in delivered["billing__tmf_bill"] if "id" in item]
    wanted = sum(Decimal(str(item["taxIncludedAmount"]["value"])) for item in bills if "taxIncludedAmount" in item)
    assert interface.rows("billing__tmf_bill", "sum(tax_included_amt)") == [(wanted,)] and wanted > 0
    totals = interface.ledger.rows("select sum(cast(accepted_total as real)) as total from file_total t"
                                   " join file f using (file_id) where f.contract_id = 'billing__tmf_bill'")
    assert totals[0]["total"] == wanted
    taxed = sum("taxItem" in item for item in bills)
    assert interface.rows("billing__tmf_bill", "count(first_tax_amt)") == [(taxed,)] and taxed > 0


def test_a_date_that_does_not_exist_is_rejected_with_its_column(interface):
    assert interface.rejects("billing__tmf_bill_cycle", "reason_code, column_name") == [("bad_type", "valid_end_at")]


def test_events_name_the_ticket_or_the_bill_inside_them(interface, delivered):
    wanted = Counter((item["eventId"], item["event"].get("troubleTicket", {}).get("id"))
                     for item in delivered["call_center__tmf_ticket_event"] if "eventId" in item)
    assert Counter(interface.rows("call_center__tmf_ticket_event", "event_id, ticket_id")) == wanted


def test_paths_that_no_column_reads_are_counted(interface):
    contract = interface.contracts["call_center__tmf_ticket"]
    name = next(file["relative_path"] for file in interface.files("state = 'accepted'", contract.id)
                if file["rejected_rows"] == 0 and file["delivered_rows"] == 1)
    reading = formats.read(interface.home.landing / name, contract)
    assert sum(batch.num_rows for batch in reading.batches) == 1
    assert reading.unknown_paths["attachment[].url"] == 1 and reading.unknown_paths["note[].text"] == 1
    assert not {"id", "channel.name", "statusChangeHistory[].status"} & set(reading.unknown_paths)


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_published_file_is_read_whole_object_by_object(interface, shared, name):
    found = [item for payload in json.loads((shared / "tmf_samples" / f"{name}.json").read_text()).values()
             for item in objects(payload)]
    rows = interface.rows(WHOLE[name], "record_type_name, object_id, event_id, patch_operation_code")
    assert Counter(rows) == Counter(
        (item.get("@type"), item.get("id"), item.get("eventId"), item.get("op")) for item in found)
