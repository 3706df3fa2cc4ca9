"""Heads as released: against PyTorch's own AdamW, side by side against alone, and towards least squares."""

import numpy as np
import pytest

from w2s_utils.experiments.networks import random_heads
from w2s_utils.experiments.released import AdamWHead, Diverged, adamw_predictions, adamw_side_by_side
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


WRONG = [
    *({"epochs": value} for value in (0, -3, 1.5, "2", None, True)),
    *({"batch_rows": value} for value in (0, -1, 2.5, True)),
    *({"learning_rate": value} for value in (0.0, -1, "a", None, np.nan, np.inf)),
]


@pytest.mark.parametrize("change", WRONG, ids=str)
def test_parameters_out_of_range_or_of_another_type_are_refused(change):
    features, targets = problem()
    [name] = change
    with pytest.raises(ValueError, match=f"^{name} is a "):
        AdamWHead(**change).fit(features, targets)
    with pytest.raises(ValueError, match=f"^{name} is a "):
        adamw_side_by_side(features[None], targets[None], **change)


def test_numbers_of_numpy_are_those_of_python():
    features, targets = problem()
    ours = AdamWHead(np.int64(2), np.int32(4), np.float32(0.5)).fit(features, targets)
    assert np.array_equal(ours.coef_, AdamWHead(2, 4, 0.5).fit(features, targets).coef_)


def other_kinds(values):
    """The same values as what is no array of real numbers."""
    masked = np.ma.array(values, mask=values == values.flat[0])
    return [values.astype(str), values > 0, values + 1j, values.astype(object), masked]


@pytest.mark.parametrize("kind", range(5))
def test_tables_of_another_kind_are_refused(kind):
    features, labels = (part[None] for part in problem())
    for read in (adamw_side_by_side, lambda x, y: adamw_predictions(x, y, np.arange(5), 1)):
        for tables in ((other_kinds(features)[kind], labels), (features, other_kinds(labels)[kind])):
            with pytest.raises((TypeError, ValueError), match="real numbers are needed|masked values"):
                read(*tables)


def test_tables_may_be_read_backwards():
    features, labels = (part[None] for part in problem())
    backwards = adamw_side_by_side(features[:, ::-1], labels[:, ::-1], epochs=3)
    assert np.array_equal(
        backwards, adamw_side_by_side(features[:, ::-1].copy(), labels[:, ::-1].copy(), epochs=3)
    )


def test_predictions_are_those_of_heads_of_the_rows_to_learn_from():
    features, labels = (part[None] for part in problem())
    learn = np.array([3, 1, 8, 20])
    head = AdamWHead(3).fit(features[0, learn], labels[0, learn])
    found = adamw_predictions(features, labels, learn, 3)
    assert found[0] == pytest.approx(head.predict(features[0]), abs=1e-6)
    assert np.array_equal(found, adamw_predictions(features, labels, learn.tolist(), 3))


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize("place", [0, 1])
def test_a_row_that_is_only_predicted_is_checked_too(value, place):
    tables = [part[None].copy() for part in problem()]
    tables[place][0, -1, 0] = value
    with pytest.raises(ValueError, match="NaN or infinite"):
        adamw_predictions(*tables, np.arange(6), 1)


def test_labels_are_of_all_rows_and_learn_names_rows():
    features, labels = (part[None] for part in problem())
    with pytest.raises(ValueError, match="labels"):
        adamw_predictions(features, labels[:, :10], np.arange(6), 1)
    for learn in ([70], [0.0], np.ones(69, dtype=bool)):
        with pytest.raises(ValueError, match="learn has numbers of the 70 rows"):
            adamw_predictions(features, labels, np.array(learn), 1)


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
