"""Tone on finance headlines (csfc_news dev): fitted without that set, with it, and SnowNLP.

`python benchmarks/tone.py DATA` with DATA the folder of the public sets.
"""

import sys
from pathlib import Path

import msgspec
import numpy as np
from sklearn.metrics import f1_score, roc_auc_score

import stance
from stance.gold import load_gold
from stance.training import fit_models, read_tone_sets

ROOT = Path(__file__).parent.parent
RESAMPLES = 2000


def main(data: Path) -> None:
    """Print AUC (favourable against unfavourable) and macro-F1, each with a 95 % interval."""
    lines = (data / "csfc_news" / "dev.jsonl").read_text("utf-8").splitlines()
    rows = [msgspec.json.decode(line) for line in lines]
    texts = [row["text"] for row in rows]
    true = np.array([{"pos": 1, "neu": 0, "neg": -1}[row["label"]] for row in rows])
    gold = load_gold([ROOT / "seeds" / "gold" / "dev.jsonl"])
    also = load_gold(sorted((ROOT / "training").glob("*.jsonl")))
    sets = read_tone_sets(data)
    scored = {}
    for name, own in (
        ("stance, without csfc_news", [one for one in sets if one.name != "csfc_news"]),
        ("stance, with csfc_news train", sets),
    ):
        scorer = stance.ToneScorer.load().with_model(fit_models(gold, also, own).tone)
        probability = scorer.predict_proba(texts)
        scored[name] = (probability[:, 2] - probability[:, 0], probability.argmax(axis=1) - 1)
    snow = stance.SnowScorer().score(texts)
    scored["SnowNLP, cuts 0.4 and 0.6"] = (snow, (snow > 0.6).astype(int) - (snow < 0.4))
    print(f"{len(texts)} headlines\n{'':<30}{'AUC':>6}{'':>17}{'macro-F1':>9}")
    for name, (score, label) in scored.items():
        auc, f1 = _measures(true, score, label)
        print(f"{name:<30}{auc[0]:6.3f} ({auc[1]:.3f}-{auc[2]:.3f}){f1[0]:9.3f} ", end="")
        print(f"({f1[1]:.3f}-{f1[2]:.3f})")


def _measures(true, score, label):
    rng = np.random.default_rng(0)
    picks = [np.arange(len(true)), *rng.integers(0, len(true), (RESAMPLES, len(true)))]
    aucs, scores = [], []
    for pick in picks:
        polar = pick[true[pick] != 0]
        aucs.append(roc_auc_score(true[polar] == 1, score[polar]))
        scores.append(f1_score(true[pick], label[pick], average="macro", labels=[-1, 0, 1]))
    return [(v[0], *np.percentile(v[1:], [2.5, 97.5])) for v in (aucs, scores)]


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else ROOT.parent / "shared" / "data"))
