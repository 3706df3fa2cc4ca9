"""What the values of a file say against an answer: fill values, copies, chosen labels; and nothing of ordinary data."""

import numpy as np
import pytest
from sklearn import datasets

from w2s_utils.own_data.answer import answer
from w2s_utils.own_data.columns import gather
from w2s_utils.own_data.doubts import (
    NOT_RANDOM,
    chosen_labels,
    copies,
    doubtful_cells,
    doubtful_targets,
    far_values,
    leaks,
)
from w2s_utils.own_data.judge import judge
from w2s_utils.own_data.rows import Rows

RNG = np.random.default_rng(7)
NORMAL = RNG.normal(size=120)


def table(rows=240, **changes):
    rng = np.random.default_rng(1)
    strong = rng.normal(size=(rows, 3))
    y = strong @ [1.0, -2.0, 0.5] + 0.3 * rng.normal(size=rows)
    found = {f"s{k}": strong[:, k] for k in range(3)} | {"w": y + rng.normal(size=rows)}
    return found | {"y": np.where(rng.permutation(rows) < rows // 2, y, np.nan)} | changes


def notes(columns, **choice):
    return gather("mine", columns, **{"target": "y", "strong": "s*", "weak_labels": "w", **choice}).notes


@pytest.mark.parametrize("fill", [-999.0, -9999.0, 99.0, 999.9, 9.969209968386869e36, 1e20, -32768.0])
@pytest.mark.parametrize("count", [1, 3, 100])
def test_a_fill_value_is_far_from_all_others(fill, count):
    assert far_values(np.append(NORMAL, np.full(count, fill))) == [fill]
    assert far_values(np.append(np.round(3 * NORMAL**2) % 2, np.full(count, fill))) == [
        fill
    ]  # beside 0 and 1


def test_two_fill_values_do_not_hide_each_other():
    assert far_values(np.concatenate([NORMAL, [-999.0, -999.0, 9999.0, -99.0, -99.0]])) == [
        -999.0,
        -99.0,
        9999.0,
    ]


@pytest.mark.parametrize("slip", [10.0, -12.0, 31.4, 777.0])
def test_a_value_ten_standard_deviations_out_does_not_hide_itself(slip):
    values = np.append((NORMAL - NORMAL.mean()) / NORMAL.std(), slip)
    assert far_values(values) == [slip]
    assert far_values(5 + values * 1e-3) == [5 + slip * 1e-3]


def test_a_fill_value_that_is_an_ordinary_number_there_is_none():
    assert far_values(np.arange(90.0, 130.0)) == [] and far_values(np.arange(-1100.0, 1100.0, 3)) == []
    assert far_values(np.array([0.0, 1.0] * 30)) == [] and far_values(np.full(50, 99.0)) == []


ORDINARY = {
    "normal": lambda rng, n: rng.normal(size=n),
    "lognormal": lambda rng, n: rng.lognormal(size=n),
    "wide lognormal": lambda rng, n: rng.lognormal(sigma=1.5, size=n),
    "lognormal on one scale": lambda rng, n: (lambda v: (v - v.mean()) / v.std())(rng.lognormal(size=n)),
    "exponential": lambda rng, n: rng.exponential(size=n),
    "uniform": lambda rng, n: rng.random(n),
    "counts with many zeros": lambda rng, n: rng.poisson(3, n) * (rng.random(n) < 0.3) * 1.0,
    "overdispersed counts": lambda rng, n: rng.negative_binomial(0.5, 0.1, n) * 1.0,
    "rare marks": lambda rng, n: (rng.random(n) < 0.01) * 1.0,
    "labels 0 and 1": lambda rng, n: rng.integers(0, 2, n) * 1.0,
    "cut off at a limit": lambda rng, n: np.minimum(rng.normal(size=n), 0.5),
}


@pytest.mark.parametrize("kind", ORDINARY)
@pytest.mark.parametrize("rows", [40, 150, 3000])
def test_ordinary_columns_have_no_far_values(kind, rows):
    rng = np.random.default_rng([rows, len(kind)])
    columns = np.column_stack([ORDINARY[kind](rng, rows) for _ in range(40)])
    assert doubtful_cells([([f"c{k}" for k in range(40)], columns)], Rows.of(rows)) == []


@pytest.mark.parametrize("name", ["diabetes", "digits", "wine", "breast_cancer"])
def test_real_tables_raise_no_doubt(name):
    found = getattr(datasets, f"load_{name}")()
    rng = np.random.default_rng(0)
    y = found.target + 0.01 * rng.normal(size=len(found.target))
    columns = {"s": found.data, "w": y + rng.normal(size=len(y)), "y": y}
    columns["y"] = np.where(rng.permutation(len(y)) < len(y) // 2, y, np.nan)
    assert notes(columns, strong="s") == ()


def test_targets_that_mean_missing_are_doubted():
    columns = table()
    assert notes(columns) == ()
    [note] = [
        n for n in notes(columns | {"y": np.nan_to_num(columns["y"], nan=-999.0)}) if "targets are" in n
    ]
    assert (
        note
        == "120 of 240 targets are -999, far from all others: if that means missing, leave those cells empty."
    )


def test_a_cell_that_means_missing_is_named_by_column_and_row():
    columns = table()
    columns["s1"][7] = -999
    columns["w"][9] = 9.96921e36
    [note] = notes(columns)
    assert "-999 in 's1', row 9 (the header is row 1)" in note and "9.96921e+36 in 'w', row 11 " in note
    strong = np.column_stack([columns[f"s{k}"] for k in range(3)])
    [note] = notes({"strong": strong, "w": table()["w"], "y": columns["y"]}, strong="strong")
    assert "-999 in column 2 of 'strong', row 9 " in note


def test_a_rare_cell_of_a_large_table_is_found():
    big = np.random.default_rng(0).normal(size=(30_000, 5))
    big[17_123, 3] = 55.0
    [note] = doubtful_cells([([f"c{k}" for k in range(5)], big)], Rows.of(30_000))
    assert "55 in c3, row 17125 " in note


def test_many_columns_with_fill_values_are_counted():
    big = np.random.default_rng(0).normal(size=(200, 9))
    big[5] = -9999
    [note] = doubtful_cells([([f"c{k}" for k in range(9)], big)], Rows.of(200))
    assert note.count("-9999") == 3 and "and 6 more. If they mean missing" in note


def test_rows_that_stand_several_times_are_counted():
    columns = {name: np.repeat(values, 4) for name, values in table(rows=60).items()}
    [note] = notes(columns)
    assert note.startswith(
        "240 of 240 rows are duplicates, equal in features and weak labels, of 60 different ones: each of these counts once"
    )
    columns = {name: np.append(values, values[:5]) for name, values in table().items()}
    assert notes(columns)[0].startswith(
        "10 of 245 rows are duplicates, equal in features and weak labels, of 5 different"
    )
    columns["s0"][-5:] += 1e-9
    assert notes(columns) == ()


def test_minus_zero_is_zero_and_rows_that_share_columns_are_no_copies():
    twice = np.array([[0.0, 1.0], [-0.0, 1.0], [2.0, 3.0]] * 1 + [[float(k), -k] for k in range(5, 40)])
    assert copies([twice], twice[:, 0], np.arange(38))[0][0].startswith("2 of 38 rows are duplicates")
    wide = np.tile(np.arange(40.0)[:, None] % 20, (2, 64)) + np.zeros((80, 64))
    wide[:, 9] = np.arange(80)
    assert copies([wide], wide[:, 0], np.arange(80)) == ([], None)


def test_rows_of_few_values_are_equal_by_chance_but_not_with_their_targets():
    rng = np.random.default_rng(0)
    marks, targets, known = rng.integers(0, 2, (200, 3)) * 1.0, rng.normal(size=200), np.arange(100)
    assert copies([marks], targets, known) == ([], None)
    assert copies([marks], np.round(targets), known) == ([], None)
    again, told = np.append(marks[:60], marks[:60], axis=0), np.append(targets[:60], targets[:60])
    [said], groups = copies([again], told, np.arange(120))
    assert said.startswith("120 of 120 rows are duplicates") and groups is None


def test_copies_are_numbered():
    wide = np.random.default_rng(0).normal(size=(50, 3))
    order = np.random.default_rng(1).permutation(np.repeat(np.arange(50), 3))
    _, groups = copies([wide[order]], order * 1.0, np.arange(150))
    assert groups.max() == 49
    assert all(len(set(order[groups == number])) == 1 for number in range(50))


def chosen(order, rows=2000, labels=100):
    """The first labels of a file sorted by ``order`` of the targets."""
    rng = np.random.default_rng(1)
    strong = rng.normal(size=(rows, 8))
    y = strong @ rng.normal(size=8) + 0.5 * rng.normal(size=rows)
    w = y + rng.normal(size=rows)
    place = np.argsort(order(y, rng))
    columns = {f"s{k}": strong[place, k] for k in range(8)} | {"w": w[place], "y": y[place].copy()}
    columns["y"][labels:] = np.nan
    return columns


@pytest.mark.parametrize(
    "order", [lambda y, rng: y, lambda y, rng: -y, lambda y, rng: np.abs(y), lambda y, rng: -np.abs(y)]
)
def test_labels_chosen_by_the_target_are_doubted_once(order):
    columns = chosen(order)
    [note] = notes(columns)
    assert "tell the labelled rows from the others at sight" in note and NOT_RANDOM in note
    caveats = answer(judge(gather("mine", columns, "y", "s*", weak_labels="w"), folds=4)).caveats
    assert sum(NOT_RANDOM in caveat for caveat in caveats) == 1


def test_labels_drawn_at_random_are_doubted_as_seldom_as_said():
    assert notes(chosen(lambda y, rng: rng.random(len(y)))) == ()
    rng = np.random.default_rng(3)
    false = 0
    for _ in range(400):
        strong = rng.lognormal(sigma=1.5, size=(150, 6))
        known = np.sort(rng.permutation(150)[:40])
        false += bool(chosen_labels(strong, {"w": strong[:, 0] + rng.normal(size=150)}, known))
    assert false <= 3  # 0.4 are expected at a chance of 1 in 1,000


def test_few_labels_or_few_others_raise_no_doubt_about_their_choice():
    strong = np.random.default_rng(0).normal(size=(100, 2))
    known = np.argsort(strong[:, 0])
    assert chosen_labels(strong, {}, known[:19]) == chosen_labels(strong, {}, known[:81]) == []
    assert chosen_labels(strong, {}, known[:40]) and chosen_labels(np.ones((100, 2)), {}, known[:40]) == []


def test_a_column_that_is_the_target_under_a_line_or_rounded_is_called_what_it_is():
    rng = np.random.default_rng(0)
    truth = rng.normal(size=40)
    honest = truth[:, None] + 0.01 * rng.normal(size=(40, 2))
    assert leaks([(["a", "b"], honest)], truth) == []
    for column, said in (
        (3 - 2.5 * truth, "w is a straight line of the target"),
        (np.round(truth, 1), "w is the target rounded to 0.1"),
    ):
        [note] = leaks([(["a", "w"], np.column_stack([honest[:, 0], column]))], truth)
        assert said in note and "a is" not in note
    assert leaks([(["w"], truth[:9, None])], truth[:9]) == []  # so few say nothing
    assert leaks([(["w"], (truth > 0)[:, None] * 1.0)], truth) == []  # somebody's honest classes
    classes = rng.integers(0, 2, 60) * 1.0
    assert leaks([(["w"], classes[:40, None])], classes[:40]) == []  # so few may be right by chance
    assert "straight line" in leaks([(["w"], 2 * classes[:, None] + 1)], classes)[0]


def test_targets_too_far_from_0_for_their_digits_are_doubted_and_others_not():
    rng = np.random.default_rng(0)
    values = rng.normal(size=200)
    for kept in (values, values + 3e9, np.round(100 * values) + 2.0**50, 1e300 * values):
        assert not doubtful_targets(kept)
    for lost in (values + 1e14, np.round(100 * values) + 2.0**54):
        (said,) = doubtful_targets(lost)
        assert "take one number off all of them" in said
