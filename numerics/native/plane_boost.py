"""Boosts of neurons with one output, in one pass over the neurons (``plane_boost.cpp``)."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import sympy
import torch
from torch import Tensor

from quadrics.boost import light_cone_change

from ..batch import Batch
from ..field import Field
from .compiler import library, read_source
from .printer import vector_function
from .tensors import addresses, in_one_piece

__all__ = ["Boosted", "plane_boost"]

POINTER, INTEGER, REAL = ctypes.c_void_p, ctypes.c_int64, ctypes.c_double
PARAMETERS: tuple[Any, ...] = (*[POINTER] * 8, *[INTEGER] * 4, *[REAL] * 4, *[POINTER] * 4, ctypes.c_int)
FEW = 2**12
"""Weights for which threads are not worth the while to start them."""


class Boosted(NamedTuple):
    """Weights after a boost, and ``thin`` (n, l) bool, if any neuron is."""

    W1: Tensor
    W2: Tensor
    b1: Tensor | None
    thin: Tensor | None


def plane_boost(
    batch: Batch, weights: Sequence[float], fields: Sequence[Field], h: Tensor, c: Tensor | None,
    scales: tuple[float, float], cap: float | None, thin_from: float,
) -> Boosted | None:  # fmt: skip
    """Boost the neurons of networks with one output for the times h (n,), or return None: then torch has to do it.

    That is so without a kernel, where a derivative is asked for, and for tensors that do not fit each other.

    Args:
        weights, fields: the field is their linear combination.
        c: (n, l) the imbalances, or None: then no neuron is thin.
        scales: what w and a are divided by.
        cap: the largest rapidity.
        thin_from: how large |m|/|a| makes a neuron with c <= 0 a thin one.
    """
    n, width, d = batch.W1.shape
    neurons, dtype, has_bias = (n, width), batch.W1.dtype, batch.b1 is not None
    code = library(_source()) if dtype in (torch.float32, torch.float64) else None
    if code is None or any((field.bias is None) == has_bias for field in fields):
        return None
    tensors = [batch.W1, batch.b1, batch.W2, h, c, *(field.v for field in fields)]
    shapes = [batch.W1.shape, neurons, (n, 1, width), (n,), neurons, *[(n, width, 1, d)] * len(fields)]
    if has_bias:
        tensors += [field.bias for field in fields]
        shapes += [(n, width, 1)] * len(fields)
    given = in_one_piece(tensors, shapes)
    if given is None:
        return None
    (W1, b1, W2, _, imbalances, *_), at = given
    count, pointers = len(fields), POINTER * len(fields)
    v, v_b = pointers(*at[5 : 5 + count]), pointers(*at[5 + count :]) if has_bias else None
    moved: list[Any] = [None if t is None else torch.empty_like(t) for t in (W1, W2, b1)]
    thin = None if imbalances is None else torch.empty_like(imbalances, dtype=torch.bool)
    found = _typed(code, dtype)(
        *at[:5], v, v_b, (REAL * count)(*weights), count, n, width, d, *scales, cap or 0.0, thin_from,
        *addresses(*moved, thin), torch.get_num_threads() if n * width * d > FEW else 1,
    )  # fmt: skip
    return Boosted._make([*moved, thin if found else None])


@lru_cache(maxsize=1)
def _source() -> str:
    p, q, x = sympy.symbols("p q x", real=True)
    changes = zip(("change_of_p", "change_of_q"), light_cone_change(p, q, x), strict=True)
    formulas = [vector_function(name, change, (p, q, x)) for name, change in changes]
    return "\n".join([read_source("vectors.hpp"), read_source("expm1.hpp"), *formulas, read_source("plane_boost.cpp")])


@lru_cache(maxsize=4)
def _typed(code: ctypes.CDLL, dtype: torch.dtype) -> Any:
    function = code[f"plane_boost_{str(dtype).removeprefix('torch.')}"]
    function.argtypes, function.restype = PARAMETERS, INTEGER
    return function
