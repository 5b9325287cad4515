"""What several test modules share: the seeds, analysed once a worker."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import hypothesis
import pytest

from paths import CASES, ROOT, SEEDS
from stance.analyzer import Analyzer
from stance.cues import CueFinder
from stance.lexicon import load_lexicons, load_target

# No test is timed: a slow machine proves nothing.
hypothesis.settings.register_profile("stance", deadline=None)
hypothesis.settings.load_profile("stance")

# Tests keep what they make apart from the user's own cache.
os.environ.setdefault("STANCE_CACHE", str(ROOT / ".pytest_cache" / "stance"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest begins first, so that no process waits for it at the end."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


@pytest.fixture(scope="session")
def finder() -> CueFinder:
    return CueFinder(load_lexicons(), load_target("alibaba"))


@pytest.fixture(scope="session")
def analyzer() -> Analyzer:
    return Analyzer()


@pytest.fixture(scope="session")
def seeds_run(tmp_path_factory):
    """The directory that `stance analyze seeds/` leaves behind."""
    from stance.pipeline import analyze

    return analyze([SEEDS], out=tmp_path_factory.mktemp("seeds"))


@pytest.fixture(scope="session")
def seeds_articles(seeds_run):
    """The analysed seeds as records."""
    from stance.analyzer import articles
    from stance.exports import read_tables

    return list(articles(read_tables(seeds_run.directory)))


@pytest.fixture(scope="session")
def seeds_comparison(seeds_run):
    """The sources of the seeds beside each other."""
    from stance.aggregate import summarise
    from stance.comparison import compare
    from stance.exports import read_tables

    return compare(summarise(read_tables(seeds_run.directory)))


@pytest.fixture(scope="session")
def seeds_summary(seeds_articles):
    """The estimates of the seeds' sources."""
    from stance.aggregate import summarise

    return summarise(seeds_articles)


@pytest.fixture
def small_corpus(tmp_path) -> Path:
    """Two short articles of one source, one of another, with a manifest. Synthetic."""
    folder = tmp_path / "corpus"
    shutil.copytree(CASES / "small", folder)
    return folder
