"""Erasure: no token of the person is left, none comes back, and nobody else's figures change."""

import shutil
from datetime import date

import duckdb
import pytest
from conftest import put

from orchestration import deliveries, erasure, pipeline, privacy, publish, steps, vault
from orchestration.settings import Home

SECRET = b"a secret of the tests"
SECOND = date(2026, 3, 2)
DOMAIN = "buyer_token"


def token(value: str) -> int:
    return privacy.token(SECRET, DOMAIN, value)


def erase(home: Home, *values: str) -> erasure.Erased:
    with steps.writing(home):
        return erasure.erase(home, values=[(DOMAIN, value) for value in values])


def buyers(home: Home) -> list[tuple]:
    with duckdb.connect(str(home.published_database), read_only=True) as connection:
        return connection.execute("select sale_id, buyer_token from revenue.fct_sale order by 1").fetchall()


def holds(home: Home, number: int) -> list[str]:
    """Files of lake, warehouse and published versions in which the eight bytes of the token stand, or its digits."""
    needles = (number.to_bytes(8, "little", signed=True), str(number).encode())
    files = [path for path in home.root.rglob("*") if path.is_file() and path.suffix in (".parquet", ".duckdb")]
    plain = [path.name for path in files if any(needle in path.read_bytes() for needle in needles)]
    for path in (path for path in files if path.suffix == ".parquet" and "raw" in path.parts):
        if "buyer_token" in duckdb.sql(f"from '{path}'").columns:
            plain += [path.name for _ in duckdb.sql(f"from '{path}' where buyer_token = {number}").fetchall()]
    return plain


def test_after_an_erasure_neither_lake_nor_any_published_version_holds_the_token(published: Home) -> None:
    put(published, SECOND, ("3", "A", 70), ("4", "C", 5))
    pipeline.run(published)
    assert holds(published, token("A"))
    done = erase(published, "A")
    assert (done.values, done.days, len(done.files)) == (1, 2, 2)
    pipeline.run(published)
    assert buyers(published) == [("1", None), ("2", token("B")), ("3", None), ("4", token("C"))]
    assert holds(published, token("A")) == []
    assert privacy.clear_value(published, DOMAIN, token("A")) is None
    assert privacy.clear_value(published, DOMAIN, token("B")) == "B"
    assert not (published.published / "previous").exists()


def test_a_rebuild_from_the_delivered_files_does_not_bring_the_person_back(published: Home) -> None:
    erase(published, "A")
    pipeline.run(published)
    before = publish.table_hashes(published.published_database)
    pipeline.rebuild(published)
    assert publish.table_hashes(published.published_database) == before
    assert holds(published, token("A")) == [] and not vault.marks(published, DOMAIN, [token("A")])


def test_a_later_file_with_the_person_in_it_gives_no_token(published: Home) -> None:
    erase(published, "A")
    pipeline.run(published)
    put(published, SECOND, ("3", "A", 70))
    pipeline.run(published)
    assert buyers(published)[2] == ("3", None) and not vault.marks(published, DOMAIN, [token("A")])


def test_sums_and_counts_are_as_before(published: Home) -> None:
    before = publish.table_hashes(published.published_database)["revenue.fct_sale_day"]
    erase(published, "A")
    pipeline.run(published)
    assert publish.table_hashes(published.published_database)["revenue.fct_sale_day"] == before


def test_a_token_is_as_good_as_the_value(published: Home) -> None:
    with steps.writing(published):
        done = erasure.erase(published, tokens=[(DOMAIN, token("B"))])
    assert done.values == 1 and not vault.marks(published, DOMAIN, [token("B")])


def test_what_nobody_knows_is_not_erased_silently(published: Home) -> None:
    with pytest.raises(erasure.NothingToErase):
        erase(published, "somebody else")
    with steps.writing(published), pytest.raises(erasure.NothingToErase):
        erasure.erase(published, tokens=[(DOMAIN, 7)])
    assert published.warehouse.exists() and vault.erased(published).num_rows == 0


def test_an_erasure_that_was_killed_is_finished_by_typing_it_again(published: Home, monkeypatch) -> None:
    def killed(home: Home) -> int:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(vault, "destroy", killed)
        with pytest.raises(KeyboardInterrupt):
            erase(published, "A")
    assert erase(published, "A").values == 1
    pipeline.run(published)
    assert holds(published, token("A")) == []


def test_publishing_before_the_lake_is_made_again_keeps_the_erasure_open(published: Home, monkeypatch) -> None:
    erase(published, "A")
    with monkeypatch.context() as patch:
        patch.setattr(deliveries, "settle", lambda *_: [])
        steps.build(published)
        steps.release(published)
    assert vault.has_unpublished_erasures(published)
    pipeline.run(published)
    assert not vault.has_unpublished_erasures(published) and holds(published, token("A")) == []


def test_without_its_vault_a_lake_says_nothing_of_the_person(published: Home) -> None:
    shutil.rmtree(published.vault)
    assert privacy.clear_value(published, DOMAIN, token("A")) is None
