"""Synthetic files in the shapes of newsrooms, scrapers and archives (reading_shapes.toml)."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

import stance

CASES = tomllib.loads(
    (Path(__file__).parent / "cases" / "reading_shapes.toml").read_text(encoding="utf-8")
)
FIELDS = ("title", "source", "author", "date")


@pytest.mark.parametrize("shape", CASES["shape"], ids=lambda shape: shape["name"])
def test_a_shape_is_read(shape: dict[str, Any], tmp_path: Path):
    text = shape["file"]
    for number, paragraph in enumerate(CASES["paragraphs"], start=1):
        text = text.replace(f"{{{number}}}", paragraph)
    if shape["name"].endswith((".json", ".jsonl")):
        text = text.replace("“", "「").replace("”", "」")
    path = tmp_path / shape["name"]
    path.write_text(text, encoding="utf-8")
    (document,) = stance.read(path).items
    assert {name: getattr(document, name) for name in FIELDS} == {
        name: shape.get(name) for name in FIELDS
    }
    rows = [row.strip() for row in document.text.splitlines() if row.strip()]
    wanted = [p.replace("“", "「").replace("”", "」") for p in CASES["paragraphs"]]
    kept = [row.replace("“", "「").replace("”", "」") for row in rows]
    assert [
        row for row in kept if row not in (*shape.get("also", ()), shape["title"])
    ] == wanted or kept == ["".join(wanted)]
