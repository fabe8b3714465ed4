"""The data models of the core data standard stand in the docs as diagrams, read from the tests of their entities."""

from __future__ import annotations

import re

import pytest

from orchestration import bus_matrix, model_diagram

NEEDED = {
    "STD01": {"dim_customer", "dim_contact_person", "dim_key_account", "dim_account", "fct_contract"},
    "STD02": {"fct_service_event", "fct_work_order", "fct_bill"},
    "STD03": {"fct_plan", "fct_activity"},
    "STD04": {"fct_opportunity", "fct_project_event"},
    "STD05": {"dim_org", "dim_staff"},
}


def model(name: str) -> tuple[str, ...]:
    return next(names for title, names in model_diagram.MODELS.items() if f"({name})" in title)


@pytest.mark.requirement("STD01", "STD02", "STD03", "STD04", "STD05")
@pytest.mark.parametrize("name", NEEDED)
def test_a_data_model_is_a_diagram_of_entities_with_documented_keys(name: str) -> None:
    pages, page = model_diagram.entities(), next(iter(bus_matrix.render().values()))
    assert set(model(name)) >= NEEDED[name]
    diagram = page[page.index(f"({name})"):].split("```")[1]
    for entity in model(name):
        described = {column["name"]: column["description"] for column in pages[entity]["columns"]}
        keys = model_diagram.keys(pages[entity])
        assert f"+-- {entity}\n" in diagram and keys and all(f"= {key}\n" in diagram for key in keys)
        named = {part for key in keys for part in key.split(" + ") if "(" not in part}
        assert all(re.search(r"[\u4e00-\u9fff]", described[part]) for part in named)


def test_every_reference_of_a_diagram_leads_to_a_column_of_an_entity() -> None:
    pages = model_diagram.entities()
    for names in model_diagram.MODELS.values():
        for entity in names:
            assert all(field in {column["name"] for column in pages[target]["columns"]}
                       for _, target, field in model_diagram.references(pages[entity]))


def test_the_page_in_the_repository_is_the_one_that_the_models_make() -> None:
    assert all(path.read_text(encoding="utf-8") == text for path, text in bus_matrix.render().items())
