"""Puts an operator together: draws it, lets it live, and sends its files. The order of things stands here."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from types import ModuleType

import numpy as np
import polars as pl

from orchestration.contracts import Contract
from orchestration.sample_operator import (
    billing,
    care,
    circuits,
    competition,
    contact_centre,
    farming,
    groups,
    interconnect,
    key_accounts,
    large_customers,
    life,
    maintenance,
    marketing,
    measurement,
    national_list,
    network,
    new_services,
    one_stop,
    partners,
    planted,
    population,
    rated,
    reference,
    registers,
    roaming,
    sales,
    self_service,
    service_truth,
    tickets,
    truth,
    usage,
    usage_quality,
)
from orchestration.sample_operator import faults as planted_faults
from orchestration.sample_operator.landing_files import Landing
from orchestration.sample_operator.plan import DAY, Effects, Plan

# Subjects beside the spine, in this order. Each has `send(world, out)`, which writes its feeds and keeps in
# `world.drawn[<module name>]` what others may need, and `truth(world)`, which returns its truth tables by name.
# One that needs single usage records also has `observe(world, day, calls, parts)`: they are not kept.
SUBJECTS: tuple[ModuleType, ...] = (
    planted,
    contact_centre,
    self_service,
    marketing,
    service_truth,
    groups,
    circuits,
    maintenance,
    key_accounts,
    sales,
    one_stop,
    roaming,
    interconnect,
    competition,
    new_services,
    partners,
    large_customers,
    usage_quality,
    national_list,
)


@dataclass(frozen=True)
class Summary:
    """What was written: files and bytes in the landing folder, rows in them, seconds it took."""

    files: int
    rows: int
    bytes: int
    seconds: float


@dataclass
class World:
    """Everything that is true about the sample, for the files and for the truth folder."""

    plan: Plan
    network: network.Network
    population: population.Population
    life: life.Life
    ledger: billing.Ledger
    counts: truth.Counts
    contact: pl.DataFrame | None = None
    ticket: pl.DataFrame | None = None
    payment: pl.DataFrame | None = None
    adjustment: pl.DataFrame | None = None
    drawn: dict[str, dict] = field(default_factory=dict)


def write_sample(landing: Path, truth_folder: Path, *, contracts: dict[str, Contract], subscribers: int, months: int,
                 seed: int, start: date = date(2026, 1, 1), faults: bool = True, rotation_minutes: int = 60,
                 effects: Effects | None = None, progress: Callable[[str], None] | None = None) -> Summary:
    """Writes the extract files of an operator below `landing` and what is true of them below `truth_folder`."""
    begun, say = time.perf_counter(), progress or (lambda _: None)
    plan = Plan(subscribers, months, seed, start, faults, rotation_minutes, effects or Effects())
    out = Landing(Path(landing), plan, contracts)
    say(f"drawing {subscribers} subscriptions")
    world = draw(plan)
    for month in range(months):
        say(f"usage, measurements and bills of {plan.cycle(month)}")
        _run_month(world, out, month)
    say("registers, network, call centre")
    _send_registers(world, out)
    _send_money(world, out)
    _send_network(world, out)
    _send_care(world, out)
    _send_reference(world, out)
    for subject in SUBJECTS:
        subject.send(world, out)
    planted = planted_faults.plant(out) if plan.faults else []
    say("truth")
    more = {name: table for subject in SUBJECTS for name, table in subject.truth(world).items()}
    truth.write(Path(truth_folder), world, out, planted, more)
    rows = sum(sent.delivered_rows for sent in out.sent)
    return Summary(len(out.sent), rows, sum(sent.size_bytes for sent in out.sent), time.perf_counter() - begun)


def draw(plan: Plan) -> World:
    net = network.build(plan)
    people = farming.plant(plan, population.build(plan, net))
    lives, counts = life.live(plan, people, net), truth.Counts.empty(plan, people, net)
    return World(plan, net, people, lives, billing.Ledger(), counts)


def _run_month(world: World, out: Landing, month: int) -> None:
    """Days in order, because what a subscription may still use free of charge depends on the days before."""
    plan, meter, outbox = world.plan, usage.Meter(world.population.size), rated.Outbox()
    missing = measurement.missing_quarters(plan)
    for day in range(plan.month_days[month], plan.month_days[month + 1]):
        volume = _run_day(world, out, meter, outbox, month, day)
        measured = measurement.measure(plan, world.network, volume, day)
        measurement.send(plan, out, world.network, measured, day, missing.get(day, set()))
        world.counts.add_measured(day, measured, missing.get(day, set()))
    items = billing.charge(plan, world.population, world.life, world.ledger, meter, month)
    billing.settle(plan, world.population, world.life, world.ledger, items, month)


def _run_day(world: World, out: Landing, meter: usage.Meter, outbox: rated.Outbox, month: int, day: int) -> np.ndarray:
    plan, people, net = world.plan, world.population, world.network
    served = usage.service_of_day(people, world.life, day, world.life.state_at(day * DAY))
    tariff, offer = reference.Tariff(plan, day), world.life.offer[month]
    calls = usage.calls(plan, people, net, served, tariff, meter, offer, day)
    rated.send(plan, out, outbox, rated.VOICE, "vc", rated.voice_frame(plan, people, net, day, calls), day)
    parts = usage.sessions(plan, people, net, served, tariff, meter, offer, day)
    rated.send(plan, out, outbox, rated.DATA, "dt", rated.data_frame(plan, people, net, day, parts), day)
    world.counts.add_usage(month, day, calls, parts)
    for subject in SUBJECTS:
        if hasattr(subject, "observe"):
            subject.observe(world, day, calls, parts)
    return rated.cell_quarters(net, parts)


def _by_day(frame: pl.DataFrame, days: int) -> list[pl.DataFrame]:
    """One frame per day of the sample, empty ones included; rows keep their order."""
    ordered = frame.sort("day", maintain_order=True)
    edges = np.searchsorted(ordered["day"].to_numpy(), np.arange(days + 1)).tolist()
    return [ordered.slice(edges[day], edges[day + 1] - edges[day]) for day in range(days)]


def _of_role(staff: pl.DataFrame, role: str) -> np.ndarray:
    return staff.filter(pl.col("role_code") == role)["staff_id"].to_numpy()


def _send_registers(world: World, out: Landing) -> None:
    plan, people, lives = world.plan, world.population, world.life
    feeds = {"billing__customer": registers.customers(plan, people),
             "billing__account": registers.accounts(plan, people),
             "billing__subscription": registers.subscriptions(plan, people, lives)}
    for contract_id, frame in feeds.items():
        for day, rows in enumerate(_by_day(frame, plan.days)):
            half = len(rows) // 2
            parts = [rows.head(half), rows.slice(half)] if day == 0 and contract_id.endswith("subscription") else [rows]
            out.send_checked(contract_id, parts, day, kind="i" if day == 0 else "a")
    changes = registers.status_changes(plan, people, lives)
    for day, rows in enumerate(_by_day(changes, plan.days)):
        out.send_checked("billing__subscription_status", [rows], day)
    staff = reference.staff_rows(plan, 0)
    sellers = _of_role(staff, "SALES")
    for day, rows in enumerate(_by_day(registers.orders(plan, people, lives, sellers), plan.days)):
        out.send_plain("billing__order", f"order_{plan.date_of(day):%Y%m%d}", "csv", rows, day)
    for day, rows in enumerate(_by_day(registers.port_messages(plan, people, lives), plan.days)):
        out.send_plain("billing__port_message", f"port_{plan.date_of(day):%Y%m%d}", "jsonl", rows, day)


def _send_money(world: World, out: Landing) -> None:
    """Bills go out on the day after their issue under the last day of their month."""
    plan, people, ledger = world.plan, world.population, world.ledger
    for month in range(plan.months):
        last, arrives = plan.month_days[month + 1] - 1, (plan.issue_day(month) + 1) * DAY + 5 * 3600
        bills = billing.bill_rows(plan, people, ledger.bills[month], month)
        items = billing.item_rows(plan, people, ledger.items[month])
        out.send_checked("billing__bill", [bills], last, period=plan.cycle(month), arrives_s=arrives)
        out.send_checked("billing__bill_item", [items], last, period=plan.cycle(month), arrives_s=arrives + 600)
    staff = reference.staff_rows(plan, 0)
    approvers = _of_role(staff, "APPROVER")
    world.payment = billing.payment_rows(plan, people, ledger)
    world.adjustment = billing.adjustment_rows(plan, people, ledger, approvers)
    for day, rows in enumerate(_by_day(world.payment, plan.days)):
        out.send_plain("billing__payment", f"payment_10000_{plan.date_of(day):%Y%m%d}", "csv", rows, day)
    for day, rows in enumerate(_by_day(world.adjustment, plan.days)):
        out.send_checked("billing__adjustment", [rows], day)


def _send_network(world: World, out: Landing) -> None:
    plan, cells = world.plan, network.cell_rows(world.plan, world.network)
    alarms = network.alarm_rows(plan, world.network)
    for day, rows in enumerate(_by_day(alarms, plan.days)):
        out.send_plain("network__cell", f"cell_{plan.date_of(day):%Y%m%d}", "csv", cells, day)
        out.send_plain("network__alarm", f"alarm_{plan.date_of(day):%Y%m%d}", "jsonl", rows, day)


def _send_care(world: World, out: Landing) -> None:
    plan = world.plan
    staff = reference.staff_rows(plan, 0)
    agents, engineers = (_of_role(staff, role) for role in ("AGENT", "ENGINEER"))
    world.contact = care.contacts(plan, world.population, world.life, world.network, world.ledger, agents)
    world.ticket = tickets.tickets(plan, world.population, world.network, world.contact, engineers)
    answers = care.surveys(plan, world.contact)
    feeds = (("contact", "csv", world.contact), ("ticket", "json", tickets.snapshots(plan, world.ticket)),
             ("survey", "csv", answers),
             ("survey_invitation", "csv", care.invitations(plan, world.contact, answers)))
    for feed, suffix, frame in feeds:
        for day, rows in enumerate(_by_day(frame, plan.days)):
            out.send_plain(f"call_center__{feed}", f"{feed}_{plan.date_of(day):%Y%m%d}", suffix, rows, day)


def _send_reference(world: World, out: Landing) -> None:
    plan, days = world.plan, reference.change_days(world.plan)
    sources = {"org": ("crm__org", "txt", reference.org_rows), "staff": ("crm__staff", "csv", reference.staff_rows),
               "offer": ("billing__offer", "json", reference.tariff_rows)}
    for feed, (contract_id, suffix, rows) in sources.items():
        for day in days[feed]:
            out.send_plain(contract_id, f"{feed}_{plan.date_of(day):%Y%m%d}", suffix, rows(plan, day), day)
    for month in range(plan.months):
        last = plan.month_days[month + 1] - 1
        out.send_checked("billing__channel", [reference.channel_rows(plan)], last, kind="i", period=plan.cycle(month))
