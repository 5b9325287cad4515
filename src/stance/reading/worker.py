"""The process in which `stance.reading.limits` runs parsers: requests in, plain data out.

Run as `python -m stance.reading.worker MEMORY`. It may take MEMORY more bytes of address space than
it has at the start, cannot write to any file, and can start and reach nothing.
"""

from __future__ import annotations

import contextlib
import faulthandler
import os
import pickle
import struct
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from stance.errors import ReadingError

_HEADER = struct.Struct(">Q")
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
# What no parser of articles needs: a document that asks for it is after something else.
_FORBIDDEN = frozenset(
    ("os.chmod", "os.chown", "os.exec", "os.fork", "os.forkpty", "os.kill", "os.link", "os.mkdir",
     "os.posix_spawn", "os.remove", "os.rename", "os.rmdir", "os.spawn", "os.startfile",
     "os.symlink", "os.system", "os.truncate", "os.utime", "shutil.copyfile", "shutil.move",
     "shutil.rmtree", "socket.bind", "socket.connect", "socket.getaddrinfo", "socket.sendto",
     "subprocess.Popen", "urllib.Request", "webbrowser.open")
)  # fmt: skip


def serve(memory: int) -> None:
    """Answer requests from standard input until it is closed."""
    requests, answers = _private_pipes()
    _limit(memory)

    def answer(kind: str, value: Any = None) -> None:
        message = msgspec.msgpack.encode((kind, value))
        answers.write(_HEADER.pack(len(message)) + message)
        answers.flush()

    with Path(os.devnull).open("w") as nowhere:
        while len(header := requests.read(_HEADER.size)) == _HEADER.size:
            (length,) = _HEADER.unpack(header)
            seconds, many, function, arguments = pickle.loads(requests.read(length))
            answer("begun")
            try:
                _run(answer, _Guard(2 * seconds + 5, nowhere), function, arguments, many)
            except ReadingError as error:
                answer("refused", str(error))
            except MemoryError:
                answer("memory")
                return  # what filled the memory may still be held
            except BrokenPipeError:
                return
            except ImportError as error:
                answer("broken", str(error))
            except Exception as error:
                answer("refused", _told(error))


def _run(
    answer: Callable[..., None],
    guard: _Guard,
    function: Callable[..., Any],
    arguments: tuple[Any, ...],
    many: bool,
) -> None:
    with guard:
        made = function(*arguments)
    if not many:
        answer("item", made)
        return
    items = iter(made)
    while True:
        with guard:
            try:
                item = next(items)
            except StopIteration:
                break
        answer("item", item)
    answer("end")


class _Guard:
    """Ends the process if a block runs too long: where nobody is left to kill it."""

    def __init__(self, seconds: float, nowhere: Any) -> None:
        self.seconds, self.nowhere = seconds, nowhere

    def __enter__(self) -> None:
        faulthandler.dump_traceback_later(self.seconds, exit=True, file=self.nowhere)

    def __exit__(self, *_: object) -> None:
        faulthandler.cancel_dump_traceback_later()


def _told(error: Exception) -> str:
    kind = type(error).__name__
    first = " ".join(str(error).split())[:200].encode("utf-8", "replace").decode()
    return f"cannot be parsed ({kind}: {first}); open it and save it anew"


def _private_pipes() -> tuple[BinaryIO, BinaryIO]:
    """The pipes to the parent, out of reach of parsers that print."""
    requests = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 0)
    os.dup2(nowhere, 1)
    os.close(nowhere)
    return requests, answers


def _limit(memory: int) -> None:
    """Bound memory and forbid all but reading, as far as the platform can."""
    sys.dont_write_bytecode = True
    sys.addaudithook(_forbid)
    try:
        import resource
    except ImportError:
        return
    held = 0
    with contextlib.suppress(OSError, ValueError, IndexError):
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
        held = pages * resource.getpagesize()
    bounds = [(resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_CORE, 0)]
    if hasattr(resource, "RLIMIT_AS"):
        bounds.append((resource.RLIMIT_AS, held + memory))
    for kind, bound in bounds:
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(kind, (bound, resource.getrlimit(kind)[1]))


def _forbid(event: str, arguments: tuple[Any, ...]) -> None:
    if event in _FORBIDDEN:
        raise PermissionError(f"a document asked for {event}")
    if event == "open" and arguments[0] != os.devnull:
        _, mode, flags = arguments
        if (isinstance(mode, str) and set(mode) & set("wax+")) or (flags or 0) & _WRITING:
            raise PermissionError("a document asked for a file to write")


if __name__ == "__main__":
    serve(int(sys.argv[1]))
