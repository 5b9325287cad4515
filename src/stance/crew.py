"""Workers of one machine: processes of their own that make parts, one batch at a time.

Run as `python -m stance.crew`: a recipe and batches in, parts out. Started so and not by
`multiprocessing`, they ask nothing of the program that starts them, and Ctrl-C does not reach them.
"""

from __future__ import annotations

import gc
import os
import pickle
import struct
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from itertools import islice
from queue import SimpleQueue
from typing import IO, TypeVar

from stance.errors import StanceError
from stance.parts import Part, Recipe, Told, analyzers_of, decode, encode, joined, make_part
from stance.reading.raw import Raw
from stance.text import encodable

_HEADER = struct.Struct(">Q")
_AHEAD = 2
_Context = TypeVar("_Context")


class WorkerDiedError(Exception):
    """A worker ended before it answered."""


def made(
    recipe: Recipe, batches: Iterable[tuple[_Context, Sequence[Raw]]], jobs: int
) -> Iterator[tuple[_Context, Part | None]]:
    """The parts of batches in their order, made by `jobs` processes.

    A worker that dies is named on standard error and its batch tried again, then each article by
    itself; one on which a worker dies once more is left out with that reason.

    Raises:
        StanceError: as `analyzers_of`.
    """
    idle: SimpleQueue[_Worker] = SimpleQueue()
    crew = [_Worker(recipe) for _ in range(jobs)]
    for worker in crew:
        idle.put(worker)

    def work(raws: Sequence[Raw]) -> Part:
        worker = idle.get()
        try:
            return _persistent(worker, raws)
        finally:
            idle.put(worker)

    waiting = iter(batches)
    pool = ThreadPoolExecutor(jobs)
    try:
        under_way: list[tuple[_Context, Future[Part] | None]] = []
        while True:
            for context, raws in islice(waiting, jobs * _AHEAD - len(under_way)):
                under_way.append((context, pool.submit(work, raws) if raws else None))
            if not under_way:
                return
            context, future = under_way.pop(0)
            yield context, future.result() if future is not None else None
    finally:
        for worker in crew:
            try:
                worker.stop()
            except KeyboardInterrupt:
                # One Ctrl-C can be told twice, the second time in here: the worker must end still.
                worker.stop()
        pool.shutdown(wait=True, cancel_futures=True)


def _persistent(worker: _Worker, raws: Sequence[Raw]) -> Part:
    try:
        return worker.part(raws)
    except WorkerDiedError as death:
        if worker.stopped:
            raise
        sys.stderr.write(f"stance: {death}; its {len(raws)} articles are tried again\n")
    try:
        return worker.part(raws)
    except WorkerDiedError:
        return joined([_single(worker, raw) for raw in raws])


def _single(worker: _Worker, raw: Raw) -> Part:
    try:
        return worker.part([raw])
    except WorkerDiedError as death:
        empty = worker.part([])
        return Part(empty.tables, empty.repairs, (Told(encodable(raw.path), reason=str(death)),))


class _Worker:
    """One process, started when it is first needed and again when it has died."""

    def __init__(self, recipe: Recipe) -> None:
        self._recipe = recipe
        self._process: subprocess.Popen[bytes] | None = None
        self.stopped = False

    def part(self, raws: Sequence[Raw]) -> Part:
        """What the worker makes of a batch.

        Raises:
            WorkerDiedError: it ended before it answered.
            StanceError: what it refused.
        """
        process = self._process or self._start()
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            _send(process.stdin, pickle.dumps(list(raws)))
            kind, answer = _received(process.stdout)
        except (OSError, EOFError) as error:
            process.wait()
            self._let_go()
            told = f"worker {process.pid} ended ({_how(process.returncode)})"
            raise WorkerDiedError(told) from error
        if kind == b"refused":
            raise StanceError(answer.decode())
        return decode(answer)

    def _start(self) -> subprocess.Popen[bytes]:
        if self.stopped:
            raise WorkerDiedError("stopped")
        # One thread each: the workers are as many as the cores that they may have.
        alone = dict.fromkeys(("POLARS_MAX_THREADS", "OMP_NUM_THREADS"), "1")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "stance.crew"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, **alone},
            start_new_session=True,
        )
        assert self._process.stdin is not None
        _send(self._process.stdin, pickle.dumps(self._recipe))
        return self._process

    def stop(self) -> None:
        """End the process, whatever it is doing."""
        self.stopped = True
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._let_go()

    def _let_go(self) -> None:
        if self._process is not None:
            for pipe in (self._process.stdin, self._process.stdout):
                if pipe is not None:
                    with suppress(OSError):  # what was not sent yet has nobody to go to
                        pipe.close()
        self._process = None


def _how(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit code {code}"


def _send(pipe: IO[bytes], data: bytes, kind: bytes = b"") -> None:
    pipe.write(_HEADER.pack(len(kind)) + kind + _HEADER.pack(len(data)) + data)
    pipe.flush()


def _received(pipe: IO[bytes]) -> tuple[bytes, bytes]:
    pieces = []
    for _ in range(2):
        header = pipe.read(_HEADER.size)
        if len(header) < _HEADER.size:
            raise EOFError
        (length,) = _HEADER.unpack(header)
        data = pipe.read(length)
        if len(data) < length:
            raise EOFError
        pieces.append(data)
    return pieces[0], pieces[1]


def serve(requests: IO[bytes], answers: IO[bytes]) -> None:
    """Answer batches until the pipe is closed: the first message is the recipe."""
    try:
        recipe: Recipe = pickle.loads(_received(requests)[1])
        while True:
            raws: list[Raw] = pickle.loads(_received(requests)[1])
            try:
                part = make_part(raws, analyzers_of(recipe))
                _send(answers, encode(part, compressed=False), b"part")
            except StanceError as error:
                _send(answers, str(error).encode(), b"refused")
    except (EOFError, BrokenPipeError):
        return  # whoever asked is gone


if __name__ == "__main__":
    gc.set_threshold(100_000, 50, 100)
    # Whatever prints would break the answers.
    own = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    serve(sys.stdin.buffer, own)
