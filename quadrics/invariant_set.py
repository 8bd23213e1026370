r"""The invariant set H(c) of gradient flow: its topology, its components, and the paths inside them.

Definition 1 of Nurisso et al. (2024): :math:`\mathcal H(c) = \{\theta : |w_k|^2 - |a_k|^2 = c_k\ \forall k\}`,
a product of quadrics (Lemma 1), so that Künneth's formula gives all Betti numbers (Theorem 1).

>>> from sympy import Rational
>>> from quadrics import InvariantSet
>>> H = InvariantSet(d_in=2, d_out=1, c=[Rational(-1, 10), Rational(-1, 10), 3])
>>> H.poincare_polynomial()
4*x + 4
>>> H.betti_numbers()
[4, 4]
>>> H.is_connected()
False
>>> H.number_of_components(), H.number_of_effective_components()
(4, 3)
>>> sorted(c.signs for c in H.components())
[(-1, -1), (-1, 1), (1, -1), (1, 1)]
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import product

from sympy import Expr as SymPyExpr
from sympy import MatrixBase

from .components import Component, Label, Layer
from .errors import DimensionError, DisconnectedError, ImbalanceError, OffQuadricError, ShapeError
from .invariant_shape import InvariantShape
from .network import Parameters
from .paths import ParameterPath, T
from .quadric import Quadric
from .signs import as_imbalance, sign_of
from .validation import Expr


class InvariantSet(InvariantShape):
    r"""The invariant set H(c) of a two-layer network with imbalances c (Definition 1).

    Theorem 1: the Poincaré polynomial is :math:`(1 + x^{D-1})^{l_+} (1 + x^{e-1})^{l_-}`, where D = d_in, or d_in + 1
    with biases (Proposition 6), e = d_out, and l_+, l_-, l_0 count the signs of c.

    Parameters
    ----------
    d_in, d_out : positive integers or symbols
    c : a non-empty sequence of real numbers, or of expressions of known sign; one for each hidden neuron
    bias : whether the network has biases (then b2 adds a factor R^e)

    Raises
    ------
    DimensionError
        for a dimension below 1 or no integer.
    ImbalanceError
        if c is empty, or an entry is text, NaN, infinite, complex, or of unknown sign.

    Examples
    --------
    >>> H = InvariantSet(3, 1, [-1, 2])
    >>> H.poincare_polynomial(), H.pathological
    (2*x**2 + 2, (0,))
    >>> InvariantSet.generic().poincare_polynomial()
    (x**(d - 1) + 1)**l_plus*(x**(e - 1) + 1)**l_minus

    A network with two outputs has no obstruction of this kind, and one with no neurons no invariant set:

    >>> InvariantSet(3, 2, [-1, 2]).is_connected()
    True
    >>> InvariantSet(3, 1, [])
    Traceback (most recent call last):
    ...
    quadrics.errors.ImbalanceError: c: got no entries; expected one real number for each hidden neuron
    """

    def __init__(self, d_in: object, d_out: object, c: Iterable[object], bias: bool = False) -> None:
        if isinstance(c, str | bytes) or (isinstance(c, SymPyExpr) and not isinstance(c, MatrixBase)):
            raise ImbalanceError(f"c: got {c!r}; expected a sequence of real numbers, one for each hidden neuron")
        try:
            entries = list(c)
        except TypeError as exc:
            raise ImbalanceError(
                f"c: got {c!r}; expected a sequence of real numbers, one for each hidden neuron"
            ) from exc
        if not entries:
            raise ImbalanceError("c: got no entries; expected one real number for each hidden neuron")
        self.c: tuple[Expr, ...] = tuple(as_imbalance(value, f"c[{k}]") for k, value in enumerate(entries))
        self.signs: tuple[int, ...] = tuple(sign_of(value, f"c[{k}]") for k, value in enumerate(self.c))
        super().__init__(d_in, d_out, self.signs.count(1), self.signs.count(-1), self.signs.count(0), bias=bias)

    @classmethod
    def through(cls, theta: Parameters) -> InvariantSet:
        """Return the invariant set that contains θ.

        >>> InvariantSet.through(Parameters([[1, 1]], [[2]])).c
        (-2,)
        """
        c = [neuron.input_square - neuron.output_square for neuron in theta.neurons()]
        return cls(theta.d_in, theta.d_out, c, bias=theta.has_bias)

    @property
    def pathological(self) -> tuple[int, ...]:
        """The neurons (0-based) with c_k < 0, which disconnect H(c) when there is one output (Corollary 2)."""
        return tuple(k for k, sign in enumerate(self.signs) if sign < 0)

    def factors(self) -> tuple[Quadric, ...]:
        """Return the quadrics Q(c_k) of Lemma 1 (with biases H(c) has one more factor R^e, for b2).

        >>> [Q.kind.value for Q in InvariantSet(2, 1, [-1, 0]).factors()]
        ['two-sheeted hyperboloid', 'quadratic cone']
        """
        return tuple(Quadric(self.d_in, self.d_out, c, self.bias) for c in self.c)

    def labels(self) -> tuple[Label, ...]:
        """Return the weights that cannot vanish on H(c): their signs tell the components apart.

        >>> InvariantSet(2, 1, [-1, 3, -2]).labels(), InvariantSet(1, 1, [-1, 3]).labels()
        ((a_1, a_3), (a_1, w_2))
        """
        return self._labels(zero_too=False)

    def components(self) -> Iterator[Component]:
        """Generate the connected components, 2^(number of labels) of them, lazily.

        >>> [c.signs for c in InvariantSet(2, 1, [-1, 3]).components()]
        [(-1,), (1,)]
        >>> [c.signs for c in InvariantSet(2, 2, [-1, 3]).components()]
        [()]
        """
        labels = self.labels()
        return (Component(signs, labels) for signs in product((-1, 1), repeat=len(labels)))

    def component_of(self, theta: Parameters, tolerance: object = 0) -> Component:
        """Return the component that contains θ (Proposition 3: its signs are s(θ)).

        Raises ``OffQuadricError`` if θ is not in H(c), ``ShapeError`` if it is of another architecture.

        >>> InvariantSet(2, 1, [-1, 1]).component_of(Parameters([[0, 0], [1, 0]], [[-1, 0]])).signs
        (-1,)
        """
        self._require(theta, tolerance)
        return self._read(theta, self.labels())

    def contains(self, theta: Parameters, tolerance: object = 0) -> bool:
        """Whether θ satisfies every equation of Definition 1: exactly, or within a tolerance (wanted for floats).

        Raises ``ShapeError`` if θ is of another architecture.
        """
        return not self._violations(theta, tolerance)

    def path(self, theta: Parameters, theta_prime: Parameters, tolerance: object = 0) -> ParameterPath:
        """Return an explicit continuous path in H(c) from θ to θ' (Proposition 3).

        Raises
        ------
        DisconnectedError
            if they lie in different components.
        OffQuadricError
            if one of them is not in H(c).

        Examples
        --------
        >>> H = InvariantSet(2, 1, [-1])
        >>> from sympy import Rational, sqrt
        >>> gamma = H.path(Parameters([[0, 0]], [[1]]), Parameters([[1, 1]], [[sqrt(3)]]))
        >>> H.contains(gamma.at(Rational(1, 3))), gamma.end.W2
        (True, Matrix([[sqrt(3)]]))
        """
        first, last = self.component_of(theta, tolerance), self.component_of(theta_prime, tolerance)
        if first != last:
            differing = [label for label, s, t in zip(first.labels, first.signs, last.signs, strict=True) if s != t]
            raise DisconnectedError(
                f"path: got points in the components {first.signs} and {last.signs}; expected points of one component "
                f"(these weights would have to pass zero: {differing})"
            )
        pairs = zip(self.factors(), theta.neurons(), theta_prime.neurons(), strict=True)
        b2 = None
        if theta.b2 is not None and theta_prime.b2 is not None:
            b2 = theta.b2 * (1 - T) + theta_prime.b2 * T
        return ParameterPath(tuple(Q.path(start, end, tolerance) for Q, start, end in pairs), b2)

    def gf_labels(self) -> tuple[Label, ...]:
        """Return the weights that cannot vanish on H°(c): those of H(c), and scalar weights of neurons with c_k = 0."""
        return self._labels(zero_too=True)

    def gf_pieces(self) -> Iterator[Component]:
        """Generate the pieces of H°(c) = {θ in H(c) : θ_k ≠ 0 whenever c_k = 0}, which gradient flow cannot leave.

        H(c) is connected through θ_k = 0 when c_k = 0, but that is an equilibrium, never reached in finite time.

        >>> H = InvariantSet(2, 1, [0])
        >>> H.number_of_components(), [piece.signs for piece in H.gf_pieces()]
        (1, [(-1,), (1,)])
        """
        labels = self.gf_labels()
        return (Component(signs, labels) for signs in product((-1, 1), repeat=len(labels)))

    def gf_piece_of(self, theta: Parameters, tolerance: object = 0) -> Component:
        """Return the piece of H°(c) that contains θ.

        Raises ``OffQuadricError`` if θ is not in H(c), or has θ_k = 0 for a neuron with c_k = 0.
        """
        self._require(theta, tolerance)
        for k, sign in enumerate(self.signs):
            neuron = theta.neuron(k)
            if sign == 0 and sign_of(neuron.output_square, "|a|^2") == 0:
                raise OffQuadricError(
                    f"theta: got neuron {k} = 0 with c[{k}] = 0; expected a point of H°(c) (that equilibrium is a "
                    "piece of its own)"
                )
        return self._read(theta, self.gf_labels())

    def _labels(self, zero_too: bool) -> tuple[Label, ...]:
        for name, value in (("d_in", self.d_in), ("d_out", self.d_out)):
            if not isinstance(value, int):
                raise DimensionError(f"{name}: got {value}; expected a number to tell components apart")
        labels = []
        for k, sign in enumerate(self.signs):
            if self.input_dimension == 1 and (sign > 0 or (sign == 0 and zero_too)):
                labels.append(Label(k, Layer.INPUT))
            if self.d_out == 1 and (sign < 0 or (sign == 0 and zero_too)):
                labels.append(Label(k, Layer.OUTPUT))
        return tuple(labels)

    def _read(self, theta: Parameters, labels: tuple[Label, ...]) -> Component:
        weights = [
            theta.W1[label.neuron, 0] if label.layer is Layer.INPUT else theta.W2[0, label.neuron] for label in labels
        ]
        return Component(tuple(sign_of(v, repr(label)) for v, label in zip(weights, labels, strict=True)), labels)

    def _violations(self, theta: Parameters, tolerance: object) -> list[int]:
        got = (theta.d_in, theta.width, theta.d_out, theta.has_bias)
        expected = (self.d_in, self.width, self.d_out, self.bias)
        if got != expected:
            raise ShapeError(f"theta: got (d_in, width, d_out, bias) = {got}; expected {expected}")
        return [k for k, Q in enumerate(self.factors()) if not Q.contains(theta.neuron(k), tolerance)]

    def _require(self, theta: Parameters, tolerance: object) -> None:
        violations = self._violations(theta, tolerance)
        if violations:
            k = violations[0]
            neuron = theta.neuron(k)
            raise OffQuadricError(
                f"theta: got |w|^2 - |a|^2 = {neuron.input_square - neuron.output_square} in neuron {k}; expected "
                f"c[{k}] = {self.c[k]} (rescale θ to this imbalance, or give a tolerance for floats)"
            )

    def __repr__(self) -> str:
        shown = ", ".join(map(str, self.c[:6])) + (", ..." if len(self.c) > 6 else "")
        return f"InvariantSet(d_in={self.d_in}, d_out={self.d_out}, c=[{shown}], bias={self.bias})"
