"""The command line: wrong use, failures, formats of answers, and what it does not import."""

import json
import subprocess
import sys

import duckdb
import pytest

from orchestration import cli, pipeline, settings

HEAVY = ("dagster", "dbt", "great_expectations", "pandas")


@pytest.mark.parametrize(("arguments", "said"), [
    ([], "bass: the following arguments are required: COMMAND; see `bass --help`"),
    (["demo", "--months", "two"], "bass demo: argument --months: 'two' is not a whole number above 0"),
    (["demo", "--subscribers", "0"], "bass demo: argument --subscribers: '0' is not a whole number above 0"),
    (["sql"], "bass sql: the following arguments are required: query"),
    (["sql", "select 1", "--format", "xml"], "bass sql: argument --format: invalid choice: 'xml'"),
    (["contract"], "bass contract: the following arguments are required: COMMAND"),
    (["rum"], "bass: argument COMMAND: invalid choice: 'rum'"),
])
def test_wrong_use_gets_one_line_that_says_what_to_do(arguments, said, capsys):
    with pytest.raises(SystemExit) as stopped:
        cli.main(arguments)
    error = capsys.readouterr().err
    assert stopped.value.code == 2
    assert error.startswith(said) and error.count("\n") == 1 and "--help" in error


@pytest.mark.parametrize(("arguments", "said"), [
    (["sql", "select 1"], "nothing is published in"),
    (["publish"], "nothing is built yet: run `bass build`"),
    (["contract", "draft", "no_such_file.txt"], "no_such_file.txt"),
])
def test_a_command_that_cannot_work_yet_says_what_to_run_first(arguments, said, home, capsys):
    assert cli.main([*arguments, "--home", str(home.root), "--contracts", str(home.contracts)]) == 1
    error = capsys.readouterr().err.splitlines()[-1]
    assert error.startswith("bass: ") and said in error and "Traceback" not in error


def test_contracts_that_are_not_there_are_named(home, capsys):
    assert cli.main(["run", "--home", str(home.root), "--contracts", str(home.root / "nowhere")]) == 1
    assert f"{home.root / 'nowhere'}: no contract found" in capsys.readouterr().err


def test_every_command_takes_a_home_and_contracts(capsys):
    for command in ("demo", "sample", "run", "ingest", "build", "publish", "rebuild", "status", "sql", "requirements",
                    "contract check", "contract draft"):
        with pytest.raises(SystemExit) as stopped:
            cli.main([*command.split(), "--help"])
        text = capsys.readouterr().out
        assert stopped.value.code == 0 and "--home DIR" in text and "--contracts DIR" in text, command


@pytest.fixture
def answers(tmp_path):
    """A home that has nothing but a published file."""
    (tmp_path / "published").mkdir()
    with duckdb.connect(str(tmp_path / "published" / "bass.duckdb")) as connection:
        connection.execute("create table t as select 1 as id, '中国, 移动' as name, 12.50::decimal(18, 2) as amount,"
                           " date '2026-01-31' as day union all select 2, null, 3, null")
    return tmp_path


@pytest.mark.parametrize(("form", "expected"), [
    ("csv", 'id,name,amount,day\n1,"中国, 移动",12.50,2026-01-31\n2,,3.00,\n'),
    ("json", [{"id": 1, "name": "中国, 移动", "amount": 12.5, "day": "2026-01-31"},
              {"id": 2, "name": None, "amount": 3, "day": None}]),
])
def test_sql_answers_for_programs(answers, form, expected, capsys):
    assert cli.main(["sql", "select * from t order by id;", "--format", form, "--home", str(answers)]) == 0
    said = capsys.readouterr().out
    assert (json.loads(said) if form == "json" else said) == expected


