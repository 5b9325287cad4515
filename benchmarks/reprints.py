"""Reprints: precision and recall on generated edits, false clusters among same events, growth.

Originals are the written passages of training/passages.jsonl and the articles of
tests/cases/reprints/events.toml, all synthetic; every edit is made of every original. The articles
on one event, told five times in other words, must not be taken for reprints of each other.

    python benchmarks/reprints.py [--seed 0] [--sizes 1000 10000 100000]

The growth table is of texts of 800 characters, drawn from the sentences of the same passages, a
tenth of them reprints: seconds, and MiB above what the texts themselves hold.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations, compress
from pathlib import Path

import numpy as np
import opencc

from stance.reading.reprints import (
    NEAR,
    Clusters,
    Weighed,
    clusters,
    containment,
    missing,
    shingles,
)
from stance.script import script
from stance.text import sentence_spans

ROOT = Path(__file__).parent.parent
LEAST_LENGTH = 200
A_PARAGRAPH = 3
LENGTH = 800
FULL = "，。！？；：（）"
SWAP = str.maketrans(FULL + ",.!?;:()", ",.!?;:()" + FULL)
TO_TRADITIONAL, TO_SIMPLIFIED = opencc.OpenCC("s2t"), opencc.OpenCC("t2s")
HEADLINES = (
    "刚刚，又一家巨头出手了！背后信号不简单",
    "重磅！行业或将迎来拐点",
    "深度｜一夜之间，发生了什么",
    "独家：另有隐情",
)
NOTE = (
    "编者按：近期，相关话题持续引发各界关注。本报转发此文，供读者参考，"
    "也欢迎来稿讨论，稿件请注明作者真实姓名与联系方式。"
)
DISCLAIMER = (
    "免责声明：本文转载自其他媒体，转载目的在于传递更多信息，并不代表本网赞同其观点和对其"
    "真实性负责。文中内容仅供参考，不构成投资建议，据此操作风险自担。如涉及作品内容、版权"
    "等问题，请在三十日内与本网联系，我们将在第一时间删除。"
)
NONE = Clusters((None, None), (0.0, 0.0), (0.0, 0.0))
Sentences = list[str]
Edit = Callable[[Sentences, random.Random], Sentences]


def passages() -> list[Sentences]:
    """The written passages of the training file that are as long as a short article."""
    found: dict[str, Sentences] = {}
    for line in (ROOT / "training" / "passages.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        found.setdefault(row["article"], []).append(row["text"])
    return [own for own in found.values() if len("".join(own)) >= LEAST_LENGTH]


def events() -> list[list[Sentences]]:
    """The sentences of each telling of each event."""
    path = ROOT / "tests" / "cases" / "reprints" / "events.toml"
    with path.open("rb") as file:
        listed = tomllib.load(file)["event"]
    return [[split(telling["text"]) for telling in event["telling"]] for event in listed]


def split(text: str) -> Sentences:
    """The sentences of a text."""
    return [text[span.start : span.end] for span in sentence_spans(text)]


def written(sentences: Sequence[str]) -> str:
    """Sentences as a page prints them, three a paragraph."""
    inside = (sentences[k : k + A_PARAGRAPH] for k in range(0, len(sentences), A_PARAGRAPH))
    return "\n".join("".join(own) for own in inside)


def _cut(share: float, place: str) -> Edit:
    def edit(sentences: Sentences, draw: random.Random) -> Sentences:
        """Without a share of the characters, in one piece, to a sentence's end or inside it."""
        whole = "".join(sentences)
        gone = round(len(whole) * share)
        most = len(whole) - gone
        at = {"front": 0, "end": most, "inside": draw.randint(1, max(1, most - 1))}[place]
        return split(whole[:at] + whole[at + gone :])

    return edit


def _converted(sentences: Sentences, draw: random.Random) -> Sentences:
    other = TO_SIMPLIFIED if script("".join(sentences)) == "trad" else TO_TRADITIONAL
    return [other.convert(sentence) for sentence in sentences]


