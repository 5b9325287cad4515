"""The command line: parse, call one public function, print."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    name="stance",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="""How does each source frame a company, how do the sources differ, and which sentences
    say so? For Chinese articles, simplified or traditional.

    Start with:  stance analyze FOLDER  and open the report it names.""",
)

_Target = Annotated[
    str,
    typer.Option(
        help="Whose framing: a shipped target (see `stance info`), a TOML file with a company's "
        "names, or `none` to count every sentence."
    ),
]


_Models = Annotated[
    Path | None,
    typer.Option(help="Folder that `stance train` wrote.", show_default="the shipped models"),
]


@app.command()
def analyze(
    inputs: Annotated[
        list[Path],
        typer.Argument(
            metavar="INPUT",
            help="Articles: *.txt files, or folders of them. A folder may hold a manifest.toml "
            "with the source, title, author and date of each file.",
            show_default=False,
        ),
    ],
    target: _Target = "alibaba",
    out: Annotated[
        Path | None,
        typer.Option(help="Folder for the results.", show_default="reports/TARGET"),
    ] = None,
    by: Annotated[
        str, typer.Option(help="Compare by this column of the articles table.")
    ] = "source",
    lang: Annotated[str, typer.Option(help="Language in which the report opens: zh or en.")] = "zh",
    models: _Models = None,
    seed: Annotated[int, typer.Option(help="Recorded in the signature.")] = 0,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit with 1 when any file was skipped.")
    ] = False,
) -> None:
    """Analyse articles and write an interactive report with its tables.

    Writes report.html, articles, sentences and cues as tables, sources.csv, skipped.csv (what
    could not be read, and why), repairs.csv (damage mended or marked) and run.json. An
    earlier run in the same folder is replaced file by file.

    Example:  stance analyze seeds/ --out reports/seeds
    """
    from stance import pipeline

    if lang not in ("zh", "en"):
        raise typer.BadParameter(f"'{lang}' is not a language of the report; use zh or en")
    place = out or Path("reports") / Path(target).stem
    with _Progress() as progress:
        run = pipeline.analyze(
            inputs,
            target=target,
            out=place,
            by=by,
            lang=lang,
            seed=seed,
            models=models,
            progress=progress,
        )
    articles = _count(run.n_articles, "article")
    groups = _count(run.n_groups, by)
    sentences = _count(run.n_sentences, "sentence")
    print(f"{articles}, {groups}, {sentences} in {run.seconds:.1f} s")
    for finding in run.findings:
        print(f"  {finding}")
    if run.skipped:
        print(f"{_count(len(run.skipped), 'file')} skipped, see {run.directory / 'skipped.csv'}")
    if run.edited:
        print("note: the lexicons were edited since the models were fitted; see `stance train`")
    print(f"report: {run.report}")
    if strict and run.skipped:
        raise typer.Exit(1)


@app.command()
def explain(
    file: Annotated[Path, typer.Argument(help="One article.", show_default=False)],
    sentence: Annotated[
        int | None,
        typer.Option(help="Only this sentence, counted from 0.", show_default="all"),
    ] = None,
    target: _Target = "alibaba",
    models: _Models = None,
) -> None:
    """Show why: every cue of an article or a sentence, its negation, degree, voice and weight.

    Example:  stance explain seeds/articles/004_4acb569c4cf0dd81.txt --sentence 1
    """
    import stance

    documents = stance.read(file)
    analyzer = stance.Analyzer(target=target, models=models)
    for article in analyzer.analyze_many(documents):
        _print_text(stance.explain(article, sentence=sentence))
    for skip in documents.skipped:
        sys.stderr.write(f"skipped {skip.path}: {skip.reason}\n")


@app.command()
def train(
    gold: Annotated[
        list[Path],
        typer.Argument(metavar="GOLD.jsonl", help="Labelled sentences.", show_default=False),
    ],
    out: Annotated[Path, typer.Option(help="Folder for the models and their card.")],
    target: _Target = "alibaba",
) -> None:
    """Fit the frame and tone models to labelled sentences, and print their card.

    The scores on the card are cross-validated by article.

    Example:  stance train seeds/gold/dev.jsonl --out my-models
    """
    from stance import pipeline

    _print_text(pipeline.train(gold, out=out, target=target))


@app.command()
def info() -> None:
    """Versions, digests of lexicons and models, shipped targets: what a result was made with."""
    import stance

    for name, value in stance.info().items():
        print(f"{name:<26}{value}")


class _Progress:
    """One line that is rewritten, on a terminal only."""

    def __init__(self) -> None:
        self.shown = sys.stderr.isatty()

    def __enter__(self) -> _Progress:
        if self.shown:
            self("load", 0, 1)
        return self

    def __call__(self, stage: str, done: int, total: int) -> None:
        if self.shown:
            sys.stderr.write(f"\r\x1b[K{stage} {done}/{total}")
            sys.stderr.flush()

    def __exit__(self, *exc: object) -> None:
        if self.shown:
            sys.stderr.write("\r\x1b[K")


def _count(n: int, noun: str) -> str:
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def _print_text(text: str) -> None:
    """Article text may hold control characters; a terminal must not obey them."""
    print("".join(c if c.isprintable() or c == "\n" else "\N{REPLACEMENT CHARACTER}" for c in text))


def run() -> None:
    """The console script: a StanceError becomes one line and exit code 2."""
    from stance.errors import StanceError

    try:
        app()
    except StanceError as error:
        message = " ".join(str(error).splitlines())
        sys.stderr.write(f"stance: {message}\n")
        raise SystemExit(2) from None
    except BrokenPipeError:
        raise SystemExit(0) from None
    except KeyboardInterrupt:
        sys.stderr.write("stance: stopped\n")
        raise SystemExit(130) from None
