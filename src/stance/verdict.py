"""From an article's sentences to its stance, its frames' intensity and its dominant frame."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stance.ragged import Ints, totals
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
class Verdicts:
    """By article: `stance` is -1, 0, 1 or None (not about the target); `dominant` may be None.

    `intensity` is (n articles, 4) of 0 to 3, by FRAMES.
    """

    stance: list[int | None]
    intensity: Ints
    dominant: list[str | None]


def prominence(sizes: Ints) -> NDArray[np.float64]:
    """Weight of each sentence by its place in its article: lead and close double, the body once.

    News puts its point first and its judgement last (van Dijk 1988, News as Discourse, ch. 2).
    `sizes` are the numbers of sentences of articles that stand one behind the other.
    """
    edge = np.repeat(np.maximum(1, np.rint(sizes * 0.08)), sizes)
    before = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    at_edge = (before < edge) | (before >= np.repeat(sizes, sizes) - edge)
    return np.where(at_edge, 2.0, 1.0)


def judge(
    sizes: Ints,
    on_target: NDArray[np.bool_],
    tone: NDArray[np.int64],
    probability: NDArray[np.float64],
    chosen: NDArray[np.bool_],
) -> Verdicts:
    """Verdicts on articles of so many sentences each: two of (n,), two of (n, 4) by FRAMES.

    A frame that no sentence was decided to carry has intensity 0, whatever its base rate.
    """
    intensity = np.column_stack(
        [
            intensities(sizes, probability[:, k], chosen[:, k], _LEVELS[frame])
            for k, frame in enumerate(FRAMES)
        ]
    )
    stance = _stances(sizes, on_target, tone)
    ranked = intensity[:, [FRAMES.index(frame) for frame in _RARITY]]
    # An article that sides with its target is not built on blaming it, nor the reverse.
    for side, barred in ((1, "critical"), (-1, "optimistic")):
        ranked[[own == side for own in stance], _RARITY.index(barred)] = 0
    leading = zip(ranked.argmax(axis=1).tolist(), ranked.max(axis=1).tolist(), strict=True)
    dominant = [_RARITY[first] if top else None for first, top in leading]
    return Verdicts(stance, intensity, dominant)


def intensities(
    sizes: Ints,
    scores: NDArray[np.float64],
    chosen: NDArray[np.bool_],
    levels: tuple[float, float, float] = _DEFAULT_LEVELS,
) -> Ints:
    """Intensity 0 to 3 of one frame by article, from its (n sentences,) scores and decisions."""
    weights = prominence(sizes)
    share = totals(sizes, weights * scores) / np.maximum(1.0, totals(sizes, weights))
    carried = totals(sizes, chosen) > 0
    return np.where(carried, np.searchsorted(levels, share, side="right"), 0)


def _stances(
    sizes: Ints, on_target: NDArray[np.bool_], tone: NDArray[np.int64]
) -> list[int | None]:
    own = prominence(sizes) * on_target
    weight = totals(sizes, own)
    balance = totals(sizes, own * np.where(tone < 0, _BLAME * tone, tone))
    balance /= np.maximum(1.0, weight)
    side = np.where(np.abs(balance) > _SIDE, np.sign(balance), 0).astype(np.int64)
    both = zip(side.tolist(), weight.tolist(), strict=True)
    return [own_side if heard else None for own_side, heard in both]
