from __future__ import annotations

import importlib.util
import math
import sys
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.spatial.distance import jensenshannon

from stance import inference
from stance.inference import (
    Test,
    bootstrap_t,
    effective_n,
    holm,
    intraclass,
    jensen_shannon,
    jensen_shannon_null,
    permutation_test,
    rare,
    smallest_p,
    t_interval,
    too_rare,
)

# Steps of 1/64: sums are exact, so a tie is a tie.
STEP = st.integers(0, 64).map(lambda k: k / 64)
FEW = st.lists(STEP, min_size=2, max_size=5)
PROFILE = st.lists(st.integers(0, 9), min_size=4, max_size=4)


# --- intervals


def test_t_interval_is_that_of_scipy():
    values = [0.31, 0.42, 0.38, 0.55]
    low, high = stats.t.interval(0.95, 3, np.mean(values), stats.sem(values))
    assert t_interval(values, (0, 1)) == pytest.approx((low, high), abs=1e-12)
    assert t_interval(np.array(values), (0, 0.45)) == pytest.approx((low, 0.45), abs=1e-12)


def test_intervals_ask_for_enough_articles():
    for n in range(3):
        assert t_interval([0.5] * n, (0, 1)) is None
    assert t_interval([0.5] * 3, (0, 1)) == (0.5, 0.5)
    for n in range(5):
        assert bootstrap_t([0.1, 0.2, 0.3, 0.4][:n], (0, 1), seed=0) is None
    assert bootstrap_t([0.1] * 9, (0, 1), seed=0) is None


def test_bootstrap_t_against_all_resamples():
    values = np.array([0.1, 0.2, 0.25, 0.5, 0.9])
    index = np.indices((5,) * 5).reshape(5, -1).T
    drawn = values[index]
    spread = drawn.std(axis=1, ddof=1)
    error = drawn.mean(axis=1) - values.mean()
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.where(spread < 1e-12, np.sign(error) * np.inf, error / (spread / math.sqrt(5)))
    low, high = np.quantile(t, [0.025, 0.975], method="inverted_cdf")
    se = stats.sem(values)
    found = bootstrap_t(values, (-9, 9), seed=3, n=99_999)
    assert found == pytest.approx((values.mean() - high * se, values.mean() - low * se), rel=0.05)


def test_a_frame_in_one_article_of_five_has_no_upper_end():
    low, high = bootstrap_t([0, 0, 0, 0, 0.2], (0, 1), seed=0)
    assert high == 1
    assert 0 <= low <= 0.04


@given(st.lists(st.floats(0, 1), min_size=3, max_size=12), st.integers(0, 3))
def test_intervals_hold_the_mean_and_stay_in_bounds(values, seed):
    mean = math.fsum(values) / len(values)
    for found in (t_interval(values, (0, 1)), bootstrap_t(values, (0, 1), seed=seed, n=199)):
        if found is not None:
            assert 0 <= found[0] <= mean + 1e-15
            assert mean - 1e-15 <= found[1] <= 1


@given(st.lists(STEP, min_size=5, max_size=9), st.randoms())
def test_bootstrap_t_does_not_ask_for_an_order(values, random):
    found = bootstrap_t(values, (0, 1), seed=1, n=99)
    random.shuffle(values)
    assert bootstrap_t(values, (0, 1), seed=1, n=99) == found


def test_rare_by_hand():
    # |1 - 2 p| / sqrt(p (1 - p) n): .92 / sqrt(.0384 n) is .25 at n = 352.7.
    assert rare(0.04, 352)
    assert not rare(0.04, 353)
    assert rare(0.96, 352)
    assert not rare(0.96, 353)
    assert not rare(0.5, 1)
    assert rare(0, 1e9)
    assert rare(1, 1e9)
    assert rare(0.5, 0)


# --- permutation


