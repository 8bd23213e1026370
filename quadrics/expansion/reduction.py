r"""Irreducible points, and the reduction of a network to its irreducible core (Definition 3.1 and what follows it).

A point is *irreducible* if its incoming weight vectors are distinct and no outgoing one is zero. Otherwise two neurons
with w_i = w_j can be merged (outgoing weights added), or a neuron with a_i = 0 left out, without a change of the
function, whatever σ is. All sequences of such steps end in the same core, up to the order of its neurons:

.. math:: \Bigl\{ \bigl(w, \textstyle\sum_{i:\, w_i = w} a_i\bigr) : \sum_{i:\, w_i = w} a_i \ne 0 \Bigr\}.

>>> theta = Parameters([[1, 2], [3, 4], [1, 2], [5, 6]], [[1, 2, 3, 0]])
>>> core = reduce(theta).core
>>> core.W1, core.W2
(Matrix([
[1, 2],
[3, 4]]), Matrix([[4, 2]]))
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import networkx as nx
import sympy

from ..errors import NonFiniteError, ReducibleError, SymmetryError
from ..network import Neuron, Parameters
from ..validation import Expr, Matrix, as_matrix, as_real
from .configurations import Configuration

SIGMA = sympy.Function("sigma")
"""An activation function of which nothing is known."""


@dataclass(frozen=True)
class Group:
    """Neurons of equal incoming weights (within the tolerance): their positions, and the one neuron they amount to.

    ``w`` is an average of the incoming weights (with the bias as last entry, where there is one), ``a`` the sum of the
    outgoing ones; ``displacement`` is the sum of |a_i| |w_i - w|.
    """

    members: tuple[int, ...]
    w: tuple[Expr, ...]
    a: tuple[Expr, ...]
    is_zero: bool
    displacement: Expr


@dataclass(frozen=True)
class Reduction:
    """A network sorted into groups: the labelled ones make the core, the zero-type ones drop out.

    >>> found = reduce(Parameters([[1], [2], [1], [3], [3]], [[1, 5, 2, 4, -4]]))
    >>> found.r, found.configuration.word
    (2, (1, 2, 1, -1, -1))
    """

    theta: Parameters
    groups: tuple[Group, ...]

    @property
    def labelled(self) -> tuple[Group, ...]:
        """The groups with outgoing weights that do not cancel, in the order of their first members."""
        return tuple(g for g in self.groups if not g.is_zero)

    @property
    def zero_groups(self) -> tuple[Group, ...]:
        """The zero-type groups."""
        return tuple(g for g in self.groups if g.is_zero)

    @property
    def r(self) -> int:
        """The number of neurons of the core."""
        return len(self.labelled)

    @property
    def core(self) -> Parameters:
        """The irreducible core, in the order of the first members.

        Raises ``ReducibleError`` if nothing is left: the network computes a constant.
        """
        if not self.labelled:
            raise ReducibleError("core: got a network all of whose neurons cancel; expected one neuron left at least")
        d_in, bias = self.theta.d_in, self.theta.has_bias
        neurons = [Neuron(g.w[:d_in], g.a, g.w[d_in] if bias else None) for g in self.labelled]
        return Parameters.from_neurons(neurons, self.theta.b2)

    @property
    def configuration(self) -> Configuration:
        """Where the copies of each neuron of the core and the zero-type groups are."""
        return Configuration.from_blocks([g.members for g in self.labelled], [g.members for g in self.zero_groups])

    @property
    def displacement(self) -> Expr:
        """Σ |a_i| |w_i - w̄_i|: how far incoming weights were moved, weighted by the outgoing ones; 0 if exact."""
        return sympy.Add(*(g.displacement for g in self.groups))

    @property
    def dropped(self) -> Expr:
        """Σ |Σ a_i| over the zero-type groups: the outgoing weight that was left out; 0 if exact."""
        return sympy.Add(*(_norm(g.a) for g in self.zero_groups))

    def error_bound(self, lipschitz: object, radius: object, largest: object) -> Expr:
        r"""Return a bound of \|f(x; θ) - f(x; core)\|: lipschitz · radius · displacement + largest · dropped.

        Parameters
        ----------
        lipschitz : a Lipschitz constant of σ
        radius : a bound of \|x\| (of \|(x, 1)\| with biases)
        largest : a bound of \|σ\| on the values that occur

        >>> near = reduce(Parameters([[1], [sympy.Rational(11, 10)]], [[1, 1]]), tolerance=sympy.Rational(1, 5))
        >>> near.core.W1, near.error_bound(1, 1, 1)
        (Matrix([[21/20]]), 1/10)
        """
        factors = [as_real(v, name) for v, name in ((lipschitz, "lipschitz"), (radius, "radius"), (largest, "largest"))]
        return factors[0] * factors[1] * self.displacement + factors[2] * self.dropped


def reduce(theta: Parameters, tolerance: object = 0) -> Reduction:
    r"""Return the groups of equal neurons of θ, and with them its irreducible core.

    Parameters
    ----------
    theta : a network; biases count as incoming weights
    tolerance : 0 for an exact reduction. Otherwise neurons with \|w_i - w_j\| ≤ tolerance are linked, groups are the
        linked components, and groups with \|Σ a_i\| ≤ tolerance are dropped; :meth:`Reduction.error_bound` says how
        much that changes the function.

    Raises
    ------
    NonFiniteError
        if the tolerance is negative, or SymPy cannot decide whether two weights are equal.

    Examples
    --------
    >>> reduce(Parameters([[1], [1]], [[2, -2]])).r
    0
    >>> reduce(Parameters([[0.5], [0.5001]], [[1, 1]])).r, reduce(Parameters([[0.5], [0.5001]], [[1, 1]]), 1e-3).r
    (2, 1)
    """
    limit = as_real(tolerance, "tolerance")
    if not (limit >= 0) == True:  # noqa: E712 - a SymPy relation
        raise NonFiniteError(f"tolerance: got {limit}; expected a number of at least 0")
    incoming = [_incoming(n) for n in theta.neurons()]
    outgoing = [n.a for n in theta.neurons()]
    linked: nx.Graph[int] = nx.Graph()
    linked.add_nodes_from(range(theta.width))
    linked.add_edges_from(
        (i, j) for i, j in combinations(range(theta.width), 2) if _near(incoming[i], incoming[j], limit)
    )
    components = sorted(tuple(sorted(c)) for c in nx.connected_components(linked))
    return Reduction(theta, tuple(_group(c, incoming, outgoing, limit) for c in components))


def is_irreducible(theta: Parameters) -> bool:
    """Whether the incoming weight vectors are distinct and the outgoing ones not zero (Definition 3.1).

    >>> is_irreducible(Parameters([[1], [2]], [[1, 1]])), is_irreducible(Parameters([[1], [2]], [[1, 0]]))
    (True, False)

    Irreducible need not be minimal: with σ = tanh, (w, -w; a, a) computes zero.

    >>> is_irreducible(Parameters([[1], [-1]], [[1, 1]]))
    True
    """
    found = reduce(theta)
    return found.r == theta.width


def as_irreducible(theta: Parameters) -> Parameters:
    """Return θ, or raise ``ReducibleError`` with the reason.

    >>> as_irreducible(Parameters([[1], [1]], [[1, 1]]))
    Traceback (most recent call last):
    ...
    quadrics.errors.ReducibleError: theta: got equal incoming weights in neurons (0, 1); expected an irreducible \
