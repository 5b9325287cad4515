"""Commands on word lists and target files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from stance.cli.options import Corpus, Lexicons, Target
from stance.cli.terminal import count, print_text

lexicon = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Work on word lists: find their faults, see their terms in text, exchange them.",
)
target_group = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Work on target files."
)


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
    lexicons: Lexicons = None,
    target: Target = "alibaba",
    corpus: Corpus = None,
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
            print_text(f"{fault.path}:{fault.line}: {fault.level}: {fault.message}")
    what = f"{count(found.n_files, 'file')}, {found.n_entries} entries"
    counts = f"{count(len(found.errors), 'error')}, {count(len(found.notices), 'notice')}"
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
    target: Target = "alibaba",
    lexicons: Lexicons = None,
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
            print_text(source)
        mark = "+" if one.counted else "-"
        print_text(f"  {mark} [{one.sentence}] {one.left}【{one.key}】{one.right}")
        print_text(f"      {one.why}")
    counted = sum(one.counted for one in found)
    print(f"{count(len(found), 'place')}, {counted} counted")


@lexicon.command("list")
def lexicon_list(lexicons: Lexicons = None) -> None:
    """List the word lists with their sizes.

    Example:  stance lexicon list
    """
    import stance

    for one in stance.lexicon_list(lexicons=lexicons):
        row = (
            f"{one.kind:<10}{one.name:<14}{one.n_entries:>5} entries{one.n_spellings:>6} spellings"
        )
        print_text(f"{row}  {one.definition.split('. ')[0][:60]}")


@lexicon.command("export")
def lexicon_export(
    out: Annotated[
        Path,
        typer.Argument(
            help="File to write; its ending says the format: .csv, .yml (quanteda), .dic (LIWC).",
            show_default=False,
        ),
    ],
    lexicons: Lexicons = None,
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
    print(f"{count(done.n_terms, 'term')}; not carried over: {len(done.lost)}")
    for one in done.lost:
        print_text(f"  {one}")


@target_group.command("new")
def target_new(
    name: Annotated[
        str, typer.Argument(help="Short name of the target, as meituan.", show_default=False)
    ],
    word: Annotated[
        list[str],
        typer.Option(help="A name that the press uses; may be given more than once."),
    ],
    corpus: Corpus = None,
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
            print_text(f"  {title}: {', '.join(words)}")
    print(f"look at it, then: stance analyze my-articles/ --target {draft.path}")