def test_sql_answers_for_people_are_a_table(answers, capsys):
    assert cli.main(["sql", "select id, name from t order by id", "--home", str(answers)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "│" in lines[1] and "name" in lines[1] and any("中国" in line for line in lines)


def test_sql_cannot_write(answers, capsys):
    assert cli.main(["sql", "delete from t", "--home", str(answers)]) == 1
    assert "read-only" in capsys.readouterr().err
    assert cli.main(["sql", "select count(*) as n from t", "--format", "json", "--home", str(answers)]) == 0
    assert json.loads(capsys.readouterr().out) == [{"n": 2}]


def test_an_empty_answer_is_valid_json(answers, capsys):
    assert cli.main(["sql", "select id from t where id > 9", "--format", "json", "--home", str(answers)]) == 0
    assert json.loads(capsys.readouterr().out) == []


def test_status_names_files_that_wait_and_problems(published, deliver, capsys):
    from datetime import date

    deliver(date(2026, 3, 4), ("9", "A", 1))
    (published.landing / "billing" / "notes.doc").write_text("hello")
    pipeline.steps.settle(published)

    where = ["--home", str(published.root), "--contracts", str(published.contracts)]
    assert cli.main(["status", "--json", *where]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["files"]["billing__sale"] == {"accepted": 1, "missing": 2, "seen": 1}
    assert [(file["state"], file["file_name"]) for file in said["open_files"] if file["state"] == "quarantined"] == [
        ("quarantined", "notes.doc")]
    assert said["published"]["version"] == 1 and said["problems"] == []
    assert cli.main(["status", *where]) == 0
    assert "published: version 1" in capsys.readouterr().out


def test_a_run_with_nothing_new_says_so_and_imports_nothing_heavy(published):
    code = ("import sys; from orchestration import cli, settings; from pathlib import Path;"
            f"settings.DBT_PROJECT = Path({str(settings.DBT_PROJECT)!r});"
            f"settings.SEEDS = Path({str(settings.SEEDS)!r});"
            "code = cli.main(sys.argv[1:]);"
            f"print([name for name in {HEAVY} if name in sys.modules]); sys.exit(code)")
    where = ["--home", str(published.root), "--contracts", str(published.contracts)]
    for command, answer in ((["run"], "nothing new"), (["status"], "version 1"), (["sql", "select 42"], "42")):
        done = subprocess.run([sys.executable, "-c", code, *command, *where], capture_output=True, text=True,
                              cwd=settings.REPO, check=False)
        assert done.returncode == 0, done.stderr
        assert answer in done.stdout and done.stdout.endswith("[]\n"), done.stdout


def test_the_steps_of_a_run_can_be_taken_one_by_one(published, deliver, capsys):
    from datetime import date

    deliver(date(2026, 3, 2), ("3", "A", 1), ("4", "B", "many"), ("4", "C", 5), ("4", "C", 5))
    where = ["--home", str(published.root), "--contracts", str(published.contracts)]
    assert cli.main(["ingest", *where]) == 0
    assert capsys.readouterr().out.splitlines()[1].split() == ["billing__sale", "1", "1", "4", "2", "1", "1"]
    assert cli.main(["build", *where]) == 0
    assert "4 tables built, 3 checks passed, 0 red" in capsys.readouterr().out
    assert cli.main(["publish", *where]) == 0
    assert "version 2: 3 tables" in capsys.readouterr().out


def test_the_sample_is_not_mixed_with_files_of_others(home, deliver, capsys):
    from datetime import date

    deliver(date(2026, 3, 1), ("1", "A", 1))
    assert cli.main(["demo", "--home", str(home.root), "--contracts", str(home.contracts)]) == 1
    assert "holds other files: use --home with a new folder" in capsys.readouterr().err
    assert [path.name for path in home.landing.rglob("*.txt")] == ["sale_20260301_v1.txt"]


def test_a_home_that_another_process_writes_to_is_left_alone(home, capsys):
    from orchestration import ledger

    with ledger.writer_lock(home):
        assert cli.main(["run", "--home", str(home.root), "--contracts", str(home.contracts)]) == 1
    assert "is writing here; wait for it" in capsys.readouterr().err


def test_a_debugging_user_gets_the_traceback(home, monkeypatch):
    monkeypatch.setenv("BASS_DEBUG", "1")
    with pytest.raises(RuntimeError, match="nothing is published"):
        cli.main(["sql", "select 1", "--home", str(home.root)])
