"""Commands on articles or a finished run: read, analyze, report, explain; and info."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from stance.cli.options import (
    Column,
    Lexicons,
    Models,
    Target,
    Tone,
    columns_of,
    known_language,
)
from stance.cli.terminal import Progress, count, print_text, stopped_gently


def analyze(
    inputs: Annotated[
        list[Path],
        typer.Argument(
            metavar="INPUT",
            help="Articles: files (txt, md, html, docx, pdf, csv, tsv, jsonl, json, parquet, zip "
            "of these), folders, patterns, or - for standard input. A folder may hold a "
            "manifest.toml with the source, title, author and date of each file.",
            show_default=False,
        ),
    ],
    target: Annotated[
        list[str] | None,
        typer.Option(
            help="Whose framing: a shipped target (see `stance info`), a TOML file with a "
            "company's names, or `none` to count every sentence. Give it twice to compare how "
            "two companies are told in the same articles.",
            show_default="alibaba",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Folder for the results.", show_default="reports/TARGET"),
    ] = None,
    by: Annotated[
        str | None,
        typer.Option(
            help="Compare by this column of the articles table.",
            show_default="source; target where there are several",
        ),
    ] = None,
    lang: Annotated[str, typer.Option(help="Language in which the report opens: zh or en.")] = "zh",
    column: Column = None,
    models: Models = None,
    lexicons: Lexicons = None,
    tone: Tone = None,
    seed: Annotated[int, typer.Option(help="Of relabellings and resamples.")] = 0,
    jobs: Annotated[
        int, typer.Option(min=1, help="Processes that analyse. The results are the same.")
    ] = 1,
    engine: Annotated[
        str,
        typer.Option(
            help="Where they run: local, dask (a cluster on this machine) or dask:ADDRESS (its "
            "scheduler's, as tcp://host:8786)."
        ),
    ] = "local",
    resume: Annotated[
        bool,
        typer.Option(
            "--resume",
            help="Go on where a run with the same settings was stopped or killed; it is an error "
            "if none of its work is kept. Without it, too, nothing that is kept is done again.",
        ),
    ] = False,
    cache: Annotated[
        bool,
        typer.Option(
            "--cache/--no-cache",
            help="Take articles that did not change since an earlier run from the cache, and keep "
            "new ones there (`stance info` tells where).",
        ),
    ] = True,
    partition_by: Annotated[
        str | None,
        typer.Option(
            metavar="COLUMN",
            help="Write the tables a second time, as partitions/TABLE/COLUMN=VALUE/: by year, by "
            "month or by a column of text of the articles table, such as source.",
            show_default="no partitions",
        ),
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit with 1 when any file was skipped.")
    ] = False,
) -> None:
    """Analyse articles and write an interactive report with its tables.

    Writes report.html, articles, sentences and cues as tables, sources.csv, contrasts.csv,
    words.csv, skipped.csv (what
    could not be read, and why), repairs.csv (damage mended or marked) and run.json. An
    earlier run in the same folder is replaced file by file.

    Example:  stance analyze seeds/ --out reports/seeds
    """
    from stance import pipeline

    known_language(lang)
    targets = list(dict.fromkeys(target or ["alibaba"]))
    place = out or Path("reports") / "-".join(Path(one).stem for one in targets)
    with stopped_gently(cache), Progress() as progress:
        run = pipeline.analyze(
            inputs,
            target=targets if len(targets) > 1 else targets[0],
            out=place,
            by=by,
            lang=lang,
            seed=seed,
            columns=columns_of(column),
            models=models,
            lexicons=lexicons,
            tone=tone,
            jobs=jobs,
            engine=engine,
            cache=cache,
            resume=resume,
            partition_by=partition_by,
            progress=progress,
        )
    articles = count(run.n_articles, "article")
    compared_by = by or ("target" if len(targets) > 1 else "source")
    groups = count(run.n_groups - run.n_alone, compared_by)
    if run.n_alone:
        groups += f" and {run.n_alone} without {compared_by}"
    sentences = count(run.n_sentences, "sentence")
    kept = f" ({run.n_kept} analysed before, from the cache)" if run.n_kept else ""
    print(f"{articles}, {groups}, {sentences} in {run.seconds:.1f} s{kept}")
    for finding in run.findings:
        print(f"  {finding}")
    if run.skipped:
        print(f"{count(len(run.skipped), 'file')} skipped, see {run.directory / 'skipped.csv'}")
    if run.edited:
        print("note: word lists were edited since the models were calibrated with them")
    if run.uncalibrated:
        print(f"note: uncalibrated, scored by cues alone: {', '.join(run.uncalibrated)}")
    print(f"report: {run.report}")
    if strict and run.skipped:
        raise typer.Exit(1)


def read(
    inputs: Annotated[
        list[Path],
        typer.Argument(metavar="PATH", help="As for analyze.", show_default=False),
    ],
    column: Column = None,
    sample: Annotated[
        int | None,
        typer.Option(help="Show so many articles, spread evenly.", show_default="all"),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Write what was read as JSON lines: text, metadata and where it came from, what "
            "was cut, warnings; and skipped.csv beside it.",
            show_default="print",
        ),
    ] = None,
) -> None:
    """Show what is read, before anything is analysed: text, metadata, cuts, warnings.

    Example:  stance read corpus/ --sample 10
    """
    from stance import pipeline

    found = pipeline.read_to(inputs, columns=columns_of(column), out=out)
    if out is None:
        print_text(pipeline.shown(found, sample))
    else:
        print(f"{count(len(found), 'article')}: {out}")
    for skip in found.skipped:
        sys.stderr.write(f"skipped {skip.path}: {skip.reason}\n")


def report(
    directory: Annotated[
        Path,
        typer.Argument(
            metavar="DIR", help="Folder that `stance analyze` wrote.", show_default=False
        ),
    ],
    by: Annotated[
        str | None,
        typer.Option(
            help="Compare by another column of the articles table: source, author, date, …",
            show_default="as in the run",
        ),
    ] = None,
    lang: Annotated[
        str | None,
        typer.Option(
            help="Language in which the report opens: zh or en.", show_default="as in the run"
        ),
    ] = None,
    title: Annotated[
        str | None, typer.Option(help="Title of the page.", show_default="made from the run")
    ] = None,
    share: Annotated[
        bool,
        typer.Option(
            "--share",
            help="Cut quoted text to short excerpts around the cues, so that the page can be "
            "passed on; every figure and span stays.",
        ),
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(
            help="File for the page.",
            show_default="report.html in DIR, report-BY.html or report-share.html with these",
        ),
    ] = None,
) -> None:
    """Render a report again from its tables, without a new analysis.

    Example:  stance report reports/seeds --by author --share --out shared.html
    """
    from stance import pipeline

    if lang is not None:
        known_language(lang)
    path = pipeline.report(directory, by=by, lang=lang, title=title, share=share, out=out)
    print(f"report: {path}")


def explain(
    file: Annotated[
        Path,
        typer.Argument(
            help="One article: a file, or one of a file's as the tables name it (table.csv#2).",
            show_default=False,
        ),
    ],
    sentence: Annotated[
        int | None,
        typer.Option(help="Only this sentence, counted from 0.", show_default="all"),
    ] = None,
    target: Target = "alibaba",
    models: Models = None,
    lexicons: Lexicons = None,
    tone: Tone = None,
) -> None:
    """Show why: how a sentence was segmented, and every cue with its context and weight.

    Example:  stance explain seeds/articles/004_4acb569c4cf0dd81.txt --sentence 1
    """
    import stance

    whole, _, number = file.as_posix().rpartition("#")
    inside = bool(whole) and number.isdigit() and not file.exists()
    documents = stance.read(whole if inside else file)
    chosen = [one for one in documents if not inside or one.path == file.as_posix()]
    if not chosen:
        raise stance.StanceError(f"{file}: no such article among {len(documents)} of {whole}")
    analyzer = stance.Analyzer(target=target, models=models, lexicons=lexicons, tone=tone)
    for article in analyzer.analyze_many(chosen):
        if sentence is not None and len(chosen) > 1:
            print_text(article.path)
        print_text(stance.explain(article, sentence=sentence, analyzer=analyzer))
    for skip in documents.skipped:
        sys.stderr.write(f"skipped {skip.path}: {skip.reason}\n")


def info() -> None:
    """Versions, digests of lexicons and models, shipped targets: what a result was made with."""
    import stance

    for name, value in stance.info().items():
        print(f"{name:<26}{value}")
