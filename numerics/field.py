"""The pull of the data on each hidden neuron, from which both of its gradients follow."""

from __future__ import annotations

from typing import NamedTuple, Protocol

import torch
from torch import Tensor

from .activation import homogeneous_sigma_of
from .batch import Batch
from .gradient import Gradient, LossFunction

__all__ = ["Field", "FieldFunction"]


class Field(NamedTuple):
    """For every neuron ``V_k = sum_n r_n sigma'(z_kn) x_n^T`` (e x d), with r_n the derivative of the mean loss.

    For an activation that is homogeneous of degree k, ``grad w = V^T a`` and ``grad a = V w / k`` (Euler's identity);
    with a hidden bias, x ends with a constant 1 and w with b.

    Attributes:
        v: (n, l, e, d); exactly zero at padding, as ``bias`` is.
        bias: (n, l, e), the column of the constant input, or None.
        b2: (n, e), the derivative of the loss by the output biases, or None.
    """

    v: Tensor
    bias: Tensor | None = None
    b2: Tensor | None = None

    def gradient(self, batch: Batch) -> Gradient:
        """Return the gradient that this field gives at the networks it was computed at.

        Raises:
            SymmetryError: the activation is smooth.

        >>> batch = Batch(W1=torch.tensor([[[2.0]]]), W2=torch.tensor([[[3.0]]]))
        >>> Field(torch.tensor([[[[5.0]]]])).gradient(batch)[:2]
        (tensor([[[15.]]]), tensor([[[10.]]]))
        """
        degree = homogeneous_sigma_of(batch.activation, "field").degree
        a = batch.W2.transpose(1, 2)
        b1 = None
        if self.v.shape[2] == 1:
            v = self.v[:, :, 0]
            W1 = v * a
            W2 = (v * batch.W1).sum(2, keepdim=True)
        else:
            W1 = torch.einsum("nled,nle->nld", self.v, a)
            W2 = torch.einsum("nled,nld->nle", self.v, batch.W1)
        if self.bias is not None:
            assert batch.b1 is not None
            b1 = (self.bias * a).sum(2)
            W2 = W2 + self.bias * batch.b1[:, :, None]
        W2 = W2 if degree == 1 else W2 / degree
        return Gradient(W1, W2.transpose(1, 2), b1, self.b2)

    def squared_norm(self) -> Tensor:
        """Return (n, l): ``|V_k|^2`` in the Frobenius norm, the bias's column among it."""
        square = self.v.square().sum((2, 3))
        return square if self.bias is None else square + self.bias.square().sum(2)

    def select(self, index: Tensor) -> Field:
        """Return the fields of the networks at ``index``."""
        return Field(*(None if t is None else t[index] for t in self))  # type: ignore[arg-type]

    def where(self, which: Tensor, other: Field) -> Field:
        """Return the fields of the networks where ``which`` (n,) holds, and those of ``other`` elsewhere."""
        pairs = zip(self, other, strict=True)
        parts = (
            None if x is None or y is None else torch.where(which.view(-1, *[1] * (x.ndim - 1)), x, y) for x, y in pairs
        )
        return Field(*parts)  # type: ignore[arg-type]

    @classmethod
    def zeros(cls, batch: Batch) -> Field:
        """Return zeros in the shapes that a batch's field has."""
        v = batch.W1.new_zeros(batch.n, batch.width, batch.d_out, batch.d_in)
        bias = None if batch.b1 is None else batch.W1.new_zeros(batch.n, batch.width, batch.d_out)
        return cls(v, bias, None if batch.b2 is None else torch.zeros_like(batch.b2))


class FieldFunction(LossFunction, Protocol):
    """A loss that also has a field: what the flows on the invariant set need."""

    def field(self, batch: Batch) -> Field:
        """Return the field of each network."""
        ...

    def loss_and_field(self, batch: Batch) -> tuple[Tensor, Field]:
        """Return the losses (n,) and the fields."""
        ...
