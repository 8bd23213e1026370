"""Every integrator on every reference problem, against scipy's DOP853 at its tightest tolerance."""

from __future__ import annotations

from functools import cache
from itertools import pairwise

import pytest
import torch

from numerics.flow import FlowResult, gradient_flow, integrate
from numerics.status import Status

from .problems import PROBLEMS, Problem, problem, reference

ORDERS = {
    "lie_euler": 1,
    "lie_midpoint": 2,
    "commutator_free": 4,
    "gradient_descent": 1,
    "projected": 1,
    "runge_kutta": 4,
}
KEEPING = ("lie_euler", "lie_midpoint", "commutator_free", "projected", "adaptive")
TOLERANCES = ("adaptive", "torchdiffeq", "torchode", "RK45", "DOP853")
PAIRS = [(m, name) for m in ORDERS for name in PROBLEMS if (m, name) != ("projected", "degree_two")]
"""Eq. 23 is for degree 1."""
H = 0.05
EPS = torch.finfo(torch.float64).eps


def rounding(given: Problem, flow: FlowResult) -> float:
    """A few roundings of the largest parameter for each gradient, added up."""
    return 10 * EPS * float(given.batch.flatten().abs().max()) * float(flow.evaluations.max())


@cache
def steps(name: str, method: str, h: float) -> FlowResult:
    given = problem(name)
    flow = integrate(given.batch, given.objective, [0.0, given.time], method, h=h)
    assert (flow.status == Status.FINISHED).all()
    return flow


def gap(one: torch.Tensor, other: torch.Tensor) -> float:
    return float((one - other).abs().max())


@pytest.mark.parametrize(("method", "name"), PAIRS)
def test_fixed_steps(method, name):
    """By Richardson: with ``|y_h - y_{h/2}| <= K h^p`` for the steps tried, the rest of the ladder adds up to
    ``K h^p/(1 - 2^-p)``. K is the largest seen, with half as much again for the next power of h. Where the loss has
    kinks the error is a sum of jumps times h, so that p is 1 there.
    """
    given = problem(name)
    p = ORDERS[method] if given.smooth else 1
    ladder = [steps(name, method, H / 2**i) for i in range(3)]
    K = max(gap(a.batch.flatten(), b.batch.flatten()) / (H / 2**i) ** p for i, (a, b) in enumerate(pairwise(ladder)))
    bound = 1.5 * K * (H / 4) ** p / (1 - 2.0**-p)
    error = gap(ladder[-1].batch.flatten(), reference(name))
    assert error <= bound + rounding(given, ladder[-1])
    assert error < 0.2 * gap(given.batch.flatten(), reference(name))


@pytest.mark.parametrize("method", ORDERS)
def test_the_order_on_a_smooth_problem(method):
    """The slope between two steps is within 0.1 of the order, at errors far above rounding (a slope of 0.1 is 7 %)."""
    errors = []
    for h in (0.0125, 0.00625):
        flow = steps("smooth", method, h)
        errors.append(gap(flow.batch.flatten(), reference("smooth")))
        assert errors[-1] > 20 * rounding(problem("smooth"), flow)
    assert torch.tensor(errors[0] / errors[1]).log2().item() == pytest.approx(ORDERS[method], abs=0.1)


@cache
def growth(name: str) -> float:
    """How much a small change of the start can grow until the end, from three random directions of all p."""
    given = problem(name)
    generator = torch.Generator().manual_seed(5)
    rows = given.batch.flatten()
    found = 1.0
    for _ in range(3):
        change = 1e-4 * torch.randn(rows.shape, generator=generator, dtype=rows.dtype) * (rows != 0)
        moved = gradient_flow(
            given.batch.unflatten(rows + change), given.objective, [0.0, given.time], "RK45", 1e-7, 1e-9
        )
        ratio = (moved.batch.flatten() - reference(name)).norm(dim=1) / change.norm(dim=1)
        found = max(found, float(ratio.max()))
    return found * rows.shape[1] ** 0.5


