r"""Curves of constant loss from continuous symmetries: :math:`\gamma(t) = \exp(t \log g) \cdot w` from w to g·w.

On deep linear weights a basis change g_i between the layers i and i + 1 gives
:math:`\gamma(t) = (g_1^t W_1, g_2^t W_2 g_1^{-t}, \dots, W_l g_{l-1}^{-t})` (eqs. (4) and (5) of Zhao et al., 2024),
where :math:`g^t = \exp(t \log g)` needs a *real* logarithm. Not every g has one: by a theorem of Culver (1966) a real
matrix has a real logarithm exactly when it is invertible and each of its Jordan blocks with a negative eigenvalue
occurs an even number of times. Both det g < 0 and diag(-1, -2) are ruled out, while -I = exp(π J) in two dimensions is
not. Where det g > 0, the polar factors g = O P always have real powers, and O^t P^t leads from I to g.

>>> has_real_logarithm([[-1, 0], [0, -2]]), has_real_logarithm([[-1, 0], [0, -1]])
(False, True)
>>> t = sympy.Symbol("t", real=True)
>>> real_power([[-1, 0], [0, -1]], t)
Matrix([
[cos(pi*t), -sin(pi*t)],
[sin(pi*t),  cos(pi*t)]])
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from itertools import groupby
from typing import Any

import sympy

from ..errors import DimensionError, DisconnectedError, ShapeError, SymmetryError
from ..validation import Expr, Matrix, as_matrix, as_real
from .gl_paths import as_invertible, determinant, determinant_sign

Curve = tuple[Matrix, ...]

_t = sympy.Dummy("t", real=True)


def negative_jordan_blocks(g: object) -> dict[Expr, dict[int, int]]:
    """Return, for each irreducible factor of the characteristic polynomial with a negative root, its Jordan blocks.

    Each root of a factor p over the rationals has the same blocks, and the ranks of p(g)^j count them: the value for p
    says how many blocks of each size there are. Nothing is approximated; negative roots are counted by Sturm's theorem.

    Raises what :func:`~quadrics.connectivity.gl_paths.as_invertible` raises.

    >>> negative_jordan_blocks([[-1, 1, 0], [0, -1, 0], [0, 0, -1]])
    {x + 1: {1: 1, 2: 1}}
    >>> negative_jordan_blocks([[0, -1], [1, 0]])
    {}
    """
    matrix = as_invertible(g)
    x = sympy.Symbol("x")
    found: dict[Expr, dict[int, int]] = {}
    for factor, multiplicity in matrix.charpoly(x).factor_list()[1]:
        if factor.count_roots(None, 0):
            found[factor.as_expr()] = _blocks(matrix, factor, multiplicity)
    return found


def _blocks(matrix: Matrix, factor: Any, multiplicity: int) -> dict[int, int]:
    n = matrix.rows
    value = sympy.zeros(n)
    for coefficient in factor.all_coeffs():
        value = value * matrix + coefficient * sympy.eye(n)
    nullities, power = [0], sympy.eye(n)
    for _ in range(multiplicity + 1):
        power = power * value
        nullities.append((n - power.to_DM().rank()) // factor.degree())
    counts = {j: 2 * nullities[j] - nullities[j - 1] - nullities[j + 1] for j in range(1, multiplicity + 1)}
    return {size: count for size, count in counts.items() if count}


def has_real_logarithm(g: object) -> bool:
    """Whether g = exp(M) for a real matrix M, decided exactly for a rational g of at most 12 rows (Culver, 1966).

    Raises what :func:`~quadrics.connectivity.gl_paths.as_invertible` raises.

    >>> has_real_logarithm([[0, -1], [1, 0]]), has_real_logarithm([[1, 0], [0, -1]])
    (True, False)

    Eigenvalue -1 twice, but in one Jordan block:

    >>> has_real_logarithm([[-1, 1], [0, -1]])
    False
    """
    blocks = negative_jordan_blocks(g)
    return all(count % 2 == 0 for sizes in blocks.values() for count in sizes.values())


def real_power(g: object, t: object) -> Matrix:
    """Return g^t = exp(t log g), real and exact, with g^0 = I and g^1 = g.

    Where g has no negative eigenvalue this is the principal power. A pair of blocks with one negative eigenvalue turns
    by the angle π t.

    Parameters
    ----------
    g : n by n rational matrix whose eigenvalues are rational or roots of quadratics
    t : a real number or expression

    Raises
    ------
    DisconnectedError
        if det g < 0: no curve of invertible matrices leads from I to g.
    SymmetryError
        if det g > 0 but g has no real logarithm.
    DimensionError
        if an eigenvalue is a root of an irreducible polynomial of degree three or more.
    ShapeError, NonFiniteError
        if g is no square matrix of rationals, or t no real number.

    Examples
    --------
    >>> t = sympy.Symbol("t", real=True)
    >>> real_power([[1, 1], [0, 1]], t)
    Matrix([
    [1, t],
    [0, 1]])
    >>> real_power([[-1, 0], [0, -2]], t)
    Traceback (most recent call last):
    ...
    quadrics.errors.SymmetryError: g: got Matrix([[-1, 0], [0, -2]]), which has no real logarithm (blocks of a \
negative eigenvalue that do not come in pairs: x + 1, x + 2); take polar_power, or gl_path for a polygon
    """
    matrix = as_invertible(g)
    time = as_real(t, "t")
    if determinant_sign(matrix) < 0:
        raise DisconnectedError(
            "g: got a negative determinant; expected det g > 0 (I and g lie in different components of GL_n: move to "
            "the right one first, by a permutation or a reflection)"
        )
    if not has_real_logarithm(matrix):
        odd = [p for p, sizes in negative_jordan_blocks(matrix).items() if any(k % 2 for k in sizes.values())]
        raise SymmetryError(
            f"g: got {matrix}, which has no real logarithm (blocks of a negative eigenvalue that do not come in "
            f"pairs: {', '.join(map(str, odd))}); take polar_power, or gl_path for a polygon"
        )
    return sympy.ImmutableDenseMatrix(_power(matrix).subs(_t, time))


@cache
def _power(matrix: Matrix) -> Matrix:
    degrees = [int(factor.degree()) for factor, _ in matrix.charpoly().factor_list()[1]]
    if max(degrees) > 2:
        raise DimensionError(
            f"g: got an eigenvalue of degree {max(degrees)} over the rationals; expected at most 2 (take a polygon of "
            "gl_path, or scipy.linalg.logm for numbers)"
        )
    basis, jordan = matrix.jordan_form()
    order, pieces = _paired(jordan)
    basis = sympy.Matrix.hstack(*(basis[:, column] for column in order))
    product = basis * sympy.diag(*pieces) * basis.inv()
    return product.applyfunc(lambda entry: sympy.simplify(sympy.expand(entry).as_real_imag()[0])).as_immutable()


def _paired(jordan: Matrix) -> tuple[list[int], list[Matrix]]:
    """The columns of the Jordan basis, blocks of one negative eigenvalue side by side, and the power of each piece."""
    blocks, start = [], 0
    for block in jordan.get_diag_blocks():
        blocks.append((block[0, 0], block.rows, list(range(start, start + block.rows))))
        start += block.rows
    order: list[int] = []
    pieces: list[Matrix] = []
    negative = [block for block in blocks if block[0].is_negative]
    for value, size, columns in blocks:
        if not value.is_negative:
            order += columns
            pieces.append(_block_power(value, size))
    for (value, size), group in groupby(sorted(negative, key=lambda b: (sympy.default_sort_key(b[0]), b[1])), _key):
        same = list(group)
        for (*_, one), (*_, other) in zip(same[::2], same[1::2], strict=True):
            order += one + other
            turn = sympy.Matrix([[sympy.cos(sympy.pi * _t), -sympy.sin(sympy.pi * _t)]])
            turn = turn.col_join(sympy.Matrix([[sympy.sin(sympy.pi * _t), sympy.cos(sympy.pi * _t)]]))
            pieces.append(sympy.kronecker_product(turn, _block_power(value, size, flipped=True)))
    return order, pieces


def _key(block: tuple[Any, int, list[int]]) -> tuple[Any, int]:
    return block[:2]


def _block_power(value: Expr, size: int, flipped: bool = False) -> Matrix:
    """The power of a Jordan block, or of minus the block: λ^t exp(t log(I + N/λ)), a finite sum as N^size = 0."""
    nilpotent = sympy.Matrix(size, size, lambda i, j: int(j == i + 1)) / value
    log = sympy.zeros(size)
    for n in range(1, size):
        log += (-1) ** (n - 1) * nilpotent**n / n
    total = sympy.zeros(size)
    for n in range(size):
        total += (_t * log) ** n / sympy.factorial(n)
    return _number_power(-value if flipped else value) * total


def _number_power(value: Expr) -> Expr:
    real, imaginary = value.as_real_imag()
    if imaginary == 0:
        return real**_t
    angle = sympy.atan2(imaginary, real)
    size = sympy.sqrt(sympy.expand(real**2 + imaginary**2))
    return size**_t * (sympy.cos(_t * angle) + sympy.I * sympy.sin(_t * angle))


def real_logarithm(g: object) -> Matrix:
    """Return a real M with exp(M) = g, the derivative of :func:`real_power` at 0; raises what it raises.

    >>> real_logarithm([[0, -1], [1, 0]])
    Matrix([
    [   0, -pi/2],
    [pi/2,     0]])
    >>> real_logarithm([[0, -1], [1, 0]]).exp().applyfunc(sympy.simplify)
    Matrix([
    [0, -1],
    [1,  0]])
    """
    return real_power(g, _t).diff(_t).subs(_t, 0).applyfunc(sympy.simplify)


def polar_power(g: object, t: object) -> Matrix:
    """Return O^t P^t for the polar factors g = O P of a matrix of one or two rows with det g > 0.

    O is a rotation, P is symmetric and positive; both have real powers even where g has none. For more rows
    :func:`~quadrics.connectivity.gl_paths.gl_path` gives a polygon.

    Raises
    ------
    DisconnectedError
        if det g < 0.
    DimensionError
        for more than two rows.

    Examples
    --------
    >>> half = polar_power([[-1, 0], [0, -2]], sympy.Rational(1, 2))
    >>> half
    Matrix([
    [0, -sqrt(2)],
    [1,        0]])
    >>> polar_power([[-1, 0], [0, -2]], 1)
    Matrix([
    [-1,  0],
    [ 0, -2]])
    """
    matrix = as_invertible(g)
    if matrix.rows > 2:
        raise DimensionError(f"g: got {matrix.rows} rows; expected at most 2 (take gl_path for a polygon)")
    if determinant_sign(matrix) < 0:
        raise DisconnectedError("g: got a negative determinant; expected det g > 0 (no curve leads from I to g)")
    time = as_real(t, "t")
    stretch = _symmetric_power(matrix.T * matrix, time / 2)
    if matrix.rows == 1:
        return stretch
    angle = time * sympy.atan2(matrix[1, 0] - matrix[0, 1], matrix[0, 0] + matrix[1, 1])
    turn = sympy.Matrix([[sympy.cos(angle), -sympy.sin(angle)], [sympy.sin(angle), sympy.cos(angle)]])
    return (turn * stretch).as_immutable()


def _symmetric_power(matrix: Matrix, t: Expr) -> Matrix:
    """The power of a positive symmetric matrix of one or two rows, from its eigenvalues a > b and their projectors."""
    identity = sympy.eye(matrix.rows)
    if matrix == matrix[0, 0] * identity:
        return (matrix[0, 0] ** t * identity).as_immutable()
    half_trace = matrix.trace() / 2
    root = sympy.sqrt(half_trace**2 - determinant(matrix))
    a, b = half_trace + root, half_trace - root
    return ((a**t * (matrix - b * identity) - b**t * (matrix - a * identity)) / (2 * root)).as_immutable()


def transport(moves: Sequence[Any], inverses: Sequence[Any], weights: Sequence[Any]) -> tuple[Any, ...]:
    """Return (G_1 W_1, G_2 W_2 H_1, ..., W_l H_{l-1}) for moves G_i with inverses H_i, of SymPy or torch.

    >>> two, half = sympy.Matrix([[2]]), sympy.Matrix([[sympy.Rational(1, 2)]])
    >>> transport([two], [half], [sympy.Matrix([[3]]), sympy.Matrix([[5]])])
    (Matrix([[6]]), Matrix([[5/2]]))
    """
    if not len(moves) == len(inverses) == len(weights) - 1:
        raise ShapeError(
            f"moves: got {len(moves)} and {len(inverses)}; expected {len(weights) - 1}, one a hidden layer"
        )
    left = [*(G @ W for G, W in zip(moves, weights, strict=False)), weights[-1]]
    return (left[0], *(W @ H for W, H in zip(left[1:], inverses, strict=True)))


def symmetry_curve(
    g: Sequence[object], weights: Sequence[object], t: object, power: Callable[[object, object], Matrix] = real_power
) -> Curve:
    """Return γ(t) = (g_1^t W_1, g_2^t W_2 g_1^{-t}, ..., W_l g_{l-1}^{-t}), the curve (5) from w to g·w.

    Parameters
    ----------
    g : one invertible matrix for each hidden layer
    weights : W_1, ..., W_l, rational
    t : a real number or expression
    power : :func:`real_power`, or :func:`polar_power` where that has no value

    Raises
    ------
    DisconnectedError, SymmetryError, DimensionError
        as the power.
    ShapeError
        if shapes do not fit.

    Examples
    --------
    >>> t = sympy.Symbol("t", real=True)
    >>> first, second = symmetry_curve([[[4]]], [[[1]], [[3]]], t)
    >>> first, second, sympy.simplify(second * first)
    (Matrix([[4**t]]), Matrix([[3/4**t]]), Matrix([[3]]))
    """
    matrices = [as_matrix(W, f"W_{i}") for i, W in enumerate(weights, start=1)]
    elements = [as_invertible(one, f"g_{i}") for i, one in enumerate(g, start=1)]
    for i, (one, W, above) in enumerate(zip(elements, matrices, matrices[1:], strict=False), start=1):
        if not one.rows == W.rows == above.cols:
            raise ShapeError(f"g_{i}: got {one.rows} rows; expected the width {W.rows}, and W_{i + 1} to fit it")
    time = as_real(t, "t")
    moves = [power(one, time) for one in elements]
    # The power of a product of factors that do not commute is not inverted by a change of sign.
    inverses = [
        power(one, -time) if power is real_power else move.inv() for one, move in zip(elements, moves, strict=True)
    ]
    return transport(moves, inverses, matrices)


def polyline(points: Sequence[Sequence[Any]], t: object) -> tuple[Any, ...]:
    """Return the point at time t in [0, 1] of the polygon through weights, the same time on each segment.

    >>> polyline([[sympy.Matrix([0])], [sympy.Matrix([4])], [sympy.Matrix([2])]], sympy.Rational(3, 4))
    (Matrix([[3]]),)
    """
    time = as_real(t, "t")
    if time.is_number and not 0 <= time <= 1:
        raise DimensionError(f"t: got {t}; expected a number between 0 and 1")
    segments = len(points) - 1
    if segments < 1:
        raise ShapeError(f"points: got {len(points)}; expected at least two")
    k = min(int(time * segments), segments - 1)
    rest = time * segments - k
    return tuple((1 - rest) * a + rest * b for a, b in zip(points[k], points[k + 1], strict=True))


def bezier(points: Sequence[Sequence[Any]], t: Any) -> tuple[Any, ...]:
    r"""Return the Bézier curve :math:`\sum_i \binom ni (1-t)^{n-i} t^i w_i` with the given control weights.

    With one control point between the ends it is the quadratic curve of Garipov et al. (2018), who train that point.

    >>> t = sympy.Symbol("t")
    >>> sympy.factor(bezier([[sympy.Matrix([0])], [sympy.Matrix([1])], [sympy.Matrix([0])]], t)[0][0])
    -2*t*(t - 1)
    """
    n = len(points) - 1
    if n < 1:
        raise ShapeError(f"points: got {len(points)}; expected at least two")
    weights = [sympy.binomial(n, i) * (1 - t) ** (n - i) * t**i for i in range(n + 1)]
    layers = zip(*points, strict=True)
    return tuple(
        sum((b * W for b, W in zip(weights[1:], layer[1:], strict=True)), weights[0] * layer[0]) for layer in layers
    )
