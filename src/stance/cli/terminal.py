"""What commands print with."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager


class Progress:
    """One line that is rewritten, on a terminal only."""

    def __init__(self) -> None:
        self.shown = sys.stderr.isatty()

    def __enter__(self) -> Progress:
        if self.shown:
            self("load", 0, 1)
        return self

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Tell the stage, how many are done, and of how many; 0 where that is not known yet."""
        if self.shown:
            sys.stderr.write(f"\r\x1b[K{stage} {done:,}" + (f"/{total:,}" if total else ""))
            sys.stderr.flush()

    def __exit__(self, *exc: object) -> None:
        if self.shown:
            sys.stderr.write("\r\x1b[K")


@contextmanager
def stopped_gently(kept: bool) -> Iterator[None]:
    """Ctrl-C ends a command with a line that says how to go on."""
    try:
        yield
    except KeyboardInterrupt:
        rest = "; what was analysed is kept: the same command goes on from there" if kept else ""
        sys.stderr.write(f"stance: stopped{rest}\n")
        raise SystemExit(130) from None


def count(n: int, noun: str) -> str:
    """A number with its noun."""
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def print_text(text: str) -> None:
    """Article text may hold control characters; a terminal must not obey them."""
    print("".join(c if c.isprintable() or c == "\n" else "\N{REPLACEMENT CHARACTER}" for c in text))
