"""How often the shipped models, and SnowNLP, do what a reader expects: one row a capability.

`--write` records what is reached and which checks fail, for the tests and the documents.
"""

import json
import sys
import tomllib
from collections import Counter
from pathlib import Path

import numpy as np

import stance

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from test_behaviour import CHECKS, outcomes  # noqa: E402


def snow_outcomes() -> np.ndarray:
    """SnowNLP's tone with its usual cuts (0.4, 0.6); it has no frames, so `has` fails."""
    texts = [check["text"] for check in CHECKS]
    others = [c.get("same_as") or c.get("above") or c.get("below") or c["text"] for c in CHECKS]
    scorer = stance.SnowScorer()
    score, other = scorer.score(texts), scorer.score(others)
    tone, tone_of_other = ((s > 0.6).astype(int) - (s < 0.4) for s in (score, other))
    found = []
    for k, check in enumerate(CHECKS):
        holds = [check.get("tone", tone[k]) == tone[k], not check.get("has")]
        if "same_as" in check:
            holds.append(tone[k] == tone_of_other[k])
        if "above" in check:
            holds.append(score[k] > other[k])
        if "below" in check:
            holds.append(score[k] < other[k])
        found.append(all(holds))
    return np.array(found)


def main() -> None:
    """Print the table."""
    ours, snow = outcomes(), snow_outcomes()
    names = [check["capability"] for check in CHECKS]
    total = Counter(names)
    passed = {
        n: int(sum(h for h, name in zip(ours, names, strict=True) if name == n)) for n in total
    }
    theirs = {
        n: int(sum(h for h, name in zip(snow, names, strict=True) if name == n)) for n in total
    }
    print(f"{'':<28}{'stance':>8}{'SnowNLP':>9}{'checks':>8}")
    for name, n in total.items():
        print(f"{name:<28}{passed[name] / n:>8.0%}{theirs[name] / n:>9.0%}{n:>8}")
    print(f"{'all':<28}{ours.mean():>8.0%}{snow.mean():>9.0%}{len(ours):>8}")
    if "--write" in sys.argv:
        parts = ["# What is reached on behaviour.toml, by python benchmarks/behaviour.py --write"]
        for title, counts in (("checks", total), ("reached", passed), ("snownlp", theirs)):
            parts += [f"\n[{title}]", *(f'"{name}" = {counts[name]}' for name in total)]
        failing = [c for c, holds in zip(CHECKS, ours, strict=True) if not holds]
        parts += ["\n[failing]", "names = ["]
        parts += [f"  {json.dumps(name_of(c), ensure_ascii=False)}," for c in failing]
        text = "\n".join([*parts, "]\n"])
        tomllib.loads(text)
        (ROOT / "tests" / "cases" / "behaviour_reached.toml").write_text(text, "utf-8")


def name_of(check: dict[str, object]) -> str:
    """How a check is listed."""
    return f"{check['capability']}: {check['text']}"


if __name__ == "__main__":
    main()
