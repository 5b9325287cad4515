from __future__ import annotations

import dataclasses
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages import data_of, numbers, texts_of
from stance import page
from stance.aggregate import summarise
from stance.comparison import compare
from stance.page.article import rolling
from stance.page.drawing import wrapped
from stance.page.panels import PANELS
from stance.page.payload import excerpts, plain
from stance.page.sketch import Sketch
from stance.page.story import labels, percent
from stance.types import Document, Skipped

HOSTILE = [
    "</script><script>alert(1)</script>阿里云领先。",
    '<img src=x onerror="alert(1)">阿里被罚款。',
    "阿里\u202e云\u0000领先<!--。",
    "阿里云" + "很" * 20_000 + "领先。",
]


@pytest.fixture(scope="module")
def rendered(analyzer):
    documents = [
        Document(text=text, path=f"{k}", source=f"来源{k}</script><b>", title="<i>题</i>" * 50)
        for k, text in enumerate(HOSTILE)
    ]
    comparison = compare(summarise(analyzer.analyze_many(documents)))
    context = page.Context(
        target=analyzer.target,
        signature=analyzer.signature(),
        skipped=[Skipped("<a>.txt", "</script>")],
    )
    return page.render(comparison, context)


def test_text_stays_text(rendered):
    assert rendered.count("<script") == 3
    assert rendered.count("</script") == 3
    assert any(text.startswith("</script><script>alert") for text in texts_of(data_of(rendered)))
    assert "\u202e" not in rendered
    assert "\0" not in rendered
    assert "<b>" not in rendered.split('id="data"')[0]


def test_cues_of_the_payload_point_at_their_words(seeds_run, seeds_articles):
    data = data_of(seeds_run.report.read_text("utf-8"))
    found = []
    for block in data["blocks"]:
        cues = block["cues"]
        for row, start, end in zip(cues["sentence"], cues["start"], cues["end"], strict=True):
            found.append(block["text"][row][start:end])
    meant = [cue.surface for a in seeds_articles for s in a.sentences for cue in s.cues]
    assert sorted(found) == sorted(meant)


def test_columns_say_what_the_tables_say(seeds_run, seeds_articles):
    data = data_of(seeds_run.report.read_text("utf-8"))
    sentences = [s for article in seeds_articles for s in article.sentences]
    assert texts_of(data) == [s.text for s in sentences]
    packed = data["columns"]["sentences"]
    assert numbers(packed["tone"], "<i1") == [s.tone for s in sentences]
    assert numbers(packed["start"], "<u4") == [s.start for s in sentences]
    assert [n & 1 for n in numbers(packed["flags"], "<u1")] == [s.on_target for s in sentences]
    score = [None if s.tone_score is None else round(100 * s.tone_score) for s in sentences]
    assert [None if n == -128 else n for n in numbers(packed["score"], "<i1")] == score
    frames = [
        [name for k, name in enumerate(data["frames"]) if bits >> k & 1]
        for bits in numbers(packed["frames"], "<u4")
    ]
    assert frames == [sorted(s.frames, key=data["frames"].index) for s in sentences]


def test_the_page_is_sealed_and_small(seeds_run):
    html = seeds_run.report.read_text("utf-8")
    assert "default-src 'none'" in html
    assert len(html.encode()) < 3_000_000
    before = html.split("<script")[0]
    assert "http://" not in before
    assert "https://" not in before


def test_findings_say_what_the_tables_say(seeds_run):
    data = data_of(seeds_run.report.read_text("utf-8"))
    assert 3 <= len(data["findings"]) <= 6
    critical = data["findings"][0]["text"]
    table = data["panels"][0]["drawn"]
    name, measure, value = (table["columns"].index(c) for c in ("group", "measure", "value"))
    rows = [row for row in table["rows"] if row[measure] == "critical"]
    top = max(rows, key=lambda row: row[value])
    assert top[name] in critical["en"]
    assert f"{100 * top[value]:.1f}\u00a0%" in critical["en"]
    assert "so no interval" in critical["en"]
    assert "没有区间" in critical["zh"]


def test_every_label_has_both_languages_and_the_same_blanks():
    for key, both in labels().items():
        assert set(both) == {"zh", "en"}, key
        blanks = [set(re.findall(r"\{(\w+)", both[lang])) for lang in ("zh", "en")]
        assert blanks[0] == blanks[1], key


