"""Do the intervals cover and do the tests keep their level? Simulated, one row a cell.

    python proofs/coverage.py [--runs 5000] [--seed 0] [--jobs 2]

Articles are of 15 to 60 sentences; the rate at which a sentence of an article carries the frame is
beta distributed with the intraclass correlation named (beta-binomial). An article's value is the
share of its sentences ("labels"), or the mean of noisy probabilities, as the classifier gives them
("probable": positives Beta(6, 2), the others Beta(1, 19)). Rows outside 92 to 97 % are
marked, and those above 6 % of equals rejected.

Ends with 1 if, by more than two Monte-Carlo standard errors, a t interval that
`stance.inference.rare` lets pass covers less than 92 %, or more than 6 % of equals are rejected.
As in `stance.compare`, what `stance.inference.too_rare` stops is not tested; a rate is of the data
sets that are.
"""

from __future__ import annotations

import argparse
import math
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from stance.inference import (
    LEVEL,
    MIN_BOOTSTRAP,
    Floats,
    Ints,
    bootstrap_t,
    effective_n,
    holm,
    intraclass,
    permutation_test,
    rare,
    t_interval,
    too_rare,
)

PREVALENCES = (0.04, 0.15, 0.4)
CORRELATIONS = (0.05, 0.15)
ARTICLES = (3, 5, 8, 20)
SENTENCES = (15, 60)
SHORT, MIDDLE, LONG = (15, 30), (30, 45), (45, 60)
COVERED = (0.92, 0.97)
REJECTED = 0.06
# Fewer than the defaults of 1,999 and 9,999, for time; p and the interval stay valid.
RESAMPLES, RELABELLINGS = 999, 999
# A rate of fewer data sets says nothing.
LEAST = 200
POSITIVE, NEGATIVE = (6.0, 2.0), (1.0, 19.0)

# Two sources of one truth: articles in each, and the lengths of their articles.
Lengths = tuple[int, int]
PAIRS: tuple[tuple[int, int, Lengths, Lengths], ...] = (
    (4, 4, SENTENCES, SENTENCES),
    (3, 5, SENTENCES, SENTENCES),
    (5, 5, SENTENCES, SENTENCES),
    (8, 8, SENTENCES, SENTENCES),
    (20, 20, SENTENCES, SENTENCES),
    (5, 20, SENTENCES, SENTENCES),
    (8, 8, SHORT, LONG),
    (5, 20, SHORT, LONG),
    (5, 20, MIDDLE, LONG),
    (5, 20, LONG, SHORT),
    (50, 60, SENTENCES, SENTENCES),
)
# Four frames, and three sources with so many articles each.
FRAMES = (0.04, 0.15, 0.4, 0.15)
FAMILIES = ((5, 5, 5), (6, 6, 6), (8, 8, 8), (4, 8, 20), (4, 5, 20))


@dataclass(frozen=True, slots=True)
class Coverage:
    """How often intervals of one cell hold the truth; rates in 0..1.

    `trusted` is the share of data sets that `rare` lets pass by what they show themselves, and
    `trusted_t` the coverage in these.
    """

    kind: str
    prevalence: float
    correlation: float
    articles: int
    runs: int
    t: float
    bootstrap: float | None
    carrying: float
    rare: bool
    trusted: float
    trusted_t: float

    @property
    def outside(self) -> list[str]:
        """The intervals whose coverage is outside 92 to 97 %."""
        low, high = COVERED
        rates = {"t": self.t, "bootstrap-t": self.bootstrap}
        return [k for k, rate in rates.items() if rate is not None and not low <= rate <= high]

    @property
    def failed(self) -> bool:
        """Whether the t interval covers too seldom although `rare` lets it pass."""
        return not self.rare and self.t + 2 * _error(self.t, self.runs) < COVERED[0]

    @property
    def marked(self) -> bool:
        """Whether the row is to be read again at the end: here only if it failed."""
        return self.failed

    def line(self) -> str:
        """The row as text."""
        boot = "          -" if self.bootstrap is None else _rate(self.bootstrap, self.runs)
        said = (
            f"{self.trusted:7.2f} {self.trusted_t:6.3f}"
            if self.trusted > 0.02
            else "      -      -"
        )
        row = (
            f"{self.kind:<9}{self.prevalence:5.2f}{self.correlation:6.2f}{self.articles:5d}  "
            f"{_rate(self.t, self.runs)}  {boot}  {'rare' if self.rare else '':<5}{said}"
        )
        if not self.outside:
            return row
        why = (
            f"prevalence {self.prevalence:.2f} with {self.articles} articles: too few sentences "
            f"carry it (worth {self.carrying:.1f} independent ones)"
            if self.rare
            else "not explained by a rare frame"
        )
        return f"{row}  ! {', '.join(self.outside)}: {why}"