@pytest.mark.parametrize(
    ("n_a", "n_b", "p"),
    [
        (2, 2, 1 / 3),
        (3, 3, 0.1),
        (4, 4, 2 / 70),
        (5, 5, 2 / 252),
        (3, 4, 1 / 35),
        (4, 3, 1 / 35),
        (1, 9, 1),
        (0, 3, 1),
    ],
)
def test_smallest_p(n_a, n_b, p):
    assert smallest_p(n_a, n_b) == pytest.approx(p, rel=1e-12)
    if min(n_a, n_b) > 1:
        apart = permutation_test([0.0] * n_a, [1.0] * n_b, seed=0)
        assert apart.p == apart.smallest == smallest_p(n_a, n_b)
        assert apart.n == math.comb(n_a + n_b, n_a)


def test_smallest_p_of_many_articles_is_no_zero():
    assert 0 < smallest_p(400, 400) < 1e-200
    assert smallest_p(20_000, 20_000) > 0
    assert smallest_p(2, 2000) == pytest.approx(1 / math.comb(2002, 2))


def test_exact_p_is_that_of_scipy():
    rng = np.random.default_rng(5)
    for n_a, n_b in ((4, 4), (3, 6), (5, 7)):
        a, b = rng.random(n_a), rng.random(n_b) ** 2

        def welch(x, y, axis):
            return np.abs(stats.ttest_ind(x, y, axis=axis, equal_var=False).statistic)

        true = stats.permutation_test(
            (a, b), welch, vectorized=True, n_resamples=np.inf, alternative="greater"
        )
        found = permutation_test(a, b, seed=0)
        assert found.method == "exact"
        assert found.p == pytest.approx(true.pvalue)


def test_exact_p_by_hand():
    # Of 6 splits of 0 1 2 4: {0 1} and its mirror lie as far apart as any; {0 2} and its mirror
    # t = 1.5 / sqrt(1 + 2.25), {0 4} and its mirror t = .5 / sqrt(4 + .25).
    assert permutation_test([0, 1], [2, 4], seed=0).p == pytest.approx(2 / 6)
    assert permutation_test([0, 2], [1, 4], seed=0).p == pytest.approx(4 / 6)
    assert permutation_test([0, 4], [1, 2], seed=0).p == 1


def test_sampled_p_nears_the_exact_one():
    rng = np.random.default_rng(1)
    a, b = rng.random(8), rng.random(8) + 0.2
    exact = permutation_test(a, b, seed=0, most=20_000)
    sampled = permutation_test(a, b, seed=0)
    assert (exact.method, exact.n) == ("exact", 12_870)
    assert (sampled.method, sampled.n, sampled.smallest) == ("sampled", 9_999, 1e-4)
    assert sampled.p == pytest.approx(exact.p, abs=4 * math.sqrt(exact.p / 9_999))
    assert permutation_test(a, b, seed=0) == sampled
    assert permutation_test(a, b, seed=1) != sampled
    assert permutation_test([0] * 20, [1] * 20, seed=0).p == 1e-4


def test_many_articles_in_both_are_welch():
    rng = np.random.default_rng(2)
    a, b = rng.random(50), rng.random(60) * 1.3
    found = permutation_test(a, b, seed=0)
    assert (found.method, found.n) == ("welch", 0)
    assert found.p == pytest.approx(stats.ttest_ind(a, b, equal_var=False).pvalue)
    assert permutation_test(a[:49], b, seed=0).method == "sampled"
    assert permutation_test(b, a, seed=9).p == pytest.approx(found.p, rel=1e-9)
    apart = permutation_test([0] * 50, [1] * 50, seed=0)
    assert apart.p == apart.smallest == 2 / math.comb(100, 50)
    assert permutation_test([0.3] * 50, [0.3] * 50, seed=0).p == 1


def test_degenerate_groups():
    for a, b in (([], []), ([0.1], [0.2, 0.3]), ([0.1, 0.2, 0.4], [])):
        assert permutation_test(a, b, seed=0) == Test(None, 1, "exact", 0)
    same = permutation_test([0.1 + 0.2, 0.3], [0.3, 0.3, 0.3], seed=0)
    assert (same.p, same.smallest) == (1, 0.1)
    assert permutation_test([0.3] * 20, [0.3] * 20, seed=0).p == 1


