"""Small corpora for tests."""

from __future__ import annotations

from stance.aggregate import summarise
from stance.types import Document


def summary_of(analyzer, texts: list[tuple[str | None, str]], **more):
    """A summary of (source, text) pairs."""
    return summarise(
        analyzer.analyze_batch(
            [Document(text=t, path=f"{k:04d}", source=s, **more) for k, (s, t) in enumerate(texts)]
        )
    )
