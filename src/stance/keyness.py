"""Distinctive words of each source and each frame: ranked by log-odds, tested by article."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from stance.aggregate import Summary, in_parts
from stance.relabelling import Column, permutation_ps
from stance.vocabulary import NOT_SHOWN, Vocabulary

PRIOR = 1000.0
"""Size, in words, of the prior: what the whole corpus says of a word weighs as much as a text of
1,000 words does."""

LEAST = 3
"""A word that a source or frame uses more seldom is no mark of it."""

FEW = 10
"""With fewer articles nothing is tested, and a word must come `MIN_COUNT` times to be shown."""

MIN_ARTICLES, MIN_COUNT = 3, 4
"""A word must stand in so many articles of the corpus or, of few articles, so many times."""

COLUMNS = {
    **dict.fromkeys(("kind", "name", "word"), pl.String),
    **dict.fromkeys(("count", "n_articles"), pl.Int64),
    **dict.fromkeys(("rate", "rate_elsewhere", "log_odds", "delta", "p"), pl.Float64),
}

Ints = NDArray[np.int64]


def words(
    summary: Summary,
    *,
    names: Collection[str] = (),
    of: Collection[str] | None = None,
    seed: int = 0,
    most: int = 25,
    permutations: int = 999,
) -> pl.DataFrame:
    """Words that are more frequent at one source, or in sentences of one frame, than elsewhere.

    A source is set against all other known ones together, the sentences of a frame against all
    other sentences. Words are ranked by the z of `log_odds`, which is no test: of words that differ
    by chance alone a fifth and more pass 1.96, since a word that stands in an article tends to come
    again in it. The test is `permutation_p`, over articles (of reprints at one source one counts).
    It is of each word alone, and the words shown are chosen by their z: of many, some fall below
    .05 by chance.

    Args:
        summary: Words are counted in its sentences, in simplified script and lower case. Shown are
            those of two or more letters or characters, without numbers and function words
            (`vocabulary.STOP_WORDS`); every word counts where a rate is taken.
        names: Spellings that are not shown, such as the names of the target.
        of: The groups whose words are told, all by default; each is set against all others.
        seed: Of the relabellings.
        most: Words shown of each source or frame.
        permutations: Relabellings drawn where there are too many to look at all.

    Returns:
        kind ("source" or "frame"), name, word; count (in it), n_articles (of it, with the word);
        rate and rate_elsewhere (of 10,000 words); log_odds (z, above 0), delta (the difference of
        log-odds itself) and p (0..1; null for frames, with fewer than `FEW` articles, and where the
        numbers of articles cannot give .05). Ordered by kind, name, z descending, word. There are
        no words of sources where fewer than two are known.
    """
    corpus = _count(summary, names)
    parts = [pl.DataFrame(schema=COLUMNS), *_of_frames(corpus, most)]
    parts += _of_sources(corpus, summary, of, most, permutations, seed)
    order = ["kind", "name", "log_odds", "word"]
    return pl.concat(parts).sort(order, descending=[False, False, True, False])


def log_odds(
    here: NDArray[np.int64], elsewhere: NDArray[np.int64], n_here: int, n_elsewhere: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Log-odds of words in one text against another, with an informative Dirichlet prior.

    Monroe, Colaresi and Quinn (2008), Fightin' Words, Political Analysis 16(4), equations 15 and
    19 to 23: delta is log((y + a) / (n + a0 - y - a)) here less the same elsewhere, its variance
    about 1 / (y + a) here plus the same elsewhere. The prior `a` is each word's share of both texts
    together, scaled to a0 = `PRIOR` words in all.

    Args:
        here: (k,) occurrences of k words, each in one of the texts and none the only word of both.
        elsewhere: (k,) the same in the other text.
        n_here: Number of all words, whether among the k or not.
        n_elsewhere: The same of the other text.

    Returns:
        (k,) delta, and (k,) z: delta in units of its standard deviation.
    """
    prior = PRIOR * (here + elsewhere) / max(n_here + n_elsewhere, 1)
    delta = np.log(here + prior) - np.log(n_here + PRIOR - here - prior)
    delta -= np.log(elsewhere + prior) - np.log(n_elsewhere + PRIOR - elsewhere - prior)
    return delta, delta / np.sqrt(1 / (here + prior) + 1 / (elsewhere + prior))


