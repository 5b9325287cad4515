"""A company's name carries no evidence: swapped together with the target, no label changes."""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace

import numpy as np
import pytest

import stance
from paths import CASES, SEEDS
from stance.lexicon import LEXICONS, load_target, target_names
from stance.text import simplify

NAMES = tomllib.loads((CASES / "names.toml").read_text("utf-8"))


@pytest.fixture(scope="module")
def some(tmp_path_factory):
    """A target file for a company without a name."""
    path = tmp_path_factory.mktemp("target") / "some.toml"
    path.write_text(
        'schema = 1\n[target]\nname = "some"\nlabel = "Some"\nlabel_zh = "某公司"\n'
        '[[alias]]\ntext = "某公司"\n',
        "utf-8",
    )
    return path


@pytest.fixture(scope="module")
def measured(some):
    """Frame probabilities and tone by name, for every template."""
    files = {"some": some}
    models = {
        target: (
            stance.FrameClassifier.load(target=files.get(target, target)),
            stance.ToneScorer.load(target=files.get(target, target)),
        )
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


def test_there_are_fifty_templates():
    assert len(set(NAMES["templates"])) >= 50


def test_scores_do_not_change_with_the_name_either(some):
    """Not the labels alone: with its target file, any name gives the same bits."""
    scores = [
        stance.ToneScorer.load(target=target).predict_proba(
            [template.format(X=name) for template in NAMES["templates"]]
        )
        for name, target in (("阿里", "alibaba"), ("腾讯", "tencent"), ("某公司", some))
    ]
    assert (scores[0] == scores[1]).all()
    assert (scores[0] == scores[2]).all()


def swapped_target(path, name):
    """The file of Alibaba in which `name` is the group's name, and the group's name a rival's."""
    blocks = re.split(r"(?=\[\[)", (LEXICONS / "targets" / "alibaba.toml").read_text("utf-8"))
    for k, block in enumerate(blocks):
        own = re.search(r'^text = "(.*)"', block, re.M)
        other = {"阿里": name, "阿里巴巴": "老" + name, name: "阿里"}.get(
            own.group(1) if own else ""
        )
        if other:
            kept = [line for line in block.splitlines() if not re.match("unless|yes|no", line)]
            blocks[k] = "\n".join(kept).replace(own.group(0), f'text = "{other}"') + "\n\n"
    path.write_text("".join(blocks), "utf-8")
    return path


@pytest.mark.parametrize("name", ["腾讯", "某公司"])
def test_no_label_in_the_seeds_changes_with_the_name(name, tmp_path):
    """阿里巴巴 and 阿里 change places with another name, in the seeds and in the target file."""
    plain = [replace(d, text=simplify(d.text)) for d in stance.read(SEEDS)]
    # Longer names such as 阿里云 and 腾讯云 stay: they are names of their own. Before a name in the
    # seeds stands no 老, which could be read as part of the long one, as 新 does in 刷新阿里.
    places = re.compile(f"阿里巴巴(?!集团)|阿里(?![巴云山妈系人集们]|国际)|{name}(?!云|控股)")
    swap = {"阿里巴巴": "老" + name, "阿里": name, name: "阿里"}
    others = [replace(d, text=places.sub(lambda m: swap[m.group()], d.text)) for d in plain]
    assert all(a.text != b.text for a, b in zip(plain, others, strict=True))
    path = swapped_target(tmp_path / "other.toml", name)
    before = list(stance.Analyzer().analyze_many(plain))
    after = list(stance.Analyzer(target=path).analyze_many(others))
    for old, new in zip(before, after, strict=True):
        assert (old.stance, old.dominant) == (new.stance, new.dominant)
        assert len(old.sentences) == len(new.sentences)
        for a, b in zip(old.sentences, new.sentences, strict=True):
            assert (a.tone, a.frames, a.on_target, a.voice) == (
                b.tone,
                b.frames,
                b.on_target,
                b.voice,
            ), (a.text, b.text)


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
