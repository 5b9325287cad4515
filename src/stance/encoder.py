"""An optional encoder: any BERT-family encoder with one head for tone, frames, target and voice.

Needs the extra `stance-zh[transformers]`; nothing is fetched unless the user names a model.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from stance.cues import Evidence
from stance.errors import ModelError
from stance.features import Features
from stance.masking import RIVAL_SIGN, TARGET_SIGN
from stance.types import FRAMES, Fitted, Probabilities

HEAD = "encoder.json"
"""The file by which a folder is known to hold an encoder."""
_WEIGHTS = "head.safetensors"
N_OUTPUTS = 3 + len(FRAMES) + 2
"""Tone -1, 0, 1; the four frames; on target, quoted."""
_BATCH = 32
# A name says nothing by itself, so that a sentence is read alike whatever the company.
_NAMES = {TARGET_SIGN: "目标公司", RIVAL_SIGN: "其他公司"}


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What `encoder.json` holds: thresholds and what the encoder was made of."""

    schema: int = 2
    base: str
    length: int
    frame_cuts: tuple[float, ...]
    setting_cuts: tuple[float, ...]
    gold: str
    seen: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Encoder:
    """A fine-tuned encoder, its tokenizer and its head, on a GPU where there is one."""

    settings: Settings
    tokenizer: Any
    network: Any
    digest: str

    @property
    def fitted(self) -> Fitted:
        """Its thresholds, and the labels that it was fitted to."""
        own = self.settings
        return Fitted(own.frame_cuts, own.setting_cuts, frozenset(own.seen))

    @classmethod
    def load(cls, directory: Path) -> Encoder:
        """The encoder that `stance train --encoder` wrote to `directory`.

        Raises:
            ModelError: a file is missing or broken, or the extra is not installed.
        """
        torch, transformers = needed()
        import safetensors
        import safetensors.torch as safetensors_torch

        try:
            settings = msgspec.json.decode((directory / HEAD).read_bytes(), type=Settings)
            tokenizer = transformers.AutoTokenizer.from_pretrained(directory)
            network = build(transformers.AutoModel.from_pretrained(directory))
            network["head"].load_state_dict(safetensors_torch.load_file(directory / _WEIGHTS))
        except (
            *(OSError, ValueError, RuntimeError),
            msgspec.MsgspecError,
            safetensors.SafetensorError,
        ) as error:
            reason = str(error).splitlines()[0]
            raise ModelError(f"{directory}: not an encoder of stance: {reason}") from error
        if settings.schema != 2:
            raise ModelError(f"{directory}: made by another version of stance; train it again")
        network.to("cuda" if torch.cuda.is_available() else "cpu").eval()
        return cls(settings, tokenizer, network, digest_of(directory))

    def save(self, directory: Path) -> None:
        """Weights as safetensors, the rest as JSON: no pickle."""
        from safetensors.torch import save_file

        self.tokenizer.save_pretrained(directory)
        self.network["encoder"].save_pretrained(directory)
        head = {name: w.detach().cpu() for name, w in self.network["head"].state_dict().items()}
        save_file(head, directory / _WEIGHTS)
        settings = msgspec.json.format(msgspec.json.encode(self.settings), indent=1)
        (directory / HEAD).write_bytes(settings + b"\n")

    def think(self, evidence: Evidence, table: Features) -> Probabilities:
        """Of each sentence with those before and after; bounded by names as the linear models."""
        pairs = with_neighbours(evidence)
        found = probabilities(in_batches(pairs, self._logits, N_OUTPUTS, _BATCH))
        found.frames[:] *= table.counts
        found.setting[:, 0] *= table.near
        return found

    def _logits(self, pairs: Sequence[tuple[str, str]]) -> NDArray[np.float64]:
        torch, _ = needed()
        tokens = tokenized(self.tokenizer, pairs, self.settings.length)
        with torch.inference_mode():
            found = logits(self.network, tokens.to(next(self.network.parameters()).device))
        result: NDArray[np.float64] = found.double().cpu().numpy()
        return result

    def signature(self) -> Mapping[str, str]:
        """Its digest and libraries."""
        torch, transformers = needed()
        return {
            "torch": str(torch.__version__),
            "transformers": transformers.__version__,
            "encoder": self.digest,
            "encoder_base": self.settings.base,
        }


