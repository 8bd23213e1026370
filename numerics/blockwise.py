"""The loss and its gradient by matrix products, block by block of what stays in the cache: for every kind of network.

:class:`numerics.objective.Objective` says what is computed. All hidden units of a block of networks meet a tile of the
samples in one matrix product, and their derivatives meet it in another.
"""

from __future__ import annotations

import torch
from torch import Tensor

from quadrics.errors import DimensionError

from .activation import Sigma, sigma_of
from .batch import Batch
from .field import Field
from .gradient import Gradient
from .losses import LossName, loss_derivative_, summed_loss, weight_per_sample
from .tiling import Tile, columns_of, network_blocks, order_by_width, sample_tiles, tile_samples, tile_units

__all__ = ["Blockwise"]

MOST_BLOCKS = 16
"""Blocks whose weights are prepared at once."""


class Blockwise:
    """A data set that is visited tile by tile.

    Args:
        x: (N, d) inputs.
        targets: (N, e), as :func:`numerics.losses.prepare_targets` returns them.
        loss, memory, tile_units, tile_samples: see :class:`numerics.objective.Objective`.
    """

    def __init__(
        self,
        x: Tensor,
        targets: Tensor,
        loss: LossName,
        memory: int | None = None,
        tile_units: int | None = None,
        tile_samples: int | None = None,
    ) -> None:
        self.x, self.targets, self.loss = x, targets, loss
        self.memory, self.tile_units, self.tile_samples = memory, tile_units, tile_samples
        self._tiles: dict[int, list[Tile]] = {}

    def tiles(self, width: int) -> list[Tile]:
        """Return the data in tiles, for networks of this width.

        Raises:
            DimensionError: too little memory for one of them.
        """
        (n, d), wide = self.x.shape, max(width, self.targets.shape[1])
        least = wide * columns_of(d) * self.x.element_size()
        if self.memory is not None and self.memory < least:
            raise DimensionError(f"memory: got {self.memory} bytes; expected at least {least}, for the largest network")
        samples = tile_samples(n, wide, self.x, self.memory) if self.tile_samples is None else min(self.tile_samples, n)
        if samples not in self._tiles:
            self._tiles[samples] = sample_tiles(self.x, self.targets, samples)
        return self._tiles[samples]

    def run(self, batch: Batch, loss: Tensor | None, slopes: Gradient | Field | None) -> None:
        """Fill ``loss`` and a gradient or field, where they are wanted; out of order of widths where that is faster."""
        tiles = self.tiles(max(batch.extents))
        columns, samples = tiles[0].xt.shape
        units = self.tile_units
        if units is None:
            units = tile_units(samples if self.memory is None else max(columns, samples), self.x, self.memory)
        found = order_by_width(batch.extents, units, batch.d_out, batch.device)
        if found is None:
            self._run_blocks(batch, tiles, units, loss, slopes)
            return
        order, extents = found
        ordered = batch.select(order)
        ordered.__dict__["extents"] = extents
        sorted_loss = None if loss is None else torch.empty_like(loss)
        sorted_slopes = (
            Gradient.empty(batch) if isinstance(slopes, Gradient) else None if slopes is None else Field.zeros(batch)
        )
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
        for start, stop, width in network_blocks(batch.extents, units, batch.d_out, span):
            nets = max(1, units // max(width, batch.d_out))
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
                    value = summed_loss(f[..., : tile.valid], tile.y[:, : tile.valid], self.loss)
                    _add(loss[whole], value, is_first)
                if slopes is None:
                    continue
                r = loss_derivative_(f, tile.y, self.loss)
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
            loss[span] *= 1 / self.x.shape[0]
        if slopes is None:
            return
        scale = weight_per_sample(self.loss, self.x.shape[0])
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
