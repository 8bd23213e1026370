"""Descent by boosts: the optimizer over a batch that stays on the invariant set, with all the data or a minibatch."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Self

import torch
from torch import Tensor

from .batch import Batch
from .field import Field
from .flow.boosting import Boosts
from .flow.result import check_positive
from .optimizers import Rate, State, check_rate, rate_for

__all__ = ["BoostDescent"]


@dataclass(frozen=True)
class _Boosting(State):
    """The state of a descent by boosts: the imbalances to keep are those before the first step."""

    boosts: Boosts = field(kw_only=True)

    def select(self, index: Tensor) -> Self:
        return replace(super().select(index), boosts=self.boosts.select(index))


@dataclass(frozen=True, eq=False)
class BoostDescent:
    """Boosts in the place of gradient steps: no learning rate takes a network off its invariant set.

    A step is that of :mod:`numerics.flow.lie_euler`: the exact flow for the time h with the field ``V_k`` frozen, which
    agrees with the step of :class:`~numerics.optimizers.GradientDescent` up to h^2. It is what
    :class:`~numerics.boost_optimizer.BoostSGD` does to a module.

    Args:
        h: learning rate, or a tensor (n,) of one for each network.
        cap: the largest rapidity ``h |V_k|`` of a boost; a neuron that would exceed it is moved for a shorter time.

    Raises:
        NonFiniteError: h is negative or not finite, or the cap not positive and finite.
        SymmetryError: from ``start``, the activation is smooth.

    >>> from .objective import Objective
    >>> from .optimizers import GradientDescent
    >>> from .training import train
    >>> start = Batch(torch.tensor([[[1.0]]]).double(), torch.tensor([[[2.0]]]).double())
    >>> data = Objective(torch.ones(1, 1).double(), torch.full((1,), -5.0).double())
    >>> [train(start, data, by, 9).batch.imbalance().round() for by in (BoostDescent(0.05), GradientDescent(0.05))]
    [tensor([[-3.]], dtype=torch.float64), tensor([[-2.]], dtype=torch.float64)]

    The sign of an output weight with c <= 0 is kept, and so not every target can be reached:

    >>> train(start, data, BoostDescent(0.05), 200).batch.W2 > 0
    tensor([[[True]]])
    """

    h: Rate
    cap: float | None = None

    def __post_init__(self) -> None:
        check_rate("h", self.h)
        check_positive(cap=self.cap)

    def start(self, batch: Batch) -> State:
        """Return the state before the first step."""
        rate = torch.as_tensor(rate_for(self.h, batch), dtype=batch.dtype, device=batch.device)
        return _Boosting((rate.expand(batch.n),), boosts=Boosts.of(batch, neuron_cap=self.cap))

    def step(self, batch: Batch, slope: Field, state: State) -> tuple[Batch, State]:
        """Return the batch after one step along its field, and the next state."""
        assert isinstance(state, _Boosting)
        (h,) = state.rates
        return state.boosts.boosted(batch, slope, torch.as_tensor(h)), replace(state, count=state.count + 1)
