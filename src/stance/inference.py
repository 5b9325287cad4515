"""Intervals, tests and distances for few articles a source. The article is the unit.

Pure functions of arrays. None of them depends on the order in which articles come, those that
draw take a seed, and every sum has a fixed order: the same input gives the same floats.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, combinations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Values = Sequence[float] | Floats

LEVEL = 0.05
"""Chance of a false alarm that a family of tests is held to; intervals cover 1 - LEVEL."""

MIN_ARTICLES = 3
"""Below this no t interval: one or two articles do not show how articles differ."""

MIN_BOOTSTRAP = 5
"""Below this no bootstrap-t: with three articles it covers .79, not .95."""

ASYMPTOTIC = 50
"""From this many articles in both groups on, Welch's t stands in for its permutation."""

RARE = 0.25
"""Skewness of a mean share above which its t interval is not to be trusted (see `rare`)."""

UNLIKE = 1.5
"""Articles this many times as long as others are not exchangeable with them (see `too_rare`)."""

# Values are brought to -1..1 first. Statistics nearer than this are tied: the same articles summed
# in another order must count as equal, else a p falls below what is attainable.
_TIE = 1e-10
# Random keys, or gathered values, held at once.
_AT_ONCE = 2_000_000
# Relabellings of as many articles, times their number, are kept.
_KEPT = 8_000_000


@dataclass(frozen=True, slots=True)
class Test:
    """A two-sided test of two groups of articles.

    Attributes:
        p: In (0, 1]; None where a group has fewer than two articles, as then nothing is tested.
        smallest: The smallest p that groups of this size can reach at all; 1 where p is None.
        method: "exact" (all relabellings), "sampled" or "welch".
        n: Relabellings looked at; 0 for Welch.
    """

    __test__ = False  # a result, not a test case for pytest to collect

    p: float | None
    smallest: float
    method: str
    n: int


@dataclass(frozen=True, slots=True)
class Adjusted:
    """Tests corrected for their number; the tuples are in the order of the tests.

    Attributes:
        p_holm: Corrected p in (0, 1]; None where not tested.
        attainable: Smallest p after correction that the test could have reached, in (0, 1].
        tested: Whether the test is in the family.
        family: Number of tests in the family.
    """

    p_holm: tuple[float | None, ...]
    attainable: tuple[float, ...]
    tested: tuple[bool, ...]
    family: int


def t_interval(values: Values, bounds: tuple[float, float]) -> tuple[float, float] | None:
    """95 % t interval of the mean of article values (n,), clipped to bounds (low, high).

    Hesterberg (2015), What Teachers Should Know About the Bootstrap, sec. 4. None below
    `MIN_ARTICLES`. Of a frame that few sentences carry it covers too seldom: see `rare`.
    """
    n = len(values)
    if n < MIN_ARTICLES:
        return None
    from scipy.special import stdtrit

    mean = math.fsum(values) / n
    variance = math.fsum((value - mean) ** 2 for value in values) / (n - 1)
    half = float(stdtrit(n - 1, 1 - LEVEL / 2)) * math.sqrt(variance / n)
    return max(bounds[0], mean - half), min(bounds[1], mean + half)


