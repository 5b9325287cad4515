"""Words read in their context, against cases that were written before the rules."""

from __future__ import annotations

import dataclasses
import tomllib
from collections import Counter

import numpy as np
import pytest

from paths import CASES
from stance.context import PLAIN, Cue, ModifierHit, acts_on, asks, read_cue
from stance.entries import Modifier, ModifierTerm
from stance.match import Entry, Matcher
from stance.text import given_sentences

FILES = sorted((CASES / "context").glob("*.toml"))
EVERY = [case for file in FILES for case in tomllib.loads(file.read_text("utf-8"))["case"]]
NEGATED = tomllib.loads((CASES / "negation.toml").read_text("utf-8"))["case"]
KNOWN = (CASES / "context" / "failing.txt").read_text("utf-8").splitlines()
MARKS = {
    "hedged": {"hedge"},
    "asked": {"question"},
    "supposed": {"condition"},
    "outweighed": {"contrast", "concession"},
}


def marks(finder, case):
    """The marks on the shortest cue that covers the case's word; None where there is no cue."""
    start = case["text"].index(case["cue"])
    end = start + len(case["cue"])
    cues = finder.evidence(given_sentences([case["text"]])).cues
    over = [k for k in range(len(cues)) if cues.start[k] <= start and end <= cues.end[k]]
    if not over:
        return None
    k = min(over, key=lambda k: (cues.term[k] < 0, cues.end[k] - cues.start[k]))
    acting = {mark.modifier for mark in cues.marks[k]}
    found = {name for name, modifiers in MARKS.items() if acting & modifiers}
    found |= {"denied"} if cues.negated[k] else set()
    found |= {"stronger"} if cues.degree[k] > 1 else {"weaker"} if cues.degree[k] < 1 else set()
    return found


def passes(finder, case):
    if "cue" in case:
        found = marks(finder, case)
        if found is None:
            return False
        return set(case["is"]) <= found and not found & set(case.get("is_not", ()))
    if "asks" in case:
        return finder.evidence(given_sentences([case["text"]])).rhetorical[0] == case["asks"]
    if "says" in case:
        cues = finder.evidence(given_sentences([case["text"]])).cues
        sign = np.where(cues.negated, -cues.polarity, cues.polarity)
        total = float((sign * cues.weight * cues.asserted).sum())
        return (0 if abs(total) < 0.05 else np.sign(total)) == case["says"]
    if "spans" in case:
        matcher = Matcher([Entry("g", (case["term"],), tuple(case.get("unless", ())))])
        hits = matcher.find(given_sentences([case["text"]]).normal)
        return list(zip(hits.start.tolist(), hits.end.tolist(), strict=True)) == [
            tuple(span) for span in case["spans"]
        ]
    evidence = finder.evidence(given_sentences(case["sentences"], [0] * len(case["sentences"])))
    if case["capability"] == "voice":
        return evidence.quoted.tolist() == case["quoted"]
    return evidence.on_target.tolist() == case["on_target"]


def name_of(case):
    return f"{case['capability']}: {case.get('text') or ' '.join(case['sentences'])}"


def test_there_are_cases_enough():
    counts = Counter(case["capability"] for case in EVERY)
    assert sum(counts.values()) >= 300
    assert min(counts.values()) >= 15


def test_cases_pass_but_for_those_that_are_listed(finder):
    """The list of failures is exact: a case that begins to pass or to fail must be told there."""
    failing = [name_of(case) for case in EVERY if not passes(finder, case)]
    assert sorted(failing) == sorted(KNOWN)
    assert len(failing) <= 0.05 * len(EVERY)


@pytest.mark.parametrize("case", NEGATED, ids=lambda case: case["text"])
def test_negation_and_degree(finder, case):
    cues = finder.evidence(given_sentences([case["text"]])).cues
    rows = [row for row in range(len(cues)) if cues.name[row] == case["cue"]]
    assert len(rows) == 1
    assert bool(cues.negated[rows[0]]) is case["negated"]
    assert cues.degree[rows[0]] == pytest.approx(case.get("degree", cues.degree[rows[0]]))


NEGATION = Modifier(
    name="negation",
    definition="d",
    effect="negate",
    direction="forward",
    reach=3,
    terminators=(",",),
    terms=(),
)
DOUBT = Modifier(
    name="doubt",
    definition="d",
    effect="weaken",
    direction="both",
    reach=9,
    factor=0.5,
    cancels=("negation",),
)


def cue(start, end, polarity=1, first=None):
    return Cue(start, end, polarity, start if first is None else first, end)


def hit(text, word, **more):
    return ModifierHit(
        text.index(word), text.index(word) + len(word), ModifierTerm(text=word, **more)
    )


@pytest.mark.parametrize(
    ("text", "word", "more", "expected"),
    [
        ("不领先", "不", {}, True),
        ("不是真的很领先", "不", {}, False),
        ("不是真的很领先", "不", {"reach": 9}, True),
        ("不,领先", "不", {}, False),
        ("领先不", "不", {}, False),
        ("领先不", "不", {"direction": "backward"}, True),
        ("领先不", "不", {"direction": "both"}, True),
    ],
)
def test_side_reach_and_terminators(text, word, more, expected):
    start = text.index("领先")
    assert acts_on(text, NEGATION, hit(text, word, **more), cue(start, start + 2)) is expected


