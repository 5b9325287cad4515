"""What is thought of each sentence, whichever model thinks it, and what is decided from that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from stance.cues import CueFinder, Evidence
from stance.encoder import HEAD, Encoder
from stance.errors import ModelError
from stance.features import Features
from stance.linear import frame_probabilities, read_tone, tone_probabilities
from stance.models import SentenceModel, from_text, load_model, save_model
from stance.setting import SettingModel
from stance.tone.outside import OutsideTone
from stance.types import FRAMES, Fitted, Probabilities


@dataclass(frozen=True, slots=True)
class Decided:
    """`frames` (n, 4), `on_target`, `quoted` (n,) of bool; `tone` (n,) of -1, 0, 1.

    `tone_score` (n,) is favourable minus unfavourable, NaN where nothing speaks.
    """

    frames: NDArray[np.bool_]
    tone: NDArray[np.int64]
    tone_score: NDArray[np.float64]
    on_target: NDArray[np.bool_]
    quoted: NDArray[np.bool_]


class Judge(Protocol):
    """Gives probabilities, and tells its thresholds and what it was made of."""

    @property
    def fitted(self) -> Fitted:
        """Its thresholds, and the labels that it was fitted to."""
        ...

    def think(self, evidence: Evidence, table: Features) -> Probabilities:
        """Of every sentence."""
        ...

    def signature(self, lexicons: str) -> Mapping[str, str]:
        """Digests, and whether it was fitted with `lexicons`."""
        ...


@dataclass(frozen=True, slots=True)
class LinearJudge:
    """The linear models over cues and n-grams."""

    frames: SentenceModel
    tone: SentenceModel
    setting: SettingModel

    @property
    def fitted(self) -> Fitted:
        """Its thresholds, and the labels that it was fitted to."""
        head = self.frames.head
        return Fitted(head.thresholds, self.setting.model.head.thresholds, frozenset(head.seen))

    def think(self, evidence: Evidence, table: Features) -> Probabilities:
        """From the cues and n-grams of each sentence."""
        frames, tone, setting = from_text((self.frames, self.tone, self.setting.model), table.found)
        return Probabilities(
            frame_probabilities(self.frames, table, frames),
            tone_probabilities(self.tone, table, tone),
            self.setting.probabilities(table, setting),
        )

    def signature(self, lexicons: str) -> Mapping[str, str]:
        """Digests of the three models; edited lists make `fitted_on_these_lexicons` no."""
        heads = (self.frames.head, self.tone.head, self.setting.model.head)
        same = all(lexicons == head.lexicons for head in heads)
        return {
            **{f"{head.kind}_model": head.digest for head in heads},
            "fitted_on_these_lexicons": "yes" if same else "no",
            "fitted_for_target": heads[0].target,
        }


@dataclass(frozen=True, slots=True)
class Jointly:
    """An encoder and the linear models beside it, whose log-odds are averaged.

    Each knows what the other does not: the linear models the word lists and what acts on them, the
    encoder what words mean together. The mean of log-odds is the logarithmic opinion pool (Genest
    and Zidek 1986).
    """

    encoder: Encoder
    linear: LinearJudge

    @property
    def fitted(self) -> Fitted:
        """Thresholds of both together, and the labels that they were fitted to."""
        return self.encoder.fitted

    def think(self, evidence: Evidence, table: Features) -> Probabilities:
        """From the cues and n-grams of each sentence, and from its reading in context."""
        one, other = self.encoder.think(evidence, table), self.linear.think(evidence, table)
        tone = np.sqrt(one.tone * other.tone)
        return Probabilities(
            _pooled(one.frames, other.frames),
            tone / tone.sum(axis=1, keepdims=True),
            _pooled(one.setting, other.setting),
        )

    def signature(self, lexicons: str) -> Mapping[str, str]:
        """Digests and libraries of both."""
        return {**self.linear.signature(lexicons), **self.encoder.signature()}

    def save(self, directory: Path) -> None:
        """Both into one folder."""
        self.encoder.save(directory)
        for model in (self.linear.frames, self.linear.tone, self.linear.setting.model):
            save_model(model, directory)


def _pooled(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    """The probability whose log-odds are the mean of those of two; 0 where one is 0."""
    yes, no = np.sqrt(one * other), np.sqrt((1 - one) * (1 - other))
    whole = yes + no
    result: NDArray[np.float64] = np.divide(yes, whole, out=np.zeros_like(yes), where=whole > 0)
    return result


@dataclass(frozen=True, slots=True)
class OtherTone:
    """Another judge, but for tone, which a model from outside tells from each sentence alone."""

    judge: Judge
    outside: OutsideTone

    @property
    def fitted(self) -> Fitted:
        """That of the other judge."""
        return self.judge.fitted

    def think(self, evidence: Evidence, table: Features) -> Probabilities:
        """As the other judge, with this tone."""
        thought = self.judge.think(evidence, table)
        tone = self.outside.predict_proba(evidence.batch.normal)
        return Probabilities(thought.frames, tone, thought.setting)

    def signature(self, lexicons: str) -> Mapping[str, str]:
        """As the other judge's, with the name and the labels of the model of tone."""
        return {**self.judge.signature(lexicons), "tone_model": self.outside.told}


def load_judge(models: Path | None = None, tone: str | None = None) -> Judge:
    """The shipped models, or those in `models`; `tone` names a model from outside.

    Raises:
        ModelError: a model is missing, broken or of another schema.
    """
    if models is not None and not models.is_dir():
        raise ModelError(f"{models}: no such folder; give one that `stance train` wrote")
    encoder = None
    if models is not None and (models / HEAD).is_file():
        encoder = Encoder.load(models)
    linear = LinearJudge(
        load_model("frames", models), load_model("tone", models), SettingModel.load(models)
    )
    judge: Judge = linear if encoder is None else Jointly(encoder, linear)
    return judge if tone is None else OtherTone(judge, OutsideTone.load(tone))


def decide(
    judge: Judge, thought: Probabilities, evidence: Evidence, table: Features, finder: CueFinder
) -> Decided:
    """Labels from probabilities.

    A frame about the target is decided only on target, and nothing is said without words. Without
    a target every sentence counts, whatever was learned about one.
    """
    setting = thought.setting >= np.asarray(judge.fitted.setting_cuts)
    on_target = setting[:, 0] if finder.target.aliases else evidence.on_target
    chosen = (thought.frames >= np.asarray(judge.fitted.frame_cuts)) & table.says[:, None]
    for frame in finder.resources.frames:
        if frame.scope == "target" and frame.name in FRAMES:
            chosen[:, FRAMES.index(frame.name)] &= on_target
    score, tone = read_tone(thought.tone, table)
    return Decided(chosen, tone, score, on_target, setting[:, 1])
