"""The small files of every format that the fuzzer mutates, and what tests build from them."""

from __future__ import annotations

import importlib.util
import sys
from types import ModuleType

from paths import ROOT
from stance.reading.formats import raws
from stance.reading.raw import Raw


def fuzzer() -> ModuleType:
    """proofs/fuzz.py as a module."""
    name = "proof_by_fuzzing"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, ROOT / "proofs" / "fuzz.py")
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return sys.modules[name]


def read(*paths, **options) -> tuple[list[Raw], dict[str, str]]:
    """Articles, and the reasons of what was skipped by path."""
    found = list(raws([*paths], **options))
    return (
        [one for one in found if isinstance(one, Raw)],
        {one.path: one.reason for one in found if not isinstance(one, Raw)},
    )


def put(folder, name, data):
    """A file of bytes or UTF-8 text in a folder; its path."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path
