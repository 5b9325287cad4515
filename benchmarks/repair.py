"""Damage clean sentences at random in the ways that scraping does, and see what repair makes of it.

Run: python benchmarks/repair.py [--n 400] [--seed 0] [--show]

A damaged sentence counts as mended when its text is what it was, as flagged when something is
marked as lost, as guessed when it differs but the edit is marked as inferred from a dictionary,
and as silently wrong when it differs and nothing says so. For script mixing what
counts is the form that lexicons are matched with.
"""

from __future__ import annotations

import argparse
import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from stance.repair import repair
from stance.slips import LOST
from stance.text import fold, sentence_spans, simplify

SEEDS = Path(__file__).parent.parent / "seeds" / "articles"
CLEAN = ("001_850e64a8af7dec3e.txt", "003_02e5580b89ab0318.txt")
SYLLABLES = ("guó", "chǎng", "huì", "qǐng", "jìn", "yàn", "lüè", "xīn", "wǎng", "ér", "nǚ")
LEAKS = ("</p>", "?/p>", "<br/>", "&nbsp;", "\u200b", "\ufeff")
TRADITIONAL = str.maketrans("个家只了里后台云发面着", "個傢隻瞭裏後臺雲發麵著")


def is_han(character: str) -> bool:
    """Whether it stands in the basic Han block."""
    return "\u4e00" <= character <= "\u9fff"


def glosses(text: str, draw: random.Random) -> str:
    """國(guó): a syllable in brackets behind a few characters."""
    out = ""
    for character in text:
        gloss = is_han(character) and draw.random() < 0.15
        out += character + (f"({draw.choice(SYLLABLES)})" if gloss else "")
    return out


def split_gloss(text: str, draw: random.Random) -> str:
    """日?qǐng)?都: a gloss between the two bytes of a character, whose halves are lost."""
    places = [k for k, character in enumerate(text) if is_han(character) and 0 < k < len(text) - 2]
    if not places:
        return text
    k = draw.choice(places)
    return f"{text[:k]}?{draw.choice(SYLLABLES)})?{text[k + 1 :]}"


def slip(text: str, draw: random.Random) -> str:
    """A first byte is lost and what follows is read one byte late, up to another loss."""
    inside = range(2, len(text) - 6)
    places = [k for k in inside if all(map(is_han, text[k - 1 : k + 6]))]
    if not places:
        return text
    k = draw.choice(places)
    length = draw.randint(3, 6)
    data = text[k : k + length].encode("gbk", "ignore")[1:-1]
    pairs = zip(data[::2], data[1::2], strict=True)
    read = "".join(bytes(pair).decode("gbk", "ignore") for pair in pairs)
    return f"{text[:k]}?{read}?{text[k + length :]}"


def markup(text: str, draw: random.Random) -> str:
    """A leaked tag, a broken entity or an invisible character."""
    k = draw.randrange(len(text))
    return text[:k] + draw.choice(LEAKS) + text[k:]


def script(text: str, draw: random.Random) -> str:
    """Some characters in the other script, some of them wrongly."""
    return "".join(c.translate(TRADITIONAL) if draw.random() < 0.5 else c for c in text)


KINDS: dict[str, Callable[[str, random.Random], str]] = {
    "glosses": glosses,
    "split gloss": split_gloss,
    "byte slip": slip,
    "markup": markup,
    "script mixing": script,
}


def outcome(kind: str, clean: str, damaged: str) -> str:
    """What became of one damaged sentence."""
    text, edits = repair(damaged)
    if kind == "script mixing":
        same = simplify(fold(text)) == simplify(fold(clean))
    else:
        same = "".join(text.split()) == "".join(clean.split())
    if same:
        return "mended"
    if LOST in text or any(edit.certainty == "flagged" for edit in edits):
        return "flagged"
    if any(edit.certainty == "inferred" for edit in edits):
        return "guessed"
    return "silently wrong"


def sentences() -> list[str]:
    """Clean sentences of the two undamaged seeds, furniture among them."""
    texts = [repair((SEEDS / name).read_text("utf-8"))[0] for name in CLEAN]
    found = [text[start:end] for text in texts for start, end, _ in sentence_spans(text)]
    return [sentence for sentence in found if len(sentence) >= 12]


def measure(n: int, seed: int) -> tuple[dict[str, Counter[str]], list[tuple[str, str, str, str]]]:
    """Outcomes by kind over `n` damaged sentences each, and those silently wrong."""
    draw = random.Random(seed)
    pool = sentences()
    counts: dict[str, Counter[str]] = {}
    wrong = []
    for kind, damage in KINDS.items():
        counts[kind] = Counter()
        while counts[kind].total() < n:
            clean = draw.choice(pool)
            damaged = damage(clean, draw)
            if damaged == clean:
                continue
            result = outcome(kind, clean, damaged)
            counts[kind][result] += 1
            if result in ("guessed", "silently wrong"):
                wrong.append((kind, clean, damaged, repair(damaged)[0]))
    return counts, wrong


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=400)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--show", action="store_true", help="print what is wrong")
    options = parser.parse_args()
    counts, wrong = measure(options.n, options.seed)
    names = ("mended", "flagged", "guessed", "silently wrong")
    print(f"{'damage':<15}" + "".join(f"{name:>16}" for name in names) + f"{'n':>6}")
    total: Counter[str] = Counter()
    for own in counts.values():
        total.update(own)
    for kind, own in {**counts, "all": total}.items():
        n = own.total()
        print(f"{kind:<15}" + "".join(f"{own[name] / n:>16.1%}" for name in names) + f"{n:>6}")
    if options.show:
        for row in wrong:
            print(" | ".join(row))


if __name__ == "__main__":
    main()
