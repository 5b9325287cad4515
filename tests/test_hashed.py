from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from stance.tone.hashed import hashed

KEYS = st.lists(st.integers(0, 2**64 - 2), unique=True, max_size=300)


@given(KEYS, st.lists(st.integers(0, 2**64 - 2), max_size=50))
def test_every_key_is_found_at_its_row_and_no_other(keys, others):
    table = hashed(np.array(keys, dtype=np.uint64))
    assert table.find(np.array(keys, dtype=np.uint64)).tolist() == list(range(len(keys)))
    expected = [keys.index(key) if key in keys else -1 for key in others]
    assert table.find(np.array(others, dtype=np.uint64)).tolist() == expected


def test_keys_that_share_a_home_are_told_apart():
    keys = np.arange(20_000, dtype=np.uint64) * np.uint64(2**44)
    assert hashed(keys).find(keys).tolist() == list(range(20_000))
