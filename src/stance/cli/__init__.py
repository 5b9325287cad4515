"""The command line: parse, call one public function, print."""

from __future__ import annotations

import gc
import sys

import typer

from stance.cli.analysis import analyze, explain, info, read, report
from stance.cli.labels import agree, evaluate, train
from stance.cli.lists import lexicon, target_group

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
for command in (analyze, read, report, explain, train, evaluate, agree, info):
    app.command()(command)
app.add_typer(lexicon, name="lexicon")
app.add_typer(target_group, name="target")


def run() -> None:
    """The console script: a StanceError becomes one line and exit code 2."""
    from stance.errors import StanceError

    # Batches make many objects and no circles: looking for these less often saves a twentieth.
    gc.set_threshold(100_000, 50, 100)
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
    finally:
        # All that is left goes with the process: looking for circles in it takes a while.
        gc.freeze()
