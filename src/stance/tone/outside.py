"""A model of tone from outside: a ready sentiment checkpoint, or a class of the user's own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stance.errors import ModelError

_BATCH, _LENGTH = 32, 256
# How checkpoints call their labels. A number of stars is read by its place among five.
_NAMES = {
    -1: ("negative", "neg", "负面", "消极", "负向", "unfavourable", "bearish"),
    0: ("neutral", "neu", "中性"),
    1: ("positive", "pos", "正面", "积极", "正向", "favourable", "bullish"),
}


@dataclass(frozen=True, slots=True)
class OutsideTone:
    """`scorer.predict_proba(texts)` gives (n, labels); `signs` is the tone of each label.

    `told` names the model and how its labels were read, for the signature.
    """

    scorer: Any
    signs: tuple[int, ...]
    told: str

    @classmethod
    def load(cls, name: str) -> OutsideTone:
        """`transformers:PATH` (a folder, or a name that the hub knows) or `package.module:Name`.

        A class of one's own is made without arguments; its `predict_proba` gives probabilities of
        -1, 0, 1 in this order.

        Raises:
            ModelError: it is not there, cannot be loaded, or its labels cannot be read as tone.
        """
        kind, _, rest = name.partition(":")
        if not kind or not rest:
            raise ModelError(f"--tone {name}: write transformers:PATH or package.module:Name")
        if kind == "transformers":
            scorer = _Checkpoint(rest)
            signs = tuple(_sign(label, scorer.labels) for label in scorer.labels)
            read = ", ".join(f"{a} = {b:+d}" for a, b in zip(scorer.labels, signs, strict=True))
            return cls(scorer, signs, f"{name} ({read}) {scorer.digest}".rstrip())
        try:
            scorer = getattr(import_module(kind), rest)()
        except Exception as error:  # Whatever goes wrong in somebody else's module.
            reason = f"{type(error).__name__}: {error}"
            raise ModelError(f"--tone {name}: {reason}") from error
        if not hasattr(scorer, "predict_proba"):
            raise ModelError(f"--tone {name}: it has no method predict_proba")
        return cls(scorer, (-1, 0, 1), name)

    def predict_proba(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """(n, 3) probabilities of -1, 0, 1."""
        found = np.asarray(self.scorer.predict_proba(list(texts)), dtype=np.float64)
        if found.shape != (len(texts), len(self.signs)):
            raise ModelError(
                f"{self.told}: probabilities of shape {found.shape} for {len(texts)} sentences; "
                f"expected ({len(texts)}, {len(self.signs)})"
            )
        if not (np.isfinite(found).all() and np.allclose(found.sum(axis=1), 1, atol=1e-3)):
            raise ModelError(f"{self.told}: its rows are no probabilities that sum to 1")
        three = np.zeros((len(texts), 3))
        for column, sign in enumerate(self.signs):
            three[:, sign + 1] += found[:, column]
        return three


def _sign(label: str, every: Sequence[str]) -> int:
    plain = label.lower().strip()
    for sign, names in _NAMES.items():
        if plain in names:
            return sign
    stars = plain.partition(" star")[0]
    if stars != plain and stars.isdigit() and len(every) == 5:
        return int(np.sign(int(stars) - 3))
    raise ModelError(
        f"the label '{label}' cannot be read as a tone (labels: {', '.join(every)}); name the "
        "labels in the checkpoint's config.json, id2label, as negative, neutral, positive"
    )


class _Checkpoint:
    """A sequence classifier of the transformers library."""

    def __init__(self, path: str) -> None:
        from stance.encoder import digest_of, known_place, needed

        known_place(path)
        torch, transformers = needed()
        try:
            self.tokenizer = transformers.AutoTokenizer.from_pretrained(path)
            model = transformers.AutoModelForSequenceClassification.from_pretrained(path)
        except (OSError, ValueError) as error:
            raise ModelError(f"transformers:{path}: {str(error).splitlines()[0]}") from error
        # A name that the hub knows may be another model tomorrow; a folder is what it holds.
        self.digest = digest_of(Path(path)) if Path(path).is_dir() else ""
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        self.model = model.to(self.device).eval()
        self.length = min(_LENGTH, getattr(model.config, "max_position_embeddings", _LENGTH))
        named = model.config.id2label
        self.labels = [str(named[k]) for k in sorted(named)]

    def predict_proba(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """(n, labels), in batches of like length."""
        from stance.encoder import in_batches, needed

        torch, _ = needed()

        def think(own: Sequence[str]) -> NDArray[np.float64]:
            tokens = self.tokenizer(
                list(own),
                padding=True,
                truncation=True,
                max_length=self.length,
                return_tensors="pt",
            ).to(self.device)
            with torch.inference_mode():
                logits = self.model(**tokens).logits.double()
            result: NDArray[np.float64] = logits.softmax(dim=1).cpu().numpy()
            return result

        return in_batches(texts, think, len(self.labels), _BATCH)
