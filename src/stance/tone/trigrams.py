"""SnowNLP's trigram model as arrays, each value by the package's own formula."""

from __future__ import annotations

import math
from itertools import accumulate
from typing import Any

import numpy as np

from stance.errors import ModelError
from stance.store import Arrays
from stance.tone.decoding import COUNT_BITS, FIRST
from stance.tone.hashed import hashed

_Entries = dict[int, list[tuple[int, float]]]
_TAGS = "bmes"
_LAST = 0x9FA5


def build(data: dict[str, Any]) -> Arrays:
    """The fields of `Trigrams` from the dictionaries of the package's segmenter.

    Raises:
        ModelError: they are of another version of the package.
    """
    uni, bi, tri = (data[name]["d"] for name in ("uni", "bi", "tri"))
    l1, l2, l3 = data["l1"], data["l2"], data["l3"]
    total = data["uni"]["total"]
    none = data["uni"]["none"], data["bi"]["none"], data["tri"]["none"]
    if none != (0, 0, 0):
        raise ModelError("this snownlp is not 0.12.3: pip install snownlp==0.12.3")
    tag_of = {**{tag: k for k, tag in enumerate(_TAGS)}, "BOS": 0}
    chars = sorted({ord(char) for char, tag in uni if tag != "BOS"})
    number = {"": 0, **{chr(code): k for k, code in enumerate(chars, start=1)}}
    n = len(number)

    def share(count: float, whole: float) -> float:
        return float(count) / whole if whole else 0

    p_uni = {state: l1 * (float(count) / total) for state, count in uni.items()}
    logs = np.full((4, n), -np.inf)
    for (char, tag), p in p_uni.items():
        if tag != "BOS" and p > 0:
            logs[tag_of[tag], number[char]] = math.log(p)
    p_bi: dict[Any, float] = {}
    pairs: _Entries = {}
    for (a, b), count in bi.items():
        if b[1] == "BOS":
            pairs.setdefault(0, [])
            continue
        p = p_bi[a, b] = share(l2 * count, uni.get(a, 0))
        value = math.log(p_uni.get(b, 0.0) + p)
        key = number[a[0]] * n + number[b[0]]
        pairs.setdefault(key, []).append((tag_of[a[1]] * 4 + tag_of[b[1]], value))
    # Triples know their first pair by its place: that of the start with itself, which has no
    # entries, comes last, so that no other stands where it does.
    keys = sorted(pairs, key=lambda key: (key == 0, key))
    place = dict(zip(keys, _places(pairs, keys), strict=True))
    triples: _Entries = {}
    for (a, b, c), count in tri.items():
        p = share(l3 * count, bi.get((a, b), 0))
        value = math.log(p_uni.get(c, 0.0) + p_bi.get((b, c), 0.0) + p)
        key = place[number[a[0]] * n + number[b[0]]] * n + number[c[0]]
        code = tag_of[a[1]] * 16 + tag_of[b[1]] * 4 + tag_of[c[1]]
        triples.setdefault(key, []).append((code, value))
    return {
        "number": np.array([number.get(chr(code), -1) for code in range(FIRST, _LAST + 1)], "i4"),
        "uni": np.ascontiguousarray(logs.T),
        **_table("bi", pairs, keys),
        **_table("tri", triples, sorted(triples)),
    }


def _places(rows: _Entries, keys: list[int]) -> list[int]:
    return [0, *accumulate(len(rows[key]) for key in keys)][:-1]


def _table(kind: str, rows: _Entries, keys: list[int]) -> Arrays:
    counted = zip(_places(rows, keys), keys, strict=True)
    places = [place << COUNT_BITS | len(rows[key]) for place, key in counted]
    entries = [(value, float(tags)) for key in keys for tags, value in rows[key]]
    return {
        f"{kind}_slots": hashed(np.array(keys, dtype=np.uint32), np.array(places, np.int64)).slots,
        f"{kind}_entries": np.array(entries, dtype=np.float64).reshape(-1, 2),
    }
