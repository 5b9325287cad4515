"""Four more synthetic corpora, each written by somebody who knew neither the readers nor the rest.

Each was read once before anybody looked at it: 67, 74, 72 and 89 % of its fields were right then,
in the order of their names, while the readers were mended after each. What is held here is what is
reached today, with all of them in sight; how well readers do on what nobody has seen is told by
the first figures alone.
"""

from __future__ import annotations

import tomllib

import pytest

import stance
import test_reading_corpus as judge
from paths import CASES

# Shares of fields that are right today.
ENOUGH = {"second": 0.985, "third": 0.985, "fourth": 0.985, "fifth": 0.91}


@pytest.mark.parametrize("name", ENOUGH)
def test_fields_are_read_as_well_as_they_were(name, monkeypatch):
    corpus = CASES / f"reading_{name}"
    text = (corpus / "expected.toml").read_text("utf-8")
    monkeypatch.setattr(judge, "FILES", corpus / "files")
    monkeypatch.setattr(judge, "EXPECTED", tomllib.loads(text)["document"])
    verdicts = judge.judged(stance.read(corpus / "files"))
    wrong = [verdict for verdict in verdicts if not verdict.right]
    share = 1 - len(wrong) / len(verdicts)
    listed = "\n".join(f"{one.path}: {one.field}: {one.found}" for one in wrong)
    assert share >= ENOUGH[name], f"{share:.1%} of {len(verdicts)} right; wrong are:\n{listed}"


@pytest.mark.parametrize("name", ENOUGH)
def test_a_perfect_reading_has_no_fault(name, monkeypatch):
    corpus = CASES / f"reading_{name}"
    text = (corpus / "expected.toml").read_text("utf-8")
    monkeypatch.setattr(judge, "FILES", corpus / "files")
    monkeypatch.setattr(judge, "EXPECTED", tomllib.loads(text)["document"])
    assert [one for one in judge.judged(judge.perfect()) if not one.right] == []
