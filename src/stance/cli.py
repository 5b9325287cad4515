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
_Lexicons = Annotated[
    Path | None,
    typer.Option(
        help="Folder of word lists, laid out as lexicons/. A file in it takes the place of the "
        "shipped one of the same name, others are added.",
        show_default="the shipped lists",
    ),
]


_Models = Annotated[
    Path | None,
    typer.Option(help="Folder that `stance train` wrote.", show_default="the shipped models"),
]


_Tone = Annotated[
    str | None,
    typer.Option(
        help="Take tone from another model: transformers:PATH (a sentiment checkpoint) or "
        "package.module:Name (a class with predict_proba).",
        show_default="the tone of the models",
    ),
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
    models: _Models = None,
    lexicons: _Lexicons = None,
    tone: _Tone = None,
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

    _known_language(lang)
    targets = list(dict.fromkeys(target or ["alibaba"]))
    place = out or Path("reports") / "-".join(Path(one).stem for one in targets)
    with _Progress() as progress:
        run = pipeline.analyze(
            inputs,
            target=targets if len(targets) > 1 else targets[0],
            out=place,
            by=by,
            lang=lang,
            seed=seed,
            models=models,
            lexicons=lexicons,
            tone=tone,
            progress=progress,
        )
    articles = _count(run.n_articles, "article")
    groups = _count(run.n_groups, by or ("target" if len(targets) > 1 else "source"))
    sentences = _count(run.n_sentences, "sentence")
    print(f"{articles}, {groups}, {sentences} in {run.seconds:.1f} s")
    for finding in run.findings:
        print(f"  {finding}")
    if run.skipped:
        print(f"{_count(len(run.skipped), 'file')} skipped, see {run.directory / 'skipped.csv'}")
    if run.edited:
        print("note: word lists were edited since the models were calibrated with them")
    if run.uncalibrated:
        print(f"note: uncalibrated, scored by cues alone: {', '.join(run.uncalibrated)}")
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
    lexicons: _Lexicons = None,
    tone: _Tone = None,
) -> None:
    """Show why: how a sentence was segmented, and every cue with its context and weight.

    Example:  stance explain seeds/articles/004_4acb569c4cf0dd81.txt --sentence 1
    """
    import stance

    documents = stance.read(file)
    analyzer = stance.Analyzer(target=target, models=models, lexicons=lexicons, tone=tone)
    for article in analyzer.analyze_many(documents):
        _print_text(stance.explain(article, sentence=sentence, analyzer=analyzer))
    for skip in documents.skipped:
        sys.stderr.write(f"skipped {skip.path}: {skip.reason}\n")


@app.command()
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
    target: _Target = "alibaba",
    encoder: Annotated[
        str | None,
        typer.Option(
            help="Fine-tune this BERT-family checkpoint instead: a folder, or a name that the "
            "transformers library knows. Needs stance-zh[transformers]."
        ),
    ] = None,
) -> None:
    """Fit the models of frames, tone and setting to labelled sentences, and print their card.

    The scores on the card are cross-validated by article; evaluation.html beside it shows them
    with calibration and the worst errors. An encoder is scored on articles held out from it.

    Example:  stance train seeds/gold/dev.jsonl --out my-models
    """
    from stance import pipeline

    card = pipeline.train(
        gold, out=out, also=also or [], tone_data=tone_data, target=target, encoder=encoder
    )
    _print_text(card)