@given(FEW, FEW, st.randoms())
def test_exact_p_is_symmetric_and_knows_no_order(a, b, random):
    found = permutation_test(a, b, seed=0)
    assert found.smallest - 1e-15 <= found.p <= 1
    assert permutation_test(b, a, seed=7) == found
    random.shuffle(a)
    assert permutation_test(a, b, seed=0) == found


@given(FEW, FEW, st.integers(-9, 9), st.floats(0.01, 100))
def test_exact_p_is_invariant_to_shift_and_scale(a, b, shift, scale):
    moved = ([scale * value + shift for value in group] for group in (a, b))
    assert permutation_test(*moved, seed=0).p == permutation_test(a, b, seed=0).p


@settings(deadline=None, max_examples=30)
@given(st.lists(STEP, min_size=10, max_size=14), st.lists(STEP, min_size=10, max_size=14))
def test_sampled_p_is_symmetric(a, b):
    found = permutation_test(a, b, seed=4, most=199)
    assert found.method == "sampled"
    assert 1 / 200 <= found.p <= 1
    assert permutation_test(b, a, seed=4, most=199) == found


@given(FEW, FEW)
def test_floating_ties_count(a, b):
    # Thirds are not exact; p must be that of the whole numbers.
    whole = permutation_test([64 * v for v in a], [64 * v for v in b], seed=0).p
    assert permutation_test([v / 3 for v in a], [v / 3 for v in b], seed=0).p == whole


# --- families of tests


def of(*pairs):
    return [Test(p, smallest, "exact", 1) for p, smallest in pairs]


def test_holm_by_hand():
    found = holm(of((0.01, 1e-4), (0.04, 1e-4), (0.03, 1e-4), (0.9, 1e-4)))
    assert found.p_holm == pytest.approx((0.04, 0.09, 0.09, 0.9))
    assert found.family == 4
    assert found.attainable == pytest.approx((4e-4,) * 4)


def test_tarone_leaves_out_what_cannot_reach():
    # 3 v 3 cannot reach .05 alone; 4 v 4 can alone (.029) but not as second (.057).
    found = holm(of((0.1, 0.1), (0.002, 0.001), (2 / 70, 2 / 70), (None, 1)))
    assert found.family == 1
    assert found.tested == (False, True, False, False)
    assert found.p_holm == (None, 0.002, None, None)
    assert found.attainable == pytest.approx((0.3, 0.001, 4 / 70, 1))


def test_tarone_takes_the_largest_set_and_equal_tests_together():
    # Two of .02 fit (.04), with three of .016 before them not; the three of .016 do (.048).
    found = holm(of(*[(0.016, 0.016)] * 3, *[(0.02, 0.02)] * 2))
    assert found.tested == (True, True, True, False, False)
    assert found.attainable == pytest.approx((0.048,) * 3 + (0.1,) * 2)
    assert found.p_holm == (*[pytest.approx(0.048)] * 3, None, None)
    # .0125 can come second (.025); neither of the two of .03 fourth.
    found = holm(of((0.03, 0.03), (0.011, 0.011), (0.03, 0.03), (0.0125, 0.0125)))
    assert found.tested == (False, True, False, True)
    assert found.p_holm == (None, pytest.approx(0.022), None, pytest.approx(0.022))


def test_four_frames_of_three_sources():
    def family(n):
        return holm([Test(0.5, smallest_p(n, n), "exact", 1)] * 12).family

    assert [family(n) for n in (3, 4, 5, 6)] == [0, 0, 0, 12]
    # One pair of 4 v 4 and one frame is tested; 5 v 5 bears six tests.
    assert holm([Test(0.5, smallest_p(4, 4), "exact", 1)]).family == 1
    assert holm([Test(0.5, smallest_p(5, 5), "exact", 1)] * 6).family == 6


def test_empty_families():
    assert holm([]) == inference.Adjusted((), (), (), 0)
    assert holm(of((None, 1))) == inference.Adjusted((None,), (1,), (False,), 0)


