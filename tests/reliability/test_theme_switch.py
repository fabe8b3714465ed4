"""A theme is switched off in one place; the rest of the project parses, builds and passes its tests without it."""

import duckdb
import pytest

from orchestration import settings, transform
from orchestration.settings import Home
from tests.reliability import homes
from tests.soak import only_with_soak

pytestmark = pytest.mark.slow

BASE = {"customers", "usage", "revenue"}
BUILT = ("competition", "marketing")  # these stand for the others, each of which is parsed in any case


@pytest.mark.parametrize("off", settings.OPTIONAL_THEMES)
def test_the_rest_stands_without_a_theme(off, tmp_path, monkeypatch):
    monkeypatch.setenv("BASS_THEMES_OFF", off)
    manifest = transform.invoke(settings.home(tmp_path), ["parse"])
    schemas = {node.config.schema for node in manifest.nodes.values() if node.resource_type == "model"}
    assert schemas & set(off.split(",")) == set() and {"customers", "usage", "revenue", "kpi"} <= schemas


def test_what_the_others_count_on_stays(monkeypatch):
    monkeypatch.setenv("BASS_THEMES_OFF", "usage,marketing")
    with pytest.raises(ValueError, match="usage cannot be off"):
        settings.themes_off()


@pytest.fixture(scope="module")
def base(finished: Home, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """60 subscriptions and one month, built and tested with nothing but the themes that the others count on."""
    return homes.copy_of(finished, tmp_path_factory.mktemp("base") / "home")


@pytest.mark.requirement("SUB08", "LCK17")
def test_the_base_is_built_and_every_test_is_green_without_the_other_themes(base: Home) -> None:
    build = transform.last_build(base)
    assert build.red == [] and build.is_complete
    assert len(build.nodes) > 500 and _schemas(base) & {*settings.OPTIONAL_THEMES, *BASE} == BASE


@pytest.mark.requirement("LCK17")
@pytest.mark.parametrize("theme", [
    *BUILT, *only_with_soak(theme for theme in settings.OPTIONAL_THEMES if theme not in BUILT)])
def test_each_theme_goes_live_alone_beside_the_base(base: Home, theme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its models, all that follows from them (KPIs, reconciliations) and their tests, no other theme being there."""
    monkeypatch.setenv("BASS_THEMES_OFF", ",".join(one for one in settings.OPTIONAL_THEMES if one != theme))
    said = transform.invoke(base, [*transform.BUILD, "--select", f"path:models/{theme}+", "path:models/kpi+"],
                            transform.prepare(base))
    assert [result.node.name for result in said.results if result.status in (*transform.RED, "skipped")] == []
    assert theme in _schemas(base) and len(said.results) > 50


def _schemas(home: Home) -> set[str]:
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        return {name for (name,) in connection.execute("select distinct schema_name from duckdb_tables()").fetchall()}
