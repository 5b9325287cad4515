"""This project beside its peers on one text and one core: speed, memory, growth, where time goes.

Peers are snownlp's sentiment, cnsenti, jieba.cut and scikit-learn's character TF-IDF with logistic
regression. Each works in a process of its own, all of them on one core, one after the other, round
after round; ratios are of one round, and their spread is over rounds. Seconds are CPU seconds, as
a machine is rarely idle; wall clock stands beside. Slow peers get a part of the sentences.

Articles have 20 sentences, half of them of seeds/ and training/passages.jsonl, half of the public
sets in DATA where these lie there. No sentence comes twice before all have come.

    python benchmarks/peers.py [--sizes 100 1000 10000] [--rounds 5]    all; then `make docs`
    python benchmarks/peers.py --profile                                stages alone

All numbers go to benchmarks/scale.json, from which docs/scale.md has its tables, and as plots to
reports/scale/index.html. --profile writes neither. cnsenti is left out where it is missing.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import html
import importlib
import importlib.metadata
import inspect
import json
import math
import os
import platform
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

# The command must stay small: on Linux a child's peak memory is never told below its parent's.
# So nothing large is imported here, and what is large is made in processes of its own.

ROOT = Path(__file__).parent.parent
SCALE = ROOT / "benchmarks" / "scale.json"
PAGE = ROOT / "reports" / "scale" / "index.html"
STANCE = (sys.executable, "-c", "from stance.cli import run; run()")
ALONE = dict.fromkeys(
    ("POLARS_MAX_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS"), "1"
)
SENTENCES, A_PARAGRAPH, SOURCES = 20, 5, 7
TEXT, WARM = 400, 200
"""Articles that are timed, and others on which everything was run once before."""
PAIRS, JOB_ARTICLES, CACHED = 3, 4000, 1000
STOPS = tuple("。！？!?；;…”」』")
MIB = 1 << 20

Work = Callable[[list[str]], object]


# --- what is measured ---------------------------------------------------------------------------


def load_snownlp() -> Work:
    """SnowNLP's own sentiment of every sentence."""
    from snownlp import SnowNLP

    return lambda texts: [SnowNLP(text).sentiments for text in texts]


def load_cnsenti() -> Work:
    """Counts of HowNet's words, of every sentence."""
    from cnsenti import Sentiment

    counter = Sentiment()
    return lambda texts: [counter.sentiment_calculate(text) for text in texts]


def load_jieba() -> Work:
    """Words as jieba cuts them by default."""
    import jieba

    jieba.initialize()
    return lambda texts: [list(jieba.cut(text)) for text in texts]


def load_sklearn() -> Work:
    """Tone by TF-IDF of one and two characters, fitted on training/passages.jsonl."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    lines = (ROOT / "training" / "passages.jsonl").read_text("utf-8").splitlines()
    rows = [row for row in map(json.loads, lines) if row["tone"] is not None]
    model = make_pipeline(
        TfidfVectorizer(analyzer="char", ngram_range=(1, 2)), LogisticRegression(max_iter=1000)
    )
    return model.fit([row["text"] for row in rows], [row["tone"] for row in rows]).predict


def load_snow() -> Work:
    """SnowNLP's score as this project computes it."""
    from stance import SnowScorer

    return SnowScorer().score


def load_compiled() -> Work:
    """The same by numba, as large inputs are scored where it is installed."""
    import numba  # noqa: F401

    from stance import SnowScorer

    SnowScorer.PAYS = 0
    return SnowScorer().score


def load_repair() -> Work:
    """Damage found and mended."""
    from stance.repair import repair

    return lambda texts: [repair(text) for text in texts]


def load_analysis() -> Work:
    """Repair to tables: every column of articles, sentences and cues."""
    from stance import Analyzer, Document
    from stance.analyzer import BATCH
    from stance.repair import repair

    analyzer = Analyzer()

    def work(texts: list[str]) -> None:
        for start in range(0, len(texts), BATCH):
            batch = []
            for number, text in enumerate(texts[start : start + BATCH], start):
                mended, edits = repair(text)
                batch.append(Document(text=mended, path=str(number), edits=edits))
            analyzer.analyze_batch(batch)

    return work


@dataclass(frozen=True, slots=True)
class Contestant:
    """One that is timed. It gets `unit`s of the text, every `part`-th of them."""

    name: str
    what: str
    load: Callable[[], Work]
    unit: str = "sentences"
    part: int = 1
    package: str | None = None


CONTESTANTS = (
    Contestant("snownlp", "SnowNLP(text).sentiments", load_snownlp, part=40, package="snownlp"),
    Contestant("cnsenti", "sentiment_calculate", load_cnsenti, part=40, package="cnsenti"),
    Contestant("jieba.cut", "words, HMM on", load_jieba, package="jieba"),
    Contestant(
        "scikit-learn", "char 1-2 TF-IDF, predict", load_sklearn, package="scikit-learn"
    ),
    Contestant("SnowScorer", "snownlp's score, same bits", load_snow),
    Contestant("compiled", "SnowScorer by numba", load_compiled, package="numba"),
    Contestant("repair", "damage mended", load_repair, "articles"),
    Contestant("analysis", "repair to tables", load_analysis, "articles"),
)  # fmt: skip
ANALYZE = "stance analyze"
REPORT = "files to report, start included"


# --- the text -----------------------------------------------------------------------------------


