"""What a batch of networks must be: shapes that fit, one type on one device, finite numbers, zeros at padding."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from quadrics.errors import DimensionError, NonFiniteError, ShapeError

if TYPE_CHECKING:
    from .batch import Batch

__all__ = ["check_shapes", "check_values"]


def check_shapes(batch: Batch) -> None:
    """Raise ``ShapeError`` or ``DimensionError`` unless the tensors fit each other."""
    W1, W2 = batch.W1, batch.W2
    if W1.ndim != 3:
        raise ShapeError(f"W1: got shape {tuple(W1.shape)}; expected (n, l, d)")
    n, width, d_in = W1.shape
    if n == 0 or d_in == 0:
        raise DimensionError(f"batch: got {n} networks on {d_in} inputs; expected at least 1 of each")
    if W2.ndim != 3 or W2.shape[0] != n or W2.shape[2] != width or W2.shape[1] == 0:
        raise ShapeError(f"W2: got shape {tuple(W2.shape)}; expected ({n}, e, {width}) with e >= 1")
    if width == 0:
        raise DimensionError("width: got networks without neurons; expected at least 1 in each")
    expected = {"b1": (n, width), "b2": (n, W2.shape[1]), "mask": (n, width)}
    for name, shape in expected.items():
        tensor = getattr(batch, name)
        if tensor is not None and tuple(tensor.shape) != shape:
            raise ShapeError(f"{name}: got shape {tuple(tensor.shape)}; expected {shape}")
    if batch.mask is not None and batch.mask.dtype != torch.bool:
        raise ShapeError(f"mask: got dtype {batch.mask.dtype}; expected torch.bool")
    kinds = {(t.dtype, str(t.device)) for t in batch.parameters}
    if len(kinds) > 1 or not W1.is_floating_point():
        listed = ", ".join(sorted(f"{dtype} on {device}" for dtype, device in kinds))
        raise ShapeError(f"parameters: got {listed}; expected one floating-point type on one device")


def check_values(batch: Batch) -> None:
    """Raise an error unless there are neurons, the numbers are finite, and padding is zero."""
    if not bool(batch.mask.any(1).all()):
        raise DimensionError("width: got networks without neurons; expected at least 1 in each")
    for name in ("W1", "W2", "b1", "b2"):
        tensor = getattr(batch, name)
        if tensor is None:
            continue
        finite = torch.isfinite(tensor).flatten(1).all(1)
        if not bool(finite.all()):
            bad = torch.nonzero(~finite)[:, 0].tolist()
            shown = f"{bad[:5]}{' and more' if len(bad) > 5 else ''}"
            raise NonFiniteError(
                f"{name}: got NaN or infinity in {len(bad)} of {batch.n} networks (at {shown}); expected finite"
            )
    padding = ~batch.mask
    spill = batch.W1.abs().sum(2) + batch.W2.abs().sum(1)
    spill = spill if batch.b1 is None else spill + batch.b1.abs()
    if bool(((spill != 0) & padding).any()):
        raise ShapeError("padding: got neurons that are masked out but not zero; expected exact zeros there")
