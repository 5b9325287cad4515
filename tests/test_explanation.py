from __future__ import annotations

import pytest

import stance
from stance.errors import InputError
from stance.types import FRAMES, Document


def test_a_sentence_is_explained_by_its_cues(analyzer):
    text = "阿里云没有领先。\n会议在杭州举行。"
    article = next(analyzer.analyze_many([Document(text=text, path="x")]))
    told = stance.explain(article, sentence=0)
    assert told.splitlines()[0] == "[0] 阿里云没有领先。"
    assert "领先: optimistic" in told
    assert "negated" in told
    assert "no cue" in stance.explain(article, sentence=1)
    whole = stance.explain(article)
    assert whole.count("\n\n") == 2
    assert f"dominant frame {article.dominant}" in whole
    cuts = zip(FRAMES, analyzer.judge.fitted.frame_cuts, strict=True)
    told = ", ".join(f"{frame} {cut:.2f}" for frame, cut in cuts)
    assert "Thresholds" not in whole
    assert f"Thresholds: {told}." in stance.explain(article, analyzer=analyzer)
    silent = next(analyzer.analyze_many([Document(text="会议在杭州举行。", path="y")]))
    assert "dominant frame none" in stance.explain(silent)
    with pytest.raises(InputError, match="sentences 0 to 1"):
        stance.explain(article, sentence=2)


def test_info_names_targets():
    assert "alibaba" in stance.info()["targets"]
