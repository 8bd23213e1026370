"""How fast networks move, in tolerances, in one pass over their parameters (``step_error.cpp``)."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import torch
from torch import Tensor

from ..batch import Batch
from ..field import Field
from .compiler import library, read_source
from .tensors import in_one_piece

__all__ = ["step_error"]

POINTER, INTEGER, REAL = ctypes.c_void_p, ctypes.c_int64, ctypes.c_double
PARAMETERS: tuple[Any, ...] = (*[POINTER] * 12, *[INTEGER] * 4, *[REAL] * 5, POINTER)


def step_error(
    here: Batch, there: Batch, weights: Tensor, fields: Sequence[Field], rates: tuple[float, float], degree: float,
    rtol: float, atol: float,
) -> Tensor | None:  # fmt: skip
    """Return (n,): the norm of each network's velocities in tolerances, or None: then torch has to compute it.

    It is NaN where a parameter after the step is not finite.

    Args:
        here, there: networks of one output before and after a step. A velocity may be ``atol`` and ``rtol`` times the
            larger of its parameter's two sizes.
        weights: (n, k), how each network combines the k ``fields``; its velocities are those that the combination
            gives at ``there``.
        rates: of the layers.
        degree: of homogeneity.
    """
    n, width, d = there.W1.shape
    dtype, count = there.W1.dtype, len(fields)
    code = library(_source()) if dtype in (torch.float32, torch.float64) and there.d_out == 1 else None
    if code is None:
        return None
    neurons, outputs = (n, width), (n, 1)
    shapes = ((n, width, d), (n, 1, width), neurons, outputs)
    tensors = [here.W1, here.W2, here.b1, here.b2, there.W1, there.W2, there.b1, there.b2, weights]
    wanted = [*shapes, *shapes, (n, count)]
    for part, shape in zip(zip(*fields, strict=True), ((n, width, 1, d), (n, width, 1), outputs), strict=True):
        tensors += part
        wanted += [shape] * count
    given = in_one_piece(tensors, wanted)
    if given is None or [t is None for t in tensors[2:4]] != [fields[0].bias is None, fields[0].b2 is None]:
        return None
    at, pointers = given[1], POINTER * count
    size = weights.new_empty(n)
    _typed(code, dtype)(
        *at[:9], *(pointers(*at[9 + i * count : 9 + (i + 1) * count]) for i in range(3)), count, n, width, d,
        *rates, degree, rtol, atol, size.data_ptr(),
    )  # fmt: skip
    return size


@lru_cache(maxsize=1)
def _source() -> str:
    return read_source("step_error.cpp")


@lru_cache(maxsize=4)
def _typed(code: ctypes.CDLL, dtype: torch.dtype) -> Any:
    function = code[f"step_error_{str(dtype).removeprefix('torch.')}"]
    function.argtypes, function.restype = PARAMETERS, None
    return function
