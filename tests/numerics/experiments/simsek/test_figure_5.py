"""The students of figures 1 (c) and 5: who succeeds, how the others are named, resuming, figure and table."""

import io

import numpy as np
import pytest
import torch
from matplotlib.figure import Figure
from rich.console import Console

from numerics.batch import Batch
from numerics.experiments.simsek import figure_5
from numerics.experiments.simsek.figure_5 import Group, Size
from numerics.experiments.simsek.figure_5_view import neuron_counts
from numerics.experiments.simsek.stuck import Kind, hessian, name_run
from numerics.experiments.simsek.students import SUCCESS, Schedule, initial, task, train_students
from numerics.objective import Objective
from numerics.residuals import polish
from quadrics.errors import DeviceError, DimensionError, ResultsError, ShapeError, UnknownActivationError
from quadrics.smooth_activation import sigmoid

SMALL = Size((Group("sigmoid", 3, 2), Group("sigmoid", 5, 6), Group("soft", 5, 2)))
TINY = Size((Group("sigmoid", 3, 2, Schedule(adam=60, polish=3)), Group("soft", 4, 1, Schedule(adam=60, polish=3))))


@pytest.fixture(scope="module")
def data():
    return figure_5.run(size=SMALL)


def test_losses_are_those_of_the_networks_that_come_back(data):
    for block, activation in (("sigmoid-3", "sigmoid"), ("sigmoid-5", "sigmoid"), ("soft-5", "soft")):
        one = task(activation)
        batch = figure_5.networks(data, block)
        assert batch.activation == one.teacher.activation
        np.testing.assert_allclose(
            Objective(one.x, one.y).loss(batch).numpy(), figure_5.losses(data, block), rtol=1e-6, atol=1e-27
        )
        assert (figure_5.losses(data, block) <= figure_5.losses(data, block, "adam_loss")).all()


def test_too_few_neurons_never_succeed_and_five_sometimes_do(data):
    assert figure_5.success(data, "sigmoid-3").estimate == 0
    assert 0 < figure_5.success(data, "sigmoid-5").estimate < 1
    stuck = figure_5.losses(data, "sigmoid-5") >= SUCCESS
    named = np.asarray(data.kind.sel(block="sigmoid-5")) != ""
    assert (stuck == named).all()
    assert (np.asarray(data.kind.sel(block="sigmoid-3"))[:2] == "minimum").all()
    assert (np.asarray(data["index"].sel(block="sigmoid-3"))[:2] == 0).all()


def test_figure_and_table(data):
    drawing = figure_5.figure(data)
    assert isinstance(drawing, Figure)
    assert len(drawing.axes) == 6
    console = Console(width=170, record=True, file=io.StringIO())
    console.print(figure_5.table(data))
    text = console.export_text()
    assert "0/2" in text
    assert "2 minimum" in text


def test_every_neuron_of_a_converged_student_is_counted(data):
    for block, width in (("sigmoid-3", 3), ("sigmoid-5", 5), ("soft-5", 5)):
        counts = neuron_counts(data, block)
        assert sum(counts.values()) == width * int((figure_5.losses(data, block) < 1e-20).sum())
    assert neuron_counts(data, "sigmoid-3") == {"copies": 0}
    assert neuron_counts(data, "soft-5")["copies"] >= 8


def test_a_seed_means_the_same_run_and_runs_resume(tmp_path):
    first = figure_5.run(size=TINY, seed=3, folder=tmp_path)
    told = []
    again = figure_5.run(size=TINY, seed=3, folder=tmp_path, progress=lambda *pair: told.append(pair))
    assert told == [(2, 2)]
    np.testing.assert_array_equal(again.loss, first.loss)
    np.testing.assert_array_equal(figure_5.run(size=TINY, seed=3).W1, first.W1)
    assert not np.array_equal(figure_5.run(size=TINY, seed=4).W1, first.W1, equal_nan=True)
    with pytest.raises(ResultsError):
        figure_5.run(size=TINY, seed=4, folder=tmp_path)


def test_students_start_by_glorot():
    batch = initial("sigmoid", 45, 200, seed=0)
    for weights, bound in ((batch.W1, (6 / 47) ** 0.5), (batch.W2, (6 / 46) ** 0.5)):
        assert weights.abs().max() <= bound
        assert weights.abs().max() > 0.99 * bound
    assert not torch.equal(initial("soft", 45, 200, seed=0).W1, batch.W1)
    assert torch.equal(initial("sigmoid", 45, 200, seed=0).W1, batch.W1)


