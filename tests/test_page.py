from __future__ import annotations

import json
import re

import pytest

from stance import page
from stance.aggregate import summarise
from stance.comparison import compare
from stance.page.story import labels, percent
from stance.types import Document, Skipped

HOSTILE = [
    "</script><script>alert(1)</script>阿里云领先。",
    '<img src=x onerror="alert(1)">阿里被罚款。',
    "阿里\u202e云\u0000领先<!--。",
    "阿里云" + "很" * 20_000 + "领先。",
]


def payload(html):
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', html, re.DOTALL)
    return json.loads(found.group(1))


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
    data = payload(rendered)
    assert data["sentences"]["text"][0].startswith("</script><script>alert(1)</script>")
    assert "\u202e" not in rendered
    assert "\0" not in rendered
    assert "<b>" not in rendered.split('id="data"')[0]


def test_cues_of_the_payload_point_at_their_words(seeds_run):
    data = payload(seeds_run.report.read_text("utf-8"))
    texts, cues = data["sentences"]["text"], data["cues"]
    rows = zip(cues["sentence"], cues["start"], cues["end"], strict=True)
    surfaces = [texts[row][start:end] for row, start, end in rows]
    assert surfaces
    assert all(surface.strip() for surface in surfaces)


def test_the_page_is_sealed_and_small(seeds_run):
    html = seeds_run.report.read_text("utf-8")
    assert "default-src 'none'" in html
    assert len(html.encode()) < 3_000_000
    before = html.split("<script")[0]
    assert "http://" not in before
    assert "https://" not in before


def test_findings_say_what_the_tables_say(seeds_run):
    data = payload(seeds_run.report.read_text("utf-8"))
    assert 3 <= len(data["findings"]) <= 6
    critical = data["findings"][0]["text"]
    top = max(data["groups"], key=lambda group: group["estimates"]["critical"][0])
    assert top["name"] in critical["en"]
    value = top["estimates"]["critical"][0]
    assert f"{100 * value:.0f} %" in critical["en"] or f"{100 * value:.1f} %" in critical["en"]
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


def test_one_source_and_no_evidence_still_give_a_page(analyzer):
    for text in ("阿里云领先。", "今天下雨。", "\n"):
        found = analyzer.analyze_batch([Document(text=text, path="x")])
        comparison = compare(summarise(found))
        if found.sentences.height:
            assert page.render(comparison).startswith("<!doctype html>")


@pytest.mark.parametrize(
    ("value", "decimals", "expected"),
    [
        (0.1234, 0, "12 %"),
        (0.1234, 1, "12.3 %"),
        (0.001, 0, "<1 %"),
        (0.0, 0, "0 %"),
        (1, 0, "100 %"),
    ],
)
def test_percent(value, decimals, expected):
    assert percent(value, decimals) == expected