def pools(data: Path) -> list[list[str]]:
    """Sentences about the company, and those of the public sets where they are."""
    lines = (ROOT / "training" / "passages.jsonl").read_text("utf-8").splitlines()
    own = [json.loads(line)["text"] for line in lines]
    for path in sorted((ROOT / "seeds" / "articles").glob("*.txt")):
        text = path.read_text("utf-8")
        for stop in "。！？":
            text = text.replace(stop, stop + "\n")
        own += [one.strip() for one in text.split("\n") if 4 <= len(one.strip()) <= 300]
    public: list[str] = []
    for name in ("csfc_news", "csfc_forum"):
        path = data / name / "train.jsonl"
        if path.is_file():
            public += [json.loads(line)["text"] for line in path.read_text("utf-8").splitlines()]
    found = [[_whole(one) for one in pool] for pool in (own, public) if pool]
    return [list(dict.fromkeys(one for one in pool if one)) for pool in found]


def _whole(sentence: str) -> str:
    """One line that ends as a sentence does."""
    flat = " ".join(sentence.split())
    return flat if not flat or flat.endswith(STOPS) else flat + "。"


def corpus(n: int, data: Path, seed: int = 0) -> Iterator[list[str]]:
    """The sentences of `n` articles."""
    draw = random.Random(seed)
    own = pools(data)
    decks: list[list[str]] = [[] for _ in own]
    for _ in range(n):
        article: list[str] = []
        for k in range(SENTENCES):
            deck = decks[k % len(own)]
            if not deck:
                deck += draw.sample(own[k % len(own)], len(own[k % len(own)]))
            article.append(deck.pop())
        yield article


def written(article: Sequence[str]) -> str:
    """An article as it is printed."""
    starts = range(0, len(article), A_PARAGRAPH)
    return "\n".join("".join(article[k : k + A_PARAGRAPH]) for k in starts)


def write(path: Path, articles: Iterable[Sequence[str]]) -> None:
    """Articles as JSON lines, of some sources and days."""
    with path.open("w", encoding="utf-8") as file:
        for k, article in enumerate(articles):
            row = {
                "text": written(article),
                "source": f"来源{k % SOURCES + 1}",
                "date": f"2024-{k % 12 + 1:02}-{k % 28 + 1:02}",
            }
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def make_text(folder: Path, data: Path) -> dict[str, Any]:
    """The text that is timed and the one to warm up with, as files; and what they are."""
    articles = list(corpus(TEXT + WARM, data))
    for name, own in (("text", articles[:TEXT]), ("warm", articles[TEXT:])):
        write(folder / f"{name}.jsonl", own)
        lines = "\n".join(sentence for article in own for sentence in article)
        (folder / f"{name}.txt").write_text(lines, "utf-8")
    return {
        "articles": TEXT,
        "sentences": TEXT * SENTENCES,
        "characters": sum(len(written(article)) for article in articles[:TEXT]),
        "pools": [len(pool) for pool in pools(data)],
    }


def texts_of(folder: Path, name: str, unit: str, part: int) -> list[str]:
    """What a contestant gets of a text."""
    if unit == "sentences":
        found = (folder / f"{name}.txt").read_text("utf-8").split("\n")
    else:
        lines = (folder / f"{name}.jsonl").read_text("utf-8").splitlines()
        found = [json.loads(line)["text"] for line in lines]
    return found[::part]


# --- processes that are timed -------------------------------------------------------------------


