"""Runs that are killed and resumed: the same bytes as a run that nobody disturbed.

A corpus of synthetic articles is analysed once in peace. Then a run with an empty cache is killed
(SIGKILL) after a random time, again and again, some of them once more while they are resumed, and
resumed to its end; every output must be that of the first run. One in four runs has two jobs. At
the end a Dask worker is killed in the middle of a run, which must end by itself with those bytes.

Run: python proofs/kills.py [--kills 20] [--articles 2000] [--seed 0]
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
STANCE = (sys.executable, "-c", "from stance.cli import run; run()")
# It tells how long it took.
APART = frozenset(("run.json",))


def corpus(path: Path, articles: int, seed: int) -> None:
    """Articles of twenty sentences from training/passages.jsonl, one a line."""
    lines = (ROOT / "training" / "passages.jsonl").read_text("utf-8").splitlines()
    sentences = [json.loads(line)["text"] for line in lines]
    draw = random.Random(seed)
    rows = (
        {
            "text": "\n".join("".join(draw.sample(sentences, 5)) for _ in range(4)),
            "source": f"报{n % 7}",
        }
        for n in range(articles)
    )
    text = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    path.write_text(text, encoding="utf-8")


def outputs(folder: Path) -> dict[str, bytes]:
    """All files that a run left, hidden ones too, by name."""
    return {p.name: p.read_bytes() for p in folder.iterdir() if p.name not in APART}


def main() -> None:
    """Print each kill and the count of those whose outputs were not the clean run's."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--articles", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    draw = random.Random(given.seed)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        news = place / "news.jsonl"
        corpus(news, given.articles, given.seed)
        run(place, news, "first")
        begin = time.monotonic()
        run(place, news, "clean", "--no-cache")
        whole = time.monotonic() - begin
        clean = outputs(place / "clean")
        print(f"a clean run of {given.articles:,} articles takes {whole:.1f} s", flush=True)
        failed = 0
        for number in range(given.kills):
            more = ("--jobs", "2") if number % 4 == 3 else ()
            times = 2 if number % 3 == 2 else 1
            at = [draw.uniform(0.5, 0.95 * whole) for _ in range(times)]
            killed = sum(killed_run(place, news, number, after, more) for after in at)
            resumed = resume(place, news, number, more)
            same = outputs(place / f"out-{number}") == clean
            failed += not same
            after = ", ".join(f"{seconds:.1f}" for seconds in at)
            told = f"killed after {after} s ({killed} of {times} still ran), {resumed}"
            verdict = "the same bytes" if same else "OTHER BYTES"
            print(f"{number + 1:3}  {told}: {verdict}", flush=True)
        failed += not dask(place, news, clean)
    print(f"{failed} of {given.kills + 1} failed")
    raise SystemExit(failed > 0)


def command(place: Path, news: Path, name: str, *more: str) -> list[str]:
    """A run of its own folder."""
    return [*STANCE, "analyze", str(news), "--out", str(place / name), *more]


def environment(place: Path, cache: str) -> dict[str, str]:
    """The cache of one run; compiled tables are shared, or each run would build them."""
    return {**os.environ, "STANCE_CACHE": str(place / cache)}


def run(place: Path, news: Path, name: str, *more: str) -> None:
    """A run to its end."""
    subprocess.run(
        command(place, news, name, *more), check=True, env=environment(place, "compiled"),
        stdout=subprocess.DEVNULL,
    )  # fmt: skip


def killed_run(place: Path, news: Path, number: int, after: float, more: tuple[str, ...]) -> bool:
    """Start run `number` and kill it after so many seconds; whether there was something to kill."""
    name = f"out-{number}"
    seeded(place, f"cache-{number}")
    process = subprocess.Popen(
        command(place, news, name, *more), env=environment(place, f"cache-{number}"),
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        process.wait(timeout=after)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.wait()
        return True
    return False


def seeded(place: Path, cache: str) -> None:
    """Lend a run's cache the compiled tables of the clean run, but none of its parts."""
    (place / cache).mkdir(exist_ok=True)
    for path in (place / "compiled").glob("*.bin"):
        target = place / cache / path.name
        if not target.exists():
            target.hardlink_to(path)


def resume(place: Path, news: Path, number: int, more: tuple[str, ...]) -> str:
    """Go on with run `number`; anew where it was killed before anything was kept."""
    name, cache = f"out-{number}", environment(place, f"cache-{number}")
    done = subprocess.run(
        command(place, news, name, *more, "--resume"), env=cache, capture_output=True, text=True
    )
    if done.returncode == 0:
        return "resumed"
    if "nothing to resume" not in done.stderr:
        raise SystemExit(done.stderr)
    subprocess.run(command(place, news, name, *more), env=cache, check=True, capture_output=True)
    return "nothing was kept yet, begun anew"


def dask(place: Path, news: Path, clean: dict[str, bytes]) -> bool:
    """Whether a run on a Dask cluster survives the loss of a worker with the same bytes."""
    process = subprocess.Popen(
        [*command(place, news, "dask", "--engine", "dask", "--jobs", "2", "--no-cache")],
        env=environment(place, "compiled"), stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    killed = None
    deadline = time.monotonic() + 60
    while killed is None and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.2)
        workers = [pid for pid in descendants(process.pid) if busy(pid) > 3]
        if workers:
            killed = workers[0]
            os.kill(killed, signal.SIGKILL)
    process.wait()
    same = process.returncode == 0 and outputs(place / "dask") == clean
    told = "the same bytes" if same else f"OTHER BYTES or exit code {process.returncode}"
    print(f"dask: worker {killed} killed in the middle: {told}", flush=True)
    return same and killed is not None


def descendants(pid: int) -> list[int]:
    """The processes below one that are workers of Dask's own making."""
    listed = subprocess.run(
        ["ps", "-e", "-o", "pid=,ppid=,args="], capture_output=True, text=True, check=True
    ).stdout
    rows = [line.split(None, 2) for line in listed.splitlines()]
    below, found = {pid}, []
    for _ in range(4):
        below |= {int(own) for own, parent, *_ in rows if int(parent) in below}
    for own, _, *arguments in rows:
        if int(own) in below and arguments and "spawn_main" in arguments[0]:
            found.append(int(own))
    return found


def busy(pid: int) -> float:
    """Seconds of processor time that a process has had."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return 0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
