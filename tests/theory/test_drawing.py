"""Rows to label: their chances, the gain from their labels by enumeration, several pairs, joined labels, plans, bad input."""

import dataclasses
import itertools
import math

import numpy as np
import pytest
from scipy.special import stdtrit
from scipy.stats import chisquare

from w2s_utils.theory import drawing, drawn, intervals
from w2s_utils.theory.certificate import TooFewLabels
from w2s_utils.theory.drawing import OtherPredictions, pair_chances, rows_to_label
from w2s_utils.theory.drawing_plan import planned_half_width
from w2s_utils.theory.drawn import drawn_gain
from w2s_utils.theory.drawn_terms import Terms, gains_at, mixed_ratios

WEAK = np.array([0.0, 1.0, 2.0, -1.0, 3.0])
STUDENT = np.array([0.5, 1.0, 0.0, -1.2, 0.0])
TRUTH = np.array([1.0, 5.0, -0.5, 0.3, 2.0])
GAINS = (WEAK - TRUTH) ** 2 - (STUDENT - TRUTH) ** 2


def problem(rows=500, seed=0):
    """Truth, and predictions of two weak models and their students."""
    rng = np.random.default_rng(seed)
    truth = rng.normal(size=rows)
    weak = {name: truth + scale * rng.normal(size=rows) for name, scale in (("a", 1.0), ("b", 0.7))}
    students = {name: truth + 0.3 * (weak[name] - truth) + 0.2 * rng.normal(size=rows) for name in weak}
    return truth, weak, students


def hard(rows=400, seed=0):
    """0 and 1: teacher and student differ in some 15 % of rows."""
    rng = np.random.default_rng(seed)
    truth, student = (rng.random((2, rows)) < 0.5).astype(float)
    weak = np.where(rng.random(rows) < 0.15, 1 - student, student)
    return truth, weak, student


def one(weak, student, count=40, seed=0, **more):
    return rows_to_label({"a": weak}, {"a": student}, count, seed, **more)


def told(found, weak, student, truth, **more):
    """The gain from all labels that a drawing needs."""
    rows = np.union1d(found.rows, found.random)
    return drawn_gain(found, weak, student, truth[rows], rows, **more)


def of_terms(rows, chances, random=0):
    """Estimate, variances and k from the labels of these rows, the first of them random."""
    rows = np.asarray(rows)
    ratios = mixed_ratios(chances[rows], len(WEAK), random)
    terms = Terms.of(WEAK[rows], STUDENT[rows], TRUTH[rows], ratios, len(WEAK), 3.0)
    return float(terms.estimate), float(terms.of_labels), float(terms.of_rows)


@pytest.mark.parametrize("bounded", [False, True])
def test_over_all_draws_of_two_rows_estimate_and_variances_are_without_bias(bounded):
    chances = pair_chances(np.abs(WEAK - STUDENT), bounded)
    assert chances[1] == 0 and chances.sum() == pytest.approx(1)
    pairs = list(itertools.product(np.flatnonzero(chances), repeat=2))
    weights = np.array([chances[i] * chances[j] for i, j in pairs])
    estimates, of_labels, _ = np.array([of_terms(pair, chances) for pair in pairs]).T
    assert weights @ estimates == pytest.approx(GAINS.mean(), rel=1e-12)
    assert weights @ of_labels == pytest.approx(weights @ (estimates - GAINS.mean()) ** 2, rel=1e-12)
    square = [np.mean(GAINS[[i, j]] ** 2 / (5 * chances[[i, j]])) for i, j in pairs]
    of_rows = weights @ (square - estimates**2 + of_labels) / 4
    assert of_rows == pytest.approx(GAINS.var(ddof=1) / 5, rel=1e-12)


@pytest.mark.parametrize("repeats", [True, False])
def test_joined_with_two_random_rows_the_estimate_has_no_bias_and_the_variance_is_too_large_as_said(repeats):
    chances = pair_chances(np.abs(WEAK - STUDENT), False)
    uniform = itertools.product(range(5), repeat=2) if repeats else itertools.permutations(range(5), 2)
    draws = [(*pair, row) for pair in uniform for row in np.flatnonzero(chances)]
    weights = np.array([chances[row] for *_, row in draws])
    weights /= weights.sum()
    estimates, of_labels, _ = np.array([of_terms(rows, chances, random=2) for rows in draws]).T
    assert weights @ estimates == pytest.approx(GAINS.mean(), rel=1e-12)
    terms = GAINS / mixed_ratios(np.stack([chances] * 3, axis=1), 5, 2)[:, 0]
    means = terms.mean(), chances @ terms
    more = sum(m * (mean - GAINS.mean()) ** 2 for m, mean in zip((2, 1), means, strict=True)) / 6
    if not repeats:  # the covariance of two rows that cannot be the same
        more += (2 / 9 + 1 / 9) * terms.var(ddof=1) / 5
    exact = weights @ (estimates - GAINS.mean()) ** 2
    assert weights @ of_labels - exact == pytest.approx(more, rel=1e-9) and more > 0


