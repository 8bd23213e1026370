"""The bridge against 50-digit evaluation and symbolic derivatives, its types and shapes, and what it refuses."""

from __future__ import annotations

import math
import re
from functools import cache

import mpmath
import pytest
import sympy
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sympy import Heaviside, Max, Min, Piecewise, Rational, pi, sqrt

from numerics.bridge import torch_function
from quadrics.activation import absolute_value, leaky_relu, relu_power
from quadrics.errors import BridgeError, DeviceError, ShapeError
from quadrics.forms import imbalance
from quadrics.network import TwoLayer
from quadrics.rescaling import rescaling_factor, stable_rescaling_factor

from .fifty_digits import Reference, check, exact

x, y, z = sympy.symbols("x y z", real=True)
p, q = sympy.symbols("p q", positive=True)

SMOOTH = [
    sqrt(2) * x,
    x / 3 + Rational(2, 7) * y,
    pi * x**3 - sympy.E * y,
    sqrt(p) / sqrt(q),
    p ** Rational(1, 3) * q ** Rational(-2, 5),
    p**q,
    2**x,
    1 / (1 + sympy.exp(-x)),
    sympy.log(1 + p) - sympy.log(q),
    sympy.sin(x) * sympy.cos(y) + sympy.tan(x / 4),
    sympy.asin(x / 10) + sympy.acos(y / 10) + sympy.atan(x * y),
    sympy.atan2(y + 7, x),
    sympy.atan2(y + 7, -1),
    sympy.sinh(x) / sympy.cosh(y) + sympy.tanh(x),
    sympy.asinh(x) + sympy.acosh(1 + p) + sympy.atanh(x / 10),
    sympy.erf(x) + sympy.erfc(y / 2) + sympy.erf(p / sqrt(2)),
    sympy.loggamma(p + 1),
    sympy.gamma(p + 1) + sympy.gamma(q + 2),
    sympy.beta(p, q),
    sympy.binomial(5, p / 10),
    sympy.cot(p / 4) + sympy.sec(x / 4) + sympy.csc(p / 4) + sympy.acot(1 + p),
    sympy.sech(x) + 1 / (2 + sympy.coth(p)) + sympy.csch(p),
    Max(x, y, -2) + Min(x * y, 1, sqrt(2)),
    abs(x - y) + sympy.sign(x) * sympy.floor(y) - sympy.ceiling(p),
    2**70 * x,
    x * Rational(10**30 + 1, 10**30),
    sqrt(p + sqrt(4 * p * q + p**2)),
    rescaling_factor(p, q, 3),
    stable_rescaling_factor(p, q, Rational(-1, 10)),
    stable_rescaling_factor(p, q, 2),
    abs(x) ** 3,
    sympy.codegen.cfunctions.log1p(p) + sympy.codegen.cfunctions.expm1(x),
]
NUMBERS = st.floats(-3, 3).filter(lambda v: abs(v) > 2**-20)
POSITIVE = st.floats(2**-20, 3)


REFERENCES = {str(expr): expr for expr in SMOOTH}


@cache
def reference_of(name):
    return Reference(REFERENCES[name])


@pytest.mark.parametrize("name", REFERENCES)
@settings(max_examples=25)
@given(xv=NUMBERS, yv=NUMBERS, pv=POSITIVE, qv=POSITIVE)
def test_against_fifty_digits(name, xv, yv, pv, qv):
    assume(not {xv, yv, pv, qv} & {1.0, 2.0, 3.0, -1.0, -2.0, -3.0})  # where floor and ceiling jump
    check(reference_of(name), {x: xv, y: yv, p: pv, q: qv})


@pytest.mark.parametrize("name", REFERENCES)
def test_the_reference_is_evalf(name):
    values = {x: 0.7, y: -1.3, p: 0.9, q: 1.7}
    want = exact(REFERENCES[name], values)
    with mpmath.workdps(50):
        got, error = reference_of(name)(values)
        assert abs(got - want._to_mpmath(200)) <= abs(got) * mpmath.mpf(10) ** -45
    assert error <= abs(got) * 1e-12, "the bound is so wide that the comparison says nothing"


LEAVES = st.sampled_from([x, y, sympy.Integer(2), Rational(-3, 7), sqrt(2), pi])


def grow(inner):
    pairs = st.tuples(inner, inner)
    return (
        pairs.map(lambda ab: ab[0] + ab[1])
        | pairs.map(lambda ab: ab[0] * ab[1])
        | pairs.map(lambda ab: Max(*ab))
        | pairs.map(lambda ab: ab[0] / (1 + ab[1] ** 2))
        | inner.map(sympy.tanh)
        | inner.map(sympy.atan)
        | inner.map(lambda a: sqrt(1 + a**2))
        | inner.map(lambda a: sympy.exp(-(a**2)))
    )


@settings(max_examples=60)
@given(expr=st.recursive(LEAVES, grow, max_leaves=6), xv=NUMBERS, yv=NUMBERS)
def test_random_expressions_against_fifty_digits(expr, xv, yv):
    check(Reference(sympy.sympify(expr)), {x: xv, y: yv})