def _dropped(sentences: Sentences, draw: random.Random) -> Sentences:
    """Without a third of the paragraphs, one at least."""
    starts = list(range(0, len(sentences), A_PARAGRAPH))
    gone = set(draw.sample(starts, max(1, len(starts) // 3)))
    return [
        sentence
        for start in starts
        if start not in gone
        for sentence in sentences[start : start + A_PARAGRAPH]
    ]


def _together(*edits: str) -> Edit:
    def edit(sentences: Sentences, draw: random.Random) -> Sentences:
        for name in edits:
            sentences = EDITS[name](sentences, draw)
        return sentences

    return edit


EDITS: dict[str, Edit] = {
    "cut 30 % at the front": _cut(0.3, "front"),
    "cut 30 % at the end": _cut(0.3, "end"),
    "cut 30 % inside": _cut(0.3, "inside"),
    "another headline": lambda s, draw: [draw.choice(HEADLINES), *s[1:]],
    "script": _converted,
    "punctuation": lambda s, draw: [sentence.translate(SWAP) for sentence in s],
    "a third of paragraphs": _dropped,
    "editor's note": lambda s, draw: [NOTE, *s],
    "disclaimer": lambda s, draw: [*s, DISCLAIMER],
}
EDITS |= {
    "headline, script, punctuation": _together("another headline", "script", "punctuation"),
    "cut inside, note, disclaimer": _together(
        "cut 30 % inside", "editor's note", "disclaimer"
    ),
    "all but dropped paragraphs": _together(
        "cut 30 % at the end", "another headline", "editor's note", "disclaimer", "script",
        "punctuation",
    ),
}  # fmt: skip


def f1(found: Sequence[int | None], meant: Sequence[int | None]) -> tuple[float, float, float]:
    """Precision, recall and F1 of the originals that were named."""
    right = sum(a is not None and a == b for a, b in zip(found, meant, strict=True))
    said = sum(one is not None for one in found)
    wanted = sum(one is not None for one in meant)
    precision, recall = right / max(1, said), right / max(1, wanted)
    return precision, recall, 2 * right / max(1, said + wanted)


def judged(
    originals: Sequence[Sentences], edited: Sequence[tuple[int, str]]
) -> tuple[float, float, float]:
    """As `f1`, of edits (number of the original, text) among all originals."""
    texts = [written(own) for own in originals] + [text for _, text in edited]
    meant = [None] * len(originals) + [k for k, _ in edited]
    dates = ["2024-01-01"] * len(originals) + ["2024-01-02"] * len(edited)
    paths = [f"{k:06}" for k in range(len(texts))]
    return f1(clusters(texts, dates=dates, paths=paths).original, meant)


def on_edits(originals: Sequence[Sentences], seed: int) -> None:
    """Print scores and the lowest containments, by edit and of all edits in one corpus."""
    print(f"{len(originals)} originals, every edit of each")
    print(f"{'edit':32} precision recall     F1   containment: least   1 %   median")
    draw = random.Random(seed)
    own = [shingles(written(sentences)) for sentences in originals]
    every: list[tuple[int, str]] = []
    for name, edit in EDITS.items():
        edited = [(k, written(edit(list(s), draw))) for k, s in enumerate(originals)]
        every += edited
        held = [containment(own[k], shingles(text)) for k, text in edited]
        scores = " ".join(f"{score:8.3f}" for score in judged(originals, edited))
        low, first, middle = np.percentile(held, [0, 1, 50])
        print(f"{name:32}{scores}              {low:10.3f}{first:7.3f}{middle:8.3f}")
    print(f"{'all in one corpus':32}{' '.join(f'{s:8.3f}' for s in judged(originals, every))}")
    print("\nrecall by share cut inside, with a note and a disclaimer added")
    for share in (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7):
        plain, noted = [], []
        for k, sentences in enumerate(originals):
            text = written(_cut(share, "inside")(list(sentences), draw))
            plain.append((k, text))
            noted.append((k, f"{NOTE}\n{text}\n{DISCLAIMER}"))
        print(
            f"  {share:.0%} cut {judged(originals, plain)[1]:6.3f}"
            f"   with both added {judged(originals, noted)[1]:6.3f}"
        )


def on_events(told: Sequence[Sequence[Sentences]]) -> None:
    """Print how near the tellings of one event are, and how many were taken for reprints."""
    texts = [written(telling) for event in told for telling in event]
    event_of = [k for k, event in enumerate(told) for _ in event]
    own = [shingles(text) for text in texts]
    same, other = [], []
    for a, b in combinations(range(len(texts)), 2):
        (same if event_of[a] == event_of[b] else other).append(containment(own[a], own[b]))
    false = sum(one is not None for one in clusters(texts).original)
    print(f"\n{len(same)} pairs on the same event in other words: {false} false clusters")
    for name, held in (("same event", same), ("other event", other)):
        middle, high, top = np.percentile(held, [50, 99, 100])
        print(f"  {name:12} containment: median {middle:.3f}  99 % {high:.3f}  most {top:.3f}")
    print("  false clusters when both articles of a pair print one statement of a share of them")
    draw, statements = random.Random(0), passages()
    pairs = [pair for event in told for pair in combinations(event, 2)]
    for share in (0.1, 0.2, 0.3, 0.4, 0.5):
        false = 0
        for a, b in pairs:
            length = round(share / (1 - share) * len("".join(a)))
            statement = "".join("".join(own) for own in draw.sample(statements, 4))[:length]
            false += clusters([written([*a, statement]), written([statement, *b])]) != NONE
        print(f"    {share:.0%} {false:4} of {len(pairs)}")


def on_weights(originals: Sequence[Sentences], seed: int) -> None:
    """Print the weighted containments that decide, by the number of originals in the corpus."""
    print(
        f"\nweighted containment, which decides at {NEAR}: all edits, and edits of different texts"
    )
    print("originals edits   reprints: least    1 %    5 %  median   different: 99 %   most")
    for n, m in ((1, 1), (1, 12), (10, 1), (10, 12), (len(originals), 1), (len(originals), 12)):
        draw = random.Random(seed + n + m)
        held, apart = [], []
        for _ in range(max(1, 600 // (n * m))):
            own = draw.sample(originals, n)
            edits = [(k, e) for k in range(n) for e in draw.sample(list(EDITS), m)]
            texts = [written(sentences) for sentences in own]
            texts += [written(EDITS[e](list(own[k]), draw)) for k, e in edits]
            weighed = Weighed([shingles(text) for text in texts])
            held += [weighed.contained(k, n + at) for at, (k, _) in enumerate(edits)]
            for _ in range(min(5000, 3 * len(edits))):
                a, b = draw.randrange(len(edits)), draw.randrange(len(edits))
                if edits[a][0] != edits[b][0]:
                    apart.append(weighed.contained(n + a, n + b))
        low = " ".join(f"{one:6.3f}" for one in np.percentile(held, [0, 1, 5, 50]))
        high = " ".join(f"{one:6.3f}" for one in np.percentile(apart or [0.0], [99, 100]))
        print(f"{n:9} {m:5}            {low}           {high if apart else '-'}")


def on_folders(originals: Sequence[Sentences], seed: int) -> None:
    """Print scores in small folders: of reprints, and of different articles under one note."""
    print("\nfolders of few originals with reprints of each, and folders of articles that differ")
    print("originals edits   precision recall     F1   under one note and disclaimer: false")
    for n, m in ((1, 1), (1, 3), (1, 12), (3, 1), (3, 12), (10, 1), (10, 4), (50, 2)):
        draw = random.Random(seed + 1000 * n + m)
        found: list[int | None] = []
        meant: list[int | None] = []
        false = different = 0
        for _ in range(max(10, 600 // (n * m))):
            own = draw.sample(originals, n)
            edits = [(k, e) for k in range(n) for e in draw.sample(list(EDITS), m)]
            texts = [written(sentences) for sentences in own]
            texts += [written(EDITS[e](list(own[k]), draw)) for k, e in edits]
            dates = ["2024-01-01"] * n + ["2024-01-02"] * len(edits)
            paths = [f"{k:04}" for k in range(len(texts))]
            found += clusters(texts, dates=dates, paths=paths).original
            meant += [None] * n + [k for k, _ in edits]
            noted = draw.sample(originals, n + 1)
            framed = clusters([written([NOTE, *sentences, DISCLAIMER]) for sentences in noted])
            false += sum(one is not None for one in framed.original)
            different += len(noted)
        scores = " ".join(f"{score:8.3f}" for score in f1(found, meant))
        print(f"{n:9} {m:5}   {scores}   {false:6} of {different}")


def on_differences(originals: Sequence[Sentences], seed: int) -> None:
    """Print how often what a reprint cut and added is told as it was."""
    draw = random.Random(seed)
    print("\nwhat is told as cut and added, of edits that cut or add whole sentences")
    quiet = dict.fromkeys(("script", "punctuation", "headline, script, punctuation"), 0)
    for name in quiet:
        for sentences in originals:
            edited = EDITS[name](list(sentences), draw)
            first = 1 if "headline" in name else 0
            before, after = split(written(sentences[first:])), split(written(edited[first:]))
            quiet[name] += sum(missing(before, after)) + sum(missing(after, before))
    total = sum(len(sentences) for sentences in originals)
    for name, count in quiet.items():
        print(f"  {name:32} {count} sentences of {total} told, 0 meant")
    right = 0
    for sentences in originals:
        before, after = split("\n".join(sentences)), split("\n".join([*sentences[1:], NOTE]))
        cut = "".join(compress(before, missing(before, after)))
        added = "".join(compress(after, missing(after, before)))
        right += [plain(cut), plain(added)] == [plain(sentences[0]), plain(NOTE)]
    print(f"  first sentence cut, note added   {right} of {len(originals)} told exactly")


def plain(text: str) -> str:
    """Letters and digits alone."""
    return re.sub(r"\W", "", text)


def drawn(n: int, seed: int) -> Iterator[str]:
    """`n` texts of 800 characters; every tenth is an edit of one before it."""
    sentences = [sentence for own in passages() for sentence in own]
    draw = random.Random(seed)
    made: list[Sentences] = []
    edits = list(EDITS.values())
    for k in range(n):
        if k % 10 == 9:
            yield written(draw.choice(edits)(list(draw.choice(made)), draw))
            continue
        own: Sentences = []
        while sum(map(len, own)) < LENGTH:
            own.append(draw.choice(sentences))
        if len(made) < 1000:
            made.append(own)
        yield written(own)[:LENGTH]


def memory(field: str) -> float:
    """MiB that this process holds (`VmRSS`) or held at most (`VmHWM`)."""
    status = Path("/proc/self/status").read_text("ascii")
    match = re.search(rf"{field}:\s+(\d+)", status)
    return int(match[1]) / 1024 if match else 0.0


def grow(n: int, seed: int) -> None:
    """Print the row of one size; run in a process of its own, as memory is told by its peak."""
    texts = list(drawn(n, seed))
    clusters(texts[:20])  # loads what loads once
    held, started = memory("VmRSS"), time.perf_counter()
    found = clusters(texts, paths=[f"{k:07}" for k in range(n)])
    seconds, extra = time.perf_counter() - started, memory("VmHWM") - held
    reprints = sum(one is not None for one in found.original)
    print(
        f"{n:8,} {seconds:9.2f} {1000 * seconds / n:16.2f} {extra:9.0f} {1000 * extra / n:12.2f}"
        f" {reprints:9,}",
        flush=True,
    )


def main() -> None:
    """Print all tables."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--sizes", type=int, nargs="*", default=[1000, 10_000, 100_000])
    parser.add_argument("--grow", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.grow:
        grow(given.grow, given.seed)
        return
    told = events()
    originals = passages() + [telling for event in told for telling in event]
    on_edits(originals, given.seed)
    on_weights(originals, given.seed)
    on_folders(originals, given.seed)
    on_events(told)
    on_differences(originals, given.seed)
    print("\n   texts   seconds  seconds a 1,000       MiB  MiB a 1,000  reprints", flush=True)
    for size in given.sizes:
        again = [sys.executable, __file__, "--seed", str(given.seed), "--grow", str(size)]
        subprocess.run(again, check=True)


if __name__ == "__main__":
    main()
