"""SymPy expressions as C++ on vectors, compiled and compared with mpmath."""

from __future__ import annotations

import ctypes

import numpy as np
import pytest
import sympy

from numerics.native.compiler import library, read_source
from numerics.native.printer import vector_function
from quadrics.errors import BridgeError
from quadrics.sample_losses import OUTPUT, SAMPLE_LOSSES, TARGET

F, Y = OUTPUT, TARGET
ENTRY = """
extern "C" void apply_{kind}({type}* f, const {type}* y, long n) {{
  for (long i = 0; i < n; i += LANES<{type}>) store(f + i, formula<{type}>(load(f + i), load(y + i)));
}}
"""
TYPES = {"float32": "float", "float64": "double"}


def computed(expr, f, y, kind):
    """The values of an expression at arrays of a multiple of 16 entries."""
    entries = "".join(ENTRY.format(kind=name, type=type) for name, type in TYPES.items())
    code = library("\n".join([read_source("vectors.hpp"), vector_function("formula", expr, (F, Y)), entries]))
    if code is None:
        pytest.skip("no C++ compiler")
    f, y = f.astype(kind), y.astype(kind)
    code[f"apply_{kind}"](f.ctypes.data_as(ctypes.c_void_p), y.ctypes.data_as(ctypes.c_void_p), ctypes.c_long(len(f)))
    return f


@pytest.mark.parametrize("kind", TYPES)
def test_exponential(kind) -> None:
    """Within three roundings: of r, of the polynomial (its terms shrink by |r| <= 0.35) and of its last step."""
    top, bottom = {"float32": (88.72, -87.3), "float64": (709.78, -708.3)}[kind]
    x = np.concatenate([np.linspace(bottom, top, 4000 * 16), np.linspace(-1, 1, 1600), np.zeros(16)]).astype(kind)
    exact = np.exp(x.astype(np.longdouble))
    found = computed(sympy.exp(F), x, x, kind)
    assert float(np.max(np.abs(found - exact) / exact)) <= 3 * np.finfo(kind).eps / 2
    assert (found[-16:] == 1).all()


@pytest.mark.parametrize("kind", TYPES)
def test_exponential_at_its_ends(kind) -> None:
    x = np.array([np.inf, 1e4, 89 if kind == "float32" else 710, -np.inf, -1e4, np.nan] + [0.0] * 10)
    found = computed(sympy.exp(F), x, x, kind)
    assert found[:3].tolist() == [np.inf] * 3
    assert found[3:5].tolist() == [0.0, 0.0]
    assert np.isnan(found[5])


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("loss", SAMPLE_LOSSES)
def test_derivatives_of_losses(loss, kind) -> None:
    random = np.random.default_rng(0)
    f, y = 20 * random.standard_normal(1600), random.random(1600)
    f[:2] = 1e3, -1e3  # where exp(f) is infinite or zero
    found = computed(SAMPLE_LOSSES[loss].diff(F), f, y, kind)
    f, y = (t.astype(kind).astype(np.longdouble) for t in (f, y))
    exact = 2 * (f - y) if loss == "mse" else 1 / (1 + np.exp(-f)) - y
    scale = np.abs(f) + 1
    assert float(np.max(np.abs(found - exact) / scale)) <= 4 * np.finfo(kind).eps


def test_powers_and_fractions() -> None:
    y = np.linspace(1, 2, 16)
    expr = F**3 / 7 - sympy.Rational(1, 3) * F / Y**2 + sympy.Float("0.125")
    found = computed(expr, np.full(16, 2.0), y, "float64")
    np.testing.assert_allclose(found, 8 / 7 - 2 / (3 * y**2) + 0.125, rtol=1e-15)
    assert abs(found[0] - computed(expr + F, np.full(16, 2.0), y, "float64")[0]) > 1, "another formula, another value"


@pytest.mark.parametrize("expr", [sympy.gamma(F), sympy.sqrt(F), F**Y, sympy.sin(F), sympy.Max(F, 0), sympy.pi * F])
def test_what_a_kernel_cannot_compute(expr) -> None:
    with pytest.raises(BridgeError, match="expected"):
        vector_function("formula", expr, (F, Y))


def test_symbols_that_are_no_arguments() -> None:
    with pytest.raises(BridgeError, match="symbols"):
        vector_function("formula", F * Y, (F,))
