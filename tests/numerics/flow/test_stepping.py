"""Clocks, statuses and bad calls, whatever the integrator."""

from __future__ import annotations

import pytest
import torch

from numerics.batch import Batch
from numerics.flow import (
    METHODS,
    adaptive,
    commutator_free,
    gradient_descent,
    integrate,
    lie_euler,
    lie_midpoint,
    projected,
    runge_kutta,
)
from numerics.flow.scipy_flow import METHODS as SCIPY
from numerics.objective import Objective
from numerics.sorted_gradient import SortedObjective
from numerics.status import Status
from quadrics.activation import relu_power
from quadrics.errors import DimensionError, NonFiniteError, RescalingError, ShapeError, SymmetryError
from quadrics.smooth_activation import sigmoid

from .problems import problem

STEPS = {
    "lie_euler": lie_euler,
    "lie_midpoint": lie_midpoint,
    "commutator_free": commutator_free,
    "gradient_descent": gradient_descent,
    "projected": projected,
    "runge_kutta": runge_kutta,
}
OWN = (*STEPS, "adaptive")


def options(method, h=0.05, tolerance=1e-6):
    return {"h": h} if method in STEPS else {"rtol": tolerance, "atol": tolerance}


@pytest.mark.parametrize("method", STEPS)
def test_a_flow_is_its_steps(method):
    given = problem("everything")
    state = given.batch
    for _ in range(3):
        state = STEPS[method].step(state, given.objective, 0.125)
    flow = integrate(given.batch, given.objective, [0.0, 0.25, 0.375], method, h=0.125)
    torch.testing.assert_close(flow.batch.flatten(), state.flatten(), rtol=1e-13, atol=1e-13)
    assert (
        flow.evaluations.tolist()
        == [3 * {"lie_midpoint": 2, "commutator_free": 4, "runge_kutta": 4}.get(method, 1)] * 2
    )


@pytest.mark.parametrize("method", STEPS)
def test_a_step_for_each_network(method):
    given = problem("everything")
    together = STEPS[method].step(given.batch, given.objective, torch.tensor([0.1, 0.02]))
    for k, h in enumerate((0.1, 0.02)):
        alone = STEPS[method].step(given.batch, given.objective, h)
        torch.testing.assert_close(together.flatten()[k], alone.flatten()[k], rtol=1e-7, atol=1e-7)  # 0.1 in float32


@pytest.mark.parametrize("method", OWN)
def test_the_start_stays_as_it_is_and_is_the_first_state(method):
    given = problem("everything")
    before = given.batch.flatten()
    flow = integrate(given.batch, given.objective, [3.0, 3.1], method, **options(method))
    assert torch.equal(given.batch.flatten(), before)
    assert torch.equal(flow.states[0].flatten(), before)
    assert torch.equal(flow.final.flatten(), flow.batch.flatten())
    assert flow.reached.tolist() == [3.1, 3.1]
    alone = integrate(given.batch, given.objective, [3.0], method, **options(method))
    assert alone.evaluations.tolist() == [0, 0]
    assert (alone.status == Status.FINISHED).all()


@pytest.mark.parametrize("method", OWN)
def test_each_time_is_met(method):
    """Times that are no multiples of the step; the flow is autonomous, so that it can be cut anywhere."""
    given = problem("smooth")
    times = [0.0, 0.07, 0.2, 0.201]
    flow = integrate(given.batch, given.objective, times, method, **options(method, h=0.005, tolerance=1e-9))
    for t, state in zip(times[1:], flow.states[1:], strict=True):
        direct = integrate(given.batch, given.objective, [0.0, t], method, **options(method, h=0.005, tolerance=1e-9))
        error = {"commutator_free": 1e-8, "runge_kutta": 1e-8, "adaptive": 1e-8, "lie_midpoint": 1e-5}.get(method, 1e-3)
        torch.testing.assert_close(state.flatten(), direct.batch.flatten(), rtol=error, atol=error)


