"""Why a sentence was labelled as it was, and what a result was made with, as plain text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stance.entries import TONE
from stance.errors import InputError
from stance.lexicon import target_names
from stance.types import FRAMES, Article, Sentence

if TYPE_CHECKING:
    from stance.analyzer import Analyzer

_TONE = {1: "favourable", 0: "neutral", -1: "unfavourable"}


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
        return "\n\n".join([_heading(article), *every])
    if not 0 <= sentence < article.n_sentences:
        last = article.n_sentences - 1
        raise InputError(f"no sentence {sentence}: this article has sentences 0 to {last}")
    return _explained(article.sentences[sentence], analyzer)


def _heading(article: Article) -> str:
    stance = "not about the target" if article.stance is None else _TONE[article.stance]
    found = [(f, getattr(article, f"intensity_{f}")) for f in FRAMES]
    found += [
        (name.removeprefix("intensity_") + " (uncalibrated)", value)
        for name, value in article.uncalibrated.items()
        if name.startswith("intensity_")
    ]
    frames = "  ".join(f"{name} {value}" for name, value in found)
    return (
        f"{article.path}\n"
        f"    stance {stance}, dominant frame {article.dominant or 'none'}\n"
        f"    intensity (0 to 3) {frames}\n"
        "    * behind a probability marks a frame that was decided: it passed its threshold, and\n"
        "      a cue in the sentence argues for it. Target, voice and neighbours weigh as well."
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
        f"    tone {_TONE[sentence.tone]} ({score}), {where}, {voice}",
        f"    frames {chances}",
    ]
    if sentence.aspects:
        lines.append(f"    aspects {', '.join(sentence.aspects)}")
    if analyzer is not None:
        lines.append(f"    words {analyzer.finder.segmented(sentence.text)}")
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


def info() -> dict[str, str]:
    """Versions, digests, and the shipped targets."""
    from stance.analyzer import Analyzer

    signature = {key: str(value) for key, value in Analyzer().signature().items()}
    return {**signature, "targets": ", ".join([*target_names(), "none"])}
