from __future__ import annotations

import json
import pickle
from itertools import combinations

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from paths import SEEDS
from stance.analyzer import Analyzer, articles
from stance.exports import tables
from stance.types import FRAMES, Document

DOCUMENTS = [
    Document(text="阿里云领先。\n营收增长，但遭质疑。", path="a", source="甲"),
    Document(text="今天下雨。", path="b", source="乙"),
    Document(text="？？？", path="c", source="乙"),
]


def same(first, second):
    return all(first[name].equals(second[name]) for name in ("articles", "sentences", "cues"))


def test_a_batch_is_its_documents_one_by_one(analyzer):
    whole = analyzer.analyze_batch(DOCUMENTS)
    parts = [analyzer.analyze_batch([document]) for document in DOCUMENTS]
    for name in ("articles", "sentences", "cues"):
        assert whole[name].equals(pl.concat([part[name] for part in parts]))


def test_records_and_tables_are_two_views_of_one_thing(analyzer):
    found = analyzer.analyze_batch(DOCUMENTS)
    records = list(articles(found))
    assert same(tables(records), found)
    assert records == list(analyzer.analyze_many(DOCUMENTS))
    assert same(analyzer.analyze_batch([]), tables([]))


def test_an_analyzer_can_be_sent_to_another_process(analyzer):
    again = pickle.loads(pickle.dumps(analyzer))
    assert same(again.analyze_batch(DOCUMENTS), analyzer.analyze_batch(DOCUMENTS))


def test_an_article_that_is_not_about_the_target(analyzer):
    row = analyzer.analyze_batch([DOCUMENTS[1]]).articles.row(0, named=True)
    assert (row["n_on_target"], row["tone"], row["stance"]) == (0, None, None)


def test_without_a_target_every_sentence_counts():
    found = Analyzer("none").analyze_batch(DOCUMENTS)
    assert found.sentences["on_target"].all()


@settings(max_examples=25, deadline=None)
@given(st.text(alphabet="阿里雲領先被罰款，。！？\n“”() AI國產不", min_size=1, max_size=120))
def test_every_span_is_the_text_it_says(analyzer, text):
    found = analyzer.analyze_batch([Document(text=text, path="x")])
    for row in found.sentences.iter_rows(named=True):
        assert text[row["start"] : row["end"]] == row["text"]
    for row in found.cues.iter_rows(named=True):
        assert text[row["start"] : row["end"]] == row["surface"]


def test_sources_stand_in_the_order_of_the_gold(seeds_articles):
    """For each frame, wherever the gold shares of two articles differ by over five points."""
    rows = [
        json.loads(line) for line in (SEEDS / "gold" / "dev.jsonl").read_text("utf-8").splitlines()
    ]
    gold, measured = {}, {}
    for article in seeds_articles:
        name = article.path.rsplit("/", 1)[1][:3]
        own = [row for row in rows if row["article"] == name]
        gold[name] = [np.mean([frame in row["frames"] for row in own]) for frame in FRAMES]
        texts = {word_characters(row["text"]) for row in own}
        spoken = [s for s in article.sentences if word_characters(simple(s.text)) in texts]
        assert len(spoken) >= 0.85 * len(own), (name, len(spoken), len(own))
        measured[name] = [np.mean([getattr(s, frame) for s in spoken]) for frame in FRAMES]
    wrong = [
        (frame, a, b)
        for k, frame in enumerate(FRAMES)
        for a, b in combinations(gold, 2)
        if abs(gold[a][k] - gold[b][k]) > 0.05
        and (gold[a][k] - gold[b][k]) * (measured[a][k] - measured[b][k]) <= 0
    ]
    assert not wrong


def simple(text):
    from stance.text import fold, simplify

    return simplify(fold(text))


def word_characters(text):
    return "".join(c for c in simple(text) if c.isalnum())


def test_an_article_that_never_names_a_company_is_not_about_it():
    """However much it sounds like one about the target: 他 and 它 are others here."""
    from stance.analyzer import Analyzer

    text = "马云回归，士气大振。他看得远，也敢做。它还有机会。\n王坚说，这条路走对了。"
    article = next(Analyzer("amazon").analyze_many([Document(text=text, path="x")]))
    assert article.n_on_target == 0
    assert article.stance is None
    assert article.optimistic == article.critical == 0


def test_lone_surrogates_become_a_mark_of_the_same_length(analyzer):
    from stance.types import Document

    odd = Document(text="阿里云\ud800领先。", path="\udcff.txt", source="甲\udfff", title="\ud83d")
    found = analyzer.analyze_batch([odd])
    assert found.sentences["text"].to_list() == ["阿里云\ufffd领先。"]
    assert found.articles.select("path", "source", "title").row(0) == (
        "\ufffd.txt",
        "甲\ufffd",
        "\ufffd",
    )
