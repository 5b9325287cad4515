from __future__ import annotations

import io

import polars as pl
import pytest

from corpora import summary_of
from stance.aggregate import summarise
from stance.breakdown import aspects, quality, timeline, voices
from stance.gap import tone_gap, tone_gaps
from stance.lexicon import load_lexicons
from stance.types import Document, Tables

FRAMES = ["optimistic", "critical", "nationalist", "market"]


def dated(analyzer, dates: list[str | None]):
    return summarise(
        analyzer.analyze_batch(
            [
                Document(text=f"阿里云开会{k}。", path=f"{k:04d}", source="甲", date=date)
                for k, date in enumerate(dates)
            ]
        )
    )


def written(table: pl.DataFrame) -> bytes:
    file = io.BytesIO()
    table.write_parquet(file, compression="zstd", statistics=False)
    return file.getvalue()


# ---- voices


def test_voices_are_counted_in_the_sentences_themselves(seeds_summary):
    found = voices(seeds_summary)
    assert found.columns == ["group", "frame", "speaker", "n", "share"]
    of = {}
    for group in seeds_summary.groups:
        of |= dict.fromkeys(group.article_ids, group.name)
    expected: dict[tuple[str, str, str], int] = {}
    for row in seeds_summary.tables.sentences.iter_rows(named=True):
        speaker = "author" if row["voice"] == "author" else row["speaker_kind"] or "unnamed"
        frames = list(row["frames"])
        if row["on_target"] and row["tone"]:
            frames.append("favourable" if row["tone"] > 0 else "unfavourable")
        for frame in frames:
            key = (of[row["article_id"]], frame, speaker)
            expected[key] = expected.get(key, 0) + 1
    assert {row[:3]: row[3] for row in found.iter_rows()} == expected
    sums = found.group_by("group", "frame").agg(pl.col("share").sum())["share"]
    assert sums.to_list() == pytest.approx([1] * len(sums), abs=1e-5)


def test_voices_stand_in_the_order_of_groups_and_frames(seeds_summary):
    found = voices(seeds_summary)
    groups = [group.name for group in seeds_summary.groups]
    frames = [*FRAMES, "favourable", "unfavourable"]
    keys = [
        (groups.index(g), frames.index(f), s != "author", s)
        for g, f, s in found.select("group", "frame", "speaker").iter_rows()
    ]
    assert keys == sorted(set(keys))


# ---- aspects


def test_every_group_and_aspect_is_there(analyzer):
    summary = summary_of(
        analyzer,
        [("甲", "阿里云的云服务领先。阿里云开会。"), (None, "阿里巴巴被立案调查。"), ("乙", "")],
    )
    found = aspects(summary)
    names = sorted(aspect.name for aspect in load_lexicons().aspects)
    assert found.select("group", "aspect").rows() == [
        (group.name, name) for group in summary.groups for name in names
    ]
    assert found.columns == ["group", "aspect", "n", "share", "n_articles", "tone", *FRAMES]
    cloud = found.filter((pl.col("group") == "甲") & (pl.col("aspect") == "cloud"))
    assert cloud.row(0)[2:5] == (2, 1.0, 1)
    empty = found.filter(pl.col("n") == 0)
    assert empty["tone"].null_count() == empty.height
    assert empty.select(FRAMES).to_numpy().sum() == 0
    assert found.filter(pl.col("group") == "乙")["share"].null_count() == len(names)


def test_aspects_are_counted_in_the_sentences_themselves(seeds_summary):
    found = aspects(seeds_summary)
    for group in seeds_summary.groups:
        own = seeds_summary.tables.sentences.filter(
            pl.col("article_id").is_in(list(group.article_ids))
        )
        for row in found.filter(pl.col("group") == group.name).iter_rows(named=True):
            with_it = own.filter(pl.col("aspects").list.contains(row["aspect"]))
            assert row["n"] == with_it.height
            assert row["share"] == pytest.approx(with_it.height / own.height, abs=1e-6)
            assert row["n_articles"] == with_it["article_id"].n_unique()
            assert row["market"] == with_it["frames"].list.contains("market").sum()
            tone = with_it.filter("on_target")["tone_score"].mean()
            assert row["tone"] == (tone if tone is None else pytest.approx(tone, abs=1e-6))


# ---- timeline


@pytest.mark.parametrize(
    ("dates", "periods"),
    [
        (["2024-05-09", "2024/5/10", "2024年5月9日"], ["2024-05-09", "2024-05-10"]),
        (["2024-05-09T08:00:00+08:00", "2024年5月10日 8点"], ["2024-05-09", "2024-05-10"]),
        (["２０２４－０５－０９", "2024.5.10"], ["2024-05-09", "2024-05-10"]),
        (["2024-05-01", "2024-06-15"], ["2024-05-01", "2024-06-15"]),
        (["2024-05-01", "2024-06-16"], ["2024-05", "2024-06"]),
        (["2024-05", "2024年6月", "2024/7"], ["2024-05", "2024-06", "2024-07"]),
        (["2020-01", "2024-01"], ["2020-01", "2024-01"]),
        (["2020-01", "2024-02"], ["2020", "2024"]),
        (["2023", "2024年", "2025-01-01"], ["2023", "2024", "2025"]),
        # What tells less than the period is left out, unless most tell no more.
        (["2024-05-09", "2024-05-10", "2024"], ["2024-05-09", "2024-05-10"]),
        (["2024-05-09", "2024-06", "2024-07"], ["2024-05", "2024-06", "2024-07"]),
        # No contrast in time.
        (["2024-05-09", "2024-05-09"], []),
        (["2024-05-09"], []),
        (["2024-13-01", "2024-02-30", "5月9日", "昨天", "", None, "0000"], []),
        (["2024-05-09", "2024-13", None, "20240510"], []),
    ],
)
def test_dates_of_every_form(analyzer, dates, periods):
    assert timeline(dated(analyzer, dates))["period"].unique().sort().to_list() == periods


