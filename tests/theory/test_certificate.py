"""The gain from few true labels: the estimate, its intervals, what further labels would bring, chunks, bad input."""

import math
from functools import reduce
from operator import add

import numpy as np
import pytest
from scipy.special import stdtrit

from w2s_utils.theory import certificate
from w2s_utils.theory.certificate import LEAST_LABELS, TooFewLabels, certify_gain, error_sums

PINNED = {
    "as they are": (0.6774611055736623, 0.2568741790406863, 1.0980480321066384, 1.090865524330837),
    "one decimal": (0.6764650583109599, 0.25809210922968717, 1.0948380073922328, 1.103726488345719),
}
KINDS = [{}, {"weight": 1.0}, {"method": "bootstrap"}, {"method": "bootstrap", "weight": 1.0}]


def problem(rows=2000, seed=0, shared=0.3):
    """Truth, weak and student; the student drops part of the teacher's error and part of what it had right."""
    rng = np.random.default_rng(seed)
    truth, noise, lost = rng.normal(size=(3, rows))
    weak = truth + noise + shared * lost
    return truth, weak, weak - 0.8 * noise + shared * lost


def gains_of(truth, weak, student):
    return (weak - truth) ** 2 - (student - truth) ** 2


def test_the_weight_of_one_is_the_identity_and_none_the_labelled_mean():
    truth, weak, student = problem()
    rows = np.arange(50)
    gains, misfits = gains_of(truth, weak, student), (weak - student) ** 2
    one = certify_gain(weak, student, truth[rows], rows, weight=1.0)
    cross = 2 * (student - weak) * (truth - student)
    assert one.gain == pytest.approx(misfits.mean() + cross[rows].mean(), rel=1e-12)
    none = certify_gain(weak, student, truth[rows], rows, weight=0.0)
    assert none.gain == pytest.approx(gains[rows].mean(), rel=1e-12)
    assert (none.low, none.high) == pytest.approx((none.naive_low, none.naive_high), rel=1e-12)
    half = stdtrit(49, 0.975) * gains[rows].std(ddof=1) / math.sqrt(50)
    assert none.half_width == pytest.approx(half, rel=1e-12)
    assert none.lower_bound == pytest.approx(none.gain - stdtrit(49, 0.95) / stdtrit(49, 0.975) * half)
    assert one.misfit == pytest.approx(misfits.mean(), rel=1e-12) and (one.labels, one.rows) == (50, 2000)


def test_the_best_weight_is_the_regression_estimator_with_left_out_residuals():
    """Slope by numpy, and each residual by leaving its row out of the fit in fact."""
    truth, weak, student = problem()
    rows = np.arange(30)
    gains, misfits = gains_of(truth, weak, student)[rows], (weak - student) ** 2
    slope, level = np.polyfit(misfits[rows], gains, 1)
    left_out = np.array([
        gains[i] - np.polyval(np.polyfit(np.delete(misfits[rows], i), np.delete(gains, i), 1), misfits[i])
        for i in rows
    ])  # fmt: skip
    about = misfits[rows] - misfits[rows].mean()
    share = 1 / 30 - (misfits[rows].mean() - misfits.mean()) * about / np.sum(about**2)
    variance = np.sum((share * left_out) ** 2) + slope**2 * misfits.var(ddof=1) / 2000
    found = certify_gain(weak, student, truth[rows], rows)
    assert found.weight == pytest.approx(slope)
    assert found.gain == pytest.approx(level + slope * misfits.mean())
    assert found.standard_error == pytest.approx(math.sqrt(variance))


@pytest.mark.parametrize("kind", KINDS, ids=str)
@pytest.mark.parametrize("labels", [10, 60])
def test_intervals_hold_the_true_gain_as_often_as_they_say(kind, labels):
    """True gain of `problem`: (1 + shared^2) - (0.2^2 + 4 shared^2)."""
    rounds, inside, above = 300, 0, 0
    true = 1 + 0.09 - (0.04 + 4 * 0.09)
    for seed in range(rounds):
        truth, weak, student = problem(rows=20 * labels, seed=seed)
        found = certify_gain(weak, student, truth[:labels], np.arange(labels), level=0.9, **kind)
        inside += found.low <= true <= found.high
        above += found.lower_bound <= true
    least = 0.9 if labels > 10 else 0.85  # what skewness may cost at ten labels
    assert inside / rounds >= least - 3 * math.sqrt(0.09 / rounds)
    assert above / rounds >= least - 3 * math.sqrt(0.09 / rounds)
    assert inside / rounds <= 0.96 + 3 * math.sqrt(0.04 / rounds)


