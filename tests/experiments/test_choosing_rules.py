"""What rules see and cost, on weak models whose order is known; the statistics of the claims, on numbers made by hand."""

import numpy as np
import pandas as pd
import pytest

from w2s_utils.experiments.choosing import WHOLE
from w2s_utils.experiments.choosing_rules import (
    ORACLE,
    PART_KEYS,
    RANDOM,
    RULE,
    RULES,
    Pool,
    behind_best_other,
    behind_best_rival,
    behind_rivals,
    by_half,
    compared,
    correlation_of_rule,
    farther_off,
    misses,
    named_against_others,
    only,
    pair_rows,
    pairs_of,
    rule_rows,
    scores,
)
from w2s_utils.theory.intervals import mean_t

TABLE = pd.DataFrame(
    {
        "weak_error": [1.0, 2.0, 3.0], "misfit": [0.1, 1.6, 0.2], "student_error": [0.9, 0.5, 2.8],
        "other_weak_error": [1.0, 1.0, 1.0], "other_misfit": [0.3, 0.2, 0.1],
        "metric": [0.4, 0.1, 0.9], "norm": [0.5, 0.5, 0.4], "metric_labels": [0.3, 0.2, 0.8],
    },
    index=["a", "b", "c"],
)  # fmt: skip
POOL = Pool("mixed", ["a", "b", "c"])


def test_rules_see_what_their_names_say_and_pay_for_their_pick():
    seen, student_error = scores(TABLE, POOL)
    assert list(seen) == list(RULES) and seen[RULE].tolist() == pytest.approx([0.9, 0.4, 2.8])
    found = {row["rule"]: row for row in compared(seen, student_error, ["a", "b", "c"])}
    assert (found[RULE]["picked"], found[RULE]["regret"], found[RULE]["spearman"]) == (
        "b",
        0,
        pytest.approx(1.0),
    )
    assert found["weak error"]["picked"] == "a" and found["weak error"]["regret"] == pytest.approx(80)
    assert found["largest misfit"]["picked"] == "b" and found["label-free norm"]["squared"] == pytest.approx(
        2.3
    )
    assert found[ORACLE]["picked"] == "b" and found[RANDOM]["regret"] == pytest.approx(180)


def test_other_rows_and_some_models_only():
    seen, student_error = scores(TABLE, Pool("mixed", ["c", "a"]), other=True)
    assert seen[RULE].tolist() == pytest.approx([0.9, 0.7]) and student_error.tolist() == [2.8, 0.9]


def test_pairs_are_counted_once_in_their_bin_and_kind():
    seen, student_error = scores(TABLE, POOL)
    counted = pd.DataFrame(pairs_of(seen, student_error, np.array(["x", "x", "y"])))
    of_rule = counted[counted["rule"] == RULE]
    assert of_rule["pairs"].sum() == 3 and of_rule["right"].sum() == 3 and of_rule["regret"].sum() == 0
    weak = counted[counted["rule"] == "weak error"]
    assert weak["right"].sum() == 2 and weak["regret"].sum() == pytest.approx(100 * (0.4 / 0.5))
    near = weak[(weak["bin"] == 4) & (weak["kinds"] == "x / x")]  # 1 and 2 differ by more than 40 %
    assert near["pairs"].tolist() == [1] and near["right"].tolist() == [0]


def on_parts():
    """TABLE as the rows of all training rows (WHOLE) and of one half, and a second kind that only WHOLE has."""
    about = {"data": "set", "setting": "shared", "split": "first"}
    cases = [("mixed", WHOLE), ("mixed", 0), ("other", WHOLE)]
    tables = [TABLE.assign(**about, kind=kind, half=half) for kind, half in cases]
    return pd.concat(tables).rename_axis("weak").reset_index()


@pytest.mark.filterwarnings("ignore:An input array is constant")  # the other_weak_error
def test_every_pool_is_judged_where_its_kind_is_and_on_other_rows_for_halves_only():
    pools = {"all": POOL, "two": Pool("mixed", ["a", "c"]), "beside": Pool("other", ["a", "b"], "norm")}
    found = pd.DataFrame(rule_rows(on_parts(), pools))
    assert not found.duplicated([*PART_KEYS, "pool", "seen_on", "rule"]).any()
    counted = found.groupby(["kind", "half", "pool", "seen_on"]).size()
    assert set(counted) == {len(RULES) + 1} and list(counted.index) == [
        ("mixed", WHOLE, "all", "same rows"),
        ("mixed", WHOLE, "two", "same rows"),
        ("mixed", 0, "all", "other rows"),
        ("mixed", 0, "all", "same rows"),
        ("mixed", 0, "two", "other rows"),
        ("mixed", 0, "two", "same rows"),
        ("other", WHOLE, "beside", "same rows"),
    ]
    picks = only(found, rule=RULE, half=0, pool="all").set_index("seen_on")["picked"]
    assert picks.to_dict() == {"same rows": "b", "other rows": "a"}
    assert only(found, rule="label-free metric", pool="beside")["picked"].tolist() == [
        "a"
    ]  # its column: norm