def test_rows_are_drawn_with_the_chances_of_equation_2():
    distance = np.abs(WEAK - STUDENT)
    middle = np.mean(distance**2) / (2 * np.mean(distance))
    wanted = distance * np.sqrt(distance**2 + middle**2)
    wanted /= wanted.sum()
    found = one(WEAK, STUDENT, count=20_000)
    np.testing.assert_allclose(found.chances, wanted[found.rows], rtol=1e-12)
    counts = np.bincount(found.rows, minlength=5)
    assert counts[1] == 0
    assert chisquare(counts[wanted > 0], 20_000 * wanted[wanted > 0]).pvalue > 1e-3
    np.testing.assert_allclose(pair_chances(distance, True), distance / distance.sum())


def test_rows_depend_on_seed_and_predictions_and_not_on_random_labels():
    truth, weak, students = problem()
    first, again, other = (rows_to_label(weak, students, 30, seed) for seed in (1, 1, 2))
    joined = rows_to_label(weak, students, 30, 1, labelled=[3, 4])
    assert np.array_equal(first.rows, again.rows) and not np.array_equal(first.rows, other.rows)
    assert np.array_equal(first.rows, joined.rows) and list(joined.random) == [3, 4]
    assert set(joined.to_label) == set(first.rows) - {3, 4} and len(first.to_label) == len(set(first.rows))


def test_the_interval_is_students_with_satterthwaites_freedom():
    truth, weak, students = problem()
    w, p = weak["a"], students["a"]
    found = told(one(w, p), w, p, truth, level=0.9)
    rows, chances = one(w, p).rows, pair_chances(np.abs(w - p), False)
    gains = gains_at(w, p, truth)[rows]
    terms = gains / (500 * chances[rows])
    of_labels = terms.var(ddof=1) / 40
    of_rows = (np.mean(gains * terms) - terms.mean() ** 2 + of_labels) / 499
    k = np.sum((w - p) ** 2) ** 2 / np.sum((w - p) ** 4)
    freedom = (of_labels + of_rows) ** 2 / (of_labels**2 / 39 + of_rows**2 / (k - 1))
    half = stdtrit(freedom, [0.95, 0.9]) * math.sqrt(of_labels + of_rows)
    assert found.gain == pytest.approx(terms.mean(), rel=1e-12)
    assert (found.high - found.gain, found.gain - found.lower_bound) == pytest.approx(half, rel=1e-9)
    assert found.interval.ends == (found.low, found.high) and found.half_width == pytest.approx(half[0])
    assert (found.drawn, found.random, found.rows) == (40, 0, 500) and not found.bounded
    assert found.distinct == len(set(rows)) and found.sign == int(found.low > 0) - int(found.high < 0)


def test_two_valued_labels_of_one_pair_have_the_ends_of_clopper_and_pearson():
    truth, weak, student = hard()
    rows = one(weak, student, bounded=True).rows
    found = told(one(weak, student, bounded=True), weak, student, truth, ends=(0.0, 1.0))
    right = intervals.share(int(np.sum(student[rows] == truth[rows])), 40)
    differ = np.mean(weak != student)
    of_rows = stdtrit(400 * differ - 1, 0.975) * math.sqrt(found.of_rows)
    assert found.gain == pytest.approx(differ * (2 * right.estimate - 1), rel=1e-12)
    assert found.gain - found.low == pytest.approx(
        math.hypot(2 * differ * (right.estimate - right.low), of_rows)
    )
    assert found.high - found.gain == pytest.approx(
        math.hypot(2 * differ * (right.high - right.estimate), of_rows)
    )
    assert found.low < found.lower_bound < found.gain and found.bounded