def test_two_negators_affirm_and_overlapping_ones_count_once():
    modifiers = {"negation": NEGATION}
    text = "并未让它领先"
    hits = [hit(text, "并未", reach=9), hit(text, "未让", reach=9)]
    assert read_cue(text, cue(4, 6), modifiers, {"negation": hits}).negated
    text = "不是没领先"
    hits = [hit(text, "不是"), hit(text, "没")]
    assert not read_cue(text, cue(3, 5), modifiers, {"negation": hits}).negated


def test_words_of_a_modifier_with_once_turn_a_cue_around_once():
    once = dataclasses.replace(NEGATION, once=True, reach=9)
    text = "难道也算领先"
    hits = [hit(text, "难道"), hit(text, "也算")]
    reading = read_cue(text, cue(4, 6), {"negation": once}, {"negation": hits})
    assert reading.negated
    assert [mark.surface for mark in reading.marks] == ["难道", "也算"]


def test_a_word_asks_without_a_cue_but_not_without_its_second_half():
    assert asks("何必", NEGATION, hit("何必", "何必"))
    assert asks("也算a?", NEGATION, hit("也算a?", "也算", closed_by=("?",)))
    assert not asks("也算a,b?", NEGATION, hit("也算a,b?", "也算", closed_by=("?",)))
    assert not asks("谁能a谁就b", NEGATION, hit("谁能a谁就b", "谁能", undone_by=("谁就",)))
    assert not asks("谁能", NEGATION, hit("谁能", "谁能", polarity=1))


def test_doubt_weakens_once_and_may_cancel_another_modifier():
    text = "或不可能领先"
    modifiers = {"negation": NEGATION, "doubt": DOUBT}
    hits = {"negation": [hit(text, "不")], "doubt": [hit(text, "或"), hit(text, "可能")]}
    reading = read_cue(text, cue(4, 6), modifiers, hits)
    assert reading.asserted == 0.5
    assert not reading.negated
    assert [mark.surface for mark in reading.marks] == ["或", "可能"]
    assert read_cue(text, cue(4, 6), modifiers, {}) == PLAIN


def test_a_word_of_later_clauses_leaves_its_own_alone():
    later = dataclasses.replace(NEGATION, later=True, terminators=(), reach=9)
    text = "不x，x"
    assert not acts_on(text, later, hit(text, "不"), cue(1, 2))
    assert acts_on(text, later, hit(text, "不"), cue(3, 4))


def test_a_word_with_a_second_half_acts_only_where_it_follows():
    word = hit("不x吗", "不", closed_by=("吗",))
    assert acts_on("不x吗", NEGATION, word, cue(1, 2))
    assert not acts_on("不x的", NEGATION, word, cue(1, 2))
    assert not acts_on("不x，吗", NEGATION, word, cue(1, 2))


def test_a_word_may_be_undone_by_what_follows_or_ask_for_what_stands_between():
    word = hit("难道x不x吗", "难道", undone_by=("不",))
    assert not acts_on("难道x不x吗", NEGATION, word, cue(2, 3))
    assert acts_on("难道x不x吗", NEGATION, word, cue(4, 5))
    word = hit("没a那x", "没", across=("那",))
    assert acts_on("没a那x", NEGATION, word, cue(3, 4))
    assert not acts_on("没a那x", NEGATION, word, cue(1, 2))


def test_a_word_may_act_on_praise_or_blame_alone():
    word = hit("差点x", "差点", polarity=1)
    assert acts_on("差点x", NEGATION, word, cue(2, 3))
    assert not acts_on("差点x", NEGATION, word, cue(2, 3, -1))
    assert not acts_on("差点x", NEGATION, word, cue(2, 3, 0))


def test_a_word_may_have_terminators_of_its_own():
    text = "不,x"
    assert not acts_on(text, NEGATION, hit(text, "不"), cue(2, 3))
    assert acts_on(text, NEGATION, hit(text, "不", terminators=()), cue(2, 3))


def test_a_negator_reaches_as_far_as_the_list_it_opens_and_through_a_phrase():
    text = "不x、yyyyyz"
    assert not acts_on(text, NEGATION, hit(text, "不"), cue(8, 9))
    assert acts_on(text, NEGATION, hit(text, "不"), cue(8, 9, first=1))
    through = dataclasses.replace(NEGATION, through=("被",), far=8)
    assert acts_on("不被yyyyyz", through, hit("不被yyyyyz", "不"), cue(7, 8))
    assert not acts_on("不在yyyyyz", through, hit("不在yyyyyz", "不"), cue(7, 8))


def test_a_question_undoes_its_own_negator_and_none_behind_it():
    text = "不是缺x吗"
    tag = dataclasses.replace(DOUBT, factor=1.0)
    hits = {"negation": [hit(text, "不是"), hit(text, "缺")], "doubt": [hit(text, "不是")]}
    assert read_cue(text, cue(3, 4), {"negation": NEGATION, "doubt": tag}, hits).negated