@app.command()
def evaluate(
    gold: Annotated[
        list[Path],
        typer.Argument(metavar="GOLD.jsonl", help="Labelled sentences.", show_default=False),
    ],
    out: Annotated[Path, typer.Option(help="Folder for the page and its numbers.")] = Path(
        "reports/evaluation"
    ),
    target: _Target = "alibaba",
    models: _Models = None,
    lexicons: _Lexicons = None,
    tone: _Tone = None,
    worst: Annotated[int, typer.Option(help="How many of the worst errors to print.", min=0)] = 5,
    lang: Annotated[str, typer.Option(help="Language of the page: zh or en.")] = "en",
) -> None:
    """Score the models on labelled sentences, beside SnowNLP and the majority, and show errors.

    Writes evaluation.html (scores with intervals, calibration, confusion, the worst errors with
    their cues) and evaluation.json. Intervals resample articles.

    Example:  stance evaluate my-labels.jsonl
    """
    import stance

    _known_language(lang)
    found = stance.evaluate(
        gold, out=out, target=target, models=models, lexicons=lexicons, tone=tone, lang=lang
    )
    sentences = _count(found.n_sentences, "labelled sentence")
    print(f"{sentences} of {_count(found.n_articles, 'article')}")
    _print_text("\n".join(found.lines()))
    for one in found.wrong[:worst]:
        _print_text(f"\n{one.id} {one.text}")
        label = f"label {one.gold}, said {one.said}, probability of the label {one.chance:.2f}"
        _print_text(f"    {one.field}: {label}")
        _print_text(f"    {'; '.join(one.cues) or 'no cue'}")
    if found.fitted_on:
        print("\nnote: the models were fitted to these very labels, so these scores say little")
    print(f"\npage: {out / 'evaluation.html'}")


@app.command()
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
    shared = _count(found.n_sentences, "sentence")
    print(f"{shared} of {_count(found.n_articles, 'article')} labelled by both")
    if found.unmatched:
        print(f"note: {_count(found.unmatched, 'sentence')} only in one of the two files")
    print("\n".join(found.lines()))
    print(f"{_count(len(found.apart), 'label')} differ" + (f", see {out}" if out else ""))


@app.command()
def info() -> None:
    """Versions, digests of lexicons and models, shipped targets: what a result was made with."""
    import stance

    for name, value in stance.info().items():
        print(f"{name:<26}{value}")


lexicon = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Work on word lists: find their faults, see their terms in text, exchange them.",
)
app.add_typer(lexicon, name="lexicon")
target_group = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Work on target files."
)
app.add_typer(target_group, name="target")

_Corpus = Annotated[
    list[Path] | None,
    typer.Option("--corpus", help="Articles to look at; may be given more than once."),
]


@lexicon.command("check")
def lexicon_check(
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[FILE]...",
            help="Word lists or targets to check; all shipped ones where none is given.",
            show_default=False,
        ),
    ] = None,
    lexicons: _Lexicons = None,
    target: _Target = "alibaba",
    corpus: _Corpus = None,
    notices: Annotated[
        bool, typer.Option("--notices", help="List the notices too, not only their number.")
    ] = False,
) -> None:
    """Find every fault of word lists: file, line, what is wrong, how to mend it.

    Exit code 1 when there is an error. Notices want only a look: nested terms and, with --corpus,
    terms that are never seen or in one article only, and exceptions that never act.

    Example:  stance lexicon check lexicons/frames/nationalist.toml --corpus my-articles/
    """
    import stance

    found = stance.lexicon_check(files or [], lexicons=lexicons, target=target, corpus=corpus or [])
    for fault in found.faults:
        if fault.level == "error" or notices:
            _print_text(f"{fault.path}:{fault.line}: {fault.level}: {fault.message}")
    what = f"{_count(found.n_files, 'file')}, {found.n_entries} entries"
    counts = f"{_count(len(found.errors), 'error')}, {_count(len(found.notices), 'notice')}"
    hint = " (--notices lists them)" if found.notices and not notices else ""
    print(f"{what}: {counts}{hint}")
    if found.errors:
        raise typer.Exit(1)


