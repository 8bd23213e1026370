"""The reference problems that every integrator is run on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import torch
from sympy import Rational

from numerics.batch import Batch, stack
from numerics.flow import gradient_flow
from numerics.objective import Objective
from numerics.status import Status
from quadrics.activation import Activation, leaky_relu, linear, relu, relu_power


@dataclass(frozen=True, eq=False)
class Problem:
    """Networks, their loss and the time to follow them for."""

    batch: Batch
    objective: Objective
    time: float
    smooth: bool


def _problem(
    activation: Activation = linear,
    *,
    e: int = 1,
    bias: bool = False,
    loss: str = "mse",
    widths: tuple[int, ...] = (3, 1, 2),
    d: int = 2,
    n: int = 12,
    time: float = 0.5,
    smooth: bool = True,
    size: float = 0.7,
    seed: int = 0,
) -> Problem:
    generator = torch.Generator().manual_seed(seed)

    def normal(*shape: int) -> torch.Tensor:
        return size * torch.randn(*shape, generator=generator, dtype=torch.float64)

    def one(l: int) -> Batch:
        biases = (normal(1, l), normal(1, e)) if bias else (None, None)
        return Batch(normal(1, l, d), normal(1, e, l), *biases, activation=activation)

    batch = stack(one(l) for l in widths)
    y = torch.arange(n) % e if loss == "ce" else normal(n, e)
    return Problem(batch, Objective(normal(n, d) / size, y, loss), time, smooth)


def _smooth() -> Problem:
    return _problem()


def _kinked() -> Problem:
    return _problem(relu, smooth=False, bias=True)


def _leaky() -> Problem:
    return _problem(leaky_relu(Rational(1, 10)), smooth=False)


def _dead() -> Problem:
    """The first neuron of each network is off on all samples: its flow is constant."""
    problem = _problem(relu, smooth=False)
    batch = problem.batch.clone()
    batch.W1[:, 0] = -batch.W1[:, 0].abs() - 0.1
    return Problem(batch, Objective(problem.objective.x.abs(), problem.objective.targets), 0.5, False)


def _balanced() -> Problem:
    """Every imbalance is zero."""
    problem = _problem()
    batch = problem.batch.clone()
    batch.W2[:, 0] = batch.W1.norm(dim=2) * batch.W2[:, 0].sign()
    return Problem(batch, problem.objective, 0.5, True)


def _outputs() -> Problem:
    return _problem(linear, e=3, d=4)


def _classes() -> Problem:
    """The residuals of each sample sum to zero, so that V has a singular value zero."""
    return _problem(linear, e=3, d=4, loss="ce", time=1.0)


def _bias() -> Problem:
    return _problem(linear, bias=True)


def _everything() -> Problem:
    return _problem(linear, e=2, bias=True, d=3, widths=(4, 2))


def _degree_two() -> Problem:
    """The derivative of z_+^2 has a kink and no jump: the flow's third derivative jumps."""
    return _problem(relu_power(2), smooth=False, size=0.5)


PROBLEMS = {
    name.__name__.removeprefix("_"): name
    for name in (_smooth, _kinked, _leaky, _dead, _balanced, _outputs, _classes, _bias, _everything, _degree_two)
}


@cache
def problem(name: str) -> Problem:
    """Return a problem."""
    return PROBLEMS[name]()


@cache
def reference(name: str, rates: tuple[float, float] = (1.0, 1.0)) -> torch.Tensor:
    """Return (n, p): where DOP853 at its tightest tolerance takes the networks."""
    given = problem(name)
    flow = gradient_flow(given.batch, given.objective, [0.0, given.time], rtol=1e-13, atol=1e-14, rates=rates)
    assert (flow.status == Status.FINISHED).all()
    return flow.batch.flatten()