def test_a_period_is_the_mean_of_its_articles(analyzer):
    texts = ["阿里云技术领先。", "阿里被罚款，市场质疑。", "阿里云营收大涨。", "阿里开会。"]
    dates = ["2024-05-09", "2024-05-09", "2024-05-10", "2024-05-10"]
    documents = [
        Document(text=text, path=str(k), source="乙" if k == 3 else "甲", date=date)
        for k, (text, date) in enumerate(zip(texts, dates, strict=True))
    ]
    summary = summarise(analyzer.analyze_batch(documents))
    found = timeline(summary)
    assert found.columns == ["period", "group", "n_articles", "n_sentences", "tone", *FRAMES]
    assert found.select("period", "group", "n_articles").rows() == [
        ("2024-05-09", "甲", 2),
        ("2024-05-10", "乙", 1),
        ("2024-05-10", "甲", 1),
    ]
    first = summary.articles.filter(pl.col("date") == "2024-05-09")
    assert found["tone"][0] == pytest.approx(first["tone"].mean(), abs=1e-6)
    assert found["market"][0] == pytest.approx(first["market"].mean(), abs=1e-6)
    assert found["n_sentences"][0] == first["n_sentences"].sum()


# ---- quality


def test_quality_has_a_row_an_article_and_counts_of_its_sentences(seeds_summary):
    found = quality(seeds_summary)
    assert found.height == seeds_summary.tables.articles.height
    for row in found.iter_rows(named=True):
        own = seeds_summary.tables.sentences.filter(pl.col("article_id") == row["article_id"])
        assert row["n_no_tone"] == own["tone_score"].null_count()
        assert row["n_quoted"] == (own["voice"] == "quoted").sum()
        assert row["share_on_target"] == pytest.approx(own["on_target"].mean(), abs=1e-6)
        assert ("damaged" in row["warnings"]) == (row["n_flagged"] > 0)


def test_warnings(analyzer):
    long = "阿里云开会。阿里云散会。阿里云休会。阿里云再开会。阿里云再散会。"
    texts = [
        ("甲", long),
        ("乙", long.replace("。", "。 ")),
        ("甲", "阿里云领先。"),
        ("甲", "县城的天气不错。" * 6),
        ("甲", "Nothing but English here. " * 3),
        ("甲", ""),
        (None, " "),
    ]
    found = quality(summary_of(analyzer, texts)).sort("path")
    assert found["warnings"].to_list() == [
        ["same_text"],
        ["same_text"],
        ["short"],
        ["not_about_target"],
        ["not_about_target", "short", "other_script"],
        ["not_about_target", "short", "other_script"],
        ["not_about_target", "short", "other_script"],
    ]
    assert found["share_on_target"].to_list()[-1] is None
    assert found["group"].to_list() == ["甲", "乙", "甲", "甲", "甲", "甲", "? 0006"]


def test_without_a_target_no_article_misses_it(analyzer):
    tables = analyzer.analyze_batch([Document(text="县城的天气不错。" * 6, path="a", source="甲")])
    none = Tables(
        tables.articles.with_columns(pl.lit("none").alias("target")), tables.sentences, tables.cues
    )
    assert quality(summarise(none))["warnings"].to_list() == [[]]


# ---- all of them


def test_the_same_whatever_the_order_of_the_articles(seeds_articles, seeds_summary):
    again = summarise(list(reversed(seeds_articles)))
    for table in (voices, aspects, timeline, quality):
        assert written(table(again)) == written(table(seeds_summary))
    one, two = (tone_gap(s, "江上酒", "略大参考") for s in (again, seeds_summary))
    assert written(one.terms) == written(two.terms)
    assert (one.gap, one.other, one.remainder) == (two.gap, two.other, two.remainder)


def test_a_file_that_was_read_twice_counts_once(analyzer):
    texts = [("甲", "阿里云领先。阿里云说：“云服务落后。”"), ("乙", "阿里云落后。")]
    once, twice = (summary_of(analyzer, t, date="2024-05-09") for t in (texts, texts + texts[:1]))
    for table in (voices, aspects, timeline):
        assert table(twice).equals(table(once))
    assert tone_gap(twice, "甲", "乙").terms.equals(tone_gap(once, "甲", "乙").terms)
    assert quality(twice).drop("path").equals(quality(once).drop("path"))


@pytest.mark.parametrize(
    "texts",
    [
        [],
        [("甲", "阿里云领先。")],
        [("甲", "阿里云领先。"), ("甲", "阿里云落后。")],
        [(None, "阿里云领先。"), (None, "阿里云落后。")],
        [("甲", ""), (None, "")],
        [("甲", "Only English."), ("乙", "123。")],
    ],
)
def test_what_is_hardly_a_corpus(analyzer, texts):
    summary = summary_of(analyzer, texts)
    assert voices(summary)["share"].is_between(0, 1).all()
    assert aspects(summary).height == len(summary.groups) * len(load_lexicons().aspects)
    assert timeline(summary).is_empty()
    assert timeline(summary).schema["n_articles"] == pl.Int64
    assert quality(summary).height == len(texts)
    names = [group.name for group in summary.groups]
    for gap in tone_gaps(summary, [(a, b) for a in names for b in names]):
        assert (
            gap is None
            or abs(gap.terms["contribution"].sum() + gap.other + gap.remainder - gap.gap) < 1e-9
        )
