"""Sentence sentiment: the calibrated scorer, and SnowNLP's own score beside it."""

from stance.tone.scorer import ToneScorer
from stance.tone.snow import SnowScorer

__all__ = ["SnowScorer", "ToneScorer"]
