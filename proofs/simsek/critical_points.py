"""Exact critical points of sigmoid networks under least squares, with copies of their neurons.

The incoming weights are integer multiples of log 2 and the inputs integers, so that σ and all its derivatives are
rational numbers; the residuals are chosen among those for which the network is a critical point.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

import sympy as sp

from quadrics.expansion.configurations import Configuration
from quadrics.expansion.critical.hessian import Replication, restricted_inertia
from quadrics.expansion.critical.inertia import Inertia, inertia
from quadrics.expansion.critical.smooth_loss import SmoothLoss, critical_slopes
from quadrics.expansion.reduction import output
from quadrics.network import Parameters
from quadrics.smooth_activation import sigmoid

from ..check import Context

LOG2, HALF, THIRD = sp.log(2), sp.Rational(1, 2), sp.Rational(1, 3)


def network(W: list[list[int]], A: list[list[Any]]) -> Parameters:
    """Incoming weights in units of log 2."""
    return Parameters([[LOG2 * v for v in w] for w in W], A)


def line(*values: int) -> list[list[int]]:
    """Inputs of one coordinate."""
    return [[v] for v in values]


CORES: tuple[tuple[Parameters, list[list[int]]], ...] = (
    (network([[1]], [[1]]), line(-2, 0, 1, 3)),
    (network([[1], [-2]], [[1, -2]]), line(-3, -1, 0, 1, 2, 3)),
    (network([[1, -1]], [[2]]), [[0, 0], [1, 0], [0, 1], [-1, 1], [2, -1]]),
    (network([[1]], [[1], [-1]]), line(0, 1, -2)),
    (network([[1, 2]], [[1], [2]]), [[0, 0], [1, 0], [0, 1], [-1, 1]]),
    (network([[0, 1], [1, 1]], [[1, -1], [2, 1]]), [[0, 0], [1, 0], [0, 1], [-1, 1], [1, -2], [2, 1]]),
    (network([[1, -1]], [[1], [2], [-1]]), [[0, 1], [1, 0], [1, 1], [-1, 2]]),
)
"""Networks with inputs: one to three outputs, one or two inputs and neurons."""

SHARES: dict[int, tuple[tuple[Any, ...], ...]] = {
    1: ((sp.Integer(1),),),
    2: ((HALF, HALF), (2, -1), (1, 0)),
    3: ((THIRD, THIRD, THIRD), (2, -HALF, -HALF), (1, 0, 0), (2, 0, -1)),
}


def residuals(core: Parameters, inputs: list[list[int]]) -> Iterator[Any]:
    """Residuals (N, d_out), small and large, for which the network is a critical point."""
    basis = critical_slopes(core, inputs, sigmoid)
    first, last = basis[0], basis[-1]
    yield first / 100
    yield -first / 100
    yield 10 * first - last
    yield first + 3 * last


def least_squares(inputs: list[list[int]], slopes: Any) -> SmoothLoss:
    """The loss near the networks whose residuals f(x_n) - y_n are these."""
    return SmoothLoss(inputs, slopes, (sp.eye(slopes.cols),) * slopes.rows, sigmoid)


def true_gradient(theta: Parameters, core: Parameters, loss: SmoothLoss) -> Any:
    """The gradient of the loss at any network, from the targets themselves."""
    rows = [list(loss.inputs.row(n)) for n in range(loss.inputs.rows)]
    targets = sp.Matrix.vstack(*(output(core, row, sigmoid).T for row in rows)) - loss.slopes
    return SmoothLoss.least_squares(theta, loss.inputs, targets, sigmoid).gradient(theta)


def split(core: Parameters, outgoing: list[Any]) -> Parameters:
    """Copies of neuron 1 with these outgoing weights, beside the other neurons."""
    W1 = sp.Matrix.vstack(*[core.W1.row(0)] * len(outgoing), *(core.W1.row(t) for t in range(1, core.width)))
    return Parameters(W1, sp.Matrix.hstack(*outgoing, *(core.W2.col(t) for t in range(1, core.width))))


@dataclass(frozen=True)
class Block:
    """What the inertia of Q_t depends on: the shares, the rank of U_t, S_t and its restriction to the kernel of U_t."""

    shares: tuple[Any, ...]
    rank: int
    restricted: Inertia
    whole: Inertia
    d_out: int


@dataclass(frozen=True)
class Expanded:
    """A critical point of the core, copied: the inertia of its Hessian, and what predicts it."""

    loss: SmoothLoss
    replication: Replication
    inertia: Inertia
    core_inertia: Inertia
    blocks: tuple[Block, ...]

    @property
    def extra(self) -> int:
        """m - r."""
        return self.replication.configuration.m - self.replication.core.width


def configurations(r: int, context: Context) -> list[tuple[int, ...]]:
    """Words: one copied neuron, or both."""
    if r == 1:
        return [(1, 1), (1, 1, 1)]
    return [(2, 1, 2), *context.pick(quick=[], full=[(1, 2, 1), (1, 2, 1, 2), (1, 1, 1, 2)])]


def expanded_points(context: Context) -> list[Expanded]:
    """Copies of all cores, with all shares; computed once a run."""

    def compute() -> list[Expanded]:
        return [
            one for core, inputs in CORES for slopes in residuals(core, inputs) for one in _copies(core, inputs, slopes)
        ]

    def _copies(core: Parameters, inputs: list[list[int]], slopes: Any) -> Iterator[Expanded]:
        loss = least_squares(inputs, slopes)
        core_inertia = inertia(loss.hessian(core))
        curvature = [(loss.S(n.w, n.a), loss.U(n.w)) for n in core.neurons()]
        for word in configurations(core.width, context):
            for shares in product(*(SHARES[word.count(t + 1)] for t in range(core.width))):
                found = Replication(core, Configuration(core.width, word), shares)
                blocks = tuple(
                    Block(betas, *restricted_inertia(S, U), inertia(S), loss.d_out)
                    for betas, (S, U) in zip(found.shares, curvature, strict=True)
                )
                yield Expanded(loss, found, inertia(loss.hessian(found.network())), core_inertia, blocks)

    return context.once("simsek: expanded critical points", compute)