@given(st.lists(st.tuples(st.floats(1e-6, 1), st.floats(0, 1)), max_size=9))
def test_holm_is_monotone_and_above_p(pairs):
    tests = of(*((s + (1 - s) * u, s) for s, u in pairs))
    found = holm(tests)
    inside = [
        (test.p, p, attainable)
        for test, p, attainable in zip(tests, found.p_holm, found.attainable, strict=True)
        if p is not None
    ]
    assert len(inside) == sum(found.tested) == found.family
    for p, corrected, attainable in inside:
        assert p <= corrected <= 1
        assert attainable <= 0.05 + 1e-9
    ranked = [corrected for _, corrected, _ in sorted(inside)]
    assert ranked == sorted(ranked)
    for tested, attainable in zip(found.tested, found.attainable, strict=True):
        assert tested or attainable > 0.05


# --- sentences within articles


def test_intraclass_by_hand():
    # Means 1.5 and 3.5 around 2.5: between 4 / 1, within (4 x .25) / 2 = .5; (4 - .5) / (4 + .5).
    assert intraclass([1, 2, 3, 4], [7, 7, 9, 9]) == pytest.approx(3.5 / 4.5)
    assert intraclass([1, 1, 0, 0], [0, 0, 1, 1]) == 1
    assert intraclass([1, 0, 1, 0], [0, 0, 1, 1]) == 0
    # Sizes 3 and 1: n0 = (4 - 10 / 4) / 1 = 1.5; between 3 x 1 + 9 = 12, within 2 / 2 = 1.
    assert intraclass([0, 1, 2, 5], [0, 0, 0, 1]) == pytest.approx(11 / 12.5)


def test_intraclass_of_what_cannot_say():
    assert intraclass([], []) is None
    assert intraclass([1, 0, 1], [0, 0, 0]) is None
    assert intraclass([1, 0, 1], [0, 1, 2]) is None
    assert intraclass([0.3, 0.1 + 0.2, 0.3], [0, 0, 1]) is None


def test_intraclass_finds_what_was_simulated():
    rng = np.random.default_rng(0)
    groups = np.repeat(np.arange(400), rng.integers(15, 61, 400))
    values = rng.random(len(groups)) < rng.beta(0.4 * 9, 0.6 * 9, 400)[groups]
    assert intraclass(values, groups) == pytest.approx(0.1, abs=0.015)


@given(st.lists(st.tuples(STEP, st.integers(0, 3)), max_size=12))
def test_intraclass_is_in_range(rows):
    found = intraclass([v for v, _ in rows], [g for _, g in rows])
    assert found is None or 0 <= found <= 1


def test_effective_n():
    assert effective_n([10, 20], 0) == 30
    assert effective_n([10, 20], 1) == 2
    assert effective_n([11, 0], 0.1) == 5.5
    assert effective_n([], 0.1) == 0


# --- profiles


@given(PROFILE, PROFILE)
def test_jensen_shannon_is_that_of_scipy(p, q):
    found = jensen_shannon(p, q)
    assert 0 <= found <= 1
    assert jensen_shannon(q, p) == found
    if sum(p) and sum(q):
        assert found == pytest.approx(jensenshannon(p, q, base=2), abs=1e-7)
    else:
        assert found == (0 if sum(p) == sum(q) else 1)


def test_jensen_shannon_by_hand():
    assert jensen_shannon([1, 0], [0, 3]) == 1
    assert jensen_shannon([1, 2, 3], [2, 4, 6]) == pytest.approx(0, abs=1e-7)
    assert jensen_shannon([1, 2, 3], [1, 2, 3]) == 0
    # Half of log2(1 / .75) and of .5 log2(.5 / .75) + .5 log2(.5 / .25).
    divergence = (math.log2(4 / 3) + 0.5 * math.log2(2 / 3) + 0.5) / 2
    assert jensen_shannon([1, 0], [1, 1]) == pytest.approx(math.sqrt(divergence))


