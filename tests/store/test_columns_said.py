"""What an app developer reads of files of goods and of templates is what the code takes."""

from pathlib import Path

import pytest
from flask import Flask

from app.store.imports.kinds.base import Line
from app.store.imports.kinds.csv_lines import kind as csv_lines
from app.store.imports.kinds.json_lines import kind as json_lines
from app.store.imports.models import IN_JSON, NEEDED, OPTIONAL
from app.store.storefronts.kinds import TEMPLATES
from tests import make
from tests.client import Client
from tests.portal import at_portal

DOCS = Path(__file__).parents[2] / "docs"
VALUES = {"price": "9.90", "stock": "7", "weight": "250"}


@pytest.mark.parametrize("name", ["api.md", "deploy.md"])
def test_the_manuals_name_the_columns_of_a_csv_of_goods(name: str) -> None:
    text = (DOCS / name).read_text()
    assert f"`{','.join(NEEDED)}`" in text
    assert f"`{','.join(OPTIONAL)}`" in text


def test_api_md_names_the_templates_of_light_stores() -> None:
    text = (DOCS / "api.md").read_text()
    assert sorted(TEMPLATES) == ["brand", "market", "plain"]
    assert "`template` is `brand`, `market` or `plain`" in text


def test_the_document_names_them_too(client: Client) -> None:
    document = client.get("//openapi.json").json
    said = " ".join(document["paths"]["/api/v1/shops/{shop_id}/imports"]["post"]["description"].split())
    schemas = document["components"]["schemas"]
    goods = schemas["StoreGoodsIn"]["properties"]["text"]["description"]
    for text in (said, goods):
        assert ", ".join(NEEDED) in text
        assert ", ".join(OPTIONAL) in text
        assert all(one in text for one in IN_JSON.values())
    assert schemas["LightStoreIn"]["properties"]["template"]["enum"] == list(TEMPLATES)


def test_each_column_that_is_named_is_read(tmp_path: Path) -> None:
    row = {name: VALUES.get(name, f"某{name}") for name in (*NEEDED, *OPTIONAL)}
    file = tmp_path / "a.csv"
    file.write_text(f"{','.join(row)}\n{','.join(row.values())}\n")
    with file.open("rb") as stream:
        [line] = csv_lines.lines(stream)
    assert isinstance(line, Line)
    read = {name: getattr(line.goods, name) for name in row}
    assert read == {**row, "price": 990, "stock": 7, "weight": 250}
    file.write_text('{"id": "1", "title": "壶", "desc": "白瓷", "price": 9.9, "stock": 7, "weight": 250}\n')
    with file.open("rb") as stream:
        [line] = json_lines.lines(stream)
    assert isinstance(line, Line)
    assert (line.goods.external_id, line.goods.description, line.goods.weight) == ("1", "白瓷", 250)


def test_the_page_of_imports_names_them(app: Flask) -> None:
    shop = make.shop()
    page = at_portal(app, shop.owner, f"/portal/shops/{shop.id}/imports")
    assert ", ".join(OPTIONAL) in page.text
