"""The `bass` command: parses, calls, prints. No logic, and nothing heavy is imported before it is needed."""

from __future__ import annotations

import argparse
import json
import os
import sys
from datetime import date, datetime
from pathlib import Path
from typing import Any, NoReturn

from orchestration import cli_analyses, cli_custody, cli_periods, settings
from orchestration.cli_text import PREVIEW, positive, progress, table
from orchestration.settings import Home


class Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """One line that says what to do."""
        self.exit(2, f"{self.prog}: {message}; see `{self.prog} --help`\n")


def main(arguments: list[str] | None = None) -> int:
    parser = _parser()
    chosen = parser.parse_args(arguments)
    home = settings.home(chosen.home, chosen.contracts)
    try:
        return chosen.call(home, chosen) or 0
    except KeyboardInterrupt:
        print("bass: stopped; run the same command again to go on", file=sys.stderr)
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        if settings.debug():
            raise
        from orchestration import failures

        known, todo = type(error).__module__.startswith("orchestration"), failures.advice(error, home.root)
        kind = "" if known else f"{type(error).__name__}: "
        print(f"bass: {kind}{' '.join(str(error).split())}{'' if known or todo else ' (BASS_DEBUG=1 shows where)'}"
              + (f"\nbass: {todo}" if todo else ""), file=sys.stderr)
        return 1


def _parser() -> Parser:
    parser = Parser(prog="bass", description="From an operator's raw files to a published warehouse.")
    common = Parser(add_help=False)
    common.add_argument("--home", metavar="DIR", help="folder of landing, lake and warehouse (default ./home)")
    common.add_argument("--contracts", metavar="DIR", help="folder of the data contracts")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True, parser_class=Parser)

    def command(name: str, call: Any, text: str, within: Any = commands) -> Parser:
        added = within.add_parser(name, parents=[common], help=text, description=text)
        added.set_defaults(call=call)
        return added

    for name, call, text in (
        ("demo", demo, "make a sample operator's files and run everything"),
        ("sample", sample, "make a sample operator's files only"),
    ):
        sized = command(name, call, text)
        sized.add_argument("--subscribers", type=positive, default=2000, metavar="N", help="default 2000")
        sized.add_argument("--months", type=positive, default=3, metavar="N",
                           help="default 3, from January 2026; a longer sample ends in March 2026")
        sized.add_argument("--seed", type=int, default=7, metavar="N", help="default 7")
    command("run", run, "land, build and publish what is new")
    command("ingest", ingest, "bring delivered files into the lake")
    build_ = command("build", build, "build and test the warehouse from the lake")
    build_.add_argument("--select", metavar="MODELS", help="only these, as dbt selects: `fct_bill+`")
    build_.add_argument("--full-refresh", action="store_true", help="everything from nothing")
    publish_ = command("publish", publish, "put the last build, or an earlier version, in front of its readers")
    publish_.add_argument("--version", type=positive, metavar="N", help="one that is kept, until the next build")
    replay_ = command("replay", replay, "read again what was rejected, after a contract or a folder was mended")
    replay_.add_argument("feed", nargs="?", metavar="FEED", help="a feed, such as billing__payment (default: all)")
    replay_.add_argument("--from", dest="first", type=_day, default=date.min, metavar="DAY", help="first day of files")
    replay_.add_argument("--to", dest="last", type=_day, default=date.max, metavar="DAY", help="last day of files")
    command("rebuild", rebuild, "make lake and warehouse again from the raw files and compare")
    cli_periods.add(command)
    status_ = command("status", status, "files, who should have delivered what by when, and what is published")
    status_.add_argument("--json", action="store_true")
    status_.add_argument("--as-of", type=_moment, metavar="TIME",
                         help="judge deadlines by this local time (2026-02-01T08:00, or now), not by the newest period")
    sql_ = command("sql", sql, "ask the published warehouse")
    sql_.add_argument("query", help="a statement, or - to read it from standard input")
    sql_.add_argument("--format", choices=("table", "csv", "json"), default="table")
    ask_ = command("ask", ask, "list the worked questions of the themes, or answer one")
    ask_.add_argument("name", nargs="?", metavar="THEME/NN", help="as the list names it; its beginning is enough")
    ask_.add_argument("--format", choices=("table", "csv", "json"), default="table")
    cli_custody.add(command)
    cli_analyses.add(command)
    command("docs", docs, "write the data dictionary and the page of each theme as one HTML file")
    contract = commands.add_parser("contract", help="check or draft data contracts")
    contracts = contract.add_subparsers(dest="subcommand", metavar="COMMAND", required=True, parser_class=Parser)
    check = command("check", contract_check, "explain what is wrong, by line and rule", contracts)
    check.add_argument("paths", nargs="*", type=Path, metavar="FILE", help="default: every contract")
    draft = command("draft", contract_draft, "propose a contract from a sample file", contracts)
    draft.add_argument("sample", type=Path, metavar="SAMPLE_FILE")
    command("requirements", requirements, "which requirements a test proves")
    return parser