def test_the_quantiles_are_student_s():
    truth, weak, student = problem()
    rows = np.arange(12)
    for weight, freedom in ((None, 10), (0.7, 11)):
        found = certify_gain(weak, student, truth[rows], rows, weight=weight)
        for end, quantile in ((found.high, 0.975), (found.low, 0.025), (found.lower_bound, 0.05)):
            assert end - found.gain == pytest.approx(stdtrit(freedom, quantile) * found.standard_error)


@pytest.mark.parametrize("weight", [-1.0, 0.0, 0.5, 1.0, 3.0])
def test_labels_for_all_rows_leave_the_variance_of_the_mean_gain_whatever_the_weight(weight):
    """Labelled rows are among all rows: only with their covariance do the terms of equation (2) add up to this."""
    truth, weak, student = problem(rows=50)
    gains = gains_of(truth, weak, student)
    found = certify_gain(weak, student, truth, np.arange(50), weight=weight)
    assert found.gain == pytest.approx(gains.mean())
    assert found.standard_error == pytest.approx(gains.std(ddof=1) / math.sqrt(50))


def test_a_fixed_weight_holds_its_level_where_labelled_rows_are_half_of_all():
    """Gain = 3 misfit, as for a student halfway to the truth: without the covariance 95 % intervals hold in 89 %."""
    rounds, inside = 500, 0
    for seed in range(rounds):
        truth, error = np.random.default_rng(seed).normal(size=(2, 400))
        rows = np.arange(200)
        found = certify_gain(truth + error, truth + error / 2, truth[:200], rows, weight=1.0)
        inside += found.low <= 0.75 <= found.high
    assert inside / rounds >= 0.95 - 3 * math.sqrt(0.95 * 0.05 / rounds)


@pytest.mark.parametrize("weight", [None, 1.0])
def test_the_bootstrap_is_that_of_studentised_distances(weight):
    """Again in a plain loop, on skewed gains: (estimate* - estimate) / error*, its quantiles turned around."""
    rng = np.random.default_rng(5)
    truth, error = rng.normal(size=200), rng.exponential(size=200) ** 1.5
    left = error * rng.uniform(0.2, 1.1, size=200)
    weak, student = truth + error, truth + left
    rows = np.arange(25)
    gains, misfits = (error**2 - left**2)[rows], (error - left) ** 2
    found = certify_gain(weak, student, truth[rows], rows, weight=weight, method="bootstrap")
    plain = certify_gain(weak, student, truth[rows], rows, weight=weight)
    pivots = []
    others = misfits[25:]
    for _ in range(4000):
        drawn = rng.integers(25, size=25)
        g, u = gains[drawn], misfits[drawn]
        mean = 25 / 200 * u.mean() + 175 / 200 * rng.normal(
            others.mean(), misfits.std(ddof=1) / math.sqrt(175)
        )
        about = u - u.mean()
        b = about @ g / (about @ about) if weight is None else weight
        e = g - g.mean() - b * about
        if weight is None:
            share = 1 / 25 - (u.mean() - mean) * about / (about @ about)
            first = np.sum((share * e / (1 - 1 / 25 - about**2 / (about @ about))) ** 2)
        else:
            first = e @ e / 24 / 25
        error = math.sqrt(first + (b**2 * misfits.var(ddof=1) + 2 * b * (e @ about) / 24) / 200)
        pivots.append((g.mean() - b * (u.mean() - mean) - plain.gain) / error)
    for end, quantile in ((found.low, 0.975), (found.high, 0.025), (found.lower_bound, 0.95)):
        expected = -np.quantile(pivots, quantile) * plain.standard_error
        # Both have their noise: quantiles of neighbouring levels bound it.
        near = [-np.quantile(pivots, quantile + step) * plain.standard_error for step in (-0.012, 0.012)]
        assert min(near) <= end - found.gain <= max(near), (end - found.gain, expected)


def test_unlabelled_rows_shorten_the_interval():
    """By the part of the gain that the misfit tells: sqrt(1 - correlation^2 (1 - m/n)) of the naive one."""
    truth, weak, student = problem(rows=200_000, shared=0.1)
    told = np.corrcoef((weak - truth) ** 2 - (student - truth) ** 2, (weak - student) ** 2)[0, 1] ** 2
    rows, part = np.arange(400), slice(8400)
    found = certify_gain(weak[part], student[part], truth[rows], rows)
    ratio = 2 * found.half_width / (found.naive_high - found.naive_low)
    assert ratio == pytest.approx(math.sqrt(1 - told * 20 / 21), rel=0.15) and ratio < 0.7


