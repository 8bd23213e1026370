"""The commutator-free method of order 4 with an estimate of its error: each network has steps of its own.

The estimate is the third divided difference of the field, over the start of the step before and the start, the middle
and the end of the step. It costs no gradient, is of order h^4 where the field is smooth, and sees what no comparison of
two smooth methods needs to see: where a neuron's sign on a sample changes, the field jumps by J, every method errs by a
share of h J, and so does the estimate, wherever in the step that is.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Self

import sympy
import torch
from torch import Tensor

from quadrics.divided_differences import divided_difference
from quadrics.errors import NonFiniteError
from quadrics.lie_methods import COMMUTATOR_FREE_4

from ..activation import homogeneous_sigma_of
from ..batch import Batch
from ..bridge import TorchFunction, torch_function
from ..field import Field, FieldFunction
from ..native.step_error import step_error
from .boosting import Boosts, combined
from .lie import LieFlow, in_floats, lie_stages, with_field
from .linear_step import motion
from .result import FlowResult, check_positive, check_times, real_entries
from .stepping import Trial, follow

__all__ = ["integrate"]

SHARE = 0.2
"""The estimate is this times h^4 f[t - h', t, t + h/2, t + h]. A jump J after a share x < 1/2 of the step makes the
weights 1/6, 2/3, 1/6 err by (x - 1/6) h J, at most h J/3, which is what the estimate then is (for h' = h)."""
ORDER_OF_ESTIMATE = 4
SAFETY, SHRINK, GROW = 0.8, 0.2, 5.0
"""Where fields jump, an error is larger than the one before lets expect: 0.9 rejects more steps than it saves."""
SHORT = 0.3
"""A step below this share of the next one was cut short."""
SMALLEST = 100
"""The smallest relative tolerance, in roundings."""


HALF = sympy.Rational(1, 2)


@lru_cache(maxsize=1)
def _third_difference() -> tuple[tuple[float, ...], TorchFunction]:
    """The weights of f[t - h', t, t + h/2, t + h], times h^3: numerators, and denominators as functions of h'/h."""
    ratio = sympy.Symbol("ratio", positive=True)
    first, second, third, fourth = divided_difference((-ratio, 0, HALF, 1))
    # The mean of the second and the third stage is the field in the middle, up to h^3.
    weights = (first, second, third / 2, third / 2, fourth)
    above, below = zip(*(sympy.fraction(sympy.factor(weight)) for weight in weights), strict=True)
    return tuple(float(x) for x in above), torch_function(sympy.Matrix(below), ratio)


def _second_difference() -> tuple[float, ...]:
    """What a network's first step has to do with: the same without a step before, of order h^3.

    With the second stage alone in the middle. A step that is far too long may lead to where no sample pulls: then the
    third stage is where the step began, and with the mean nothing would be seen.
    """
    first, second, third = divided_difference((0, HALF, 1))
    return tuple(float(x) for x in (0, first, second, 0, third))


@lru_cache(maxsize=8)
def _constants(dtype: torch.dtype, device: torch.device) -> tuple[Tensor, Tensor]:
    """The weights of the second difference, and the numerators of those of the third."""
    weights = (_second_difference(), _third_difference()[0])
    second, third = (torch.tensor(x, dtype=dtype, device=device) for x in weights)
    return second, third


@dataclass(frozen=True, eq=False)
class _Before:
    """What the networks remember of their steps.

    ``field`` is that of a point on their way, a time ``h`` ago, about as long as a step; infinite where there is none.
    ``wanted`` is the length of the step that was proposed last, ``rejected`` whether the step tried last was.
    """

    field: Field
    h: Tensor
    wanted: Tensor
    rejected: Tensor

    def after(self, accepted: Tensor, slope: Field, h: Tensor, next_h: Tensor) -> _Before:
        """Return the memory after a step of length h from where the field was ``slope``.

        A step that was cut short to meet a time is no measure of the next one: the point before it serves further.
        """
        measure = accepted & ((h >= SHORT * next_h) | (self.h == torch.inf))
        ago = torch.where(measure, h, torch.addcmul(self.h, accepted, h))
        return _Before(slope.where(measure, self.field), ago, next_h, ~accepted)

    def select(self, index: Tensor) -> _Before:
        """Return the memory of the networks at ``index``."""
        return _Before(self.field.select(index), self.h[index], self.wanted[index], self.rejected[index])


@dataclass(eq=False)
class _Adaptive(LieFlow):
    """A Lie flow that chooses its steps (h is the longest); ``rates`` are those of the layers.

    ``roots`` (m,) are those of the numbers of real parameters, over which the squared error is averaged.
    """

    rates: tuple[float, float]
    rtol: float
    atol: float
    roots: Tensor
    before: _Before | None = None

    def first_step(self, batch: Batch, slope: Field) -> Tensor:
        """Return the time in which the networks move by a tenth of themselves: if it is too long, it is rejected."""
        y = batch.flatten().abs()
        size, speed = self._norm(y, y), self._norm(motion(slope.gradient(batch), self.rates), y)
        h = (0.1 * size / speed).to(torch.float64)
        return h.where((h > 0) & torch.isfinite(h), 1e-6).clamp(max=self.h)

    def advance(self, batch: Batch, slope: Field, h: Tensor) -> Trial:
        """Try a step, and propose the next one."""
        step = h.to(batch.dtype)
        new, fields = lie_stages(self.exponentials, batch, self.objective, step, self.boosts, slope)
        before = self.before or _Before(slope, torch.full_like(h, torch.inf), h, h < 0)
        jump = self._speed(batch, new, _weights(before.h, step), (before.field, *fields))
        error = (step * jump * SHARE).to(torch.float64)
        accepted = error <= 1  # not where it is NaN
        factor = (SAFETY * error ** (-1 / ORDER_OF_ESTIMATE)).clamp(SHRINK, GROW).nan_to_num(nan=SHRINK)
        # What made a step fail is still near after the one that was taken instead.
        factor = torch.where(before.rejected, factor.clamp(max=1), factor)
        next_h = (h * factor).clamp(max=self.h)
        cut = accepted & (h < before.wanted / 2)
        next_h = torch.where(cut, torch.maximum(next_h, before.wanted), next_h)
        self.before = before.after(accepted, slope, h, next_h)
        return Trial(new, accepted, next_h)

    def select(self, index: Tensor) -> Self:
        """Return the method for the networks at ``index``."""
        before = None if self.before is None else self.before.select(index)
        return replace(super().select(index), roots=self.roots[index], before=before)

    def _norm(self, rows: Tensor, size: Tensor) -> Tensor:
        """Return (m,): the root mean square of the entries of ``rows``, in tolerances at entries of this size."""
        norms: Tensor = torch.linalg.vector_norm(rows / (self.atol + self.rtol * size), dim=1)
        return norms / self.roots

    def _speed(self, here: Batch, there: Batch, weights: Tensor, fields: Sequence[Field]) -> Tensor:
        """Return (m,): how fast networks move by a combination of fields, as ``_norm``; ``weights`` are (m, k).

        The larger size of a parameter before and after the step counts, and one that is not finite makes it NaN.
        """
        degree = homogeneous_sigma_of(there.activation, "flow").degree
        norms = step_error(here, there, weights, fields, self.rates, degree, self.rtol, self.atol)
        if norms is not None:
            return norms / self.roots
        before, after = here.flatten(), there.flatten()
        rows = motion(combined(weights, fields).gradient(there), self.rates)
        return self._norm(rows, torch.maximum(before.abs(), after.abs())) + 0 * after.sum(1)


def _weights(ago: Tensor, h: Tensor) -> Tensor:
    """Return (m, 5): those of the fields in ``h^3 f[t - h', t, t + h/2, t + h]``, h' = ``ago``, at the stages."""
    ratio = (ago / h).to(h.dtype)[:, None]
    second, third = _constants(h.dtype, h.device)
    weights = third / torch.cat(_third_difference()[1].entries(ratio), 1)
    return torch.where(ratio == torch.inf, second, weights)


def integrate(
    batch: Batch,
    objective: FieldFunction,
    times: Sequence[float] | Tensor,
    *,
    rtol: float = 1e-6,
    atol: float = 1e-8,
    longest_step: float = math.inf,
    rates: tuple[float, float] = (1.0, 1.0),
    neuron_cap: float | None = None,
    network_cap: float | None = None,
    **options: Any,
) -> FlowResult:
    """Follow gradient flow with steps that each network chooses for itself.

    A step is accepted when the estimate is at most ``atol + rtol |theta|``, as a root mean square over the parameters
    of the network. The imbalances are kept to rounding whatever the tolerance.

    Args:
        rtol, atol: tolerances of a step's error.
        longest_step: a bound on the steps.
        rates: ``(eta_1, eta_2)``: the flow is ``-eta_1 grad`` for W1, b1 and ``-eta_2 grad`` for W2, b2.
        neuron_cap, network_cap: see :class:`numerics.flow.boosting.Boosts`.
        options: those of :func:`numerics.flow.stepping.follow`.

    Raises:
        DimensionError: times that do not increase.
        NonFiniteError: a tolerance below the rounding of the batch's type, or another number out of range.

    >>> from numerics.objective import Objective
    >>> batch = Batch(torch.tensor([[[2.0]]]).double(), torch.tensor([[[1.0]]]).double())
    >>> data = Objective(torch.tensor([[1.0]]).double(), torch.tensor([5.0]).double())
    >>> flow = integrate(batch, data, [0.0, 0.1, 10.0])
    >>> flow.batch.imbalance(), data.loss(flow.batch) < 1e-12
    (tensor([[3.0000]], dtype=torch.float64), tensor([True]))
    >>> integrate(batch, data, [0.0, 1.0], rtol=1e-20)
    Traceback (most recent call last):
    ...
    quadrics.errors.NonFiniteError: rtol: got 1e-20; expected at least 2.22e-14, 100 roundings of torch.float64
    """
    at = check_times(times)
    check_positive(rtol=rtol, atol=atol)
    rounding = torch.finfo(batch.dtype).eps
    if rtol < SMALLEST * rounding:
        raise NonFiniteError(
            f"rtol: got {rtol}; expected at least {SMALLEST * rounding:.3g}, {SMALLEST} roundings of {batch.dtype}"
        )
    if not longest_step > 0:
        raise NonFiniteError(f"longest_step: got {longest_step}; expected a positive number")
    boosts = Boosts.of(batch, rates, neuron_cap, network_cap)
    roots = real_entries(batch).sum(1).to(batch.dtype).sqrt()
    flow = _Adaptive(
        in_floats(COMMUTATOR_FREE_4), with_field(objective), boosts, longest_step, rates, rtol, atol, roots
    )
    return follow(flow, batch, at, **options)
