r"""Which targets a component of H(c) can express, and how likely a true topological obstruction is.

A target f* with P hyperplanes of positive kink and N of negative kink, written with exactly P positive and N negative
neurons, lies in F(C_s) if and only if the m = l - l_- neurons of free sign make up for the signs that s lacks:

.. math:: m \ge (P - p(s))_+ + (N - (l_- - p(s)))_+.

*Proof.* Sufficient: use the signs there are, switch surplus pathological neurons off by w = 0, surplus free ones by
a = 0 (or both zero when c = 0). Necessary: every representation needs a positive neuron on each hyperplane of positive
kink and a negative one on each of negative kink (e = 1, σ nonlinear; d > 1, or biases).

Being disconnected is therefore much less than being obstructed: appendix F of Nurisso et al. (2024) computes the
probability that H(c) is *disconnected*; :meth:`KinkTarget.obstruction_probability` computes the probability that the
target *cannot be expressed* on the component where training starts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import sympy

from .activation import Activation, relu
from .components import Component
from .errors import DimensionError, ShapeError
from .function_classes import is_kinkless
from .network import Parameters
from .neuron_types import signs_of
from .signs import known_sign
from .validation import Expr, as_count, as_dimension, as_real


@dataclass(frozen=True)
class KinkTarget:
    """A scalar target function with P hyperplanes of positive and N of negative kink.

    Parameters
    ----------
    positive, negative : the numbers P and N of hyperplanes, at least 0
        The target is Σ m_i σ(u_i x) over P positive masses and N negative ones, no two u on one hyperplane.

    Raises
    ------
    DimensionError
        if a number is negative or no integer.

    Examples
    --------
    The target -(x1 + x2) of the paper's section 6, on the data's quadrant, needs one negative neuron:

    >>> toy = KinkTarget(positive=0, negative=1)
    >>> toy.is_reachable(c=[-1, -1], signs=(1, 1)), toy.is_reachable(c=[-1, 1], signs=(1,))
    (False, True)
    >>> [s for s in ((-1, -1), (-1, 1), (1, -1), (1, 1)) if toy.is_reachable([-1, -1], s)]
    [(-1, -1), (-1, 1), (1, -1)]
    """

    positive: int
    negative: int

    def __post_init__(self) -> None:
        for name in ("positive", "negative"):
            object.__setattr__(self, name, as_dimension(getattr(self, name), name, 0))

    @classmethod
    def of(cls, theta: Parameters, activation: Activation = relu) -> KinkTarget:
        """Return the target that an exact network with one output computes.

        Neurons on one ray are merged; those without effect (a = 0, or w = 0 and b = 0) are left out.

        Raises
        ------
        DimensionError
            if the network has several outputs, or one input and no biases.
        ShapeError
            for two neurons on opposite sides of one hyperplane (unless σ is even), or one with w = 0, b ≠ 0: the
            theorem does not speak of such targets.

        Examples
        --------
        >>> KinkTarget.of(Parameters([[1, 0], [2, 0], [0, 1]], [[1, 1, -3]]))
        KinkTarget(positive=1, negative=1)
        """
        if theta.d_out != 1 or theta.d_in + theta.has_bias == 1:
            raise DimensionError(
                f"theta: got d = {theta.d_in}, e = {theta.d_out}, biases {theta.has_bias}; expected one output, "
                "and more than one input or biases"
            )
        signs = [known_sign(mass) for _, mass in merged_neurons(theta, activation)]
        if None in signs:
            raise ShapeError("theta: got weights whose signs are not known; expected numbers")
        up = known_sign(activation.alpha - activation.beta)
        return cls(signs.count(up), len(signs) - signs.count(up))

    def missing_signs(self, positive_signs: int, l_minus: int) -> int:
        """Return how many neurons of free sign the target needs on a component with p(s) = ``positive_signs``.

        >>> KinkTarget(2, 3).missing_signs(positive_signs=4, l_minus=5)
        2
        """
        l_minus = as_dimension(l_minus, "l_minus", 0)
        p = as_dimension(positive_signs, "positive_signs", 0, l_minus)
        return int(missing_signs(self.positive, self.negative, p, l_minus))

    def reachable_range(self, l_minus: int, free: int) -> range:
        """Return the p(s) of the components that express the target, m = ``free`` neurons not being pathological.

        >>> KinkTarget(0, 1).reachable_range(l_minus=2, free=0)
        range(0, 2)
        >>> KinkTarget(2, 2).reachable_range(l_minus=3, free=0)
        range(0, 0)
        """
        l_minus, free = as_dimension(l_minus, "l_minus", 0), as_dimension(free, "free", 0)
        if self.positive + self.negative > l_minus + free:
            return range(0)
        # Both shortfalls are monotone in p and at most one of the two bounds binds on either side.
        return range(max(self.positive - free, 0), min(l_minus - self.negative + free, l_minus) + 1)

    def is_reachable(self, c: Sequence[object], signs: Sequence[int] | Component) -> bool:
        """Whether the component of H(c) with these signs of the pathological output weights expresses the target.

        Raises ``ImbalanceError`` or ``ShapeError`` for a bad c or for signs that name no component.
        """
        l_minus = signs_of(c).count(-1)
        given = tuple(signs.signs if isinstance(signs, Component) else signs)
        if len(given) != l_minus or any(s not in (1, -1) for s in given):
            raise ShapeError(f"signs: got {given}; expected {l_minus} entries 1 or -1, one for each c_k < 0")
        return self.missing_signs(given.count(1), l_minus) <= len(c) - l_minus

    def reachable_components(self, c: Sequence[object]) -> Iterator[tuple[int, ...]]:
        """Generate the sign vectors of the components of H(c) that express the target.

        >>> list(KinkTarget(0, 1).reachable_components([-1, -1]))
        [(-1, -1), (1, -1), (-1, 1)]
        """
        l_minus = signs_of(c).count(-1)
        for p in self.reachable_range(l_minus, len(c) - l_minus):
            for chosen in combinations(range(l_minus), p):
                yield tuple(1 if k in chosen else -1 for k in range(l_minus))

    def number_of_reachable_components(self, l_minus: int, free: int) -> int:
        """Return the number of components that express the target, a sum of binomials.

        >>> KinkTarget(0, 1).number_of_reachable_components(l_minus=100, free=0) == 2**100 - 1
        True
        """
        return int(sum(sympy.binomial(l_minus, p) for p in self.reachable_range(l_minus, free)))

    def obstruction_probability(self, width: int, rho: object) -> Expr:
        """Return the probability that the component where training starts cannot express the target.

        The neurons are independent, each pathological with probability ρ, its output sign fair: the numbers of
        positive pathological, negative pathological and free neurons are trinomial (ρ/2, ρ/2, 1 - ρ), and this is the
        sum over the triples that fall short.

        Parameters
        ----------
        width : number l of neurons
        rho : number in [0, 1] or symbol, for instance ``kaiming_normal().pathological_probability(d, l)``

        Raises
        ------
        DimensionError
            for a width below 1, or ρ that is no probability.

        Examples
        --------
        >>> rho = sympy.Symbol("rho")
        >>> KinkTarget(0, 1).obstruction_probability(2, rho)
        rho**2/4
        >>> KinkTarget(0, 1).obstruction_probability(2, sympy.pi / 12).n(4)
        0.01713

        A target with more kinks than neurons is out of reach for certain, one without kinks never:

        >>> KinkTarget(2, 1).obstruction_probability(2, rho).expand(), KinkTarget(0, 0).obstruction_probability(2, rho)
        (1, 0)
        """
        width = as_dimension(width, "width")
        rate = as_real(rho, "rho", DimensionError)
        if rate.is_negative or (1 - rate).is_negative:
            raise DimensionError(f"rho: got {rate}; expected a probability, between 0 and 1")
        terms = []
        for l_minus in range(width + 1):
            short = 2**l_minus - self.number_of_reachable_components(l_minus, width - l_minus)
            weight = sympy.binomial(width, l_minus) * sympy.Rational(short, 2**l_minus)
            if weight:
                terms.append(weight * rate**l_minus * (1 - rate) ** (width - l_minus))
        return sympy.Add(*terms)


def missing_signs(positive: object, negative: object, positive_signs: object, l_minus: object) -> Expr:
    """Return (P - p)_+ + (N - (l_- - p))_+, the neurons of free sign that a target needs; integers or symbols.

    >>> P, p = sympy.symbols("P p", integer=True)
    >>> missing_signs(P, 3, p, l_minus=4).subs({P: 5, p: 2})
    4
    """
    P, N = as_count(positive, "positive"), as_count(negative, "negative")
    p, places = as_count(positive_signs, "positive_signs"), as_count(l_minus, "l_minus")
    return sympy.Max(P - p, 0) + sympy.Max(N - (places - p), 0)


def merged_neurons(theta: Parameters, activation: Activation = relu) -> list[tuple[tuple[Expr, ...], Expr]]:
    """Return an exact one-output network as Σ mass σ(u·x), one pair (u, mass) for each hyperplane of its kinks.

    u is (w, b) with biases. Neurons on one ray are merged, and what has no effect is left out.

    Raises as :meth:`KinkTarget.of`.

    >>> merged_neurons(Parameters([[1, 0], [2, 0], [0, 1], [0, 1]], [[1, 1, -3, 3]]))
    [((1, 0), 3)]
    """
    if is_kinkless(activation):
        raise DimensionError(f"activation: got {activation}, which has no kink; expected α ≠ β")
    even = known_sign(activation.alpha + activation.beta) == 0
    rays: list[tuple[tuple[Expr, ...], Expr]] = []
    for neuron in theta.neurons():
        u = neuron.w if neuron.b is None else (*neuron.w, neuron.b)
        if known_sign(neuron.a[0]) == 0 or all(known_sign(v) == 0 for v in u):
            continue
        if all(known_sign(v) == 0 for v in neuron.w):
            raise ShapeError(
                f"theta: got a neuron with w = 0 and b = {neuron.b}; expected no constant neurons (use b2)"
            )
        for i, (v, mass) in enumerate(rays):
            factor = _ratio(u, v)
            if factor is None:
                continue
            if factor.is_negative and not even:
                raise ShapeError(
                    f"theta: got neurons with input weights {v} and {u}; expected no two on opposite sides of one "
                    "hyperplane"
                )
            rays[i] = (v, sympy.expand(mass + neuron.a[0] * abs(factor) ** activation.degree))
            break
        else:
            rays.append((u, neuron.a[0]))
    return [(u, mass) for u, mass in rays if known_sign(mass) != 0]


def _ratio(u: Sequence[Expr], v: Sequence[Expr]) -> Expr | None:
    """The factor t with u = t v, or None."""
    i = next(i for i, entry in enumerate(v) if known_sign(entry) != 0)
    t = sympy.simplify(u[i] / v[i])
    return t if t != 0 and all(known_sign(a - t * b) == 0 for a, b in zip(u, v, strict=True)) else None