def contest(name: str, folder: Path) -> None:
    """Be a contestant: load, warm up, then work once for every line that comes in."""
    own = next(one for one in CONTESTANTS if one.name == name)
    gc.set_threshold(100_000, 50, 100)  # as `stance` runs; the others gain by it too
    begin = time.process_time()
    work = own.load()
    work(["今天天气不错。"])
    loaded = time.process_time() - begin
    texts = texts_of(folder, "text", own.unit, own.part)
    work(texts_of(folder, "warm", own.unit, own.part))
    _say({"load": loaded, "characters": sum(map(len, texts))})
    for _ in sys.stdin:
        wall, cpu = time.perf_counter(), time.process_time()
        work(texts)
        _say({"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall, "mib": _peak()})


def _say(told: Mapping[str, Any]) -> None:
    sys.__stdout__.write("\n" + json.dumps(told) + "\n")
    sys.__stdout__.flush()


def _peak() -> float:
    """MiB that this process held at most."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / MIB if sys.platform == "darwin" else most / 1024


def _heard(process: subprocess.Popen[str]) -> dict[str, Any] | None:
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("{"):  # whatever a package prints is no answer
            return json.loads(line)
    return None


@contextlib.contextmanager
def one_core() -> Iterator[None]:
    """All that is started meanwhile has the last core that there is, where that can be said."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    every = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(every)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, every)


def again(*arguments: str) -> list[str]:
    """The command line of this file as a process of its own."""
    return [sys.executable, __file__, *arguments]


def run(command: Sequence[str], **more: str) -> dict[str, float]:
    """Run a command to its end: seconds of wall clock and of all its CPU, MiB at its peak.

    Raises:
        RuntimeError: it failed.
    """
    begin = time.perf_counter()
    process = subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env={**os.environ, **ALONE, **more},
    )
    assert process.stderr is not None
    told = process.stderr.read()
    _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - begin
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stderr.close()
    if process.returncode:
        raise RuntimeError(f"{command}: {told.decode()[-2000:]}")
    most = used.ru_maxrss / (MIB if sys.platform == "darwin" else 1024)
    return {"wall": wall, "cpu": used.ru_utime + used.ru_stime, "mib": most}


def analyze(source: Path, out: Path, *options: str, **more: str) -> dict[str, float]:
    """`stance analyze` as a user runs it."""
    return run([*STANCE, "analyze", str(source), "--out", str(out), *options], **more)


# --- the parts of the benchmark -----------------------------------------------------------------


def spread(values: Iterable[float]) -> list[float]:
    """Least, median and most."""
    ordered = sorted(values)
    return [ordered[0], median(ordered), ordered[-1]]


def on_peers(folder: Path, rounds: int) -> dict[str, Any]:
    """All contestants, a round after the other."""
    running: dict[str, subprocess.Popen[str]] = {}
    first: dict[str, dict[str, Any]] = {}
    skipped: list[str] = []
    with one_core():
        for one in CONTESTANTS:
            process = subprocess.Popen(
                again("--as", one.name, "--folder", str(folder)),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                env={**os.environ, **ALONE},
            )
            told = _heard(process)
            if told is None:
                process.wait()
                skipped.append(one.name)
                print(f"{one.name} left out: it is not installed, or failed", flush=True)
                continue
            running[one.name], first[one.name] = process, told
        took: dict[str, list[dict[str, float]]] = {name: [] for name in [*running, ANALYZE]}
        for number in range(rounds):
            for name, process in running.items():
                assert process.stdin is not None
                process.stdin.write("go\n")
                process.stdin.flush()
                answer = _heard(process)
                if answer is None:
                    raise RuntimeError(f"{name} ended before it answered")
                took[name].append(answer)
            took[ANALYZE].append(analyze(folder / "text.jsonl", folder / "out", "--no-cache"))
            print(f"round {number + 1} of {rounds}", flush=True)
        for process in running.values():
            process.communicate()
    whole = sum(map(len, texts_of(folder, "text", "articles", 1)))
    characters = {name: told["characters"] for name, told in first.items()} | {ANALYZE: whole}
    speed = {name: [characters[name] / one["cpu"] for one in own] for name, own in took.items()}
    return {
        "rounds": rounds,
        "left_out": skipped,
        "contestants": [
            {
                "name": name,
                "characters": characters[name],
                "load_seconds": first[name]["load"] if name in first else None,
                "a_second": spread(speed[name]),
                "a_second_wall": spread(characters[name] / one["wall"] for one in own),
                "mib": max(one["mib"] for one in own),
                "to": {
                    other: spread(a / b for a, b in zip(speed[name], speed[other], strict=True))
                    for other in ("jieba.cut", "snownlp")
                    if other in speed
                },
            }
            for name, own in took.items()
        ],
    }


def on_sizes(folder: Path, data: Path, sizes: Sequence[int]) -> list[dict[str, Any]]:
    """`stance analyze` on corpora of some sizes, on one core."""
    rows = []
    for n in sorted(sizes):
        source, out = folder / f"{n}.jsonl", folder / f"out-{n}"
        subprocess.run(
            again("--as", "corpus", "--folder", str(source), "--data", str(data), "--n", str(n)),
            check=True,
        )
        with one_core():
            used = analyze(source, out, "--no-cache")
        wrote = {path.name: path.stat().st_size for path in sorted(out.iterdir())}
        subprocess.run(again("--as", "parquet", "--folder", str(source)), check=True)
        rows.append(
            {
                "articles": n,
                "characters": _characters(source),
                **used,
                "bytes_in": source.stat().st_size,
                "bytes_in_parquet": source.with_suffix(".parquet").stat().st_size,
                "bytes_out": wrote,
            }
        )
        source.unlink()
        source.with_suffix(".parquet").unlink()
        shutil.rmtree(out)
        print(f"{n} articles: {used['cpu']:.1f} s, {used['mib']:.0f} MiB", flush=True)
    return rows


def _characters(source: Path) -> int:
    with source.open(encoding="utf-8") as file:
        return sum(len(json.loads(line)["text"]) for line in file)


def on_jobs(folder: Path, data: Path, n: int) -> dict[str, Any]:
    """Two jobs beside one, in turn, by the wall clock; a tenth of the articles tells the start."""
    articles = list(corpus(n, data, seed=1))
    sizes = {"whole": n, "tenth": max(1, n // 10)}
    for name, size in sizes.items():
        write(folder / f"{name}.jsonl", articles[:size])
    took: dict[str, list[float]] = {f"{name}-{jobs}": [] for name in sizes for jobs in (1, 2)}
    analysed: dict[str, list[float]] = {name: [] for name in took}
    for _ in range(PAIRS):
        for name in sizes:
            for jobs in (1, 2):
                options = ("--no-cache", "--jobs", str(jobs))
                used = analyze(folder / f"{name}.jsonl", folder / "jobs", *options)
                took[f"{name}-{jobs}"].append(used["wall"])
                told = json.loads((folder / "jobs" / "run.json").read_text("utf-8"))
                analysed[f"{name}-{jobs}"].append(told["timings"]["analysis"])
    one, two = took["whole-1"], took["whole-2"]

    def more(seconds: Mapping[str, list[float]]) -> list[float]:
        """Two jobs beside one in what the articles beyond the first tenth take."""
        rest = [
            [a - b for a, b in zip(seconds[f"whole-{k}"], seconds[f"tenth-{k}"], strict=True)]
            for k in (1, 2)
        ]
        return spread(a / b for a, b in zip(*rest, strict=True))

    return {
        "articles": n,
        "one": spread(one),
        "two": spread(two),
        "ratio": spread(a / b for a, b in zip(one, two, strict=True)),
        "ratio_more": more(took),
        "ratio_analysis": more(analysed),
    }


def on_cache(folder: Path, data: Path, n: int) -> dict[str, Any]:
    """A run that fills the cache, one that finds all in it, and one after one article in fifty."""
    cache = folder / "cache"
    cache.mkdir()
    subprocess.run(again("--as", "tables", "--folder", str(cache)), check=True)
    source, articles = folder / "cached.jsonl", list(corpus(n + n // 50, data, seed=2))
    write(source, articles[:n])
    place = {"STANCE_CACHE": str(cache)}
    with one_core():
        filled = analyze(source, folder / "cached", **place)
        found = analyze(source, folder / "cached", **place)
        changed = [articles[n + k // 50] if k % 50 == 7 else articles[k] for k in range(n)]
        write(source, changed)
        some = analyze(source, folder / "cached", **place)
    return {
        "articles": n,
        "filled": filled["cpu"],
        "found": found["cpu"],
        "changed": some["cpu"],
        "mib_kept": sum(path.stat().st_size for path in cache.glob("parts*")) / MIB,
    }


# --- where the time goes ------------------------------------------------------------------------

STAGES = (
    ("load", "word lists, models, dictionaries", (
        "stance.pipeline:analyzers_of", "stance.match:_build", "stance.text:_load_jieba",
        "stance.text:Segmenter._load_cutter",
    )),
    ("read", "files to raw articles", ("stance.pipeline:raws",)),
    ("repair", "damage", ("stance.reading:repair",)),
    ("clean", "furniture, metadata, wrapped lines", ("stance.parts:document",)),
    ("segment", "script, sentences, words", (
        "stance.analyzer:split_documents", "stance.text:Segmenter.edges",
    )),
    ("match", "names, lexicons, context", ("stance.cues:CueFinder.evidence",)),
    ("snow", "SnowNLP's score", ("stance.tone.snow:SnowScorer.score",)),
    ("features", "cues and n-grams as numbers", (
        "stance.analyzer:features", "stance.analyzer:uncalibrated",
    )),
    ("models", "probabilities, decisions", (
        "stance.judge:LinearJudge.think", "stance.analyzer:decide",
    )),
    ("tables", "columns", (
        "stance.analyzer:Analyzer.analyze_batch", "stance.parts:make_part",
    )),
    ("shingles", "for reprints", ("stance.parts:shingles",)),
    ("write", "tables to files", (
        "stance.gathering:Gathering.add", "stance.gathering:Gathering.finish",
    )),
    ("reprints", "which are one text", ("stance.gathering:clusters_of",)),
    ("compare", "estimates, tests, words", ("stance.pipeline:_compared",)),
    ("page", "the report", ("stance.page:rendered",)),
)  # fmt: skip
IN_PART = ("repair", "clean", "segment", "match", "snow", "features", "models", "tables",
           "shingles")  # fmt: skip
"""Stages that workers do; all others are done by the one process that reads and writes."""


def place_of(path: str) -> tuple[Any, str] | None:
    """What holds a function that is named `module:name`, and its name there."""
    module, _, dotted = path.partition(":")
    owner: Any = importlib.import_module(module)
    *outer, name = dotted.split(".")
    for one in outer:
        owner = getattr(owner, one, None)
    return (owner, name) if hasattr(owner, name) else None


def timed(
    function: Callable[..., Any], stage: str, spent: dict[str, float], inner: list[float]
) -> Callable[..., Any]:
    """The function, its own CPU seconds told under its stage, those of stages inside it not."""

    def step(*args: Any, **named: Any) -> Any:
        begin = time.process_time()
        inner.append(0.0)
        try:
            return function(*args, **named)
        finally:
            took = time.process_time() - begin
            spent[stage] = spent.get(stage, 0.0) + took - inner.pop()
            if inner:
                inner[-1] += took

    if hasattr(function, "cache_clear"):
        step.cache_clear = function.cache_clear  # type: ignore[attr-defined]
    if not inspect.isgeneratorfunction(function):
        return step

    def steps(*args: Any, **named: Any) -> Iterator[Any]:
        following = timed(function(*args, **named).__next__, stage, spent, inner)
        while True:
            try:
                one = following()
            except StopIteration:
                return
            yield one

    return steps


def profile(folder: Path, rounds: int) -> dict[str, Any]:
    """CPU seconds of each stage of `analyze` on the text, and of what a cluster adds."""
    import pickle

    from stance import pipeline
    from stance.engines import analyzers_of
    from stance.parts import Recipe, decode, encode, make_part
    from stance.reading.formats import raws

    pipeline.analyze([folder / "warm.jsonl"], out=folder / "profile", cache=False)
    spent: dict[str, float] = {}
    inner: list[float] = []
    lost = []
    for stage, _, paths in STAGES:
        for path in paths:
            place = place_of(path)
            if place is None:
                lost.append(path)
                continue
            owner, name = place
            setattr(owner, name, timed(getattr(owner, name), stage, spent, inner))
    found: list[dict[str, float]] = []
    totals = []
    for _ in range(rounds):
        spent.clear()
        begin = time.process_time()
        pipeline.analyze([folder / "text.jsonl"], out=folder / "profile", cache=False)
        totals.append(time.process_time() - begin)
        found.append(dict(spent))
    stages = [
        {"stage": stage, "what": what, "seconds": median(one.get(stage, 0.0) for one in found)}
        for stage, what, _ in STAGES
    ]
    total = median(totals)
    rest = max(0.0, total - sum(one["seconds"] for one in stages))
    stages.append({"stage": "rest", "what": "what none of these names", "seconds": rest})
    own = list(raws([folder / "text.jsonl"]))[:64]
    part = make_part(own, analyzers_of(Recipe()))
    data = encode(part)
    send = _least(lambda: pickle.loads(pickle.dumps(own))) + _least(lambda: encode(part))
    receive = _least(lambda: decode(data))
    characters = sum(map(len, texts_of(folder, "text", "articles", 1)))
    return {
        "articles": TEXT,
        "characters": characters,
        "seconds": total,
        "stages": stages,
        "not_found": lost,
        "an_article": {
            "bytes_sent": len(data) / len(own),
            "ms_sent": 1000 * send / len(own),
            "ms_received": 1000 * receive / len(own),
        },
        "limits": limits(folder),
    }


def limits(folder: Path) -> dict[str, float]:
    """Characters a second that one pass over the text can have: of its bytes, and decoded."""
    text = "\n".join(texts_of(folder, "text", "articles", 1))
    text *= 1 + 30_000_000 // len(text)
    data = text.encode()
    return {
        "read": len(text) / _least(lambda: data.count(b"\xff")),
        "decode": len(text) / _least(lambda: data.decode()),
    }


def _least(work: Callable[[], object], times: int = 5) -> float:
    took = []
    for _ in range(times):
        begin = time.process_time()
        work()
        took.append(time.process_time() - begin)
    return min(took)


# --- tables, for the terminal and for docs/scale.md ---------------------------------------------


def tables(found: Mapping[str, Any]) -> dict[str, str]:
    """Every table of scale.json by name."""
    made: dict[str, str] = {}
    for name, table in (
        ("machine", machine_table), ("peers", peers_table), ("sizes", sizes_table),
        ("jobs", jobs_table), ("cache", cache_table), ("profile", profile_table),
        ("plan", plan_table),
    ):  # fmt: skip
        made[name] = "\n".join(line.rstrip() for line in table(found))
    return made


def machine_table(found: Mapping[str, Any]) -> Iterator[str]:
    """What it was measured on."""
    machine, text = found["machine"], found["text"]
    yield f"{machine['processor']}, {machine['cores']} cores, {machine['gib']:.0f} GiB"
    yield ", ".join(f"{name} {version}" for name, version in found["versions"].items())
    sets = " + ".join(f"{n:,}" for n in text["pools"])
    yield (
        f"text: {text['articles']} articles of {SENTENCES} sentences, {text['characters']:,} "
        f"characters, drawn from {sets} sentences"
    )


def peers_table(found: Mapping[str, Any]) -> Iterator[str]:
    """Speeds, ratios with their spread, memory."""
    what = {one.name: one.what for one in CONTESTANTS} | {ANALYZE: REPORT}
    yield (
        f"{'':15}{'':33}{'characters':>11}{'a second':>12}{'by the clock':>13}"
        f"{'x jieba.cut':>22}{'x snownlp':>22}{'MiB':>6}"
    )
    for one in found["peers"]["contestants"]:
        ratios = "".join(_ratio(one["to"].get(name)) for name in ("jieba.cut", "snownlp"))
        yield (
            f"{one['name']:15}{what[one['name']]:33}{one['characters']:>11,}"
            f"{one['a_second'][1]:>12,.0f}{one['a_second_wall'][1]:>13,.0f}{ratios}"
            f"{one['mib']:>6.0f}"
        )
    for name in found["peers"]["left_out"]:
        yield f"{name} was left out: it is not installed"


def _ratio(own: Sequence[float] | None) -> str:
    if own is None:
        return f"{'-':>22}"
    least, middle, most = (_short(one) for one in own)
    return f"{middle + f' ({least}-{most})':>22}"


def _short(value: float) -> str:
    """Two digits or more."""
    return f"{value:.0f}" if value >= 10 else f"{value:.1f}" if value >= 1 else f"{value:.2f}"


def sizes_table(found: Mapping[str, Any]) -> Iterator[str]:
    """Growth."""
    yield (
        f"{'articles':>9}{'characters':>13}{'CPU s':>9}{'clock s':>9}{'ms an article':>15}"
        f"{'one more':>10}{'characters a s':>16}{'peak MiB':>10}{'MB in':>9}{'tables':>9}"
        f"{'report':>8}"
    )
    before: Mapping[str, Any] | None = None
    for one in found["sizes"]:
        n, wrote = one["articles"], one["bytes_out"]
        page = wrote.get("report.html", 0)
        more = f"{1000 * between(before, one):.2f}" if before is not None else ""
        before = one
        yield (
            f"{n:>9,}{one['characters']:>13,}{one['cpu']:>9.1f}{one['wall']:>9.1f}"
            f"{1000 * one['cpu'] / n:>15.2f}{more:>10}{one['characters'] / one['cpu']:>16,.0f}"
            f"{one['mib']:>10.0f}{one['bytes_in'] / 1e6:>9.1f}"
            f"{(sum(wrote.values()) - page) / 1e6:>9.1f}{page / 1e6:>8.1f}"
        )
    small, large = _last_two(found)
    if small is not large:
        own = [1000 * one["cpu"] / one["articles"] for one in (small, large)]
        extra = 1000 * marginal(found)
        yield (
            f"From {small['articles']:,} to {large['articles']:,} articles: time an article "
            f"{own[1] / own[0] - 1:+.0%}, peak memory {large['mib'] / small['mib'] - 1:+.0%}; one "
            f"more article takes {extra:.2f} ms."
        )


def _last_two(found: Mapping[str, Any]) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    rows = found["sizes"]
    return rows[-2] if len(rows) > 1 else rows[-1], rows[-1]


def marginal(found: Mapping[str, Any]) -> float:
    """CPU seconds that one more article takes, without the start."""
    small, large = _last_two(found)
    if small is large:
        return float(large["cpu"] / large["articles"])
    return between(small, large)


def between(small: Mapping[str, Any], large: Mapping[str, Any]) -> float:
    """CPU seconds that each article takes by which the larger corpus exceeds the smaller."""
    return float((large["cpu"] - small["cpu"]) / (large["articles"] - small["articles"]))


def jobs_table(found: Mapping[str, Any]) -> Iterator[str]:
    """Two jobs beside one."""
    own = found["jobs"]
    yield f"{own['articles']:,} articles, seconds by the clock"
    for name, title, form in (
        ("one", "--jobs 1, start and report included", ".1f"),
        ("two", "--jobs 2, start and report included", ".1f"),
        ("ratio", "ratio", ".2f"),
        ("ratio_more", "ratio, without what a tenth of them takes", ".2f"),
        ("ratio_analysis", "the same of the analysis, without the report", ".2f"),
    ):
        least, middle, most = own[name]
        yield f"{title:44}{middle:7{form}}  ({least:{form}}-{most:{form}})"


def cache_table(found: Mapping[str, Any]) -> Iterator[str]:
    """What the cache saves."""
    own = found["cache"]
    n = own["articles"]
    yield f"{n:,} articles, CPU seconds, start and report included"
    yield f"{'first run':32}{own['filled']:7.1f}"
    yield f"{'again, nothing changed':32}{own['found']:7.1f}"
    yield f"{f'again, {n // 50} articles changed':32}{own['changed']:7.1f}"
    yield f"{'kept on disk, KiB an article':32}{1024 * own['mib_kept'] / n:7.1f}"


def profile_table(found: Mapping[str, Any]) -> Iterator[str]:
    """Where the time goes, how far the limit is, what one process can feed."""
    own = found["profile"]
    total, characters = own["seconds"], own["characters"]
    yield f"{'':11}{'':36}{'us a 1,000 characters':>22}{'share':>8}{'characters a s':>16}"
    for one in [*own["stages"], {"stage": "all", "what": "files to report", "seconds": total}]:
        seconds = one["seconds"]
        speed = f"{characters / seconds:,.0f}" if seconds > 1e-6 else "-"
        yield (
            f"{one['stage']:11}{one['what']:36}{1e9 * seconds / characters:>22,.0f}"
            f"{seconds / total:>8.1%}{speed:>16}"
        )
    for path in own["not_found"]:
        yield f"{path} is not there: its time stands in the stage that calls it"
    worker, driver = part_seconds(own), driver_ms(own)
    limit = own["limits"]
    speed = characters / worker
    yield ""
    yield f"{'a part (repair to tables, shingles)':47}{speed:>14,.0f} characters a second"
    for name, what in (("read", "one pass over the bytes"), ("decode", "bytes decoded to text")):
        yield (f"{f'limit: {what}':47}{limit[name]:>14,.0f}   {limit[name] / speed:,.0f} x a part")
    yield (
        f"an article: {1000 * worker / own['articles']:.2f} ms in a worker, "
        f"{driver:.2f} ms in the process that reads, receives and writes; one such process keeps "
        f"{max(1, int(1000 * worker / own['articles'] / driver))} workers busy"
    )


def part_seconds(own: Mapping[str, Any]) -> float:
    """CPU seconds of the stages that workers do."""
    return sum(one["seconds"] for one in own["stages"] if one["stage"] in IN_PART)


def driver_ms(own: Mapping[str, Any]) -> float:
    """CPU milliseconds an article of what one process does while workers work."""
    streamed = sum(one["seconds"] for one in own["stages"] if one["stage"] in ("read", "write"))
    return float(1000 * streamed / own["articles"] + own["an_article"]["ms_received"])


ARTICLES, LENGTHS = 10**8, (700, 1500)
CORES = (64, 256, 1024)
BUSY, CORE_HOUR, GB_MONTH = 0.8, 0.05, 0.023
"""Share of the time that a core of a full machine works at the speed of a lone one; dollars."""


def plan_table(found: Mapping[str, Any]) -> Iterator[str]:
    """What 10^8 articles take, by the numbers above and the assumptions named here."""
    large = found["sizes"][-1]
    near = min(found["sizes"], key=lambda one: abs(math.log(one["articles"] / 1000)))
    n = large["articles"]
    length = large["characters"] / n
    one_more = marginal(found)
    start = max(0.0, large["cpu"] - n * one_more)
    in_file = near["bytes_in_parquet"] / near["characters"]
    names = ("articles.parquet", "sentences.parquet", "cues.parquet")
    out_file = sum(near["bytes_out"].get(name, 0) for name in names) / near["characters"]
    wrote = {name: size for name, size in near["bytes_out"].items() if name.endswith(".csv")}
    as_csv = sum(wrote.values()) / near["characters"]
    columns = [
        [ARTICLES / n * (start + n * one_more * own / length) / 3600 / BUSY, in_file * own,
         out_file * own, as_csv * own]
        for own in LENGTHS
    ]  # fmt: skip

    def row(name: str, values: Iterable[float], form: str = ",.0f") -> str:
        return f"{name:44}" + "".join(f"{value:>14{form}}" for value in values)

    yield row("characters an article", LENGTHS)
    yield row("runs, of as many articles as measured above", [ARTICLES / n] * len(LENGTHS))
    yield row("core-hours", [own[0] for own in columns])
    for cores in CORES:
        yield row(f"hours on {cores} cores", [own[0] / cores for own in columns], ",.1f")
    yield row("GiB of memory for 64 cores", [64 * large["mib"] / 1024] * len(LENGTHS))
    yield row("GB of text in, Parquet", [own[1] * ARTICLES / 1e9 for own in columns])
    yield row("GB of tables out, Parquet", [own[2] * ARTICLES / 1e9 for own in columns])
    yield row("GB of the same as CSV, which may go", [own[3] * ARTICLES / 1e9 for own in columns])
    yield row("dollars for cores", [own[0] * CORE_HOUR for own in columns])
    stored = [(own[1] + own[2]) * ARTICLES / 1e9 * GB_MONTH for own in columns]
    yield row("dollars a month for storage, Parquet", stored)
    yield ""
    yield (
        f"Measured: {start:.1f} s to start and end a run and {1000 * one_more:.2f} ms an article "
        f"of {length:.0f} characters; {large['mib']:.0f} MiB a run of {n:,} articles; "
        f"{in_file:.2f} bytes in and {out_file:.2f} bytes out a character."
    )
    yield (
        f"Assumed: a core of a full machine is {BUSY:.0%} as fast as a lone one; ${CORE_HOUR} a "
        f"core-hour; ${GB_MONTH} a GB and month; time grows with characters."
    )


# --- the page -----------------------------------------------------------------------------------

_DRAW = """
const figures = JSON.parse(document.getElementById("figures").textContent);
for (const [name, figure] of Object.entries(figures)) {
  Plotly.newPlot(name, figure.data, figure.layout,
    {displaylogo: false, responsive: true, displayModeBar: false});
}
"""
_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem;
  color: #14202B; background: #fff; }
pre { overflow-x: auto; font-size: 12px; background: #F7F8F9; padding: .8rem; }
"""


def page(found: Mapping[str, Any]) -> str:
    """Plots and tables as one page that needs and reaches nothing else."""
    import plotly.graph_objects as go

    from stance.page.drawing import COLOURS, empty
    from stance.page.sealing import asset, script_hash

    hue, other = COLOURS["optimistic"], COLOURS["critical"]

    speed = empty(360).figure()
    rows = found["peers"]["contestants"][::-1]
    speed.add_trace(
        go.Bar(
            x=[one["a_second"][1] for one in rows],
            y=[one["name"] for one in rows],
            orientation="h",
            marker={"color": [hue if one["name"] in _OWN else "#8A8F98" for one in rows]},
            error_x={
                "type": "data",
                "symmetric": False,
                "array": [one["a_second"][2] - one["a_second"][1] for one in rows],
                "arrayminus": [one["a_second"][1] - one["a_second"][0] for one in rows],
            },
        )
    )
    speed.update_xaxes(type="log", title="characters a CPU second, log scale")
    speed.update_yaxes(automargin=True)

    growth, memory = empty(300).figure(), empty(300).figure()
    n = [one["articles"] for one in found["sizes"]]
    for figure, values, colour, title in (
        (growth, [1000 * s["cpu"] / s["articles"] for s in found["sizes"]], hue, "ms an article"),
        (memory, [s["mib"] for s in found["sizes"]], other, "peak MiB"),
    ):
        mark = {"color": colour}
        figure.add_trace(go.Scatter(x=n, y=values, mode="lines+markers", marker=mark))
        figure.update_xaxes(type="log", title="articles, log scale", tickvals=n)
        figure.update_yaxes(title=title, rangemode="tozero", automargin=True)

    stages = empty(420).figure()
    own = found["profile"]["stages"][::-1]
    stages.add_trace(
        go.Bar(
            x=[1e9 * one["seconds"] / found["profile"]["characters"] for one in own],
            y=[one["stage"] for one in own],
            orientation="h",
            marker={"color": hue},
        )
    )
    stages.update_xaxes(title="CPU microseconds a 1,000 characters")
    stages.update_yaxes(automargin=True)

    drawn = {"speed": speed, "growth": growth, "memory": memory, "stages": stages}
    data = "{" + ",".join(f'"{name}":{one.to_json()}' for name, one in drawn.items()) + "}"
    told = tables(found)
    plotly = asset("vendor/plotly-cartesian.min.js")
    policy = (
        f"default-src 'none'; script-src {script_hash(plotly)} {script_hash(_DRAW)}; "
        "style-src 'unsafe-inline'; img-src data: blob:; base-uri 'none'; form-action 'none'"
    )

    def part(title: str, figures: Sequence[str], names: Sequence[str]) -> str:
        places = "".join(f'<div id="{name}"></div>' for name in figures)
        texts = "".join(f"<pre>{html.escape(told[name])}</pre>" for name in names)
        return f"<h2>{title}</h2>{places}{texts}"

    body = "\n".join(
        (
            part("Speed on one core", ["speed"], ["peers", "machine"]),
            part("Growth", ["growth", "memory"], ["sizes", "jobs", "cache"]),
            part("Where the time goes", ["stages"], ["profile"]),
            part("A plan for 100,000,000 articles", [], ["plan"]),
        )
    )
    safe = data.replace("<", "\\u003c")
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>stance: speed and memory</title><link rel="icon" href="data:,">'
        f"<style>{_STYLE}</style></head>\n<body><h1>stance: speed and memory</h1>\n{body}\n"
        f'<script type="application/json" id="figures">{safe}</script>\n'
        f"<script>{plotly}</script>\n<script>{_DRAW}</script>\n</body></html>\n"
    )


_OWN = ("SnowScorer", "repair", "analysis", ANALYZE)


# --- the command --------------------------------------------------------------------------------


def machine() -> dict[str, Any]:
    """What it runs on."""
    processor = platform.processor() or platform.machine()
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
            if line.startswith("model name"):
                processor = line.partition(":")[2].strip()
                break
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return {"processor": processor, "cores": os.cpu_count(), "gib": pages / (1 << 30)}


def versions() -> dict[str, str]:
    """Of Python and of all that was measured."""
    names = ["stance-zh", "rjieba", *(one.package for one in CONTESTANTS if one.package)]
    found = {"python": platform.python_version()}
    for name in sorted(names):
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            found[name] = importlib.metadata.version(name)
    return found


def rounded(value: Any) -> Any:
    """Floats to four digits: more were not measured."""
    if isinstance(value, float):
        return float(f"{value:.4g}")
    if isinstance(value, Mapping):
        return {key: rounded(one) for key, one in value.items()}
    return [rounded(one) for one in value] if isinstance(value, list | tuple) else value


def apart(role: str, folder: Path, data: Path, n: int, rounds: int) -> None:
    """What is done in a process of its own."""
    if role == "text":
        _say(make_text(folder, data))
    elif role == "corpus":
        write(folder, corpus(n, data))
    elif role == "parquet":
        import polars as pl

        pl.read_ndjson(folder).write_parquet(folder.with_suffix(".parquet"), compression="zstd")
    elif role == "tables":
        from stance.store import folder as kept

        for path in kept().glob("*.bin"):
            shutil.copy2(path, folder)
    elif role == "profile":
        _say(profile(folder, rounds))
    elif role == "page":
        PAGE.parent.mkdir(parents=True, exist_ok=True)
        PAGE.write_text(page(json.loads(folder.read_text("utf-8"))), "utf-8")
    else:
        contest(role, folder)


def answer(*arguments: str) -> dict[str, Any]:
    """What such a process tells.

    Raises:
        RuntimeError: it failed.
    """
    process = subprocess.Popen(
        again(*arguments), stdout=subprocess.PIPE, text=True, env={**os.environ, **ALONE}
    )
    told = _heard(process)
    if process.wait() or told is None:
        raise RuntimeError(f"{arguments} failed")
    return told


def main() -> None:
    """Measure all, print the tables, write scale.json and the page."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sizes", type=int, nargs="+", default=[100, 1000, 10_000])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--profile", action="store_true", help="the stages alone")
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--out", type=Path, default=SCALE, help="where the numbers go")
    for hidden in ("--as", "--folder", "--n"):
        parser.add_argument(hidden, dest=f"own_{hidden[2:]}", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.own_as:
        n = int(given.own_n or 0)
        apart(given.own_as, Path(given.own_folder), given.data, n, given.rounds)
        return
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        here = ("--folder", str(folder), "--data", str(given.data))
        text = answer("--as", "text", *here)
        # Whatever a first run makes once on a machine is made before anything is timed.
        analyze(folder / "warm.jsonl", folder / "out", "--no-cache")
        with one_core():
            staged = answer("--as", "profile", *here, "--rounds", str(min(3, given.rounds)))
        found: dict[str, Any] = {"machine": machine(), "versions": versions(), "text": text}
        if given.profile:
            print("\n".join(profile_table({**found, "profile": staged})))
            return
        found["peers"] = on_peers(folder, given.rounds)
        found["profile"] = staged
        found["sizes"] = on_sizes(folder, given.data, given.sizes)
        most = max(given.sizes)
        found["jobs"] = on_jobs(folder, given.data, min(JOB_ARTICLES, most))
        found["cache"] = on_cache(folder, given.data, min(CACHED, most))
    found = rounded(found)
    given.out.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", "utf-8")
    for name, table in tables(found).items():
        print(f"\n{name}\n\n{table}")
    subprocess.run(again("--as", "page", "--folder", str(given.out)), check=True)
    print(f"\nnumbers: {given.out}\nplots: {PAGE}")


if __name__ == "__main__":
    main()