PIECES = [
    Piecewise((x, x > 0), (x / 10, True)),
    Piecewise((sympy.log(x), x > 1), (sqrt(1 - x), x > -1), (7, True)),
    Piecewise((1, sympy.Eq(x, 0)), (sympy.sin(x) / x, True)),
    Piecewise((Piecewise((1, y > 0), (2, True)), (x > 0) & (y < 2)), (x * y, (x < -1) | ~(y > 1)), (-1, True)),
    Heaviside(x) * y,
    Heaviside(x, 1) - Heaviside(-x, 0),
    sympy.KroneckerDelta(x, y),
    sympy.ITE(x > y, x < 1, y < 1),
    x >= y,
    stable_rescaling_factor(2, 3, x),
    sympy.Mod(x, 2) + sympy.Mod(y, -3),
    leaky_relu(Rational(1, 10))(x),
    absolute_value(x),
    relu_power(3)(x),
]


@pytest.mark.parametrize("expr", PIECES, ids=str)
def test_piecewise_on_a_grid_with_its_edges(expr):
    points = [-2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0, 3.0]
    for yv in points:
        got = torch_function(expr, (x, y))(torch.tensor(points, dtype=torch.float64), yv)
        for xv, value in zip(points, got.tolist(), strict=True):
            want = expr.subs({x: sympy.Rational(xv), y: sympy.Rational(yv)})
            want = float(want.evalf(30)) if isinstance(want, sympy.Expr) else bool(want)
            assert value == pytest.approx(want, rel=1e-15, abs=1e-15)


def test_a_branch_is_computed_only_where_it_holds():
    f = torch_function(Piecewise((sqrt(x) / x, x > 0), (0, True)), x)
    at = torch.tensor([-1.0, 0.0, 4.0], dtype=torch.float64, requires_grad=True)
    f(at).sum().backward()
    assert at.grad.tolist() == [0, 0, -1 / 16]


def test_no_case_is_nan():
    assert torch_function(Piecewise((x, x > 0)), x)(torch.tensor([-1.0, 2.0])).isnan().tolist() == [True, False]


@pytest.mark.parametrize("expr", [Heaviside(x), sympy.sign(x), Piecewise((1, x > 0), (0, True)), Max(x, 0), abs(x)])
def test_nan_stays_nan(expr):
    assert torch_function(expr, x)(torch.tensor([float("nan"), 1.0])).isnan().tolist() == [True, False]


def test_outside_the_real_numbers_is_nan():
    assert torch_function(sqrt(x), x)(-1.0).isnan()
    assert torch_function(sympy.log(x), x)(0.0) == -math.inf


@pytest.mark.parametrize("expr", [*SMOOTH[:18], Max(x, y)], ids=str)
def test_gradients_are_the_symbolic_derivatives(expr):
    values = {x: 0.7, y: -1.3, p: 0.9, q: 1.7}
    symbols = sorted(expr.free_symbols, key=str)
    at = [torch.tensor(values[s], dtype=torch.float64, requires_grad=True) for s in symbols]
    gradients = torch.autograd.grad(torch_function(expr, symbols)(*at), at)
    for s, got in zip(symbols, gradients, strict=True):
        assert float(got) == pytest.approx(float(exact(expr.diff(s), values)), rel=1e-12)


def test_second_derivatives():
    at = torch.tensor(0.3, dtype=torch.float64, requires_grad=True)
    (first,) = torch.autograd.grad(torch_function(sympy.erf(x) ** 2, x)(at), at, create_graph=True)
    (second,) = torch.autograd.grad(first, at)
    assert float(second) == pytest.approx(float(exact((sympy.erf(x) ** 2).diff(x, 2), {x: 0.3})), rel=1e-13)


def test_types_devices_and_shapes():
    f = torch_function(x / 3 + y, (x, y))
    assert f(1.0, 2).dtype == torch.float64
    assert f(torch.ones(3), 2).dtype == torch.float32
    assert f(torch.ones(3), torch.ones(3, dtype=torch.float64)).dtype == torch.float64
    assert f(torch.ones(4, 1), torch.ones(3)).shape == (4, 3)
    assert f(torch.ones(0), 1.0).shape == (0,)
    constant = torch_function(sqrt(2), x)(torch.ones(2, 3))
    assert constant.shape == (2, 3)
    assert constant.dtype == torch.float32
    assert torch_function(Piecewise((Rational(1, 3), x > 0), (0, True)), x)(1.0).item() == 1 / 3
    assert torch_function(3, ())().item() == 3
    assert torch_function(x + 1, x)(torch.tensor([1, 2])).dtype == torch.float64


def test_matrices_in_and_out():
    W, a = sympy.Matrix(2, 2, sympy.symbols("w:2:2", real=True)), sympy.MatrixSymbol("a", 2, 1)
    product = torch_function(W * a.as_explicit(), (W, a))
    w, v = torch.randn(5, 2, 2, dtype=torch.float64), torch.randn(5, 2, 1, dtype=torch.float64)
    torch.testing.assert_close(product(w, v), w @ v)
    torch.testing.assert_close(torch_function(W.det(), W)(w), torch.linalg.det(w))
    unexpanded = torch_function(sympy.Trace(sympy.ImmutableMatrix(W) ** 2), W)
    torch.testing.assert_close(unexpanded(w), (w @ w).diagonal(dim1=-2, dim2=-1).sum(-1))
    assert torch_function(sympy.Matrix([[1, x], [sqrt(2), 2]]), x)(torch.zeros(3)).shape == (3, 2, 2)