point (reduce(theta).core is one)
    """
    found = reduce(theta)
    for group in found.groups:
        if len(group.members) > 1 or group.is_zero:
            what = "equal incoming weights in neurons" if len(group.members) > 1 else "no outgoing weights in neuron"
            which = group.members if len(group.members) > 1 else group.members[0]
            raise ReducibleError(
                f"theta: got {what} {which}; expected an irreducible point (reduce(theta).core is one)"
            )
    return theta


def reduction_steps(theta: Parameters) -> Iterator[tuple[int, int | None]]:
    """Generate the single steps that apply: (i, j) merges neuron j into i, (i, None) leaves neuron i out.

    >>> list(reduction_steps(Parameters([[1], [1], [2]], [[1, 2, 0]])))
    [(0, 1), (2, None)]
    """
    neurons = theta.neurons()
    for i, j in combinations(range(theta.width), 2):
        if _near(_incoming(neurons[i]), _incoming(neurons[j]), sympy.Integer(0)):
            yield i, j
    for i, neuron in enumerate(neurons):
        if all(_is_zero(v) for v in neuron.a):
            yield i, None


def take_step(theta: Parameters, step: tuple[int, int | None]) -> Parameters:
    """Return θ with one neuron fewer, after a step of :func:`reduction_steps` (rules 1 and 2 of section 3).

    Raises ``SymmetryError`` for a step that does not apply, ``ReducibleError`` if no neuron would be left.

    >>> take_step(Parameters([[1], [1], [2]], [[1, 2, 0]]), (0, 1)).W2
    Matrix([[3, 0]])
    """
    if step not in list(reduction_steps(theta)):
        raise SymmetryError(f"step: got {step}; expected one of {list(reduction_steps(theta))}")
    if theta.width == 1:
        raise ReducibleError("theta: got a single neuron without outgoing weights; expected one neuron left at least")
    i, j = step
    neurons = list(theta.neurons())
    if j is not None:
        merged = tuple(x + y for x, y in zip(neurons[i].a, neurons[j].a, strict=True))
        neurons[i] = Neuron(neurons[i].w, merged, neurons[i].b)
    del neurons[i if j is None else j]
    return Parameters.from_neurons(neurons, theta.b2)


def same_neurons(first: Parameters, second: Parameters) -> bool:
    """Whether two networks have the same neurons, in any order (the same point up to a permutation).

    >>> same_neurons(Parameters([[1], [2]], [[3, 4]]), Parameters([[2], [1]], [[4, 3]]))
    True
    """
    sides = [Counter((n.w, n.a, n.b) for n in theta.neurons()) for theta in (first, second)]
    return sides[0] == sides[1] and first.b2 == second.b2


def output(theta: Parameters, x: object, sigma: Any = SIGMA) -> Matrix:
    """Return f(x; θ) = Σ a_i σ(w_i·x + b_i) + b2 for any function σ, by default one of which nothing is known.

    >>> x = sympy.Symbol("x")
    >>> output(Parameters([[1], [2], [1]], [[3, 4, 5]]), [x])
    Matrix([[8*sigma(x) + 4*sigma(2*x)]])
    """
    inputs = as_matrix(x, "x", column=True)
    z = theta.W1 * inputs
    if theta.b1 is not None:
        z = z + theta.b1
    f = theta.W2 * z.applyfunc(lambda v: sigma(sympy.expand(v)))
    return (f if theta.b2 is None else f + theta.b2).applyfunc(sympy.expand)


def _incoming(neuron: Neuron) -> tuple[Expr, ...]:
    return neuron.w if neuron.b is None else (*neuron.w, neuron.b)


def _group(
    members: tuple[int, ...], incoming: list[tuple[Expr, ...]], outgoing: list[tuple[Expr, ...]], limit: Expr
) -> Group:
    a = tuple(sympy.Add(*column) for column in zip(*(outgoing[i] for i in members), strict=True))
    w, displacement = incoming[members[0]], sympy.Integer(0)
    if limit != 0 and len(members) > 1:
        # Weighted by |a|_1, which keeps rational numbers rational and makes the displacement small.
        weights = [sympy.Add(*map(abs, outgoing[i])) for i in members]
        if all(weight == 0 for weight in weights):
            weights = [sympy.Integer(1)] * len(members)
        total = sympy.Add(*weights)
        w = tuple(
            sympy.Add(*(weight * incoming[i][d] for weight, i in zip(weights, members, strict=True))) / total
            for d in range(len(w))
        )
        moved = [_norm(tuple(u - v for u, v in zip(incoming[i], w, strict=True))) for i in members]
        displacement = sympy.Add(*(_norm(outgoing[i]) * by for i, by in zip(members, moved, strict=True)))
    return Group(members, w, a, _near(a, (sympy.Integer(0),) * len(a), limit), displacement)


def _norm(v: tuple[Expr, ...]) -> Expr:
    return sympy.sqrt(sympy.Add(*(entry**2 for entry in v)))


def _near(first: tuple[Expr, ...], second: tuple[Expr, ...], limit: Expr) -> bool:
    """|first - second| <= limit, exactly; for limit 0 entry by entry."""
    if limit == 0:
        return all(_is_zero(u - v) for u, v in zip(first, second, strict=True))
    answer = sympy.Add(*((u - v) ** 2 for u, v in zip(first, second, strict=True))) <= limit**2
    if answer in (sympy.true, sympy.false):
        return bool(answer)
    raise NonFiniteError(f"weights: got {first} and {second}; expected numbers where there is a tolerance")


def _is_zero(value: Expr) -> bool:
    if value.is_Number:
        return bool(value == 0)
    answer = value.is_zero if value.is_zero is not None else value.equals(0)
    if answer is None:
        raise NonFiniteError(f"weights: got a difference {value} that may be zero or not; expected a decidable one")
    return bool(answer)
