"""What the README says a command or a call gives is what it gives."""

from __future__ import annotations

import ast
import re

import pytest
from typer.testing import CliRunner

import stance
from paths import ROOT, SEEDS
from stance.cli import app

BOTH = ["README.md", "README.zh.md"]


@pytest.mark.parametrize("name", BOTH)
def test_the_classifier_alone(name):
    text = (ROOT / name).read_text("utf-8")
    found = re.search(r"^sentences = (\[.*\])$", text, re.M)
    frames = re.search(r"^frames\.predict\(sentences\)  # (\[\[.*\]\])$", text, re.M)
    tone = re.search(r"^tone\.predict\(sentences\)  # (\[.*\])$", text, re.M)
    sentences = ast.literal_eval(found[1])
    said = stance.FrameClassifier.load().predict(sentences).tolist()
    assert said == ast.literal_eval(frames[1])
    assert stance.ToneScorer.load().predict(sentences).tolist() == ast.literal_eval(tone[1])


@pytest.mark.parametrize("name", BOTH)
def test_a_term_in_its_contexts(name):
    shown = re.search(r"```text\n(.*?places, .*?\n)```", (ROOT / name).read_text("utf-8"), re.S)
    printed = CliRunner().invoke(app, ["lexicon", "show", "国产", str(SEEDS)]).stdout
    assert printed.strip() == shown[1].strip()