def _moment(text: str) -> datetime:
    try:
        return datetime.now() if text == "now" else datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no time such as 2026-02-01T08:00") from None


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no day: write 2026-01-31") from None


def demo(home: Home, chosen: argparse.Namespace) -> None:
    from orchestration import pipeline

    with progress() as say:
        pipeline.sample(home, pipeline.SampleSize(chosen.subscribers, chosen.months, chosen.seed), say)
        version = pipeline.run(home, say)
    _finish(home, version, say.seconds)


def sample(home: Home, chosen: argparse.Namespace) -> None:
    from orchestration import pipeline

    with progress() as say:
        pipeline.sample(home, pipeline.SampleSize(chosen.subscribers, chosen.months, chosen.seed), say)
    print(f"files are in {home.landing}; next: bass run{_home_option(home)}")


def run(home: Home, chosen: argparse.Namespace) -> None:
    from orchestration import pipeline

    with progress() as say:
        version = pipeline.run(home, say)
    _finish(home, version, say.seconds)


def ingest(home: Home, chosen: argparse.Namespace) -> None:
    from orchestration import contracts, steps

    known = contracts.load_all(home.contracts)
    with progress() as say, steps.writing(home):
        say("settle", "looking at the landing folder")
        stale = sorted(steps.settle(home, say).items())
        landed = {name: steps.land(home, known[name], days, say) for name, days in stale}
    columns = ["files", *(f"{name}_rows" for name in ("delivered", "accepted", "rejected", "duplicate"))]
    rows = [[name, len(feed.partitions), *map(feed.total, columns)] for name, feed in landed.items()]
    print(table(["feed", "days", *columns], rows) if rows else "nothing new")
    print(f"next: bass build{_home_option(home)}")


def replay(home: Home, chosen: argparse.Namespace) -> None:
    from orchestration import replay as replays

    with progress() as say:
        done = replays.replay(home, chosen.feed, chosen.first, chosen.last, say)
    names = ["feed", "days read", "files refused before", "now", "rows refused before", "now"]
    rows = [[feed.feed or "(no contract)", feed.days, feed.before.files, feed.after.files, feed.before.rows,
             feed.after.rows] for feed in done]
    print(table(names, rows) if rows else "nothing is refused")
    print(f"next: bass run{_home_option(home)}")


def build(home: Home, chosen: argparse.Namespace) -> int:
    from orchestration import steps, transform

    with progress() as say:
        nodes = steps.build(home, select=chosen.select, full_refresh=chosen.full_refresh, say=say)
    for node in (node for node in nodes if node.status in (*transform.RED, "warn")):
        print(f"{node.status}: {node.name}: {node.message or node.failures}")
    red = sum(node.status in transform.RED for node in nodes)
    tables = sum(bool(node.table) and node.status == "success" for node in nodes)
    checks = sum(node.status == "pass" for node in nodes)
    print(f"{tables} tables built, {checks} checks passed, {red} red; next: bass publish{_home_option(home)}")
    return 1 if red else 0


def publish(home: Home, chosen: argparse.Namespace) -> None:
    from orchestration import steps

    with progress() as say:
        version = steps.restore(home, chosen.version) if chosen.version else steps.release(home, say)
    print(f"version {version.version}: {len(version.tables)} tables in {home.published_database}")


def rebuild(home: Home, chosen: argparse.Namespace) -> int:
    from orchestration import pipeline

    with progress() as say:
        before, after = pipeline.rebuild(home, say)
    _finish(home, after, say.seconds)
    if before is None:
        print("nothing was published before: no hashes to compare with")
        return 0
    names = sorted(before.tables.keys() | after.tables.keys())
    differ = [name for name in names if before.tables.get(name) != after.tables.get(name)]
    print(f"row hashes of {len(names)} tables compared with version {before.version}: {len(differ)} differ"
          + "".join(f"\n  {name}" for name in differ))
    return 1 if differ else 0


