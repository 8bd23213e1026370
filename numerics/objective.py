"""The loss and its gradient for a whole batch of networks that share their data.

All hidden units of all networks meet the data in one matrix product ``Z = W1 x^T``. With ``r`` the derivative of the
loss by the output, one product back gives ``v_k = sum_n r_n sigma'(z_kn) x_n``, and with it both gradients when there
is one output: ``grad w_k = a_k v_k`` and, for a homogeneous activation, by Euler's identity
``z sigma'(z) = degree sigma(z)``, ``grad a_k = <w_k, v_k> / degree``. For the others ``grad a_k = sum_n r_n h_kn`` is
summed, and set to zero at padding, where ``h = sigma(0)``. Biases are weights of a constant input. For e outputs, one
such product for each gives the matrices V_k of :class:`numerics.field.Field`.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import cached_property
from typing import Any, Self

import torch
from torch import Tensor

from quadrics.errors import DimensionError, NonFiniteError, ShapeError

from .activation import homogeneous_sigma_of
from .batch import Batch
from .blockwise import Blockwise
from .device import enough_memory, pick_device
from .field import Field
from .gradient import Gradient, LossFunction
from .losses import LossName, prepare_targets
from .native.rectified import RectifiedKernel

__all__ = ["Gradient", "LossFunction", "Objective"]


class Objective:
    r"""The mean loss over a data set, and its exact gradient, for every network of a batch at once.

    Normalisation: the mean over samples of the sum over outputs; ``mse`` is ``(1/N) sum_n |f(x_n) - y_n|^2``, without
    a factor 1/2; ``bce`` takes logits and targets in [0, 1]; ``ce`` takes logits and class numbers.

    Args:
        x: (N, d) inputs.
        y: (N,) or (N, e) targets; for ``ce`` (N,) integer class numbers.
        loss: ``"mse"``, ``"bce"`` or ``"ce"``.
        classes: number of classes for ``ce``; by default one more than the largest label.
        memory: bytes that the hidden layer of what is worked on at a time may take, and so the largest intermediate
            (rectifiers keep one array of that size, other activations up to five); by default 2 MB on a CPU, its
            cache (but 64 samples of a network), and 64 MB on an accelerator. The compiled kernel for rectifiers
            (:mod:`numerics.native.rectified`) is used where its workspace is within it.
        tile_units, tile_samples: hidden units and samples that are worked on at a time, instead of what follows from
            ``memory`` (and never by the kernel). All three change rounding only.

    Raises:
        DimensionError: sizes below 1; from its methods, too little memory for one network.
        ShapeError: shapes or types that do not fit; from its methods, a batch that does not fit the data.
        NonFiniteError: NaN or infinity in the data.
        OutOfMemoryError: from its methods, gradients that do not fit.

    >>> x = torch.tensor([[1.0], [2.0]])
    >>> batch = Batch(W1=torch.ones(1, 1, 1), W2=torch.full((1, 1, 1), 3.0))
    >>> loss, gradient = Objective(x, torch.zeros(2)).loss_and_gradient(batch)
    >>> loss, gradient.W1, gradient.W2
    (tensor([22.5000]), tensor([[[45.]]]), tensor([[[15.]]]))

    The activation's derivative at zero is the left one, so a dead ReLU neuron gets no gradient:

    >>> Objective(-x, torch.ones(2)).gradient(batch).W1
    tensor([[[0.]]])
    """

    def __init__(
        self,
        x: Tensor,
        y: Tensor,
        loss: LossName = "mse",
        *,
        classes: int | None = None,
        memory: int | None = None,
        tile_units: int | None = None,
        tile_samples: int | None = None,
    ) -> None:
        if loss not in ("mse", "bce", "ce"):
            raise ShapeError(f"loss: got {loss!r}; expected 'mse', 'bce' or 'ce'")
        if x.ndim != 2 or 0 in x.shape or not x.is_floating_point():
            raise ShapeError(f"x: got shape {tuple(x.shape)} of {x.dtype}; expected (N, d) floating point")
        if not bool(torch.isfinite(x).all()):
            raise NonFiniteError("x: got NaN or infinity; expected finite inputs")
        for name, size in (("memory", memory), ("tile_units", tile_units), ("tile_samples", tile_samples)):
            if size is not None and size < 1:
                raise DimensionError(f"{name}: got {size}; expected at least 1")
        self.loss_name: LossName = loss
        self.memory, self.tile_units, self.tile_samples = memory, tile_units, tile_samples
        self._start(x, prepare_targets(y, loss, x, classes))

    def _start(self, x: Tensor, targets: Tensor) -> None:
        self.x = x
        self.targets = targets
        self._blockwise = Blockwise(x, targets, self.loss_name, self.memory, self.tile_units, self.tile_samples)

    def _like(self, x: Tensor, targets: Tensor) -> Self:
        other = object.__new__(type(self))
        other.loss_name = self.loss_name
        other.memory, other.tile_units, other.tile_samples = self.memory, self.tile_units, self.tile_samples
        other._start(x, targets)
        return other

    def __getstate__(self) -> dict[str, Any]:
        # A library that is loaded stays with its process.
        return {name: value for name, value in self.__dict__.items() if name != "_kernel"}

    # -- the data ------------------------------------------------------------------------------------------------
    @property
    def n_samples(self) -> int:
        """Number of samples N."""
        return self.x.shape[0]

    @property
    def d_in(self) -> int:
        """Input dimension d."""
        return self.x.shape[1]

    @property
    def d_out(self) -> int:
        """Output dimension e."""
        return self.targets.shape[1]

    def subset(self, index: Tensor) -> Self:
        """Return the objective on the samples at ``index`` (their mean, not a share of the whole mean)."""
        index = index.to(self.x.device)
        return self._like(self.x[index], self.targets[index])

    def to(self, device: str | torch.device | None = None, dtype: torch.dtype | None = None) -> Self:
        """Return the objective with its data on another device, in another floating-point type, or both."""
        place = self.x.device if device is None else pick_device(device)
        kind = self.x.dtype if dtype is None else dtype
        return self._like(self.x.to(place, kind), self.targets.to(place, kind))

    # -- values ----------------------------------------------------------------------------------------------------
    def loss(self, batch: Batch) -> Tensor:
        """Return (n,): the loss of each network; NaN or infinity where a network's is, its neighbours untouched."""
        self._check(batch)
        with self._memory(batch):
            loss = batch.W1.new_empty(batch.n)
            self._run(batch, loss, None)
        return loss

    def gradient(self, batch: Batch) -> Gradient:
        """Return the gradient of each network's loss by its own parameters; exactly zero at padding."""
        self._check(batch)
        with self._memory(batch):
            gradient = Gradient.empty(batch)
            self._run(batch, None, gradient)
        return gradient

    def loss_and_gradient(self, batch: Batch) -> tuple[Tensor, Gradient]:
        """Return the losses (n,) and their gradients, from one pass over the data."""
        self._check(batch)
        with self._memory(batch):
            loss, gradient = batch.W1.new_empty(batch.n), Gradient.empty(batch)
            self._run(batch, loss, gradient)
        return loss, gradient

    def field(self, batch: Batch) -> Field:
        """Return the pull of the data on each neuron; exactly zero at padding.

        Raises:
            SymmetryError: the activation is smooth: its gradients do not follow from the field.
        """
        return self._field(batch, None)

    def loss_and_field(self, batch: Batch) -> tuple[Tensor, Field]:
        """Return the losses (n,) and the fields, from one pass over the data (errors as ``field``)."""
        loss = batch.W1.new_empty(batch.n)
        return loss, self._field(batch, loss)

    # -- inside ----------------------------------------------------------------------------------------------------
    def _field(self, batch: Batch, loss: Tensor | None) -> Field:
        self._check(batch)
        sigma = homogeneous_sigma_of(batch.activation, "field")
        with self._memory(batch):
            field = Field.zeros(batch)
            self._run(batch, loss, field)
        if sigma.degree == 1 and sigma.beta:  # the derivative at a padded neuron, z = 0, is not zero
            for part in (field.v, field.bias):
                if part is not None:
                    part.masked_fill_(~batch.mask.view(*batch.mask.shape, *[1] * (part.ndim - 2)), 0)
        return field

    def _memory(self, batch: Batch) -> AbstractContextManager[None]:
        what = f"objective: {batch.n} networks of width {batch.width} on {self.n_samples} samples"
        return enough_memory(what, "fewer networks at a time, or a smaller memory=")

    def _check(self, batch: Batch) -> None:
        if (batch.d_in, batch.d_out) != (self.d_in, self.d_out):
            raise ShapeError(
                f"batch: got networks from {batch.d_in} to {batch.d_out} dimensions; "
                f"expected {self.d_in} to {self.d_out}, as the data have"
            )
        if batch.dtype != self.x.dtype or batch.device != self.x.device:
            raise ShapeError(
                f"batch: got {batch.dtype} on {batch.device}; expected {self.x.dtype} on {self.x.device}, "
                "as the data have (use .to)"
            )

    @torch.no_grad()
    def _run(self, batch: Batch, loss: Tensor | None, slopes: Gradient | Field | None) -> None:
        """Fill ``loss`` and a gradient or field, where they are wanted, by a kernel if there is one for the batch."""
        if self._kernel is None or not self._kernel.run(batch, loss, slopes):
            self._blockwise.run(batch, loss, slopes)

    @cached_property
    def _kernel(self) -> RectifiedKernel | None:
        if self.tile_units is not None or self.tile_samples is not None:
            return None
        return RectifiedKernel.of(self.x, self.targets, self.loss_name, self.memory)
