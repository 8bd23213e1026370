r"""Real logarithms and real powers of invertible matrices, exact: when they exist, and what to take where they do not.

A real matrix has a real logarithm exactly when it is invertible and each of its Jordan blocks with a negative
eigenvalue occurs an even number of times (Culver, 1966). Both det g < 0 and diag(-1, -2) are ruled out, while
-I = exp(π J) in two dimensions is not. Where det g > 0, the polar factors g = O P always have real powers, and
O^t P^t leads from I to g.

>>> has_real_logarithm([[-1, 0], [0, -2]]), has_real_logarithm([[-1, 0], [0, -1]])
(False, True)
>>> t = sympy.Symbol("t", real=True)
>>> real_power([[-1, 0], [0, -1]], t)
Matrix([
[cos(pi*t), -sin(pi*t)],
[sin(pi*t),  cos(pi*t)]])
"""

from __future__ import annotations

from functools import cache
from itertools import groupby
from typing import Any

import sympy

from ..errors import DimensionError, DisconnectedError, NoRealLogarithmError
from ..validation import Expr, Matrix, as_real
from .gl_paths import as_invertible, determinant, determinant_sign

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
    NoRealLogarithmError
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
    quadrics.errors.NoRealLogarithmError: g: got Matrix([[-1, 0], [0, -2]]), which has no real logarithm (blocks of a \
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
        raise NoRealLogarithmError(
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
