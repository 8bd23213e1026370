"""Gradients of a batch of networks, and the interface of everything that has one."""

from __future__ import annotations

from typing import NamedTuple, Protocol, Self

import torch
from torch import Tensor

from .batch import Batch

__all__ = ["Gradient", "LossFunction"]


class Gradient(NamedTuple):
    """The derivative of each network's loss by its own parameters, in the shapes of ``Batch``."""

    W1: Tensor
    W2: Tensor
    b1: Tensor | None = None
    b2: Tensor | None = None

    @property
    def parameters(self) -> tuple[Tensor, ...]:
        """The tensors that are there, in the order W1, W2, b1, b2."""
        return tuple(t for t in self if t is not None)

    def squared_norm(self) -> Tensor:
        """Return (n,): the squared Euclidean norm over all parameters of each network."""
        return torch.stack([torch.linalg.vector_norm(t.flatten(1), dim=1).square() for t in self.parameters]).sum(0)

    def select(self, index: Tensor) -> Gradient:
        """Return the gradients of the networks at ``index``."""
        return Gradient(*(None if t is None else t[index] for t in self))  # type: ignore[arg-type]

    @classmethod
    def empty(cls, batch: Batch) -> Gradient:
        """Return room for the gradients of a batch, each tensor one block of memory."""
        parts = (batch.W1, batch.W2, batch.b1, batch.b2)
        return cls(*(None if t is None else t.new_empty(t.shape) for t in parts))  # type: ignore[arg-type]

    @classmethod
    def zeros(cls, batch: Batch) -> Gradient:
        """Return zeros in the shapes of the parameters of a batch."""
        b1, b2 = (None if t is None else torch.zeros_like(t) for t in (batch.b1, batch.b2))
        return cls(torch.zeros_like(batch.W1), torch.zeros_like(batch.W2), b1, b2)

    def flatten(self) -> Tensor:
        """Return (n, p): one row for each network, in the order of ``Batch.flatten``."""
        return torch.cat([t.flatten(1) for t in self.parameters], 1)


class LossFunction(Protocol):
    """What training and flows need: anything with these methods can stand in for ``Objective``."""

    @property
    def n_samples(self) -> int:
        """Number of samples."""
        ...

    def loss(self, batch: Batch) -> Tensor:
        """Return (n,): the loss of each network."""
        ...

    def gradient(self, batch: Batch) -> Gradient:
        """Return the gradient of each network's loss."""
        ...

    def loss_and_gradient(self, batch: Batch) -> tuple[Tensor, Gradient]:
        """Return the losses (n,) and their gradients."""
        ...

    def subset(self, index: Tensor) -> Self:
        """Return the same objective on the samples at ``index``."""
        ...
