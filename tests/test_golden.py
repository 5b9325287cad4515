"""The data behind a page, held to the last digit on tables that no model can change.

The tables in cases/page are of thirteen synthetic passages in three sources and a reprint of one.
After a change that is meant: STANCE_WRITE_GOLDEN=1 python -m pytest tests/test_golden.py, and look
at the difference.
"""

from __future__ import annotations

import json
import os

import polars as pl
import pytest

from pages import data_of
from paths import CASES
from stance import page
from stance.aggregate import summarise
from stance.analyzer import ARTICLE_COLUMNS, CUE_COLUMNS, SENTENCE_COLUMNS
from stance.comparison import compare
from stance.types import Tables

FOLDER = CASES / "page"
GOLDEN = FOLDER / "golden.json"


@pytest.fixture(scope="module")
def comparison():
    schemas = (ARTICLE_COLUMNS, SENTENCE_COLUMNS, CUE_COLUMNS)
    found = [
        pl.read_ndjson(FOLDER / f"{name}.ndjson", schema=schema)
        for name, schema in zip(("articles", "sentences", "cues"), schemas, strict=True)
    ]
    return compare(summarise(Tables(*found)))


def behind(html: str) -> dict:
    """What the page says, without its labels and the looks of its figures."""
    data = data_of(html)
    return {
        "findings": data["findings"],
        "groups": data["groups"],
        "aspects": data["aspects"],
        "kinds": data["kinds"],
        "fold": data["fold"],
        "columns": data["columns"],
        "blocks": data["blocks"],
        "panels": {
            panel["name"]: {
                "views": [
                    [
                        {key: trace.get(key) for key in ("type", "x", "y", "z", "text", "error_x")}
                        for trace in view["en"]["data"]
                    ]
                    for view in panel["drawn"]["views"]
                ],
                "columns": panel["drawn"]["columns"],
                "rows": panel["drawn"]["rows"],
                "go": panel["drawn"]["go"],
            }
            for panel in data["panels"]
        },
    }


def test_the_data_behind_the_page(comparison):
    found = behind(page.render(comparison))
    if os.environ.get("STANCE_WRITE_GOLDEN"):
        text = json.dumps(found, ensure_ascii=False, indent=1)
        GOLDEN.write_text(text + "\n", "utf-8")
    assert found == json.loads(GOLDEN.read_text("utf-8"))


def test_every_panel_is_in_it(comparison):
    assert set(behind(page.render(comparison))["panels"]) == set(page.FIGURES)


def test_what_is_tested_and_what_is_not(comparison):
    tested = [c for c in comparison.contrasts if c.p_holm is not None]
    assert {(c.a, c.b) for c in tested} == {("乙网", "甲报")}
    assert comparison.family == len(tested)
    # 6 against 7 articles: 1 of 1716 relabellings are as far apart, at best.
    for contrast in tested:
        assert contrast.attainable == pytest.approx(comparison.family / 1716, abs=1e-6)
        assert contrast.p >= 1 / 1716 - 1e-6
        assert contrast.p_holm >= contrast.p
    single = [c for c in comparison.contrasts if "丙刊" in (c.a, c.b)]
    assert all(c.p is None and c.attainable == 1 for c in single)
