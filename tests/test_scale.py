"""docs/scale.md: its tables repeat the benchmark's numbers, and its programs run as they stand.

No test here times anything.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from paths import ROOT
from stance.cache import MOST
from stance.parts import Recipe, analyzers_of, make_part
from stance.pipeline import analyze
from stance.reading.raw import Raw

BENCHMARKS, DOCS = ROOT / "benchmarks", ROOT / "docs"
if not BENCHMARKS.is_dir():
    pytest.skip("a source distribution has no benchmarks", allow_module_level=True)

PAGE = (DOCS / "scale.md").read_text("utf-8")
SCALE = json.loads((BENCHMARKS / "scale.json").read_text("utf-8"))
# Synthetic.
TEXT = "第{}篇。阿里巴巴周三公布财报，营收增长百分之八。分析师认为，利润下降令人失望。"


def imported(folder: Path, name: str):
    sys.path.insert(0, str(folder))
    try:
        return __import__(name)
    finally:
        sys.path.pop(0)


peers = imported(BENCHMARKS, "peers")


def test_the_page_repeats_the_numbers():
    assert imported(DOCS, "generate").with_scale(PAGE) == PAGE, "docs/scale.md: run make docs"
    for name in peers.tables(SCALE):
        assert f"<!-- scale:{name} -->\n```\n" in PAGE


def test_numbers_carry_no_date_and_no_place():
    text = json.dumps(SCALE)
    assert not re.search(r"/home|/tmp|/work|20\d\d-\d\d", text)
    assert peers.rounded(SCALE) == SCALE


def test_the_plan_follows_from_what_was_measured():
    row = {"cpu": 12.0, "mib": 512.0, "characters": 700_000, "bytes_in_parquet": 700_000}
    wrote = {"articles.parquet": 0, "sentences.parquet": 1_400_000, "cues.parquet": 0}
    sizes = [
        {**row, "articles": 1000, "bytes_out": wrote},
        {**row, "articles": 2000, "characters": 1_400_000, "cpu": 14.4, "bytes_out": wrote},
    ]
    rows = {line[:44].strip(): line[44:].split() for line in peers.plan_table({"sizes": sizes})}
    # 50,000 runs of 9.6 s and 2,000 times 2.4 ms, at 80 % of the speed.
    assert rows["core-hours"][0] == "250"
    assert rows["hours on 64 cores"][0] == "3.9"
    assert rows["GiB of memory for 64 cores"] == ["32", "32"]
    assert rows["GB of text in, Parquet"] == ["70", "150"]
    assert rows["GB of tables out, Parquet"] == ["140", "300"]
    assert rows["dollars for cores"][0] == "12"


def test_a_corpus_is_the_same_again_and_repeats_no_sentence_early(tmp_path):
    articles = list(peers.corpus(300, tmp_path))
    assert articles == list(peers.corpus(300, tmp_path))
    assert {len(article) for article in articles} == {peers.SENTENCES}
    drawn = [sentence for article in articles for sentence in article]
    assert len(set(drawn)) == len(drawn)
    peers.write(tmp_path / "a.jsonl", articles[:3])
    rows = [json.loads(line) for line in (tmp_path / "a.jsonl").read_text("utf-8").splitlines()]
    assert [row["text"].replace("\n", "") for row in rows] == ["".join(a) for a in articles[:3]]


def test_every_stage_of_the_profile_is_in_the_package():
    lost = [path for _, _, paths in peers.STAGES for path in paths if not peers.place_of(path)]
    assert lost == [], "name in peers.STAGES what does this now"
    assert set(peers.IN_PART) <= {stage for stage, _, _ in peers.STAGES}


def test_a_stage_is_told_without_the_stages_inside_it(monkeypatch):
    clock = iter(range(100))
    monkeypatch.setattr(peers.time, "process_time", lambda: next(clock))
    spent, inner = {}, []
    within = peers.timed(lambda: None, "within", spent, inner)

    def several():
        yield within()
        yield within()

    assert list(peers.timed(several, "around", spent, inner)()) == [None, None]
    # Three steps of a second, two of them with a second inside of which the clock tells three.
    assert spent == {"within": 2, "around": 5}


def test_the_plots_need_nothing_else():
    page = peers.page(SCALE)
    assert "default-src 'none'" in page
    outside = re.sub(r"<script>.*?</script>", "", page, flags=re.DOTALL)
    assert not re.search(r'(?:src|href)="(?!data:)', outside)
    assert page.count("<pre>") == len(peers.tables(SCALE))


def program(name: str) -> str:
    """A program of the page by the mark before it."""
    return PAGE.partition(f"<!-- run: {name} -->\n```python\n")[2].partition("\n```")[0]


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A working folder with two files of articles."""
    (tmp_path / "corpus").mkdir()
    rows = [
        {"path": f"{k}.txt", "source": f"报{k % 3}", "date": f"{2023 + k % 2}-05-09",
         "text": TEXT.format(k)}
        for k in range(40)
    ]  # fmt: skip
    for name, own in (("0", rows[:20]), ("1", rows[20:])):
        pl.DataFrame(own).write_parquet(tmp_path / "corpus" / f"{name}.parquet")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_rows_go_to_partitions_and_runs_together(place):
    analyze([place / "corpus" / "0.parquet"], out=place / "parts" / "0", cache=False)
    corpus = place / "reports" / "corpus"
    analyze([place / "corpus" / "1.parquet"], out=corpus, partition_by="year", cache=False)
    exec(compile(program("partitions"), "docs/scale.md", "exec"), {})
    by_year = pl.read_csv("by-year.csv")
    assert by_year["year"].to_list() == [2023, 2024]
    assert by_year["len"].sum() == pl.read_parquet(corpus / "sentences.parquet").height
    exec(compile(program("together"), "docs/scale.md", "exec"), {})
    measures = ["tone", "optimistic", "critical", "nationalist", "market"]
    means = pl.read_csv("means.csv")
    sources = pl.read_csv("parts/0/sources.csv").sort("source")
    assert means["source"].to_list() == sources["source"].to_list()
    assert means["len"].to_list() == sources["n_articles"].to_list()
    for name in measures:
        theirs = sources[f"{name}_value"].to_list()
        assert means[name].to_list() == pytest.approx(theirs, abs=1e-6)