@dataclass(frozen=True, slots=True)
class Rejection:
    """How often equals are told apart at .05, of `tested` data sets; None where hardly any is.

    `runs` data sets were drawn.
    """

    what: str
    runs: int
    rate: float | None
    tested: int

    @property
    def marked(self) -> bool:
        """Whether more than 6 % are."""
        return self.rate is not None and self.rate > REJECTED

    @property
    def failed(self) -> bool:
        """Whether that is more than chance."""
        return self.rate is not None and self.rate - 2 * _error(self.rate, self.tested) > REJECTED

    def line(self) -> str:
        """The row as text."""
        rate = "untested      " if self.rate is None else _rate(self.rate, self.tested)
        row = f"{self.what}  {rate}  {self.tested / self.runs:5.0%} tested"
        if not self.marked:
            return row
        return f"{row}  ! above .06: {'fails' if self.failed else 'within two standard errors'}"


def articles(
    rng: np.random.Generator,
    shape: tuple[int, int],
    prevalence: float,
    correlation: float,
    lengths: Lengths = SENTENCES,
) -> tuple[Ints, Ints]:
    """Sentences that carry the frame, and sentences, of (runs, articles)."""
    sentences = rng.integers(lengths[0], lengths[1] + 1, shape)
    spread = 1 / correlation - 1
    rates = rng.beta(prevalence * spread, (1 - prevalence) * spread, shape)
    return rng.binomial(sentences, rates), sentences


def probable(rng: np.random.Generator, carried: Ints, sentences: Ints) -> Floats:
    """Mean probabilities of articles, by a classifier that is noisy about each sentence."""
    at = np.arange(SENTENCES[1])
    sure = rng.beta(*POSITIVE, (*carried.shape, len(at)))
    unsure = rng.beta(*NEGATIVE, sure.shape)
    chance = np.where(at < carried[..., None], sure, unsure)
    means: Floats = (chance * (at < sentences[..., None])).sum(axis=-1) / sentences
    return means


def coverage(
    kind: str, prevalence: float, correlation: float, n: int, runs: int, seed: int
) -> Coverage:
    """Coverage of the true mean by t and bootstrap-t intervals in one cell."""
    rng = np.random.default_rng(seed)
    carried, sentences = articles(rng, (runs, n), prevalence, correlation)
    share = carried.sum(axis=1) / sentences.sum(axis=1)
    values, truth = carried / sentences, prevalence
    if kind == "probable":
        values = probable(rng, carried, sentences)
        yes, no = (a / (a + b) for a, b in (POSITIVE, NEGATIVE))
        truth = prevalence * yes + (1 - prevalence) * no
    t, boot, passed = (np.zeros(runs, dtype=bool) for _ in range(3))
    worth = [effective_n(row, correlation) for row in sentences]
    for run, row in enumerate(values.tolist()):
        t[run] = _holds(t_interval(row, (0.0, 1.0)), truth)
        passed[run] = not rare(float(share[run]), worth[run])
        if n >= MIN_BOOTSTRAP:
            found = bootstrap_t(row, (0.0, 1.0), seed=seed + run, n=RESAMPLES)
            boot[run] = _holds(found, truth)
    effective = math.fsum(worth) / runs
    return Coverage(
        kind,
        prevalence,
        correlation,
        n,
        runs,
        float(t.mean()),
        float(boot.mean()) if n >= MIN_BOOTSTRAP else None,
        prevalence * effective,
        rare(prevalence, effective),
        float(passed.mean()),
        float(t[passed].mean()) if passed.any() else math.nan,
    )


def rejection(prevalence: float, correlation: float, pair: int, runs: int, seed: int) -> Rejection:
    """How often the permutation test tells two sources of one truth apart."""
    rng = np.random.default_rng(seed)
    n_a, n_b, long_a, long_b = PAIRS[pair]
    drawn = [
        articles(rng, (runs, n), prevalence, correlation, lengths)
        for n, lengths in ((n_a, long_a), (n_b, long_b))
    ]
    wrong, tested, method = 0, 0, ""
    for run in range(runs):
        own = [(carried[run], sentences[run]) for carried, sentences in drawn]
        shares = [float(carried.sum() / sentences.sum()) for carried, sentences in own]
        # As `stance.summarise` does: how alike sentences of an article are, of both together.
        alike = intraclass(*_sentences(own)) or 0.0
        worth = [effective_n(sentences, alike) for _, sentences in own]
        if too_rare(shares, worth, [float(sentences.mean()) for _, sentences in own]):
            continue
        a, b = ((carried / sentences).tolist() for carried, sentences in own)
        test = permutation_test(a, b, seed=seed + run, most=RELABELLINGS)
        tested, method = tested + 1, test.method
        wrong += test.p is not None and test.p <= LEVEL
    lengths = f"{_lengths(long_a)} v {_lengths(long_b)}"
    what = f"{prevalence:5.2f}{correlation:6.2f}  {n_a:3d} v {n_b:<3d} {lengths:<16}{method:<8}"
    return Rejection(what, runs, wrong / tested if tested >= LEAST else None, tested)