def test_labels_that_are_all_on_one_side_have_an_interval_only_between_ends():
    _, weak, student = hard()
    found = one(weak, student, bounded=True)
    with pytest.raises(TooFewLabels, match="do not vary"):
        told(found, weak, student, student)
    moved, there = 0.1 * weak + 0.7, 0.1 * student + 0.7  # terms differ by round-off
    with pytest.raises(TooFewLabels, match="do not vary"):
        told(one(moved, there), moved, there, there)
    sure = told(found, weak, student, student, ends=(0, 1))
    assert sure.gain == pytest.approx(np.mean(weak != student)) and sure.low < sure.gain <= sure.high


def test_soft_predictions_of_two_classes_have_weights_that_are_equal():
    """Whatever they are: the interval is that of the share of labels on the student's side."""
    truth, weak, student = hard()
    rng = np.random.default_rng(1)
    weak, student = np.abs(weak - 0.4 * rng.random(400)), np.abs(student - 0.3 * rng.random(400))
    found = one(weak, student, count=30, bounded=True)
    result = told(found, weak, student, truth, ends=(0, 1))
    share = intervals.share(int(np.sum((weak > student)[found.rows] == (truth[found.rows] == 0))), 30)
    least = np.minimum(gains_at(weak, student, 0), gains_at(weak, student, 1)).mean()
    size = 2 * np.abs(weak - student).mean()
    assert result.gain == pytest.approx(least + size * share.estimate, rel=1e-9)
    assert result.gain - result.low >= size * (share.estimate - share.low) * (1 - 1e-12)
    by_hand = math.hypot(
        size * (share.estimate - share.low), stdtrit(result.carrying - 1, 0.975) * result.of_rows**0.5
    )
    assert result.gain - result.low == pytest.approx(by_hand, rel=1e-9)


@pytest.mark.parametrize("random", [0, 5, 300])
def test_the_largest_weight_of_a_label_is_no_larger_than_the_interval_takes_it(random, monkeypatch):
    """Of any row, also where two pairs share the draw and random labels are joined."""
    truth, weak, students = problem()
    taken = []
    between = drawn.Between.of
    monkeypatch.setattr(drawn.Between, "of", lambda *args: taken.append(args[4]) or between(*args))
    found = rows_to_label(weak, students, 50, 0, labelled=np.arange(random), bounded=True)
    told(found, weak["b"], students["b"], truth, ends=(-9.0, 9.0))
    pairs = [(weak["a"], students["a"]), (weak["b"], students["b"]), (students["a"], students["b"])]
    chances = sum(np.abs(x - y) / np.abs(x - y).sum() for x, y in pairs) / 3
    np.testing.assert_allclose(found.chances, chances[found.rows], rtol=1e-9)
    ratios = (random + 50 * 500 * chances) / (random + 50)
    largest = (np.abs(weak["b"] - students["b"]) / ratios).max()
    assert largest <= taken[0] * (1 + 1e-12) and taken[0] <= 1.5 * largest


def test_one_list_of_labels_serves_every_pair_and_two_students_mirror_each_other():
    truth, weak, students = problem()
    found = rows_to_label(weak, students, 200, 0)
    rows = found.to_label
    assert set(found.largest) == {"a", "b", ("a", "b")} and found.left_out == ()
    for w, p in [(weak["a"], students["a"]), (weak["b"], students["b"]), (students["a"], students["b"])]:
        there, back = (drawn_gain(found, *pair, truth[rows], rows, level=0.999) for pair in ((w, p), (p, w)))
        assert there.low < np.mean((w - truth) ** 2 - (p - truth) ** 2) < there.high
        assert (back.gain, back.low, back.high) == pytest.approx(
            (-there.gain, -there.high, -there.low), rel=1e-9
        )
    with pytest.raises(OtherPredictions, match="not drawn for this pair"):
        drawn_gain(found, weak["a"], students["b"], truth[rows], rows)