@lexicon.command("show")
def lexicon_show(
    term: Annotated[str, typer.Argument(help="The term.", show_default=False)],
    inputs: Annotated[
        list[Path], typer.Argument(metavar="INPUT", help="Articles.", show_default=False)
    ],
    target: _Target = "alibaba",
    lexicons: _Lexicons = None,
    width: Annotated[int, typer.Option(help="Characters on each side.", min=0, max=200)] = 16,
) -> None:
    """Show a term in its contexts, by source, with what each place counted for and why.

    Example:  stance lexicon show 领先 seeds/
    """
    import stance

    found = stance.lexicon_show(term, inputs, target=target, lexicons=lexicons, width=width)
    source = ""
    for one in found:
        if one.source != source:
            source = one.source
            _print_text(source)
        mark = "+" if one.counted else "-"
        _print_text(f"  {mark} [{one.sentence}] {one.left}【{one.key}】{one.right}")
        _print_text(f"      {one.why}")
    counted = sum(one.counted for one in found)
    print(f"{_count(len(found), 'place')}, {counted} counted")


@lexicon.command("list")
def lexicon_list(lexicons: _Lexicons = None) -> None:
    """List the word lists with their sizes.

    Example:  stance lexicon list
    """
    import stance

    for one in stance.lexicon_list(lexicons=lexicons):
        row = (
            f"{one.kind:<10}{one.name:<14}{one.n_entries:>5} entries{one.n_spellings:>6} spellings"
        )
        _print_text(f"{row}  {one.definition.split('. ')[0][:60]}")


@lexicon.command("export")
def lexicon_export(
    out: Annotated[
        Path,
        typer.Argument(
            help="File to write; its ending says the format: .csv, .yml (quanteda), .dic (LIWC).",
            show_default=False,
        ),
    ],
    lexicons: _Lexicons = None,
) -> None:
    """Write frames and tone for another program, and say what it cannot hold.

    Example:  stance lexicon export stance.yml
    """
    import stance

    lost = stance.lexicon_export(out, lexicons=lexicons)
    print(f"written: {out}")
    for one in lost:
        print(f"  not carried over: {one}")


@lexicon.command("import")
def lexicon_import(
    file: Annotated[
        Path,
        typer.Argument(help="A .csv, .yml (quanteda) or .dic (LIWC) file.", show_default=False),
    ],
    out: Annotated[Path, typer.Option(help="Folder for the lists, to be used as --lexicons.")],
    weight: Annotated[
        float, typer.Option(help="Weight of terms that bring none.", min=0.01, max=1.0)
    ] = 0.5,
) -> None:
    """Turn another program's word list into lists of stance, one a category.

    Example:  stance lexicon import mine.dic --out my-lexicons
    """
    import stance

    done = stance.lexicon_import(file, out, weight=weight)
    for path in done.files:
        print(f"written: {path}")
    print(f"{_count(done.n_terms, 'term')}; not carried over: {len(done.lost)}")
    for one in done.lost:
        _print_text(f"  {one}")


@target_group.command("new")
def target_new(
    name: Annotated[
        str, typer.Argument(help="Short name of the target, as meituan.", show_default=False)
    ],
    word: Annotated[
        list[str],
        typer.Option(help="A name that the press uses; may be given more than once."),
    ],
    corpus: _Corpus = None,
    label: Annotated[
        str | None, typer.Option(help="English name.", show_default="the first word")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="File to write.", show_default="NAME.toml")
    ] = None,
) -> None:
    """Draft a target file from a few words and from what a corpus says beside them.

    Example:  stance target new meituan --word 美团 --corpus my-articles/
    """
    import stance

    draft = stance.target_new(name, word, corpus=corpus or [], out=out, label=label)
    print(f"written: {draft.path}")
    for title, words in (
        ("names", draft.aliases),
        ("proposed from the corpus, commented out", draft.proposed),
        ("longer words that it excepts", draft.exceptions),
        ("rivals seen in the corpus", draft.rivals),
    ):
        if words:
            _print_text(f"  {title}: {', '.join(words)}")
    print(f"look at it, then: stance analyze my-articles/ --target {draft.path}")


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


def _known_language(lang: str) -> None:
    if lang not in ("zh", "en"):
        raise typer.BadParameter(f"'{lang}' is not a language of the report; use zh or en")


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