def test_further_labels_bring_what_was_said():
    truth, weak, student = problem(rows=50_000)
    rows = np.arange(100)
    found = certify_gain(weak, student, truth[rows], rows, weight=1.0)
    wanted = found.half_width / 2
    more = found.labels_for(wanted)
    assert 200 < more < 400  # four times as many, and a bit, for what the rows themselves leave open
    enough = np.arange(100 + more)
    assert certify_gain(weak, student, truth[enough], enough, weight=1.0).half_width == pytest.approx(
        wanted, rel=0.25
    )
    assert found.labels_for(found.half_width) == 0
    assert found.labels_for(wanted) >= found.labels_for(1.5 * wanted)
    assert found.labels_for(1e-6) == math.inf
    booted = certify_gain(weak, student, truth[rows[:10]], rows[:10], method="bootstrap")
    assert booted.labels_for(0.999 * booted.half_width) <= 2
    assert booted.labels_for(booted.half_width / 2) >= 10
    for bad in (0, -1, math.nan):
        with pytest.raises(ValueError, match="half-width"):
            found.labels_for(bad)


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_chunks_add_up_in_any_order(kind):
    truth, weak, student = problem(rows=300)
    rows = np.array([3, 20, 21, 120, 130, 250, 251, 299])
    cuts = [(0, 100), (100, 101), (101, 300)]
    chunks = [
        error_sums(
            weak[a:b], student[a:b], truth[rows[(rows >= a) & (rows < b)]], rows[(rows >= a) & (rows < b)] - a
        )
        for a, b in cuts
    ]
    whole = certify_gain(weak, student, truth[rows], rows, **kind)
    summed = reduce(add, chunks).certificate(**kind)
    assert (summed.gain, summed.low, summed.high) == pytest.approx((whole.gain, whole.low, whole.high))
    other = (chunks[2] + (chunks[0] + chunks[1])).certificate(weight=1.0)
    assert other.gain == pytest.approx(certify_gain(weak, student, truth[rows], rows, weight=1.0).gain)


def test_the_same_seed_gives_the_same_bootstrap_and_another_one_not():
    truth, weak, student = problem(rows=300)
    rows = np.arange(20)
    one, two, other = (
        certify_gain(weak, student, truth[rows], rows, method="bootstrap", seed=seed) for seed in (1, 1, 2)
    )
    assert one == two and one.low != other.low and one.gain == other.gain


@pytest.mark.parametrize("kind", KINDS, ids=str)
@pytest.mark.filterwarnings("error")
def test_degenerate_misfits_still_give_an_answer(kind):
    truth, weak, _ = problem(rows=100)
    rows = np.arange(12)
    imitation = certify_gain(weak, weak, truth[rows], rows, **kind)
    assert (imitation.gain, imitation.low, imitation.high) == (0, 0, 0)
    constant = certify_gain(weak, weak - 0.5, truth[rows], rows, **kind)
    assert constant.weight == kind.get("weight", 0) and constant.low < constant.gain < constant.high
    differs = weak.copy()
    differs[0] += 3  # one labelled row alone has a misfit
    alone = certify_gain(weak, differs, truth[rows], rows, **kind)
    assert alone.weight == kind.get("weight", 0) and alone.low <= alone.gain <= alone.high
    differs = weak.copy()
    differs[50] += 3  # no labelled row has one
    with pytest.raises(TooFewLabels, match="do not tell how much the gain varies"):
        certify_gain(weak, differs, truth[rows], rows, **kind)


def hard(seed, rows, disagree):
    """Truth, teacher and student of 0 and 1; where the two disagree each is right half of the time: the true gain is 0."""
    rng = np.random.default_rng(seed)
    truth = (rng.uniform(size=rows) < 0.5).astype(float)
    apart, right = rng.uniform(size=rows) < disagree, rng.uniform(size=rows) < 0.5
    return truth, np.where(apart & ~right, 1 - truth, truth), np.where(apart & right, 1 - truth, truth)


