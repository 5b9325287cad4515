"""GB bytes that were read one byte late, mended where another alignment is clearly better Chinese.

Somewhere a first byte was lost (`?`), and what follows was paired wrongly up to the next loss or
an ASCII character: 在“馬 reads 樵凇榜R. What the bytes prove is mended; where half a character is
left, jieba's word frequencies may suggest the rest, and the edit is marked as inferred; what
stays unreadable is shown as `LOST` and flagged.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, lru_cache
from itertools import combinations

from stance.text import HAN, Segmenter, simplify
from stance.types import Edit

LOST = "□"
"""Stands for a character that is lost: it ends no sentence and means nothing."""

# A `?` that stands for a first byte, and the run that was read one byte late behind it.
_SLIP = re.compile(r"\?(?P<run>[;!?:.,]?[^\x00-\x7f]*)")
# A longer run is prose behind a question.
_LONGEST = 16
_HALF = str.maketrans({";": "；", "!": "！", "?": "？", ":": "：", ".": "．", ",": "，"})
_ASKS = re.compile(
    "[吗嗎么麼呢吧何谁誰哪怎几幾啥否]|多少|多[大久高难難风風]|难道|難道|岂|豈|为什|為什|是不是|有没有|有沒有"
)

# What no writer puts down: `?;` and `?` before a stop or a comma.
_ALWAYS_DAMAGE = re.compile(rf"\?(?<=[{HAN}]\?)[;；、，。]")
_BETWEEN_MARKS = re.compile(rf"\?(?P<run>[^?\s。，；！]{{1,12}})\?(?=[{HAN}])")
# Kana, Greek, Cyrillic, Bopomofo, box and mathematical signs between Chinese characters.
_STRANGE = re.compile("[\u0370-\u04ff\u2190-\u25a0\u25a2-\u26ff\u3040-\u312f]")
_BROKEN_RUN = re.compile(r"\?[;；][^\x00-\x7f]{0,8}\?(?=[、。，,；\n])|\?[;；]")
# Characters with which foreign names are written in sounds.
_SOUNDS = (
    "阿艾安奥巴白班保鲍贝本比彼宾波伯博布查达戴丹道德登狄迪蒂杜多恩尔凡菲费芬佛弗福夫盖戈格根古哈海"
    "汉赫亨华霍基吉加杰金卡凯坎康考柯科克肯库拉莱兰劳勒雷黎李里理丽莉利林琳刘卢鲁路伦罗洛马玛迈曼梅"
    "门蒙米密明莫姆默墨穆纳娜内尼宁纽努诺欧帕派潘培佩彭皮平普齐奇契乔切琴琼丘让热瑞萨赛桑瑟森沙山莎"
    "舍申史士斯思丝苏索塔泰坦汤唐特腾提廷亭托瓦威韦维温文翁沃乌武西希锡夏香肖谢辛休逊雅亚延扬耶叶伊"
    "因英尤约泽扎詹珍芝治朱卓兹佐娅婷蕾"
)
_NAME_LEFT = re.compile(f"[{_SOUNDS}]{{2,5}}$")
_NAME_RIGHT = re.compile(f"[{_SOUNDS}]{{2,6}}")

# In nats a character, as jieba's word frequencies reckon: the reading must be this much likelier
# than what stands there, what stands there must be this unlikely, and the reading this likely.
_GAIN = 2.0
_BAD = -9.5
_GOOD = -9.0
_GAP_COST = 13.0
_POOR = -7.5
_SURE = 2.5
_RARE = -12.5
_HAN_ONLY = re.compile(f"[^{HAN}]")
_PUNCTUATION = "。，、；：？！“”"
_PARTS = re.compile(f"([{_PUNCTUATION}{LOST}])")


def slips(text: str, damaged: bool, lost: set[int]) -> Iterator[Edit]:
    """Edits for runs that were read one byte late, and flags for other lost characters."""
    damaged = damaged or bool(_ALWAYS_DAMAGE.search(text))
    position = 0
    while (match := _SLIP.search(text, position)) is not None:
        position = match.start() + 1
        start = match.start()
        certain = start in lost
        before = text[start - 1 : start]
        if not certain and not (before and _is_chinese(before)):
            continue
        # Who writes ??? asks with force, unless other damage shows.
        asked = match["run"] == "?" and not (certain or damaged)
        edit = None if asked else _realigned(text, match) or _middle_dot(text, start)
        if edit is None and certain:
            end = next(k for k in range(start, len(text) + 1) if k not in lost)
            edit = Edit(start, end, LOST, "lost character", "flagged")
        elif edit is None:
            edit = _unreadable(text, start, lost) or (_flagged(text, start) if damaged else None)
        if edit is not None:
            yield edit
            position = edit.end


def _unreadable(text: str, start: int, lost: set[int]) -> Edit | None:
    """?龌?: characters that make no words between two marks that stand for lost bytes."""
    match = _BETWEEN_MARKS.match(text, start)
    if match is None or match.end() - 1 in lost or _ASKS.search(simplify(_clause(text, start))):
        return None
    head, tail = text[max(0, start - 4) : start], text[match.end() : match.end() + 4]
    run = match["run"]
    strange = _STRANGE.search(run)
    if not strange and _added(head, _HAN_ONLY.sub("", run), tail) > _POOR:
        return None
    return Edit(start, match.end(), LOST * (len(run) + 1), "lost character", "flagged")


def _middle_dot(text: str, start: int) -> Edit | None:
    """布萊恩?切斯基: a name written in sounds, whose middle dot was lost."""
    left = _NAME_LEFT.search(simplify(text[max(0, start - 6) : start]))
    right = _NAME_RIGHT.match(simplify(text[start + 1 : start + 7]))
    if left and right:
        return Edit(start, start + 1, "·", "lost middle dot", "inferred")
    return None


def _flagged(text: str, start: int) -> Edit | None:
    """A `?` between characters where nobody asks: a lost character, shown as `LOST`."""
    broken = _BROKEN_RUN.match(text, start)
    if broken:
        return Edit(start, broken.end(), LOST * 2, "lost character", "flagged")
    end = start
    while text[end : end + 1] == "?":
        end += 1
    if _ASKS.search(simplify(_clause(text, start))):
        return None
    if re.match("[、。，；]", text[end:]) or (end - start > 1 and _is_han(text[end : end + 1])):
        return Edit(start, end, LOST, "lost character", "flagged")
    return None


def _clause(text: str, end: int) -> str:
    """What stands before `end` since the last mark, forty characters at most."""
    return re.split(rf"[。，、；：！,;:!?\n{LOST}]", text[max(0, end - 40) : end])[-1]


def _is_chinese(character: str) -> bool:
    return re.match(rf"[{HAN}”』）)]", character) is not None


def _realigned(text: str, match: re.Match[str]) -> Edit | None:
    """The run behind a `?` read at the other alignment, if that is clearly better Chinese."""
    run, start, end = match["run"], match.start(), match.end("run")
    closer = text[end : end + 1]
    # In the order of what each costs: most questions end here, and none may be slow.
    if not 0 < len(run) <= _LONGEST or not (closer == "?" or "@" <= closer <= "~"):
        return None
    encoded = _encoded(run)
    if encoded is None:
        return None
    head, tail = text[max(0, start - 4) : start], text[end + 1 : end + 4]
    spoken = _HAN_ONLY.sub("", run)
    before = _added(head, spoken, tail) if spoken else 2 * _BAD
    if before > _BAD:
        return None
    found = _reading(encoded, closer, head, tail)
    if found is None or not found[0].strip(LOST + _PUNCTUATION):
        return None
    reading, certainty = found
    after = _added(head, reading, tail)
    if after < _GOOD or after - before < _GAIN:
        return None
    return Edit(start, end + 1, reading, "slipped bytes", certainty)


def _added(head: str, middle: str, tail: str) -> float:
    """What `middle` adds to the log-probability of its surroundings, a known character."""
    own = len(middle.replace(LOST, ""))
    if not own:
        return 0.0
    left, right = head[-2:], tail[:2]
    return (_likelihood(left + middle + right) - _likelihood(left) - _likelihood(right)) / own


def _encoded(run: str) -> bytes | None:
    try:
        return b"".join(character.encode("gbk") for character in run.translate(_HALF))
    except UnicodeEncodeError:
        return None


def _reading(encoded: bytes, closer: str, head: str, tail: str) -> tuple[str, str] | None:
    """The best reading one byte earlier and how certain it is.

    Up to two hidden gaps are tried, where a pair of bytes that was no character was dropped.
    """
    pairs = [encoded[k : k + 2] for k in range(0, len(encoded), 2)]
    joints = range(1, len(pairs))
    ranked: list[tuple[float, list[str]]] = []
    for gaps in (g for n in range(3) for g in combinations(joints, n)):
        middle: list[str | None] = []
        for k in joints:
            whole = _decoded(pairs[k - 1][1:] + pairs[k][:1])
            middle += [LOST, LOST] if k in gaps else [whole]
        middle.append(LOST if closer == "?" else _decoded(pairs[-1][1:] + closer.encode("ascii")))
        if None not in middle:
            known = [character for character in middle if character]
            ranked.append((_likelihood("".join(known)) - _GAP_COST * len(gaps), known))
    if not ranked:
        return None
    best = max(ranked, key=lambda one: one[0])[1]
    if len(pairs) == 1 and closer == "?":
        return _between(pairs[0], head, tail)
    best = [_credible(best, k) for k in range(len(best))]
    first, inferred = _inferred(
        [_decoded(bytes([lead]) + pairs[0][:1]) for lead in range(0x81, 0xFF)],
        head,
        "".join(best) + tail,
    )
    if closer == "?":
        options = [_decoded(pairs[-1][1:] + bytes([trail])) for trail in range(0x40, 0xFF)]
        best[-1], also = _inferred(options, head + first + "".join(best[:-1]), tail)
        inferred = inferred or also
    return first + "".join(best), "inferred" if inferred else "proven"


def _credible(middle: list[str], k: int) -> str:
    """The character, or `LOST` where it stands as an unlikely word of its own."""
    left = "".join(middle[:k]).rpartition(LOST)[2][-3:]
    right = "".join(middle[k + 1 :]).partition(LOST)[0][:3]
    own = _likelihood(left + middle[k] + right) - _likelihood(left) - _likelihood(right)
    return middle[k] if own >= _RARE else LOST


def _between(pair: bytes, head: str, tail: str) -> tuple[str, str] | None:
    """Two characters of which one byte each is left: 規[模化] of 規?;?."""
    firsts = {_decoded(bytes([lead]) + pair[:1]) for lead in range(0x81, 0xFF)} - {None}
    seconds = {_decoded(pair[1:] + bytes([trail])) for trail in range(0x40, 0xFF)} - {None}
    left, right = head.rpartition(LOST)[2][-2:], tail[:2]
    known = _dictionary().tokenizer.FREQ
    begun = _simplified([f"{left[-1:]}{first}" for first in firsts])
    beside = {one for one, word in zip(firsts, begun, strict=True) if word in known}
    pairs = [f"{first}{second}" for first in firsts for second in seconds]
    words = zip(pairs, _simplified(pairs), strict=True)
    options = [pair for pair, word in words if word in known or pair[0] in beside]
    likely = _likelihoods([f"{left}{option}{right}" for option in options])
    ranked = sorted(zip(likely, options, strict=True), reverse=True)
    if len(ranked) > 1 and ranked[0][0] - ranked[1][0] >= _SURE:
        return ranked[0][1], "inferred"
    first, found = _inferred(firsts, left, "")
    second, also = _inferred(seconds, "", right)
    return (first + second, "inferred") if found or also else None


def _inferred(options: Iterable[str | None], before: str, after: str) -> tuple[str, bool]:
    """The option that makes a word with its neighbours, if one stands out; else `LOST`.

    A full stop must stand out twice as clearly: it costs little and would part a sentence.
    """
    left = before.rpartition(LOST)[2][-3:]
    right = after.partition(LOST)[0][:3]
    chosen = [option for option in set(options) if option]
    likely = _likelihoods([f"{left}{option}{right}" for option in chosen])
    ranked = sorted(zip(likely, chosen, strict=True), reverse=True)
    if not (left or right) or len(ranked) < 2:
        return LOST, False
    (score, option), (second, _) = ranked[:2]
    stop = option in _PUNCTUATION
    known = _dictionary().tokenizer.FREQ
    word = any(
        simplify(piece) in known
        for n in (1, 2, 3)
        for piece in (left[-n:] + option, option + right[:n])
        if len(piece) == n + 1
    )
    if (stop or word) and score - second >= (2 * _SURE if stop else _SURE):
        return option, True
    return LOST, False


def _decoded(pair: bytes) -> str | None:
    """A Chinese character or stop from two bytes."""
    try:
        character = pair.decode("gbk")
    except UnicodeDecodeError:
        return None
    if len(character) == 1 and (_is_han(character) or character in _PUNCTUATION):
        return character
    return None


@cache
def _is_han(character: str) -> bool:
    return re.match(f"[{HAN}]", character) is not None


@cache
def _dictionary() -> Segmenter:
    return Segmenter()


def _likelihood(text: str) -> float:
    """Log-probability of a text; stops cost a little, `LOST` nothing."""
    return _likelihoods([text])[0]


def _likelihoods(texts: Sequence[str]) -> list[float]:
    return [_plain_likelihood(text) for text in _simplified(texts)]


def _simplified(texts: Sequence[str]) -> list[str]:
    """Many short texts in one call: no word reaches across a line end."""
    whole = simplify("\n".join(texts)).split("\n")
    return whole if len(whole) == len(texts) else [simplify(text) for text in texts]


@lru_cache(maxsize=1 << 16)
def _plain_likelihood(simplified: str) -> float:
    total = 0.0
    for part in _PARTS.split(simplified):
        if part and part in _PUNCTUATION:
            total -= 5.0
        elif part and part != LOST:
            total += _dictionary().likelihood(part)
    return total
