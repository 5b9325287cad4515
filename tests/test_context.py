from __future__ import annotations

import tomllib

import pytest

from paths import CASES
from stance.text import given_sentences

CONTEXT = tomllib.loads((CASES / "context.toml").read_text("utf-8"))["case"]
VOICE = tomllib.loads((CASES / "voice.toml").read_text("utf-8"))["case"]


@pytest.mark.parametrize("case", CONTEXT, ids=lambda case: case["text"])
def test_negation_and_degree(finder, case):
    cues = finder.evidence(given_sentences([case["text"]])).cues
    rows = [
        row
        for row in range(len(cues))
        if finder.term(cues.lexicon[row], cues.term[row]).text == case["cue"]
    ]
    assert len(rows) == 1
    assert bool(cues.negated[rows[0]]) is case["negated"]
    assert cues.degree[rows[0]] == pytest.approx(case.get("degree", cues.degree[rows[0]]))


@pytest.mark.parametrize("case", VOICE, ids=lambda case: case["sentences"][0])
def test_voice_and_target(finder, case):
    evidence = finder.evidence(given_sentences(case["sentences"], [0] * len(case["sentences"])))
    assert evidence.on_target.tolist() == case["on_target"]
    assert evidence.quoted.tolist() == case["quoted"]
