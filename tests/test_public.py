"""The public names are those that __all__ says, and each can be had."""

from __future__ import annotations

import subprocess
import sys

import pytest

import stance


def test_all_is_what_there_is():
    assert set(stance.__all__) == set(stance._HOMES)
    for name in stance.__all__:
        assert getattr(stance, name) is not None
    assert set(dir(stance)) == set(stance.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = stance.nothing


def test_every_error_is_a_stance_error():
    from stance import errors

    raised = [kind for kind in vars(errors).values() if isinstance(kind, type)]
    assert all(issubclass(kind, errors.StanceError) for kind in raised)
    assert all(kind.__name__ in errors.__doc__ for kind in raised)


def test_importing_costs_nothing():
    code = "import sys, stance; assert not {'numpy','polars','sklearn'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
