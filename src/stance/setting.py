"""Whether a sentence is about the target and whether it is reported: learned over rules."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from stance.features import Features
from stance.linear import setting_probabilities
from stance.models import SentenceModel, load_model

OUTPUTS = ("on target", "quoted")


@dataclass(frozen=True, slots=True)
class SettingModel:
    """Decides on target and quoted from the rules of `discourse`, the cues and the n-grams."""

    model: SentenceModel

    @classmethod
    def load(cls, directory: Path | None = None) -> SettingModel:
        """The shipped model, or the one that `stance train` wrote to `directory`."""
        return cls(load_model("setting", directory))

    def probabilities(
        self, table: Features, text: NDArray[np.float64] | None = None
    ) -> NDArray[np.float64]:
        """(n, 2): on target, quoted (see `setting_probabilities`)."""
        return setting_probabilities(self.model, table, text)
