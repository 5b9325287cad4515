"""Linear models as plain JSON: read, written and applied without scikit-learn or pickle."""

from __future__ import annotations

import dataclasses
import hashlib
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from stance.errors import ModelError

SHIPPED = Path(__file__).parent


@dataclass(frozen=True, slots=True, kw_only=True)
class LinearModel:
    """Weights over named features. One row of `coef` per output.

    `kind` is "frames" (a sigmoid per output) or "tone" (a softmax over -1, 0, 1). `schema` is the
    feature schema, `lexicons` the digest of the lexicons that it was fitted with, `gold` that of
    its labels.
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

    @property
    def digest(self) -> str:
        """16 hex digits of its content."""
        return hashlib.sha256(msgspec.json.encode(self)).hexdigest()[:16]

    def decision(self, names: tuple[str, ...], values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Log-odds, (n, outputs). Columns are matched by name."""
        if names != self.features:
            raise ModelError(
                f"the {self.kind} model was fitted with other features than these lexicons give; "
                "fit it again: stance train GOLD.jsonl --out MODEL"
            )
        # Column by column in a fixed order, so that no matrix library's blocking can change a bit.
        result = np.tile(np.asarray(self.intercept, dtype=np.float64), (len(values), 1))
        for row, weights in enumerate(self.coef):
            for column, weight in enumerate(weights):
                if weight:
                    result[:, row] += weight * values[:, column]
        return result


def load_model(kind: str, directory: Path | None = None) -> LinearModel:
    """The model `kind` from `directory`, or the shipped one.

    Raises:
        ModelError: it is missing, not a model, or of another feature schema.
    """
    from stance.features import SCHEMA

    path = (directory or SHIPPED) / f"{kind}.json"
    try:
        model = msgspec.json.decode(path.read_bytes(), type=LinearModel)
    except OSError as error:
        raise ModelError(f"{path}: {error.strerror or error}") from error
    except msgspec.MsgspecError as error:
        raise ModelError(f"{path}: not a model file of stance: {error}") from error
    if model.schema != SCHEMA:
        raise ModelError(
            f"{path}: feature schema {model.schema}, this version has {SCHEMA}; "
            "fit it again: stance train GOLD.jsonl --out MODEL"
        )
    return model


def save_model(model: LinearModel, directory: Path) -> Path:
    """Write `model` as readable JSON; numbers rounded to six decimals."""
    rounded = dataclasses.replace(
        model,
        coef=tuple(tuple(round(w, 6) for w in row) for row in model.coef),
        intercept=tuple(round(b, 6) for b in model.intercept),
        thresholds=tuple(round(t, 6) for t in model.thresholds),
    )
    path = directory / f"{model.kind}.json"
    path.write_bytes(msgspec.json.format(msgspec.json.encode(rounded), indent=1) + b"\n")
    return path
