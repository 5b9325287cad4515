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


def known_language(lang: str) -> None:
    """Refuse a language that the pages do not speak."""
    if lang not in ("zh", "en"):
        raise typer.BadParameter(f"'{lang}' is not a language of the report; use zh or en")
