"""Distinctive words of each source and each frame: ranked by log-odds, tested by article."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, combinations
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import sparse

from stance.aggregate import Summary
from stance.cues import CueFinder
from stance.entries import NO_TARGET, normal_form
from stance.inference import LEVEL, smallest_p
from stance.lexicon import load_lexicons, load_target, target_names
from stance.text import Segmenter

PRIOR = 1000.0
"""Size, in words, of the prior: what the whole corpus says of a word weighs as much as a text of
1,000 words does."""

LEAST = 3
"""A word that a source or frame uses more seldom is no mark of it."""

FEW = 10
"""With fewer articles nothing is tested, and a word must come `MIN_COUNT` times to be shown."""

MIN_ARTICLES, MIN_COUNT = 3, 4
"""A word must stand in so many articles of the corpus or, of few articles, so many times."""

STOP_WORDS = Path(__file__).with_name("keyness_stop.txt")

COLUMNS = {
    **dict.fromkeys(("kind", "name", "word"), pl.String),
    **dict.fromkeys(("count", "n_articles"), pl.Int64),
    **dict.fromkeys(("rate", "rate_elsewhere", "log_odds", "delta", "p"), pl.Float64),
}

_HAN = "\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003134f"
# What is neither Han nor Latin parts words and is none; line breaks keep sentences apart.
_NO_WORD = re.compile(f"[^\n{_HAN}a-z]+")
_SHOWN = re.compile(f"[{_HAN}]{{2,}}|[a-z]{{2,}}")
_NAME = re.compile(f"[{_HAN}]{{2,}}")
# 三千亿, 第二, 两家, 亿美元: a number, alone or with a plain measure word.
_NUMBER = re.compile(
    "[第近约超]?[零〇一二两三四五六七八九十百千万亿半几数]+"
    "(?:[美港欧日]元|[个家次年月日天元块倍成位名条项款种场人届季多余]*)"
)
# Sentences that are brought to normal form together: one call costs as much as a short sentence.
_AT_ONCE = 512
_NOT_SHOWN, _BLANK = -1, -2


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
            (`STOP_WORDS`); every word counts where a rate is taken.
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
    counted = [id_ for group in summary.groups for id_ in group.article_ids]
    sentences = summary.tables.sentences.filter(pl.col("article_id").is_in(counted))
    corpus = _count(summary, sentences, names)
    parts = [_of_frames(corpus, sentences["frames"], summary.tables.frames, most)]
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
    n, own = len(inside), int(inside.sum())
    few = min(own, n - own)
    if max(smallest_p(own, n - own), 1 / (1 + permutations)) > LEVEL:
        return None
    exact = math.comb(n, few) <= permutations + 1
    index = _every(n, few) if exact else _drawn(n, permutations, seed)[:, :few]
    found = np.ones(values.shape[1])
    for k, x in enumerate(np.ascontiguousarray(values.T)):
        total = float(x.sum())
        within = float(x[inside].sum())
        seen = within / own - (total - within) / (n - own)
        if seen > 0:
            sums = x[index].sum(axis=1)
            apart = np.abs(sums / few - (total - sums) / (n - few))
            # The same articles summed in another order count as equal.
            extreme = int((apart >= seen * (1 - 1e-9)).sum())
            found[k] = extreme / len(index) if exact else (1 + extreme) / (1 + len(index))
    return found


def _every(n: int, few: int) -> NDArray[np.int32]:
    chosen = chain.from_iterable(combinations(range(n), few))
    return np.fromiter(chosen, dtype=np.int32).reshape(-1, few)


@lru_cache(maxsize=1)
def _drawn(n: int, permutations: int, seed: int) -> NDArray[np.int32]:
    """(permutations, n) orders of n articles; the first k of each are k drawn by chance.

    Kept, as one set serves every source and word.
    """
    order = np.tile(np.arange(n, dtype=np.int32), (permutations, 1))
    drawn = np.random.default_rng(seed).permuted(order, axis=1)
    drawn.setflags(write=False)
    return drawn


@dataclass(frozen=True, slots=True)
class _Corpus:
    """The words of all sentences as aligned columns, and what they are counted by.

    `word` (t,) indexes `vocabulary`, the words that may be shown, and `sentence` (t,) the rows of
    the sentences; `length` (n,) is the number of all words of each sentence, and `article`
    (n,) the place of its article in `ids`, which are sorted.
    """

    vocabulary: list[str]
    word: NDArray[np.int64]
    sentence: NDArray[np.int64]
    length: NDArray[np.int64]
    article: NDArray[np.int64]
    ids: list[str]

    def counts(self, chosen: NDArray[np.bool_]) -> sparse.csr_matrix:
        """(articles, vocabulary) occurrences in the chosen sentences (n,)."""
        kept = chosen[self.sentence]
        places = (self.article[self.sentence[kept]], self.word[kept])
        shape = (len(self.ids), len(self.vocabulary))
        return sparse.csr_matrix((np.ones(len(places[0]), dtype=np.int64), places), shape=shape)

    def lengths(self) -> NDArray[np.int64]:
        """(articles,) number of all words."""
        return _counted(self.article, self.length, len(self.ids))


def _count(summary: Summary, sentences: pl.DataFrame, names: Collection[str]) -> _Corpus:
    ids = sorted(set(summary.tables.articles["article_id"]))
    place = {id_: k for k, id_ in enumerate(ids)}
    article = sentences["article_id"].replace_strict(place, return_dtype=pl.Int64).to_numpy()
    hidden = frozenset(map(_without_marks, names))
    numbers = _Numbers(hidden | stop_words())
    sizes: list[int] = []
    flat: list[int] = []
    segmenter = _segmenter(hidden)
    for text in _normal(sentences["text"].to_list()):
        own = [numbers[token] for token in segmenter.tokens(text)]
        sizes.append(len(own))
        flat += own
    tokens = np.array(flat, dtype=np.int64)
    row = np.repeat(np.arange(len(sizes)), sizes)
    shown = tokens >= 0
    # In the order of the words, whatever the order of the articles.
    order = np.argsort(np.array(numbers.shown, dtype=np.str_), kind="stable")
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    return _Corpus(
        vocabulary=[numbers.shown[k] for k in order],
        word=rank[tokens[shown]],
        sentence=row[shown],
        length=np.bincount(row[tokens != _BLANK], minlength=len(sizes)),
        article=article,
        ids=ids,
    )


class _Numbers(dict[str, int]):
    """The number of each word that may be shown, in the order in which they come.

    Any other word is `_NOT_SHOWN`, a blank `_BLANK`.
    """

    def __init__(self, hidden: Collection[str]) -> None:
        super().__init__(dict.fromkeys(hidden, _NOT_SHOWN))
        self.shown: list[str] = []

    def __missing__(self, word: str) -> int:
        if not word.strip():
            number = _BLANK
        elif not _SHOWN.fullmatch(word) or _NUMBER.fullmatch(word):
            number = _NOT_SHOWN
        else:
            number = len(self.shown)
            self.shown.append(word)
        self[word] = number
        return number


def stop_words() -> set[str]:
    """The function words of `STOP_WORDS`."""
    lines = STOP_WORDS.read_text("utf-8").split("\n")
    return {line for line in lines if line and not line.startswith("#")}


@lru_cache(maxsize=1)
def _segmenter(names: frozenset[str]) -> Segmenter:
    """The words by which the project cuts, and names of companies, that none is cut in two.

    Without Latin ones: deepseek is a word of its own, though eps is in a list.
    """
    known = {*CueFinder(load_lexicons(), NO_TARGET).matcher.segmenter.words, *names}
    for target in map(load_target, target_names()):
        for alias in (*target.aliases, *target.rivals):
            known |= {normal_form(spelling) for spelling in alias.spellings}
    return Segmenter(tuple(sorted(word for word in known if _NAME.fullmatch(word))))


def _normal(texts: list[str]) -> Iterator[str]:
    """Each text folded and simplified, with blanks for numbers and marks."""
    for start in range(0, len(texts), _AT_ONCE):
        part = [text.replace("\n", " ") for text in texts[start : start + _AT_ONCE]]
        yield from _NO_WORD.sub(" ", normal_form("\n".join(part))).split("\n")


def _without_marks(name: str) -> str:
    """A name as it stands among words: GPT-4 is GPT there."""
    return _NO_WORD.sub(" ", normal_form(name)).strip()


def _of_frames(
    corpus: _Corpus, carried: pl.Series, frames: Sequence[str], most: int
) -> pl.DataFrame:
    n = len(corpus.length)
    every = corpus.counts(np.ones(n, dtype=bool))
    frequent = _frequent(every, len(corpus.ids))
    total, length = _sums(every), int(corpus.length.sum())
    parts = [pl.DataFrame(schema=COLUMNS)]
    for frame in frames:
        chosen = carried.list.contains(frame).fill_null(False).to_numpy()
        here = corpus.counts(chosen)
        n_here = int(corpus.length[chosen].sum())
        ranked = _rank(_sums(here), total, n_here, length, frequent, most)
        parts.append(_rows(corpus, "frame", frame, here, ranked))
    return pl.concat(parts)


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
    every = corpus.counts((group >= 0)[corpus.article])
    lengths = corpus.lengths()
    total, length = _sums(every), int(lengths[group >= 0].sum())
    n_articles = int((group >= 0).sum())
    frequent = _frequent(every, n_articles)
    members = np.flatnonzero(group >= 0)
    share = every.multiply(1 / np.maximum(lengths, 1)[:, None]).tocsc()
    for number, one in enumerate(known):
        if of is not None and one.name not in of:
            continue
        own = group == number
        here = every[own]
        ranked = _rank(_sums(here), total, int(lengths[own].sum()), length, frequent, most)
        p = None
        if n_articles >= FEW and len(ranked.word):
            values = share[:, ranked.word].tocsr()[members].toarray()
            p = permutation_p(values, own[members], seed=seed, permutations=permutations)
        yield _rows(corpus, "source", one.name, here, ranked, p)


@dataclass(frozen=True, slots=True)
class _Ranked:
    """Words by their place in the vocabulary, with all that is told of them; (k,) each."""

    word: NDArray[np.int64]
    here: NDArray[np.int64]
    rate: NDArray[np.float64]
    rate_elsewhere: NDArray[np.float64]
    z: NDArray[np.float64]
    delta: NDArray[np.float64]


def _rank(
    here: NDArray[np.int64],
    total: NDArray[np.int64],
    n_here: int,
    n_total: int,
    frequent: NDArray[np.bool_],
    most: int,
) -> _Ranked:
    """The words with the highest z of those that are more frequent here than in all the rest."""
    # The only word of a corpus has no odds.
    word = np.flatnonzero(frequent & (here >= LEAST) & (total < n_total))
    own, rest = here[word], total[word] - here[word]
    delta, z = log_odds(own, rest, n_here, n_total - n_here)
    z = np.round(z, 6)
    first = np.lexsort((word, -z))[:most]
    first = first[z[first] > 0]
    return _Ranked(
        word[first],
        own[first],
        1e4 * own[first] / max(n_here, 1),
        1e4 * rest[first] / max(n_total - n_here, 1),
        z[first],
        delta[first],
    )


def _rows(
    corpus: _Corpus,
    kind: str,
    name: str,
    here: sparse.csr_matrix,
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
            "n_articles": _articles_with(here)[ranked.word],
            "rate": ranked.rate,
            "rate_elsewhere": ranked.rate_elsewhere,
            "log_odds": ranked.z,
            "delta": ranked.delta,
            "p": [None] * k if p is None else p,
        },
        schema=COLUMNS,
    )
    return table.with_columns(pl.col(pl.Float64).round(6) + 0.0)


def _frequent(counts: sparse.csr_matrix, n_articles: int) -> NDArray[np.bool_]:
    if n_articles < FEW:
        often: NDArray[np.bool_] = _sums(counts) >= MIN_COUNT
        return often
    spread: NDArray[np.bool_] = _articles_with(counts) >= MIN_ARTICLES
    return spread


def _sums(counts: sparse.csr_matrix) -> NDArray[np.int64]:
    return np.asarray(counts.sum(axis=0), dtype=np.int64).ravel()


def _articles_with(counts: sparse.csr_matrix) -> NDArray[np.int64]:
    return np.bincount(counts.indices, minlength=counts.shape[1])


def _counted(place: NDArray[np.int64], number: NDArray[np.int64], n: int) -> NDArray[np.int64]:
    # Whole numbers below 2^53 are exact as floats.
    return np.bincount(place, number, minlength=n).astype(np.int64)
