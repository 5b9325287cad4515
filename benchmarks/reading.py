"""How fast pages are read, beside trafilatura on the same pages in one run, and in what memory.

Pages are synthetic: navigation, an article of 8 to 30 paragraphs drawn from the sentences written
for training, related links, a footer with a script. `stream` is all of reading: the article, its
metadata, repair, furniture, but for the look for reprints.

    python benchmarks/reading.py --pages 10000
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from trafilatura import bare_extraction

from stance.reading import stream
from stance.types import Document

ROOT = Path(__file__).parent.parent


def pages(n: int, seed: int) -> Iterator[str]:
    """Saved pages, each about 25 KB."""
    lines = (ROOT / "training" / "passages.jsonl").read_text("utf-8").splitlines()
    sentences = [json.loads(line)["text"] for line in lines]
    draw = random.Random(seed)
    menu = "".join(f"<li><a href='/c{k}'>频道{k}</a></li>" for k in range(60))
    foot = "".join(f"<a href='/f{k}'>链接{k}</a> " for k in range(60))
    script = "var a=1;" * 2000
    for number in range(n):
        body = "".join(
            f"<p>{''.join(draw.choices(sentences, k=draw.randint(2, 5)))}</p>"
            for _ in range(draw.randint(8, 30))
        )
        related = "".join(f"<a href='/r{k}'>相关新闻标题{k}</a>" for k in range(20))
        yield (
            f"<!DOCTYPE html><html><head><meta charset='utf-8'><title>第{number}篇_某某网</title>"
            "<meta property='article:published_time' content='2024-03-05'></head><body>"
            f"<div class='nav'><ul>{menu}</ul></div><article><h1>第{number}篇</h1>{body}</article>"
            f"<div class='related'>{related}</div>"
            f"<div class='footer'>{foot}<script>{script}</script></div></body></html>"
        )


def resident() -> int:
    """MiB that this process holds."""
    pages_held = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages_held * 4 // 1024


def timed(files: Sequence[Path]) -> tuple[float, float, list[int]]:
    """Seconds of trafilatura and of `stream`, and memory at a tenth, half and all of the pages."""
    started = time.perf_counter()
    for file in files:
        bare_extraction(file.read_bytes(), with_metadata=True, include_comments=False)
    theirs = time.perf_counter() - started
    started = time.perf_counter()
    held, read = [], 0
    marks = {len(files) // 10, len(files) // 2, len(files)}
    for one in stream(files[0].parent):
        read += isinstance(one, Document)
        if read in marks:
            held.append(resident())
    ours = time.perf_counter() - started
    if read != len(files):
        raise SystemExit(f"{read} of {len(files)} pages were read")
    return theirs, ours, held


def main() -> None:
    """Print milliseconds a page, the ratio, and memory as it went."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--pages", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder) / f"{k:06}.html" for k in range(given.pages)]
        for file, page in zip(files, pages(given.pages, given.seed), strict=True):
            file.write_text(page, "utf-8")
        theirs, ours, held = timed(files)
    theirs_each, ours_each = (1000 * seconds / given.pages for seconds in (theirs, ours))
    print(f"{given.pages} pages: trafilatura {theirs_each:.1f} ms each, stream {ours_each:.1f}")
    print(f"ratio {ours / theirs:.2f}; MiB held at a tenth, half, all: {held}")


if __name__ == "__main__":
    main()
