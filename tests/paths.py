"""Where the tests find the project's files."""

from pathlib import Path

ROOT = Path(__file__).parent.parent
SEEDS = ROOT / "seeds"
CASES = Path(__file__).parent / "cases"
