from __future__ import annotations

import csv
import io

import polars as pl
import pytest

from stance import exports
from stance.errors import InputError, OutputError
from stance.types import Skipped


def read_csv(path):
    return list(csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8-sig"))))


def test_csv_opens_in_a_spreadsheet_and_runs_nothing(tmp_path):
    bad = ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "x=1", "", None]
    exports.write_csv(pl.DataFrame({"text": bad, "n": [-1] * len(bad)}), tmp_path / "t.csv")
    assert (tmp_path / "t.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    cells = read_csv(tmp_path / "t.csv")
    assert [cell["text"] for cell in cells[:8]] == [
        "'=1+1", "'+1", "'-1", "'@x", "'\tx", "'\rx", "x=1", "",
    ]  # fmt: skip
    assert cells[0]["n"] == "-1"


def test_lists_are_joined_in_csv(tmp_path):
    exports.write_csv(pl.DataFrame({"frames": [["a", "b"], []]}), tmp_path / "t.csv")
    assert [row["frames"] for row in read_csv(tmp_path / "t.csv")] == ["a|b", ""]


def test_tables_come_back_as_they_were_written(tmp_path, seeds_run):
    found = exports.read_tables(seeds_run.directory)
    exports.write_tables(found, tmp_path)
    again = exports.read_tables(tmp_path)
    for name in ("articles", "sentences", "cues"):
        assert again[name].equals(found[name])
        written = (tmp_path / f"{name}.parquet").read_bytes()
        assert written == (seeds_run.directory / f"{name}.parquet").read_bytes()


def test_a_file_appears_whole_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / "x.csv"
    path.write_bytes(b"old")

    def broken(self, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.replace", broken)
    with pytest.raises(OutputError, match="No space left"):
        exports.write_bytes(path, b"new")
    assert path.read_bytes() == b"old"
    assert [left.name for left in tmp_path.iterdir()] == ["x.csv"]


def test_missing_and_foreign_tables_are_told(tmp_path):
    with pytest.raises(InputError, match="missing"):
        exports.read_tables(tmp_path)
    pl.DataFrame({"a": [1]}).write_parquet(tmp_path / "articles.parquet")
    with pytest.raises(InputError, match="not a table of this version"):
        exports.read_tables(tmp_path)
    (tmp_path / "articles.parquet").write_bytes(b"nonsense")
    with pytest.raises(InputError, match="not a readable Parquet"):
        exports.read_tables(tmp_path)


def test_skipped_has_its_header_even_when_empty(tmp_path):
    exports.write_skipped([], tmp_path / "skipped.csv")
    assert (tmp_path / "skipped.csv").read_text("utf-8-sig") == "path,reason\n"
    exports.write_skipped([Skipped("a,b.txt", "empty")], tmp_path / "skipped.csv")
    assert read_csv(tmp_path / "skipped.csv") == [{"path": "a,b.txt", "reason": "empty"}]