def expected() -> pl.DataFrame:
    raws = [Raw(path=f"{k}", text=TEXT.format(k), encoding="utf-8") for k in range(40)]
    return make_part(raws, analyzers_of(Recipe())).tables[0]["sentences"]


def missing(*packages: str) -> bool:
    return any(importlib.util.find_spec(name) is None for name in packages)


SPARK = pytest.mark.skipif(
    missing("pyspark", "pyarrow") or shutil.which("java") is None, reason="needs pyspark and Java"
)
RAY = pytest.mark.skipif(missing("ray", "pyarrow"), reason="needs Ray")


@pytest.mark.parametrize(
    "name", [pytest.param("spark", marks=SPARK), pytest.param("ray", marks=RAY)]
)
def test_programs_for_other_engines_run(place, name):
    # Workers find the package where this process does.
    paths = os.pathsep.join([str(ROOT / "src"), *filter(None, sys.path)])
    done = subprocess.run(
        [sys.executable, "-c", program(name)],
        env={**os.environ, "PYSPARK_PYTHON": sys.executable, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    columns = ["text", "index", "tone", "snownlp", "critical"]
    found = pl.read_parquet("sentences/*.parquet").select(columns).sort(columns)
    assert found.equals(expected().select(columns).sort(columns))


def test_the_size_of_the_cache_is_as_the_page_says():
    assert MOST == 4 << 30
    assert "Up to 4 GiB stay from run to run" in PAGE
