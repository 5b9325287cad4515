"""How each source frames a company in Chinese articles, and which sentences say so.

>>> import stance
>>> analyzer = stance.Analyzer(target="alibaba")
>>> articles = list(analyzer.analyze_many(stance.read("seeds/")))
>>> comparison = stance.compare(stance.summarise(articles, by="source"))
>>> stance.write_report(comparison, "report.html")

Names are loaded on first use, so that `import stance` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stance.aggregate import Summary, summarise
    from stance.analyzer import Analyzer
    from stance.comparison import Comparison, compare
    from stance.errors import StanceError
    from stance.explanation import explain, info
    from stance.exports import tables
    from stance.frames import FrameClassifier
    from stance.labelling import agree, evaluate, train
    from stance.page import figure
    from stance.pipeline import analyze, report, write_report
    from stance.reading import read
    from stance.tone.scorer import ToneScorer
    from stance.tone.snow import SnowScorer
    from stance.types import Article, Cue, Document, Documents, Estimate, Sentence, Tables
    from stance.workbench.checking import Check, lexicon_check
    from stance.workbench.concordance import KeyInContext, lexicon_show
    from stance.workbench.drafting import target_new
    from stance.workbench.exchange import lexicon_export, lexicon_import, lexicon_list

_HOMES = {
    "Analyzer": "analyzer",
    "Article": "types",
    "Check": "workbench.checking",
    "Comparison": "comparison",
    "Cue": "types",
    "Document": "types",
    "Documents": "types",
    "Estimate": "types",
    "FrameClassifier": "frames",
    "KeyInContext": "workbench.concordance",
    "Sentence": "types",
    "SnowScorer": "tone.snow",
    "StanceError": "errors",
    "Summary": "aggregate",
    "Tables": "types",
    "ToneScorer": "tone.scorer",
    "agree": "labelling",
    "analyze": "pipeline",
    "compare": "comparison",
    "evaluate": "labelling",
    "explain": "explanation",
    "figure": "page",
    "info": "explanation",
    "lexicon_check": "workbench.checking",
    "lexicon_export": "workbench.exchange",
    "lexicon_import": "workbench.exchange",
    "lexicon_list": "workbench.exchange",
    "lexicon_show": "workbench.concordance",
    "read": "reading",
    "report": "pipeline",
    "summarise": "aggregate",
    "tables": "exports",
    "target_new": "workbench.drafting",
    "train": "labelling",
    "write_report": "pipeline",
}

__all__ = [
    "Analyzer",
    "Article",
    "Check",
    "Comparison",
    "Cue",
    "Document",
    "Documents",
    "Estimate",
    "FrameClassifier",
    "KeyInContext",
    "Sentence",
    "SnowScorer",
    "StanceError",
    "Summary",
    "Tables",
    "ToneScorer",
    "agree",
    "analyze",
    "compare",
    "evaluate",
    "explain",
    "figure",
    "info",
    "lexicon_check",
    "lexicon_export",
    "lexicon_import",
    "lexicon_list",
    "lexicon_show",
    "read",
    "report",
    "summarise",
    "tables",
    "target_new",
    "train",
    "write_report",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'stance' has no attribute '{name}'")
    value = getattr(import_module(f"stance.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
