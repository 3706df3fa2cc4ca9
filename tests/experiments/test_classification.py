"""The classification protocol: parts, losses worked out by hand, and the same numbers as the protocol for one teacher."""

import numpy as np
import pytest

from w2s_utils import runtime
from w2s_utils.data.container import Views
from w2s_utils.experiments.classification import (
    BRIER_SCORE,
    ERRORS,
    HANDED_ON,
    HARD,
    LOG_LOSS,
    LOSSES,
    PENALTIES,
    PROBABILITIES,
    Sizes,
    class_parts,
    class_triple,
    hardened,
    judged_rows,
    judgements,
    kinds_of_errors,
    taught,
)
from w2s_utils.experiments.crossfit import standardise
from w2s_utils.experiments.protocol import run_protocol
from w2s_utils.heads.validated import ValidatedLogistic

TRUTH = np.eye(3)[[0, 1, 2, 0]]
WEAK = np.array([[0.6, 0.4, 0.0], [0.5, 0.25, 0.25], [0.2, 0.7, 0.1], [0.1, 0.8, 0.1]])
STUDENT = np.array([[0.3, 0.5, 0.2], [0.2, 0.6, 0.2], [0.2, 0.7, 0.1], [0.1, 0.1, 0.8]])


def problem(rows: int = 300, seed: int = 0):
    draw = np.random.default_rng(seed)
    strong = draw.normal(size=(rows, 6))
    targets = (strong[:, :3] + draw.gumbel(size=(rows, 3))).argmax(axis=1)
    return Views(strong, {"half": strong[:, :2], "noisy": strong + draw.normal(size=(rows, 6))}), targets


def test_losses_by_hand():
    errors, brier = (
        class_triple(ERRORS, TRUTH, WEAK, STUDENT),
        class_triple(BRIER_SCORE, TRUTH, WEAK, STUDENT),
    )
    assert (errors.weak_error, errors.student_error, errors.misfit) == (0.75, 0.75, 0.75)
    assert brier.weak_error == pytest.approx(
        (0.32 + (0.25 + 0.5625 + 0.0625) + (0.04 + 0.49 + 0.81) + (0.81 + 0.64 + 0.01)) / 4
    )
    assert brier.misfit == pytest.approx(np.mean(np.sum((WEAK - STUDENT) ** 2, axis=1)))
    log = class_triple(LOG_LOSS, TRUTH[1:], WEAK[1:], STUDENT[1:], STUDENT[1:])
    assert log.weak_error == pytest.approx(-np.mean(np.log([0.25, 0.1, 0.1])))
    assert log.misfit == pytest.approx(np.mean(np.sum(STUDENT[1:] * np.log(STUDENT[1:] / WEAK[1:]), axis=1)))
    assert log.ceiling == log.student_error


def test_every_error_is_of_one_kind():
    assert kinds_of_errors(TRUTH, WEAK, STUDENT) == {
        "corrected": 0.25,
        "inherited": 0.25,
        "changed": 0.25,
        "new": 0.25,
    }


@pytest.mark.parametrize("seed", range(5))
def test_the_kinds_add_up_to_the_errors_and_the_misfit_bounds_the_gain(seed):
    draw = np.random.default_rng(seed)
    truth, weak, student = hardened(draw.random((50, 4))), draw.random((50, 4)), draw.random((50, 4))
    weak, student = (table / table.sum(axis=1, keepdims=True) for table in (weak, student))
    kinds, triple = kinds_of_errors(truth, weak, student), class_triple(ERRORS, truth, weak, student)
    assert kinds["corrected"] + kinds["inherited"] + kinds["changed"] == pytest.approx(triple.weak_error)
    assert kinds["inherited"] + kinds["changed"] + kinds["new"] == pytest.approx(triple.student_error)
    assert triple.gain == pytest.approx(kinds["corrected"] - kinds["new"])
    assert abs(triple.gain) <= triple.misfit + 1e-12


def test_of_several_most_probable_classes_the_first_is_named():
    assert hardened(np.array([[0.4, 0.4, 0.2], [0.0, 0.5, 0.5]])).tolist() == [[1, 0, 0], [0, 1, 0]]


