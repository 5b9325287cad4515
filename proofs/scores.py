"""The scores in the card, and the shipped thresholds, are what cross-validation gives.

`python proofs/scores.py DATA` with DATA the folder of the public sets of tone labels. It takes
minutes; the tests check only that the shipped models are those that their labels give.
"""

import sys
from pathlib import Path

from stance.gold import load_gold
from stance.models import SHIPPED, load_model
from stance.scores import Articles, report
from stance.training import cross_validate, read_tone_sets

ROOT = Path(__file__).parent.parent
FLOORS = {"frames": 0.64, "tone": 0.64, "on target": 0.86, "quoted": 0.65}


def main(data: Path) -> None:
    """Print the scores; exit 1 where the card, a threshold or a floor does not hold."""
    gold = load_gold([ROOT / "seeds" / "gold" / "dev.jsonl"])
    also = load_gold(sorted((ROOT / "training").glob("*.jsonl")))
    validated = cross_validate(gold, also, read_tone_sets(data))
    found = report(gold.labels(), validated.said, Articles(gold.documents()), validated.thought)
    lines = "\n".join(found.lines())
    print(lines)
    wrong = []
    if lines not in (SHIPPED / "CARD.md").read_text("utf-8"):
        wrong.append("the card tells other scores")
    for kind, cuts in validated.thresholds.items():
        if load_model(kind).head.thresholds != cuts:
            wrong.append(f"the shipped model of {kind} has other thresholds than {cuts}")
    for name, floor in FLOORS.items():
        if found[name].mean.value < floor:
            wrong.append(f"{name}: {found[name].mean.value:.3f} is below {floor}")
    sys.exit("; ".join(wrong) if wrong else None)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else ROOT.parent / "shared" / "data"))
