"""The loss and its gradient for a whole batch of networks that share their data.

All hidden units of all networks meet the data in one matrix product ``Z = W1 x^T``. With ``r`` the derivative of the
loss by the output, one product back gives ``v_k = sum_n r_n sigma'(z_kn) x_n``, and with it both gradients when there
is one output: ``grad w_k = a_k v_k`` and, for a homogeneous activation, by Euler's identity
``z sigma'(z) = degree sigma(z)``, ``grad a_k = <w_k, v_k> / degree``. For the others ``grad a_k = sum_n r_n h_kn`` is
summed, and set to zero at padding, where ``h = sigma(0)``. Biases are weights of a constant input. For e outputs, one
such product for each gives the matrices V_k of :class:`numerics.field.Field`.
"""

from __future__ import annotations

from functools import cached_property
from typing import Self

import torch
from torch import Tensor

from quadrics.errors import DimensionError, NonFiniteError, ShapeError

from .activation import Sigma, homogeneous_sigma_of, sigma_of
from .batch import Batch
from .device import pick_device
from .field import Field
from .gradient import Gradient, LossFunction
from .losses import LossName, loss_derivative_, prepare_targets, summed_loss, weight_per_sample
from .native.rectified import RectifiedKernel
from .tiling import (
    Tile,
    columns_of,
    network_blocks,
    order_by_width,
    sample_tiles,
    tile_samples,
    tile_units,
)

__all__ = ["Gradient", "LossFunction", "Objective"]

