"""What rules see and cost, on weak models whose order is known; the label-free metric against explicit matrices."""

import numpy as np
import pandas as pd
import pytest

from w2s_utils.experiments.choosing import ORACLE, RANDOM, RULE, RULES, compared, pairs_of, scores
from w2s_utils.experiments.label_free import label_free, projected, smoothed, smoother
from w2s_utils.heads.linear import RidgeHead


def matrix(one, rows):
    """A smoother as a matrix on centred labels."""
    return np.column_stack([smoothed(one, column - column.mean()) for column in np.eye(rows)])


@pytest.mark.parametrize("penalty", [1e-9, 0.1, 10.0])
def test_a_smoother_does_what_the_ridge_head_does(penalty):
    rng = np.random.default_rng(0)
    features, labels = rng.normal(size=(30, 4)), rng.normal(size=30)
    made = labels.mean() + smoothed(smoother(features, penalty), labels - labels.mean())
    np.testing.assert_allclose(made, RidgeHead(penalty).fit(features, labels).predict(features), rtol=1e-9)


def test_the_metric_and_the_norm_are_those_of_the_matrices():
    rng = np.random.default_rng(1)
    goals = rng.normal(size=(25, 2))
    strong, weak = (smoother(rng.normal(size=(25, width)), 0.05) for width in (8, 3))
    product = matrix(strong, 25) @ (np.eye(25) - matrix(weak, 25))
    centred = goals - goals.mean(axis=0)
    found = label_free(strong, weak, goals)
    np.testing.assert_allclose(found[:2], np.mean((product @ centred) ** 2, axis=0), rtol=1e-9)
    assert found[2] == pytest.approx(np.linalg.norm(product, 2), rel=1e-9)


def test_with_projections_the_metric_is_student_error_less_ceiling_error():
    rng = np.random.default_rng(2)
    strong, weak, truth = rng.normal(size=(40, 6)), rng.normal(size=(40, 3)), rng.normal(size=40)
    student, ceiling = projected(strong, projected(weak, truth)), projected(strong, truth)
    difference = np.mean((student - truth) ** 2) - np.mean((ceiling - truth) ** 2)
    metric, _ = label_free(smoother(strong, 0.0), smoother(weak, 0.0), truth[:, None])
    assert metric == pytest.approx(difference, rel=1e-9)


TABLE = pd.DataFrame(
    {
        "weak_error": [1.0, 2.0, 3.0], "misfit": [0.1, 1.6, 0.2], "student_error": [0.9, 0.5, 2.8],
        "other_weak_error": [1.0, 1.0, 1.0], "other_misfit": [0.3, 0.2, 0.1],
        "metric": [0.4, 0.1, 0.9], "norm": [0.5, 0.5, 0.4], "metric_labels": [0.3, 0.2, 0.8],
    },
    index=["a", "b", "c"],
)  # fmt: skip


def test_rules_see_what_their_names_say_and_pay_for_their_pick():
    seen, student_error = scores(TABLE, ["a", "b", "c"], "metric")
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
    seen, student_error = scores(TABLE, ["c", "a"], "metric", other=True)
    assert seen[RULE].tolist() == pytest.approx([0.9, 0.7]) and student_error.tolist() == [2.8, 0.9]


def test_pairs_are_counted_once_in_their_bin_and_kind():
    seen, student_error = scores(TABLE, ["a", "b", "c"], "metric")
    counted = pd.DataFrame(pairs_of(seen, student_error, np.array(["x", "x", "y"])))
    of_rule = counted[counted["rule"] == RULE]
    assert of_rule["pairs"].sum() == 3 and of_rule["right"].sum() == 3 and of_rule["regret"].sum() == 0
    weak = counted[counted["rule"] == "weak error"]
    assert weak["right"].sum() == 2 and weak["regret"].sum() == pytest.approx(100 * (0.4 / 0.5))
    near = weak[(weak["bin"] == 4) & (weak["kinds"] == "x / x")]  # 1 and 2 differ by more than 40 %
    assert near["pairs"].tolist() == [1] and near["right"].tolist() == [0]