def test_pairs_are_judged_by_what_is_seen_on_other_rows_of_halves():
    counted = pd.DataFrame(pair_rows(on_parts(), POOL, np.array(["x", "x", "y"])))
    assert set(counted["half"]) == {0} and set(counted["kind"]) == {"mixed"}
    weak = only(counted, rule="weak error")
    assert set(weak["bin"]) == {0} and weak["right"].sum() == 0  # tied on the other rows: none is right
    of_rule = only(counted, rule=RULE)  # 0.7, 0.8 and 0.9 of a, b and c: only a and b are in the wrong order
    assert of_rule["right"].sum() == 2 and of_rule["regret"].sum() == pytest.approx(100 * (0.4 / 0.5))


def test_regret_by_half_and_the_distance_to_the_best_rival():
    costs = {rule: place for place, rule in enumerate((*RULES, RANDOM))}
    rows = pd.DataFrame(
        {"half": half, "rule": rule, "regret": 10 * half + cost + shift}
        for half in (1, 0)
        for shift in (-1, 1)  # two splits
        for rule, cost in costs.items()
    )
    values = by_half(rows, "regret")
    np.testing.assert_allclose(values, [np.arange(7.0), 10 + np.arange(7.0)])
    assert behind_best_rival(values) == pytest.approx((-1, -1, -1))
    values = values + [5, 0, 0, 0, 0, -9, -9]  # the oracle and a random pick are no rivals
    assert behind_best_rival(values) == pytest.approx((4, 4, 4))


def test_the_best_rival_is_found_by_its_values_and_the_interval_knows():
    """Rule and four rivals of the same mean: the largest difference, 0, is held in 95 % of repetitions at least."""
    rng = np.random.default_rng(0)
    held = 0
    for _ in range(400):
        values = rng.normal(size=(10, 7))
        found = behind_best_rival(values)
        apart = behind_rivals(values)["weak error"]
        held += found.low <= 0 <= found.high
        assert found.high >= apart.high and found.low >= apart.low
    assert held / 400 >= 0.93


def test_estimates_are_off_by_the_cross_term_and_by_the_gain():
    weak_error, student_error, misfit = np.array([[4.0, 3.0], [2.0, 2.0], [1.0, 1.0]])
    noise = np.array([-0.5, 0.5])[:, None, None]  # of two molecules; their mean counts
    values = np.stack([misfit, weak_error, student_error], axis=-1) + noise
    # cross terms -> weak error - misfit - student error: 1 and 0; gains: 2 and 1; mean student error: 2
    np.testing.assert_allclose(misses(values), [0.25, 0.75, 0.25, 0.25])
    values[:, :, 0] += [[0.2], [-0.2]]
    values = np.tile(values, (10, 1, 1))
    found = farther_off(values)
    assert found.estimate == pytest.approx(-0.5) == misses(values)[0] - misses(values)[1]
    assert found.low < -0.5 < found.high


def test_correlation_of_the_rule():
    misfit, weak_error = (
        np.array([0.0, 0.5, 3.0, 1.0]),
        np.array([1.0, 2.0, 3.5, 3.0]),
    )  # the rule: 1, 1.5, 0.5, 2
    for student_error, found in ([2, 3, 1, 4], 1.0), ([3, 2, 4, 1], -1.0), ([1, 1, 2, 2], 0.0):
        values = np.stack([misfit, weak_error, np.array(student_error, float)], axis=-1)[None]
        one = correlation_of_rule(values)
        assert one.estimate == pytest.approx(found) and one.low <= one.estimate <= one.high


def test_the_model_that_is_named_most_often_is_compared_with_every_other_one():
    """By hand: the rule names b in halves 0 and 2, c in half 1; errors 0.9, 0.5 and 2.8, in half 2 0.9, 0.6 and 2.8."""
    parts = []
    for half, other_misfit in enumerate(([0.3, 0.9, 0.1], [0.3, 0.2, 0.9], [0.3, 0.9, 0.1])):
        rows = TABLE.assign(other_misfit=other_misfit).rename_axis("weak").reset_index()
        if half == 2:
            rows["student_error"] = [0.9, 0.6, 2.8]
        parts += [rows.assign(data="E", kind="mixed", setting="shared", split=s, half=half) for s in "xy"]
    parts.append(parts[0].assign(half=WHOLE))
    model, found = named_against_others(pd.concat(parts), POOL)
    assert model == 1
    assert found == pytest.approx(np.array([[-80, -460], [-80, -460], [-50, -2200 / 6]]))


def test_the_distance_from_the_best_other_one_is_read_off_joint_intervals():
    """Ahead of one model by 3 and of another by 5; then behind two by 4 and by 1."""
    noise = np.random.default_rng(0).normal(size=(10, 2))
    ahead = noise - [3, 5]
    found = behind_best_other(ahead)
    assert found.estimate == pytest.approx(ahead[:, 0].mean()) and found.low < found.estimate < found.high < 0
    alone = mean_t(ahead[:, 0])
    assert found.high - found.low > alone.high - alone.low
    behind = behind_best_other(noise + [4, 1])
    assert behind.low > 1 and behind.estimate == pytest.approx(4, abs=0.7)
