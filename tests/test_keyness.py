from __future__ import annotations

import io
import math
from itertools import combinations

import numpy as np
import polars as pl
import pytest

from stance import aggregate, exports, relabelling
from stance.aggregate import summarise
from stance.keyness import COLUMNS, FEW, PRIOR, log_odds, words
from stance.relabelling import permutation_p
from stance.text import Segmenter
from stance.types import Document
from stance.vocabulary import stop_words


@pytest.fixture(scope="module")
def seeds_summary(seeds_articles):
    return summarise(seeds_articles)


def summary_of(analyzer, texts: list[tuple[str | None, str]]):
    """A summary of (source, text) pairs."""
    return summarise(
        analyzer.analyze_batch(
            [Document(text=t, path=f"{k:04d}", source=s) for k, (s, t) in enumerate(texts)]
        )
    )


def shown(table: pl.DataFrame, name: str, kind: str = "source") -> list[str]:
    return table.filter((pl.col("kind") == kind) & (pl.col("name") == name))["word"].to_list()


def test_log_odds_are_those_of_the_paper():
    here, elsewhere, n_here, n_elsewhere = [30, 2, 0, 5], [10, 8, 7, 5], 400, 1600
    delta, z = log_odds(np.array(here), np.array(elsewhere), n_here, n_elsewhere)
    for k, (y, other) in enumerate(zip(here, elsewhere, strict=True)):
        a = PRIOR * (y + other) / 2000
        expected = math.log((y + a) / (400 + PRIOR - y - a)) - math.log(
            (other + a) / (1600 + PRIOR - other - a)
        )
        variance = 1 / (y + a) + 1 / (other + a)
        assert delta[k] == pytest.approx(expected, abs=1e-12)
        assert z[k] == pytest.approx(expected / math.sqrt(variance), abs=1e-12)


def test_a_word_by_hand(analyzer):
    """8 words here with 4 times 县城, 12 elsewhere with 1: a = 1000 * 5 / 20 = 250."""
    found = words(
        summary_of(
            analyzer,
            [
                ("甲", "县城，县城，县城，县城，经济，经济，天气，天气。"),
                ("乙", "县城，" + "天气，" * 11),
            ],
        )
    )
    row = found.filter((pl.col("name") == "甲") & (pl.col("word") == "县城")).row(0, named=True)
    delta = math.log(254 / (8 + 1000 - 254)) - math.log(251 / (12 + 1000 - 251))
    assert row["count"] == 4
    assert row["n_articles"] == 1
    assert row["rate"] == pytest.approx(5000)
    assert row["rate_elsewhere"] == pytest.approx(1e4 / 12, abs=1e-6)
    assert row["delta"] == pytest.approx(delta, abs=1e-6)
    assert row["log_odds"] == pytest.approx(delta / math.sqrt(1 / 254 + 1 / 251), abs=1e-6)
    assert row["p"] is None
    # 经济 comes twice only, and 天气 belongs to 乙.
    assert shown(found, "甲") == ["县城"]
    assert shown(found, "乙") == ["天气"]


def test_every_word_counts_where_a_rate_is_taken(analyzer):
    """Numbers and marks are no words; function words and single characters are."""
    text = "我们 在 县城，2023 年，县城！县城、县城 3.5%"
    found = words(summary_of(analyzer, [("甲", text), ("乙", "天气。" * 6)]))
    assert found.filter(pl.col("word") == "县城")["rate"].to_list() == [pytest.approx(4e4 / 7)]


@pytest.mark.parametrize(
    ("text", "kept", "dropped"),
    [
        ("我们因为已经没有什么", (), ("我们", "因为", "已经", "没有", "什么")),
        ("三千亿，第二，两家，亿美元，2024", (), ("三千亿", "第二", "两家", "亿美元", "2024")),
        ("云，计算力，Qwen", ("qwen",), ("云",)),
        ("ＤｅｅｐＳｅｅｋ发布", ("deepseek", "发布"), ("eps", "de")),
        ("雲計算與軟體", ("云计算",), ("雲計算",)),
        ("拼多多下沉，中概股大涨", ("拼多多", "中概股"), ("多多",)),
        ("https://www.example.com/的", (), ("https", "www", "com")),
    ],
)
def test_what_is_a_word(analyzer, text, kept, dropped):
    found = words(summary_of(analyzer, [("甲", f"{text}。" * 5), ("乙", "天气。" * 5)]))
    assert set(kept) <= set(shown(found, "甲"))
    assert not set(dropped) & set(found["word"])


