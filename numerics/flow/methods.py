"""The common entry to all integrators, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from torch import Tensor

from quadrics.errors import DimensionError

from ..batch import Batch
from ..gradient import LossFunction
from . import (
    adaptive,
    commutator_free,
    gradient_descent,
    lie_euler,
    lie_midpoint,
    projected,
    runge_kutta,
    torchdiffeq_flow,
    torchode_flow,
)
from .result import FlowResult
from .scipy_flow import METHODS as SCIPY_METHODS
from .scipy_flow import gradient_flow

__all__ = ["METHODS", "integrate"]

METHODS: Mapping[str, Callable[..., FlowResult]] = {
    "adaptive": adaptive.integrate,
    "lie_euler": lie_euler.integrate,
    "lie_midpoint": lie_midpoint.integrate,
    "commutator_free": commutator_free.integrate,
    "gradient_descent": gradient_descent.integrate,
    "projected": projected.integrate,
    "runge_kutta": runge_kutta.integrate,
    "torchdiffeq": torchdiffeq_flow.integrate,
    "torchode": torchode_flow.integrate,
    **{name: partial(gradient_flow, method=name) for name in SCIPY_METHODS},
}
"""The integrators by name; scipy's have the names that scipy gives them."""


def integrate(
    batch: Batch,
    objective: LossFunction,
    times: Sequence[float] | Tensor,
    method: str = "adaptive",
    *,
    rates: tuple[float, float] = (1.0, 1.0),
    progress: Callable[[int, int], None] | None = None,
    **options: Any,
) -> FlowResult:
    """Follow gradient flow ``theta' = -grad L(theta)`` from the batch, the state at the first of the times.

    ================  =====  =========  ===========  ===============================================================
    method            order  gradients  imbalances   options of its own
    ================  =====  =========  ===========  ===============================================================
    adaptive          4      4 a step   kept         rtol, atol, longest_step, caps; a step for each network
    lie_euler         1      1          kept         h, caps
    lie_midpoint      2      2          kept         h, caps
    commutator_free   4      4          kept         h, caps
    projected         1      1          kept         h; the signs of output weights may change
    gradient_descent  1      1          drift        h
    runge_kutta       4      4          drift        h
    torchdiffeq       5      6          drift        solver, rtol, atol; one step for the whole batch
    torchode          5      6          drift        solver, rtol, atol
    DOP853, RK45 ...  8, 5   12, 6      drift        rtol, atol; network by network
    ================  =====  =========  ===========  ===============================================================

    The caps are ``neuron_cap`` and ``network_cap`` (:class:`numerics.flow.boosting.Boosts`). The methods that keep
    the imbalances need a positively homogeneous activation, and all but ``projected`` an objective with a field.

    Args:
        objective: the loss, shared by all networks.
        times: increasing times (T,).
        method: a name from the table.
        rates: ``(eta_1, eta_2)``: the flow is ``-eta_1 grad`` for W1, b1 and ``-eta_2 grad`` for W2, b2.
        progress: called with how much is done and of how much.

    Raises:
        DimensionError: times that do not increase, or an unknown method.
        NonFiniteError: a step, rate or tolerance out of range.
        MissingPackageError: the method is another package's, which is not installed.

    >>> import torch
    >>> from numerics.objective import Objective
    >>> batch = Batch(torch.tensor([[[1.0]]]).double(), torch.tensor([[[-2.0]]]).double())
    >>> data = Objective(torch.tensor([[1.0]]).double(), torch.tensor([3.0]).double())

    With c = -3 the output weight is on the sheet a < 0. The flow never leaves it; gradient descent does:

    >>> for method in ("lie_euler", "gradient_descent"):
    ...     end = integrate(batch, data, [0.0, 0.5], method, h=0.25).batch
    ...     print(method, bool(end.W2 < 0), round(end.imbalance().item(), 6))
    lie_euler True -3.0
    gradient_descent False 15.75
    >>> integrate(batch, data, [0.0, 0.5], "euler")
    Traceback (most recent call last):
    ...
    quadrics.errors.DimensionError: method: got 'euler'; expected one of adaptive, lie_euler, lie_midpoint, \
commutator_free, gradient_descent, projected, runge_kutta, torchdiffeq, torchode, DOP853, RK45, RK23, Radau, BDF, LSODA
    """
    if method not in METHODS:
        raise DimensionError(f"method: got {method!r}; expected one of {', '.join(METHODS)}")
    return METHODS[method](batch, objective, times, rates=rates, progress=progress, **options)
