"""From an article's sentences to its stance, its frames' intensity and its dominant frame."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stance.types import FRAMES

# Share of the article's weight at which a frame reaches intensity 1, 2 and 3. A rare frame is
# salient sooner: readers notice the nation or a scandal at a share at which money is background.
_LEVELS = {
    "optimistic": (0.04, 0.12, 0.24),
    "critical": (0.04, 0.11, 0.18),
    "nationalist": (0.02, 0.05, 0.12),
    "market": (0.06, 0.20, 0.36),
}
# Where frames are equally intense, the rarer in the press is what sets the article apart.
_RARITY = ("nationalist", "critical", "optimistic", "market")
# Net tone of the target (from -1 to 1) beyond which an article takes sides.
_SIDE = 0.08


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
) -> Verdict:
    """Verdict on one article from its sentences: (n,), (n,) and (n, 4) in the order of FRAMES."""
    weights = prominence(len(tone))
    shares = weights @ probability / weights.sum()
    intensity = {
        frame: int(np.searchsorted(_LEVELS[frame], shares[k], side="right"))
        for k, frame in enumerate(FRAMES)
    }
    top = max(intensity.values())
    leading = [frame for frame in _RARITY if intensity[frame] == top]
    if not on_target.any():
        return Verdict(None, intensity, leading[0] if top else None)
    own = weights * on_target
    net = float((own * tone).sum() / own.sum())
    stance = int(np.sign(net)) if abs(net) > _SIDE else 0
    return Verdict(stance, intensity, leading[0] if top else None)
