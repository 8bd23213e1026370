"""Neuron rescalings T_α and neuron permutations P_π: their actions on parameters, and how they compose.

**The one convention.** A permutation π of {0, ..., l-1} is a list, ``perm[i]`` = π(i), and its matrix has
``(R_π)_{ij} = 1`` exactly when ``j = π(i)`` (as in the proof of Lemma 3), so that the *new* neuron ``i`` of
``P_π(θ)`` is the *old* neuron ``π(i)``. Then ``R_π R_ρ = R_{ρ∘π}``, hence ``P_π P_ρ = P_{ρ∘π}``: P is a **right**
action of the symmetric group, not a left one as eq. (4) suggests. Orbits do not notice, code does:

>>> theta = Parameters(W1=[[1], [2], [3]], W2=[[1, 1, 1]])
>>> pi, rho = [1, 0, 2], [0, 2, 1]
>>> permute(permute(theta, rho), pi) == permute(theta, [rho[pi[i]] for i in range(3)])
True
>>> permute(permute(theta, rho), pi) == permute(theta, [pi[rho[i]] for i in range(3)])
False

SymPy's product ``Permutation(pi) * Permutation(rho)`` applies ``pi`` first, so it is ρ∘π and matches.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sympy
from sympy.combinatorics import Permutation

from .errors import ShapeError, SymmetryError
from .network import Parameters
from .printing import Printable
from .validation import Expr, Matrix, as_dimension, as_real


def positive_factors(alpha: Any, width: int) -> tuple[Expr, ...]:
    """Return ``alpha`` as ``width`` positive expressions.

    Raises
    ------
    ShapeError
        if there is not one factor for each neuron.
    SymmetryError
        if a factor is not known to be positive.

    Examples
    --------
    >>> positive_factors([2, sympy.Rational(1, 3)], 2)
    (2, 1/3)
    >>> positive_factors([2, -1], 2)
    Traceback (most recent call last):
    ...
    quadrics.errors.SymmetryError: alpha[1]: got -1; expected a positive number (rescalings by a factor <= 0 change \
the function; declare symbols with positive=True)
    """
    if isinstance(alpha, sympy.MatrixBase):
        given = list(alpha)
    elif isinstance(alpha, str | bytes) or not (isinstance(alpha, Sequence) or hasattr(alpha, "tolist")):
        raise ShapeError(f"alpha: got {alpha!r}; expected a list of {width} positive numbers")
    else:
        given = list(alpha)
    if len(given) != width:
        raise ShapeError(f"alpha: got {len(given)} factors; expected {width}, one for each neuron")
    factors = tuple(as_real(value, f"alpha[{i}]") for i, value in enumerate(given))
    for i, factor in enumerate(factors):
        if not factor.is_positive:
            raise SymmetryError(
                f"alpha[{i}]: got {factor}; expected a positive number (rescalings by a factor <= 0 change the "
                "function; declare symbols with positive=True)"
            )
    return factors


def as_permutation(perm: Any, width: int) -> tuple[int, ...]:
    """Return ``perm`` (a list of images, or a SymPy ``Permutation``) as a tuple of images of 0, ..., width - 1.

    Raises ``SymmetryError`` when it is no permutation of these numbers.

    >>> as_permutation([2, 0, 1], 3), as_permutation(Permutation(0, 1), 3)
    ((2, 0, 1), (1, 0, 2))
    >>> as_permutation([0, 0, 1], 3)
    Traceback (most recent call last):
    ...
    quadrics.errors.SymmetryError: permutation: got [0, 0, 1]; expected each of 0, ..., 2 exactly once
    """
    if isinstance(perm, Permutation):
        perm = [perm(i) if i < perm.size else i for i in range(max(width, perm.size))]
    if isinstance(perm, str | bytes) or not (isinstance(perm, Sequence) or hasattr(perm, "tolist")):
        raise SymmetryError(f"permutation: got {perm!r}; expected each of 0, ..., {width - 1} exactly once")
    listed = list(perm.tolist() if hasattr(perm, "tolist") else perm)
    if any(isinstance(i, bool) or not hasattr(i, "__index__") for i in listed) or (
        sorted(int(i) for i in listed) != list(range(width))
    ):
        raise SymmetryError(f"permutation: got {listed}; expected each of 0, ..., {width - 1} exactly once")
    return tuple(int(i) for i in listed)


def permutation_matrix(perm: Any, width: int | None = None) -> Matrix:
    """Return R_π, with ``(R_π)_{ij} = 1`` exactly when ``j = π(i)``.

    >>> list(permutation_matrix([1, 2, 0]) * sympy.Matrix([10, 20, 30]))
    [20, 30, 10]
    """
    if width is None:
        width = perm.size if isinstance(perm, Permutation) else len(list(perm))
    images = as_permutation(perm, width)
    return sympy.ImmutableDenseMatrix(width, width, lambda i, j: int(j == images[i]))


def inverse_permutation(perm: Any, width: int) -> tuple[int, ...]:
    """Return π⁻¹ as a tuple of images.

    >>> inverse_permutation([1, 2, 0], 3)
    (2, 0, 1)
    """
    images = as_permutation(perm, width)
    return tuple(sorted(range(width), key=images.__getitem__))


def rescale(theta: Parameters, alpha: Any, degree: object = 1) -> Parameters:
    """Return T_α(θ): the input weights and bias of neuron k times α_k, its output weights times α_k^(-degree).

    This is eq. (3), and eq. (27) with biases; ``b2`` stays. It leaves f(·; θ) unchanged when the activation is
    positively homogeneous of this degree.

    Parameters
    ----------
    theta : parameters of width l
    alpha : l positive numbers or positive symbols
    degree : degree of homogeneity of the activation (1 for the paper's)

    Raises
    ------
    ShapeError, SymmetryError
        if ``alpha`` is no list of l positive numbers.

    Examples
    --------
    >>> rescale(Parameters([[3, 4]], [[10]], b1=[1]), [2])
    Parameters(W1=Matrix([[6, 8]]), W2=Matrix([[5]]), b1=Matrix([[2]]), b2=None)
    >>> rescale(Parameters([[3, 4]], [[10]]), [0])
    Traceback (most recent call last):
    ...
    quadrics.errors.SymmetryError: alpha[0]: got 0; expected a positive number (rescalings by a factor <= 0 change \
the function; declare symbols with positive=True)
    """
    factors = positive_factors(alpha, theta.width)
    power = as_real(degree, "degree")
    scale = sympy.diag(*factors)
    undo = sympy.diag(*(factor ** (-power) for factor in factors))
    return Parameters(scale * theta.W1, theta.W2 * undo, None if theta.b1 is None else scale * theta.b1, theta.b2)


def permute(theta: Parameters, perm: Any) -> Parameters:
    """Return P_π(θ) = (R_π W1, W2 R_πᵀ[, R_π b1, b2]) (eq. 4): new neuron ``i`` is old neuron ``π(i)``.

    Raises ``SymmetryError`` when ``perm`` is no permutation of the neurons.

    >>> permute(Parameters([[1], [2], [3]], [[4, 5, 6]]), [2, 0, 1]).W2
    Matrix([[6, 4, 5]])
    """
    R = permutation_matrix(as_permutation(perm, theta.width), theta.width)
    return Parameters(R * theta.W1, theta.W2 * R.T, None if theta.b1 is None else R * theta.b1, theta.b2)


def interchange(alpha: Any, perm: Any) -> tuple[Expr, ...]:
    """Return α̃ = R_{π⁻¹} α, with which ``T_α P_π = P_π T_α̃`` (Lemma 3, eq. 16).

    In components α̃_j = α_{π⁻¹(j)}: the factor travels with its neuron.

    >>> theta, alpha, pi = Parameters([[1], [1], [1]], [[1, 1, 1]]), [2, 3, 5], [1, 2, 0]
    >>> interchange(alpha, pi)
    (5, 2, 3)
    >>> rescale(permute(theta, pi), alpha) == permute(rescale(theta, interchange(alpha, pi)), pi)
    True

    The factors themselves do not do it:

    >>> rescale(permute(theta, pi), alpha) == permute(rescale(theta, alpha), pi)
    False
    """
    width = len(list(alpha))
    column = sympy.Matrix(positive_factors(alpha, width))
    return tuple(permutation_matrix(inverse_permutation(perm, width), width) * column)


@dataclass(frozen=True)
class RescalingPermutation(Printable):
    """The map θ ↦ P_π(T_α(θ)): the normal form that Lemma 3 gives to every sequence of rescalings and permutations.

    These maps form the group that defines rp-equivalence. ``g @ h`` is "first h, then g".

    Examples
    --------
    >>> g = RescalingPermutation(perm=[1, 0], alpha=[2, 3])
    >>> theta = Parameters([[1], [1]], [[6, 6]])
    >>> list(g(theta).W1), list(g(theta).W2)
    ([3, 2], [2, 3])
    >>> (g.inverse() @ g)(theta) == theta
    True
    >>> g @ g == RescalingPermutation(perm=[0, 1], alpha=[6, 6])
    True
    """

    perm: tuple[int, ...]
    alpha: tuple[Expr, ...]

    def __post_init__(self) -> None:
        width = len(list(self.alpha))
        object.__setattr__(self, "alpha", positive_factors(self.alpha, width))
        object.__setattr__(self, "perm", as_permutation(self.perm, width))

    @classmethod
    def identity(cls, width: int) -> RescalingPermutation:
        """Return the identity on networks of this width."""
        width = as_dimension(width, "width")
        return cls(tuple(range(width)), (1,) * width)

    def __call__(self, theta: Parameters) -> Parameters:
        return permute(rescale(theta, self.alpha), self.perm)

    def __matmul__(self, other: RescalingPermutation) -> RescalingPermutation:
        if len(self.alpha) != len(other.alpha):
            raise ShapeError(f"composition: got widths {len(self.alpha)} and {len(other.alpha)}; expected the same")
        # P_π T_α P_ρ T_β = P_π P_ρ T_α̃ T_β = P_{ρ∘π} T_{α̃ β}
        moved = interchange(self.alpha, other.perm)
        return RescalingPermutation(
            tuple(other.perm[i] for i in self.perm),
            tuple(a * b for a, b in zip(moved, other.alpha, strict=True)),
        )

    def inverse(self) -> RescalingPermutation:
        """Return the inverse map, again in normal form."""
        back = inverse_permutation(self.perm, len(self.perm))
        # (P_π T_α)⁻¹ = T_{1/α} P_{π⁻¹}
        undo = tuple(1 / a for a in self.alpha)
        return RescalingPermutation(back, interchange(undo, back))

    def _latex(self, printer: Any) -> str:
        images = " & ".join(str(i + 1) for i in self.perm)
        factors = ", ".join(printer.doprint(a) for a in self.alpha)
        return rf"P_{{\left(\begin{{smallmatrix}}{images}\end{{smallmatrix}}\right)}} T_{{({factors})}}"


def rescaling_generator(theta: Parameters, k: int, degree: object = 1) -> Matrix:
    """Return the matrix M with d/dα T_α(θ) = M θ at α = 1, when only neuron ``k`` is rescaled.

    θ is the vector ``theta.entries()``; M is diagonal, 1 on w_k and b_k, -degree on a_k and 0 elsewhere. Its image
    Mθ = (w_k, -a_k) spans the tangent space of the orbit T(θ_k) (eq. 8).

    >>> rescaling_generator(Parameters([[3, 4]], [[5]]), 0)
    Matrix([
    [1, 0,  0],
    [0, 1,  0],
    [0, 0, -1]])
    """
    k = as_dimension(k, "neuron", 0, theta.width - 1)
    power = as_real(degree, "degree")
    weights: list[Expr] = [int(i == k) for i in range(theta.width) for _ in range(theta.d_in)]
    weights += [-power * int(i == k) for _ in range(theta.d_out) for i in range(theta.width)]
    if theta.b1 is not None:
        weights += [int(i == k) for i in range(theta.width)]
    if theta.b2 is not None:
        weights += [0] * theta.d_out
    return sympy.ImmutableDenseMatrix(sympy.diag(*weights))
