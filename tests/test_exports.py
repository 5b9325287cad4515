from __future__ import annotations

import csv
import io
from urllib.parse import quote

import polars as pl
import pytest

from stance import exports
from stance.errors import InputError, OutputError
from stance.types import Skipped, Tables


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


def test_partitions_hold_every_row_once_whatever_a_source_is_called(seeds_run, tmp_path):
    found = exports.read_tables(seeds_run.directory)
    names = ["../../报/年=1 a", None, "甲", "甲", "=cmd"]
    articles = found.articles.with_columns(source=pl.Series(names))
    (tmp_path / "partitions" / "old").mkdir(parents=True)
    exports.write_partitions(Tables(articles, found.sentences, found.cues), tmp_path, "source")
    folders = {f"source={quote(name, safe='')}" for name in names if name}
    tables = {"articles": articles, "sentences": found.sentences, "cues": found.cues}
    assert {path.name for path in (tmp_path / "partitions").iterdir()} == set(tables)
    for name, whole in tables.items():
        place = tmp_path / "partitions" / name
        told = {path.name for path in place.iterdir()}
        assert told == {*folders, "source=__HIVE_DEFAULT_PARTITION__"}
        order = ["sentence_id", "start", "end", "frame", "term"]
        order = order if name == "cues" else whole.columns[:1]
        back = pl.read_parquet(place, hive_partitioning=True)
        assert back.select(whole.columns).sort(order).equals(whole.sort(order))


def test_partitions_by_month_leave_what_tells_none_apart(seeds_run, tmp_path):
    found = exports.read_tables(seeds_run.directory)
    dates = ["2024-05-09", "2024-05", "2024", None, "2025-01-01"]
    articles = found.articles.with_columns(date=pl.Series(dates))
    exports.write_partitions(Tables(articles, found.sentences, found.cues), tmp_path, "month")
    told = sorted(path.name for path in (tmp_path / "partitions" / "cues").iterdir())
    assert told == ["month=2024-05", "month=2025-01", "month=__HIVE_DEFAULT_PARTITION__"]
    with pytest.raises(InputError, match=r"by 'tone'; there are year, month, path, source"):
        exports.partition_key("tone")