@pytest.mark.parametrize("method", ["lie_euler", "adaptive", "gradient_descent"])
def test_convergence(method):
    """A network at its minimum stays there for all later times; the others go on."""
    given = problem("balanced")
    times = [0.0, 10.0, 1000.0]
    flow = integrate(given.batch, given.objective, times, method, tolerance=1e-3, **options(method, tolerance=1e-4))
    assert (flow.status == Status.CONVERGED).all()
    assert (flow.reached < 1000).all()
    assert (given.objective.gradient(flow.final).squared_norm() <= 1e-6).all()
    assert torch.equal(flow.final.flatten(), flow.batch.flatten())
    assert len(set(flow.evaluations.tolist())) > 1


def test_a_network_that_starts_at_rest():
    given = problem("smooth")
    batch = given.batch.unflatten(given.batch.flatten().index_fill(1, torch.arange(9), 0))
    batch.W1[0] = batch.W2[0] = 0
    flow = integrate(batch, given.objective, [0.0, 0.1], "lie_euler", h=0.05, tolerance=0.0)
    assert flow.status[0] == Status.CONVERGED
    assert flow.reached[0] == 0
    assert torch.equal(flow.batch.flatten()[0], batch.flatten()[0])


@pytest.mark.parametrize("method", OWN)
def test_the_limit_of_steps(method):
    given = problem("smooth")
    flow = integrate(
        given.batch, given.objective, [0.0, 1e-6, 5.0], method, max_steps=4, **options(method, tolerance=1e-10)
    )
    assert (flow.status == Status.STEP_LIMIT).all()
    assert torch.isfinite(flow.states[1].flatten()).all()
    assert flow.batch.W1[given.batch.mask].isnan().all()
    assert not flow.batch.W1[~given.batch.mask].any()
    assert torch.isfinite(flow.final.flatten()).all()
    assert ((flow.reached > 0) & (flow.reached < 5)).all()


@pytest.mark.parametrize("method", OWN)
def test_a_diverging_network_harms_no_other(method):
    """The second network overflows at once. It keeps its last finite state, and the rest never notices."""
    given = problem("smooth")
    wild = given.batch.clone()
    wild.W1[1, 0] *= 1e140
    wild.W2[1, 0, 0] *= 1e140
    flow = integrate(wild, given.objective, [0.0, 0.1, 0.3], method, **options(method))
    assert flow.status.tolist() == [Status.FINISHED, Status.NON_FINITE, Status.FINISHED]
    assert torch.equal(flow.final.flatten()[1], wild.flatten()[1])
    assert flow.batch.W1[1, 0].isnan().all()
    assert flow.reached.tolist() == [pytest.approx(0.3), 0.0, pytest.approx(0.3)]
    alone = integrate(given.batch, given.objective, [0.0, 0.1, 0.3], method, **options(method))
    for one, other in zip(flow.states, alone.states, strict=True):
        torch.testing.assert_close(one.flatten()[[0, 2]], other.flatten()[[0, 2]], rtol=1e-12, atol=1e-12)
    assert flow.evaluations[[0, 2]].tolist() == alone.evaluations[[0, 2]].tolist()


def test_a_network_that_diverges_on_the_way():
    """Gradient descent with a step that is too large for one of the networks."""
    given = problem("smooth")
    batch = given.batch.clone()
    batch.W1[0] *= 20
    flow = integrate(batch, given.objective, [0.0, 0.25, 50.0], "gradient_descent", h=0.125)
    assert flow.status.tolist() == [Status.NON_FINITE, Status.FINISHED, Status.FINISHED]
    assert 0.25 < flow.reached[0] < 50
    assert torch.isfinite(flow.final.flatten()).all()
    assert flow.final.W1[0].abs().max() > 1e20


@pytest.mark.parametrize("e", [1, 3])
@pytest.mark.parametrize("method", ["commutator_free", "adaptive"])
def test_float32(method, e):
    given = problem("smooth" if e == 1 else "outputs")
    single = given.batch.to(dtype=torch.float32)
    chosen = options(method, tolerance=3e-5)
    flow = integrate(single, given.objective.to(dtype=torch.float32), [0.0, 0.5], method, **chosen)
    double = integrate(given.batch, given.objective, [0.0, 0.5], "commutator_free", h=0.05)
    torch.testing.assert_close(flow.batch.W1.double(), double.batch.W1, rtol=1e-4, atol=1e-4)
    assert (flow.batch.imbalance() - single.imbalance()).abs().max() < 1e-5


