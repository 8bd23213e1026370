r"""Boosts of whole batches: the exact flow of every neuron for a time h with the field frozen.

The formulas are those of :mod:`quadrics.boost`, in their light-cone form. For e outputs the field V of a neuron is
turned into the eigenvectors u_i of V V^T, and its e boosts, one in the plane of u_i and V^T u_i each, are made side by
side: the planes are orthogonal (to a rounding), and so none stretches the roundings of another. So for any h

.. math:: |c^+ - c| \le K \varepsilon (|w|^2 + |a|^2 + |w^+|^2 + |a^+|^2).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple

import sympy
import torch
from torch import Tensor

from quadrics import boost as formulas

from ..activation import homogeneous_sigma_of
from ..batch import Batch
from ..bridge import TorchFunction, torch_function
from ..field import Field
from ..native.plane_boost import Boosted, plane_boost
from .result import check_positive, check_rates

__all__ = ["Boosts", "combined"]


@lru_cache(maxsize=1)
def _light_cone() -> tuple[TorchFunction, TorchFunction, TorchFunction]:
    """The change of a + m and a - m by a boost, a and m after it, and the smaller coordinate before it."""
    p, q, x, a, m, rest, c = sympy.symbols("p q x a m rest c", real=True)
    return (
        torch_function(sympy.Matrix(formulas.light_cone_change(p, q, x)), (p, q, x)),
        torch_function(sympy.Matrix(formulas.from_light_cone(p, q, x)), (p, q, x)),
        torch_function(formulas.smaller_coordinate(a, m, rest, c), (a, m, rest, c)),
    )


class _Turn(NamedTuple):
    """A boost: the coordinates a and m before it, its rapidity, 1/|v|; a after it, and the multiple of v for w."""

    a: Tensor
    m: Tensor
    x: Tensor
    inverse: Tensor
    after: Tensor
    by_m: Tensor


@dataclass(frozen=True, eq=False)
class Boosts:
    """How the neurons of a batch are boosted.

    Attributes:
        inward, outward: what w and a are divided by (:func:`quadrics.boost.scales`).
        c: (n, l) the imbalances to keep, for one output, if any is c <= 0: where they keep digits, see ``boosted``.
        neuron_cap: the largest rapidity h|v_k| of a boost; a neuron that would exceed it is moved for a shorter time.
        network_cap: the largest h|v_k| of a network's neurons; ``limit`` says which steps obey it.
    """

    inward: float
    outward: float
    c: Tensor | None = None
    neuron_cap: float | None = None
    network_cap: float | None = None

    @classmethod
    def of(
        cls,
        batch: Batch,
        rates: tuple[float, float] = (1.0, 1.0),
        neuron_cap: float | None = None,
        network_cap: float | None = None,
    ) -> Boosts:
        """Return the boosts that keep the imbalances that the networks of a batch have.

        Raises:
            SymmetryError: the activation is smooth.
            NonFiniteError: a rate or cap that is not positive and finite.
        """
        check_rates(rates)
        check_positive(neuron_cap=neuron_cap, network_cap=network_cap)
        degree = homogeneous_sigma_of(batch.activation, "boost").degree
        inward, outward = (float(scale) for scale in formulas.scales(degree, rates))
        boosts = cls(inward, outward, None, neuron_cap, network_cap)
        c = boosts.imbalance(batch) if batch.d_out == 1 else None
        return replace(boosts, c=c) if c is not None and bool((c <= 0).any()) else boosts

    def select(self, index: Tensor) -> Boosts:
        """Return the boosts of the networks at ``index``."""
        return self if self.c is None else replace(self, c=self.c[index])

    def imbalance(self, batch: Batch) -> Tensor:
        """Return (n, l): what the boosts conserve, ``(|w|^2 + b^2)/eta_1 - degree |a|^2/eta_2``."""
        square = batch.W1.square().sum(2)
        if batch.b1 is not None:
            square = square + batch.b1.square()
        return square / self.inward**2 - batch.W2.square().sum(1) / self.outward**2

    def speeds(self, field: Field) -> Tensor:
        """Return (n, l): the rapidity of each neuron in time 1 (for several outputs a bound on it)."""
        return field.squared_norm().sqrt() * (self.inward * self.outward)

    def limit(self, field: Field) -> Tensor | None:
        """Return (n,): the longest step that ``network_cap`` allows, or None."""
        return None if self.network_cap is None else self.network_cap / self.speeds(field).amax(1)

    def boosted(self, batch: Batch, field: Field, h: Tensor) -> Batch:
        """Return the networks after the times h (n,) with the field frozen; output biases move along straight lines.

        For one output and c <= 0, where half of the digits of ``a + m`` or ``a - m`` cancel, it is computed from c: so
        the sheet is kept, and a state so large that c is below its rounding comes back to its own quadric.
        """
        return self.boosted_by(batch, (1.0,), (field,), h)

    def boosted_by(self, batch: Batch, weights: Sequence[float], fields: Sequence[Field], h: Tensor) -> Batch:
        """Return the networks after the times h (n,) with a linear combination of fields frozen, as ``boosted``."""
        if batch.d_out == 1:
            return self._plane(batch, weights, fields, h)
        field = combined(weights, fields)
        turned, directions = _eigenvectors(field)
        a = torch.einsum("nlef,nle->nlf", directions, batch.W2.transpose(1, 2))
        W1, b1, a = self._planes(batch.W1, batch.b1, a, turned, h)
        W2 = torch.einsum("nlef,nlf->nel", directions, a)
        return batch.replace(W1, W2, b1, self._moved_biases(batch, weights, fields, h))

    def _moved_biases(
        self, batch: Batch, weights: Sequence[float], fields: Sequence[Field], h: Tensor
    ) -> Tensor | None:
        """Return the output biases after the times h."""
        if batch.b2 is None:
            return None
        rate = self.outward**2 * homogeneous_sigma_of(batch.activation, "boost").degree
        slopes = [weight * field.b2 for weight, field in zip(weights, fields, strict=True) if field.b2 is not None]
        return batch.b2 - rate * h[:, None] * torch.stack(slopes).sum(0) if slopes else None

    def _plane(self, batch: Batch, weights: Sequence[float], fields: Sequence[Field], h: Tensor) -> Batch:
        """Boost the neurons of networks with one output."""
        # Where the smaller of a + m and a - m has lost half of its digits, or all.
        ratio = torch.finfo(batch.dtype).eps ** 0.5
        thin_from = (1 - ratio) / (1 + ratio)
        scales = (self.inward, self.outward)
        moved = plane_boost(batch, weights, fields, h, self.c, scales, self.neuron_cap, thin_from)
        if moved is None or moved.thin is not None:
            field = combined(weights, fields)
            moved = moved or self._plane_by_torch(batch, field, h, thin_from)
        W1, W2, b1, thin = moved
        if thin is not None and self.c is not None:
            # Few neurons, each like a network, all inputs (with the bias as the last) in one.
            w, a, v = batch.W1[thin], batch.W2[:, 0][thin], field.v[:, :, 0][thin]
            if batch.b1 is not None and field.bias is not None:
                w, v = torch.cat([w, batch.b1[thin][:, None]], 1), torch.cat([v, field.bias[thin]], 1)
            turn = self._turn(torch.linalg.vector_norm(v, dim=1), (v * w).sum(1), a, h[thin.nonzero()[:, 0]])
            u = v * turn.inverse[:, None]
            whole, W2[:, 0][thin] = self._thin_plane(w, u, turn.a, turn.m, turn.x, self.c[thin])
            W1[thin] = whole[:, : batch.d_in]
            if b1 is not None:
                b1[thin] = whole[:, -1]
        return batch.replace(W1, W2, b1, self._moved_biases(batch, weights, fields, h))

    def _plane_by_torch(self, batch: Batch, field: Field, h: Tensor, thin_from: float) -> Boosted:
        """Do what the kernel does."""
        v, v_b = field.v[:, :, 0], None if field.bias is None else field.bias[:, :, 0]
        s, along = torch.linalg.vector_norm(v, dim=2), (v * batch.W1).sum(2)
        if batch.b1 is not None and v_b is not None:
            s, along = torch.hypot(s, v_b), along + v_b * batch.b1
        turn = self._turn(s, along, batch.W2[:, 0], h)
        W1 = torch.addcmul(batch.W1, turn.by_m[:, :, None], v)
        b1 = None if batch.b1 is None or v_b is None else torch.addcmul(batch.b1, turn.by_m, v_b)
        thin = None if self.c is None else (turn.m.abs() > thin_from * turn.a.abs()) & (self.c <= 0)
        return Boosted(W1, turn.after[:, None], b1, thin if thin is not None and bool(thin.any()) else None)

    def _planes(
        self, w: Tensor, b: Tensor | None, a: Tensor, field: Field, h: Tensor
    ) -> tuple[Tensor, Tensor | None, Tensor]:
        """Boost (w, b, a) in the planes of all rows of the field, each with the axis of its entry of a."""
        s, along = torch.linalg.vector_norm(field.v, dim=3), (field.v @ w[..., None])[..., 0]
        if b is not None and field.bias is not None:
            s, along = torch.hypot(s, field.bias), along + field.bias * b[..., None]
        turn = self._turn(s, along, a, h)
        w_after = w + (turn.by_m[..., None, :] @ field.v)[..., 0, :]
        b_after = None if b is None or field.bias is None else b + (turn.by_m * field.bias).sum(2)
        return w_after, b_after, turn.after

    def _turn(self, s: Tensor, along: Tensor, a: Tensor, h: Tensor) -> _Turn:
        """Boost output weights under fields of the norms s, with ``along`` the products of fields and input weights."""
        # A field whose square underflows moves nothing: its x is zero, and m is bounded.
        inverse = s.clamp(min=torch.finfo(s.dtype).tiny ** 0.5).reciprocal()
        m = along * inverse
        unit = self.inward == self.outward == 1
        x = s * (h if unit else h * (self.inward * self.outward)).view(-1, *[1] * (s.ndim - 1))
        if self.neuron_cap is not None:
            # All planes of a neuron for the same time: those of the smallest s are orthogonal only as far as s matters.
            longest = x.amax(2, keepdim=True) if s.ndim == 3 else x
            x = x * (self.neuron_cap / longest.clamp(min=self.neuron_cap))
        A, M = (a, m) if unit else (a / self.outward, m / self.inward)
        by_p, by_q = _light_cone()[0].entries(A + M, A - M, x)
        after = torch.add(A, by_p + by_q, alpha=0.5)
        by_m = (by_p - by_q) * (inverse * (0.5 * self.inward))
        return _Turn(A, M, x, inverse, after if unit else after * self.outward, by_m)

    def _thin_plane(self, w: Tensor, u: Tensor, A: Tensor, M: Tensor, x: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
        """Boost (w, a) in the plane of the unit vector u, from the part of w across u, the larger coordinate and c.

        So the error of c is a rounding of the state after the boost, even if the state before it was much larger.
        """
        across = w - (M * self.inward)[:, None] * u
        across = across - (across * u).sum(1, keepdim=True) * u
        small = _light_cone()[2](A, M, across.square().sum(1) / self.inward**2, c)
        same = A * M > 0
        p, q = (A + M).where(same, small), small.where(same, A - M)
        a, m = _light_cone()[1].entries(p, q, x)
        return across + (m * self.inward)[:, None] * u, a * self.outward


def _eigenvectors(field: Field) -> tuple[Field, Tensor]:
    """The eigenvectors (n, l, e, e) of each V V^T, in columns, and the fields in their coordinates.

    A field that is not finite makes the eigenvectors of its neuron NaN, and of no other.
    """
    v = field.v if field.bias is None else torch.cat([field.v, field.bias[..., None]], 3)
    size = v.abs().amax((2, 3), keepdim=True)
    unit = v / size.where(size > 0, 1.0)
    gram = unit @ unit.transpose(2, 3)
    lost = ~torch.isfinite(gram).all(3).all(2)[:, :, None, None]
    directions: Tensor = torch.linalg.eigh(gram.masked_fill(lost, 0))[1].masked_fill(lost, torch.nan)
    v = directions.transpose(2, 3) @ v
    return (Field(v) if field.bias is None else Field(v[..., :-1], v[..., -1])), directions


def combined(coefficients: Sequence[float] | Tensor, fields: Sequence[Field]) -> Field:
    """Return the linear combination of k fields; the coefficients are k numbers, or (n, k), those of each network.

    >>> combined([2.0, -1.0], [Field(torch.ones(1, 1, 1, 1)), Field(torch.full((1, 1, 1, 1), 3.0))]).v
    tensor([[[[-1.]]]])
    """

    def total(parts: Sequence[Tensor | None]) -> Tensor | None:
        there = [part for part in parts if part is not None]
        if not there:
            return None
        if isinstance(coefficients, Tensor):
            summed = coefficients[:, None] @ torch.stack(there, 1).flatten(2)
            return summed.view_as(there[0])
        (first, x), *others = ((part, x) for part, x in zip(there, coefficients, strict=True) if x)
        summed = first * x
        for part, x in others:
            summed.add_(part, alpha=x)
        return summed

    v, bias, b2 = (total(parts) for parts in zip(*fields, strict=True))
    assert v is not None
    return Field(v, bias, b2)