def bootstrap_t(
    values: Values, bounds: tuple[float, float], *, seed: int, n: int = 1999
) -> tuple[float, float] | None:
    """95 % bootstrap-t interval of the mean of article values (k,), clipped to bounds.

    Efron and Tibshirani (1993), An Introduction to the Bootstrap, sec. 12.5, over `n` resamples of
    articles. None below `MIN_BOOTSTRAP` articles or where all are equal. A resample of one article
    over and over has no variance, so its t is infinite, not missing: where such are more than
    2.5 % on one side, as with a frame in a single article of five, the data set no end there, and
    the interval goes to the bound. No cure for a rare frame: see `rare`.
    """
    x = np.sort(np.asarray(values, dtype=np.float64))
    size = len(x)
    if size < MIN_BOOTSTRAP or _all_equal(x):
        return None
    mean = math.fsum(x) / size
    scale = float(np.abs(x - mean).max())
    centred = (x - mean) / scale
    rng = np.random.default_rng(seed)
    parts = []
    for rows in _chunks(n, size):
        drawn = centred[rng.integers(0, size, (rows, size))]
        error = drawn.mean(axis=1)
        deviation = np.sqrt(drawn.var(axis=1, ddof=1) / size)
        flat = deviation < 1e-12
        endless = np.where(np.abs(error) < 1e-12, 0.0, np.copysign(np.inf, error))
        parts.append(np.where(flat, endless, error / np.where(flat, 1.0, deviation)))
    t = np.sort(np.concatenate(parts))
    # Order statistics, as there is no interpolating between infinities.
    k = max(int((n + 1) * LEVEL / 2), 1)
    se = scale * float(centred.std(ddof=1)) / math.sqrt(size)
    low, high = mean - float(t[n - k]) * se, mean - float(t[k - 1]) * se
    return max(bounds[0], min(low, mean)), min(bounds[1], max(high, mean))


def rare(share: float, effective: float) -> bool:
    """Whether too few sentences carry a frame for the interval of its mean to be trusted.

    The rule is |1 - 2 share| / sqrt(effective share (1 - share)) > `RARE`: the skewness of a
    binomial proportion, which Box, Hunter and Hunter (1978), Statistics for Experimenters, want
    below 0.3 for a normal approximation, of the effective number of sentences. 0.25 is what
    `proofs/coverage.py` shows: t intervals that it lets pass cover 93 to 95 %, those it stops as
    few as 70 %, and bootstrap-t in its place 84 %. For shares, not for tone.

    Args:
        share: Share of sentences labelled with the frame, 0..1. Not the mean probability: what
            every sentence has of it by default hides how few carry it.
        effective: `effective_n` of the source's articles, with the `intraclass` correlation of
            the labels over all sources.
    """
    variance = share * (1 - share) * effective
    return variance <= 0 or abs(1 - 2 * share) / math.sqrt(variance) > RARE


def too_rare(shares: Sequence[float], worth: Sequence[float], lengths: Sequence[float]) -> bool:
    """Whether a frame is too rare in two groups for a permutation of articles to keep its level.

    Where articles of both are as long, labels can be exchanged and the test is exact however rare
    the frame. Where one group's are `UNLIKE` times as long as the other's, equals are told apart
    more often than at .05 if few sentences carry it (`proofs/coverage.py`): then the answer is that
    of `rare`, by the share of both together, so that it is the same whichever article is whose, and
    by what the smaller group is worth.

    Args:
        shares: Of the sentences of each group, those that carry the frame.
        worth: As many independent sentences those of each group are worth.
        lengths: Mean number of sentences of an article, by group.
    """
    if max(lengths) < UNLIKE * min(lengths):
        return False
    total = math.fsum(worth)
    if total <= 0:
        return True
    pooled = math.fsum(n * share for n, share in zip(worth, shares, strict=True)) / total
    return rare(pooled, min(worth))


def smallest_p(n_a: int, n_b: int) -> float:
    """Smallest two-sided p of an exact permutation test of `n_a` against `n_b` articles, (0, 1].

    Of groups of one size the mirror of a split has the same |t|, so two of the C(n, n_a)
    relabellings are the most extreme; of unequal ones a single split can be. 2 v 2 .33, 3 v 3 .10,
    3 v 4 .029, 4 v 4 .029, 5 v 5 .008. 1 where a group has fewer than two.
    """
    few = min(n_a, n_b)
    if few < 2:
        return 1.0
    if few > 500:  # C passes 1e299: more digits than a float has
        return sys.float_info.min
    return max((2 if n_a == n_b else 1) / math.comb(n_a + n_b, few), sys.float_info.min)