@pytest.mark.parametrize("labels, disagree", [(30, 0.1), (100, 0.03), (100, 0.2)])
def test_hard_labels_that_mostly_tie_are_not_made_certain(labels, disagree):
    rounds, inside = 400, []
    for seed in range(rounds):
        truth, weak, student = hard(seed, 21 * labels, disagree)
        try:
            found = certify_gain(weak, student, truth[:labels], np.arange(labels))
        except TooFewLabels:
            continue
        inside.append(found.low <= 0 <= found.high)
    assert len(inside) > 0.8 * rounds
    assert np.mean(inside) >= 0.95 - 3 * math.sqrt(0.95 * 0.05 / len(inside))


def one_sided(rng, rows):
    """Classes 0 and 1; the student repairs 3 % of the rows, spoils 0.2 %, and 7 % are wrong in both."""
    chance, truth = rng.uniform(size=rows), (rng.uniform(size=rows) < 0.3).astype(float)
    both = chance > 0.93
    weak = np.where((chance < 0.03) | both, 1 - truth, truth)
    return truth, weak, np.where(((chance >= 0.03) & (chance < 0.032)) | both, 1 - truth, truth)


def test_hard_labels_get_the_plain_interval_which_holds():
    """A line through the few rows that differ leaves no residual: 95 % intervals of the best weight hold in 75 %."""
    inside = below = 0
    for seed in range(400):
        truth, weak, student = one_sided(np.random.default_rng(seed), 8400)
        found = certify_gain(weak, student, truth[:400], np.arange(400))
        assert found.plain and found.weight == 0
        assert (found.low, found.high) == pytest.approx((found.naive_low, found.naive_high), rel=1e-9)
        inside += found.low <= 0.028 <= found.high
        below += found.lower_bound <= 0.028
    assert inside / 400 >= 0.95 - 3 * math.sqrt(0.95 * 0.05 / 400)
    assert below / 400 >= 0.95 - 3 * math.sqrt(0.95 * 0.05 / 400)
    for kind in KINDS:
        again = certify_gain(weak, student, truth[:400], np.arange(400), **kind)
        assert (again.plain, again.low, again.high) == (True, found.low, found.high)


def confident(rng, rows, share, jitter):
    """A teacher that is right in three of four rows, and a student that doubts it on a ``share`` of them alone."""
    truth = (rng.uniform(size=rows) < 0.5).astype(float)
    weak = np.where(rng.uniform(size=rows) < 0.75, truth, 1 - truth)
    unsure = rng.uniform(size=rows) < share
    student = np.where(unsure, np.where(truth == 1, 0.6, 0.4), np.where(weak == 1, 0.97, 0.03))
    return truth, weak, np.clip(student + jitter * rng.normal(size=rows), 0, 1)


@pytest.mark.parametrize("jitter", [0, 0.01])
@pytest.mark.parametrize("share, labels", [(0.02, 30), (0.05, 100), (0.1, 30), (0.1, 300), (0.3, 100)])
def test_hard_labels_of_which_too_few_carry_the_gain_tell_no_sign(share, labels, jitter):
    """Intervals of the best weight hold in 60 to 80 %, the plain one in 75 to 95 %; a sign is told in the latter alone."""
    rng = np.random.default_rng(1)
    truth, weak, student = confident(rng, 20_000, share, jitter)
    true = gains_of(truth, weak, student).mean()
    missed = firm = 0
    for _ in range(200):
        rows = rng.choice(20_000, labels, replace=False)
        found = certify_gain(weak, student, truth[rows], rows)
        assert found.plain and (found.sign == 0 or not found.thin)
        firm += not found.thin
        missed += not found.thin and not found.low <= true <= found.high
    assert missed / 200 <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / 200)
    assert firm / 200 > 0.9 if share * labels >= 30 else firm / 200 < 0.1


def test_hard_labels_that_all_agree_give_no_interval_of_no_length():
    """The teacher says 1 and the student 0 everywhere: ten labels of 0 do not say that all are."""
    with pytest.raises(TooFewLabels, match="do not tell how much the gain varies"):
        certify_gain(np.ones(500), np.zeros(500), np.zeros(10), np.arange(10))
    few = certify_gain(np.ones(500), np.zeros(500), np.eye(10)[0], np.arange(10))
    assert few.plain and few.thin and few.low < 0.8 < few.high
    plain, thin = few.doubts
    assert "few values" in plain and f"label {math.ceil(few.enough)} in all" in thin
    copied = certify_gain(np.ones(500), np.ones(500), np.zeros(10), np.arange(10))
    assert (copied.gain, copied.low, copied.high, copied.sign) == (0, 0, 0, 0)


