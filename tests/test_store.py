from __future__ import annotations

import numpy as np
import pytest

from stance import store


@pytest.fixture
def cache(monkeypatch, tmp_path):
    monkeypatch.setenv("STANCE_CACHE", str(tmp_path / "stance"))
    return tmp_path / "stance"


class Maker:
    def __init__(self):
        self.made = 0

    def __call__(self):
        self.made += 1
        return {"a": np.arange(6, dtype=np.int32).reshape(2, 3), "empty": np.zeros((0, 4)), "x": X}


X = np.array([0.1, -0.0, np.nan, np.inf])


def same(found):
    return (
        found["a"].tolist() == [[0, 1, 2], [3, 4, 5]]
        and found["a"].dtype == np.int32
        and found["empty"].shape == (0, 4)
        and found["x"].tobytes() == X.tobytes()
    )


def test_arrays_are_made_once_and_come_back_to_the_bit(cache):
    make = Maker()
    assert same(store.kept("n", "v1", make))
    assert same(store.kept("n", "v1", make))
    assert make.made == 1
    assert [path.suffix for path in cache.iterdir()] == [".bin"]
    assert same(store.kept("n", "v2", make))
    assert make.made == 2
    with pytest.raises(ValueError, match="read-only"):
        store.kept("n", "v1", make)["a"][0, 0] = 9


@pytest.mark.parametrize(
    "harm",
    [
        lambda b: b"",
        lambda b: b[:40],
        lambda b: b[:-1],
        lambda b: b"x" + b[1:],
        lambda b: b[:-70] + bytes([b[-70] ^ 1]) + b[-69:],
        lambda b: b[:12] + b"{}\n" + b[15:],
        lambda b: b.replace(b"<i4", b"<i8"),
    ],
)
def test_a_damaged_file_is_made_again(cache, harm):
    make = Maker()
    store.kept("n", "v", make)
    (path,) = cache.iterdir()
    whole = path.read_bytes()
    path.write_bytes(harm(whole))
    assert same(store.kept("n", "v", make))
    assert make.made == 2
    assert path.read_bytes() == whole


def test_a_folder_that_cannot_be_written_does_no_harm(cache):
    cache.write_text("a file where the folder should be")
    make = Maker()
    assert same(store.kept("n", "v", make))
    assert make.made == 1


def test_a_place_taken_by_a_folder_does_no_harm(cache):
    make = Maker()
    store.kept("n", "v", make)
    (path,) = cache.iterdir()
    path.unlink()
    path.mkdir()
    assert same(store.kept("n", "v", make))
    assert list(cache.iterdir()) == [path]
