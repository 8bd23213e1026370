"""What a kernel may read: tensors that are plain memory of this machine, in one piece."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.autograd import forward_ad

__all__ = ["Addresses", "addresses", "in_one_piece"]

Addresses = list[int | None]


def in_one_piece(
    tensors: Sequence[Tensor | None], shapes: Sequence[tuple[int, ...]]
) -> tuple[list[Tensor | None], Addresses] | None:
    """Return tensors without gaps and where they lie, or None where a kernel must not read one: torch has to.

    They must be of these shapes, of one type, on the CPU and of no make that only torch understands: part of a graph
    of derivatives, a dual number, batched by ``vmap``, or negative without having been negated. The tensors must be
    kept as long as their addresses are used.

    >>> [found], [address] = in_one_piece([torch.arange(6.0).view(2, 3).t()], [(3, 2)])
    >>> found.is_contiguous(), address == found.data_ptr()
    (True, True)
    >>> in_one_piece([torch.ones(3)], [(2,)]) is None
    True
    """
    found: list[Tensor | None] = []
    # Outside of forward differentiation there are no dual numbers, and nothing to ask each tensor for.
    dtype, graph, is_dual = None, torch.is_grad_enabled(), getattr(forward_ad, "_current_level", 0) >= 0
    for t, shape in zip(tensors, shapes, strict=True):
        if t is not None:
            dtype = dtype or t.dtype
            if t.shape != shape or t.dtype != dtype or not t.is_cpu or t.is_neg() or (graph and t.requires_grad):
                return None
            if is_dual and forward_ad.unpack_dual(t).tangent is not None:  # type: ignore[no-untyped-call]
                return None
            t = t.contiguous()
        found.append(t)
    try:
        return found, addresses(*found)
    except RuntimeError:  # a wrapper of torch.func has no memory of its own
        return None


def addresses(*tensors: Tensor | None) -> Addresses:
    """Return where tensors lie in memory."""
    return [None if t is None else t.data_ptr() for t in tensors]
