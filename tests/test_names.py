"""A company's name carries no evidence: swapped together with the target, no label changes."""

from __future__ import annotations

import tomllib

import numpy as np
import pytest

import stance
from paths import CASES, SEEDS
from stance.lexicon import LEXICONS, load_target, target_names

NAMES = tomllib.loads((CASES / "names.toml").read_text("utf-8"))


@pytest.fixture(scope="module")
def measured():
    """Frame probabilities and tone by name, for every template."""
    models = {
        target: (stance.FrameClassifier.load(target=target), stance.ToneScorer.load(target=target))
        for target in {target for _, target in NAMES["names"]}
    }
    found = {}
    for name, target in NAMES["names"]:
        sentences = [template.format(X=name) for template in NAMES["templates"]]
        frames, tone = models[target]
        found[name] = (frames.predict(sentences), tone.predict(sentences))
    return found


@pytest.mark.parametrize("name", [name for name, _ in NAMES["names"][1:]])
def test_no_label_changes_with_the_name(measured, name):
    first = measured[NAMES["names"][0][0]]
    for template, *rows in zip(NAMES["templates"], *first, *measured[name], strict=True):
        frames, tone, other_frames, other_tone = rows
        assert (frames == other_frames).all(), (template, frames, other_frames)
        assert tone == other_tone, template


def test_labels_are_not_all_the_same(measured):
    frames, tone = measured["阿里巴巴"]
    assert set(tone) == {-1, 0, 1}
    assert np.unique(frames, axis=0).shape[0] >= 4


@pytest.mark.parametrize("name", target_names())
def test_every_shipped_target_loads_and_finds_itself(name):
    target = load_target(name)
    assert target.name == name
    analyzer = stance.Analyzer(target=name)
    article = next(
        analyzer.analyze_many([stance.Document(text=f"{target.label_zh}开会。", path="x")])
    )
    assert article.n_on_target == 1


def test_code_knows_no_company():
    """Names stand in lexicons/targets alone; code has the default target's name and no other."""
    names = {a.text for n in target_names() for a in load_target(n).aliases if not a.text.isascii()}
    package = LEXICONS.parent
    for path in package.rglob("*.py"):
        text = path.read_text("utf-8")
        assert not [name for name in names if name in text], path


def test_the_seeds_can_be_read_for_another_company(tmp_path):
    run = stance.analyze([SEEDS], out=tmp_path, target="amazon", lang="en")
    assert "Amazon: how 5 sources tell it" in run.report.read_text("utf-8")