def status(home: Home, chosen: argparse.Namespace) -> None:
    from orchestration import status as states

    said = states.status(home, chosen.as_of)
    if chosen.json:
        print(json.dumps(said, indent=1, ensure_ascii=False))
        return
    columns = sorted({state for feed in said["files"].values() for state in feed})
    if said["files"]:
        print(table(["feed", *columns], [[feed, *(counts.get(state, "") for state in columns)]
                                          for feed, counts in said["files"].items()]))
    if said["board"]:
        print(f"outstanding by {said['as_of']} (local time), first due first:")
        print(table(["state", "what", "files", "due", "minutes late", "owner", "reason"],
                     [[line[name] for name in ("state", "name", "file_count", "due_at_local", "minutes_late", "owner",
                                               "reason")] for line in said["board"][:PREVIEW]]))
    refused = [file for file in said["open_files"] if file["state"] == "quarantined"]
    for file in refused[:PREVIEW]:
        print(f"{file['state']}: {file['contract_id'] or '?'} {file['file_date'] or ''} {file['file_name']}: "
              f"{file['reason']}")
    if (more := sum(max(0, len(rows) - PREVIEW) for rows in (said["board"], refused))) > 0:
        print(f"... and {more} more: bass status --json{_home_option(home)}")
    if version := said["published"]:
        print(f"published: version {version['version']} of {version['published_at']}, {version['tables']} tables, "
              f"{'current' if version['is_current'] else 'OLDER than the last build or the models'}")
    if said["pending"]:
        print("in the lake and not yet built: days from {} to before {}".format(*said["pending"]))
    for problem in said["problems"]:
        print(f"problem: {problem}")


def sql(home: Home, chosen: argparse.Namespace) -> None:
    from orchestration import query

    query.show(home, sys.stdin.read() if chosen.query == "-" else chosen.query, chosen.format, sys.stdout)


def ask(home: Home, chosen: argparse.Namespace) -> None:
    from orchestration import query, questions

    if chosen.name is None:
        print("\n".join(f"{one.name}: {one.title}" for one in questions.questions()))
        return
    query.show(home, questions.question(chosen.name).sql, chosen.format, sys.stdout)


def docs(home: Home, chosen: argparse.Namespace) -> None:
    from orchestration import transform

    print(f"open {transform.write_docs(home)} in a browser; it needs no network")


def contract_check(home: Home, chosen: argparse.Namespace) -> int:
    from orchestration import contract_check as checks

    findings = checks.check(chosen.paths or home.contracts)
    for finding in findings:
        print(finding)
    print(f"{len(findings)} findings" if findings else "every contract is sound")
    return 1 if findings else 0


def contract_draft(home: Home, chosen: argparse.Namespace) -> None:
    from orchestration import contract_draft as drafts

    print(drafts.draft(chosen.sample))


def requirements(home: Home, chosen: argparse.Namespace) -> None:
    from orchestration import requirements as proofs

    groups = proofs.report(settings.REPO)
    print(table(["group", "rows", "proved", "not proved"],
                 [[g.requirement_group, g.rows, len(g.proved), " ".join(g.unproved)] for g in groups]))


def _finish(home: Home, version: Any, seconds: dict[str, float]) -> None:
    """The short table at the end of a run, and what to type next."""
    if version is None:
        print("nothing new: the published warehouse is current")
        return
    from orchestration import status as states

    total = states.totals(home)
    rows = [["files accepted", f"{total['files']:,}"]]
    rows += [[f"rows {name}", f"{total[name]:,}"] for name in states.COUNTS]
    rows += [["tables built", f"{len(version.tables) + len(version.views):,}"],
             ["checks passed", f"{version.checks_passed:,}"], ["version published", version.version]]
    rows += [[f"seconds {step}", f"{spent:.1f}"] for step, spent in seconds.items()]
    rows.append(["seconds in all", f"{sum(seconds.values()):.1f}"])
    option = _home_option(home)
    print(table(["what", "figure"], rows))
    print(f"next:\n  bass status{option}\n  bass sql{option} \"select * from kpi.fct_kpi_month limit 10\"\n"
          f"  DAGSTER_HOME={home.dagster} BASS_HOME={home.root} dagster dev -m orchestration.definitions")


def _home_option(home: Home) -> str:
    return "" if home.root == settings.home().root else f" --home {home.root}"


if __name__ == "__main__":
    sys.exit(main())
