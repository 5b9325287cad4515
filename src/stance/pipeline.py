"""What one command does, from paths to a finished directory."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from stance import page
from stance.aggregate import check_by, summarise
from stance.analyzer import ARTICLE_COLUMNS, Analyzer
from stance.batches import batched, code_digest
from stance.cache import Cache
from stance.cache import place as cache_place
from stance.comparison import Comparison, compare
from stance.engines import make_parts
from stance.entries import NO_TARGET, Target
from stance.errors import InputError
from stance.exports import (
    partition_key,
    read_skipped,
    read_tables,
    writable,
    write_bytes,
    write_csv,
    write_json,
    write_partitions,
    write_skipped,
)
from stance.gathering import Gathering
from stance.parts import Recipe, analyzers_of
from stance.reading import nothing_read, read
from stance.reading.formats import raws
from stance.reading.rules import rules_digest
from stance.types import FRAMES, Document, Documents, Skipped, Tables

Progress = Callable[[str, int, int], None]
"""Told the stage, how many are done, and of how many."""


@dataclass(frozen=True, slots=True)
class Run:
    """What `analyze` left behind.

    `n_kept` articles were taken from the cache; `n_alone` have no value in the column by which is
    compared, and each of them is one of the `n_groups`.
    """

    directory: Path
    report: Path
    n_articles: int
    n_kept: int
    n_sentences: int
    n_groups: int
    n_alone: int
    skipped: tuple[Skipped, ...]
    findings: tuple[str, ...]
    edited: bool
    uncalibrated: tuple[str, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class Settings:
    """How a run was asked for."""

    by: str
    lang: str
    target: tuple[str, ...]
    seed: int


@dataclass(frozen=True, slots=True)
class About:
    """Whom a run is about: as the page calls it, and the names by which texts call it."""

    name: str
    label: str
    label_zh: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Record:
    """`run.json`: what a run was made of, and all that a page needs beside the tables.

    `timings` are seconds by the clock: of the "analysis" (until the last article was analysed, the
    start included), and in all.
    """

    signature: dict[str, str | int]
    settings: Settings
    about: About
    thresholds: tuple[float, ...]
    inputs: tuple[str, ...]
    articles: int
    sentences: int
    cues: int
    skipped: int
    timings: dict[str, float]


def analyze(
    inputs: Sequence[str | Path],
    *,
    target: str | Path | Sequence[str | Path] = "alibaba",
    out: str | Path = "reports/latest",
    by: str | None = None,
    lang: str = "zh",
    seed: int = 0,
    models: Path | None = None,
    lexicons: Path | None = None,
    tone: str | None = None,
    columns: Mapping[str, str] | None = None,
    jobs: int = 1,
    engine: str = "local",
    cache: bool = True,
    resume: bool = False,
    partition_by: str | None = None,
    progress: Progress | None = None,
) -> Run:
    """Read `inputs`, analyse them, and write the tables, the report and run.json to `out`.

    Parameters:
        inputs: files and directories.
        target: a shipped target's name, a TOML file, or "none"; several for a comparison of
            targets, each read in every article.
        by: the column of the articles table whose values are compared: "source" by default, and
            "target" where there are several.
        lang: the language in which the report opens, "zh" or "en".
        models: a directory that `train` wrote; the shipped models by default.
        lexicons: a folder of word lists to be read over the shipped ones.
        tone: a model of tone from outside, "transformers:PATH" or "package.module:Name".
        columns: which column of a table holds a field, as {"text": "正文"}.
        jobs: processes that analyse; the results are the same.
        engine: "local", "dask" or "dask:ADDRESS" (see `engines.make_parts`).
        cache: whether articles that an earlier run analysed, with the same lists, models and
            version, are taken from the cache, and new ones kept there.
        resume: go on with a run that was stopped: it is an error if none of its work is kept.
        partition_by: "year", "month" or a column of text of the articles table, by whose values
            the tables are written a second time, as `partitions/` (see `write_partitions`).
        progress: called as the work goes on.

    Raises:
        StanceError: bad input, a faulty lexicon, or a place that cannot be written.
    """
    started = time.perf_counter()
    tell = progress or (lambda stage, done, total: None)
    targets = [target] if isinstance(target, str | Path) else list(dict.fromkeys(target))
    by = by or ("target" if len(targets) > 1 else "source")
    with _telling_by(by):
        check_by(by, ARTICLE_COLUMNS, len(targets))  # an error must come before the work
    if partition_by is not None:
        partition_key(partition_by)
    recipe = Recipe(
        targets=tuple(str(one) for one in targets),
        models=str(models) if models is not None else None,
        lexicons=str(lexicons) if lexicons is not None else None,
        tone=tone,
        seed=seed,
    )
    if resume and not cache:
        raise InputError("--resume goes on from what the cache holds; leave --no-cache out")
    record = _record(recipe, Settings(by, lang, recipe.targets, seed), inputs)
    directory = writable(Path(out))
    read_now = raws(inputs, columns=columns, jobs=jobs)
    with (
        contextlib.closing(Cache(cache_place() if cache else None)) as kept,
        Gathering(directory, len(targets)) as gathering,
    ):
        digest = code_digest(record.signature.items())
        batches = batched(read_now, kept, digest, resume=resume)
        n_kept = 0
        for batch, part in make_parts(recipe, batches, jobs=jobs, engine=engine):
            n_kept += len(batch.keys) - len(batch.missing)
            gathering.add(batch.whole(part, kept), batch.skipped)
            tell("analyse", len(gathering), 0)
        if not len(gathering):
            raise InputError(nothing_read(inputs, gathering.skipped))
        timings = {"analysis": time.perf_counter() - started}
        tell("write", 0, 1)
        found = gathering.finish()
        # Comparison and page need the memory more than those who have done their work.
        del batches, batch, part
        analyzers_of.cache_clear()
        place, skipped = gathering.place, tuple(gathering.skipped)
        if partition_by is not None:
            write_partitions(found, place, partition_by)
        record = replace(
            record,
            articles=found.articles.height,
            sentences=found.height("sentences"),
            cues=found.height("cues"),
            skipped=len(skipped),
        )
        comparison = _compared(found, record, by)
        write_csv(comparison.summary.table(), place / "sources.csv")
        write_csv(comparison.contrast_table(), place / "contrasts.csv")
        write_csv(comparison.words, place / "words.csv")
        context = _context(record, skipped, lang=lang)
        told = page.findings(comparison, page.names_of(context.target))
        write_bytes(place / "report.html", page.rendered(comparison, context))
        timings["seconds"] = seconds = time.perf_counter() - started
        rounded = {name: round(value, 3) for name, value in timings.items()}
        write_json(replace(record, timings=rounded), place / "run.json")
        gathering.keep(last="run.json")
    tell("write", 1, 1)
    return Run(
        directory=directory,
        report=directory / "report.html",
        n_articles=found.articles["path"].n_unique(),
        n_kept=n_kept,
        n_sentences=record.sentences,
        n_groups=len(comparison.summary.groups),
        n_alone=sum(not group.known for group in comparison.summary.groups),
        skipped=skipped,
        findings=tuple(finding.text["en"] for finding in told),
        edited=record.signature["fitted_on_these_lexicons"] == "no",
        uncalibrated=found.frames[len(FRAMES) :],
        seconds=seconds,
    )


def _record(recipe: Recipe, settings: Settings, inputs: Sequence[str | Path]) -> Record:
    """All that is known of a run before its first article.

    Raises:
        StanceError: as `analyzers_of`.
    """
    # Lists and models may have been edited since an earlier run of this process.
    analyzers_of.cache_clear()
    analyzers = analyzers_of(recipe)
    about = _together([analyzer.target for analyzer in analyzers])
    return Record(
        signature=_signature(analyzers),
        settings=settings,
        about=About(
            name=about.name,
            label=about.label,
            label_zh=about.label_zh,
            names=tuple(sorted({alias.text for one in analyzers for alias in one.target.aliases})),
        ),
        thresholds=tuple(analyzers[0].judge.fitted.frame_cuts),
        inputs=tuple(str(path) for path in inputs),
        articles=0,
        sentences=0,
        cues=0,
        skipped=0,
        timings={},
    )


def _signature(analyzers: Sequence[Analyzer]) -> dict[str, str | int]:
    """The signature of the run, reading included; what differs between its targets is joined."""
    parts = [analyzer.signature() for analyzer in analyzers]
    joined = {
        key: value
        if all(part[key] == value for part in parts)
        else ", ".join(str(part[key]) for part in parts)
        for key, value in parts[0].items()
    }
    return joined | {"reading": rules_digest()}


def _together(targets: Sequence[Target]) -> Target:
    """The targets of a run as one, for the page's title."""
    if len(targets) == 1:
        return targets[0]
    return Target(
        name=" + ".join(target.name for target in targets),
        label=", ".join(target.label for target in targets),
        label_zh="、".join(target.label_zh for target in targets),
    )


