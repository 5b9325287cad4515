"""How large the report of a large corpus is, and how soon it can be used.

Articles of 20 sentences are drawn from the seeds and from the sentences written for training
(6,700 in all), spread over eight sources and two years. Printed: megabytes, seconds to compare and
to render, and seconds until a click in the page is answered, in headless Chromium.

    python benchmarks/report.py --articles 10000
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
import time
from pathlib import Path

import numpy as np
import polars as pl
from playwright.sync_api import sync_playwright

import stance
from stance import page
from stance.types import FRAMES, Tables

ROOT = Path(__file__).parent.parent
SENTENCES, SOURCES = 20, 8


def corpus(articles: int, seed: int) -> Tables:
    """Tables of `articles` articles, their sentences and cues drawn from analysed ones."""
    lines = (ROOT / "training" / "passages.jsonl").read_text("utf-8").splitlines()
    written = "\n".join(json.loads(line)["text"] for line in lines)
    documents = [*stance.read(ROOT / "seeds"), stance.Document(text=written, path="written")]
    seeds = stance.tables(stance.Analyzer().analyze_many(documents))
    random = np.random.default_rng(seed)
    n = articles * SENTENCES
    # A source draws from some seeds more than from others, so that there is something to see.
    drawn = random.integers(0, seeds.sentences.height, n)
    ids = [f"{k:016x}" for k in range(articles)]
    owner = np.repeat(np.arange(articles), SENTENCES)
    index = np.tile(np.arange(SENTENCES), articles)
    new_ids = pl.Series([f"{ids[a]}-{i}" for a, i in zip(owner, index, strict=True)])
    sentences = seeds.sentences[drawn.tolist()].with_columns(
        sentence_id=new_ids,
        article_id=pl.Series([ids[a] for a in owner]),
        index=pl.Series(index),
        paragraph=pl.Series(index // 4),
        old=seeds.sentences["sentence_id"][drawn.tolist()],
    )
    cues = (
        sentences.select("old", new="sentence_id")
        .join(seeds.cues, left_on="old", right_on="sentence_id", maintain_order="left")
        .drop("old")
        .rename({"new": "sentence_id"})
    )
    on = pl.col("tone_score").filter(pl.col("on_target"))
    sums = sentences.group_by("article_id", maintain_order=True).agg(
        *(pl.col(frame).mean() for frame in FRAMES),
        tone=on.mean(),
        n_on_target=pl.col("on_target").sum().cast(pl.Int64),
    )
    row = seeds.articles[np.zeros(articles, dtype=int).tolist()]
    dates = [f"{2023 + k % 2}-{1 + k // 2 % 12:02}-{1 + k // 24 % 28:02}" for k in range(articles)]
    table = row.with_columns(
        article_id=pl.Series(ids),
        path=pl.Series([f"corpus/{k:06}.txt" for k in range(articles)]),
        source=pl.Series([f"来源{1 + k % SOURCES}" for k in range(articles)]),
        title=pl.Series([f"第 {k} 篇" for k in range(articles)]),
        date=pl.Series(dates),
        n_sentences=pl.lit(SENTENCES),
        **{name: sums[name] for name in (*FRAMES, "tone", "n_on_target")},
    )
    return Tables(table, sentences.drop("old"), cues)


def browse(path: Path) -> dict[str, float]:
    """Seconds from opening the page to a click that is answered, and to all that is drawn."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]
        )
        tab = browser.new_page(viewport={"width": 1440, "height": 1000})
        started = time.perf_counter()
        tab.goto(path.as_uri())
        tab.wait_for_selector("#text .s .glyph")
        tab.locator("#text .s .glyph").first.click()
        tab.wait_for_selector("#why:not([hidden])")
        usable = time.perf_counter() - started
        tab.wait_for_selector("body[data-ready]", timeout=120_000)
        ready = time.perf_counter() - started
        started = time.perf_counter()
        tab.select_option("#pick-article", "")
        tab.wait_for_selector("#text[data-shown]")
        tab.select_option("#pick-frame", "critical")
        tab.wait_for_selector("#text .s .tag.critical")
        tab.wait_for_selector("#text[data-shown]")
        listed = time.perf_counter() - started
        started = time.perf_counter()
        tab.fill("#pick-search", "没有这样一句")
        tab.wait_for_selector("#text .note:not(.more)", timeout=120_000)
        searched = time.perf_counter() - started
        browser.close()
    return {"usable": usable, "all drawn": ready, "filter": listed, "search": searched}


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--articles", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    found = corpus(given.articles, given.seed)
    started = time.perf_counter()
    comparison = stance.compare(stance.summarise(found))
    compared = time.perf_counter() - started
    started = time.perf_counter()
    html = page.render(comparison)
    rendered = time.perf_counter() - started
    size = len(html.encode("utf-8")) / 1e6
    print(f"{given.articles} articles, {found.sentences.height} sentences: {size:.1f} MB")
    print(f"compare {compared:.1f} s, render {rendered:.1f} s")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "report.html"
        path.write_text(html, "utf-8")
        for name, seconds in browse(path).items():
            print(f"{name:<10}{seconds:6.2f} s")


if __name__ == "__main__":
    main()