def test_null_of_profiles_against_all_relabellings():
    rng = np.random.default_rng(3)
    a, b = rng.random((3, 4)), rng.random((4, 4))
    rows = np.concatenate([a, b])
    true = sorted(
        jensenshannon(rows[list(k)].mean(0), np.delete(rows, list(k), axis=0).mean(0), base=2)
        for k in combinations(range(7), 3)
    )
    found = jensen_shannon_null(a, b, seed=0)
    assert found == pytest.approx((true[17], true[33]))
    assert jensen_shannon_null(b[::-1], a, seed=5) == found


def test_null_of_profiles_drawn():
    rng = np.random.default_rng(4)
    a, b = rng.random((12, 4)), rng.random((30, 4))
    found = jensen_shannon_null(a, b, seed=0)
    assert jensen_shannon_null(b, a, seed=0) == found
    assert 0 < found[0] < found[1] < 1
    more = jensen_shannon_null(a, b, seed=1, n=20_000)
    assert found == pytest.approx(more, rel=0.15)


def test_null_of_degenerate_profiles():
    one, two = np.ones((1, 4)), np.ones((2, 4))
    assert jensen_shannon_null(one, two, seed=0) is None
    assert jensen_shannon_null(two, np.empty((0, 4)), seed=0) is None
    assert jensen_shannon_null(two, 0 * two, seed=0) == pytest.approx((0.5, 1), abs=0.5)
    assert jensen_shannon_null(0 * two, 0 * two, seed=0) == (0, 0)
    assert jensen_shannon_null(two, two, seed=0) == (0, 0)


def test_too_rare_asks_only_where_lengths_differ():
    rare_both, few = (0.04, 0.04), (50.0, 400.0)
    assert not too_rare(rare_both, few, (30, 40))
    assert too_rare(rare_both, few, (20, 40))
    assert not too_rare((0.4, 0.4), few, (20, 40))
    assert too_rare((0.0, 0.0), few, (20, 40))
    assert too_rare((0.0, 0.0), (0.0, 0.0), (0, 40))
    # By both together: whose article is whose makes no difference.
    assert too_rare((0.08, 0.0), (50.0, 50.0), (20, 40)) == too_rare(
        (0.0, 0.08), (50.0, 50.0), (40, 20)
    )


# --- the proof, in short


@pytest.fixture(scope="module")
def proof():
    path = Path(__file__).parents[1] / "proofs" / "coverage.py"
    spec = importlib.util.spec_from_file_location("proof_of_coverage", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules[spec.name]


# Bounds are four Monte-Carlo standard errors from what 5,000 runs show.
RUNS = 1200


@pytest.mark.parametrize("kind", ["labels", "probable"])
def test_intervals_that_are_trusted_cover(proof, kind):
    for prevalence, correlation, n in ((0.15, 0.05, 5), (0.4, 0.15, 3), (0.4, 0.05, 8)):
        cell = proof.coverage(kind, prevalence, correlation, n, RUNS, 11)
        assert not cell.rare
        assert 0.905 < cell.t < 0.98
        assert cell.bootstrap is None or 0.91 < cell.bootstrap < 0.98


def test_intervals_of_rare_frames_do_not_cover_and_are_told(proof):
    cell = proof.coverage("labels", 0.04, 0.15, 5, RUNS, 12)
    assert cell.rare
    assert cell.t < 0.8
    assert cell.trusted < 0.02
    assert "too few sentences carry it" in cell.line()
    assert not cell.failed


def test_permutation_keeps_its_level(proof):
    for pair in range(len(proof.PAIRS)):
        cell = proof.rejection(0.4, 0.05, pair, RUNS, 13)
        assert cell.rate < 0.05 + 4 * math.sqrt(0.05 * 0.95 / RUNS)


def test_families_keep_their_level(proof):
    assert proof.family((5, 5, 5), 0.05, 5, 14).rate is None
    cell = proof.family((4, 5, 20), 0.05, 300, 14)
    assert "8 of 12 tested" in cell.what
    assert cell.rate < 0.05 + 4 * math.sqrt(0.05 * 0.95 / 300)


def test_the_proof_runs(proof, capsys):
    assert proof.main(["--runs", "20", "--jobs", "1"]) in (0, 1)
    printed = capsys.readouterr().out
    assert "20 runs a cell" in printed
    assert "untested" in printed