def test_a_shared_draw_has_the_line_on_the_capped_misfit_with_left_out_residuals():
    """Slope by numpy, and each residual by leaving its row out of the fit in fact."""
    truth, weak, students = problem()
    w, p = weak["a"], students["a"]
    draw = rows_to_label(weak, students, 40, 0, labelled=[5, 6])
    found = told(draw, w, p, truth)
    rows = np.concatenate([draw.random, draw.rows])
    ratios = mixed_ratios(np.concatenate([draw.random_chances, draw.chances]), 500, 2)
    squares = (w - p) ** 2
    cap = np.sort(squares[rows])[-10]
    x, t = np.minimum(squares, cap)[rows] / ratios, gains_at(w, p, truth)[rows] / ratios
    slope, start = np.polyfit(x, t, 1)
    mean = np.minimum(squares, cap).mean()
    assert found.gain == pytest.approx(start + slope * mean, rel=1e-9)
    left_out = np.array([
        t[i] - np.polyval(np.polyfit(np.delete(x, i), np.delete(t, i), 1), x[i]) for i in range(42)
    ])  # fmt: skip
    about = x - x.mean()
    part = 1 / 42 - (x.mean() - mean) * about / np.sum(about**2)
    assert found.of_labels == pytest.approx(np.sum((part * left_out) ** 2), rel=1e-9)


@pytest.mark.parametrize("truths", ["few values", "few labels", "one row decides"])
def test_there_is_no_line_where_it_would_tell_nothing(truths):
    truth, weak, students = problem()
    w, p = weak["a"].copy(), students["a"].copy()
    count = 7 if truths == "few labels" else 40
    if truths == "few values":
        truth = np.round(truth)
    if truths == "one row decides":  # on all others the two differ by the same
        p = w + 1.0
        p[3] = w[3] + 0.01
    draw = one(w, p, count=count, labelled=[3])
    rows = np.concatenate([draw.random, draw.rows])
    ratios = mixed_ratios(np.concatenate([draw.random_chances, draw.chances]), 500, 1)
    mean = np.mean(gains_at(w, p, truth)[rows] / ratios)
    assert told(draw, w, p, truth).gain == pytest.approx(mean, rel=1e-12)


def test_weights_choose_the_pairs_and_what_does_not_differ_is_left_out():
    truth, weak, students = problem()
    found = rows_to_label(weak, students, 20, 0, weights={("b", "a"): 2.0, "a": 0})
    alone = rows_to_label({"x": students["a"]}, {"x": students["b"]}, 20, 0)
    assert set(found.largest) == {("a", "b")} and np.array_equal(found.rows, alone.rows)
    same = rows_to_label(weak, {"a": students["a"], "b": students["a"] * (1 + 1e-14)}, 20, 0)
    assert same.left_out == (("a", "b"),) and set(same.largest) == {"a", "b"}
    with pytest.raises(ValueError, match="no row to draw"):
        one(weak["a"], weak["a"].copy())


def test_labels_judge_the_predictions_that_rows_were_drawn_for_and_no_others():
    truth, weak, students = problem()
    w, p = weak["a"], students["a"]
    found = one(w, p)
    moved = p.copy()
    moved[-1] = np.nextafter(moved[-1], 9)
    for other in (moved, p[::-1], p[:-1]):
        with pytest.raises((OtherPredictions, ValueError)):
            told(found, w, other, truth)
    with pytest.raises(OtherPredictions, match="draw again"):
        told(found, w, moved, truth)
    zero = np.where(np.arange(500) == 7, 0.0, p)
    again = told(one(w, zero), w, np.where(np.arange(500) == 7, -0.0, p), truth)
    assert again.gain == told(one(w, zero), w, zero, truth).gain


def test_rows_in_another_order_tell_the_same():
    truth, weak, students = problem()
    w, p = weak["a"], students["a"]
    order = np.random.default_rng(5).permutation(500)
    found = one(w, p, labelled=np.arange(20))
    place = np.argsort(order)
    moved = dataclasses.replace(
        one(w[order], p[order]),
        rows=place[found.rows], chances=found.chances, random=place[found.random],
        random_chances=found.random_chances,
    )  # fmt: skip
    for ends in (None, (-9.0, 9.0)):
        here, there = (
            told(found, w, p, truth, ends=ends),
            told(moved, w[order], p[order], truth[order], ends=ends),
        )
        assert dataclasses.astuple(there) == pytest.approx(dataclasses.astuple(here), rel=1e-9)


