"""Heads as released: against PyTorch's own AdamW, side by side against alone, and towards least squares."""

import numpy as np
import pytest

from w2s_utils.experiments.networks import random_heads
from w2s_utils.experiments.released import AdamWHead, Diverged, adamw_side_by_side
from w2s_utils.heads.linear import LeastSquaresHead
from w2s_utils.runtime import seed_stream


def problem(rows=70, width=5, tasks=3):
    generator = seed_stream(0, "released")
    features = generator.normal(size=(rows, width))
    return features, features @ generator.normal(size=(width, tasks)) + generator.normal(size=(rows, tasks))


def test_each_head_takes_the_steps_of_torchs_adamw_on_its_own():
    import torch

    features, targets = problem()
    ours = AdamWHead(epochs=4, batch_rows=32, learning_rate=0.01, seed=7).fit(features, targets)
    generator = seed_stream(7, "heads as released")
    start = random_heads(3, generator, 5)
    orders = [generator.permutation(70) for _ in range(4)]
    for task in range(3):
        head = torch.nn.Linear(5, 1)
        with torch.no_grad():
            head.weight.copy_(torch.from_numpy(start.weights[task][None]))
            head.bias.copy_(torch.from_numpy(start.intercepts[task : task + 1]))
        optimizer = torch.optim.AdamW(head.parameters(), lr=0.01)
        x, y = torch.from_numpy(features).float(), torch.from_numpy(targets[:, task]).float()
        for order in orders:
            for first in range(0, 70, 32):
                rows = torch.from_numpy(order[first : first + 32])
                optimizer.zero_grad()
                torch.nn.functional.mse_loss(head(x[rows])[:, 0], y[rows]).backward()
                optimizer.step()
        np.testing.assert_allclose(ours.coef_[task], head.weight.detach().numpy()[0], atol=2e-6)
        assert ours.intercept_[task] == pytest.approx(head.bias.item(), abs=2e-6)
        assert np.abs(ours.coef_[task] - start.weights[task]).max() > 0.01


def test_side_by_side_is_each_member_alone():
    rng = np.random.default_rng(0)
    features, labels = rng.normal(size=(3, 50, 4)), rng.normal(size=(3, 50, 2))
    together = adamw_side_by_side(features, labels, epochs=5, learning_rate=0.01)
    for member in range(3):
        alone = AdamWHead(5, learning_rate=0.01).fit(features[member], labels[member])
        assert together[member, :, :-1] == pytest.approx(alone.coef_, abs=1e-5)
        assert together[member, :, -1] == pytest.approx(alone.intercept_, abs=1e-5)


def test_side_by_side_refuses_what_does_not_fit():
    good = np.ones((2, 5, 3))
    with pytest.raises(ValueError, match="members"):
        adamw_side_by_side(good, good[:1], epochs=1)
    with pytest.raises(ValueError, match="NaN"):
        adamw_side_by_side(good, np.full((2, 5, 1), np.nan), epochs=1)


def test_long_training_comes_near_least_squares():
    features, targets = problem(rows=200)
    near = AdamWHead(epochs=600, learning_rate=3e-3).fit(features, targets).predict(features)
    exact = LeastSquaresHead().fit(features, targets).predict(features)
    assert np.mean((near - exact) ** 2) < 1e-3 * np.mean((targets - exact) ** 2)


def test_one_task_has_the_shapes_of_one_task():
    features, targets = problem()
    head = AdamWHead(epochs=2).fit(features, targets[:, 0])
    assert head.coef_.shape == (5,) and isinstance(head.intercept_, float)
    assert head.predict(features).shape == (70,)


def test_the_same_seed_gives_the_same_bits_and_another_does_not():
    features, targets = problem()
    first, second, other = (AdamWHead(epochs=3, seed=s).fit(features, targets).coef_ for s in (1, 1, 2))
    np.testing.assert_array_equal(first, second)
    assert np.abs(first - other).max() > 1e-3


@pytest.mark.parametrize("change", [{"epochs": 0}, {"batch_rows": 0}, {"learning_rate": 0.0}])
def test_parameters_out_of_range_are_refused(change):
    with pytest.raises(ValueError, match="learning_rate > 0"):
        AdamWHead(**change).fit(*problem())


def test_bad_data_is_refused():
    features, targets = problem()
    with pytest.raises(ValueError, match="NaN"):
        AdamWHead(epochs=1).fit(np.where(features > 1, np.nan, features), targets)
    with pytest.raises(ValueError, match="inconsistent"):
        AdamWHead(epochs=1).fit(features[:-1], targets)


def test_divergence_is_an_error():
    features, targets = problem()
    with np.errstate(all="ignore"), pytest.raises(Diverged, match="learning rate"):
        AdamWHead(epochs=30, learning_rate=1e30).fit(features, targets)
