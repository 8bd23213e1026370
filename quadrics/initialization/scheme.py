"""An initialization scheme and what it says about H(c) for a shallow network with one output."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from mpmath.libmp import dps_to_prec
from sympy import Pow, Rational, S, Symbol, sympify

from ..errors import DimensionError, SchemeError
from ..reachability import KinkTarget
from ..validation import as_count, as_real

INPUTS = Symbol("d", integer=True, positive=True)
"""The number of inputs ``d`` in a scheme's formulas."""

WIDTH = Symbol("l", integer=True, positive=True)
"""The number of hidden neurons ``l`` in a scheme's formulas."""

LARGEST_EXPANDED_WIDTH = 1000
"""Up to this width the power of a rational probability is multiplied out."""


def as_dimension(value: Any, name: str) -> Any:
    """A number of inputs or of neurons: a SymPy integer, or a symbolic expression that may be a positive integer.

    Raises:
        DimensionError: for anything else (0, negative numbers, floats, booleans, text).

    >>> as_dimension(3, "d_in"), as_dimension(WIDTH, "width")
    (3, l)
    >>> as_dimension(0, "d_in")
    Traceback (most recent call last):
        ...
    quadrics.errors.DimensionError: d_in: got 0; expected an integer of at least 1
    """
    return sympify(as_count(value, name, minimum=1))


def require_integer(value: Any, name: str) -> Any:
    """A number of inputs or neurons that must be known, as a SymPy integer.

    Raises:
        DimensionError: for a symbol, and for everything that is no positive integer.

    >>> require_integer(WIDTH, "width")
    Traceback (most recent call last):
        ...
    quadrics.errors.DimensionError: width: got l; expected a known integer, because the answer depends on its value
    """
    number = as_dimension(value, name)
    if not number.is_number:
        raise DimensionError(f"{name}: got {number}; expected a known integer, because the answer depends on its value")
    return number


class HiddenBias(StrEnum):
    """How the hidden bias ``b1`` starts."""

    NONE = "none"
    """The network has no hidden bias."""
    ZERO = "zero"
    """There is one and it starts at zero: the same imbalances, but every quadric with c > 0 is connected."""
    DRAWN = "drawn"
    """It is drawn from the law of one more input weight (the default of ``torch.nn.Linear``)."""


@dataclass(frozen=True)
class Scheme(ABC):
    r"""A law of the initial weights of :math:`f(x) = \sum_k a_k \sigma(w_k \cdot x + b_k)` (one output).

    A neuron is *pathological* when :math:`c_k = |w_k|^2 (+ b_k^2) - a_k^2 < 0` (section 4 of Nurisso et al.);
    Appendix F asks for the probability that H(c) is disconnected. All results are exact SymPy expressions; ``d_in`` and
    ``width`` may be symbols, which stand for any number of inputs of at least 2 (1 with a hidden bias).
    """

    name: str
    bias: HiddenBias

    @abstractmethod
    def pathological_probability(self, d_in: Any, width: Any) -> Any:
        """The probability that one given hidden neuron starts pathological."""

    def some_pathological_probability(self, d_in: Any, width: Any) -> Any:
        r"""The probability :math:`1 - (1 - \rho)^l` that at least one of ``width`` neurons is pathological."""
        return 1 - power(1 - self.pathological_probability(d_in, width), as_dimension(width, "width"))

    def obstruction_probability(self, d_in: Any, width: Any) -> Any:
        """The probability that the invariant set H(c) of the initial parameters is disconnected.

        It is the probability of a pathological neuron, except for ``d_in = 1`` without hidden bias, where every neuron
        disconnects H(c) (Corollary 1 of Nurisso et al.), so that the answer is 1. Being disconnected is not yet being
        unable to reach an optimum: see :meth:`unreachable_probability`.
        """
        if self.always_disconnected(d_in):
            as_dimension(width, "width")
            return S.One
        return self.some_pathological_probability(d_in, width)

    def unreachable_probability(self, d_in: Any, width: Any, positive: int, negative: int) -> Any:
        """The probability that a target cannot be expressed on the component of H(c) where training starts.

        The target has ``positive`` hyperplanes of positive and ``negative`` of negative kink; see
        :class:`quadrics.reachability.KinkTarget`, whose trinomial sum this is. It is far below the probability that
        H(c) is disconnected, which Appendix F of Nurisso et al. calls the probability of obstruction.

        Raises:
            DimensionError: for a symbolic width, and for one input without hidden bias (there are no hyperplanes).
            SchemeError: for a scheme whose neurons are dependent.

        >>> from quadrics.initialization import uniform
        >>> toy = uniform(1, 1)
        >>> toy.unreachable_probability(2, 2, 0, 1).evalf(4), toy.obstruction_probability(2, 2).evalf(4)
        (0.01713, 0.4551)
        """
        if self.always_disconnected(d_in):
            raise DimensionError("d_in: got 1 without a hidden bias; expected at least 2 inputs, or a hidden bias")
        rho = self.pathological_probability(d_in, width)
        return KinkTarget(positive, negative).obstruction_probability(require_integer(width, "width"), rho)

    def always_disconnected(self, d_in: Any) -> bool:
        """Whether H(c) is disconnected whatever the draw: one input and no hidden bias."""
        return bool(as_dimension(d_in, "d_in") == 1 and self.bias is HiddenBias.NONE)

    def coordinates(self, d_in: Any) -> Any:
        """The number of independent coordinates in ``|w_k|^2 (+ b_k^2)``."""
        return as_dimension(d_in, "d_in") + (1 if self.bias is HiddenBias.DRAWN else 0)

    @abstractmethod
    def wide_limit(self, d_in: Any) -> Any:
        """The limit of the obstruction probability for ever more hidden neurons, at ``d_in`` inputs."""

    @abstractmethod
    def many_inputs_limit(self, width: Any) -> Any:
        """The limit of the obstruction probability for ever more inputs, at ``width`` hidden neurons."""