def test_targets_that_vary_are_not_hard_and_keep_their_numbers():
    """Also with repeated values; the numbers are those of before there was a rule for hard labels."""
    truth, weak, student = problem()
    for digits, numbers in ((16, PINNED["as they are"]), (1, PINNED["one decimal"])):
        found = certify_gain(weak, student, np.round(truth[:40], digits), np.arange(40))
        assert not found.plain and not found.thin and found.enough == 0 and found.doubts == ()
        assert (found.gain, found.low, found.high, found.weight) == pytest.approx(numbers, rel=1e-9)


def test_misfits_that_tie_but_for_round_off_tie():
    """A student that is its teacher on most rows, computed another way: a line through nine rows is not fitted."""
    rng = np.random.default_rng(0)
    truth = rng.normal(size=2000)
    weak = truth + rng.normal(size=2000)
    student = weak * (1 + 1e-16 * rng.integers(-3, 4, size=2000))
    student[::10] -= 0.5
    assert certify_gain(weak, student, truth[:90], np.arange(90)).weight == 0
    assert certify_gain(weak, student, truth[:110], np.arange(110)).weight != 0


@pytest.mark.parametrize("offset", [0.0, 3e9])
@pytest.mark.parametrize("classes", [False, True])
def test_a_student_that_is_its_teacher_but_for_round_off_gains_nothing(offset, classes):
    """Its errors differ from the teacher's in the last digits, all one way: a sign would be told with certainty."""
    rng = np.random.default_rng(0)
    truth = (rng.integers(3, size=600) if classes else rng.normal(size=600)) + offset
    weak = truth + np.abs(rng.normal(size=600))
    student = np.nextafter(weak, truth)
    found = certify_gain(weak, student, truth[:90], np.arange(90))
    assert (found.gain, found.low, found.high, found.sign, found.misfit) == (0, 0, 0, 0, 0)
    assert not error_sums(weak, weak - 1e-3, truth[:90], np.arange(90)).repeats


def test_one_gain_in_all_rows_is_one_wherever_the_target_stands():
    """Teacher and student are off by a constant each: no misfit varies, so nothing is left open, whatever the last digits."""
    truth = np.random.default_rng(0).normal(size=300)
    for offset in (0.0, 1 / 3, 3e9):
        moved = truth + offset
        found = certify_gain(moved + 1.0, moved + 0.6, moved[:50], np.arange(50))
        assert found.gain == pytest.approx(0.64, abs=1e-6) and found.half_width < 1e-6
        assert found.weight == 0


def test_a_target_far_from_0_is_hard_only_if_it_takes_few_values():
    truth, weak, student = problem()
    for offset in (0.0, 3e9, 3e12):
        moved = [np.round(values * 2**9) / 2**9 + offset for values in (weak, student, truth[:40])]
        assert not certify_gain(*moved, np.arange(40)).plain
        classes = (truth[:40] > 0) + offset
        assert certify_gain(weak + offset, student + offset, classes, np.arange(40)).plain


def test_one_label_far_from_all_others_hides_neither_them_nor_their_gains():
    truth, weak, student = (10 * values for values in problem())
    truth[3] = 1e12
    found = certify_gain(weak, student, truth[:40], np.arange(40))
    assert not found.plain and found.enough == 0 and found.half_width > 1e9


@pytest.mark.parametrize("disagree", [0.05, 0.2, 0.6])
def test_two_predictions_exchanged_turn_the_interval_around(disagree):
    for truth, weak, student in (problem(rows=600), hard(0, 600, disagree)):
        rows = np.arange(60)
        one = certify_gain(weak, student, truth[rows], rows)
        other = certify_gain(student, weak, truth[rows], rows)
        assert (other.gain, other.low, other.high) == pytest.approx((-one.gain, -one.high, -one.low))