@pytest.mark.parametrize("scale, shift", [(8.0, 0.0), (-0.5, 0.0), (1.0, 3.0), (1e20, 0.0), (1e-20, 0.0)])
def test_another_unit_of_the_target_changes_the_unit_of_the_gain_alone(scale, shift):
    truth, weak, students = problem()
    sides = [truth, weak["a"], students["a"]]
    moved = [scale * side + shift for side in sides]
    for bounded, ends in ((False, None), (True, (-9.0, 9.0))):
        there_ends = ends and tuple(sorted(scale * end + shift for end in ends))
        here, there = (
            told(one(*pair, bounded=bounded, labelled=[1, 2]), *pair, y, ends=e)
            for y, *pair, e in ((*sides, ends), (*moved, there_ends))
        )
        assert (there.gain, there.low, there.high, there.lower_bound) == pytest.approx(
            tuple(scale**2 * x for x in (here.gain, here.low, here.high, here.lower_bound)), rel=1e-7
        )


def test_a_plan_from_all_labels_is_what_a_drawn_label_varies_by():
    truth, weak, students = problem()
    w, p = weak["a"], students["a"]
    chances = pair_chances(np.abs(w - p), False)
    gains = gains_at(w, p, truth)
    of_term = np.sum(chances * (gains / (500 * chances) - gains.mean()) ** 2)
    plan = planned_half_width(w, p, 10**9, truth, np.arange(500))
    k = np.sum((w - p) ** 2) ** 2 / np.sum((w - p) ** 4)
    assert plan.drawn == pytest.approx(stdtrit(k - 1, 0.975) * math.sqrt(gains.var(ddof=1) / 500), rel=1e-3)
    assert plan.random == pytest.approx(stdtrit(1e9, 0.975) * gains.std(ddof=1) / math.sqrt(1e9))
    few = planned_half_width(w, p, 10, truth, np.arange(500))
    of_labels, of_rows = of_term / (1 - np.sum(chances**2)) / 10, gains.var(ddof=1) / 500
    freedom = (of_labels + of_rows) ** 2 / (of_labels**2 / 9 + of_rows**2 / (k - 1))
    assert few.drawn == pytest.approx(stdtrit(freedom, 0.975) * math.sqrt(of_labels + of_rows), rel=1e-9)


@pytest.mark.parametrize("bounded", [False, True])
def test_plans_are_near_what_comes_of_them(bounded):
    """Where e varies alike in all rows, from a guess of it that is right and from 50 random labels."""
    rng = np.random.default_rng(2)
    truth, other = rng.normal(size=(2, 2000))
    distance = rng.exponential(size=2000)
    w, p = other + distance / 2, other - distance / 2
    spread = math.sqrt(np.mean((other - truth) ** 2))
    guessed = planned_half_width(w, p, 60, spread=spread, bounded=bounded)
    labels = [np.sort(rng.permutation(2000)[:50]) for _ in range(60)]
    plans = np.array([planned_half_width(w, p, 60, truth[rows], rows, bounded=bounded) for rows in labels])
    came = [told(one(w, p, 60, seed, bounded=bounded), w, p, truth).half_width for seed in range(60)]
    plain = [intervals.mean_t(gains_at(w, p, truth)[rng.permutation(2000)[:60]]) for _ in range(60)]
    halves = [(high - low) / 2 for _, low, high in plain]
    assert guessed.drawn == pytest.approx(np.median(came), rel=0.1)
    assert guessed.random == pytest.approx(np.median(halves), rel=0.15)
    assert np.median(plans, axis=0) == pytest.approx([np.median(came), np.median(halves)], rel=0.15)
    assert guessed.drawn < 0.9 * guessed.random


BAD_DRAWS = {
    "count 0": {"count": 0},
    "half a row": {"count": 2.5},
    "true as a count": {"count": True},
    "a negative seed": {"seed": -1},
    "no whole seed": {"seed": 0.5},
    "a row that there is not": {"labelled": [5]},
    "a row before the first": {"labelled": [-1]},
    "a row twice": {"labelled": [1, 1]},
    "a mask": {"labelled": [True, False, True, False, False]},
    "NaN": {"weak": {"a": [np.nan, 0, 0, 0, 1]}},
    "words": {"weak": {"a": ["x"] * 5}},
    "lengths": {"weak": {"a": WEAK[:4]}},
    "tasks": {"weak": {"a": np.ones((5, 2))}, "students": {"a": np.zeros((5, 2))}},
    "no rows": {"weak": {"a": []}, "students": {"a": []}},
    "other names": {"students": {"b": STUDENT}},
    "nobody": {"weak": {}, "students": {}},
    "rows of two sizes": {"weak": {"a": WEAK, "b": WEAK[:3]}, "students": {"a": STUDENT, "b": STUDENT[:3]}},
    "a weight for nobody": {"weights": {"z": 1.0}},
    "a weight below 0": {"weights": {"a": -1.0}},
    "no weight": {"weights": {"a": 0.0}},
    "NaN as a weight": {"weights": {"a": np.nan}},
    "out of the numbers": {"weak": {"a": WEAK * 1e200}},
}


