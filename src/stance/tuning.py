"""Fine-tuning an encoder on labelled sentences, stopped early by articles that it does not see."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from stance.cues import CueFinder
from stance.encoder import (
    Encoder,
    Settings,
    build,
    known_place,
    logits,
    needed,
    tokenized,
    with_neighbours,
)
from stance.errors import GoldError, ModelError
from stance.features import features
from stance.fitting import best_threshold
from stance.gold import UNKNOWN, Gold, Labels, one_of_three
from stance.lexicon import load_lexicons, load_target
from stance.training import label_weights
from stance.types import FRAMES

_EPOCHS, _PATIENCE, _BATCH, _RATE, _LENGTH = 8, 2, 16, 3e-5, 256
# Every so manieth article is held out.
_HELD = 5


@dataclass(frozen=True, slots=True)
class Tuned:
    """The encoder, and which sentences (n,) of the gold were held out from it."""

    encoder: Encoder
    held: NDArray[np.bool_]


def tune(
    gold: Gold, base: str, also: Gold | None = None, target: str = "alibaba", seed: int = 0
) -> Tuned:
    """Fine-tune `base`, a folder or a name that the transformers library knows.

    One network learns tone, frames, target and voice together, each from the labels that are
    settled. One article of five is held out: training stops when its loss has not fallen for two
    passes, the best state is kept, and thresholds are set on it, so that scores on it flatter a
    little.

    Raises:
        GoldError: labels of one article alone.
        ModelError: `base` is no encoder, or the extra is not installed.
    """
    known_place(base)
    torch, transformers = needed()
    if gold.documents().max() < 1:
        raise GoldError("labels of one article alone cannot stop the training: add other articles")
    try:
        tokenizer = transformers.AutoTokenizer.from_pretrained(base)
        encoder = transformers.AutoModel.from_pretrained(base)
    except (OSError, ValueError) as error:
        raise ModelError(f"--encoder {base}: {str(error).splitlines()[0]}") from error
    finder = CueFinder(load_lexicons(), load_target(target))
    parts = [gold] if also is None else [gold, also]
    pairs: list[tuple[str, str]] = []
    for part in parts:
        pairs += with_neighbours(finder.evidence(part.batch()))
    labels = np.concatenate([_columns(part.labels()) for part in parts])
    weights = np.concatenate([label_weights(part) for part in parts])
    held = gold.documents() % _HELD == 1
    inside = np.flatnonzero(~np.append(held, np.zeros(len(pairs) - len(held), dtype=bool)))
    outside = np.flatnonzero(held)
    length = min(_LENGTH, getattr(encoder.config, "max_position_embeddings", _LENGTH))
    device = "cuda" if torch.cuda.is_available() else "cpu"
    devices = [0] if device == "cuda" else []

    with torch.random.fork_rng(devices=devices):
        torch.manual_seed(seed)
        network = build(encoder).to(device)
        optimizer = torch.optim.AdamW(network.parameters(), lr=_RATE)

        def loss_of(rows: NDArray[np.int64]) -> Any:
            tokens = tokenized(tokenizer, [pairs[k] for k in rows], length).to(device)
            weight = torch.tensor(weights[rows], dtype=torch.float32, device=device)
            true = torch.tensor(labels[rows], dtype=torch.float32, device=device)
            return _loss(torch, logits(network, tokens), true, weight)

        draw = np.random.default_rng(seed)
        best, kept, waited = np.inf, copy.deepcopy(network.state_dict()), 0
        for _ in range(_EPOCHS):
            network.train()
            order = draw.permutation(inside)
            for start in range(0, len(order), _BATCH):
                optimizer.zero_grad()
                loss_of(order[start : start + _BATCH]).backward()
                torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
                optimizer.step()
            network.eval()
            with torch.inference_mode():
                parted = np.array_split(outside, -(-len(outside) // _BATCH))
                losses = [float(loss_of(rows)) * len(rows) for rows in parted]
            now = sum(losses) / len(outside)
            if now < best:
                best, kept, waited = now, copy.deepcopy(network.state_dict()), 0
            else:
                waited += 1
                if waited == _PATIENCE:
                    break
        network.load_state_dict(kept)
        network.eval()

    half = Settings(
        base=base,
        length=length,
        frame_cuts=(0.5,) * len(FRAMES),
        setting_cuts=(0.5, 0.5),
        target=finder.target.name,
        gold="+".join(part.digest for part in parts),
        seen=tuple(mark for mark, out in zip(gold.marks(), held, strict=True) if not out),
    )
    return Tuned(_with_cuts(Encoder(half, tokenizer, network, ""), gold, held, finder), held)


def _with_cuts(encoder: Encoder, gold: Gold, held: NDArray[np.bool_], finder: CueFinder) -> Encoder:
    """With thresholds set on the articles held out."""
    evidence = finder.evidence(gold.batch())
    thought = encoder.think(evidence, features(evidence, finder))
    labels, even = gold.labels(), np.ones(int(held.sum()))

    def cuts(said: NDArray[np.float64], true: NDArray[np.int64]) -> tuple[float, ...]:
        pairs = zip(said[held].T, true[held].T, strict=True)
        return tuple(best_threshold(own, label, even) for own, label in pairs)

    settings = msgspec.structs.replace(
        encoder.settings,
        frame_cuts=cuts(thought.frames, labels.frames),
        setting_cuts=cuts(thought.setting, labels.setting),
    )
    return Encoder(settings, encoder.tokenizer, encoder.network, "")


def _columns(labels: Labels) -> NDArray[np.int64]:
    """(n, 9) in the order of the head: tone as one of three, frames, setting."""
    return np.column_stack([one_of_three(labels.tone), labels.frames, labels.setting])


def _loss(torch: Any, said: Any, true: Any, weight: Any) -> Any:
    """Cross-entropy of tone and of each other output, where the label is settled."""
    known = (true != UNKNOWN).float()
    tone = -(true[:, :3].clamp(min=0) * torch.log_softmax(said[:, :3], dim=1)).sum(dim=1)
    each = torch.nn.functional.binary_cross_entropy_with_logits(
        said[:, 3:], true[:, 3:].clamp(min=0), reduction="none"
    )
    whole = tone * known[:, 0] + (each * known[:, 3:]).sum(dim=1)
    return (weight * whole).sum() / weight.sum()
