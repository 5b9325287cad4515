"""What commands on labelled sentences do, from gold files to a finished folder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import polars as pl

from stance import page
from stance.analyzer import Analyzer
from stance.encoder import HEAD
from stance.errors import InputError
from stance.evaluation import Accord, Evaluation, accord, assess
from stance.evaluation import evaluate as evaluated
from stance.exports import writable, write_bytes, write_csv, write_json
from stance.gold import Gold, load_gold
from stance.models import save_model
from stance.page.scorecard import scorecard
from stance.training import ToneSet, cross_validate, fit_models, read_tone_sets
from stance.tuning import tune


def train(
    gold_files: Sequence[str | Path],
    *,
    out: str | Path,
    also: Sequence[str | Path] = (),
    tone_data: str | Path | None = None,
    target: str = "alibaba",
    encoder: str | None = None,
) -> str:
    """Fit the models to gold labels, write them with a card to `out`; the card's text.

    The card holds scores cross-validated by article: what the models do on articles not seen.
    `also` are labelled sentences that train but are not scored, `tone_data` a folder of public
    sets of tone labels. The same scores with calibration and the worst errors are written beside
    the card, as by `evaluate`. With `encoder`, a folder or a name that the transformers library
    knows, that is fine-tuned beside them, and both together are scored on the articles held out.
    """
    gold = load_gold([Path(path) for path in gold_files])
    more = load_gold([Path(path) for path in also]) if also else None
    tone_sets = read_tone_sets(Path(tone_data)) if tone_data is not None else []
    directory = writable(Path(out))
    if encoder is not None:
        return _train_encoder(gold, more, tone_sets, encoder, target, directory)
    seen = cross_validate(gold, more, tone_sets, target)
    models = fit_models(gold, more, tone_sets, seen.thresholds, target)
    for model in models:
        save_model(model, directory)
    # An encoder that was trained into this folder before would be taken instead.
    (directory / HEAD).unlink(missing_ok=True)
    analyzer = Analyzer(target, models=directory)
    evidence = analyzer.finder.evidence(gold.batch())
    found = assess(gold, evidence, seen.said, seen.thought, analyzer, basis="cross-validated")
    _write_evaluation(found, directory, "en")
    written = f"{len(more.sentences)}, digest `{more.digest}`" if more else "none"
    card = _CARD.format(
        sentences=len(gold.sentences),
        articles=len(set(gold.documents().tolist())),
        gold=gold.digest,
        also=written,
        tone=_told(tone_sets),
        lexicons=models.frames.head.lexicons,
        target=target,
        scores="\n".join(found.lines()),
        use=_USE,
    )
    write_bytes(directory / "CARD.md", card.encode("utf-8"))
    return card


def _train_encoder(
    gold: Gold,
    more: Gold | None,
    tone_sets: Sequence[ToneSet],
    encoder: str,
    target: str,
    directory: Path,
) -> str:
    tuned = tune(gold, encoder, more, tone_sets, target)
    tuned.judge.save(directory)
    held = Gold(
        sentences=tuple(one for one, own in zip(gold.sentences, tuned.held, strict=True) if own),
        digest=f"held out of {gold.digest}",
    )
    found = replace(evaluated(held, Analyzer(target, models=directory)), basis="held out")
    _write_evaluation(found, directory, "en")
    card = _ENCODER_CARD.format(
        base=encoder,
        sentences=len(gold.sentences) - found.n_sentences,
        articles=len(set(gold.documents().tolist())) - found.n_articles,
        gold=gold.digest,
        also=f"{len(more.sentences)}, digest `{more.digest}`" if more else "none",
        tone=_told(tone_sets),
        lexicons=tuned.judge.linear.frames.head.lexicons,
        target=target,
        held=found.n_articles,
        scores="\n".join(found.lines()),
        use=_USE,
    )
    write_bytes(directory / "CARD.md", card.encode("utf-8"))
    return card


def _told(tone_sets: Sequence[ToneSet]) -> str:
    return ", ".join(f"{one.name} ({len(one.texts)})" for one in tone_sets) or "none"


def evaluate(
    gold_files: Sequence[str | Path],
    *,
    out: str | Path = "reports/evaluation",
    target: str | Path = "alibaba",
    models: Path | None = None,
    lexicons: Path | None = None,
    tone: str | None = None,
    lang: str = "en",
) -> Evaluation:
    """Score the models on gold labels, and write evaluation.html and evaluation.json to `out`.

    Raises:
        StanceError: a faulty gold file or lexicon, or a place that cannot be written.
    """
    if lang not in page.LANGUAGES:
        raise InputError(f"'{lang}' is not a language of the page; use zh or en")
    gold = load_gold([Path(path) for path in gold_files])
    analyzer = Analyzer(target, models=models, lexicons=lexicons, tone=tone)
    found = evaluated(gold, analyzer)
    directory = writable(Path(out))
    _write_evaluation(found, directory, lang)
    return found


def agree(first: str | Path, second: str | Path, *, out: str | Path | None = None) -> Accord:
    """Agreement of two annotators' files; the labels on which they differ go to `out`, a CSV.

    Raises:
        GoldError: a file that does not fit, or the two have no sentence in common.
    """
    found = accord(load_gold([Path(first)]), load_gold([Path(second)]))
    if out is not None:
        names = ("id", "text", "question", "first", "second")
        table = pl.DataFrame(found.apart, schema=dict.fromkeys(names, pl.String), orient="row")
        write_csv(table, Path(out))
    return found


def _write_evaluation(found: Evaluation, directory: Path, lang: str) -> None:
    write_json(found, directory / "evaluation.json")
    write_bytes(directory / "evaluation.html", scorecard(found, lang).encode("utf-8"))


_CARD = """# Model card: frames, tone and setting

Three linear models over cue features and hashed character n-grams of the sentence with its names
masked: `frames` (a sigmoid for each frame), `tone` (one for each of -1, 0, 1) and `setting` (on
target, quoted). Weights of cues in `.json`, of n-grams in `.npz` (plain arrays, no pickle).

| | |
| --- | --- |
| fitted on | {sentences} labelled sentences of {articles} articles, gold digest `{gold}` |
| written sentences | {also} |
| public sets for tone | {tone} |
| word lists | digest `{lexicons}` of frames, tone, modifiers; edited lists are marked |
| target | {target} |

## Scores on articles not seen

Each article is predicted by models fitted to the other articles, its thresholds are set without
it, and all predictions are pooled. Intervals resample the {articles} articles; with few articles
they are rough. On the articles it was fitted on the model looks better than this; do not quote
that.

```
{scores}
```

{use}"""

_ENCODER_CARD = """# Model card: encoder

`{base}`, fine-tuned with one head for tone, the four frames, on target and quoted, over the
sentence with its names masked and the sentences before and after it, weights as safetensors; and
the three linear models over cues and n-grams, fitted to the same labels. The log-odds of both are
averaged.

| | |
| --- | --- |
| fitted on | {sentences} labelled sentences of {articles} articles, gold digest `{gold}` |
| written sentences | {also} |
| public sets for tone | {tone} |
| word lists | digest `{lexicons}` of frames, tone, modifiers; edited lists are marked |
| articles held out | {held}: they stopped the training and set the thresholds |
| target | {target} |

## Scores on the articles held out

The thresholds were set on these same articles, so the scores flatter a little; of few articles
they are rough. `stance evaluate` on other labelled articles tells more.

```
{scores}
```

{use}"""

_USE = """## Use

For describing how articles frame a company and for finding the sentences that say so. Not for
judging persons, not as the only ground of a claim about one article, and not for genres far from
business journalism without labels of your own (`stance train`).
"""
