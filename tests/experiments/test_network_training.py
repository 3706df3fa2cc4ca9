"""Pre-training side by side: a step against plain PyTorch, the order of points, members on their own, stopped and resumed."""

import numpy as np
import pytest

from w2s_utils.experiments import network_training as training
from w2s_utils.experiments import networks as rep
from w2s_utils.experiments.network_training import POOLED, TASK_AFTER_TASK, Problem, Schedule, pretrain
from w2s_utils.runtime import seed_stream


def starting(seeds, tasks=3, rows=40, blocks=3):
    """Networks and a small pre-training problem, one member per seed."""
    networks = [rep.random_network(blocks, seed_stream(seed, "network")) for seed in seeds]
    heads = tuple(rep.random_heads(tasks, seed_stream(seed, "heads")) for seed in seeds)
    inputs = np.stack(
        [rep.gaussian_inputs(tasks * rows, seed_stream(seed, "inputs"), sd=2.0) for seed in seeds]
    )
    targets = np.stack([seed_stream(seed, "targets").normal(size=(tasks, rows)) for seed in seeds])
    return networks, Problem(inputs.reshape(len(seeds), tasks, rows, -1), targets, heads)


def same(first, second):
    return all(
        np.array_equal(a, b)
        for one, other in zip(first, second, strict=True)
        for a, b in zip(one.layers, other.layers, strict=True)
    )


@pytest.mark.parametrize(("order", "batch_rows", "batches"), [(POOLED, 60, 1), (TASK_AFTER_TASK, 20, 3)])
def test_steps_are_those_of_torch_on_one_plain_network(order, batch_rows, batches):
    """One member, whole tasks as batches: AdamW on nn.Linear layers below the frozen heads takes the same steps."""
    torch = pytest.importorskip("torch")
    (network,), problem = starting([0], tasks=3, rows=20)
    layers = []
    for values in network.layers:
        layer = torch.nn.Linear(values.shape[1] - 1, values.shape[0]).double()
        with torch.no_grad():
            layer.weight.copy_(torch.from_numpy(values[:, :-1].copy()))
            layer.bias.copy_(torch.from_numpy(values[:, -1].copy()))
        layers += [layer, torch.nn.ReLU()]
    model = torch.nn.Sequential(*layers)
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.01)
    weights, intercepts = (torch.from_numpy(getattr(problem.heads[0], n)) for n in ("weights", "intercepts"))
    inputs, targets = torch.from_numpy(problem.inputs[0]), torch.from_numpy(problem.targets[0])
    losses = []
    for tasks in np.split(np.arange(3), batches):
        outputs = (model(inputs[tasks]) * weights[tasks, None]).sum(2) + intercepts[tasks, None]
        loss = torch.mean((outputs - targets[tasks]) ** 2)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    kept, found = pretrain([network], problem, Schedule((1,), order, batch_rows, learning_rate=0.01))
    assert found[0, 0] == pytest.approx(np.mean(losses), rel=1e-5)
    linear = [layer for layer in model if isinstance(layer, torch.nn.Linear)]
    for before, after, layer in zip(network.layers, kept[1][0].layers, linear, strict=True):
        expected = np.column_stack([layer.weight.detach().numpy(), layer.bias.detach().numpy()])
        np.testing.assert_allclose(after, expected, atol=2e-5)
        assert np.abs(after - before).max() > 0.005


