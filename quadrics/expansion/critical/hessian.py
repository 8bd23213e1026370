r"""The Hessian at symmetry-induced critical points: in coordinates where it falls apart, and its inertia.

Let neuron t of a narrow network have copies with the outgoing weights β_1 a_t, ..., β_k a_t, Σ β_j = 1. In place of the
changes (ẇ_j, ȧ_j) of the copies take p = Σ β_j ẇ_j, q = Σ ȧ_j, and, for j = 2, ..., k, u_j = ẇ_j - ẇ_1 and
b_j = ȧ_j - β_j q. This change of variables has determinant ±1, and the second derivative of the loss becomes

.. math::
    H_m[\dot w, \dot a] = H_r[p, q] + \sum_t Q_t[u_t, b_t], \qquad
    Q_t = \begin{pmatrix} B_t \otimes S_t & I \otimes U_t^T \\ I \otimes U_t & 0 \end{pmatrix}, \quad
    B_t = \operatorname{diag}(\beta_2, \dots, \beta_k) - (\beta_i \beta_j)_{i, j \ge 2}.

So the inertias add, and that of Q_t is known: with ρ = rank U_t, S̃_t the restriction of S_t to the kernel of U_t, and
p, n, z the numbers of positive, negative and zero β, it is (k-1)(ρ, d_out - ρ, ρ) in (negative, zero, positive), plus
the inertia (n, z, p-1) of B_t times that of S̃_t. Proposition 4.4 of Şimşek et al. (2021), Theorem 11 of Fukumizu et al.
(2019) and their question about arbitrary replications are consequences.

>>> from quadrics.smooth_activation import sigmoid
>>> core, x = Parameters([[sympy.log(2)]], [[1]]), [[0], [1], [-2]]
>>> (e,) = critical_slopes(core, x, sigmoid)
>>> loss = SmoothLoss(x, e / 100, [[[1]]] * 3, sigmoid)
>>> [critical_inertia(loss, copies(core, [1, 1], [[b, 1 - b]])) for b in (sympy.Rational(1, 2), 2)]
[Inertia(negative=0, zero=1, positive=3), Inertia(negative=1, zero=1, positive=2)]
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sympy
from sympy.polys.matrices import DomainMatrix

from ...errors import NonFiniteError, OffManifoldError, ShapeError
from ...network import Parameters
from ...validation import Expr, Matrix, as_dimension, as_real
from ..configurations import Configuration
from ..manifold import CriticalUnion
from ..reduction import reduce
from .inertia import Inertia, inertia
from .smooth_loss import SmoothLoss, critical_slopes, is_critical

Shares = tuple[tuple[Expr, ...], ...]


@dataclass(frozen=True)
class Replication:
    r"""A network as copies of the neurons of its core: a_j = β_j a_t for the neurons j of block t, Σ β_j = 1.

    Parameters
    ----------
    core : an irreducible network of r neurons
    configuration : which of the m neurons copy which of the r, without zero-type groups
    shares : for each t the β_j of its block, in the order of the positions

    Raises
    ------
    ShapeError
        if sizes do not fit, or shares do not add up to 1.

    Examples
    --------
    >>> found = Replication.of(Parameters([[1], [2], [1]], [[6, 5, -2]]))
    >>> found.core.W2, found.configuration.word, found.shares
    (Matrix([[4, 5]]), (1, 2, 1), ((3/2, -1/2), (1,)))
    >>> found.network() == Parameters([[1], [2], [1]], [[6, 5, -2]])
    True
    >>> Replication(Parameters([[1]], [[2]]), Configuration(1, (1, 1)), ((1, 1),))
    Traceback (most recent call last):
    ...
    quadrics.errors.ShapeError: shares: got (1, 1) for neuron 0; expected 2 numbers that add up to 1
    """

    core: Parameters
    configuration: Configuration
    shares: Shares

    def __post_init__(self) -> None:
        CriticalUnion(self.core, max(self.configuration.m, self.core.width))  # checks the core
        blocks = self.configuration.labelled_blocks
        if not self.configuration.is_critical or len(blocks) != self.core.width or len(self.shares) != len(blocks):
            raise ShapeError(
                f"configuration, shares: got {self.configuration.word} and {len(self.shares)} lists; expected copies "
                f"of the {self.core.width} neurons of the core, and a list for each"
            )
        shares = tuple(tuple(as_real(b, "share") for b in betas) for betas in self.shares)
        for t, (betas, block) in enumerate(zip(shares, blocks, strict=True)):
            if len(betas) != len(block) or sympy.expand(sum(betas)) != 1:
                raise ShapeError(f"shares: got {betas} for neuron {t}; expected {len(block)} numbers that add up to 1")
        object.__setattr__(self, "shares", shares)

    @classmethod
    def of(cls, theta: Parameters) -> Replication:
        """Return θ as copies of the neurons of its core.

        Raises
        ------
        OffManifoldError
            if θ has zero-type neurons, or outgoing weights of copies that are not parallel.
        """
        found = reduce(theta)
        if found.zero_groups or not found.labelled:
            raise OffManifoldError(
                f"theta: got zero-type neurons {[g.members for g in found.zero_groups]}; expected copies only "
                "(Definition 4.1)"
            )
        subspace = CriticalUnion(found.core, theta.width).subspace_of(theta)
        shares = []
        for t, block in enumerate(subspace.configuration.labelled_blocks):
            a = found.core.W2.col(t)
            pivot = next(o for o in range(theta.d_out) if a[o] != 0)
            shares.append(tuple(sympy.cancel(theta.W2[pivot, j] / a[pivot]) for j in block))
        return cls(found.core, subspace.configuration, tuple(shares))

    def network(self) -> Parameters:
        """Return the network of m neurons."""
        W1 = sympy.zeros(self.configuration.m, self.core.d_in)
        W2 = sympy.zeros(self.core.d_out, self.configuration.m)
        for t, (block, betas) in enumerate(zip(self.configuration.labelled_blocks, self.shares, strict=True)):
            for j, beta in zip(block, betas, strict=True):
                W1[j, :] = self.core.W1.row(t)
                W2[:, j] = beta * self.core.W2.col(t)
        return Parameters(W1, W2)

    def coordinates(self) -> Matrix:
        r"""Return the matrix M with (ẇ, ȧ) = M (p, q, u_1, b_1, ..., u_r, b_r): its determinant is 1 or -1, for all β.

        Then Mᵀ H_m M is block diagonal: H_r, Q_1, ..., Q_r.

        >>> M = Replication.of(Parameters([[1], [1]], [[5, -3]])).coordinates()
        >>> M, M.det()
        (Matrix([
        [1,    0, 3/2,  0],
        [1,    0, 5/2,  0],
        [0,  5/2,   0, -1],
        [0, -3/2,   0,  1]]), -1)
        """
        d, e, m, r = self.core.d_in, self.core.d_out, self.configuration.m, self.core.width
        M = sympy.zeros(m * (d + e))
        start = r * (d + e)
        for t, (block, betas) in enumerate(zip(self.configuration.labelled_blocks, self.shares, strict=True)):
            extra = len(block) - 1
            for place, j in enumerate(block):
                for i in range(d):  # ẇ_j = p + u_j - Σ β_l u_l, where u of the first copy is 0
                    M[j * d + i, t * d + i] = 1
                    for other in range(extra):
                        M[j * d + i, start + other * d + i] = int(place == other + 1) - betas[other + 1]
                for o in range(e):  # ȧ_j = β_j q + b_j, where the b add up to 0
                    row = m * d + j * e + o
                    M[row, r * d + t * e + o] = betas[place]
                    for other in range(extra):
                        sign = 1 if place == other + 1 else -1 if place == 0 else 0
                        M[row, start + extra * d + other * e + o] = sign
            start += extra * (d + e)
        return sympy.ImmutableMatrix(M)

    def transverse_form(self, loss: SmoothLoss, t: object) -> Matrix:
        """Return Q_t, the symmetric matrix of size (k_t - 1)(d_in + d_out); empty if there is a single copy."""
        t = as_dimension(t, "t", 0, self.core.width - 1)
        neuron, betas = self.core.neuron(t), self.shares[t]
        S, U, one = loss.S(neuron.w, neuron.a), loss.U(neuron.w), sympy.eye(len(betas) - 1)
        if len(betas) == 1:
            return sympy.ImmutableMatrix(0, 0, [])
        B = shares_form(betas)
        upper = sympy.Matrix.hstack(sympy.kronecker_product(B, S), sympy.kronecker_product(one, U.T))
        corner = sympy.zeros((len(betas) - 1) * loss.d_out)
        lower = sympy.Matrix.hstack(sympy.kronecker_product(one, U), corner)
        return sympy.ImmutableMatrix(sympy.Matrix.vstack(upper, lower))


def copies(core: Parameters, word: Sequence[int], shares: Sequence[Sequence[object]]) -> Parameters:
    """Return the network that copies the neurons of a core: the word says which, the shares how much of a_t each has.

    Raises ``ShapeError`` if they do not fit.

    >>> copies(Parameters([[1], [2]], [[3, 4]]), [2, 1, 2], [[1], [2, -1]]).W2
    Matrix([[8, 3, -4]])
    """
    return Replication(core, Configuration(core.width, tuple(word)), tuple(map(tuple, shares))).network()


def shares_form(betas: Sequence[object]) -> Matrix:
    r"""Return B = diag(β_2, ..., β_k) - (β_i β_j): what is left of diag(β) beside the direction (1, ..., 1).

    >>> shares_form([sympy.Rational(1, 2), sympy.Rational(1, 2)])
    Matrix([[1/4]])
    """
    rest = sympy.Matrix([as_real(b, "share") for b in betas[1:]])
    return sympy.ImmutableMatrix(sympy.diag(*rest) - rest * rest.T)


def shares_inertia(betas: Sequence[object]) -> Inertia:
    """Return the inertia of B, (n, z, p - 1): that of diag(β) with one positive eigenvalue less.

    Raises
    ------
    ShapeError
        if the shares do not add up to 1.
    NonFiniteError
        if a sign is not known.

    Examples
    --------
    >>> shares_inertia([2, -1, 0]), inertia(shares_form([2, -1, 0]))
    (Inertia(negative=1, zero=1, positive=0), Inertia(negative=1, zero=1, positive=0))
    """
    values = [as_real(b, "share") for b in betas]
    if not values or sympy.expand(sum(values)) != 1:
        raise ShapeError(f"shares: got {tuple(values)}; expected numbers that add up to 1")
    signs = [sympy.sign(v) for v in values]
    if any(s not in (-1, 0, 1) for s in signs):
        raise NonFiniteError(f"shares: got {tuple(values)}; expected numbers, or symbols of known sign")
    return Inertia(signs.count(-1), signs.count(0), signs.count(1) - 1)


def transverse_inertia(shares: Inertia, rank: object, restricted: Inertia, d_out: object) -> Inertia:
    """Return the inertia of Q_t from that of B_t, the rank of U_t, and the inertia of S_t on the kernel of U_t.

    Raises ``DimensionError`` unless 0 ≤ rank ≤ d_out.

    >>> transverse_inertia(Inertia(0, 0, 1), 0, Inertia(1, 0, 1), 1)  # d_out = 1, where U = 0; an indefinite S
    Inertia(negative=1, zero=1, positive=1)
    >>> transverse_inertia(Inertia(0, 0, 1), 1, Inertia(0, 0, 1), 2)  # d_out = 2, U of rank 1
    Inertia(negative=1, zero=1, positive=2)
    """
    e = as_dimension(d_out, "d_out")
    rho, extra = as_dimension(rank, "rank", 0, e), shares.size
    return Inertia(extra * rho, extra * (e - rho), extra * rho) + shares.kronecker(restricted)


def critical_inertia(loss: SmoothLoss, theta: Parameters) -> Inertia:
    """Return the inertia of the Hessian at a symmetry-induced critical point, from the Hessian of its core.

    Only a matrix of r (d_in + d_out) rows and r matrices of at most d_in rows are looked at, whatever the width.

    Parameters
    ----------
    loss : the loss near the networks with the outputs of θ
    theta : copies of the neurons of a critical point of fewer neurons, with shares of their outgoing weights

    Raises
    ------
    OffManifoldError
        if θ is no such point: there are zero-type neurons, or splits that are not parallel, or the gradient is not 0.
    NonFiniteError
        if weights or the loss hold floats, with which no gradient is exactly 0.

    Examples
    --------
    >>> from quadrics.smooth_activation import sigmoid
    >>> loss = SmoothLoss([[1]], [[0]], [[[1]]], sigmoid)  # a perfect fit of one example: S = U = 0
    >>> critical_inertia(loss, Parameters([[1], [1]], [[2, -1]])).zero
    3
    >>> critical_inertia(loss, Parameters([[1], [3]], [[2, 0]]))
    Traceback (most recent call last):
    ...
    quadrics.errors.OffManifoldError: theta: got zero-type neurons [(1,)]; expected copies only (Definition 4.1)
    """
    if any(M.has(sympy.Float) for M in (theta.W1, theta.W2, loss.inputs, loss.slopes, *loss.curvatures)):
        raise NonFiniteError("theta, loss: got floats; expected exact numbers (sympy.Rational(1, 2), not 0.5)")
    found = Replication.of(theta)
    if not is_critical(loss, found.core):
        raise OffManifoldError("theta: got a core where the gradient is not zero; expected a critical point")
    total = inertia(loss.hessian(found.core).applyfunc(sympy.expand))
    for t, betas in enumerate(found.shares):
        if len(betas) > 1:
            neuron = found.core.neuron(t)
            rank, restricted = restricted_inertia(loss.S(neuron.w, neuron.a), loss.U(neuron.w))
            total += transverse_inertia(shares_inertia(betas), rank, restricted, loss.d_out)
    return total


def restricted_inertia(S: Matrix, U: Matrix) -> tuple[int, Inertia]:
    """Return the rank of U, and the inertia of S on the kernel of U.

    >>> restricted_inertia(sympy.diag(1, -1), sympy.Matrix([[1, 0]]))
    (1, Inertia(negative=1, zero=0, positive=0))
    """
    kernel = DomainMatrix.from_Matrix(sympy.Matrix(U), extension=True).to_field().nullspace().to_Matrix()
    if not kernel.rows:
        return int(U.cols), Inertia(0, 0, 0)
    return int(U.cols - kernel.rows), inertia((kernel * S * kernel.T).applyfunc(sympy.expand))


def is_strict_saddle(loss: SmoothLoss, theta: Parameters) -> bool:
    """Whether the Hessian at a symmetry-induced critical point has a negative eigenvalue (Proposition 4.4).

    Errors as for :func:`critical_inertia`.

    A saddle of the core stays one, however it is copied; a minimum becomes one for some shares and not for others.

    >>> from quadrics.smooth_activation import sigmoid
    >>> core, x = Parameters([[sympy.log(2)]], [[1]]), [[0], [1], [-2]]
    >>> loss = SmoothLoss(x, critical_slopes(core, x, sigmoid)[0] / 100, [[[1]]] * 3, sigmoid)
    >>> [is_strict_saddle(loss, copies(core, [1, 1, 1], [[b, 2, -1 - b]])) for b in (-1, -2)]
    [True, True]
    """
    return not critical_inertia(loss, theta).is_semidefinite


__all__ = [
    "Replication",
    "copies",
    "critical_inertia",
    "critical_slopes",
    "is_strict_saddle",
    "restricted_inertia",
    "shares_form",
    "shares_inertia",
    "transverse_inertia",
]
