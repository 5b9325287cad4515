"""How much one input may cost, and parsers that run where a hang or a crash costs one document."""

from __future__ import annotations

import atexit
import contextlib
import os
import pickle
import struct
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from stance.errors import ReadingError

MEBIBYTE = 1 << 20

# Importing the parsers takes part of a second, and many times that on a busy machine.
_SECONDS_TO_START = 120.0
_HEADER = struct.Struct(">Q")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What is too much. Sizes in bytes, times in seconds.

    `whole` is the largest file that is read at once (tables stream and may be larger); of an
    archive, `member` and `total` are sizes after unpacking, `ratio` how often a large member may be
    larger than its packed form, `members` their number and `depth` how deep archives may nest.
    `columns` and `cell` (characters) bound a table, `bad_rows` how many of its rows may be bad
    before the rest is left; `characters` bounds one document; `seconds` and `memory` are for the
    parser of one document.
    """

    whole: int = 64 * MEBIBYTE
    member: int = 512 * MEBIBYTE
    total: int = 2048 * MEBIBYTE
    ratio: int = 200
    members: int = 100_000
    depth: int = 2
    columns: int = 2_000
    cell: int = 4_000_000
    bad_rows: int = 10_000
    characters: int = 2_000_000
    seconds: float = 20.0
    memory: int = 2048 * MEBIBYTE


def human(size: int) -> str:
    """A size as people write it: 64 MiB."""
    for unit in ("bytes", "KiB", "MiB", "GiB"):
        if size < 1024 or unit == "GiB":
            break
        size, rest = divmod(size, 1024)
        size += rest >= 512
    return f"{size} {unit}"


def run_limited(function: Callable[..., Any], arguments: Sequence[Any], limits: Limits) -> Any:
    """`function(*arguments)` in another process, at most `limits.seconds` long.

    The function must stand at the top of a module. What it returns comes back as plain data
    (strings, numbers, lists, dicts; tuples as lists): never as pickled objects, so that a parser
    that a document took over can send no code.

    Raises:
        ReadingError: what the function refused, or that it took too long, too much memory, or
            crashed.
        ImportError: a package that it needs is missing: no fault of the document.
    """
    return next(_results(function, arguments, limits, many=False))


def stream_limited(
    function: Callable[..., Iterator[Any]], arguments: Sequence[Any], limits: Limits
) -> Iterator[Any]:
    """The items that `function(*arguments)` yields in another process, as `run_limited`.

    `limits.seconds` is for each item. Items are made as they are taken, a few ahead.

    Raises:
        ReadingError: as `run_limited`.
    """
    return _results(function, arguments, limits, many=True)


def _results(
    function: Callable[..., Any], arguments: Sequence[Any], limits: Limits, *, many: bool
) -> Iterator[Any]:
    worker = _take(limits.memory)
    done = False
    try:
        request = (limits.seconds, many, function, tuple(arguments))
        with worker.watched(_SECONDS_TO_START):
            worker.send(pickle.dumps(request))
            worker.receive()
        while True:
            with worker.watched(limits.seconds):
                kind, value = worker.receive()
            if kind == "item":
                # A single result is the last message: the worker is free before it is used.
                done = not many
                if done:
                    _idle.append(worker)
                yield value
                if done:
                    return
            elif kind == "end":
                done = True
                _idle.append(worker)
                return
            elif kind == "refused":
                done = True
                _idle.append(worker)
                raise ReadingError(value)
            elif kind == "broken":
                raise ImportError(value)
            else:
                raise ReadingError(_too_much_memory(limits))
    except (OSError, EOFError, ValueError, msgspec.MsgspecError) as error:
        if worker.late:
            raise ReadingError(
                f"not parsed after {limits.seconds:g} seconds: damaged, or made to hang a reader"
            ) from error
        raise ReadingError(
            "crashed its parser, or needs more memory than it may take: "
            "damaged; open it and save it anew, or save its text as .txt"
        ) from error
    finally:
        if not done:
            worker.end()


def _too_much_memory(limits: Limits) -> str:
    return f"needs more than {human(limits.memory)} of memory to parse; save its text as .txt"


class _Worker:
    """A process that serves `stance.reading.worker`; `late` once it was killed for its time."""

    def __init__(self, memory: int) -> None:
        self.owner = os.getpid()
        self.memory = memory
        self.late = False
        paths = [path or os.getcwd() for path in sys.path]  # noqa: PTH109
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(paths),
            # Fewer threads, less address space; its answers do not depend on it.
            "POLARS_MAX_THREADS": "2",
        }
        # Not multiprocessing: its spawned children run the user's script again up to its guard,
        # and a library cannot ask for one.
        try:
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-m", "stance.reading.worker", str(memory)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=environment,
            )
        except OSError as error:
            raise ReadingError(f"no process could be started to parse it: {error}") from error

    def send(self, message: bytes) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(_HEADER.pack(len(message)) + message)
        self.process.stdin.flush()

    def receive(self) -> tuple[str, Any]:
        assert self.process.stdout is not None
        header = self.process.stdout.read(_HEADER.size)
        if len(header) < _HEADER.size:
            raise EOFError
        (length,) = _HEADER.unpack(header)
        if length > self.memory:
            raise ValueError(length)
        message = self.process.stdout.read(length)
        if len(message) < length:
            raise EOFError
        kind, value = msgspec.msgpack.decode(message)
        return kind, value

    @contextlib.contextmanager
    def watched(self, seconds: float) -> Iterator[None]:
        """Kill the process unless the block ends in time: blocked reads and writes then fail."""
        timer = threading.Timer(seconds, self._kill_late)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _kill_late(self) -> None:
        self.late = True
        self.process.kill()

    def end(self) -> None:
        """End the process."""
        self.process.kill()
        self.close()
        self.process.wait()

    def close(self) -> None:
        """Close this side of the pipes."""
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()


_idle: list[_Worker] = []
_inherited: list[_Worker] = []


def _take(memory: int) -> _Worker:
    """An idle worker of this process, or a new one."""
    while _idle:
        worker = _idle.pop()
        if worker.owner != os.getpid():
            # Forked since: it is the parent's. Kept, since to forget it would be to end it.
            worker.close()
            _inherited.append(worker)
            continue
        if worker.memory == memory and worker.process.poll() is None and not worker.late:
            return worker
        worker.end()
    return _Worker(memory)


@atexit.register
def end_workers() -> None:
    """End the idle workers; the next document starts a new one."""
    while _idle:
        worker = _idle.pop()
        if worker.owner == os.getpid():
            worker.end()


def check_length(text: str, limits: Limits) -> None:
    """Refuse what is no single article.

    Raises:
        ReadingError: more than `limits.characters`.
    """
    if len(text) > limits.characters:
        raise ReadingError(
            f"{len(text):,} characters, more than the {limits.characters:,} of one document; "
            "split it into articles"
        )
