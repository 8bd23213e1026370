"""Discrete optimizers over a batch: each takes a batch and its gradient to the next batch, and changes neither."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol, Self

import torch
from torch import Tensor

from quadrics.errors import DimensionError, NonFiniteError

from .batch import Batch
from .objective import Gradient

__all__ = ["Adam", "GradientDescent", "Optimizer", "State", "check_rate", "rate_for"]

Rate = float | Tensor


@dataclass(frozen=True)
class State:
    """What an optimizer carries from step to step: rates, steps taken, and buffers shaped like the parameters."""

    rates: tuple[Rate, ...]
    count: int = 0
    buffers: tuple[tuple[Tensor, ...], ...] = field(default=())

    def select(self, index: Tensor) -> Self:
        """Return the state of the networks at ``index``."""
        rates = tuple(rate[index] if isinstance(rate, Tensor) else rate for rate in self.rates)
        return replace(self, rates=rates, buffers=tuple(tuple(t[index] for t in buffer) for buffer in self.buffers))


class Optimizer(Protocol):
    """Two pure functions: the state before the first step, and a step."""

    def start(self, batch: Batch) -> State:
        """Return the state before the first step."""
        ...

    def step(self, batch: Batch, gradient: Gradient, state: State) -> tuple[Batch, State]:
        """Return the next batch and the next state."""
        ...


@dataclass(frozen=True, eq=False)
class GradientDescent:
    """Gradient descent ``theta+ = theta - h grad L``, with momentum and weight decay as ``torch.optim.SGD`` has them.

    Args:
        h: learning rate, or a tensor (n,) of one for each network.
        momentum: in [0, 1); the first velocity is the first gradient (no dampening).
        weight_decay: ``weight_decay * theta`` is added to the gradient.
        l1: ``l1 * sign(theta)`` is added to the gradient: the subgradient of ``l1 * sum |theta|`` that is 0 at 0.
        nesterov: Nesterov's form of momentum.
        output_h: learning rate of ``W2`` and ``b2``, where it differs from that of ``W1`` and ``b1``.

    Raises:
        NonFiniteError: a number is NaN, infinite, or out of its range.

    >>> batch = Batch(torch.ones(1, 1, 1), torch.ones(1, 1, 1))
    >>> gradient = Gradient(torch.ones(1, 1, 1), torch.ones(1, 1, 1))
    >>> descent = GradientDescent(0.5)
    >>> descent.step(batch, gradient, descent.start(batch))[0].W1
    tensor([[[0.5000]]])
    >>> GradientDescent(0.1, momentum=1.5)
    Traceback (most recent call last):
    ...
    quadrics.errors.NonFiniteError: momentum: got 1.5; expected a number in [0, 1)
    """

    h: Rate
    momentum: float = 0.0
    weight_decay: float = 0.0
    nesterov: bool = False
    output_h: Rate | None = None
    l1: float = 0.0

    def __post_init__(self) -> None:
        check_rate("h", self.h)
        check_rate("output_h", self.h if self.output_h is None else self.output_h)
        _check_fraction("momentum", self.momentum)
        _check_decay("weight_decay", self.weight_decay)
        _check_decay("l1", self.l1)
        if self.nesterov and not self.momentum:
            raise NonFiniteError("nesterov: got momentum 0; expected momentum above 0 with nesterov=True")

    def start(self, batch: Batch) -> State:
        """Return the state before the first step."""
        output = self.h if self.output_h is None else self.output_h
        return State((rate_for(self.h, batch), rate_for(output, batch)))

    def step(self, batch: Batch, gradient: Gradient, state: State) -> tuple[Batch, State]:
        """Return the batch after one step, and the next state."""
        g = _decayed(batch, gradient, self.weight_decay)
        if self.l1:
            g = tuple(torch.add(d, p.sign(), alpha=self.l1) for d, p in zip(g, batch.parameters, strict=True))
        buffers = state.buffers
        if self.momentum:
            if buffers:
                velocity = tuple(v * self.momentum + p for v, p in zip(buffers[0], g, strict=True))
            else:
                velocity = g
            if self.nesterov:
                g = tuple(p + v * self.momentum for p, v in zip(g, velocity, strict=True))
            else:
                g = velocity
            buffers = (velocity,)
        return _moved(batch, g, state.rates), State(state.rates, state.count + 1, buffers)


@dataclass(frozen=True, eq=False)
class Adam:
    """Adam as ``torch.optim.Adam`` has it, or AdamW when ``decoupled``.

    Args:
        h: learning rate, or a tensor (n,) of one for each network.
        betas: decay rates of the two moments, each in [0, 1).
        eps: added to the root of the second moment.
        weight_decay: added to the gradient, or, when ``decoupled``, shrinks the parameters by ``1 - h weight_decay``.

    Raises:
        NonFiniteError: a number is NaN, infinite, or out of its range.

    >>> Adam(-1.0)
    Traceback (most recent call last):
    ...
    quadrics.errors.NonFiniteError: h: got -1.0; expected a finite learning rate of at least 0
    """

    h: Rate = 1e-3
    betas: tuple[float, float] = (0.9, 0.999)
    eps: float = 1e-8
    weight_decay: float = 0.0
    decoupled: bool = False

    def __post_init__(self) -> None:
        check_rate("h", self.h)
        for name, beta in zip(("betas[0]", "betas[1]"), self.betas, strict=True):
            _check_fraction(name, beta)
        _check_decay("weight_decay", self.weight_decay)
        if not 0 <= self.eps < float("inf"):
            raise NonFiniteError(f"eps: got {self.eps}; expected a finite number of at least 0")

    def start(self, batch: Batch) -> State:
        """Return the state before the first step: both moments zero."""
        zeros = tuple(torch.zeros_like(p) for p in batch.parameters)
        rate = rate_for(self.h, batch)
        return State((rate, rate), 0, (zeros, zeros))

    def step(self, batch: Batch, gradient: Gradient, state: State) -> tuple[Batch, State]:
        """Return the batch after one step, and the next state."""
        if self.weight_decay and self.decoupled:
            g = gradient.parameters
            batch = _moved(batch, tuple(p * self.weight_decay for p in batch.parameters), state.rates)
        else:
            g = _decayed(batch, gradient, self.weight_decay)
        (beta1, beta2), (first, second), count = self.betas, state.buffers, state.count + 1
        first = tuple(m.lerp(p, 1 - beta1) for m, p in zip(first, g, strict=True))
        second = tuple((v * beta2).addcmul_(p, p, value=1 - beta2) for v, p in zip(second, g, strict=True))
        root = (1 - beta2**count) ** 0.5
        direction = tuple(
            m / ((1 - beta1**count) * (v.sqrt() / root + self.eps)) for m, v in zip(first, second, strict=True)
        )
        return _moved(batch, direction, state.rates), State(state.rates, count, (first, second))


def _moved(batch: Batch, direction: Sequence[Tensor], rates: tuple[Rate, ...]) -> Batch:
    """Return ``theta - h direction``, with the rate of each layer, of each network."""
    hidden, output = rates
    rest = iter(direction)
    b1 = b2 = None
    W1, W2 = _axpy(batch.W1, next(rest), hidden), _axpy(batch.W2, next(rest), output)
    if batch.b1 is not None:
        b1 = _axpy(batch.b1, next(rest), hidden)
    if batch.b2 is not None:
        b2 = _axpy(batch.b2, next(rest), output)
    return batch.replace(W1, W2, b1, b2)


def _axpy(p: Tensor, g: Tensor, rate: Rate) -> Tensor:
    if isinstance(rate, Tensor):
        return torch.addcmul(p, g, rate.view(-1, *[1] * (p.ndim - 1)), value=-1)
    return torch.add(p, g, alpha=-rate)


def _decayed(batch: Batch, gradient: Gradient, weight_decay: float) -> tuple[Tensor, ...]:
    g = gradient.parameters
    if not weight_decay:
        return g
    return tuple(torch.add(d, p, alpha=weight_decay) for d, p in zip(g, batch.parameters, strict=True))


def rate_for(rate: Rate, batch: Batch) -> Rate:
    """Return a rate as a number, or as a tensor (n,) of the batch's type on its device.

    Raises:
        DimensionError: a tensor of another shape.
    """
    if not isinstance(rate, Tensor) or rate.ndim == 0:
        return float(rate)
    if rate.shape != (batch.n,):
        raise DimensionError(f"h: got shape {tuple(rate.shape)}; expected a number or ({batch.n},)")
    return rate.to(batch.W1)


def check_rate(name: str, rate: Rate) -> None:
    """Check that a rate, or each of them, is finite and not negative.

    Raises:
        NonFiniteError: it is not.
    """
    values = torch.as_tensor(rate, dtype=torch.float64)
    if not bool((torch.isfinite(values) & (values >= 0)).all()):
        raise NonFiniteError(f"{name}: got {rate}; expected a finite learning rate of at least 0")


def _check_fraction(name: str, value: float) -> None:
    if not 0 <= value < 1:
        raise NonFiniteError(f"{name}: got {value}; expected a number in [0, 1)")


def _check_decay(name: str, value: float) -> None:
    if not 0 <= value < float("inf"):
        raise NonFiniteError(f"{name}: got {value}; expected a finite number of at least 0")