MOST_BLOCKS = 16
"""Blocks whose weights are prepared at once."""


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
            cache (but 64 samples of a network), and 64 MB on an accelerator.
        tile_units, tile_samples: hidden units and samples that are worked on at a time, instead of what follows from
            ``memory``. All three change rounding only.

    Raises:
        DimensionError: sizes below 1; from its methods, too little memory for one network.
        ShapeError: shapes or types that do not fit; from its methods, a batch that does not fit the data.
        NonFiniteError: NaN or infinity in the data.

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
        self._tiles: dict[int, list[Tile]] = {}

    def _like(self, x: Tensor, targets: Tensor) -> Self:
        other = object.__new__(type(self))
        other.loss_name = self.loss_name
        other.memory, other.tile_units, other.tile_samples = self.memory, self.tile_units, self.tile_samples
        other._start(x, targets)
        return other

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
        loss = batch.W1.new_empty(batch.n)
        self._run(batch, loss, None)
        return loss

    def gradient(self, batch: Batch) -> Gradient:
        """Return the gradient of each network's loss by its own parameters; exactly zero at padding."""
        self._check(batch)
        gradient = _room(batch)
        self._run(batch, None, gradient)
        return gradient

    def loss_and_gradient(self, batch: Batch) -> tuple[Tensor, Gradient]:
        """Return the losses (n,) and their gradients, from one pass over the data."""
        self._check(batch)
        loss, gradient = batch.W1.new_empty(batch.n), _room(batch)
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
        field = Field.zeros(batch)
        self._run(batch, loss, field)
        if sigma.degree == 1 and sigma.beta:  # the derivative at a padded neuron, z = 0, is not zero
            for part in (field.v, field.bias):
                if part is not None:
                    part.masked_fill_(~batch.mask.view(*batch.mask.shape, *[1] * (part.ndim - 2)), 0)
        return field

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

    def _cut(self, width: int) -> list[Tile]:
        """Return the data in tiles, for networks of this width."""
        n, wide = self.n_samples, max(width, self.d_out)
        least = wide * columns_of(self.d_in) * self.x.element_size()
        if self.memory is not None and self.memory < least:
            raise DimensionError(f"memory: got {self.memory} bytes; expected at least {least}, for the largest network")
        samples = tile_samples(n, wide, self.x, self.memory) if self.tile_samples is None else min(self.tile_samples, n)
        if samples not in self._tiles:
            self._tiles[samples] = sample_tiles(self.x, self.targets, samples)
        return self._tiles[samples]

    def _kernel_for(self, batch: Batch) -> RectifiedKernel | None:
        """Return the kernel that does in one pass what is done in several below, where there is one."""
        if self.tile_units is not None or self.tile_samples is not None:
            return None
        sigma = sigma_of(batch.activation)
        if not (isinstance(sigma, Sigma) and sigma.is_rectifier):
            return None
        return self._kernel if self._kernel is not None and self._kernel.fits(batch) else None

    @cached_property
    def _kernel(self) -> RectifiedKernel | None:
        return RectifiedKernel.of(self.x, self.targets, self.loss_name, self.memory)

    def _run_kernel(
        self, kernel: RectifiedKernel, batch: Batch, loss: Tensor | None, slopes: Gradient | Field | None
    ) -> None:
        """Do so by a kernel; for the loss so many networks at a time as have outputs that stay in the cache."""
        sigma, scale, n = homogeneous_sigma_of(batch.activation, "kernel"), 1 / self.n_samples, self.n_samples
        if loss is None:
            kernel.run(batch, sigma, scale, slopes)
            return
        count = kernel.together()
        for start in range(0, batch.n, count):
            part = slice(start, start + count)
            few = batch if count >= batch.n else batch.part(part)
            outputs = self.x.new_empty(few.n, kernel.stride)
            found = slopes if slopes is None or few is batch else slopes.part(part)
            kernel.run(few, sigma, scale, found, outputs)
            loss[part] = summed_loss(outputs[:, None, :n], self.targets.t(), self.loss_name) * scale

    @torch.no_grad()
    def _run(self, batch: Batch, loss: Tensor | None, slopes: Gradient | Field | None) -> None:
        """Fill ``loss`` and a gradient or field, where they are wanted; out of order of widths where that is faster."""
        kernel = self._kernel_for(batch)
        if kernel is not None:
            self._run_kernel(kernel, batch, loss, slopes)
            return
        tiles = self._cut(max(batch.extents))
        columns, samples = tiles[0].xt.shape
        units = self.tile_units
        if units is None:
            units = tile_units(samples if self.memory is None else max(columns, samples), self.x, self.memory)
        found = order_by_width(batch.extents, units, self.d_out, batch.device)
        if found is None:
            self._run_blocks(batch, tiles, units, loss, slopes)
            return
        order, extents = found
        ordered = batch.select(order)
        ordered.__dict__["extents"] = extents
        sorted_loss = None if loss is None else torch.empty_like(loss)
        sorted_slopes = _room(batch) if isinstance(slopes, Gradient) else None if slopes is None else Field.zeros(batch)
        self._run_blocks(ordered, tiles, units, sorted_loss, sorted_slopes)
        for to, source in zip((loss, *(slopes or ())), (sorted_loss, *(sorted_slopes or ())), strict=True):
            if to is not None and source is not None:
                to[order] = source

    def _run_blocks(
        self, batch: Batch, tiles: list[Tile], units: int, loss: Tensor | None, slopes: Gradient | Field | None
    ) -> None:
        """Do so block by block of networks, all of them in the same memory, which so stays in the cache."""
        columns, samples = tiles[0].xt.shape
        # What has the size of the weights is prepared for several blocks at once: as much as one hidden layer.
        span = max(1, min(MOST_BLOCKS, samples // columns))
        hidden = self.x.new_empty(0)
        for start, stop, width in network_blocks(batch.extents, units, self.d_out, span):
            nets = max(1, units // max(width, self.d_out))
            most = min(nets, stop - start) * width * samples
            hidden = hidden if hidden.numel() >= most else self.x.new_empty(most)
            self._run_span(batch, tiles, slice(start, stop), width, nets, hidden, loss, slopes)

    def _run_span(
        self,
        batch: Batch,
        tiles: list[Tile],
        span: slice,
        width: int,
        nets: int,
        hidden: Tensor,
        loss: Tensor | None,
        slopes: Gradient | Field | None,
    ) -> None:
        """Do so for the networks of a span, so many ``nets`` at a time, with room for a hidden layer of theirs."""
        sigma = sigma_of(batch.activation)
        d, e, count = batch.d_in, batch.d_out, (span.stop - span.start) * width
        weights = self.x.new_zeros(span.stop - span.start, width, tiles[0].xt.shape[0])
        weights[..., :d] = batch.W1[span, :width]
        if batch.b1 is not None:
            weights[..., d] = batch.b1[span, :width]
        # A rectifier runs as sigma/alpha, in place; alpha goes into the output weights and back out at the end.
        rectifier = sigma if isinstance(sigma, Sigma) and sigma.is_rectifier else None
        alpha = 1.0 if rectifier is None else rectifier.alpha
        W2 = batch.W2[span, :, :width]
        W2 = W2 if alpha == 1 else W2 * alpha
        by_euler = isinstance(slopes, Field) or (e == 1 and isinstance(sigma, Sigma))
        products = e if isinstance(slopes, Field) else 1
        V = self.x.new_empty(products, weights.shape[2], count)
        W2_sums = None if by_euler or slopes is None else torch.empty_like(W2)
        rows = weights.view(count, -1)
        for first in range(0, weights.shape[0], nets):
            part = slice(first, min(first + nets, weights.shape[0]))
            units = slice(part.start * width, part.stop * width)
            whole = slice(span.start + part.start, span.start + part.stop)
            a, w = W2[part], rows[units]
            for tile in tiles:
                is_first = tile is tiles[0]
                samples = tile.xt.shape[1]
                z = torch.mm(w, tile.xt, out=hidden[: len(w) * samples].view(len(w), samples))
                slope = None
                if rectifier is not None:
                    h = rectifier.rectify_(z)
                elif slopes is None:
                    h = sigma(z)
                else:
                    h, slope = sigma.with_derivative(z)
                h = h.view(-1, width, samples)
                f = torch.bmm(a, h)
                if batch.b2 is not None:
                    f += batch.b2[whole, :, None]
                if loss is not None:
                    value = summed_loss(f[..., : tile.valid], tile.y[:, : tile.valid], self.loss_name)
                    _add(loss[whole], value, is_first)
                if slopes is None:
                    continue
                r = loss_derivative_(f, tile.y, self.loss_name)
                if slopes.b2 is not None:
                    _add(slopes.b2[whole], r[..., : tile.valid].sum(2), is_first)
                if W2_sums is not None:
                    if not sigma.fixes_zero:
                        r[..., tile.valid :] = 0
                    _add(W2_sums[part], torch.bmm(r, h.transpose(1, 2)), is_first)
                # One product for the gradient, whatever the number of outputs; for the field, one for each of them.
                if e > 1 and isinstance(slopes, Gradient):
                    upstreams = [torch.bmm(a.transpose(1, 2), r)]
                else:
                    upstreams = [r[:, i : i + 1].expand(h.shape) for i in range(e)]
                for i, (v, upstream) in enumerate(zip(V, upstreams, strict=True), start=1):
                    if slope is not None:
                        g = upstream * slope.view(h.shape)
                    else:
                        assert rectifier is not None
                        g = rectifier.rectify_backward(upstream, h, out=h if i == products else torch.empty_like(h))
                    # The small dimension first: so the product runs near the peak in double precision too.
                    _add_product(v[:, units], tile.xt, g.view(len(w), samples).t(), is_first)
        if loss is not None:
            loss[span] *= 1 / self.n_samples
        if slopes is None:
            return
        scale = weight_per_sample(self.loss_name, self.n_samples)
        if slopes.b2 is not None:
            slopes.b2[span] *= scale
        whole_v = V.view(products, -1, *weights.shape[:2]).permute(0, 2, 3, 1)
        if isinstance(slopes, Field):
            for i, v in enumerate(whole_v):
                torch.mul(v[..., :d], scale * alpha, out=slopes.v[span, :width, i])
                if slopes.bias is not None:
                    torch.mul(v[..., d], scale * alpha, out=slopes.bias[span, :width, i])
            return
        v = whole_v[0]
        if W2_sums is None:
            assert isinstance(sigma, Sigma)
            torch.mul((weights * v).sum(2), scale * alpha / sigma.degree, out=slopes.W2[span, 0, :width])
        else:
            torch.mul(W2_sums, scale * alpha, out=slopes.W2[span, :, :width])
            if not sigma.fixes_zero:
                slopes.W2[span, :, :width].masked_fill_(~batch.mask[span, None, :width], 0)
        if width < batch.width:
            for part_of in (slopes.W1[span, width:], slopes.W2[span, :, width:]):
                part_of.zero_()
            if slopes.b1 is not None:
                slopes.b1[span, width:] = 0
        factor = W2.transpose(1, 2) * scale if e == 1 else v.new_full((), scale)
        torch.mul(v[..., :d], factor, out=slopes.W1[span, :width])
        if slopes.b1 is not None:
            torch.mul(v[..., d : d + 1], factor, out=slopes.b1[span, :width, None])


def _room(batch: Batch) -> Gradient:
    """Return room for the gradient of a batch."""
    parts = (batch.W1, batch.W2, batch.b1, batch.b2)
    like = torch.contiguous_format
    return Gradient(*(None if t is None else torch.empty_like(t, memory_format=like) for t in parts))  # type: ignore[arg-type]


def _add(target: Tensor, term: Tensor, is_first: bool) -> None:
    """Add a term to a sum that begins with its first term."""
    if is_first:
        target.copy_(term)
    else:
        target += term


def _add_product(target: Tensor, left: Tensor, right: Tensor, is_first: bool) -> None:
    """Add a product of matrices to a sum that begins with its first term."""
    if is_first:
        torch.mm(left, right, out=target)
    else:
        target.addmm_(left, right)
