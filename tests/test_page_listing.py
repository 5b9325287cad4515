"""Of a large run the page lists some articles, and counts all."""

from __future__ import annotations

import pytest

from pages import data_of, texts_of
from stance import page
from stance.aggregate import summarise
from stance.comparison import compare
from stance.page import listing
from stance.types import Document


@pytest.mark.parametrize(
    ("sizes", "most", "given"),
    [
        ([1, 5, 10], 8, [1, 4, 3]),
        ([5, 5], 10, [5, 5]),
        ([5, 5], 100, [5, 5]),
        ([3, 3, 3], 2, [1, 1, 0]),
        ([0, 9, 2], 7, [0, 5, 2]),
        ([], 5, []),
    ],
)
def test_places_are_shared(sizes, most, given):
    assert listing.shared(sizes, most) == given


@pytest.fixture(scope="module")
def comparison(analyzer):
    documents = [
        Document(text=f"阿里云领先{'很' * k}。市场质疑。", path=f"{k}.txt", source="甲乙丙"[k % 3])
        for k in range(30)
    ]
    documents.append(Document(text="阿里被罚款。", path="x.txt", source="丁"))
    return compare(summarise(analyzer.analyze_batch(documents)))


def test_all_is_counted_and_some_is_listed(comparison, monkeypatch):
    whole = data_of(page.render(comparison))
    monkeypatch.setattr(listing, "MOST_LISTED", 10)
    some = data_of(page.render(comparison))
    assert len(some["columns"]["articles"]["id"]) == 10
    assert [len(group["articles"]) for group in some["groups"]] == [1, 3, 3, 3]
    assert len(texts_of(some)) == sum(some["columns"]["articles"]["n"]) == 19
    assert "阿里被罚款。" in texts_of(some)
    assert some["findings"] == whole["findings"]
    for panel, every in zip(some["panels"], whole["panels"], strict=True):
        drawn = {key: panel["drawn"][key] for key in ("views", "columns", "rows")}
        assert drawn == {key: every["drawn"][key] for key in ("views", "columns", "rows")}


def test_what_is_listed_is_told_in_both_languages(comparison, monkeypatch):
    assert data_of(page.render(comparison))["labels"]["zh"]["listed"] == ""
    monkeypatch.setattr(listing, "MOST_LISTED", 10)
    html = page.render(comparison)
    labels = data_of(html)["labels"]
    assert "只列出 10 篇（共 31 篇）" in labels["zh"]["listed"]
    assert "of 10 articles (of 31)" in labels["en"]["listed"]
    assert html.split("<script")[0].count(labels["zh"]["listed"]) == 2


def test_no_row_leads_to_what_is_not_listed(comparison, monkeypatch):
    monkeypatch.setattr(listing, "MOST_LISTED", 10)
    data = data_of(page.render(comparison))
    own = set(data["columns"]["articles"]["id"])
    quality = next(panel for panel in data["panels"] if panel["name"] == "quality")["drawn"]
    ids = [row[quality["columns"].index("article_id")] for row in quality["rows"]]
    assert len(ids) == 31
    assert [go is not None for go in quality["go"]] == [id_ in own for id_ in ids]


def test_the_same_articles_are_listed_whatever_their_order(comparison, monkeypatch):
    monkeypatch.setattr(listing, "MOST_LISTED", 10)
    found = comparison.summary.tables
    shuffled = type(found)(found.articles.reverse(), found.sentences.reverse(), found.cues)
    again = listing.listed(summarise(shuffled))
    once = listing.listed(comparison.summary)
    assert sorted(again.articles["article_id"]) == sorted(once.articles["article_id"])
    assert set(once.cues["sentence_id"]) <= set(once.sentences["sentence_id"])
