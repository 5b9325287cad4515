"""From an article's sentences to its stance, its frames' intensity and its dominant frame."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stance.types import FRAMES

# Share of the article's weight at which a frame reaches intensity 1, 2 and 3. A rare frame is
# salient sooner: readers notice the nation or a scandal at a share at which money is background.
# Set on the five seed articles (seeds/gold/articles.json); there is nothing yet to check them on.
_LEVELS = {
    "optimistic": (0.04, 0.12, 0.24),
    "critical": (0.03, 0.08, 0.14),
    "nationalist": (0.03, 0.08, 0.15),
    "market": (0.06, 0.18, 0.34),
}
# Of a frame that the annotators did not know.
_DEFAULT_LEVELS = (0.04, 0.12, 0.24)
# Where frames are equally intense, the rarer in the press is what sets the article apart.
_RARITY = ("nationalist", "critical", "optimistic", "market")
# Blame outweighs praise about two to one in the eye of the reader (Baumeister, Bratslavsky,
# Finkenauer and Vohs 2001, Bad is stronger than good), and coverage of a company praises by habit.
_BLAME = 2.0
# Balance of praise and blame (from -2 to 1) beyond which an article takes sides.
_SIDE = 0.04


@dataclass(frozen=True, slots=True)
class Verdict:
    """`stance` is -1, 0, 1 or None (not about the target); `intensity` 0 to 3 by frame."""

    stance: int | None
    intensity: dict[str, int]
    dominant: str | None


def prominence(n_sentences: int) -> NDArray[np.float64]:
    """Weight of each sentence by its place: lead and close count double, the body once.

    News puts its point first and its judgement last (van Dijk 1988, News as Discourse, ch. 2).
    """
    weights = np.ones(n_sentences)
    edge = max(1, round(n_sentences * 0.08))
    weights[:edge] = 2.0
    weights[-edge:] = 2.0
    return weights


def judge(
    on_target: NDArray[np.bool_],
    tone: NDArray[np.int64],
    probability: NDArray[np.float64],
    chosen: NDArray[np.bool_],
) -> Verdict:
    """Verdict on one article from its sentences: two of (n,), two of (n, 4) by FRAMES.

    A frame that no sentence was decided to carry has intensity 0, whatever its base rate.
    """
    if not len(tone):
        return Verdict(None, dict.fromkeys(FRAMES, 0), None)
    weights = prominence(len(tone))
    shares = weights @ probability / weights.sum()
    intensity = {
        frame: int(chosen[:, k].any() * np.searchsorted(_LEVELS[frame], shares[k], side="right"))
        for k, frame in enumerate(FRAMES)
    }
    stance = _stance(on_target, tone, weights)
    # An article that sides with its target is not built on blaming it, nor the reverse.
    barred = {1: "critical", -1: "optimistic"}.get(stance or 0)
    open_to = [frame for frame in _RARITY if frame != barred]
    top = max(intensity[frame] for frame in open_to)
    leading = [frame for frame in open_to if intensity[frame] == top]
    return Verdict(stance, intensity, leading[0] if top else None)


def intensity_of(scores: NDArray[np.float64], chosen: NDArray[np.bool_]) -> int:
    """Intensity 0 to 3 of a frame beyond the four, from its (n,) scores and decisions."""
    if not chosen.any():
        return 0
    weights = prominence(len(scores))
    return int(np.searchsorted(_DEFAULT_LEVELS, weights @ scores / weights.sum(), side="right"))


def _stance(
    on_target: NDArray[np.bool_], tone: NDArray[np.int64], weights: NDArray[np.float64]
) -> int | None:
    own = weights * on_target
    if not own.any():
        return None
    balance = float((own * np.where(tone < 0, _BLAME * tone, tone)).sum() / own.sum())
    return int(np.sign(balance)) if abs(balance) > _SIDE else 0
