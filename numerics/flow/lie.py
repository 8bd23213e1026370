"""Steps that are compositions of boosts: what the integrators on the invariant set have in common."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Self

import torch
from torch import Tensor

from quadrics.errors import ShapeError
from quadrics.lie_methods import LieMethod

from ..batch import Batch
from ..field import Field, FieldFunction
from .boosting import Boosts
from .result import FlowResult, check_positive, check_times
from .stepping import Progress, Trial, follow

__all__ = ["LieFlow", "in_floats", "lie_flow", "lie_stages", "lie_step", "with_field"]

Rows = tuple[tuple[float, ...], ...]


@lru_cache(maxsize=16)
def in_floats(method: LieMethod) -> tuple[Rows, ...]:
    """Return the exponentials of each stage and of the result, without the zeros at their ends."""

    def shortened(row: Sequence[float]) -> tuple[float, ...]:
        last = max((j + 1 for j, x in enumerate(row) if x), default=0)
        return tuple(float(x) for x in row[:last])

    return tuple(tuple(shortened(row) for row in rows) for rows in (*method.stages, method.result))


def lie_stages(
    exponentials: tuple[Rows, ...], batch: Batch, objective: FieldFunction, h: Tensor, boosts: Boosts, field: Field
) -> tuple[Batch, list[Field]]:
    """Return the networks after a step of the lengths h (n,), and the fields at the stages, ``field`` the first.

    ``exponentials`` are those of a method, ``in_floats``.
    """
    fields: list[Field] = []
    reached: dict[Rows, Batch] = {(): batch}
    for rows in exponentials:
        for i, row in enumerate(rows):
            # Stages that begin with the same exponentials share them.
            if rows[: i + 1] not in reached:
                weights, some = zip(*((x, fields[j]) for j, x in enumerate(row) if x), strict=True)
                reached[rows[: i + 1]] = boosts.boosted_by(reached[rows[:i]], weights, some, h)
        if len(fields) < len(exponentials) - 1:
            fields.append(objective.field(reached[rows]) if fields else field)
    return reached[rows], fields


def lie_step(
    method: LieMethod,
    batch: Batch,
    objective: FieldFunction,
    h: float | Tensor,
    *,
    rates: tuple[float, float] = (1.0, 1.0),
    neuron_cap: float | None = None,
) -> Batch:
    """Return the networks after one step of length h, a number or one for each network.

    Raises:
        NonFiniteError: h, a rate or the cap is not positive and finite.
        ShapeError: an objective without a field, or h of another shape.
        SymmetryError: the activation is smooth.
    """
    times = torch.as_tensor(h, dtype=batch.dtype, device=batch.device)
    if times.shape not in ((), (batch.n,)):
        raise ShapeError(f"h: got shape {tuple(times.shape)}; expected a number or ({batch.n},)")
    check_positive(h=float(times.min()), longest_h=float(times.max()))
    boosts = Boosts.of(batch, rates, neuron_cap)
    objective = with_field(objective)
    with torch.no_grad():
        return lie_stages(in_floats(method), batch, objective, times.expand(batch.n), boosts, objective.field(batch))[0]


@dataclass(eq=False)
class LieFlow:
    """A Lie method with steps of a given length, as :func:`numerics.flow.stepping.follow` takes it."""

    exponentials: tuple[Rows, ...]
    objective: FieldFunction
    boosts: Boosts
    h: float

    @property
    def evaluations(self) -> int:
        """Fields of a step besides the one at its start."""
        return len(self.exponentials) - 2

    def slope(self, batch: Batch) -> Field:
        """Return the fields."""
        return self.objective.field(batch)

    def norm(self, batch: Batch, slope: Field) -> Tensor:
        """Return the norms of the gradients."""
        return slope.gradient(batch).squared_norm().sqrt()

    def first_step(self, batch: Batch, slope: Field) -> Tensor:
        """Return h for each network."""
        return torch.full((batch.n,), self.h, dtype=torch.float64, device=batch.device)

    def limit(self, slope: Field) -> Tensor | None:
        """Return what the cap of the networks allows."""
        return self.boosts.limit(slope)

    def advance(self, batch: Batch, slope: Field, h: Tensor) -> Trial:
        """Return the networks after a step."""
        step = h.to(batch.dtype)
        return Trial(lie_stages(self.exponentials, batch, self.objective, step, self.boosts, slope)[0])

    def select(self, index: Tensor) -> Self:
        """Return the method for the networks at ``index``."""
        return replace(self, boosts=self.boosts.select(index))


def lie_flow(
    method: LieMethod,
    batch: Batch,
    objective: FieldFunction,
    times: Sequence[float] | Tensor,
    *,
    h: float,
    rates: tuple[float, float] = (1.0, 1.0),
    neuron_cap: float | None = None,
    network_cap: float | None = None,
    tolerance: float | None = None,
    max_steps: int = 1_000_000,
    progress: Progress | None = None,
) -> FlowResult:
    """Follow the flow with steps of length h, shortened evenly so that each of the times is met.

    Args:
        rates: ``(eta_1, eta_2)``: the flow is ``-eta_1 grad`` for W1, b1 and ``-eta_2 grad`` for W2, b2.
        neuron_cap, network_cap: see :class:`numerics.flow.boosting.Boosts`.
        tolerance, max_steps, progress: see :func:`numerics.flow.stepping.follow`.
    """
    at = check_times(times)
    check_positive(h=h)
    boosts = Boosts.of(batch, rates, neuron_cap, network_cap)
    flow = LieFlow(in_floats(method), with_field(objective), boosts, h)
    return follow(flow, batch, at, tolerance=tolerance, max_steps=max_steps, progress=progress)


def with_field(objective: FieldFunction) -> FieldFunction:
    """Return the objective, if it has a field.

    Raises:
        ShapeError: it has gradients only.
    """
    if not hasattr(objective, "field"):
        raise ShapeError(
            f"objective: got {type(objective).__name__}, which has gradients but no field; expected one with a field, "
            "such as Objective, or a method that follows gradients"
        )
    return objective
