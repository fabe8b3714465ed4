"""A theme is switched off in one place, and the rest of the project still parses."""

import pytest

from orchestration import settings, transform

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("off", [*settings.OPTIONAL_THEMES, ",".join(settings.OPTIONAL_THEMES)])
def test_the_rest_stands_without_a_theme(off, tmp_path, monkeypatch):
    monkeypatch.setenv("BASS_THEMES_OFF", off)
    manifest = transform.invoke(settings.home(tmp_path), ["parse"])
    schemas = {node.config.schema for node in manifest.nodes.values() if node.resource_type == "model"}
    assert schemas & set(off.split(",")) == set() and {"customers", "usage", "revenue", "kpi"} <= schemas


def test_what_the_others_count_on_stays(monkeypatch):
    monkeypatch.setenv("BASS_THEMES_OFF", "usage,marketing")
    with pytest.raises(ValueError, match="usage cannot be off"):
        settings.themes_off()