def needed() -> tuple[Any, Any]:
    """The libraries torch and transformers.

    Raises:
        ModelError: they are not installed.
    """
    try:
        import torch
        import transformers
    except ImportError as error:
        raise ModelError(
            f"this model needs {error.name}: `make encoder` in a checkout of stance, or "
            "pip install 'stance-zh[transformers]'"
        ) from error
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    return torch, transformers


def known_place(name: str) -> str:
    """`name`, unless it can only be a folder and is none: then the library would ask the hub.

    Raises:
        ModelError: there is no such folder.
    """
    if name.startswith((".", "/", "~")) and not Path(name).is_dir():
        raise ModelError(f"{name}: no such folder")
    return name


def build(encoder: Any) -> Any:
    """The network: the encoder, and one linear layer on its first token for all outputs."""
    torch, _ = needed()
    head = torch.nn.Linear(encoder.config.hidden_size, N_OUTPUTS)
    return torch.nn.ModuleDict({"encoder": encoder, "dropout": torch.nn.Dropout(0.1), "head": head})


def logits(network: Any, tokens: Any) -> Any:
    """(n, 9) of a batch of tokens."""
    first = network["encoder"](**tokens).last_hidden_state[:, 0]
    return network["head"](network["dropout"](first))


def digest_of(directory: Path) -> str:
    """16 hex digits of the settings and weights in a folder."""
    digest = hashlib.sha256()
    for path in sorted(p for p in directory.iterdir() if p.suffix in (".json", ".safetensors")):
        if path.stem != "evaluation":
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()[:16]


def with_neighbours(evidence: Evidence) -> list[tuple[str, str]]:
    """Each sentence, names masked, and beside it the one before and the one after."""
    texts = []
    for text in evidence.masked.text:
        for sign, name in _NAMES.items():
            text = text.replace(sign, name)
        texts.append(text)
    follows = [*evidence.batch.follows().tolist(), False]
    return [
        (text, (texts[k - 1] if follows[k] else "") + (texts[k + 1] if follows[k + 1] else ""))
        for k, text in enumerate(texts)
    ]


def tokenized(tokenizer: Any, pairs: Sequence[tuple[str, str]], length: int) -> Any:
    """Padded tokens; of a pair that is too long, the longer side is cut first."""
    first, second = zip(*pairs, strict=True)
    return tokenizer(
        list(first),
        list(second),
        padding=True,
        truncation="longest_first",
        max_length=length,
        return_tensors="pt",
    )


def probabilities(logits: NDArray[np.float64]) -> Probabilities:
    """From (n, 9) logits: softmax over tone, a sigmoid for each other output."""
    tone = np.exp(logits[:, :3] - logits[:, :3].max(axis=1, keepdims=True))
    each = 1.0 / (1.0 + np.exp(-logits[:, 3:]))
    k = len(FRAMES)
    return Probabilities(each[:, :k], tone / tone.sum(axis=1, keepdims=True), each[:, k:])


def in_batches(
    items: Sequence[Any],
    think: Callable[[Sequence[Any]], NDArray[np.float64]],
    width: int,
    size: int,
) -> NDArray[np.float64]:
    """`think` of `items` in batches of like length, results (n, width) in their own order."""
    order = sorted(range(len(items)), key=lambda k: (len(str(items[k])), k))
    found = np.zeros((len(items), width))
    for start in range(0, len(order), size):
        own = order[start : start + size]
        found[own] = think([items[k] for k in own])
    return found