@pytest.mark.parametrize("method", ["adaptive", "lie_euler"])
def test_progress_goes_from_nothing_to_all(method):
    given = problem("smooth")
    seen = []
    progress = {"progress": lambda *x: seen.append(x)}
    integrate(given.batch, given.objective, [0.0, 0.5], method, **progress, **options(method))
    assert seen[0] == (0, 1000)
    assert seen[-1] == (1000, 1000)
    assert seen == sorted(seen)


def test_the_cap_of_a_network_gives_it_a_clock_of_its_own():
    """Its steps are shorter and more; the flow is the same up to its order, and the others take theirs."""
    given = problem("smooth")
    free = integrate(given.batch, given.objective, [0.0, 0.5], "commutator_free", h=0.025)
    capped = integrate(given.batch, given.objective, [0.0, 0.5], "commutator_free", h=0.025, network_cap=0.02)
    assert (capped.evaluations > free.evaluations).any()
    assert (capped.evaluations >= free.evaluations).all()
    torch.testing.assert_close(capped.batch.flatten(), free.batch.flatten(), rtol=1e-6, atol=1e-6)


def test_the_sorted_objective_serves_as_well():
    generator = torch.Generator().manual_seed(3)
    x = torch.rand(300, 2, generator=generator, dtype=torch.float64)
    W = torch.randn(4, 5, 2, generator=generator, dtype=torch.float64)
    batch = Batch(W, (W.square().sum(2) + 0.1).sqrt()[:, None])
    plain, fast = Objective(x, -x.sum(1)), SortedObjective(x, -x.sum(1))
    for method in ("lie_midpoint", "runge_kutta"):
        one, other = (integrate(batch, some, [0.0, 0.5], method, h=0.05) for some in (plain, fast))
        torch.testing.assert_close(one.batch.flatten(), other.batch.flatten(), rtol=1e-10, atol=1e-10)


class GradientsOnly:
    """An objective without a field."""

    def __init__(self, objective):
        self.objective, self.n_samples = objective, objective.n_samples
        self.loss, self.gradient = objective.loss, objective.gradient


def test_an_objective_without_a_field():
    given = problem("smooth")
    plain = GradientsOnly(given.objective)
    integrate(given.batch, plain, [0.0, 0.1], "runge_kutta", h=0.1)
    for method in ("lie_euler", "adaptive"):
        with pytest.raises(ShapeError, match="GradientsOnly"):
            integrate(given.batch, plain, [0.0, 0.1], method, **options(method))


def test_smooth_activations():
    """Gradient methods follow them; those of the invariant set refuse them, by name."""
    given = problem("smooth")
    batch = Batch(given.batch.W1, given.batch.W2, mask=given.batch.mask, activation=sigmoid)
    start, end = (
        given.objective.loss(b)
        for b in (batch, integrate(batch, given.objective, [0.0, 1.0], "runge_kutta", h=0.1).batch)
    )
    assert (end < start).all()
    for method in ("lie_euler", "lie_midpoint", "commutator_free", "projected", "adaptive"):
        with pytest.raises(SymmetryError):
            integrate(batch, given.objective, [0.0, 0.1], method, **options(method))


def test_projection_is_for_degree_one():
    given = problem("degree_two")
    with pytest.raises(RescalingError, match="degree 2"):
        integrate(given.batch, given.objective, [0.0, 0.1], "projected", h=0.1)


def test_projection_leaves_neurons_that_it_cannot_move():
    """No rescaling takes a neuron without input weights to c >= 0, or one without output weights to c <= 0."""
    W1 = torch.tensor([[[0.0, 0.0], [1.0, 0.0], [3.0, 4.0], [0.0, 0.0]]], dtype=torch.float64)
    batch = Batch(W1, torch.tensor([[[2.0, 0.0, 1.0, 0.0]]], dtype=torch.float64))
    moved = projected.project(batch, torch.tensor([[1.0, -1.0, 0.0, 5.0]], dtype=torch.float64))
    assert moved.imbalance()[0].tolist() == pytest.approx([-4.0, 1.0, 0.0, 0.0], abs=1e-14)