def test_names_are_not_shown(analyzer):
    texts = [("甲", "通义千问2.5和阿里雲都在县城。" * 5), ("乙", "天气。" * 5)]
    summary = summary_of(analyzer, texts)
    assert {"通义千问", "县城"} <= set(words(summary)["word"])
    found = set(words(summary, names=("通义千问2.5", "阿里云", "阿里"))["word"])
    assert "县城" in found
    assert not {"通义千问", "阿里云", "阿里"} & found


def test_a_file_that_was_read_twice_counts_once(analyzer):
    texts = [("甲", "县城。" * 5), ("乙", "天气。" * 5)]
    once = words(summary_of(analyzer, texts))
    assert words(summary_of(analyzer, texts + texts[:1])).equals(once)
    assert once.height == 2


def test_the_stop_list_is_clean():
    listed = stop_words()
    assert len(listed) > 250
    assert all(word == word.strip().lower() and len(word) > 1 for word in listed)


def test_words_of_few_articles_are_hidden_in_a_larger_corpus(analyzer):
    texts = [("甲" if k % 2 else "乙", f"天气{k}。") for k in range(FEW)]
    texts[1], texts[3] = ("甲", "县城。"), ("甲", "县城，县城。")
    assert "县城" not in set(words(summary_of(analyzer, texts))["word"])
    texts[5] = ("甲", "县城，县城，县城。")
    assert "县城" in shown(words(summary_of(analyzer, texts)), "甲")


def test_p_is_exact_over_articles_where_it_can_be(analyzer):
    """县城 in all five articles of 甲 and in none of 乙: 2 of 252 relabellings go as far."""
    texts = [
        (s, f"{word}，经济{k}。") for s, word in (("甲", "县城"), ("乙", "天气")) for k in range(5)
    ]
    found = words(summary_of(analyzer, texts))
    p = dict(zip(found["word"], found["p"], strict=True))
    assert p["县城"] == pytest.approx(2 / 252, abs=1e-6)
    assert p["天气"] == pytest.approx(2 / 252, abs=1e-6)


def test_p_is_that_of_all_relabellings():
    rng = np.random.default_rng(4)
    values, inside = rng.random((9, 3)).round(1), np.arange(9) < 4
    found = permutation_p(values, inside, seed=0)
    for k in range(3):
        x = values[:, k]

        def apart(own, x=x):
            rest = [n for n in range(9) if n not in own]
            return x[list(own)].mean() - x[rest].mean()

        seen = apart(range(4))
        every = [abs(apart(own)) >= seen - 1e-9 for own in combinations(range(9), 4)]
        assert found[k] == pytest.approx(np.mean(every) if seen > 0 else 1)


@pytest.mark.parametrize(("n_a", "n_b", "can"), [(1, 9, False), (3, 3, False), (4, 4, True)])
def test_no_p_where_none_could_be_small(n_a, n_b, can):
    inside = np.arange(n_a + n_b) < n_a
    assert (permutation_p(np.ones((n_a + n_b, 1)), inside, seed=0) is not None) == can


def test_no_p_for_a_source_of_one_article_or_for_frames(analyzer):
    texts = [("甲", "县城。" * 9)] + [("乙", f"县城，天气{k}。") for k in range(11)]
    found = words(summary_of(analyzer, texts))
    by = dict(zip(found["name"], found["p"], strict=True))
    assert by["甲"] is None
    assert (
        found.filter(pl.col("kind") == "frame")["p"].null_count()
        == found.filter(pl.col("kind") == "frame").height
    )


