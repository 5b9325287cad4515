"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Target = Annotated[
    str,
    typer.Option(
        help="Whose framing: a shipped target (see `stance info`), a TOML file with a company's "
        "names, or `none` to count every sentence."
    ),
]
Lexicons = Annotated[
    Path | None,
    typer.Option(
        help="Folder of word lists, laid out as lexicons/. A file in it takes the place of the "
        "shipped one of the same name, others are added.",
        show_default="the shipped lists",
    ),
]

Models = Annotated[
    Path | None,
    typer.Option(help="Folder that `stance train` wrote.", show_default="the shipped models"),
]

Tone = Annotated[
    str | None,
    typer.Option(
        help="Take tone from another model: transformers:PATH (a sentiment checkpoint) or "
        "package.module:Name (a class with predict_proba, on the Python path).",
        show_default="the tone of the models",
    ),
]


Corpus = Annotated[
    list[Path] | None,
    typer.Option("--corpus", help="Articles to look at; may be given more than once."),
]


Column = Annotated[
    list[str] | None,
    typer.Option(
        "--column",
        metavar="FIELD=NAME",
        help="Which column of a table holds a field: text=正文. Fields are text, source, title, "
        "author, date and url; may be given more than once.",
        show_default="guessed from usual names",
    ),
]


def columns_of(given: list[str] | None) -> dict[str, str] | None:
    """The mapping that `--column` options give."""
    found = {}
    for one in given or []:
        field, equals, name = one.partition("=")
        if not equals or not field or not name:
            raise typer.BadParameter(f"--column '{one}': write FIELD=NAME, as in text=正文")
        found[field] = name
    return found or None


def known_language(lang: str) -> None:
    """Refuse a language that the pages do not speak."""
    if lang not in ("zh", "en"):
        raise typer.BadParameter(f"'{lang}' is not a language of the report; use zh or en")