BAD = {
    "one label short": (lambda t, w, s: certify_gain(w, s, t[:3], [0, 1, 2]), TooFewLabels, "3 labelled"),
    "a mask": (lambda t, w, s: certify_gain(w, s, t[:5], np.arange(40) < 5), TypeError, "flatnonzero"),
    "fractions": (lambda t, w, s: certify_gain(w, s, t[:2], [0.0, 1.5]), TypeError, "row numbers"),
    "outside": (lambda t, w, s: certify_gain(w, s, t[:5], [0, 1, 2, 3, 40]), ValueError, "0 to 39"),
    "negative": (lambda t, w, s: certify_gain(w, s, t[:5], [0, 1, 2, 3, -1]), ValueError, "from -1"),
    "twice": (lambda t, w, s: certify_gain(w, s, t[:5], [0, 1, 2, 3, 3]), ValueError, "twice"),
    "lengths": (lambda t, w, s: certify_gain(w, s, t[:4], np.arange(5)), ValueError, "one true label"),
    "labels without rows": (lambda t, w, s: certify_gain(w, s, t[:4], []), ValueError, "one true label"),
    "NaN": (lambda t, w, s: certify_gain(w, s, t[:5] * np.nan, np.arange(5)), ValueError, "NaN"),
    "text": (lambda t, w, s: certify_gain(w, s, list("abcde"), np.arange(5)), TypeError, "real numbers"),
    "shapes": (lambda t, w, s: certify_gain(w, s[:9], t[:5], np.arange(5)), ValueError, "one shape"),
    "tasks": (lambda t, w, s: certify_gain(w[:, None], s[:, None], t[:5], np.arange(5)), ValueError, "one task"),
    "level": (lambda t, w, s: certify_gain(w, s, t[:5], np.arange(5), level=95), ValueError, "level"),
    "too large": (lambda t, w, s: certify_gain(w * 1e80, s * 1e80, t[:5], np.arange(5)), ValueError, "another unit"),
    "too small": (lambda t, w, s: certify_gain(*(1e-85 * v for v in (w, s, t[:5])), np.arange(5)), ValueError, "another unit"),
    "level in quotes": (lambda t, w, s: certify_gain(w, s, t[:5], np.arange(5), level="0.95"), ValueError, "such as 0.95"),
    "no level": (lambda t, w, s: certify_gain(w, s, t[:5], np.arange(5), level=None), ValueError, "such as 0.95"),
    "weight in quotes": (lambda t, w, s: certify_gain(w, s, t[:5], np.arange(5), weight="1"), ValueError, "weight"),
    "seed": (lambda t, w, s: certify_gain(w, s, t[:5], np.arange(5), method="bootstrap", seed="a"), ValueError, "seed"),
    "half-width": (lambda t, w, s: certify_gain(w, s, t[:5], np.arange(5)).labels_for("1"), ValueError, "half-width"),
    "method": (lambda t, w, s: certify_gain(w, s, t[:5], np.arange(5), method="exact"), ValueError, "method"),
    "weight": (lambda t, w, s: certify_gain(w, s, t[:5], np.arange(5), weight=math.inf), ValueError, "weight"),
}  # fmt: skip


@pytest.mark.parametrize("call, error, words", BAD.values(), ids=BAD)
def test_bad_input_is_named(call, error, words):
    truth, weak, student = problem(rows=40)
    with pytest.raises(error, match=words):
        call(truth, weak, student)


def test_the_least_number_of_labels_is_enough():
    truth, weak, student = problem(rows=40)
    rows = np.arange(LEAST_LABELS)
    found = certify_gain(weak, student, truth[rows], rows)
    assert math.isfinite(found.low) and found.low < found.gain < found.high
    assert certificate.METHODS == ("normal", "bootstrap")


def test_round_off_makes_no_hard_label_soft_and_a_copying_student_is_thin():
    rng = np.random.default_rng(0)
    truth = (rng.random(2000) < 0.4).astype(float)
    weak = np.where(rng.random(2000) < 0.8, truth, 1 - truth)
    student = np.where(rng.random(2000) < 0.9, truth, 1 - truth)
    rounded = truth + 1e-13 * rng.normal(size=2000)
    assert certify_gain(weak, student, rounded[:200], np.arange(200)).plain
    numbers = rng.normal(size=2000)
    teacher = numbers + rng.normal(size=2000)
    copying = np.where(np.arange(2000) % 20 == 0, numbers, teacher)
    found = certify_gain(teacher, copying, numbers[:100], np.arange(100))
    assert found.weight == 0 and found.thin and found.sign == 0 and found.doubts
    assert not certify_gain(teacher, 0.5 * (numbers + teacher), numbers[:100], np.arange(100)).doubts


@pytest.mark.parametrize("unit", [1e-60, 1e-42, 1e39, 1e60])
def test_rows_that_carry_the_gain_are_counted_alike_in_any_unit(unit):
    def found(unit):
        rng = np.random.default_rng(3)
        truth = rng.integers(0, 2, 400) * unit
        weak = np.where(rng.random(400) < 0.7, truth, unit - truth)
        student = np.where(rng.random(400) < 0.9, truth, unit - truth)
        return certify_gain(weak, student, truth[:100], np.arange(100))

    assert found(unit).plain and found(unit).enough == pytest.approx(found(1.0).enough)