def test_intervals_are_told_where_they_exist(analyzer):
    documents = [
        Document(text=f"阿里被罚款{n}次，市场质疑。阿里开会。", path=str(n), source="甲")
        for n in range(4)
    ]
    documents.append(Document(text="阿里云领先。", path="x", source="乙"))
    comparison = compare(summarise(analyzer.analyze_many(documents)))
    told = [finding.text["en"] for finding in page.findings(comparison)]
    assert "95 % interval" in told[0]
    assert "(4 articles)" in told[0]
    assert page.figure(comparison, "frames_by_source").data


def test_differences_that_could_not_be_tested_are_told_where_there_are_any(analyzer):
    documents = [
        Document(
            text=f"阿里{'领先' if n % 2 else '被罚款'}{n}次。", path=str(n), source="甲乙"[n % 2]
        )
        for n in range(14)
    ]
    comparison = compare(summarise(analyzer.analyze_many(documents)))
    total = len(comparison.contrasts)
    for family, told in (
        (total - 1, " (no test for 1 more)"),
        (total, f"{total} differences tested,"),
    ):
        found = page.findings(dataclasses.replace(comparison, family=family))
        assert any(told in finding.text["en"] for finding in found)
        assert not any("0 more" in finding.text["en"] for finding in found)


def test_an_omission_is_told_of_all_sources_not_of_those_that_are_set_against_each_other(analyzer):
    documents = [
        Document(
            text=f"阿里巴巴第{n}次发布新品。" + ("监管部门对阿里巴巴开出罚单。" if n > 1 else ""),
            path=str(n),
            source=f"报{n:02}",
        )
        for n in range(16)
    ]
    told = [
        one.text["en"]
        for one in page.findings(compare(summarise(analyzer.analyze_many(documents))))
    ]
    assert "“Regulation” is not mentioned by 报00, 报01; the other 14 mention it." in told


def test_every_panel_has_both_languages_and_a_table(seeds_run):
    data = data_of(seeds_run.report.read_text("utf-8"))
    names = [panel["name"] for panel in data["panels"]]
    assert names == [name for name in page.FIGURES if name not in ("timeline", "reprints")]
    for panel in data["panels"]:
        drawn = panel["drawn"]
        assert len(drawn["views"]) == len(panel["views"])
        for view in drawn["views"]:
            assert set(view) == {"zh", "en"}
            assert len(view["zh"]["data"]) == len(view["en"]["data"]) > 0
        if panel["name"] != "tone_along":
            assert drawn["rows"], panel["name"]
            assert {len(row) for row in drawn["rows"]} == {len(drawn["columns"])}
            assert len(drawn["go"]) == len(drawn["rows"])


def test_bars_of_a_gap_sum_to_it(seeds_run):
    data = data_of(seeds_run.report.read_text("utf-8"))
    gap = next(panel for panel in data["panels"] if panel["name"] == "tone_gap")
    for view in gap["drawn"]["views"]:
        *parts, whole = view["en"]["data"][0]["x"]
        assert sum(parts) == pytest.approx(whole, abs=1e-4)


def test_a_figure_for_a_notebook(seeds_comparison):
    for name in page.FIGURES:
        assert page.figure(seeds_comparison, name, lang="en").to_dict()["layout"]
    with pytest.raises(ValueError, match="there are frames_by_source"):
        page.figure(seeds_comparison, "nothing")
    with pytest.raises(ValueError, match="no differences with"):
        page.figure(seeds_comparison, "differences", measure="anger")
    drawn = page.figure(seeds_comparison, "words", kind="source", name="略大参考")
    assert "亚马逊" in drawn.layout.yaxis.ticktext


@given(
    st.text(st.sampled_from("阿里云领先，很。"), min_size=1, max_size=80),
    st.lists(st.tuples(st.integers(0, 79), st.integers(1, 6)), max_size=5),
)
def test_excerpts_keep_their_cues(text, places):
    spans = [(a, min(a + n, len(text))) for a, n in places if a < len(text)]
    owner = [0] * len(spans)
    cut, starts, ends = excerpts([text], owner, [a for a, _ in spans], [b for _, b in spans])
    for (a, b), start, end in zip(spans, starts, ends, strict=True):
        assert cut[0][start:end] in (text[a:b], "")
    if spans:
        first = min(spans)
        assert cut[0][starts[spans.index(first)] : ends[spans.index(first)]] == text[slice(*first)]
    assert len(cut[0].replace("…", "")) <= max([30, *(b - a + 12 for a, b in spans)])


