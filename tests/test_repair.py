from __future__ import annotations

import re
import sys
import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paths import CASES, ROOT, SEEDS
from stance.repair import apply_edits, raw_span, repair
from stance.types import Edit, Span

CASES_OF_DAMAGE = tomllib.loads((CASES / "repair.toml").read_text("utf-8"))["case"]


@pytest.mark.parametrize("case", CASES_OF_DAMAGE, ids=lambda case: case["raw"][:12])
def test_damage(case):
    text, edits = repair(case["raw"])
    assert text == case["text"]
    found = {edit.certainty for edit in edits}
    assert case["certainty"] in found if "certainty" in case else not found
    assert repair(text) == (text, ())


def test_the_seeds_keep_no_gloss_and_lose_no_bracket():
    marked = re.compile(r"[āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜ]")
    kept = {"000": 0, "001": 5, "002": 10, "003": 2, "004": 1}
    for path in sorted((SEEDS / "articles").glob("*.txt")):
        text, _ = repair(path.read_text(encoding="utf-8"))
        assert not marked.search(text)
        brackets = re.findall(r"[\u4e00-\u9fffA-Z\"”。]\([^()]{1,30}\)", text)
        assert len(brackets) >= kept[path.name[:3]], (path.name, brackets)


def test_damaged_sentences_are_not_silently_wrong():
    """A short run of benchmarks/repair.py; the long one is run by hand."""
    sys.path.insert(0, str(ROOT / "benchmarks"))
    try:
        from repair import measure
    finally:
        sys.path.pop(0)
    counts, _ = measure(60, seed=1)
    total = sum(own.total() for own in counts.values())
    assert sum(own["silently wrong"] for own in counts.values()) <= 0.02 * total
    for kind in ("glosses", "markup"):
        assert counts[kind]["mended"] == counts[kind].total()


def test_clean_text_is_left_alone():
    """The two undamaged seeds, and every gold sentence without known damage."""
    for name in ("001", "003"):
        path = next((SEEDS / "articles").glob(f"{name}_*"))
        raw = path.read_text(encoding="utf-8")
        assert repair(raw) == (raw, ())


WRAPPED = """阿里云发布了新一代的通义大模型并且宣布
全面降价受到开发者的普遍欢迎分析师们认
为这一举措将会推动整个云计算行业的竞争
格局发生变化。与此同时腾讯云也跟进降价
业内人士表示欢迎。"""
TRANSCRIPT = """大家好
今天我们来聊一聊阿里云的价格战
它降价了
降得非常厉害
很多开发者都很高兴"""


def test_wrapped_lines_are_joined_and_transcripts_are_not():
    text, edits = repair(WRAPPED)
    assert "宣布全面降价" in text
    assert "认为这一举措" in text
    assert {edit.reason for edit in edits} == {"wrapped line"}
    assert len(edits) == 4
    assert repair(TRANSCRIPT) == (TRANSCRIPT, ())


def test_pinyin_glosses_go_and_real_brackets_stay():
    raw = '中國(guó)股神(花名:逍遙子)加倉(cāng)，增速(TFP)與"智能"(AIaaS)、(AI)；長(zhǎng)女(nǚ)'
    text, edits = repair(raw)
    assert text == '中國股神(花名:逍遙子)加倉，增速(TFP)與"智能"(AIaaS)、(AI)；長女'
    assert [edit.reason for edit in edits] == ["pinyin gloss"] * 4


def test_glosses_of_the_seeds_are_counted():
    counts = {}
    for path in sorted((SEEDS / "articles").glob("*.txt")):
        edits = repair(path.read_text(encoding="utf-8"))[1]
        counts[path.name[:3]] = sum(edit.reason == "pinyin gloss" for edit in edits)
    assert counts == {"000": 236, "001": 0, "002": 517, "003": 0, "004": 398}


def test_invisible_characters_go():
    assert repair("\ufeff阿里\u200b云\x00")[0] == "阿里云"


def test_a_span_leads_back_to_the_raw_text():
    raw = "中國(guó)股神加倉(cāng)阿里"
    text, edits = repair(raw)
    for word in ("中國", "股神", "加倉", "阿里", "神加倉阿"):
        start = text.index(word)
        span = raw_span(Span(start, start + len(word)), edits)
        assert repair(raw[span.start : span.end])[0].startswith(word[:1])
        assert apply_edits_of(raw[span.start : span.end]) == word


def apply_edits_of(piece: str) -> str:
    return repair(piece)[0]


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="中國阿里芰Φ脑浦(guó)（hǎo）AI?;!\ufeff\u200b，。\n</p>", max_size=60))
def test_repair_is_idempotent_and_lossless(raw):
    text, edits = repair(raw)
    assert repair(text) == (text, ())
    assert apply_edits(raw, edits) == text
    removed = sum(edit.end - edit.start - len(edit.replacement) for edit in edits)
    assert len(raw) - removed == len(text)


def test_edits_apply_in_order():
    edits = (Edit(0, 1, "", "x"), Edit(2, 3, "乙丙", "y"))
    assert apply_edits("甲一二三", edits) == "一乙丙三"


@pytest.mark.parametrize(
    "raw", ["阿里\n" * 60_000, "阿" + "?" * 60_000, "<p " * 40_000, "&#x" * 40_000, "阿(" * 40_000]
)
def test_long_and_odd_text_is_left_alone_in_linear_time(raw):
    """Quadratic matching would take minutes on these."""
    assert repair(raw) == (raw, ())