def test_under_a_null_p_holds_what_it_promises_and_z_does_not(analyzer):
    """200 words that burst inside articles, dealt to two sources by chance."""
    known = Segmenter().tokenizer.FREQ
    usual = sorted(word for word, n in known.items() if len(word) == 2 and n > 500)
    rng = np.random.default_rng(1)
    chosen = [word for word in usual if "丈" < word < "龟" and word not in stop_words()][::20][:200]
    counts = (rng.random((40, 200)) < 0.4) * rng.geometric(0.2, (40, 200))
    said = ["，".join(np.repeat(chosen, own)) for own in counts]
    texts = [("甲" if k < 20 else "乙", text) for k, text in enumerate(said)]
    found = words(summary_of(analyzer, texts), most=1000)
    found = found.filter((pl.col("kind") == "source") & pl.col("word").is_in(chosen))
    assert found.height > 180
    assert (found["p"] < 0.05).sum() / found.height < 0.08
    assert (found["p"] < 0.5).sum() / found.height == pytest.approx(0.5, abs=0.12)
    assert (found["log_odds"] > 1.96).sum() / found.height > 0.15


def test_the_seeds_give_words_that_a_reader_knows(seeds_summary):
    found = words(seeds_summary)
    assert found.columns == list(COLUMNS)
    assert {"亚马逊", "政企", "摇摆"} <= set(shown(found, "略大参考"))
    assert {"周期", "电商", "围棋", "县城"} <= set(shown(found, "饭统戴老板"))
    assert {"中概股", "中国资产"} <= set(shown(found, "观察者网 心智观察所"))
    assert {"股价", "增速", "营收"} <= set(shown(found, "market", "frame"))
    assert (found["log_odds"] > 0).all()
    assert (found["rate"] > found["rate_elsewhere"]).all()
    sizes = found.group_by("kind", "name").len()["len"]
    assert sizes.max() <= 25
    assert found.equals(
        found.sort(["kind", "name", "log_odds", "word"], descending=[False, False, True, False])
    )


def test_the_same_whatever_the_order_of_the_articles(seeds_articles, seeds_summary):
    again = words(summarise(list(reversed(seeds_articles))))
    files = [io.BytesIO(), io.BytesIO()]
    for file, table in zip(files, (again, words(seeds_summary)), strict=True):
        table.write_parquet(file, compression="zstd", statistics=False)
    assert files[0].getvalue() == files[1].getvalue()


@pytest.mark.parametrize(
    "texts",
    [
        [],
        [("甲", "阿里云领先。")],
        [(None, "县城。" * 9), (None, "天气。" * 9)],
        [("甲", "县城。" * 9), ("甲", "天气。" * 9), (None, "天气。" * 9)],
        [("甲", ""), ("乙", "")],
        [("甲", "县城。" * 9), ("乙", "")],
        [("甲", "Only English words here. Only English words."), ("乙", "123，456。")],
    ],
)
def test_what_is_hardly_a_corpus(analyzer, texts):
    found = words(summary_of(analyzer, texts))
    assert dict(found.schema) == COLUMNS
    if len({source for source, _ in texts if source}) < 2:
        assert "source" not in set(found["kind"])


def test_one_source_alone_still_has_words_of_frames(analyzer):
    texts = [("甲", "阿里云营收增长，股价大涨。" * 4 + "县城的天气不错。" * 4)]
    found = words(summary_of(analyzer, texts))
    assert {"营收", "股价"} & set(shown(found, "market", "frame"))
    assert set(found["kind"]) == {"frame"}


def test_relabellings_are_the_same_however_many_are_drawn_at_once(monkeypatch):
    whole = np.concatenate(list(relabelling._drawn(30, 999, 7)))
    monkeypatch.setattr(relabelling, "_AT_ONCE", 1000)
    parts = list(relabelling._drawn(30, 999, 7))
    assert len(parts) > 20
    assert np.array_equal(np.concatenate(parts), whole)


def test_words_are_the_same_from_files_and_in_small_parts(seeds_summary, tmp_path, monkeypatch):
    found = seeds_summary.tables
    exports.write_tables(found, tmp_path)
    monkeypatch.setattr(aggregate, "_ROWS", 100)
    stored = exports.read_tables(tmp_path)
    parts = list(aggregate.in_parts(stored, ["article_id"]))
    assert len(parts) > 3
    assert not set(parts[0]["article_id"]) & set(parts[1]["article_id"])
    assert words(summarise(stored)).equals(words(seeds_summary))