GIVEN = problem("smooth")
BAD = [
    ({"times": []}, DimensionError),
    ({"times": [0.0, 0.0]}, DimensionError),
    ({"times": [1.0, 0.0]}, DimensionError),
    ({"times": [0.0, float("nan")]}, DimensionError),
    ({"times": [[0.0, 1.0]]}, DimensionError),
    ({"times": [0.0, float("inf")]}, NonFiniteError),
    ({"rates": (1.0, 0.0)}, NonFiniteError),
    ({"rates": (1.0, float("nan"))}, NonFiniteError),
    ({"rates": (1.0,)}, DimensionError),
    ({"max_steps": 0}, DimensionError),
    ({"tolerance": -1.0}, NonFiniteError),
    ({"tolerance": float("nan")}, NonFiniteError),
]


@pytest.mark.parametrize("method", OWN)
@pytest.mark.parametrize(("change", "error"), BAD)
def test_bad_calls_are_refused(method, change, error):
    call = {"times": [0.0, 0.1], **options(method), **change}
    times = call.pop("times")
    with pytest.raises(error):
        integrate(GIVEN.batch, GIVEN.objective, times, method, **call)


@pytest.mark.parametrize("h", [0.0, -0.1, float("nan"), float("inf")])
@pytest.mark.parametrize("method", STEPS)
def test_bad_steps_are_refused(method, h):
    with pytest.raises(NonFiniteError):
        integrate(GIVEN.batch, GIVEN.objective, [0.0, 0.1], method, h=h)
    with pytest.raises(NonFiniteError):
        STEPS[method].step(GIVEN.batch, GIVEN.objective, h)
    with pytest.raises(NonFiniteError):
        STEPS[method].step(GIVEN.batch, GIVEN.objective, torch.tensor([0.1, h, 0.1]))


@pytest.mark.parametrize("method", STEPS)
def test_steps_of_another_shape_are_refused(method):
    with pytest.raises(ShapeError):
        STEPS[method].step(GIVEN.batch, GIVEN.objective, torch.tensor([0.1, 0.1]))


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"rtol": 0.0}, NonFiniteError),
        ({"rtol": 1e-15}, NonFiniteError),
        ({"atol": -1.0}, NonFiniteError),
        ({"atol": float("nan")}, NonFiniteError),
        ({"longest_step": 0.0}, NonFiniteError),
    ],
)
def test_bad_tolerances_are_refused(change, error):
    with pytest.raises(error):
        adaptive.integrate(GIVEN.batch, GIVEN.objective, [0.0, 0.1], **change)


def test_tolerances_below_single_precision_are_refused():
    single = GIVEN.batch.to(dtype=torch.float32)
    with pytest.raises(NonFiniteError, match="float32"):
        adaptive.integrate(single, GIVEN.objective.to(dtype=torch.float32), [0.0, 0.1], rtol=1e-8)


@pytest.mark.parametrize("method", OWN)
def test_data_that_do_not_fit_are_refused(method):
    other = Objective(torch.ones(4, 3, dtype=torch.float64), torch.ones(4, dtype=torch.float64))
    with pytest.raises(ShapeError):
        integrate(GIVEN.batch, other, [0.0, 0.1], method, **options(method))


def test_data_and_weights_that_are_no_numbers_are_refused():
    x = GIVEN.objective.x.clone()
    x[0, 0] = float("nan")
    with pytest.raises(NonFiniteError):
        Objective(x, GIVEN.objective.targets)
    with pytest.raises(NonFiniteError):
        Batch(GIVEN.batch.W1 * float("nan"), GIVEN.batch.W2)


def test_unknown_methods_are_refused():
    with pytest.raises(DimensionError, match="adaptive"):
        integrate(GIVEN.batch, GIVEN.objective, [0.0, 0.1], "dopri5")


def test_every_method_has_a_name():
    assert set(METHODS) == {*OWN, *SCIPY, "torchdiffeq", "torchode"}


def test_degree_two_can_be_followed():
    given = problem("degree_two")
    assert given.batch.activation == relu_power(2)
    flow = integrate(given.batch, given.objective, [0.0, given.time], rtol=1e-3, atol=1e-3)
    torch.testing.assert_close(flow.batch.imbalance(), given.batch.imbalance(), rtol=1e-13, atol=1e-13)
