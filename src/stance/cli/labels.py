"""Commands on labelled sentences: train, evaluate, agree."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from stance.cli.options import Lexicons, Models, Target, Tone, known_language
from stance.cli.terminal import count, print_text


def train(
    gold: Annotated[
        list[Path],
        typer.Argument(metavar="GOLD.jsonl", help="Labelled sentences.", show_default=False),
    ],
    out: Annotated[Path, typer.Option(help="Folder for the models and their card.")],
    also: Annotated[
        list[Path] | None,
        typer.Option(help="Labelled sentences that train but are not scored, as training/ has."),
    ] = None,
    tone_data: Annotated[
        Path | None,
        typer.Option(help="Folder of public sets of tone labels, one folder each."),
    ] = None,
    target: Target = "alibaba",
    encoder: Annotated[
        str | None,
        typer.Option(
            help="Fine-tune this BERT-family checkpoint as well: a folder, or a name that the "
            "transformers library knows. Needs stance-zh[transformers]."
        ),
    ] = None,
) -> None:
    """Fit the models of frames, tone and setting to labelled sentences, and print their card.

    The scores on the card are cross-validated by article; evaluation.html beside it shows them
    with calibration and the worst errors. With an encoder, both are scored together
    on articles held out.

    Example:  stance train seeds/gold/dev.jsonl --out my-models
    """
    from stance import labelling

    card = labelling.train(
        gold, out=out, also=also or [], tone_data=tone_data, target=target, encoder=encoder
    )
    print_text(card)


def evaluate(
    gold: Annotated[
        list[Path],
        typer.Argument(metavar="GOLD.jsonl", help="Labelled sentences.", show_default=False),
    ],
    out: Annotated[Path, typer.Option(help="Folder for the page and its numbers.")] = Path(
        "reports/evaluation"
    ),
    target: Target = "alibaba",
    models: Models = None,
    lexicons: Lexicons = None,
    tone: Tone = None,
    worst: Annotated[int, typer.Option(help="How many of the worst errors to print.", min=0)] = 5,
    lang: Annotated[str, typer.Option(help="Language of the page: zh or en.")] = "en",
) -> None:
    """Score the models on labelled sentences, beside SnowNLP and the majority, and show errors.

    Writes evaluation.html (scores with intervals, calibration, confusion, the worst errors with
    their cues) and evaluation.json. Intervals resample articles.

    Example:  stance evaluate my-labels.jsonl
    """
    import stance

    known_language(lang)
    found = stance.evaluate(
        gold, out=out, target=target, models=models, lexicons=lexicons, tone=tone, lang=lang
    )
    sentences = count(found.n_sentences, "labelled sentence")
    print(f"{sentences} of {count(found.n_articles, 'article')}")
    print_text("\n".join(found.lines()))
    for one in found.wrong[:worst]:
        print_text(f"\n{one.id} {one.text}")
        label = f"label {one.gold}, said {one.said}, probability of the label {one.chance:.2f}"
        print_text(f"    {one.field}: {label}")
        print_text(f"    {'; '.join(one.cues) or 'no cue'}")
    if found.n_seen:
        share = f"{found.n_seen} of these {found.n_sentences} sentences"
        print(f"\nnote: the models were fitted to {share}, so the scores say little of others")
    print(f"\npage: {out / 'evaluation.html'}")


def agree(
    first: Annotated[Path, typer.Argument(metavar="A.jsonl", show_default=False)],
    second: Annotated[Path, typer.Argument(metavar="B.jsonl", show_default=False)],
    out: Annotated[
        Path | None, typer.Option(help="CSV file for the labels on which they differ.")
    ] = None,
) -> None:
    """How far two annotators agree: share of equal labels, kappa, Krippendorff's alpha.

    Sentences are matched by their id; intervals resample articles.

    Example:  stance agree anna.jsonl bo.jsonl --out differences.csv
    """
    import stance

    found = stance.agree(first, second, out=out)
    shared = count(found.n_sentences, "sentence")
    print(f"{shared} of {count(found.n_articles, 'article')} labelled by both")
    if found.unmatched:
        print(f"note: {count(found.unmatched, 'sentence')} only in one of the two files")
    print("\n".join(found.lines()))
    print(f"{count(len(found.apart), 'label')} differ" + (f", see {out}" if out else ""))