def as_scale(value: Any, name: str) -> Any:
    """A positive scale (standard deviation, half-width): a number or an expression in :data:`INPUTS` and :data:`WIDTH`.

    A float is taken as the binary fraction that it is.

    Raises:
        SchemeError: for a scale that is zero, negative, text, complex, NaN or infinite.

    >>> as_scale(0.5, "sigma1")
    1/2
    >>> as_scale(-1, "sigma1")
    Traceback (most recent call last):
        ...
    quadrics.errors.SchemeError: sigma1 = -1: expected a positive number; give a standard deviation or half-width.
    """
    scale = as_real(value, name, SchemeError)
    if scale.is_Float:
        scale = Rational(*float(scale).as_integer_ratio())
    if not scale.is_positive:
        raise SchemeError(f"{name} = {value}: expected a positive number; give a standard deviation or half-width.")
    return scale


def power(probability: Any, width: Any) -> Any:
    """``probability ** width``, left unevaluated for a large width (a rational number would get millions of digits).

    >>> power(Rational(1, 2), 10), power(Rational(1, 2), 10**9).evalf(5, maxn=10**4)
    (1/1024, 2.1678e-301029996)
    """
    width = sympify(width)
    return Pow(probability, width, evaluate=not (width.is_number and width > LARGEST_EXPANDED_WIDTH))


def in_dimensions(expression: Any, d_in: Any, width: Any) -> Any:
    """Put the dimensions into a scheme's formula.

    >>> in_dimensions(2 / INPUTS, 4, 3)
    1/2
    """
    d_in, width = as_dimension(d_in, "d_in"), as_dimension(width, "width")
    return sympify(expression).subs({INPUTS: d_in, WIDTH: width}, simultaneous=True)


def evaluate(expression: Any, digits: int = 15) -> Any:
    """A probability as a SymPy ``Float`` with ``digits`` correct digits, however small it is.

    ``expression.evalf()`` gives up after 100 digits of cancellation, which ``1 - (1 - rho)**l`` passes as soon as
    ``rho`` is below ``1e-100``; this works on until the digits are there.

    >>> from quadrics.initialization import kaiming_normal
    >>> evaluate(kaiming_normal().obstruction_probability(300, 3000), 5)
    8.9493e-155
    """
    expression = sympify(expression)
    for maxn in (100, 1000, 10_000, 100_000):
        value = expression.evalf(digits, maxn=maxn)
        if not value.is_Number or value._prec >= dps_to_prec(digits):
            break
    return value
