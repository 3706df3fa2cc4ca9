"""Representations: PyTorch's defaults, features, perturbations."""

import numpy as np
import pytest

from w2s_utils.experiments import networks as rep
from w2s_utils.runtime import seed_stream


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


def test_perturbation_has_the_asked_size():
    network = rep.random_network(5, seed_stream(0, "network"))
    moved = network.perturbed(0.05, seed_stream(0, "noise"))
    differences = np.concatenate([(a - b).ravel() for a, b in zip(moved.layers, network.layers, strict=True)])
    assert np.std(differences) == pytest.approx(0.05, rel=0.1)
    same = network.perturbed(0.0, seed_stream(0, "noise"))
    for a, b in zip(same.layers, network.layers, strict=True):
        np.testing.assert_array_equal(a, b)


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
