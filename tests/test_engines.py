"""Runs cut into parts: the same bytes however they are made, kept, lost and resumed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow as pa
import pytest

import stance
from paths import SEEDS
from stance import crew, engines
from stance.batches import batched
from stance.cache import Cache
from stance.errors import InputError, StanceError
from stance.parts import Part, Recipe, analyzers_of, decode, encode, joined, make_part, taken
from stance.pipeline import analyze
from stance.reading.raw import Known, Raw

# All synthetic.
PROSE = "阿里巴巴周三公布财报，营收增长百分之八。分析师认为，利润下降令人失望，投入没有回报。"
OUTPUTS = (
    "articles.csv", "articles.parquet", "sentences.csv", "sentences.parquet", "cues.parquet",
    "repairs.csv", "skipped.csv", "sources.csv", "contrasts.csv", "words.csv", "report.html",
)  # fmt: skip

STANCE = (sys.executable, "-c", "from stance.cli import run; run()")


def raw(number, text=PROSE):
    return Raw(
        path=f"{number}.txt",
        text=f"第{number}篇。{text}",
        encoding="utf-8",
        known={"source": Known(f"报{number % 3}", "manifest")},
    )


def equal(one: Part, other: Part) -> bool:
    frames = zip(
        (t[n] for t in one.tables for n in ("articles", "sentences", "cues")),
        (t[n] for t in other.tables for n in ("articles", "sentences", "cues")),
        strict=True,
    )
    return (
        all(a.equals(b) and a.schema == b.schema for a, b in frames)
        and one.repairs.equals(other.repairs)
        and one.told == other.told
    )


@pytest.fixture(scope="module")
def analyzers():
    return analyzers_of(Recipe())


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    """200 articles a line, some of them twice, one empty."""
    rows = [
        {"text": f"第{n % 190}篇。{PROSE}", "source": f"报{n % 190 % 3}", "date": "2024-05-09"}
        for n in range(200)
    ]
    path = tmp_path_factory.mktemp("corpus") / "news.jsonl"
    lines = [json.dumps(row, ensure_ascii=False) for row in (*rows[:70], {"text": ""}, *rows[70:])]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def clean(corpus, tmp_path_factory):
    """What an undisturbed run leaves behind."""
    out = tmp_path_factory.mktemp("clean")
    analyze([corpus], out=out, cache=False)
    return {name: (out / name).read_bytes() for name in OUTPUTS}


def left(out):
    assert sorted(path.name for path in out.iterdir()) == sorted([*OUTPUTS, "run.json"])
    return {name: (out / name).read_bytes() for name in OUTPUTS}


# Parts


def test_a_part_survives_its_bytes(analyzers):
    part = make_part([raw(1), raw(2, ""), raw(3)], analyzers)
    assert [bool(one.ids) for one in part.told] == [True, False, True]
    assert equal(decode(encode(part)), part)


@pytest.mark.parametrize("data", [b"", b"\x00", b"\x95\x01\x02\x03\x04\x05", b"stance"])
def test_other_bytes_are_no_part(data):
    with pytest.raises(ValueError, match="no part"):
        decode(data)


def test_a_part_does_not_depend_on_how_it_was_cut(analyzers):
    raws = [raw(n) for n in range(6)]
    whole = make_part(raws, analyzers)
    assert equal(joined([make_part(raws[:2], analyzers), make_part(raws[2:], analyzers)]), whole)
    some = make_part([raws[1], raws[4]], analyzers)
    assert equal(taken(whole, [1, 4]), some)


def test_a_poisonous_article_is_told_and_the_rest_survives(analyzers, monkeypatch):
    real = analyzers[0].analyze_batch

    def poisoned(self, documents):
        if any("第3篇" in document.text for document in documents):
            raise ValueError("poison")
        return real(documents)

    monkeypatch.setattr(type(analyzers[0]), "analyze_batch", poisoned)
    part = make_part([raw(n) for n in range(5)], analyzers)
    assert [one.reason for one in part.told if one.reason] == [
        "cannot be analysed (ValueError: poison)"
    ]
    assert part.tables[0].articles["path"].to_list() == ["0.txt", "1.txt", "2.txt", "4.txt"]


def test_twins_have_one_row(analyzers):
    part = make_part([raw(1), Raw(path="x", text=raw(1).text, encoding="", known=raw(1).known)],
                     analyzers)  # fmt: skip
    assert part.tables[0].articles.height == 1
    assert [one.twin for one in part.told] == [False, True]


# Engines


@pytest.mark.parametrize("how", [{"jobs": 2}, {"engine": "dask", "jobs": 2}], ids=["jobs", "dask"])
def test_every_engine_gives_the_same_bytes(corpus, clean, tmp_path, how):
    if "engine" in how:
        pytest.importorskip("distributed")
    analyze([corpus], out=tmp_path, cache=False, **how)
    assert left(tmp_path) == clean


@pytest.mark.parametrize("engine", ["spark", "Dask", "local:2", ""])
def test_another_engine_is_refused(engine):
    with pytest.raises(InputError, match="there are local, dask"):
        engines.make_parts(Recipe(), [], engine=engine)


def test_nobody_at_the_address():
    pytest.importorskip("distributed")
    with pytest.raises(InputError, match="no Dask scheduler answers"):
        list(engines.make_parts(Recipe(), [], engine="dask:tcp://127.0.0.1:9"))


def test_a_worker_that_dies_is_named_and_its_batch_made_again(analyzers, capsys):
    batches = [(n, [raw(n * 4 + k) for k in range(4)]) for n in range(6)]
    found = crew.made(Recipe(), iter(batches), 2)
    first = next(found)
    children = subprocess.run(
        ["pgrep", "-P", str(os.getpid()), "-f", "stance.crew"], capture_output=True, text=True
    ).stdout.split()
    os.kill(int(children[0]), signal.SIGKILL)
    rest = list(found)
    assert [context for context, _ in (first, *rest)] == list(range(6))
    for (_, part), (_, raws) in zip((first, *rest), batches, strict=True):
        assert part is not None
        assert equal(part, make_part(raws, analyzers))
    told = capsys.readouterr().err
    assert not told or ("ended (signal 9)" in told and "tried again" in told)


def test_an_article_on_which_workers_die_is_left_out(analyzers, monkeypatch, capsys):
    monkeypatch.setenv("STANCE_TEST_DEADLY", "第3篇")
    script = (
        "import os, sys, stance.parts as p\n"
        "real = p.make_part\n"
        "def deadly(raws, analyzers):\n"
        "    if any('第3篇' in raw.text for raw in raws): os._exit(7)\n"
        "    return real(raws, analyzers)\n"
        "import stance.crew as crew\n"
        "crew.make_part = deadly\n"
        "own = os.fdopen(os.dup(1), 'wb')\n"
        "os.dup2(2, 1)\n"
        "crew.serve(sys.stdin.buffer, own)\n"
    )
    real = subprocess.Popen

    def started(command, **more):
        return real([command[0], "-c", script], **more)

    monkeypatch.setattr(crew.subprocess, "Popen", started)
    ((_, part),) = crew.made(Recipe(), [(0, [raw(n) for n in range(5)])], 1)
    assert part is not None
    assert part.tables[0].articles["path"].to_list() == ["0.txt", "1.txt", "2.txt", "4.txt"]
    assert "ended (exit code 7)" in part.told[3].reason
    assert "tried again" in capsys.readouterr().err


# The cache


def test_a_second_run_analyses_only_what_changed(corpus, clean, tmp_path, monkeypatch):
    monkeypatch.setenv("STANCE_CACHE", str(tmp_path / "cache"))
    made = []
    real = engines.make_part

    def counted(raws, analyzers):
        made.extend(one.path for one in raws)
        return real(raws, analyzers)

    monkeypatch.setattr(engines, "make_part", counted)
    analyze([corpus], out=tmp_path / "a")
    assert left(tmp_path / "a") == clean
    made.clear()
    assert analyze([corpus], out=tmp_path / "b", resume=True).n_kept >= 190
    assert left(tmp_path / "b") == clean
    # Twins are not kept: whose row they share may change.
    assert len(made) <= 10
    made.clear()
    lines = corpus.read_text("utf-8").splitlines()
    lines[3] = lines[3].replace("失望", "绝望")
    changed = tmp_path / corpus.name
    changed.write_text("\n".join(lines), encoding="utf-8")
    analyze([changed], out=tmp_path / "c")
    assert len(made) == 200, "another path is another article"
    made.clear()
    lines[5] = lines[5].replace("失望", "绝望")
    changed.write_text("\n".join(lines), encoding="utf-8")
    analyze([changed], out=tmp_path / "d")
    assert f"{changed.as_posix()}#6" in made
    assert len(made) <= 11
    made.clear()
    analyze([changed], out=tmp_path / "e", target="tencent")
    assert len(made) == 200


def test_nothing_to_resume(corpus, tmp_path, monkeypatch):
    monkeypatch.setenv("STANCE_CACHE", str(tmp_path / "cache"))
    with pytest.raises(InputError, match="nothing to resume"):
        analyze([corpus], out=tmp_path / "a", resume=True)
    with pytest.raises(InputError, match="leave --no-cache out"):
        analyze([corpus], out=tmp_path / "a", resume=True, cache=False)


def test_a_damaged_or_closed_cache_only_costs_time(corpus, clean, tmp_path, monkeypatch):
    folder = tmp_path / "cache"
    monkeypatch.setenv("STANCE_CACHE", str(folder))
    folder.mkdir()
    (folder / "parts.sqlite").write_bytes(b"no database at all" * 1000)
    analyze([corpus], out=tmp_path / "a")
    assert left(tmp_path / "a") == clean
    data = bytearray((folder / "parts.sqlite").read_bytes())
    data[len(data) // 2 :] = bytes(len(data) - len(data) // 2)
    (folder / "parts.sqlite").write_bytes(data)
    analyze([corpus], out=tmp_path / "b")
    assert left(tmp_path / "b") == clean
    monkeypatch.setenv("STANCE_CACHE", str(corpus))  # a file stands where the folder should
    analyze([corpus], out=tmp_path / "c")
    assert left(tmp_path / "c") == clean


def test_a_part_that_was_altered_is_made_again(analyzers, tmp_path):
    cache = Cache(tmp_path / "parts.sqlite")
    part = make_part([raw(1)], analyzers)
    cache.add([b"k" * 16], part)
    assert cache.find([b"k" * 16, b"x" * 16]) == [(1, 0), None]
    found = cache.part(1)
    assert found is not None
    assert equal(found, part)
    cache.close()
    import sqlite3

    with sqlite3.connect(tmp_path / "parts.sqlite") as db:
        db.execute("update part set data = x'00'")
    again = Cache(tmp_path / "parts.sqlite")
    assert again.part(1) is None
    assert again.find([b"k" * 16]) == [None]


def test_what_is_over_the_limit_goes_but_not_what_this_run_used(analyzers, tmp_path, monkeypatch):
    monkeypatch.setattr("stance.cache.MOST", 1)
    first = Cache(tmp_path / "parts.sqlite")
    first.add([b"a" * 16], make_part([raw(1)], analyzers))
    first.close()
    second = Cache(tmp_path / "parts.sqlite")
    assert second.find([b"a" * 16]) == [(1, 0)]
    second.add([b"b" * 16], make_part([raw(2)], analyzers))
    second.close()
    third = Cache(tmp_path / "parts.sqlite")
    assert third.find([b"a" * 16, b"b" * 16]) == [None, (2, 0)]
    third.close()


def test_batches_keep_their_order_whatever_is_kept(analyzers, tmp_path):
    """Some kept by one part, some by another, the rest made now: one part in the order read."""
    cache = Cache(tmp_path / "parts.sqlite")
    for chosen in ([1, 4], [2, 3]):
        raws = [raw(n) for n in chosen]
        for batch, missing in batched(raws, cache, b"d"):
            batch.whole(make_part(missing, analyzers), cache)
    raws = [raw(n) for n in (0, 4, 3, 1, 2, 5)]
    ((batch, missing),) = batched(raws, cache, b"d")
    assert [one.path for one in missing] == ["0.txt", "5.txt"]
    whole = batch.whole(make_part(missing, analyzers), cache)
    assert whole is not None
    assert equal(whole, make_part(raws, analyzers))


# Kills


def with_cache(folder):
    """An environment with a cache of its own, that has the compiled tables but no parts."""
    folder.mkdir()
    for path in Path(os.environ["STANCE_CACHE"]).glob("*.bin"):
        (folder / path.name).hardlink_to(path)
    return {**os.environ, "STANCE_CACHE": str(folder)}


def test_a_killed_run_is_resumed_to_the_same_bytes(corpus, clean, tmp_path):
    """A short version of proofs/kills.py."""
    environment = with_cache(tmp_path / "cache")
    command = [*STANCE, "analyze", str(corpus), "--out", str(tmp_path / "o")]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    database = tmp_path / "cache" / "parts.sqlite-wal"
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None:
        if database.exists() and database.stat().st_size > 100_000:
            break
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    subprocess.run([*command, "--resume"], env=environment, check=True, capture_output=True)
    assert left(tmp_path / "o") == clean


FULL = """
import resource
resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))
from stance.cli import run
run()
"""


@pytest.mark.parametrize("limit", [4_000, 40_000, 400_000])
def test_a_full_disk_is_told_and_leaves_nothing_half_written(corpus, tmp_path, limit):
    """Files that may not grow stand for a disk without room."""
    command = [sys.executable, "-c", FULL.format(limit=limit), "analyze", str(corpus)]
    done = subprocess.run(
        [*command, "--out", str(tmp_path / "o")],
        env=with_cache(tmp_path / "cache"),
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert done.stderr.startswith("stance: cannot write")
    assert not (tmp_path / "o").exists()


def test_ctrl_c_ends_cleanly_and_says_how_to_go_on(corpus, clean, tmp_path):
    environment = with_cache(tmp_path / "cache")
    command = [*STANCE, "analyze", str(corpus), "--out", str(tmp_path / "o"), "--jobs", "2"]
    process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
    database = tmp_path / "cache" / "parts.sqlite-wal"
    while process.poll() is None and not (database.exists() and database.stat().st_size > 50_000):
        time.sleep(0.005)
    process.send_signal(signal.SIGINT)
    told = process.communicate()[1]
    assert (process.returncode, told.count("\n")) == (130, 1)
    assert "the same command goes on from there" in told
    assert not (tmp_path / "o").exists()
    subprocess.run([*command, "--resume"], env=environment, check=True, capture_output=True)
    assert left(tmp_path / "o") == clean


# Arrow


def test_arrow_in_arrow_out():
    texts = [path.read_text("utf-8") for path in sorted((SEEDS / "articles").glob("*.txt"))[:2]]
    table = pa.table({"text": [*texts, "", None], "source": ["甲", "乙", None, None]})
    found = engines.analyze_batch(table)
    assert isinstance(found, pa.Table)
    assert found.column_names[:3] == ["sentence_id", "article_id", "index"]
    articles = engines.analyze_batch(table, output="articles")
    assert articles["source"].to_pylist() == ["甲", "乙"]
    assert articles["path"].to_pylist() == ["0", "1"]
    assert set(found["article_id"].to_pylist()) == set(articles["article_id"].to_pylist())
    for wrong, told in (({"output": "words"}, "no table"), ({}, "no column 'text'")):
        with pytest.raises(InputError, match=told):
            engines.analyze_batch(table if wrong else table.drop_columns("text"), **wrong)
    with pytest.raises(StanceError):
        engines.analyze_batch(table, target="nobody")
    assert stance.Analyzer is not None