def permutation_test(a: Values, b: Values, *, seed: int, most: int = 9_999) -> Test:
    """Two-sided test that the means of article values (n_a,) and (n_b,) are the same.

    Article labels are permuted and Welch's t is the statistic: exact where the groups are alike
    but for labels, and asymptotically right where only their means agree (Janssen 1997; Chung and
    Romano 2013). All relabellings are looked at where there are at most `most` + 1; else `most`
    drawn ones, with p = (1 + count) / (1 + most) (Phipson and Smyth 2010). With `ASYMPTOTIC`
    articles or more in both groups it is Welch's t test itself, to which the permutation test
    is asymptotically the same. Values must be finite. A limit: of a `rare` frame in few short
    articles against many long ones equals are told apart too often; ask `too_rare` first.
    """
    n_a, n_b = len(a), len(b)
    few, n = min(n_a, n_b), n_a + n_b
    if few < 2:
        return Test(None, 1.0, "exact", 0)
    smallest = smallest_p(n_a, n_b)
    # The smaller group first, sorted: no order of articles or groups can change the outcome.
    groups = [sorted(map(float, a)), sorted(map(float, b))]
    first, second = sorted(groups, key=lambda group: (len(group), group))
    x = np.array(first + second)
    flat = _all_equal(x)
    if not flat:
        x -= math.fsum(x) / n
        x /= np.abs(x).max()
    if few >= ASYMPTOTIC:
        p = 1.0 if flat else max(_welch_p(x[:few], x[few:]), smallest)
        return Test(p, smallest, "welch", 0)
    exact = math.comb(n, few) <= most + 1
    count = math.comb(n, few) if exact else most
    smallest = smallest if exact else 1 / (1 + most)
    method = "exact" if exact else "sampled"
    if flat:
        return Test(1.0, smallest, method, count)
    seen = _separation(x, np.arange(few)[None, :])[0]
    others = _separation(np.sort(x), _relabellings(n, few, most, None if exact else seed))
    extreme = int((others >= seen - _TIE).sum())
    p = extreme / count if exact else (1 + extreme) / (1 + count)
    return Test(p, smallest, method, count)


def holm(tests: Sequence[Test]) -> Adjusted:
    """Holm's (1979) correction within the tests that can pass it, after Tarone (1990).

    A test whose smallest p stays above `LEVEL` once corrected cannot find anything, but would
    make all others pay. The family is the largest set of tests, those of the smallest attainable
    p first and equal ones together, in which each can still reach `LEVEL` when corrected for the
    size of the set. The smallest p depends on numbers of articles alone, so the choice does not
    look at results and the family-wise error stays at most `LEVEL`. `attainable` is the smallest
    p times the family's size; for a test left out, times that of the family if it, and those at
    least as sharp, were in it.
    """
    # The set that each test closes. A test without p has a smallest of 1 and is never in.
    sizes = [sum(other.smallest <= test.smallest for other in tests) for test in tests]
    reach = [size * test.smallest for size, test in zip(sizes, tests, strict=True)]
    family = max((m for m, p in zip(sizes, reach, strict=True) if p <= LEVEL + _TIE), default=0)
    tested = tuple(size <= family for size in sizes)
    corrected: list[float | None] = [None] * len(tests)
    below = 0.0
    ranked = sorted((test.p, k) for k, test in enumerate(tests) if tested[k] and test.p is not None)
    for rank, (p, k) in enumerate(ranked):
        below = max(below, min(1.0, (family - rank) * p))
        corrected[k] = below
    attainable = tuple(
        min(1.0, test.smallest * max(size, family)) for size, test in zip(sizes, tests, strict=True)
    )
    return Adjusted(tuple(corrected), attainable, tested, family)


