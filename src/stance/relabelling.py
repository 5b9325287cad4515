"""Whether a word stands apart at a source by more than chance: labels dealt anew to articles."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, combinations

import numpy as np
from numpy.typing import NDArray

from stance.inference import LEVEL, smallest_p

Ints = NDArray[np.int64]

# Numbers of articles that are drawn at once.
_AT_ONCE = 10_000_000


def permutation_p(
    values: NDArray[np.float64],
    inside: NDArray[np.bool_],
    *,
    seed: int,
    permutations: int = 999,
) -> NDArray[np.float64] | None:
    """How often labels dealt to articles by chance set a word as far apart as it stands.

    Lijffijt, Nevalainen, Säily, Papapetrou, Puolamäki and Mannila (2016), Significance testing of
    word frequencies in corpora, Digital Scholarship in the Humanities 31(2): the article is the
    unit. All relabellings are looked at where there are at most `permutations` + 1, else as many
    are drawn, and p = (1 + count) / (1 + permutations) (Phipson and Smyth 2010). The statistic is
    the plain difference of means: most articles do not have the word at all, and a t that rests on
    the few that do is none, however many articles there are.

    Args:
        values: (n, k) share of each of k words in n articles, 0..1.
        inside: (n,) whether an article is the source's.
        seed: Of the drawn relabellings.
        permutations: How many are drawn.

    Returns:
        (k,) two-sided p in (0, 1], 1 where the mean is not higher inside; None where the numbers of
        articles cannot give a p of `LEVEL`.
    """
    columns = [Column.of(column) for column in values.T]
    return permutation_ps([(columns, inside)], seed=seed, permutations=permutations)[0]


@dataclass(frozen=True, slots=True)
class Column:
    """Values of n articles, most of them 0: those at `place` are `value`."""

    place: Ints
    value: NDArray[np.float64]
    n: int

    @classmethod
    def of(cls, values: NDArray[np.float64]) -> Column:
        """From all values."""
        place = np.flatnonzero(values)
        return cls(place, values[place], len(values))

    def whole(self) -> NDArray[np.float64]:
        """(n,) all values."""
        values = np.zeros(self.n)
        values[self.place] = self.value
        return values


Test = tuple[Sequence[Column], NDArray[np.bool_]]


def permutation_ps(
    tests: Sequence[Test], *, seed: int, permutations: int
) -> list[NDArray[np.float64] | None]:
    """`permutation_p` of the words of several sources among the same articles.

    Relabellings are drawn once for all, some at a time: together they are large.
    """
    found: list[NDArray[np.float64] | None] = [None] * len(tests)
    drawn: dict[int, Ints] = {}
    for number, (columns, inside) in enumerate(tests):
        n, own = len(inside), int(inside.sum())
        few = min(own, n - own)
        if max(smallest_p(own, n - own), 1 / (1 + permutations)) > LEVEL:
            continue
        if math.comb(n, few) <= permutations + 1:
            index = _every(n, few)
            found[number] = _extreme(columns, inside, index) / len(index)
        else:
            drawn[number] = np.zeros(len(columns), dtype=np.int64)
    for index in _drawn(len(tests[0][1]), permutations, seed) if drawn else ():
        for number, counts in drawn.items():
            counts += _extreme(*tests[number], index)
    for number, counts in drawn.items():
        found[number] = (1 + counts) / (1 + permutations)
    return found


def _extreme(
    columns: Sequence[Column], inside: NDArray[np.bool_], index: NDArray[np.int32]
) -> Ints:
    """(k,) how many relabellings set each word as far apart; all where it is not higher inside."""
    n, own = len(inside), int(inside.sum())
    few = min(own, n - own)
    counts = np.full(len(columns), len(index))
    for k, column in enumerate(columns):
        x = column.whole()
        total = float(x.sum())
        within = float(x[inside].sum())
        seen = within / own - (total - within) / (n - own)
        if seen > 0:
            sums = x.take(index[:, :few]).sum(axis=1)
            apart = np.abs(sums / few - (total - sums) / (n - few))
            # The same articles summed in another order count as equal.
            counts[k] = (apart >= seen * (1 - 1e-9)).sum()
    return counts


def _every(n: int, few: int) -> NDArray[np.int32]:
    chosen = chain.from_iterable(combinations(range(n), few))
    return np.fromiter(chosen, dtype=np.int32).reshape(-1, few)


def _drawn(n: int, permutations: int, seed: int) -> Iterator[NDArray[np.int32]]:
    """Orders of n articles, `permutations` in all; the first k of each are k drawn by chance."""
    generator = np.random.default_rng(seed)
    step = max(1, _AT_ONCE // n)
    for start in range(0, permutations, step):
        rows = min(step, permutations - start)
        order = np.tile(np.arange(n, dtype=np.int32), (rows, 1))
        yield generator.permuted(order, axis=1, out=order)
