"""SnowScorer beside snownlp on the same sentences in one run: the same bits, and how much faster.

Run: python benchmarks/snow.py [--repeat 3]
"""

from __future__ import annotations

import argparse
import time
import warnings
from pathlib import Path
from statistics import median

import stance
from stance.text import simplify, split_documents

SEEDS = Path(__file__).parent.parent / "seeds"


def main() -> None:
    """Print characters a second of both, round by round, and the median ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=3)
    rounds = parser.parse_args().repeat
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from snownlp import sentiment
    texts = [simplify(t) for t in split_documents([d.text for d in stance.read(SEEDS)]).text]
    n = sum(map(len, texts))
    scorer = stance.SnowScorer()
    scorer.score(texts[:5])
    ratios = []
    for _ in range(rounds):
        begin = time.perf_counter()
        ours = scorer.score(texts)
        middle = time.perf_counter()
        theirs = [sentiment.classify(text) for text in texts]
        end = time.perf_counter()
        assert ours.tolist() == theirs
        own, other = n / (middle - begin), n / (end - middle)
        ratios.append(own / other)
        print(f"SnowScorer {own:9,.0f} characters/s   snownlp {other:7,.0f}   {own / other:5.1f} x")
    print(f"median ratio {median(ratios):.1f} over {n:,} characters, every score equal")


if __name__ == "__main__":
    main()