@pytest.mark.parametrize("bad", BAD_DRAWS.values(), ids=BAD_DRAWS)
def test_bad_input_of_a_drawing_is_refused(bad):
    good = {"weak": {"a": WEAK}, "students": {"a": STUDENT}, "count": 3, "seed": 0}
    rows_to_label(**good)
    with pytest.raises((TypeError, ValueError), match=r".{20}"):
        rows_to_label(**good | bad)


BAD_LABELS = {
    "a label too few": lambda rows, y: {"labelled": rows[1:], "truth": y[1:]},
    "a label too many": lambda rows, y: {"labelled": np.append(rows, 1), "truth": np.append(y, 0.0)},
    "a label twice": lambda rows, y: {"labelled": np.append(rows, rows[0]), "truth": np.append(y, 0.0)},
    "a label for no row": lambda rows, y: {"truth": np.append(y, 0.0)},
    "a row that there is not": lambda rows, y: {"labelled": np.append(rows, 99), "truth": np.append(y, 0.0)},
    "NaN": lambda rows, y: {"truth": y * np.nan},
    "words": lambda rows, y: {"truth": ["x"] * len(y)},
    "out of the numbers": lambda rows, y: {"truth": y * 1e200},
    "a level of 1": lambda rows, y: {"level": 1.0},
    "labels beyond the ends": lambda rows, y: {"ends": (0.0, 0.1)},
    "ends the wrong way round": lambda rows, y: {"ends": (9.0, -9.0)},
    "an end without end": lambda rows, y: {"ends": (-9.0, np.inf)},
    "one end": lambda rows, y: {"ends": 1.0},
    "words as ends": lambda rows, y: {"ends": ("a", "b")},
}


@pytest.mark.parametrize("bad", BAD_LABELS.values(), ids=BAD_LABELS)
def test_bad_labels_are_refused(bad):
    found = one(WEAK, STUDENT, count=6, labelled=[0])
    rows = np.union1d(found.rows, found.random)
    good = {"truth": TRUTH[rows], "labelled": rows}
    drawn_gain(found, WEAK, STUDENT, **good)
    with pytest.raises((TypeError, ValueError), match=r".{20}"):
        drawn_gain(found, WEAK, STUDENT, **good | bad(rows, TRUTH[rows]))


def test_a_single_label_has_an_interval_between_ends_only():
    found = one(WEAK, STUDENT, count=1)
    with pytest.raises(TooFewLabels):
        told(found, WEAK, STUDENT, TRUTH)
    alone = told(found, WEAK, STUDENT, TRUTH, ends=(-1.0, 6.0))
    assert alone.low <= alone.gain <= alone.high


@pytest.mark.parametrize(
    "bad",
    [
        {"count": 1}, {"count": 2.5}, {"spread": 0.0}, {"spread": "1"}, {"spread": None}, {"spread": math.inf},
        {"truth": TRUTH, "labelled": np.arange(5)}, {"level": 0.0}, {"student": WEAK},
    ],
    ids=str,
)  # fmt: skip
def test_bad_input_of_a_plan_is_refused(bad):
    with pytest.raises((TypeError, ValueError), match=r".{20}"):
        planned_half_width(**{"weak": WEAK, "student": STUDENT, "count": 10, "spread": 1.0} | bad)


def test_a_plan_needs_labels_of_rows_that_differ():
    for rows in ([0, 2, 3], [1, 0, 2][:1]):
        with pytest.raises(TooFewLabels):
            planned_half_width(WEAK, STUDENT, 10, TRUTH[rows], rows)
    with pytest.raises(TooFewLabels):
        planned_half_width(
            np.append(WEAK, [1] * 5), np.append(STUDENT, [1] * 5), 9, [1.0] * 5, np.arange(5, 10)
        )


def test_the_checksum_is_of_the_numbers_and_not_of_how_they_lie_in_memory():
    wide = np.arange(10.0)
    assert drawing.checksum(wide[::2]) == drawing.checksum(wide[::2].copy())
    assert drawing.checksum(wide) != drawing.checksum(wide[::-1])