@dataclass(frozen=True, slots=True)
class _Counted:
    """Of some of the text: each word's occurrences and articles (v,), and how many words it has."""

    count: Ints
    articles: Ints
    length: int


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Articles and words that stand in them, each pair once: (p,) of each, and how often it does.

    Articles are numbered from `first`. Types are as small as they can be: of a large corpus, most
    of the memory is here.
    """

    first: int
    article: NDArray[np.unsignedinteger]
    word: NDArray[np.unsignedinteger]
    count: NDArray[np.unsignedinteger]

    @classmethod
    def of(cls, article: Ints, word: Ints) -> _Pairs:
        """Of all occurrences."""
        first, width = int(article.min(initial=0)), int(word.max(initial=0)) + 1
        key, count = np.unique((article - first) * width + word, return_counts=True)
        return cls(first, *map(_small, (*np.divmod(key, width), count)))

    def inside(self, articles: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """(p,) whether each is of these articles."""
        inside: NDArray[np.bool_] = articles[self.first :][self.article]
        return inside

    def renumbered(self, rank: Ints) -> _Pairs:
        """With other numbers of words."""
        return _Pairs(self.first, self.article, _small(rank[self.word]), self.count)


def _small(values: Ints) -> NDArray[np.unsignedinteger]:
    return values.astype(np.min_scalar_type(int(values.max(initial=0))))


@dataclass(frozen=True, slots=True)
class _Corpus:
    """The words of all sentences, counted by article and by frame.

    Words of `pairs` index `vocabulary`, the words that may be shown, in their order, articles the
    `ids`, which are sorted. `lengths` are the numbers of all words of each article.
    """

    vocabulary: list[str]
    ids: list[str]
    lengths: Ints
    pairs: list[_Pairs]
    frames: Mapping[str, _Counted]

    def of(self, articles: NDArray[np.bool_]) -> _Counted:
        """What some of the articles hold."""
        size = len(self.vocabulary)
        count, holders = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int64)
        for pairs in self.pairs:
            own = pairs.inside(articles)
            word = pairs.word[own]
            # Whole numbers below 2^53 are exact as floats.
            count += np.bincount(word, pairs.count[own], minlength=size).astype(np.int64)
            holders += np.bincount(word, minlength=size)
        return _Counted(count, holders, int(self.lengths[articles].sum()))

    def shares(self, words: Ints, articles: NDArray[np.bool_]) -> dict[int, Column]:
        """The share of each of these words in the articles."""
        place = np.cumsum(articles) - 1
        wanted = np.zeros(len(self.vocabulary), dtype=bool)
        wanted[words] = True
        found = [(np.zeros(0, np.int64),) * 3]
        for pairs in self.pairs:
            own = np.flatnonzero(wanted[pairs.word] & pairs.inside(articles))
            columns = (pairs.word[own], pairs.article[own], pairs.count[own])
            word, article, count = (column.astype(np.int64) for column in columns)
            found.append((word, article + pairs.first, count))
        word, article, count = (np.concatenate(column) for column in zip(*found, strict=True))
        order = np.argsort(word, kind="stable")
        word, article, count = word[order], article[order], count[order]
        share = count * (1 / np.maximum(self.lengths, 1))[article]
        first, behind = (np.searchsorted(word, words, side) for side in ("left", "right"))
        return {
            w: Column(place[article[a:b]], share[a:b], int(articles.sum()))
            for w, a, b in zip(words.tolist(), first.tolist(), behind.tolist(), strict=True)
        }


def _count(summary: Summary, names: Collection[str]) -> _Corpus:
    ids = sorted(set(summary.tables.articles["article_id"]))
    counts = {id_ for group in summary.groups for id_ in group.article_ids}
    places = pl.DataFrame(
        [(id_, k) for k, id_ in enumerate(ids) if id_ in counts],
        schema={"article_id": pl.String, "place": pl.Int64},
        orient="row",
    )
    frames = summary.tables.frames
    vocabulary = Vocabulary(names)
    lengths = np.zeros(len(ids), dtype=np.int64)
    none = np.zeros(0, dtype=np.int64)
    told = dict.fromkeys(frames, _Counted(none, none, 0))
    pairs: list[_Pairs] = []
    for every in in_parts(summary.tables, ["article_id", "text", "frames"]):
        part = every.join(places, on="article_id", how="inner", maintain_order="left")
        word, row = vocabulary.words(part["text"].to_list())
        article = part["place"].to_numpy()[row]
        lengths += np.bincount(article, minlength=len(ids))
        shown = word != NOT_SHOWN
        pairs.append(_Pairs.of(article[shown], word[shown]))
        for frame in frames:
            carried = part["frames"].list.contains(frame).fill_null(False).to_numpy()[row]
            own = carried & shown
            its = _Pairs.of(article[own], word[own])
            told[frame] = _Counted(
                _added(told[frame].count, np.bincount(its.word, its.count)),
                _added(told[frame].articles, np.bincount(its.word)),
                told[frame].length + int(carried.sum()),
            )
    # In the order of the words, whatever the order of the articles.
    order = sorted(range(len(vocabulary.shown)), key=vocabulary.shown.__getitem__)
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    size = np.zeros(len(order), dtype=np.int64)
    return _Corpus(
        vocabulary=[vocabulary.shown[k] for k in order],
        ids=ids,
        lengths=lengths,
        pairs=[own.renumbered(rank) for own in pairs],
        frames={
            frame: _Counted(
                _added(size, own.count)[order], _added(size, own.articles)[order], own.length
            )
            for frame, own in told.items()
        },
    )


def _added(total: Ints, more: NDArray[Any]) -> Ints:
    """The sum of two counts, each of which may know words that the other does not."""
    longer, shorter = sorted((total, more), key=len, reverse=True)
    found = longer.astype(np.int64)
    found[: len(shorter)] += shorter.astype(np.int64)
    return found


def _of_frames(corpus: _Corpus, most: int) -> Iterator[pl.DataFrame]:
    every = corpus.of(np.ones(len(corpus.ids), dtype=bool))
    frequent = _frequent(every, len(corpus.ids))
    for frame, here in corpus.frames.items():
        ranked = _rank(here, every, frequent, most)
        yield _rows(corpus, "frame", frame, here, ranked)


def _of_sources(
    corpus: _Corpus,
    summary: Summary,
    of: Collection[str] | None,
    most: int,
    permutations: int,
    seed: int,
) -> Iterator[pl.DataFrame]:
    known = [group for group in summary.groups if group.known]
    if len(known) < 2:
        return
    place = {id_: k for k, id_ in enumerate(corpus.ids)}
    group = np.full(len(corpus.ids), -1)
    for number, one in enumerate(known):
        group[[place[id_] for id_ in one.article_ids]] = number
    counts = group >= 0
    every = corpus.of(counts)
    n_articles = int(counts.sum())
    frequent = _frequent(every, n_articles)
    told = [(k, one.name) for k, one in enumerate(known) if of is None or one.name in of]
    heres = [corpus.of(group == number) for number, _ in told]
    ranks = [_rank(here, every, frequent, most) for here in heres]
    ps: list[NDArray[np.float64] | None] = [None] * len(told)
    if n_articles >= FEW and told:
        shares = corpus.shares(np.unique(np.concatenate([r.word for r in ranks])), counts)
        tests = [
            ([shares[word] for word in ranked.word.tolist()], group[counts] == number)
            for (number, _), ranked in zip(told, ranks, strict=True)
        ]
        ps = permutation_ps(tests, seed=seed, permutations=permutations)
    for (_, name), here, ranked, p in zip(told, heres, ranks, ps, strict=True):
        yield _rows(corpus, "source", name, here, ranked, p)


@dataclass(frozen=True, slots=True)
class _Ranked:
    """Words by their place in the vocabulary, with all that is told of them; (k,) each."""

    word: NDArray[np.int64]
    here: NDArray[np.int64]
    rate: NDArray[np.float64]
    rate_elsewhere: NDArray[np.float64]
    z: NDArray[np.float64]
    delta: NDArray[np.float64]


def _rank(here: _Counted, every: _Counted, frequent: NDArray[np.bool_], most: int) -> _Ranked:
    """The words with the highest z of those that are more frequent here than in all the rest."""
    # The only word of a corpus has no odds.
    word = np.flatnonzero(frequent & (here.count >= LEAST) & (every.count < every.length))
    own, rest = here.count[word], every.count[word] - here.count[word]
    elsewhere = every.length - here.length
    delta, z = log_odds(own, rest, here.length, elsewhere)
    z = np.round(z, 6)
    first = np.lexsort((word, -z))[:most]
    first = first[z[first] > 0]
    return _Ranked(
        word[first],
        own[first],
        1e4 * own[first] / max(here.length, 1),
        1e4 * rest[first] / max(elsewhere, 1),
        z[first],
        delta[first],
    )


def _rows(
    corpus: _Corpus,
    kind: str,
    name: str,
    here: _Counted,
    ranked: _Ranked,
    p: NDArray[np.float64] | None = None,
) -> pl.DataFrame:
    k = len(ranked.word)
    table = pl.DataFrame(
        {
            "kind": [kind] * k,
            "name": [name] * k,
            "word": [corpus.vocabulary[word] for word in ranked.word],
            "count": ranked.here,
            "n_articles": here.articles[ranked.word],
            "rate": ranked.rate,
            "rate_elsewhere": ranked.rate_elsewhere,
            "log_odds": ranked.z,
            "delta": ranked.delta,
            "p": [None] * k if p is None else p,
        },
        schema=COLUMNS,
    )
    return table.with_columns(pl.col(pl.Float64).round(6) + 0.0)


def _frequent(every: _Counted, n_articles: int) -> NDArray[np.bool_]:
    return every.count >= MIN_COUNT if n_articles < FEW else every.articles >= MIN_ARTICLES
