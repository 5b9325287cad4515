"""The wheel and the editable install carry lexicons and models, and work from another directory."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from paths import ROOT, SEEDS

pytestmark = pytest.mark.slow


def run(*command, cwd):
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "VIRTUAL_ENV"))}
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, env=clean)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Built as for PyPI: the source archive first, the wheel from that."""
    out = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--no-isolation", "-o", out, ROOT, cwd=out)
    return next(out.glob("*.whl"))


def test_the_wheel_is_the_same_without_a_source_archive(wheel, tmp_path):
    run(
        sys.executable,
        "-m",
        "build",
        "--wheel",
        "--no-isolation",
        "-o",
        tmp_path,
        ROOT,
        cwd=tmp_path,
    )
    direct = zipfile.ZipFile(next(tmp_path.glob("*.whl"))).namelist()
    assert sorted(direct) == sorted(zipfile.ZipFile(wheel).namelist())
    assert len(direct) == len(set(direct))


def test_the_wheel_holds_what_the_package_needs(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    here = ROOT / "src" / "stance"
    for folder in ("models", "page", "lexicons"):
        for path in (here / folder).rglob("*"):
            # `make models` leaves a page of its own there, which quotes the labelled sentences.
            made = "__pycache__" in path.parts or path.stem == "evaluation"
            if path.is_file() and not made:
                assert f"stance/{path.relative_to(here).as_posix()}" in names
    assert not [name for name in names if name.startswith(("seeds", "tests"))]


def clean_environment(folder: Path) -> Path:
    """A new environment that sees the installed dependencies, but not this project."""
    run(sys.executable, "-m", "venv", "--without-pip", folder, cwd=folder.parent)
    python = folder / "bin" / "python"
    site = run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=folder)
    ours = Path(
        run(sys.executable, "-c", "import numpy; print(numpy.__path__[0])", cwd=folder).strip()
    )
    # The project itself is editable there through a .pth file, which a plain path does not read.
    Path(site.strip(), "dependencies.pth").write_text(str(ours.parent) + "\n", "utf-8")
    return python


@pytest.mark.parametrize("kind", ["wheel", "editable"])
def test_analyze_runs_from_another_directory(kind, wheel, tmp_path):
    python = clean_environment(tmp_path / "venv")
    site = run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=tmp_path)
    what = [str(wheel)] if kind == "wheel" else ["--no-build-isolation", "-e", str(ROOT)]
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--no-deps", "-q"]
    run(*pip, *what, cwd=tmp_path)
    where = run(python, "-c", "import stance; print(stance.__file__)", cwd=tmp_path).strip()
    assert where.startswith(site.strip() if kind == "wheel" else str(ROOT / "src"))
    seed = SEEDS / "articles" / "000_52e0cc4523e38aa7.txt"
    out = run(tmp_path / "venv" / "bin" / "stance", "analyze", seed, "--out", "o", cwd=tmp_path)
    assert "report: o/report.html" in out
    assert (tmp_path / "o" / "report.html").stat().st_size > 1_000_000