def intraclass(
    values: Values | NDArray[np.bool_], groups: Sequence[int] | NDArray[np.integer]
) -> float | None:
    """How alike sentences of one article are: ICC(1), in 0..1.

    One-way analysis of variance with unequal sizes (Donner 1986, A review of inference procedures
    for the intraclass correlation coefficient); 0 where the estimate is negative.

    Args:
        values: (n,) values of sentences.
        groups: (n,) numbers of their articles.

    Returns:
        None with fewer than two articles, with no article of two sentences, or no variance.
    """
    x = np.asarray(values, dtype=np.float64)
    place = _numbered(np.asarray(groups))
    sizes = np.bincount(place).astype(np.float64)
    n, k = len(x), len(sizes)
    if k < 2 or n == k or _all_equal(x):
        return None
    x = x - math.fsum(x) / n
    means = np.bincount(place, x) / sizes
    between = math.fsum(sizes * means**2) / (k - 1)
    within = math.fsum((x - means[place]) ** 2) / (n - k)
    typical = (n - math.fsum(sizes**2) / n) / (k - 1)
    return float(min(1.0, max(0.0, (between - within) / (between + (typical - 1) * within))))


def _numbered(groups: NDArray[np.integer]) -> Ints:
    """Groups numbered from 0, in their order."""
    steps = np.diff(groups, prepend=groups[:1])
    numbers: Ints = np.cumsum(steps > 0)
    if (steps < 0).any():
        numbers = np.unique(groups, return_inverse=True)[1]
    return numbers


def effective_n(sizes: Sequence[int] | Ints, icc: float) -> float:
    """Independent sentences that articles of `sizes` (n,) sentences are worth.

    Kish's (1965) design effect within each article: the sum of m / (1 + (m - 1) icc).
    """
    return math.fsum(m / (1 + (m - 1) * icc) for m in map(int, sizes) if m > 0)


def jensen_shannon(p: Values, q: Values) -> float:
    """Distance of two profiles (k,) of non-negative weights: 0 the same, 1 nothing shared.

    The square root of the Jensen-Shannon divergence to base 2, a metric (Endres and Schindelin
    2003). Profiles are normalised first. Two that are all zero are the same; one that is shares
    nothing with any other.
    """
    both = np.asarray(p, dtype=np.float64)[None, :], np.asarray(q, dtype=np.float64)[None, :]
    return float(_distances(*both)[0])


def jensen_shannon_null(
    a: Floats, b: Floats, *, seed: int, n: int = 999
) -> tuple[float, float] | None:
    """How far apart two sources' mean profiles lie when articles are dealt out by chance.

    Args:
        a: (articles, k) profiles of one source's articles, non-negative.
        b: (articles, k) of the other's.
        seed: Of the drawn relabellings.
        n: How many are drawn; all are looked at where there are no more than n + 1.

    Returns:
        Median and 95th percentile, one of the distances seen, of `jensen_shannon` between the mean
        profiles; None where a source has fewer than two articles.
    """
    few = min(len(a), len(b))
    if few < 2:
        return None
    rows = np.concatenate([np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)])
    rows = rows[np.lexsort(rows.T[::-1])]
    exact = math.comb(len(rows), few) <= n + 1
    # Some relabellings at a time, and those the other way round: sums of rows are quick.
    columns = np.ascontiguousarray(rows.T)
    sums = np.concatenate(
        [
            np.stack([column.take(index.T).sum(axis=0) for column in columns], axis=1)
            for index in _relabelled(len(rows), few, n, None if exact else seed)
        ]
    )
    # What rounding leaves of a column that is all in the other group.
    rest = np.maximum(rows.sum(axis=0) - sums, 0.0)
    rest[rest < 1e-12 * max(float(rows.max()), 0.0)] = 0.0
    found = _distances(sums, rest)
    return float(np.median(found)), float(np.quantile(found, 1 - LEVEL, method="higher"))


def _all_equal(x: Floats) -> bool:
    return len(x) == 0 or float(np.ptp(x)) <= 1e-12 * float(np.abs(x).max())