def test_each_student_is_that_of_the_protocol():
    views, targets = problem()
    parts = class_parts(targets, Sizes(40, 30, 130, 100), runtime.seed_stream(0, "parts"))
    found = judgements(taught(views, targets, 3, parts))
    training = np.union1d(parts.weak_train, parts.student_train)
    head, truth = ValidatedLogistic(PENALTIES, 3), np.eye(3)[targets]
    strong = standardise(views.strong, training, np.inf)
    for name, table in views.weak.items():
        for handed, hand_on in HANDED_ON.items():
            weak = standardise(table, training, np.inf)
            outcome = run_protocol(weak, strong, truth, parts, head, head, hand_on)
            assert np.array_equal(outcome.student, found.students[name, handed])
            assert np.array_equal(outcome.weak, found.weak[name])
            assert np.array_equal(outcome.ceiling, found.ceiling)
            assert np.array_equal(outcome.truth, found.truth)
    swapped = run_protocol(strong, strong, truth, parts, head, head)
    assert np.array_equal(swapped.weak, found.alone)


def test_rows_are_one_for_each_student_and_loss():
    views, targets = problem()
    parts = class_parts(targets, Sizes(40, 30, 130, 100), runtime.seed_stream(0, "parts"))
    rows = judged_rows(judgements(taught(views, targets, 3, parts)), seed=4)
    named = {(row["teacher"], row["handed"], row["loss"]) for row in rows}
    assert len(rows) == len(named) == 2 * 2 * len(LOSSES) and {row["seed"] for row in rows} == {4}
    for row in rows:
        assert row["gain"] == pytest.approx(row["weak_error"] - row["student_error"])
        gap = row["weak_error"] - row["ceiling"]
        assert row["pgr"] == pytest.approx(row["gain"] / gap) if gap > 0 else np.isnan(row["pgr"])


def test_where_a_log_loss_is_infinite_nothing_is_made_of_it():
    views, targets = problem()
    parts = class_parts(targets, Sizes(40, 30, 130, 100), runtime.seed_stream(0, "parts"))
    found = judgements(taught(views, targets, 3, parts))
    found.students["half", HARD][:] = np.eye(3)[0]
    rows = [row for row in judged_rows(found) if (row["teacher"], row["handed"]) == ("half", HARD)]
    [log] = [row for row in rows if row["loss"] == LOG_LOSS]
    assert log["student_error"] == np.inf and np.isnan([log["gain"], log["cross_term"], log["pgr"]]).all()
    assert all(np.isfinite(row["gain"]) for row in rows if row["loss"] != LOG_LOSS)


def test_students_of_hard_labels_learn_classes_only():
    views, targets = problem()
    parts = class_parts(targets, Sizes(40, 30, 130, 100), runtime.seed_stream(0, "parts"))
    sharper = Views(views.strong, {"half": views.weak["half"]})
    found = judgements(taught(sharper, targets, 3, parts))
    assert not np.allclose(found.students["half", HARD], found.students["half", PROBABILITIES])


def test_parts_are_disjoint_of_the_sizes_asked_for_and_hold_each_class():
    targets = np.array([0] * 195 + [1] * 5)
    parts = class_parts(targets, Sizes(50, 20, 100, 25), np.random.default_rng(0))
    sizes = [len(parts.weak_train), len(parts.validation), len(parts.student_train), len(parts.evaluation)]
    assert sizes == [50, 20, 100, 25] and set(targets[parts.weak_train]) == {0, 1}
    tested = np.arange(100, 200)
    parts = class_parts(np.arange(200) % 2, Sizes(10, 10, 80, 60), np.random.default_rng(0), tested)
    assert len(parts.evaluation) == 60 and set(parts.evaluation) <= set(tested)
    learned = np.concatenate([parts.weak_train, parts.validation, parts.student_train])
    assert not np.isin(learned, tested).any()


@pytest.mark.parametrize(
    ("sizes", "said"),
    [(Sizes(50, 50, 100, 10), "200 rows are to be learned from"), (Sizes(2, 50, 100, 10), "hardly ever one")],
)
def test_too_few_rows_or_too_rare_classes_are_refused(sizes, said):
    with pytest.raises(ValueError, match=said):
        class_parts(np.arange(200) % 40, sizes, np.random.default_rng(0))