def read_to(
    inputs: Sequence[str | Path],
    *,
    columns: Mapping[str, str] | None = None,
    out: str | Path | None = None,
) -> Documents:
    """Read `inputs`; with `out` write a JSON line for each document, and skipped.csv beside it."""
    documents = read(inputs, columns=columns)
    if out is not None:
        lines = [msgspec.json.encode(_told(document)) for document in documents]
        write_bytes(Path(out), b"\n".join(lines) + b"\n")
        write_skipped(documents.skipped, Path(out).parent / "skipped.csv")
    return documents


def _told(document: Document) -> dict[str, object]:
    known = {name: getattr(document, name) for name in ("source", "title", "author", "date", "url")}
    return {
        "path": document.path,
        **known,
        "origins": dict(document.origins),
        "encoding": document.encoding,
        "reprint_of": document.original.path if document.original is not None else None,
        "repairs": sum(edit.certainty != "flagged" for edit in document.edits),
        "flagged": sum(edit.certainty == "flagged" for edit in document.edits),
        "cuts": document.cuts,
        "warnings": document.warnings,
        "text": document.text,
    }


def shown(documents: Documents, sample: int | None = None) -> str:
    """What was read as text for the terminal; with `sample` so many articles, spread evenly."""
    chosen = list(documents)
    if sample is not None and 0 < sample < len(chosen):
        chosen = [chosen[k * len(chosen) // sample] for k in range(sample)]
    lines = []
    for document in chosen:
        told = _told(document)
        origins = dict(document.origins)
        lines.append(document.path)
        for name in ("source", "title", "author", "date", "url"):
            if told[name] is not None:
                lines.append(f"  {name:<9}{told[name]}  ({origins.get(name, 'given')})")
        lines.append(f"  {'encoding':<9}{document.encoding}")
        if document.original is not None:
            lines.append(f"  {'reprint':<9}of {document.original.path}")
        lines += [f"  {'cut':<9}{cut}" for cut in document.cuts]
        lines += [f"  {'warning':<9}{warning}" for warning in document.warnings]
        text = " ".join(document.text.split())
        beginning = text if len(text) <= _BEGINNING else text[: _BEGINNING - 1] + "…"
        lines += [f"  {'text':<9}{beginning}  ({len(document.text)} characters)", ""]
    lines.append(f"{len(documents)} read, {len(documents.skipped)} skipped, {len(chosen)} shown")
    return "\n".join(lines)


# As much of an article is shown before one asks for all of it.
_BEGINNING = 160


def report(
    directory: str | Path,
    *,
    by: str | None = None,
    lang: str | None = None,
    title: str | None = None,
    share: bool = False,
    out: str | Path | None = None,
) -> Path:
    """Render the report of a finished run again from its tables, without a new analysis.

    Parameters:
        directory: what `analyze` wrote.
        by: another column of the articles table to compare by.
        lang: the language in which the page opens, "zh" or "en"; that of the run by default.
        title: takes the place of the page's own title.
        share: cut quoted text to short excerpts around the cues; figures and spans stay.
        out: where the page goes; by default `report.html` in the directory, or beside it a name
            that tells `by` or `share`, as the tables there are of the run's own.

    Raises:
        StanceError: the directory holds no run of this version, or the page cannot be written.
    """
    place = Path(directory)
    found = read_tables(place)
    try:
        record = msgspec.json.decode((place / "run.json").read_bytes(), type=Record)
    except OSError as error:
        raise InputError(
            f"{place / 'run.json'} cannot be read ({error.strerror or error}): give a directory "
            "that `stance analyze` wrote"
        ) from error
    except msgspec.MsgspecError as error:
        raise InputError(
            f"{place / 'run.json'}: not of this version of stance ({error}); analyse again"
        ) from error
    comparison = _compared(found, record, by or record.settings.by)
    context = _context(
        record,
        read_skipped(place / "skipped.csv"),
        lang=lang or record.settings.lang,
        title=title,
        share=share,
    )
    other = [by] if by not in (None, record.settings.by) else []
    name = "-".join(["report", *map(str, other), *(["share"] if share else [])])
    path = Path(out) if out is not None else place / f"{name}.html"
    write_bytes(path, page.rendered(comparison, context))
    return path


def _compared(found: Tables, record: Record, by: str) -> Comparison:
    seed = record.settings.seed
    with _telling_by(by):
        summary = summarise(found, by=by, seed=seed)
    return compare(summary, names=record.about.names, seed=seed)


@contextlib.contextmanager
def _telling_by(by: str) -> Iterator[None]:
    try:
        yield
    except ValueError as error:
        raise InputError(f"--by {by}: {error}") from error


def _context(
    record: Record,
    skipped: Sequence[Skipped],
    *,
    lang: str,
    title: str | None = None,
    share: bool = False,
) -> page.Context:
    about = record.about
    target = Target(name=about.name, label=about.label, label_zh=about.label_zh)
    return page.Context(
        target=NO_TARGET if about.name == NO_TARGET.name else target,
        signature=record.signature,
        thresholds=record.thresholds,
        skipped=skipped,
        lang=lang,
        title=title,
        share=share,
    )


def write_report(
    comparison: Comparison,
    path: str | Path,
    *,
    analyzer: Analyzer | None = None,
    lang: str = "zh",
) -> Path:
    """Render the report of `comparison` to `path`.

    With the `analyzer` that made the articles, the page names the target and carries the signature.
    """
    context = page.Context(lang=lang)
    if analyzer is not None:
        context = page.Context(
            target=analyzer.target,
            signature=analyzer.signature(),
            thresholds=analyzer.judge.fitted.frame_cuts,
            lang=lang,
        )
    write_bytes(Path(path), page.rendered(comparison, context))
    return Path(path)