def test_an_epoch_task_after_task_uses_every_point_once():
    batches = list(Schedule((1,), TASK_AFTER_TASK, 32).batches(1, tasks=3, rows=70))
    assert [len(batch) for batch in batches] == [32, 32, 6] * 3
    assert [set(batch // 70) for batch in batches] == [{0}] * 3 + [{1}] * 3 + [{2}] * 3
    assert sorted(np.concatenate(batches)) == list(range(210))
    again = list(Schedule((1,), TASK_AFTER_TASK, 32).batches(2, tasks=3, rows=70))
    assert not np.array_equal(batches[0], again[0])


def test_a_pooled_batch_has_as_many_points_of_each_task():
    batches = list(Schedule((1,), POOLED, 26).batches(1, tasks=4, rows=25))
    assert len(batches) == 4 and all(len(batch) == 24 for batch in batches)
    for batch in batches:
        assert np.bincount(batch // 25, minlength=4).tolist() == [6, 6, 6, 6]
    assert len(set(np.concatenate(batches))) == 96


@pytest.mark.parametrize("order", training.ORDERS)
def test_training_lowers_the_loss_repeats_to_the_bit_and_keeps_stages(order):
    networks, problem = starting([0, 1])
    schedule = Schedule((5, 30), order, 30)
    kept, losses = pretrain(networks, problem, schedule)
    again, same_losses = pretrain(networks, problem, schedule)
    assert losses.shape == (30, 2) and np.array_equal(losses, same_losses) and (losses[-1] < losses[0]).all()
    assert list(kept) == [5, 30] and same(kept[30], again[30]) and not same(kept[5], kept[30])
    shorter, _ = pretrain(networks, problem, Schedule((5,), order, 30))
    assert same(shorter[5], kept[5])
    _, moved = pretrain(networks, problem, Schedule((5, 30), order, 30, seed=1))
    assert not np.array_equal(moved, losses)


def test_a_member_does_not_depend_on_its_neighbours():
    schedule = Schedule((10,), TASK_AFTER_TASK, 30)
    together, _ = pretrain(*starting([3, 4, 5]), schedule)
    alone, _ = pretrain(*starting([4]), schedule)
    for a, b in zip(together[10][1].layers, alone[10][0].layers, strict=True):
        np.testing.assert_allclose(
            a, b, rtol=1e-4, atol=1e-5
        )  # batched products of other sizes may add otherwise


def test_a_training_that_was_stopped_goes_on_to_the_same_bits(tmp_path, monkeypatch):
    monkeypatch.setattr(training, "SAVED_EVERY", 4)
    networks, problem = starting([0, 1])
    schedule, place = Schedule((3, 10), TASK_AFTER_TASK, 30), tmp_path / "new" / "state.safetensors"
    whole, losses = pretrain(networks, problem, schedule)
    run_epoch = training._Training.run_epoch

    def killed(self):
        if self.epoch == 6:
            raise KeyboardInterrupt
        run_epoch(self)

    monkeypatch.setattr(training._Training, "run_epoch", killed)
    with pytest.raises(KeyboardInterrupt):
        pretrain(networks, problem, schedule, place)
    epochs = []
    monkeypatch.setattr(
        training._Training, "run_epoch", lambda self: (run_epoch(self), epochs.append(self.epoch))
    )
    resumed, same_losses = pretrain(networks, problem, schedule, place)
    assert epochs == list(range(5, 11))  # from the checkpoint of epoch 4
    assert np.array_equal(losses, same_losses) and all(same(whole[e], resumed[e]) for e in (3, 10))
    place.write_bytes(place.read_bytes()[:100])
    assert np.array_equal(
        pretrain(networks, problem, schedule, place)[1], losses
    )  # damaged: from the beginning
    epochs.clear()
    pretrain(networks, problem, Schedule((10,), TASK_AFTER_TASK, 20), place)
    assert epochs[0] == 1  # another training's state is passed over


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"inputs": np.zeros((2, 3, 40))}, "inputs are"),
        ({"targets": np.zeros((2, 3, 39))}, "targets have the shape"),
        ({"targets": np.full((2, 3, 40), np.nan)}, "NaN"),
        ({"heads": ()}, "one LinearHeads per member"),
    ],
)
def test_a_bad_problem_is_refused(change, message):
    _, problem = starting([0, 1])
    with pytest.raises(ValueError, match=message):
        Problem(**{**vars(problem), **change})


@pytest.mark.parametrize(
    ("schedule", "message"),
    [
        ({"epochs": ()}, "epochs"),
        ({"epochs": (0,)}, "epochs"),
        ({"epochs": (5, 2)}, "increase"),
        ({"epochs": (1,), "order": "sorted"}, "the orders are"),
        ({"epochs": (1,), "learning_rate": np.nan}, "learning rate"),
        ({"epochs": (1,), "batch_rows": 2}, "a batch"),
        ({"epochs": (1,), "batch_rows": 121}, "a batch"),
        ({"epochs": (1,), "order": TASK_AFTER_TASK, "batch_rows": 41}, "a batch"),
    ],
)
def test_a_bad_schedule_is_refused(schedule, message):
    with pytest.raises(ValueError, match=message):
        pretrain(*starting([0]), Schedule(**{"batch_rows": 30, **schedule}))


def test_networks_that_do_not_fit_are_refused():
    networks, problem = starting([0, 1])
    schedule = Schedule((1,), batch_rows=30)
    for wrong, message in (
        ([], "at least one"),
        (networks[:1], "do not fit"),
        ([networks[0], rep.random_network(2, seed_stream(0, "short"))], "one shape"),
        ([rep.random_network(3, seed_stream(s, "wide"), width=7) for s in (0, 1)], "7 weights"),
    ):
        with pytest.raises(ValueError, match=message):
            pretrain(wrong, problem, schedule)


def test_divergence_is_an_error():
    with np.errstate(all="ignore"), pytest.raises(training.Diverged, match="learning rate"):
        pretrain(*starting([0]), Schedule((20,), batch_rows=30, learning_rate=1e12))
