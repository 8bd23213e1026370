"""The squared loss of networks on the plane and its field by prefix sums, a network at a time (``prefix_sums.cpp``)."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import torch
from torch import Tensor

from quadrics.errors import OutOfMemoryError

from ..activation import Sigma
from .compiler import library, read_source
from .tensors import in_one_piece

__all__ = ["prefix_sums"]

POINTER, INTEGER, REAL = ctypes.c_void_p, ctypes.c_int64, ctypes.c_double
PARAMETERS: tuple[Any, ...] = (
    *[POINTER] * 4, REAL, INTEGER,  # tables
    *[POINTER] * 2, *[INTEGER] * 2, *[REAL] * 2,  # networks
    *[POINTER] * 2, ctypes.c_int,  # what is found
)  # fmt: skip
FEW = 2**12
"""Neurons for which threads are not worth the while to start them."""


def prefix_sums(
    tables: Sequence[Tensor], y_square: float, sigma: Sigma, W1: Tensor, W2: Tensor
) -> tuple[Tensor, Tensor] | None:
    """Return the losses (n,) and the fields (n, l, 1, 2) of networks, or None: then torch has to do it.

    Raises:
        OutOfMemoryError: no memory to work in.

    Args:
        tables: slopes and a NaN (N + 1,), next, ends and sums of ``numerics.sorted_gradient``.
        y_square: the mean square of the targets.
        sigma: of degree 1.
        W1: (n, l, 2).
        W2: (n, 1, l).
    """
    n, width = W1.shape[:2]
    code = library(_source()) if W1.dtype in (torch.float32, torch.float64) else None
    given = None if code is None else in_one_piece((W1, W2), ((n, width, 2), (n, 1, width)))
    if code is None or given is None:
        return None
    loss, field = W1.new_empty(n), W1.new_empty(n, width, 1, 2)
    at, following, ends, sums = tables
    done = _typed(code, W1.dtype)(
        at.data_ptr(), following.data_ptr(), ends.data_ptr(), sums.data_ptr(), y_square, at.shape[0] - 1,
        *given[1], n, width, sigma.beta, sigma.alpha - sigma.beta,
        loss.data_ptr(), field.data_ptr(), torch.get_num_threads() if n * width > FEW else 1,
    )  # fmt: skip
    if not done:
        raise OutOfMemoryError(f"prefix sums: got networks of width {width}; expected memory to work on one")
    return loss, field


@lru_cache(maxsize=1)
def _source() -> str:
    return read_source("prefix_sums.cpp")


@lru_cache(maxsize=4)
def _typed(code: ctypes.CDLL, dtype: torch.dtype) -> Any:
    function = code[f"prefix_sums_{str(dtype).removeprefix('torch.')}"]
    function.argtypes, function.restype = PARAMETERS, ctypes.c_bool
    return function