def family(sizes: tuple[int, ...], correlation: float, runs: int, seed: int) -> Rejection:
    """How often Holm's family of all frames and pairs of three equal sources finds anything."""
    rng = np.random.default_rng(seed)
    drawn = [[_values(rng, (runs, n), p, correlation).tolist() for n in sizes] for p in FRAMES]
    wrong, members = 0, 0
    for run in range(runs):
        found = holm(
            [
                permutation_test(a[run], b[run], seed=seed + run, most=RELABELLINGS)
                for sources in drawn
                for a, b in combinations(sources, 2)
            ]
        )
        members = found.family
        wrong += any(p is not None and p <= LEVEL for p in found.p_holm)
        if not members:
            break
    what = f"{'/'.join(map(str, sizes)):<8} articles, {correlation:.2f}: {members:2d} of 12 tested"
    return Rejection(what, runs, wrong / runs if members else None, runs if members else 0)


def main(arguments: list[str] | None = None) -> int:
    """Print all cells, then every failure; 1 if there are any."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args(arguments)
    runs, start = options.runs, time.perf_counter()
    # Cells lie far apart, as each run of a cell takes the next seed.
    seeds = iter(range(options.seed * 10**9, (options.seed + 1) * 10**9, 10**6))
    cells = [
        (kind, p, icc, n, runs, next(seeds))
        for kind in ("labels", "probable")
        for p in PREVALENCES
        for icc in CORRELATIONS
        for n in ARTICLES
    ]
    pairs = [
        (p, icc, pair, runs, next(seeds))
        for p in PREVALENCES
        for icc in CORRELATIONS
        for pair in range(len(PAIRS))
    ]
    families = [(n, icc, runs, next(seeds)) for icc in CORRELATIONS for n in FAMILIES]
    print(f"{runs} runs a cell; {RESAMPLES} resamples, {RELABELLINGS} drawn relabellings.")
    marked: list[Coverage | Rejection] = []
    with ExitStack() as stack:
        run: Callable[..., Iterable[Any]] = map
        if options.jobs > 1:
            run = stack.enter_context(ProcessPoolExecutor(options.jobs)).map
        print("\nCoverage of nominal 95 % intervals, with Monte-Carlo standard error")
        print("kind      share   icc    n  t            bootstrap-t        trusted: share, t")
        marked += _show(run(coverage, *zip(*cells, strict=True)))
        print("\nRejection of equals at .05 by the permutation test, by articles and lengths")
        marked += _show(run(rejection, *zip(*pairs, strict=True)))
        print("\nAny rejection among 4 frames x 3 pairs of equals, after Holm")
        marked += _show(run(family, *zip(*families, strict=True)))
    wrong = sum(row.failed for row in marked)
    print(f"\n{wrong} failures, {len(marked) - wrong} marked; {time.perf_counter() - start:.0f} s")
    for row in marked:
        print("FAILED" if row.failed else "marked", row.line())
    return 1 if wrong else 0


def _show(rows: Iterable[Coverage] | Iterable[Rejection]) -> list[Coverage | Rejection]:
    """Print all rows as they come; those to be read again at the end."""
    marked: list[Coverage | Rejection] = []
    for row in rows:
        print(row.line(), flush=True)
        if row.marked:
            marked.append(row)
    return marked


def _values(
    rng: np.random.Generator,
    shape: tuple[int, int],
    prevalence: float,
    correlation: float,
    lengths: Lengths = SENTENCES,
) -> Floats:
    carried, sentences = articles(rng, shape, prevalence, correlation, lengths)
    return carried / sentences


def _sentences(sources: Sequence[tuple[Ints, Ints]]) -> tuple[Floats, Ints]:
    """Whether each sentence of all articles carries the frame, and its article."""
    carried, sentences = (np.concatenate(part) for part in zip(*sources, strict=True))
    first = np.cumsum(sentences) - sentences
    place = np.arange(sentences.sum()) - np.repeat(first, sentences)
    article = np.repeat(np.arange(len(sentences)), sentences)
    return (place < np.repeat(carried, sentences)).astype(np.float64), article


def _holds(interval: tuple[float, float] | None, truth: float) -> bool:
    """No interval, as where no sentence carries the frame, holds nothing."""
    return interval is not None and interval[0] <= truth <= interval[1]


def _rate(rate: float, runs: int) -> str:
    return f"{rate:.3f} ({_error(rate, runs):.4f})"


def _error(rate: float, runs: int) -> float:
    return math.sqrt(rate * (1 - rate) / runs)


def _lengths(lengths: Lengths) -> str:
    return f"{lengths[0]}-{lengths[1]}"


if __name__ == "__main__":
    sys.exit(main())
