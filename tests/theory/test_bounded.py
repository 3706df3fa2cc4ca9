"""Labels in a known range: the weighted share against Clopper and Pearson, spans against the rows themselves, hard labels."""

import numpy as np
import pytest
from scipy.stats import beta, t

from w2s_utils.theory import intervals
from w2s_utils.theory.bounded import bounded_gain, moved, parts, spans, weighted_share, worth_of


@pytest.mark.parametrize("trials", [1, 4, 30, 300])
@pytest.mark.parametrize("level", [0.5, 0.95, 0.999])
@pytest.mark.parametrize("size", [1e-20, 1.0, 3e7])
def test_equal_sizes_give_the_ends_of_clopper_and_pearson(trials, level, size):
    for hits in {0, 1, trials // 3, trials - 1, trials}:
        known = intervals.share(hits, trials, level)
        found = weighted_share(hits * size, (trials - hits) * size, trials * size**2, size, (1 - level) / 2)
        assert found[0] == pytest.approx(known.estimate, rel=1e-12)
        assert found[1] == pytest.approx(known.low, rel=1e-10, abs=1e-300)
        assert found[2] == pytest.approx(known.high, rel=1e-10)


def test_other_sizes_count_as_so_many_rows_and_one_unseen_of_the_largest():
    sizes, u = np.array([1.0, 2.0, 0.5, 3.0, 3.0]), np.array([1, 0, 1, 0.25, 1])
    total, square = sizes.sum(), np.sum(sizes**2)
    rows, more = total**2 / square, 4.0 / (square / total)
    share = sizes @ u / total
    found = weighted_share(sizes @ u, sizes @ (1 - u), square, 4.0, 0.025)
    low = beta.ppf(0.025, rows * share, rows * (1 - share) + more)
    high = beta.ppf(0.975, rows * share + more, rows * (1 - share))
    assert found == pytest.approx((share, low, high))


def test_the_larger_what_was_not_seen_the_longer_the_interval_and_without_a_row_all_is_possible():
    _, low, high = weighted_share(6.0, 4.0, 10.0, np.array([1.0, 2.0, 5.0]), 0.05)
    assert (np.diff(low) < 0).all() and (np.diff(high) > 0).all()
    assert [float(one) for one in weighted_share(0, 0, 0, 1.0, 0.025)] == [0.5, 0, 1]
    assert weighted_share(5, 0, 5, 1, 0.025)[2] == 1 and weighted_share(0, 5, 5, 1, 0.025)[1] == 0


def test_sizes_that_are_round_off_tell_nothing():
    """Labelled rows on which the student repeats its teacher but for the last digit, and others that it does not."""
    _, low, high = weighted_share(3e-17, 4e-17, 5 * 1e-34, 0.8, 0.025)
    assert low < 1e-9 and high > 1 - 1e-9


def test_rows_whose_labels_lie_inside_count_for_more_and_two_unseen_ones_at_the_ends_for_all_of_it():
    """1 for labels at the ends; of labels halfway as many as two rows at the ends leave; nothing without a row."""
    size, largest = np.ones((3, 8)), np.array(1.0)
    hits = np.array([[1, 1, 0, 0, 1, 0, 1, 0], [0.5] * 8, [0.5, 0.5, 0, 1, 0.5, 0.5, 0.5, 0.5]])
    assert worth_of(hits, size, largest) == pytest.approx([1, (8 + 2) / 2, 0.25 * 10 / (2 * 0.25 + 2 * 0.25)])
    assert worth_of(hits[1], 1e-9 * size[1], largest) == pytest.approx(1, abs=1e-6)
    assert worth_of(0 * hits[1], 0 * size[1], largest) == 1 and worth_of(size[1], size[1], largest) == 1
    assert worth_of(np.array([1, 1, 1 - 1e-16, 1]), np.ones(4), largest) == 1  # hits but for round-off
    twice = weighted_share(4, 4, 8, 1, 0.025, 2.0)
    assert twice[1:] == pytest.approx((beta.ppf(0.025, 8, 9), beta.ppf(0.975, 9, 8)))


def soft(rows=300, seed=0):
    rng = np.random.default_rng(seed)
    weak, student = rng.uniform(-0.2, 1.2, size=(2, rows))
    return weak, student, rng.uniform(size=rows)


@pytest.mark.parametrize("low, high", [(0, 1), (-2, 3), (5, 5.5)])
def test_a_gain_lies_between_what_its_predictions_say_for_any_label_of_the_range(low, high):
    weak, student, u = soft()
    truth = low + (high - low) * u
    gains = (weak - truth) ** 2 - (student - truth) ** 2
    apart = parts(weak, student)
    size = 2 * (high - low) * abs(weak - student)
    least = apart[:, 2] - (low + high) * apart[:, 0] - size / 2
    ends = np.stack([(weak - end) ** 2 - (student - end) ** 2 for end in (low, high)])
    np.testing.assert_allclose(least, ends.min(axis=0), atol=1e-12)
    np.testing.assert_allclose(least + size, ends.max(axis=0), atol=1e-12)
    assert ((gains >= least - 1e-12) & (gains <= least + size + 1e-12)).all()
    found = bounded_gain(gains[None, :40], apart[None, :40], low, high, spans(apart[None]))
    assert found.hits[0] == pytest.approx(np.sum(gains[:40] - least[:40]))
    share = found.hits[0] / size[:40].sum()
    assert found.gain[0] == pytest.approx(np.mean(least + share * size))


def test_moments_are_those_of_the_rows():
    weak, student, _ = soft()
    over = spans(parts(weak, student))
    for share in (0.0, 0.3, 1.0):
        size = 2 * 2.5 * abs(weak - student)
        least = (weak - student) * (weak + student - (-1 + 1.5)) - size / 2
        mean, variance = over.moments(-1, 1.5, np.array(share))
        assert mean == pytest.approx(np.mean(least + share * size))
        assert variance == pytest.approx(np.var(least + share * size))


def test_rows_carry_by_their_size():
    """As many as there are where all are alike; one where one is large beside the others."""
    apart = np.full(50, 0.3)
    assert spans(parts(apart, 0 * apart)).carrying == pytest.approx(50)
    apart[0] = 1e6
    assert spans(parts(apart, 0 * apart)).carrying == pytest.approx(1, abs=1e-3)
    assert spans(parts(0 * apart, 0 * apart)).carrying == 0


def test_spans_add_up_and_turn_around():
    weak, student, _ = soft()
    whole, first, rest = (
        spans(parts(weak[s], student[s])) for s in (slice(None), slice(70), slice(70, None))
    )
    turned = spans(parts(student, weak))
    for one, other in ((first + rest, whole), (rest + first, whole), (whole.exchanged(), turned)):
        assert one.rows == other.rows and one.largest == other.largest
        np.testing.assert_allclose(one.sums, other.sums, atol=1e-12)
        np.testing.assert_allclose(one.products, other.products, atol=1e-12)


def test_about_which_value_predictions_are_counted_is_nothing():
    weak, student, u = soft()
    gains = (weak - u) ** 2 - (student - u) ** 2
    plain = parts(weak, student)
    expected = bounded_gain(gains[None, :40], plain[None, :40], 0, 1, spans(plain[None]))
    np.testing.assert_allclose(moved(parts(weak, student, 0.2), 0.5), parts(weak, student, 0.7), atol=1e-12)
    for about in (0.4, -3.0):
        apart = parts(weak, student, about)
        first, rest = spans(apart[:100], about), spans(parts(weak[100:], student[100:], 7.0), 7.0)
        for over in (
            spans(apart, about),
            first + rest,
            spans(parts(student, weak, about), about).exchanged(),
        ):
            found = bounded_gain(gains[None, :40], apart[None, :40], 0, 1, over)
            assert found.gain == pytest.approx(expected.gain)
            for one, other in zip(found.ends(0.025), expected.ends(0.025), strict=True):
                assert one == pytest.approx(other)
        assert (rest + first).about == 7


def hard(rows=4000, seed=0):
    rng = np.random.default_rng(seed)
    truth = (rng.random(rows) < 0.4).astype(float)
    return (
        truth,
        np.where(rng.random(rows) < 0.2, 1 - truth, truth),
        np.where(rng.random(rows) < 0.1, 1 - truth, truth),
    )


@pytest.mark.parametrize("labels", [5, 30, 400])
def test_of_hard_labels_only_rows_that_differ_count_and_their_share_is_that_of_clopper_and_pearson(labels):
    """gain = share that differs (2 q - 1), q how often the student is right there; ends of q, and of the mean over rows."""
    truth, weak, student = hard()
    gains = (weak - truth) ** 2 - (student - truth) ** 2
    apart = parts(weak, student)
    found = bounded_gain(gains[None, :labels], apart[None, :labels], 0, 1, spans(apart[None]))
    differ = weak != student
    trials, hits = int(differ[:labels].sum()), int((differ & (student == truth))[:labels].sum())
    known = intervals.share(hits, trials) if trials else intervals.Interval(0.5, 0.0, 1.0)
    gain, low, high = (differ.mean() * (2 * q - 1) for q in known)
    assert found.gain[0] == pytest.approx(gain)
    ends = [float(end[0]) for end in found.ends(0.025)]
    for end, far, q, side in ((ends[0], gain - low, known.low, -1), (ends[1], high - gain, known.high, 1)):
        of_row = np.where(differ, 2 * q - 1, 0)  # means over rows vary too, of which so many differ
        of_rows = t.ppf(0.975, differ.sum() - 1) * of_row.std() / np.sqrt(len(truth))
        assert end == pytest.approx(gain + side * (np.hypot(far, of_rows) if trials else far + of_rows))


def test_draws_at_once_are_each_by_itself_and_more_labels_shorten():
    sides = [np.stack(side) for side in zip(*(hard(500, seed) for seed in range(4)), strict=True)]
    truth, weak, student = sides
    gains, apart = (weak - truth) ** 2 - (student - truth) ** 2, parts(weak, student)
    together = bounded_gain(gains[:, :60], apart[:, :60], 0, 1, spans(apart))
    low, high = together.ends(0.025)
    for draw in range(4):
        alone = bounded_gain(
            gains[draw : draw + 1, :60], apart[draw : draw + 1, :60], 0, 1, spans(apart[draw : draw + 1])
        )
        assert (low[draw], high[draw]) == pytest.approx([float(end[0]) for end in alone.ends(0.025)])
    nearer = together.planned(0.025, 600)
    assert (nearer[0] > low).all() and (nearer[1] < high).all()
    assert (low <= together.gain).all() and (together.gain <= high).all()


@pytest.mark.filterwarnings("error")
def test_a_student_that_repeats_its_teacher_gains_nothing_for_certain():
    weak = np.array([[0.0, 1.0, 1.0, 0.0]])
    found = bounded_gain(np.zeros((1, 3)), parts(weak, weak)[:, :3], 0, 1, spans(parts(weak, weak)))
    assert found.gain[0] == 0 and [float(end[0]) for end in found.ends(0.025)] == [0, 0]


def test_ends_are_planned_from_what_is_known_of_all_rows():
    """On which rows the gain hangs: also where no labelled row is one of them, of which more labels would show some."""
    truth, weak, student = hard()
    apart, gains = parts(weak, student)[None], (weak - truth) ** 2 - (student - truth) ** 2
    of_all = spans(apart)
    found = bounded_gain(gains[None, :400], apart[:, :400], 0, 1, of_all)
    now, planned = (np.subtract(*ends) for ends in (found.ends(0.025), found.planned(0.025, 400)))
    assert planned == pytest.approx(now, rel=0.1)
    more = np.arange(4000)
    reached = np.subtract(*bounded_gain(gains[None, more], apart, 0, 1, of_all).ends(0.025))
    assert np.subtract(*found.planned(0.025, 4000)) == pytest.approx(reached, rel=0.1)
    agree = np.flatnonzero(weak == student)[:10]
    none = bounded_gain(gains[None, agree], apart[:, agree], 0, 1, of_all)
    wide = [float(np.subtract(*none.planned(0.025, labels)[::-1])[0]) for labels in (10, 100, 1000)]
    differ = np.mean(weak != student)
    of_rows = 2 * t.ppf(0.975, 4000 * differ - 1) * np.sqrt(differ * (1 - differ) / 4000)
    assert np.ptp([float(end[0]) for end in none.ends(0.025)]) == pytest.approx(2 * differ + of_rows)
    assert 2 * differ >= wide[0] > 2 * wide[1] > 4 * wide[2] > 0
