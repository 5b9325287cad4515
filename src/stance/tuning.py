"""Fine-tuning an encoder on labelled sentences, stopped early by articles that it does not see."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from stance.cues import CueFinder
from stance.encoder import (
    N_OUTPUTS,
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
from stance.judge import Jointly, LinearJudge
from stance.lexicon import load_lexicons, load_target
from stance.setting import SettingModel
from stance.text import given_sentences
from stance.training import ToneSet, fit_models, label_weights
from stance.types import FRAMES

_EPOCHS, _PATIENCE, _BATCH, _LENGTH = 6, 2, 32, 256
# Step size for a hidden size of 768, of the head in multiples of it, and the share of steps over
# which it rises; then it falls to nothing (Devlin et al. 2019). Smaller networks take larger steps.
_RATE, _HEAD_RATE, _RISE = 4e-5, 10.0, 0.1
# Every so manieth article is held out.
_HELD = 5
# Sentences of a set of tone that are read, drawn by chance: what lies beyond teaches little.
_TONE_READ = 1500


@dataclass(frozen=True, slots=True)
class Tuned:
    """The encoder with the linear models beside it, and which of the gold (n,) they did not see."""

    judge: Jointly
    held: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class _Lessons:
    """Pairs of text with labels (n, 9) in the order of the head, and weights (n,)."""

    pairs: list[tuple[str, str]]
    labels: NDArray[np.int64]
    weights: NDArray[np.float64]


def tune(
    gold: Gold,
    base: str,
    also: Gold | None = None,
    tone_sets: Sequence[ToneSet] = (),
    target: str = "alibaba",
    seed: int = 0,
) -> Tuned:
    """Fine-tune `base`, a folder or a name that the transformers library knows.

    One network learns tone, frames, target and voice together, each from the labels that are
    settled; sentences of `tone_sets` teach tone alone. One article of five is held out: training
    stops when its loss has not fallen for two passes, the best state is kept, and thresholds of
    the network and the linear models together are set on it, so that scores on it flatter a
    little. The linear models are fitted to the same labels.

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
    held = gold.documents() % _HELD == 1
    seen = Gold(
        sentences=tuple(one for one, out in zip(gold.sentences, held, strict=True) if not out),
        digest=gold.digest,
    )
    models = fit_models(seen, also, tone_sets, target=target)
    linear = LinearJudge(models.frames, models.tone, SettingModel(models.setting))
    lessons = _lessons(gold, also, tone_sets, finder, np.random.default_rng(seed))
    length = min(_LENGTH, getattr(encoder.config, "max_position_embeddings", _LENGTH))
    with torch.random.fork_rng(devices=[0] if torch.cuda.is_available() else []):
        torch.manual_seed(seed)
        network = _taught(build(encoder), tokenizer, lessons, held, length, seed)
    settings = Settings(
        base=base,
        length=length,
        frame_cuts=(0.5,) * len(FRAMES),
        setting_cuts=(0.5, 0.5),
        gold="+".join(part.digest for part in (gold, also) if part is not None),
        seen=tuple(seen.marks()),
    )
    judge = Jointly(Encoder(settings, tokenizer, network, ""), linear)
    return Tuned(_with_cuts(judge, gold, held, finder), held)


def _lessons(
    gold: Gold,
    also: Gold | None,
    tone_sets: Sequence[ToneSet],
    finder: CueFinder,
    draw: np.random.Generator,
) -> _Lessons:
    """The gold first, then what else teaches."""
    parts = [gold] if also is None else [gold, also]
    pairs = [pair for part in parts for pair in with_neighbours(finder.evidence(part.batch()))]
    labels = [_columns(part.labels()) for part in parts]
    weights = [label_weights(part) for part in parts]
    for own in tone_sets:
        if own.words:
            continue
        drawn = np.sort(draw.permutation(len(own.texts))[:_TONE_READ])
        batch = given_sentences([own.texts[k] for k in drawn])
        pairs += with_neighbours(finder.evidence(batch))
        known = np.full((len(drawn), N_OUTPUTS), UNKNOWN)
        known[:, :3] = one_of_three(own.labels[drawn])
        labels.append(known)
        # As a whole a set weighs half of what it does to the linear models.
        weights.append(np.full(len(drawn), own.weight * len(own.texts) / len(drawn) / 2))
    return _Lessons(pairs, np.concatenate(labels), np.concatenate(weights))


def _taught(
    network: Any,
    tokenizer: Any,
    lessons: _Lessons,
    held: NDArray[np.bool_],
    length: int,
    seed: int,
) -> Any:
    """The network in the state that was best on the held-out sentences, the first `len(held)`."""
    torch, _ = needed()
    device = "cuda" if torch.cuda.is_available() else "cpu"
    network.to(device)
    inside = np.flatnonzero(~np.append(held, np.zeros(len(lessons.pairs) - len(held), dtype=bool)))
    outside = np.flatnonzero(held)
    sizes = np.array([len(first) + len(second) for first, second in lessons.pairs])
    rate = _RATE * 768 / network["encoder"].config.hidden_size
    optimizer = torch.optim.AdamW(
        [
            {"params": network["encoder"].parameters(), "lr": rate},
            {"params": network["head"].parameters(), "lr": rate * _HEAD_RATE},
        ]
    )
    steps = _EPOCHS * -(-len(inside) // _BATCH)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min((step + 1) / (_RISE * steps), 1.0) * max(0.0, 1 - step / steps)
    )

    def loss_of(rows: NDArray[np.int64]) -> Any:
        tokens = tokenized(tokenizer, [lessons.pairs[k] for k in rows], length).to(device)
        weight = torch.tensor(lessons.weights[rows], dtype=torch.float32, device=device)
        true = torch.tensor(lessons.labels[rows], dtype=torch.float32, device=device)
        return _loss(torch, logits(network, tokens), true, weight)

    draw = np.random.default_rng(seed)
    best, kept, waited = np.inf, copy.deepcopy(network.state_dict()), 0
    for _ in range(_EPOCHS):
        network.train()
        for rows in _batches(draw.permutation(inside), sizes, draw):
            optimizer.zero_grad()
            loss_of(rows).backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
            schedule.step()
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
    return network.eval()


def _batches(
    order: NDArray[np.int64], sizes: NDArray[np.int64], draw: np.random.Generator
) -> list[NDArray[np.int64]]:
    """Batches of like length, so that little is padded, in random order."""
    found = []
    for start in range(0, len(order), 16 * _BATCH):
        own = order[start : start + 16 * _BATCH]
        own = own[np.argsort(sizes[own], kind="stable")]
        found += [own[k : k + _BATCH] for k in range(0, len(own), _BATCH)]
    return [found[k] for k in draw.permutation(len(found))]


def _with_cuts(judge: Jointly, gold: Gold, held: NDArray[np.bool_], finder: CueFinder) -> Jointly:
    """With thresholds set on the articles held out."""
    evidence = finder.evidence(gold.batch())
    thought = judge.think(evidence, features(evidence, finder))
    labels, even = gold.labels(), np.ones(int(held.sum()))

    def cuts(said: NDArray[np.float64], true: NDArray[np.int64]) -> tuple[float, ...]:
        pairs = zip(said[held].T, true[held].T, strict=True)
        return tuple(best_threshold(own, label, even) for own, label in pairs)

    settings = msgspec.structs.replace(
        judge.encoder.settings,
        frame_cuts=cuts(thought.frames, labels.frames),
        setting_cuts=cuts(thought.setting, labels.setting),
    )
    return replace(judge, encoder=replace(judge.encoder, settings=settings))


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
