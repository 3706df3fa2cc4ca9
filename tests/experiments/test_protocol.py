"""The three stages: who sees which rows and labels, and cases whose outcome theory fixes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from w2s_utils import runtime
from w2s_utils.experiments.protocol import OverlappingParts, Parts, run_protocol, triple_rows
from w2s_utils.heads.linear import LeastSquaresHead, NormBallHead, RidgeHead
from w2s_utils.heads.validated import ValidatedRidge
from w2s_utils.theory import misfit

PARTS = Parts(np.arange(0, 40), np.arange(40, 100), np.arange(100, 160), np.arange(160, 200))


def world(seed=0, rows=200, tasks=None):
    """Inputs of 6 coordinates, a truth that is linear in all of them, and a weak model that sees only two."""
    rng = runtime.seed_stream(seed, "protocol test")
    x = rng.normal(size=(rows, 6))
    targets = x @ rng.normal(size=6 if tasks is None else (6, tasks))
    return x[:, :2], x, targets


def run(weak_x, strong_x, y, parts=PARTS, weak=None, strong=None):
    return run_protocol(weak_x, strong_x, y, parts, weak or LeastSquaresHead(), strong or LeastSquaresHead())


@given(
    st.lists(st.lists(st.integers(0, 30), min_size=1, max_size=6, unique=True), min_size=4, max_size=4),
    st.booleans(),
)
def test_parts_share_no_row(rows, allow_shared):
    pairs = [(a, b) for a in range(4) for b in range(a + 1, 4)]
    shared = [(a, b) for a, b in pairs if set(rows[a]) & set(rows[b])]
    if allow_shared:
        shared = [pair for pair in shared if pair != (0, 1)]
    if shared:
        with pytest.raises(OverlappingParts, match="share"):
            Parts(*rows, allow_shared=allow_shared)
    else:
        parts = Parts(*rows, allow_shared=allow_shared)
        assert [list(part) for part in (parts.weak_train, parts.validation)] == [rows[0], rows[3]]


def test_consecutive_parts_cover_the_rows_once():
    parts = Parts.consecutive(3, 4, 5)
    rows = np.concatenate([parts.weak_train, parts.student_train, parts.evaluation])
    np.testing.assert_array_equal(rows, np.arange(12))
    assert [len(parts.weak_train), len(parts.student_train), len(parts.evaluation)] == [3, 4, 5]


@pytest.mark.parametrize("tasks", [None, 3])
def test_the_stages_by_hand(tasks):
    weak_x, strong_x, y = world(tasks=tasks)
    y = y + 0.1 * runtime.seed_stream(1, "noise").normal(size=y.shape)
    outcome = run(weak_x, strong_x, y, strong=NormBallHead(0.8))
    weak = LeastSquaresHead().fit(weak_x[:40], y[:40])
    student = NormBallHead(0.8).fit(strong_x[40:100], weak.predict(weak_x[40:100]))
    ceiling = NormBallHead(0.8).fit(strong_x[40:100], y[40:100])
    held_out = slice(100, 160)
    np.testing.assert_array_equal(outcome.truth, y[held_out])
    np.testing.assert_allclose(outcome.weak, weak.predict(weak_x[held_out]), rtol=1e-12)
    np.testing.assert_allclose(outcome.student, student.predict(strong_x[held_out]), rtol=1e-12)
    np.testing.assert_allclose(outcome.ceiling, ceiling.predict(strong_x[held_out]), rtol=1e-12)
    direct = misfit.error_triple(outcome.truth, outcome.weak, outcome.student, outcome.ceiling)
    assert triple_rows(outcome.triple) == triple_rows(direct)


def test_a_student_that_can_imitate_gains_nothing():
    """The weak features are among the strong ones: the student repeats its teacher."""
    outcome = run(*world(tasks=4))
    np.testing.assert_allclose(outcome.triple.misfit, 0, atol=1e-24)
    np.testing.assert_allclose(outcome.triple.gain, 0, atol=1e-10)
    assert np.min(outcome.triple.weak_error) > 0.1  # so that there was something to gain


def test_realizable_subspace_with_many_rows_gains_its_misfit():
    """Theorem 1 with equality, up to sampling.

    Inputs standard normal; truth x'b in the class, weak model x'a + c (x_1^2 - 1) with a and c fitted. The part of it that
    the student cannot follow is c (x_1^2 - 1), orthogonal to all linear functions, so misfit = 2 c^2, and gain - misfit is
    a mean of 2 (p - w)(g - p), whose standard error is measured row by row; five of them are allowed.
    """
    rows = 400_000
    rng = runtime.seed_stream(3, "realizable")
    x = rng.normal(size=(2 * rows + 200, 3))
    y = x @ [1.0, -0.5, 0.25] + np.where(np.arange(len(x)) < 200, 1.5 * (x[:, 0] ** 2 - 1), 0.0)
    parts = Parts.consecutive(200, rows, rows)
    outcome = run(np.column_stack([x[:, :2], x[:, 0] ** 2]), x, y, parts)
    terms = misfit.cross_terms(outcome.truth, outcome.weak, outcome.student)
    # Errors of the student's own fit enter as well, of the same size as those of the evaluation rows.
    error = np.sqrt(2) * terms.std() / np.sqrt(rows)
    assert outcome.triple.misfit > 1
    assert abs(outcome.triple.gain - outcome.triple.misfit) < 5 * error < 0.05
    assert outcome.triple.ceiling < 1e-20


def test_every_stage_sees_only_its_rows():
    weak_x, strong_x, y = world()
    y = y + runtime.seed_stream(0, "noise").normal(size=len(y))
    before = run(weak_x, strong_x, y)

    changed = y.copy()
    changed[PARTS.evaluation] += 5
    after = run(weak_x, strong_x, changed)
    for name in ("weak", "student", "ceiling"):
        np.testing.assert_array_equal(getattr(before, name), getattr(after, name))
    assert after.triple.weak_error != before.triple.weak_error
    assert after.triple.misfit == before.triple.misfit

    changed = y.copy()
    changed[PARTS.student_train] += strong_x[PARTS.student_train, 3]
    after = run(weak_x, strong_x, changed)
    np.testing.assert_array_equal(before.weak, after.weak)
    np.testing.assert_array_equal(before.student, after.student)  # true labels there reach the ceiling only
    assert np.max(np.abs(before.ceiling - after.ceiling)) > 0.1

    changed = y.copy()
    changed[PARTS.weak_train] += weak_x[PARTS.weak_train, 1]
    after = run(weak_x, strong_x, changed)
    assert np.max(np.abs(before.student - after.student)) > 0.1
    np.testing.assert_array_equal(before.ceiling, after.ceiling)


def test_validated_ridge_never_shows_the_student_the_truth():
    """With the weak model held fixed, true labels of the validation rows move the ceiling and not the student."""
    weak_x, strong_x, y = world(seed=5)
    y = y + 2 * runtime.seed_stream(5, "noise").normal(size=len(y))
    before = run(weak_x, strong_x, y, strong=ValidatedRidge())
    changed = y.copy()
    changed[PARTS.validation] = 0.0  # asks for the largest penalty there is
    after = run(weak_x, strong_x, changed, strong=ValidatedRidge())
    np.testing.assert_array_equal(before.student, after.student)
    assert before.student_head.penalty == after.student_head.penalty
    assert after.ceiling_head.penalty > before.ceiling_head.penalty

    weak_before = run(weak_x, strong_x, y, weak=ValidatedRidge()).weak_head.penalty
    assert run(weak_x, strong_x, changed, weak=ValidatedRidge()).weak_head.penalty > weak_before


@given(st.randoms(use_true_random=False))
@settings(max_examples=10, deadline=None)
def test_renaming_the_rows_moves_nothing(random):
    weak_x, strong_x, y = world(seed=7, tasks=2)
    order = np.array(random.sample(range(200), 200))
    place = np.argsort(order)
    moved = Parts(*(place[part] for part in (PARTS.weak_train, PARTS.student_train, PARTS.evaluation)))
    kept = Parts(PARTS.weak_train, PARTS.student_train, PARTS.evaluation)
    before = run(weak_x, strong_x, y, kept)
    after = run(weak_x[order], strong_x[order], y[order], moved)
    assert triple_rows(before.triple) == triple_rows(after.triple)

    shuffled = Parts(kept.weak_train[::-1], random.sample(list(kept.student_train), 60), kept.evaluation)
    again = run(weak_x, strong_x, y, shuffled)
    np.testing.assert_allclose(again.student, before.student, rtol=1e-9, atol=1e-12)


def test_two_runs_give_the_same_bits_and_another_seed_does_not():
    first, second = (run(*world(seed=8), strong=ValidatedRidge()) for _ in range(2))
    for name in ("truth", "weak", "student", "ceiling"):
        assert getattr(first, name).tobytes() == getattr(second, name).tobytes()
    assert run(*world(seed=9)).triple.weak_error != first.triple.weak_error


def test_the_heads_given_stay_unfitted():
    weak, strong = LeastSquaresHead(), RidgeHead()
    run(*world(), weak=weak, strong=strong)
    assert not hasattr(weak, "coef_") and not hasattr(strong, "coef_")


def test_shared_rows_are_allowed_on_demand():
    rows = np.arange(100)
    outcome = run(*world(), parts=Parts(rows, rows, PARTS.evaluation, allow_shared=True))
    assert len(outcome.truth) == 60


def test_rows_are_complete():
    names = {"weak_error", "student_error", "misfit", "gain", "cross_term", "ceiling"}
    single = triple_rows(run(*world()).triple, seed=3, head="linear")
    assert len(single) == 1 and set(single[0]) == names | {"seed", "head"}
    many = triple_rows(run(*world(tasks=3)).triple, seed=3)
    assert [row["task"] for row in many] == [0, 1, 2]
    for row in single + many:
        assert all(isinstance(row[name], float) for name in names)
        assert row["gain"] == row["weak_error"] - row["student_error"]
        assert row["cross_term"] == row["gain"] - row["misfit"]
    without = triple_rows(misfit.ErrorTriple(2.0, 1.0, 0.5))
    assert "ceiling" not in without[0] and without[0]["cross_term"] == 0.5


@pytest.mark.parametrize("kind", ["bfloat16", "gradient"])
def test_tensors_give_what_their_numbers_give(kind):
    torch = pytest.importorskip("torch")
    plain = [np.round(4 * table).clip(-31, 31) / 4 for table in world()]  # which bfloat16 holds exactly
    tensors = [
        torch.tensor(table).bfloat16() if kind == "bfloat16" else torch.tensor(table, requires_grad=True)
        for table in plain
    ]
    for strong in (RidgeHead(), ValidatedRidge()):
        one, other = run(*plain, strong=strong), run(*tensors, strong=strong)
        assert one.triple.student_error == pytest.approx(other.triple.student_error, rel=1e-4)
        np.testing.assert_array_equal(one.truth, other.truth)
