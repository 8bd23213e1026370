"""Boosts of neurons with one output, in one pass over the neurons (``plane_boost.cpp``)."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import sympy
import torch
from sympy.printing.cxx import CXX17CodePrinter
from torch import Tensor

from quadrics.boost import light_cone_change

from ..batch import Batch
from ..field import Field
from .compiler import library, read_source

__all__ = ["Boosted", "plane_boost"]

POINTER, INTEGER, REAL = ctypes.c_void_p, ctypes.c_int64, ctypes.c_double
PARAMETERS: tuple[Any, ...] = (*[POINTER] * 7, *[INTEGER] * 3, *[REAL] * 4, *[POINTER] * 4, ctypes.c_int)
FEW = 2**12
"""Weights for which threads are not worth the while to start them."""


class Boosted(NamedTuple):
    """Weights after a boost, and ``thin`` (n, l) bool, if any neuron is."""

    W1: Tensor
    W2: Tensor
    b1: Tensor | None
    thin: Tensor | None


def plane_boost(
    batch: Batch, field: Field, h: Tensor, c: Tensor | None, scales: tuple[float, float], cap: float | None,
    thin_from: float,
) -> Boosted | None:  # fmt: skip
    """Boost the neurons of networks with one output for the times h (n,), or return None: then torch has to do it.

    That is so without a kernel, where a derivative is asked for, and for tensors that do not fit each other.

    Args:
        c: (n, l) the imbalances, or None: then no neuron is thin.
        scales: what w and a are divided by.
        cap: the largest rapidity.
        thin_from: how large |m|/|a| makes a neuron with c <= 0 a thin one.
    """
    n, width, d = batch.W1.shape
    neurons, dtype = (n, width), batch.W1.dtype
    code = library(_source()) if dtype in (torch.float32, torch.float64) else None
    if code is None or (batch.b1 is None) != (field.bias is None):
        return None
    tensors = (batch.W1, batch.b1, batch.W2, field.v, field.bias, h, c)
    shapes = (batch.W1.shape, neurons, (n, 1, width), (n, width, 1, d), (n, width, 1), (n,), neurons)
    given = _in_one_piece(tensors, shapes)
    if given is None:
        return None
    W1, W2 = torch.empty_like(given[0]), torch.empty_like(given[2])
    b1 = None if given[1] is None else torch.empty_like(given[1])
    thin = None if c is None else torch.empty(neurons, dtype=torch.bool)
    count = _typed(code, dtype)(
        *_at(*given), n, width, d, *scales, cap or 0.0, thin_from, *_at(W1, W2, b1, thin),
        torch.get_num_threads() if n * width * d > FEW else 1,
    )  # fmt: skip
    return Boosted(W1, W2, b1, thin if count else None)


def _in_one_piece(tensors: Sequence[Tensor | None], shapes: Sequence[tuple[int, ...]]) -> list[Any] | None:
    """Return tensors without gaps, or None unless they are on the CPU, of these shapes and of one type.

    None also where one is part of a graph of derivatives.
    """
    found: list[Tensor | None] = []
    kind, graph = None, torch.is_grad_enabled()
    for t, shape in zip(tensors, shapes, strict=True):
        if t is not None:
            kind = kind or t.dtype
            if t.shape != shape or t.dtype != kind or not t.is_cpu or (graph and t.requires_grad):
                return None
            t = t.contiguous()
        found.append(t)
    return found


def _at(*tensors: Tensor | None) -> list[int | None]:
    """Where tensors lie in memory."""
    return [None if t is None else t.data_ptr() for t in tensors]


class _Printer(CXX17CodePrinter):  # type: ignore[misc]  # SymPy ships no types
    def _print_expm1(self, expr: Any) -> str:
        return f"exponential_minus_one<T>({self._print(expr.args[0])})"


@lru_cache(maxsize=1)
def _source() -> str:
    p, q, x = sympy.symbols("p q x", real=True)
    by_p, by_q = (_Printer().doprint(change) for change in light_cone_change(p, q, x))
    formula = (
        "template <class T>\n"
        "inline void light_cone_change(Vector<T> p, Vector<T> q, Vector<T> x, Vector<T>& by_p, Vector<T>& by_q) {\n"
        f"  by_p = {by_p};\n  by_q = {by_q};\n}}\n"
    )
    return "\n".join([read_source("vectors.hpp"), read_source("expm1.hpp"), formula, read_source("plane_boost.cpp")])


@lru_cache(maxsize=4)
def _typed(code: ctypes.CDLL, dtype: torch.dtype) -> Any:
    function = code[f"plane_boost_{str(dtype).removeprefix('torch.')}"]
    function.argtypes, function.restype = PARAMETERS, INTEGER
    return function