@pytest.mark.parametrize("name", PROBLEMS)
@pytest.mark.parametrize("method", TOLERANCES)
def test_tolerances(method, name):
    """Each of at most N steps errs by the tolerance as a root mean square, which then grows as a change of the start.

    torchdiffeq's mean is over the batch, so that one network may err by the root of their number more.
    """
    given, tolerance = problem(name), 1e-6
    flow = integrate(given.batch, given.objective, [0.0, given.time], method, rtol=tolerance, atol=tolerance)
    assert (flow.status == Status.FINISHED).all()
    p = given.batch.flatten().shape[1]
    largest = max(float(state.flatten().abs().max()) for state in (given.batch, flow.batch))
    local = tolerance * (1 + largest) * (p * given.batch.n) ** 0.5
    error = gap(flow.batch.flatten(), reference(name))
    assert error <= float(flow.evaluations.max()) / 4 * local * growth(name)
    assert error < 0.01 * gap(given.batch.flatten(), reference(name))


@pytest.mark.parametrize(
    ("method", "name"), [*(pair for pair in PAIRS if pair[0] in KEEPING), *(("adaptive", name) for name in PROBLEMS)]
)
def test_the_imbalances_are_kept(method, name):
    """At large steps too; each step may err by a multiple of a rounding of |w|^2 + |a|^2."""
    given = problem(name)
    options = {"rtol": 1e-3, "atol": 1e-3} if method == "adaptive" else {"h": 0.1}
    times = torch.linspace(0, given.time, 6).tolist()
    flow = integrate(given.batch, given.objective, times, method, **options)
    largest = max(float(state.flatten().square().sum(1).max()) for state in flow.states)
    degree = float(given.batch.activation.degree)
    for state in flow.states[1:]:
        drift = (state.imbalance() - given.batch.imbalance()).abs().max()
        assert drift <= 20 * EPS * degree * largest * float(flow.evaluations.max())


@pytest.mark.parametrize("method", ["gradient_descent", "runge_kutta"])
def test_the_others_let_them_drift(method):
    given = problem("smooth")
    flow = integrate(given.batch, given.objective, [0.0, given.time], method, h=0.1)
    assert (flow.batch.imbalance() - given.batch.imbalance()).abs().max() > 1e-6


@pytest.mark.parametrize("rates", [(2.0, 0.5), (0.3, 1.7)])
@pytest.mark.parametrize("method", [*ORDERS, *TOLERANCES])
def test_layer_wise_rates(method, rates):
    given = problem("bias")
    options = {"h": 0.005} if method in ORDERS else {"rtol": 1e-7, "atol": 1e-7}
    flow = integrate(given.batch, given.objective, [0.0, given.time], method, rates=rates, **options)
    error = gap(flow.batch.flatten(), reference("bias", rates))
    assert error < {1: 2e-2, 2: 2e-4, 4: 1e-7}.get(ORDERS.get(method, 0), 1e-5)
    if method in KEEPING:

        def weighted(b):
            return (b.W1.square().sum(2) + b.b1.square()) / rates[0] - b.W2.square().sum(1) / rates[1]

        scale = float(flow.batch.flatten().square().sum(1).max()) / min(rates)
        assert gap(weighted(flow.batch), weighted(given.batch)) < 20 * EPS * scale * float(flow.evaluations.max())


@pytest.mark.parametrize("method", [*ORDERS, "adaptive", "RK45", "DOP853"])
def test_a_padded_network_goes_as_it_goes_alone(method):
    """Exactly so but for the rounding of products of another size (others have norms over all networks or padding)."""
    given = problem("everything")
    options = {"h": 0.05} if method in ORDERS else {"rtol": 1e-6, "atol": 1e-6}
    flow = integrate(given.batch, given.objective, [0.0, 0.2, given.time], method, **options)
    for k in range(given.batch.n):
        single = type(given.batch).from_layers([given.batch.layers(k)], given.batch.activation)
        alone = integrate(single, given.objective, [0.0, 0.2, given.time], method, **options)
        for one, other in zip(flow.states, alone.states, strict=True):
            for together, by_itself in zip(one.layers(k), other.layers(0), strict=True):
                torch.testing.assert_close(together, by_itself, rtol=1e-11, atol=1e-11)
        assert flow.evaluations[k] == alone.evaluations[0]
    assert not flow.batch.W1[~given.batch.mask].any()
