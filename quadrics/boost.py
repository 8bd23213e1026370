"""The flow of one neuron while the data's pull on it is frozen: a boost, which conserves the imbalance exactly.

With ``V = Σ_n r_n σ'(z_n) x_nᵀ`` (e × d; r_n the derivative of the loss by the outputs, and with a hidden bias a
constant input 1, so that w ends with b) a neuron's gradient flow is ``w' = -Vᵀa``, ``a' = -Vw/k`` (k the degree of
homogeneity). While V is frozen it is linear, and its solution preserves ``|w|² - k|a|²``. For one output it is a
boost in the plane of v and the output axis, an element of the identity component of SO(d, 1), so that for c < 0 the
sign of a cannot change:

``w+ = w - A a v + B ⟨v, w⟩ v``, ``a+ = (1 + B|v|²) a - A ⟨v, w⟩``, ``A = h sinhc(h|v|)``, ``B = h²/2 sinhc(h|v|/2)²``.

For e outputs it is e commuting boosts, one for each eigenvector of V Vᵀ. A degree k and learning rates (η₁, η₂) of the
layers (``w' = -η₁ Vᵀa``, ``a' = -η₂ Vw/k``) give the same boost in the coordinates w/√η₁, a√(k/η₂), v√(η₁η₂/k); then
``|w|²/η₁ - k|a|²/η₂`` is conserved.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import sympy
from sympy.codegen.cfunctions import expm1

from .errors import ShapeError
from .forms import gram_matrix
from .validation import Expr, Matrix, as_matrix, as_real

__all__ = [
    "boost",
    "boost_outputs",
    "coefficients",
    "from_light_cone",
    "light_cone",
    "light_cone_change",
    "scales",
    "sinhc",
    "smaller_coordinate",
]


def sinhc(x: Expr) -> Expr:
    """Return ``sinh(x)/x``, continued by 1 at 0.

    >>> sinhc(0), sinhc(sympy.Symbol("x", positive=True))
    (1, sinh(x)/x)
    """
    return sympy.Piecewise((sympy.sinh(x) / x, sympy.Ne(x, 0)), (1, True)) if x != 0 else sympy.Integer(1)


def coefficients(s: Expr, h: Expr) -> tuple[Expr, Expr]:
    """Return ``A = sinh(hs)/s`` and ``B = (cosh(hs) - 1)/s²`` in a form without cancellation and without poles.

    >>> coefficients(0, sympy.Symbol("h"))
    (h, h**2/2)
    >>> s, h = sympy.symbols("s h", positive=True)
    >>> A, B = coefficients(s, h)
    >>> sympy.simplify((1 + B * s**2 - sympy.cosh(h * s)).rewrite(sympy.exp))
    0
    """
    s, h = as_real(s, "s"), as_real(h, "h")
    return h * sinhc(h * s), h**2 / 2 * sinhc(h * s / 2) ** 2


def scales(degree: Expr = 1, learning_rates: Sequence[Expr] = (1, 1)) -> tuple[Expr, Expr]:
    """Return ``(√η₁, √(η₂/k))``, what w and a are divided by, and v multiplied by, to make the flow a boost.

    Raises ``NonFiniteError`` for a rate that is not positive.

    >>> scales(degree=2, learning_rates=(9, 8))
    (3, 2)
    """
    entries = gram_matrix(1, 1, degree=degree, learning_rates=learning_rates)
    return 1 / sympy.sqrt(entries[0, 0]), 1 / sympy.sqrt(-entries[1, 1])


def boost(
    w: Sequence[Expr], a: Expr, v: Sequence[Expr], h: Expr, degree: Expr = 1, learning_rates: Sequence[Expr] = (1, 1)
) -> tuple[list[Expr], Expr]:
    """Return (w, a) after time h of the flow with v frozen, for one output.

    Parameters
    ----------
    w, a : input weights (with the bias as the last, where there is one) and output weight
    v : the frozen pull, as long as w
    h : time
    degree, learning_rates : k and (η₁, η₂), see the module

    Raises
    ------
    ShapeError
        if w and v differ in length.
    NonFiniteError
        for an entry that is no real number, or a rate that is not positive.

    Examples
    --------
    >>> w, v = sympy.symbols("w1:3", real=True), sympy.symbols("v1:3", positive=True)
    >>> a, h, c = sympy.Symbol("a", real=True), *sympy.symbols("h c", positive=True)
    >>> after, last = boost(w, a, v, h)
    >>> sympy.simplify((sum(x**2 for x in after) - last**2 - sum(x**2 for x in w) + a**2).rewrite(sympy.exp))
    0
    >>> slopes = [sympy.diff(x, h) + last * y for x, y in zip(after, v)]
    >>> [sympy.simplify(x.rewrite(sympy.exp)) for x in slopes]
    [0, 0]

    What is conserved is that form and no other, not ``|w|² + a²``:

    >>> (w1, w2), a = boost((3, 4), 0, (3, 4), sympy.log(2) / 5)
    >>> [x.rewrite(sympy.exp).expand() for x in (w1, w2, a)]
    [15/4, 5, -15/4]
    """
    if len(w) != len(v):
        raise ShapeError(f"boost: got {len(w)} weights and {len(v)} entries of v; expected as many")
    inward, outward = scales(degree, learning_rates)
    w = [as_real(x, "w") / inward for x in w]
    v = [as_real(x, "v") * inward * outward for x in v]
    a = as_real(a, "a") / outward
    square = sum((x**2 for x in v), sympy.Integer(0))
    A, B = coefficients(sympy.sqrt(square), h)
    along = sum((x * y for x, y in zip(v, w, strict=True)), sympy.Integer(0))
    after = [inward * (x + (B * along - A * a) * y) for x, y in zip(w, v, strict=True)]
    return after, outward * ((1 + B * square) * a - A * along)


def light_cone(a: Expr, m: Expr, x: Expr) -> tuple[Expr, Expr]:
    """Return a and ``m = ⟨v, w⟩/|v|`` after a boost by the rapidity ``x = h|v|``.

    The boost leaves what is orthogonal to v alone, shrinks ``a + m`` by e^(-x) and stretches ``a - m`` by e^x: the
    product ``a² - m²`` keeps its value, and its factors their signs.

    >>> light_cone(1, 0, sympy.log(2))
    (5/4, -3/4)
    """
    return from_light_cone(as_real(a, "a") + as_real(m, "m"), a - m, x)


def from_light_cone(p: Expr, q: Expr, x: Expr) -> tuple[Expr, Expr]:
    """Return a and m after a boost by x, from ``p = a + m`` and ``q = a - m`` before it.

    >>> from_light_cone(3, 1, 0)
    (2, 1)
    """
    p, q = sympy.exp(-x) * p, sympy.exp(x) * q
    return (p + q) / 2, (p - q) / 2


def light_cone_change(p: Expr, q: Expr, x: Expr) -> tuple[Expr, Expr]:
    """Return by how much a boost by x changes ``p = a + m`` and ``q = a - m``: the form for floating point.

    Neither a small x nor a large one cancels: each is a product, so that its relative error is a few roundings.

    >>> a, m, x = sympy.symbols("a m x", real=True)
    >>> by_p, by_q = light_cone_change(a + m, a - m, x)
    >>> change = (by_p + by_q) / 2, (by_p - by_q) / 2
    >>> after = light_cone(a, m, x)
    >>> [sympy.simplify(old + by.rewrite(sympy.exp) - new) for old, by, new in zip((a, m), change, after)]
    [0, 0]
    """
    return expm1(-x) * p, expm1(x) * q


def smaller_coordinate(a: Expr, m: Expr, rest: Expr, c: Expr) -> Expr:
    """Return the smaller of ``a + m`` and ``a - m`` without cancellation, for c <= 0 and ``rest = |w|² - m²``.

    Their product is ``a² - m² = rest - c``, a sum of nonnegative terms, and the larger one is ``a ± |m|``. In floating
    point their signs are then those of a, however large w and a are, and c enters as the number that it is: so that a
    state that became large, and is known to a rounding of ``|a|²`` only, comes back to its own quadric.

    >>> smaller_coordinate(5, 4, 3, -6)
    1
    >>> a, m, rest = 10.0**9, 10.0**9, 0.25
    >>> a - m, smaller_coordinate(a, m, rest, -0.75)
    (0.0, 5.00000000000000e-10)
    """
    return (rest - c) / (a + sympy.sign(a) * sympy.Abs(m))


def boost_outputs(
    w: Sequence[Expr],
    a: Sequence[Expr],
    V: Matrix,
    h: Expr,
    degree: Expr = 1,
    learning_rates: Sequence[Expr] = (1, 1),
) -> tuple[list[Expr], list[Expr]]:
    """Return (w, a) after time h of the flow with V (e × d) frozen, for e outputs.

    With ``G = V Vᵀ`` and A, B of :func:`coefficients` at √G, functions of a matrix through its eigenvalues:
    ``w+ = w + Vᵀ(B V w - A a)``, ``a+ = a + G B a - A V w``. Parameters and errors as :func:`boost`.

    >>> w, a = boost_outputs((1, 0), (0, 1), sympy.Matrix([[1, 2], [2, 1]]), sympy.log(2))
    >>> sympy.simplify(sum(x**2 for x in w) - sum(x**2 for x in a))
    0
    """
    V = as_matrix(V, "V")
    if V.shape != (len(a), len(w)):
        raise ShapeError(f"boost_outputs: got V of shape {V.shape}; expected {(len(a), len(w))}")
    inward, outward = scales(degree, learning_rates)
    column = as_matrix(list(w), "w", column=True) / inward
    output = as_matrix(list(a), "a", column=True) / outward
    V = V * inward * outward
    vectors, values = (V * V.T).diagonalize()
    inverse = vectors.inv()

    def function(f: Callable[[Expr], Expr]) -> Matrix:
        return vectors * sympy.diag(*[f(value) for value in values.diagonal()]) * inverse

    A = function(lambda value: coefficients(sympy.sqrt(value), h)[0])
    B = function(lambda value: coefficients(sympy.sqrt(value), h)[1])
    after = inward * (column + V.T * (B * V * column - A * output))
    last = outward * (output + V * V.T * B * output - A * V * column)
    return list(after), list(last)
