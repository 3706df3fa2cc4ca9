"""Representations: PyTorch's defaults, a pre-training step against plain PyTorch, independence of members."""

import numpy as np
import pytest

from w2s_utils.experiments import networks as rep
from w2s_utils.runtime import seed_stream


def training_set(seeds, tasks=3, rows=40, blocks=3):
    """Networks, inputs, targets and heads of a small pre-training problem, one member per seed."""
    networks = [rep.random_network(blocks, seed_stream(seed, "network")) for seed in seeds]
    heads = [rep.random_heads(tasks, seed_stream(seed, "heads")) for seed in seeds]
    inputs = np.stack(
        [rep.gaussian_inputs(tasks * rows, seed_stream(seed, "inputs"), sd=2.0) for seed in seeds]
    ).reshape(len(seeds), tasks, rows, -1)
    targets = np.stack([seed_stream(seed, "targets").normal(size=(tasks, rows)) for seed in seeds])
    return networks, inputs, targets, heads


def torch_network(network):
    torch = pytest.importorskip("torch")
    layers = []
    for values in network.layers:
        layer = torch.nn.Linear(values.shape[1] - 1, values.shape[0]).double()
        with torch.no_grad():
            layer.weight.copy_(torch.from_numpy(values[:, :-1].copy()))
            layer.bias.copy_(torch.from_numpy(values[:, -1].copy()))
        layers += [layer, torch.nn.ReLU()]
    return torch.nn.Sequential(*layers)


def test_features_are_those_of_the_torch_network():
    import torch

    network = rep.random_network(5, seed_stream(0, "network"))
    inputs = rep.gaussian_inputs(30, seed_stream(0, "inputs"))
    expected = torch_network(network)(torch.from_numpy(inputs)).detach().numpy()
    found = network.features(inputs)
    assert found.shape == (30, 16) and found.dtype == np.float64
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)


def test_initial_values_have_torchs_default_distribution():
    import torch

    torch.manual_seed(0)
    ours = np.concatenate([rep.random_network(1, seed_stream(s, "n")).layers[0].ravel() for s in range(300)])
    layers = [torch.nn.Linear(rep.INPUT_DIM, rep.WIDTH) for _ in range(300)]
    theirs = np.concatenate([p.detach().numpy().ravel() for layer in layers for p in layer.parameters()])
    assert np.abs(ours).max() <= 8**-0.5 and np.abs(theirs).max() <= 8**-0.5 + 1e-6
    quantiles = np.linspace(0.05, 0.95, 19)
    np.testing.assert_allclose(np.quantile(ours, quantiles), np.quantile(theirs, quantiles), atol=0.01)


def test_one_step_is_that_of_torch_on_one_plain_network():
    """One member, one batch of all points: AdamW on nn.Linear layers below the frozen heads takes the same step."""
    import torch

    (network,), inputs, targets, (heads,) = training_set([0], tasks=3, rows=20)
    model = torch_network(network)
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.01)
    outputs = (model(torch.from_numpy(inputs[0])) * torch.from_numpy(heads.weights[:, None])).sum(2)
    outputs = outputs + torch.from_numpy(heads.intercepts[:, None])
    loss = torch.mean((outputs - torch.from_numpy(targets[0])) ** 2)
    loss.backward()
    optimizer.step()
    (found,), curve = rep.pretrain(
        [network], inputs, targets, [heads], epochs=1, batch_rows=60, learning_rate=0.01
    )
    assert curve[0]["loss"] == pytest.approx(loss.item(), rel=1e-5)
    linear = [layer for layer in model if isinstance(layer, torch.nn.Linear)]
    for before, after, layer in zip(network.layers, found.layers, linear, strict=True):
        expected = np.column_stack([layer.weight.detach().numpy(), layer.bias.detach().numpy()])
        np.testing.assert_allclose(after, expected, atol=2e-5)
        assert np.abs(after - before).max() > 0.005


def test_pretraining_lowers_the_loss_and_repeats_to_the_bit():
    problem = training_set([0, 1])
    first, curve = rep.pretrain(*problem, epochs=30, batch_rows=30)
    second, again = rep.pretrain(*problem, epochs=30, batch_rows=30)
    assert curve == again and len(curve) == 60
    losses = [row["loss"] for row in curve if row["member"] == 1]
    assert losses[-1] < losses[0]
    for one, other in zip(first, second, strict=True):
        for a, b in zip(one.layers, other.layers, strict=True):
            np.testing.assert_array_equal(a, b)
    _, moved = rep.pretrain(*problem, epochs=30, batch_rows=30, seed=1)
    assert moved != curve


def test_a_member_does_not_depend_on_its_neighbours():
    together, _ = rep.pretrain(*training_set([3, 4, 5]), epochs=10, batch_rows=30)
    alone, _ = rep.pretrain(*training_set([4]), epochs=10, batch_rows=30)
    for a, b in zip(together[1].layers, alone[0].layers, strict=True):
        np.testing.assert_array_equal(a, b)


def test_batches_hold_each_task_equally_and_no_point_twice():
    batches = rep._stratified_batches(tasks=4, rows=25, share=6, generator=seed_stream(0, "batches"))
    assert batches.shape == (4, 24)
    assert len(np.unique(batches)) == batches.size
    for batch in batches:
        assert np.bincount(batch // 25, minlength=4).tolist() == [6, 6, 6, 6]


def test_perturbation_has_the_asked_size():
    network = rep.random_network(5, seed_stream(0, "network"))
    moved = network.perturbed(0.05, seed_stream(0, "noise"))
    differences = np.concatenate([(a - b).ravel() for a, b in zip(moved.layers, network.layers, strict=True)])
    assert np.std(differences) == pytest.approx(0.05, rel=0.1)
    same = network.perturbed(0.0, seed_stream(0, "noise"))
    for a, b in zip(same.layers, network.layers, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"networks": []}, "at least one"),
        ({"networks": "mixed"}, "one shape"),
        ({"inputs": np.zeros((2, 3, 40, 5))}, "inputs are"),
        ({"targets": np.zeros((2, 3, 39))}, "targets have the shape"),
        ({"targets": np.full((2, 3, 40), np.nan)}, "NaN"),
        ({"heads": []}, "LinearHeads"),
        ({"epochs": 0}, "epochs"),
        ({"batch_rows": 2}, "batch"),
        ({"batch_rows": 121}, "batch"),
    ],
)
def test_bad_pretraining_is_refused(change, message):
    networks, inputs, targets, heads = training_set([0, 1])
    arguments = dict(networks=networks, inputs=inputs, targets=targets, heads=heads, epochs=1, batch_rows=30)
    if change.get("networks") == "mixed":
        change = {"networks": [networks[0], rep.random_network(2, seed_stream(0, "short"))]}
    with pytest.raises(ValueError, match=message):
        rep.pretrain(**{**arguments, **change})


def test_divergence_is_an_error():
    with np.errstate(all="ignore"), pytest.raises(rep.Diverged, match="learning rate"):
        rep.pretrain(*training_set([0]), epochs=20, batch_rows=30, learning_rate=1e12)


def test_bad_sizes_are_refused():
    generator = seed_stream(0, "sizes")
    network = rep.random_network(2, generator)
    with pytest.raises(ValueError, match=">= 1"):
        rep.random_network(0, generator)
    with pytest.raises(ValueError, match=">= 1"):
        rep.random_heads(0, generator)
    with pytest.raises(ValueError, match="inputs are"):
        network.features(np.zeros((4, 9)))
    with pytest.raises(ValueError, match="standard deviation"):
        network.perturbed(-1.0, generator)
