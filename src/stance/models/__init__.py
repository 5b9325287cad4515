"""Linear models over cues and n-grams: JSON and plain arrays, read and applied without pickle."""

from __future__ import annotations

import dataclasses
import hashlib
import io
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from stance.errors import ModelError
from stance.ngrams import BITS, Ngrams

SHIPPED = Path(__file__).parent


@dataclass(frozen=True, slots=True, kw_only=True)
class LinearModel:
    """Weights over named features. One row of `coef` per output.

    `kind` is "frames" (a sigmoid per output), "tone" (one per label -1, 0, 1, scaled to sum to 1)
    or "setting" (on target, quoted). `schema` is the feature schema, `lexicons` the digest of the
    lexicons that it was fitted with, `gold` that of its labels, `text` that of its n-grams. `seen`
    are marks of the labelled sentences, by which an evaluation knows them again (frames alone).
    """

    kind: str
    schema: int
    outputs: tuple[str, ...]
    features: tuple[str, ...]
    coef: tuple[tuple[float, ...], ...]
    intercept: tuple[float, ...]
    thresholds: tuple[float, ...] = ()
    target: str = ""
    lexicons: str = ""
    gold: str = ""
    seen: tuple[str, ...] = ()
    text: str = ""

    @property
    def digest(self) -> str:
        """16 hex digits of its content."""
        return hashlib.sha256(msgspec.json.encode(self)).hexdigest()[:16]


@dataclass(frozen=True, slots=True, eq=False)
class TextWeights:
    """Weights of hashed n-grams: `columns` (m,), `idf` (m,), `coef` (outputs, m), as float16."""

    columns: NDArray[np.int32]
    idf: NDArray[np.float16]
    coef: NDArray[np.float16]

    @property
    def digest(self) -> str:
        """16 hex digits of its content."""
        parts = (self.columns.tobytes(), self.idf.tobytes(), self.coef.tobytes())
        return hashlib.sha256(b"".join(parts)).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class SentenceModel:
    """A linear model with its weights of n-grams, ready to be applied."""

    head: LinearModel
    text: TextWeights

    def decision(
        self,
        names: tuple[str, ...],
        values: NDArray[np.float64],
        text: NDArray[np.float64],
    ) -> NDArray[np.float64]:
        """Log-odds, (n, outputs), from the part that the text brings (see `from_text`)."""
        return self.from_cues(names, values) + text

    def from_cues(self, names: tuple[str, ...], values: NDArray[np.float64]) -> NDArray[np.float64]:
        """The part of the log-odds that cues, target, voice and neighbours bring."""
        head = self.head
        if names != head.features:
            raise ModelError(
                f"the {head.kind} model was fitted with other features than these lexicons give; "
                "fit it again: stance train GOLD.jsonl --out MODEL"
            )
        # Column by column in a fixed order, so that no matrix library's blocking can change a bit.
        columns = np.ascontiguousarray(values.T)
        outputs = []
        for intercept, weights in zip(head.intercept, head.coef, strict=True):
            result = np.full(len(values), intercept, dtype=np.float64)
            for column, weight in zip(columns, weights, strict=True):
                if weight:
                    result += weight * column
            outputs.append(result)
        return np.column_stack(outputs)

    def by_ngram(self, found: Ngrams, output: int) -> NDArray[np.float64]:
        """What each n-gram of `found` brings to one output."""
        own = _stacked((self.text,))
        brought = own.rows.take(found.column, axis=0).astype(np.float64)
        norm = np.sqrt(np.bincount(found.row, brought[:, -1], minlength=found.n))
        part: NDArray[np.float64] = brought[:, output] / np.maximum(norm, 1.0)[found.row]
        return part


def from_text(models: tuple[SentenceModel, ...], found: Ngrams) -> list[NDArray[np.float64]]:
    """The part of the log-odds that n-grams bring, (n, outputs) for each model.

    An n-gram has the weight of its idf, and a sentence's weights are scaled to length 1
    (Euclidean). Products of two float16 and sums of so few of them are exact in float64: no order
    of the n-grams changes a bit.
    """
    own = _stacked(tuple(model.text for model in models))
    if not found.n:
        return [np.zeros((0, len(model.head.outputs))) for model in models]
    rows = own.rows.take(found.column, axis=0)
    # Every sentence has n-grams: its edges at least.
    first = np.searchsorted(found.row, np.arange(found.n))
    sums = np.add.reduceat(rows, first, axis=0, dtype=np.float64)
    parts = np.split(sums, own.ends, axis=1)[:-1]
    # No idf is below 1: what is below it is a sentence of which the model knows nothing.
    return [part[:, :-1] / np.sqrt(np.maximum(part[:, -1:], 1.0)) for part in parts]


@dataclass(frozen=True, slots=True)
class _Stacked:
    """The weights of some models side by side, so that an n-gram is looked up once.

    `rows` has a row for every column of n-grams: for each model idf times coef of its outputs and
    the square of the idf, 0 where it has no weights. `ends` says where each model's part ends.
    """

    rows: NDArray[np.float32]
    ends: tuple[int, ...]


@lru_cache(maxsize=8)
def _stacked(texts: tuple[TextWeights, ...]) -> _Stacked:
    ends = tuple(accumulate(len(text.coef) + 1 for text in texts))
    rows = np.zeros((1 << BITS, ends[-1]), dtype=np.float32)
    for text, end in zip(texts, ends, strict=True):
        idf = text.idf.astype(np.float32)
        rows[text.columns, end - len(text.coef) - 1 : end - 1] = (idf * text.coef).T
        rows[text.columns, end - 1] = idf * idf
    return _Stacked(rows, ends)


def load_model(kind: str, directory: Path | None = None) -> SentenceModel:
    """The model `kind` from `directory`, or the shipped one.

    Raises:
        ModelError: it is missing, not a model, or of another feature schema.
    """
    from stance.features import SCHEMA

    path = (directory or SHIPPED) / f"{kind}.json"
    try:
        head = msgspec.json.decode(path.read_bytes(), type=LinearModel)
        with np.load(io.BytesIO(path.with_suffix(".npz").read_bytes()), allow_pickle=False) as file:
            text = TextWeights(file["columns"], file["idf"], file["coef"])
    except OSError as error:
        raise ModelError(f"{error.filename or path}: {error.strerror or error}") from error
    except (msgspec.MsgspecError, ValueError, KeyError) as error:
        raise ModelError(f"{path}: not a model file of stance: {error}") from error
    if head.schema != SCHEMA:
        raise ModelError(
            f"{path}: feature schema {head.schema}, this version has {SCHEMA}; "
            "fit it again: stance train GOLD.jsonl --out MODEL"
        )
    if head.text != text.digest:
        raise ModelError(f"{path}: its .npz file belongs to another model; copy both together")
    return SentenceModel(head, text)


def save_model(model: SentenceModel, directory: Path) -> Path:
    """Write the head as readable JSON, numbers rounded to six decimals, and the n-grams beside."""
    head = model.head
    rounded = dataclasses.replace(
        head,
        coef=tuple(tuple(round(w, 6) for w in row) for row in head.coef),
        intercept=tuple(round(b, 6) for b in head.intercept),
        thresholds=tuple(round(t, 6) for t in head.thresholds),
    )
    path = directory / f"{head.kind}.json"
    path.write_bytes(msgspec.json.format(msgspec.json.encode(rounded), indent=1) + b"\n")
    buffer = io.BytesIO()
    text = model.text
    np.savez_compressed(buffer, columns=text.columns, idf=text.idf, coef=text.coef)
    path.with_suffix(".npz").write_bytes(buffer.getvalue())
    return path
