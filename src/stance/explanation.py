"""Why a sentence was labelled as it was, and what a result was made with, as plain text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from stance.cues import SIGNS
from stance.entries import TONE
from stance.errors import InputError
from stance.judge import LinearJudge, OtherTone
from stance.lexicon import target_names
from stance.masking import RIVAL_SIGN, TARGET_SIGN
from stance.ngrams import ngrams
from stance.text import given_sentences
from stance.types import FRAMES, TONES, Article, Sentence

if TYPE_CHECKING:
    from stance.analyzer import Analyzer
    from stance.models import SentenceModel

_TOLD = 0.3
"""Log-odds of the n-grams below this are not worth a line."""


def explain(
    article: Article, sentence: int | None = None, *, analyzer: Analyzer | None = None
) -> str:
    """Every sentence (or one, counted from 0) with its labels and each cue behind them.

    With the `analyzer` that made the article, its segmentation is shown as well, and what stood
    in the text and was not counted, with the reason.

    Raises:
        InputError: the article has no such sentence.
    """
    if sentence is None:
        every = (_explained(one, analyzer) for one in article.sentences)
        return "\n\n".join([_heading(article, analyzer), *every])
    if not 0 <= sentence < article.n_sentences:
        last = article.n_sentences - 1
        raise InputError(f"no sentence {sentence}: this article has sentences 0 to {last}")
    return _explained(article.sentences[sentence], analyzer)


def _heading(article: Article, analyzer: Analyzer | None) -> str:
    stance = "not about the target" if article.stance is None else TONES[article.stance]
    found = [(f, getattr(article, f"intensity_{f}")) for f in FRAMES]
    found += [
        (name.removeprefix("intensity_") + " (uncalibrated)", value)
        for name, value in article.uncalibrated.items()
        if name.startswith("intensity_")
    ]
    frames = "  ".join(f"{name} {value}" for name, value in found)
    cuts = () if analyzer is None else analyzer.judge.fitted.frame_cuts
    told = ", ".join(f"{name} {cut:.2f}" for name, cut in zip(FRAMES, cuts, strict=False))
    return (
        f"{article.path}\n"
        f"    stance {stance}, dominant frame {article.dominant or 'none'}\n"
        f"    intensity (0 to 3) {frames}\n"
        "    * behind a probability marks a frame that was decided: it passed its threshold.\n"
        + (f"      Thresholds: {told}.\n" if told else "")
        + "      Cues, other words, target, voice and neighbours weigh in it."
    )


def _explained(sentence: Sentence, analyzer: Analyzer | None) -> str:
    where = "on target" if sentence.on_target else "off target"
    score = "nothing speaks" if sentence.tone_score is None else f"{sentence.tone_score:+.2f}"
    chances = "  ".join(
        f"{frame} {getattr(sentence, frame):.2f}{'*' if frame in sentence.frames else ''}"
        for frame in FRAMES
    )
    chances += "".join(
        f"  {frame} {value:.2f}{'*' if frame in sentence.frames else ''} (uncalibrated)"
        for frame, value in sentence.uncalibrated.items()
    )
    voice = f"voice {sentence.voice}"
    if sentence.speaker:
        voice += f" ({sentence.speaker}, {sentence.speaker_kind})"
    lines = [
        f"[{sentence.index}] {sentence.text}",
        f"    tone {TONES[sentence.tone]} ({score}), {where}, {voice}",
        f"    frames {chances}",
    ]
    if sentence.aspects:
        lines.append(f"    aspects {', '.join(sentence.aspects)}")
    if analyzer is not None:
        lines.append(f"    words {analyzer.finder.segmented(sentence.text)}")
        lines += _from_text(sentence, analyzer)
    for cue in sentence.cues:
        kind = TONE if cue.frame == TONE else cue.frame
        notes = [f"weight {cue.weight:.2f}", {1: "praise", 0: "flat", -1: "blame"}[cue.polarity]]
        if cue.negated:
            notes.append("negated")
        if cue.degree != 1:
            notes.append(f"degree x{cue.degree:g}")
        if cue.asserted != 1:
            notes.append(f"asserted {cue.asserted:.0%}")
        notes += [mark.replace(":", " ", 1) for mark in cue.marks]
        term = "" if cue.surface == cue.term else f" (term {cue.term})"
        lines.append(f"    - {cue.surface}{term}: {kind}, {', '.join(notes)}")
    if not sentence.cues:
        lines.append("    - no cue")
    if analyzer is not None:
        lines += [f"      {told}" for told in analyzer.finder.not_counted(sentence.text)]
    return "\n".join(lines)


def _from_text(sentence: Sentence, analyzer: Analyzer) -> list[str]:
    """What the n-grams bring to the log-odds of each frame and of tone, the strongest named."""
    told = analyzer.finder.evidence(given_sentences([sentence.text])).told
    found = ngrams(told)
    judge = analyzer.judge
    # Tone from outside reads no n-grams of ours; the frames beside it still do.
    linear = judge.judge if isinstance(judge, OtherTone) else judge
    if not isinstance(linear, LinearJudge):
        return []
    asked: list[tuple[SentenceModel, Sequence[str]]] = [(linear.frames, FRAMES)]
    if linear is judge:
        asked.append((linear.tone, ("unfavourable", "", "favourable")))
    lines = []
    for model, outputs in asked:
        for number, name in enumerate(outputs):
            part = model.by_ngram(found, number)
            if name and abs(part.sum()) >= _TOLD:
                order = np.argsort(-np.abs(part), kind="stable")[:4]
                places = [(int(found.start[k]), int(found.length[k])) for k in order]
                words = ", ".join(
                    f"“{_shown(told[0], *place)}” {part[k]:+.2f}"
                    for place, k in zip(places, order, strict=True)
                )
                lines.append(f"    text adds {part.sum():+.2f} to {name}: {words}")
    return lines


def _shown(told: str, start: int, length: int) -> str:
    text = told[max(0, start) : start + length]
    edge = ("^" if start < 0 else "") + text + ("$" if start + length > len(told) else "")
    named = {TARGET_SIGN: "[target]", RIVAL_SIGN: "[rival]", **SIGNS}
    return "".join(named.get(c, c) for c in edge)


def info() -> dict[str, str]:
    """Versions, digests, the shipped targets, and where what earlier runs made is kept."""
    from stance.analyzer import Analyzer
    from stance.store import folder

    signature = {key: str(value) for key, value in Analyzer().signature().items()}
    kept = sum(path.stat().st_size for path in folder().glob("*") if path.is_file())
    return {
        **signature,
        "targets": ", ".join([*target_names(), "none"]),
        "cache": f"{folder()} ({kept / 2**20:,.1f} MiB; safe to delete)",
    }
