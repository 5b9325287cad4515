"""How many of the annotators' sentence ends in seeds/gold/dev.jsonl the splitter finds.

Run: python benchmarks/sentences.py
"""

from __future__ import annotations

import json
from difflib import SequenceMatcher
from pathlib import Path

from stance.repair import repair
from stance.text import fold, sentence_spans, simplify

SEEDS = Path(__file__).parent.parent / "seeds"


def words(text: str) -> str:
    """Word characters in one script: what gold and text have in common."""
    return "".join(c for c in simplify(fold(text)) if c.isalnum())


def boundaries(pieces: list[str]) -> tuple[str, set[int]]:
    """The joined word characters and the offsets at which a piece ends."""
    joined, ends = "", set()
    for piece in pieces:
        joined += words(piece)
        ends.add(len(joined))
    return joined, ends


def compare() -> tuple[int, int, list[str]]:
    """Ends found, ends in the gold, and the missed ones with what stands before them."""
    rows = [json.loads(line) for line in (SEEDS / "gold/dev.jsonl").read_text("utf-8").splitlines()]
    found = total = 0
    missed = []
    # The whole texts: annotators labelled captions too, which reading cuts.
    for file in sorted((SEEDS / "articles").glob("*.txt")):
        name = file.name[:3]
        text, _ = repair(file.read_text("utf-8"))
        gold, ends = boundaries([row["text"] for row in rows if row["article"] == name])
        ours, own_ends = boundaries([text[start:end] for start, end, _ in sentence_spans(text)])
        matcher = SequenceMatcher(None, gold, ours[: int(len(gold) * 1.1)], autojunk=False)
        place = {}
        for a, b, size in matcher.get_matching_blocks():
            place |= {a + k: b + k for k in range(size)}
        for end in sorted(ends):
            total += 1
            if end - 1 in place and place[end - 1] + 1 in own_ends:
                found += 1
            else:
                missed.append(f"{name}: …{gold[max(0, end - 18) : end]}|{gold[end : end + 8]}…")
    return found, total, missed


if __name__ == "__main__":
    found, total, missed = compare()
    print(f"{found} of {total} sentence ends found ({found / total:.1%}); missed:")
    print("\n".join(missed))