def _chunks(rows: int, width: int) -> Iterator[int]:
    """Numbers of rows, `rows` in all, each few enough to hold `width` values a row at once."""
    step = max(1, _AT_ONCE // width)
    for start in range(0, rows, step):
        yield min(step, rows - start)


def _relabelled(n: int, k: int, most: int, seed: int | None) -> Iterator[Ints]:
    """The rows of `_relabellings`, some at a time where they are too large to be kept."""
    if n * most <= _KEPT:
        index = _relabellings(n, k, most, seed)
        yield from np.array_split(index, 1 + index.size // _AT_ONCE)
    else:
        yield from _parts(n, k, most, seed)


@lru_cache(maxsize=32)
def _relabellings(n: int, k: int, most: int, seed: int | None) -> Ints:
    """(relabellings, k): which k of n articles are the first group; all where seed is None.

    Kept, as all frames of a pair of sources are relabelled alike.
    """
    index = np.concatenate([*_parts(n, k, most, seed)])
    index.setflags(write=False)
    return index


def _parts(n: int, k: int, most: int, seed: int | None) -> Iterator[Ints]:
    if seed is None:
        every = chain.from_iterable(combinations(range(n), k))
        yield np.fromiter(every, dtype=np.int64).reshape(-1, k)
        return
    rng = np.random.default_rng(seed)
    for rows in _chunks(most, n):
        # Sorted, as partitions may come in another order on another processor.
        keys = rng.random((rows, n))
        yield np.sort(np.argpartition(keys, k - 1, axis=1)[:, :k], axis=1)


def _separation(x: Floats, index: Ints) -> Floats:
    """d^2 / (d^2 + se^2), d / se Welch's t, of the articles at (r, k) `index` against the rest.

    It rises with |t| and ends at 1 where neither group varies, so there is nothing to divide by
    zero. `x` (n,) is centred, not all equal, and at most 1 from zero.
    """
    k, rest = index.shape[1], len(x) - index.shape[1]
    first = x[index]
    total, square = first.sum(axis=1), (first**2).sum(axis=1)
    other, other_square = math.fsum(x) - total, math.fsum(x**2) - square
    varied = np.maximum(square - total**2 / k, 0.0) / (k - 1) / k
    other_varied = np.maximum(other_square - other**2 / rest, 0.0) / (rest - 1) / rest
    apart = (total / k - other / rest) ** 2
    result: Floats = apart / (apart + varied + other_varied)
    return result


def _welch_p(a: Floats, b: Floats) -> float:
    """Two-sided p of Welch's (1947) t test; 0 where neither group varies."""
    from scipy.special import stdtr

    apart = abs(math.fsum(a) / len(a) - math.fsum(b) / len(b))
    varied = [float(group.var(ddof=1)) / len(group) for group in (a, b)]
    if sum(varied) < 1e-24:
        return 0.0
    freedom = sum(varied) ** 2 / sum(
        v**2 / (len(group) - 1) for v, group in zip(varied, (a, b), strict=True)
    )
    return min(1.0, 2 * float(stdtr(freedom, -apart / math.sqrt(sum(varied)))))


def _distances(p: Floats, q: Floats) -> Floats:
    """Jensen-Shannon distances of the rows of (r, k) and (r, k)."""
    sums = p.sum(axis=1, keepdims=True), q.sum(axis=1, keepdims=True)
    p, q = (x / np.where(total > 0, total, 1.0) for x, total in zip((p, q), sums, strict=True))
    middle = (p + q) / 2
    terms = np.zeros_like(middle)
    for x in (p, q):
        there = x > 0
        terms += x * np.log2(np.divide(x, middle, out=np.ones_like(x), where=there))
    found: Floats = np.sqrt(np.clip(terms.sum(axis=1) / 2, 0.0, 1.0))
    # One profile without any weight.
    found[(sums[0] > 0)[:, 0] != (sums[1] > 0)[:, 0]] = 1.0
    return found