def test_the_networks_themselves():
    """eq. (1) and the conserved quantities, from their SymPy form to a batch of networks."""
    net = TwoLayer(d_in=2, width=3)
    theta = net.symbols()
    W1 = torch.randn(7, 3, 2, dtype=torch.float64)
    W2 = torch.randn(7, 1, 3, dtype=torch.float64)
    c = torch_function(sympy.Matrix(imbalance(theta)), (theta.W1, theta.W2))(W1, W2)[..., 0]
    torch.testing.assert_close(c, W1.square().sum(2) - W2.square().sum(1), rtol=1e-13, atol=1e-13)
    inputs = sympy.symbols("x1 x2", real=True)
    f = torch_function(net.output(list(inputs), theta), (theta.W1, theta.W2, *inputs))
    data = torch.randn(2, 7, dtype=torch.float64)
    want = (W2 @ (W1 @ data.t()[:, :, None]).clamp(min=0))[..., 0]
    torch.testing.assert_close(f(W1, W2, *data)[..., 0], want, rtol=1e-13, atol=1e-13)


def test_sums_and_derivatives_are_carried_out():
    k = sympy.Symbol("k", integer=True)
    assert torch_function(sympy.Sum(x**k, (k, 0, 3)), x)(2.0).item() == 15
    assert torch_function(sympy.Derivative(x**3, x), x)(2.0).item() == 12


def test_wide_and_deep_expressions():
    wide = sum((x + i) ** 2 for i in range(300))
    assert torch_function(wide, x)(1.0).item() == sum((1 + i) ** 2 for i in range(300))
    deep = x
    for _ in range(60):
        deep = sqrt(1 + deep)
    assert torch_function(deep, x)(1.0).item() == pytest.approx((1 + 5**0.5) / 2)


def test_a_common_subexpression_is_computed_once():
    inner = sympy.exp(x) + 1
    assert torch_function(inner**2 + sqrt(inner) + 1 / inner, x).source.count("torch.exp") == 1


def test_nothing_is_computed_for_nothing():
    """A quotient needs no reciprocal of what is below it."""
    source = torch_function(sympy.Matrix([y / x, -2 / (x * (x + 1)), 1 / (x * y)]), (x, y)).source
    names = re.findall(r"(t\d+) = ", source)
    assert names
    assert all(len(re.findall(rf"\b{name}\b", source)) > 1 for name in names)


def test_functions_are_kept():
    assert torch_function(x + 1, x) is torch_function(x + 1, (x,))


@pytest.mark.parametrize(
    ("expr", "named"),
    [
        (sympy.zeta(x), "zeta"),
        (sympy.besselj(0, x) + sympy.LambertW(y), "LambertW, besselj"),
        (sympy.Function("f")(x), "f"),
        (sympy.betainc_regularized(1, 2, 0, x), "betainc_regularized"),
        (sympy.I * x, "I"),
        (sympy.zoo + x, "zoo"),
        (sympy.nan, "nan"),
        (sympy.DiracDelta(x), "DiracDelta"),
        (sympy.Integral(sympy.exp(-(x**4)), (x, 0, y)), "Integral"),
        (sympy.Limit(sympy.sin(x) / x, x, 0), "Limit"),
        (sympy.re(sympy.Symbol("w") + x), "w"),
        (x + sympy.Symbol("stranger"), "stranger"),
        (sympy.Integer(10) ** 400 * x, "0000"),
        (sympy.MatrixSymbol("A", sympy.Symbol("n", integer=True), 2), "explicit sizes"),
    ],
)
def test_what_has_no_translation_is_named(expr, named):
    with pytest.raises(BridgeError, match=named):
        torch_function(expr, (x, y))


@pytest.mark.parametrize(
    ("expr", "args"),
    [
        ("__import__('os').getcwd()", x),
        ("x + 1", x),
        (x, "x"),
        (x, (x, "y")),
        (x, (x, x)),
        (x, (x + 1,)),
        (None, x),
        (True, x),
        ([x], x),
        (lambda v: v, x),
    ],
)
def test_text_and_foreign_objects_are_refused(expr, args):
    with pytest.raises(BridgeError):
        torch_function(expr, args)


def test_bad_calls():
    f = torch_function(x + y, (x, y))
    with pytest.raises(ShapeError, match="got 1; expected 2"):
        f(1.0)
    with pytest.raises(ShapeError, match="expected them to broadcast"):
        f(torch.ones(2), torch.ones(3))
    with pytest.raises(ShapeError, match=r"expected \(..., 2, 2\)"):
        torch_function(x, (sympy.MatrixSymbol("A", 2, 2), x))(torch.ones(2, 3), 1.0)
    with pytest.raises(DeviceError):
        f(torch.ones(2), torch.ones(2, device="meta"))
