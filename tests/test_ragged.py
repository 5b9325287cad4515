from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from stance.ragged import code_points, join, spread


@given(st.lists(st.lists(st.integers(0, 9), max_size=4), max_size=8), st.data())
def test_rows_are_spread_in_order(rows, data):
    at = np.cumsum([0, *map(len, rows)])
    flat = [value for row in rows for value in row]
    wanted = data.draw(st.lists(st.sampled_from(range(len(rows))), max_size=6)) if rows else []
    owner, places = spread(at, np.array(wanted, dtype=np.int64))
    assert [flat[k] for k in places] == [value for row in wanted for value in rows[row]]
    assert owner.tolist() == [k for k, row in enumerate(wanted) for _ in rows[row]]


def test_texts_are_found_again_in_the_joined_one():
    texts = ["阿里", "", "\U00020000\ud800a"]
    joined = join(texts)
    assert joined.whole == "".join(f"{text}\n" for text in texts)
    assert joined.start.tolist() == [0, 3, 4, 8]
    assert joined.row(np.array([0, 2, 3, 4, 7])).tolist() == [0, 0, 1, 2, 2]
    assert joined.codes.tolist() == [*map(ord, joined.whole)]
    assert code_points("").tolist() == join([]).codes.tolist() == []