def test_the_teacher_has_no_loss_and_the_grid_is_the_papers():
    one = task("soft")
    assert one.x.shape == (1681, 2)
    assert one.x.min() == -5
    assert Objective(one.x, one.y).loss(one.teacher).item() < 1e-30


def copied(pushed: float = 0.0) -> Batch:
    """The teacher with a copy of its first neuron, which has 2/5 of the outgoing weight and is pushed aside."""
    teacher = task("sigmoid").teacher
    W1 = torch.cat([teacher.W1[:, :1], teacher.W1], 1)
    W1[0, 0, 0] += pushed
    W2 = torch.cat([0.4 * teacher.W2[..., :1], 0.6 * teacher.W2[..., :1], teacher.W2[..., 1:]], 2)
    return Batch(W1, W2, activation=sigmoid)


def test_names_of_constructed_students():
    one = task("sigmoid")
    minimum = name_run(one.teacher, one)
    assert (minimum.kind, minimum.r, minimum.index, minimum.distance < 1e-12) == (Kind.MINIMUM, 4, 0, True)
    replica = name_run(copied(), one)
    assert (replica.kind, replica.r, replica.index, replica.word) == (Kind.REPLICA, 4, 0, (1, 1, 2, 3, 4))
    assert replica.distance < 1e-9
    assert abs(replica.smallest) < replica.margin


def test_the_distance_to_the_subspace_is_what_was_pushed():
    """The core is polished back to the teacher, from where one copy is this far."""
    assert name_run(copied(1e-4), task("sigmoid")).distance == pytest.approx(1e-4, rel=1e-3)


def test_a_saddle_is_named_one():
    """The minimum of width 1, split into 1.5 and -0.5 of it: one of both has a negative eigenvalue."""
    one = task("sigmoid")
    start = Batch(torch.tensor([[[0.1, -0.3]]]).double(), torch.tensor([[[3.0]]]).double(), activation=sigmoid)
    core, _ = polish(start, one.x, one.y, steps=200)
    found = []
    for beta in (0.5, 1.5):
        split = Batch(core.W1.repeat(1, 2, 1), torch.cat([beta * core.W2, (1 - beta) * core.W2], 2), activation=sigmoid)
        found.append(name_run(split, one))
        assert found[-1].r == 1
        assert found[-1].distance < 1e-6
    assert Kind.SADDLE in {run.kind for run in found}
    assert max(run.index for run in found) >= 1


def test_a_channel_is_named_one():
    one = task("sigmoid")
    W1 = one.teacher.W1.clone()
    W1 = torch.cat([W1[:, :3], W1[:, 2:3] + 1e-2], 1)
    channel = Batch(W1, torch.tensor([[[1.0, 1.0, 60.0, -59.0]]]).double(), activation=sigmoid)
    found = name_run(channel, one)
    assert found.kind is Kind.CHANNEL
    assert found.r == 3
    assert found.opposed == pytest.approx(59)


def test_the_hessian_is_the_derivative_of_the_gradient():
    one = task("soft")
    batch = initial("soft", 3, 2, seed=1)
    H = hessian(batch, one)
    objective, rows, h = Objective(one.x, one.y), batch.flatten(), 1e-5
    for i in range(rows.shape[1]):
        step = torch.zeros_like(rows)
        step[:, i] = h
        plus, minus = (objective.gradient(batch.unflatten(rows + s * step)).flatten() for s in (1, -1))
        torch.testing.assert_close(H[:, i], (plus - minus) / (2 * h), rtol=1e-5, atol=1e-5 * float(H.abs().max()))


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda: figure_5.run(size=Size(())), DimensionError),
        (lambda: figure_5.run(size=Size((Group("sigmoid", 4, 0),))), DimensionError),
        (lambda: figure_5.run(size=Size((Group("sigmoid", 0, 4),))), DimensionError),
        (lambda: figure_5.run(size=Size((Group("relu", 4, 4),))), UnknownActivationError),
        (lambda: figure_5.run(size=TINY, device="cuda:99"), DeviceError),
        (lambda: train_students(initial("soft", 2, 1, 0), task("soft"), Schedule(adam=3)), DimensionError),
        (lambda: name_run(initial("sigmoid", 3, 2, 0), task("sigmoid")), ShapeError),
    ],
)
def test_bad_input_is_refused(call, error):
    with pytest.raises(error):
        call()