def test_a_page_to_share_quotes_little(seeds_comparison):
    whole = data_of(page.render(seeds_comparison))
    shared = data_of(page.render(seeds_comparison, page.Context(share=True)))
    assert len("".join(texts_of(shared))) < 0.35 * len("".join(texts_of(whole)))
    assert max(map(len, texts_of(shared))) < 50
    assert not any("/" in path for path in shared["columns"]["articles"]["path"])
    assert shared["columns"]["sentences"] == whole["columns"]["sentences"]
    for one, other in zip(shared["panels"], whole["panels"], strict=True):
        assert one["drawn"]["views"] == other["drawn"]["views"]
    quality = shared["panels"][-1]["drawn"]
    place = quality["columns"].index("path")
    assert not any("/" in row[place] for row in quality["rows"])


def test_the_same_input_gives_the_same_page(seeds_comparison):
    assert page.render(seeds_comparison) == page.render(seeds_comparison)


def test_one_source_and_no_evidence_still_give_a_page(analyzer):
    for text in ("阿里云领先。", "今天下雨。", "\n"):
        found = analyzer.analyze_batch([Document(text=text, path="x")])
        comparison = compare(summarise(found))
        if found.sentences.height:
            assert page.render(comparison).startswith("<!doctype html>")


@pytest.mark.parametrize(
    ("value", "decimals", "expected"),
    [
        (0.1234, 0, "12\u00a0%"),
        (0.1234, 1, "12.3\u00a0%"),
        (0.001, 0, "<1\u00a0%"),
        (0.0, 0, "0\u00a0%"),
        (1, 0, "100\u00a0%"),
    ],
)
def test_percent(value, decimals, expected):
    assert percent(value, decimals) == expected


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("略大参考", "略大参考"),
        ("观察者网 心智观察所", "观察者网<br>心智观察所"),
        ("China Daily Weekly", "China Daily Weekly"),
        ("South China Morning Post", "South<br>China Morning Post"),
        ("一二三四五六七八九十一二三", "一二三四五六七八九<br>十一二三"),
        ("很长很长的名字" * 9, "很长很长的名字很长<br>很长的名字很长很…"),
        ("<b>x</b>", "&lt;b&gt;x&lt;/b&gt;"),
    ],
)
def test_names_are_broken_where_they_may(name, lines):
    assert wrapped(name) == lines


def test_a_sketch_is_what_plotly_would_write(seeds_comparison):
    """The same properties with the same values in the same order, of every figure and view."""
    for panel in PANELS:
        for view in panel.views(seeds_comparison):
            drawn = panel.figure(seeds_comparison, lang="en", **view.settings)
            checked = plain(drawn.figure().to_plotly_json())
            assert checked == plain({"data": drawn.data, "layout": drawn.layout}), panel.name


def test_updates_go_on_top():
    drawn = Sketch(height=100, margin={"t": 1, "b": 2})
    drawn.add_scatter(y=[1], x=[2], name=None, marker={"size": 3, "color": "#fff"})
    drawn.update_layout(bargap=0.5, margin={"t": 9}, xaxis={"range": [0, 1]})
    drawn.add_line(0.5, width=1)
    assert list(drawn.data[0]) == ["marker", "x", "y", "type"]
    assert list(drawn.data[0]["marker"]) == ["color", "size"]
    assert list(drawn.layout) == ["height", "margin", "xaxis", "bargap", "shapes"]
    assert drawn.layout["margin"] == {"b": 2, "t": 9}
    assert drawn.figure().layout.shapes[0].y1 == 0.5


def test_medians_stay_within_their_article():
    scores = np.array([0.1, np.nan, 0.3, -0.8, -0.6])
    found = rolling(scores, np.array([0, 0, 0, 1, 1]))
    assert found.tolist() == [0.2, 0.2, 0.2, -0.7, -0.7]
    assert np.isnan(rolling(np.array([np.nan]), np.zeros(1))).all()
