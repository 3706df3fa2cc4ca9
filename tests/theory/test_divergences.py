"""Divergences against their definition, the identities that hold for all of them, and values where a logarithm ends."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from w2s_utils.theory import misfit
from w2s_utils.theory.divergences import (
    ALL,
    BRIER,
    GENERALISED_KL,
    ITAKURA_SAITO,
    KL,
    LOGISTIC,
    SQUARED,
)

SEEDS = st.integers(0, 2**32 - 1)
PHI = {
    SQUARED: lambda q: q**2,
    BRIER: lambda q: q**2,
    KL: lambda q: q * np.log(q) - q,  # the sum of a row is 1
    GENERALISED_KL: lambda q: q * np.log(q) - q,
    LOGISTIC: lambda q: q * np.log(q) + (1 - q) * np.log(1 - q),
    ITAKURA_SAITO: lambda q: -np.log(q),
}


def drawn(divergence, seed, count=3, rows=30):
    """Arrays inside the domain: ``(rows, 4)``, probabilities for a joint divergence."""
    rng = np.random.default_rng(seed)
    if divergence.joint:
        return list(rng.dirichlet(np.ones(4), size=(count, rows)) * 0.98 + 0.005)
    if divergence is LOGISTIC:
        return list(rng.uniform(0.01, 0.99, size=(count, rows, 4)))
    return list(rng.uniform(0.1, 3.0, size=(count, rows, 4)) - (2 if divergence is SQUARED else 0))


@pytest.mark.parametrize("divergence", ALL, ids=lambda one: one.name)
@settings(max_examples=20, deadline=None)
@given(seed=SEEDS)
def test_a_divergence_is_what_its_definition_says(divergence, seed):
    p, q = drawn(divergence, seed, 2)
    phi = PHI[divergence]
    entries = phi(p) - phi(q) - divergence.slope(q) * (p - q)
    expected = entries.sum(axis=1) if divergence.joint else entries
    np.testing.assert_allclose(divergence.rows(p, q), expected, rtol=1e-9, atol=1e-13)
    assert np.all(divergence.rows(p, q) >= 0)
    np.testing.assert_allclose(divergence.rows(q, q), 0, atol=1e-16)
    step = 1e-5 * q
    for found, of in ((divergence.slope, phi), (divergence.curvature, divergence.slope)):
        np.testing.assert_allclose(found(q), (of(q + step) - of(q - step)) / (2 * step), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("divergence", ALL, ids=lambda one: one.name)
@settings(max_examples=20, deadline=None)
@given(seed=SEEDS)
def test_gain_is_misfit_plus_cross_term_for_any_three(divergence, seed):
    truth, weak, student = drawn(divergence, seed)
    triple = misfit.error_triple(truth, weak, student, divergence=divergence)
    terms = divergence.cross_terms(truth, weak, student)
    assert terms.shape == divergence.rows(truth, weak).shape
    scale = 1e-12 * np.max(triple.weak_error + triple.student_error + triple.misfit)
    np.testing.assert_allclose(triple.cross_term, terms.mean(axis=0), rtol=0, atol=scale)


@settings(max_examples=20, deadline=None)
@given(seed=SEEDS)
def test_squared_distance_is_the_triple_of_the_main_paper(seed):
    truth, weak, student = drawn(SQUARED, seed)
    triple = misfit.error_triple(truth, weak, student, ceiling=weak)
    for found, a, b in (
        (triple.weak_error, weak, truth),
        (triple.student_error, student, truth),
        (triple.misfit, student, weak),
        (triple.ceiling, weak, truth),
    ):
        np.testing.assert_allclose(found, np.mean((a - b) ** 2, axis=0), rtol=1e-15)
    np.testing.assert_array_equal(
        misfit.cross_terms(truth, weak, student), 2 * (student - weak) * (truth - student)
    )


@pytest.mark.parametrize("divergence", ALL, ids=lambda one: one.name)
@settings(max_examples=10, deadline=None)
@given(seed=SEEDS)
def test_both_means_have_their_identity_for_every_function(divergence, seed):
    f, *teachers = drawn(divergence, seed, 6)
    dual, mean = divergence.dual_mean(np.array(teachers)), np.mean(teachers, axis=0)

    def to(target):
        return np.mean([divergence.mean(target, w) for w in teachers], axis=0)

    def of(target):
        return np.mean([divergence.mean(w, target) for w in teachers], axis=0)

    np.testing.assert_allclose(to(f) - divergence.mean(f, dual), to(dual), rtol=0, atol=1e-12 * np.max(to(f)))
    np.testing.assert_allclose(of(f) - divergence.mean(mean, f), of(mean), rtol=0, atol=1e-12 * np.max(of(f)))


def test_the_logistic_divergence_is_kl_of_two_classes_and_brier_is_squares():
    p, q = (one[:, 0] for one in drawn(LOGISTIC, 1, 2))
    both = [np.column_stack([one, 1 - one]) for one in (p, q)]
    np.testing.assert_allclose(LOGISTIC.rows(p, q), KL.rows(*both), rtol=1e-12)
    np.testing.assert_allclose(BRIER.rows(*both), 2 * SQUARED.rows(p, q), rtol=1e-12)


@pytest.mark.filterwarnings("error")
def test_zeros_under_a_logarithm_are_zero_or_infinity_and_never_nan():
    sure, open_, other = [[1.0, 0.0]], [[0.25, 0.75]], [[0.0, 1.0]]
    assert KL.rows(sure, open_)[0] == pytest.approx(np.log(4))
    assert KL.rows(sure, sure)[0] == 0 and KL.rows(open_, sure)[0] == np.inf
    assert LOGISTIC.rows([1.0, 0.0, 0.5], [1.0, 1.0, 0.0]).tolist() == [0, np.inf, np.inf]
    assert GENERALISED_KL.rows([0.0, 1.0], [2.0, 0.0]).tolist() == [2, np.inf]
    triple = misfit.error_triple(sure, other, open_, divergence=KL)
    assert triple.gain == np.inf and triple.misfit == np.inf
    with pytest.raises(ValueError, match="no value"):
        _ = triple.cross_term
    with pytest.raises(ValueError, match="two errors are infinite"):
        _ = misfit.error_triple(sure, other, other, divergence=KL).gain
    with pytest.raises(ValueError, match="no finite slope"):
        KL.cross_terms(sure, other, open_)
    assert KL.cross_terms(open_, sure, sure)[0] == 0
    with pytest.raises(ValueError, match="no finite slope"):
        KL.dual_mean([sure, open_])


@pytest.mark.parametrize(
    ("divergence", "values", "said"),
    [
        (KL, [[0.5, 0.6]], "sums to 1.1"),
        (KL, [[-0.5, 1.5]], "none is negative"),
        (KL, [0.5], "probabilities \\(n, classes\\)"),
        (BRIER, [[0.5, 0.6]], "sums to 1.1"),
        (LOGISTIC, [1.1], "lies in \\[0, 1\\]"),
        (GENERALISED_KL, [-0.1], "lies in \\[0, inf\\]"),
        (ITAKURA_SAITO, [0.0], "lies in \\(0, inf\\)"),
        (SQUARED, [np.nan], "NaN"),
    ],
)
def test_values_outside_the_domain_are_refused(divergence, values, said):
    with pytest.raises(ValueError, match=said):
        divergence.rows(values, values)


def test_shapes_that_differ_are_refused():
    with pytest.raises(ValueError, match="one shape"):
        KL.rows([[0.5, 0.5]], [[0.2, 0.3, 0.5]])
    with pytest.raises(ValueError, match="one shape"):
        misfit.error_triple([0.5], [0.5], [0.5, 0.5], divergence=LOGISTIC)
