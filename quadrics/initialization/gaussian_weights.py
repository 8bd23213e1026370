"""Gaussian initializations: Kaiming normal, Xavier normal and any other, through the Fisher-Snedecor law."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Any

from sympy import S, Symbol, betainc_regularized, diff, exp, integrate, limit, oo, sympify, together
from sympy import beta as beta_function

from .beta import fisher_cdf, half_integer_beta, leading_term
from .scheme import INPUTS, WIDTH, HiddenBias, Scheme, as_dimension, as_scale, in_dimensions, power, require_integer


@dataclass(frozen=True)
class Gaussian(Scheme):
    r"""Independent weights :math:`w_{ki} \sim N(0, \sigma_1^2)`, :math:`a_k \sim N(0, \sigma_2^2)` (Appendix F).

    ``variance1`` and ``variance2`` are expressions in the numbers of inputs and of hidden neurons, so that a scheme
    *is* its two variances and every formula below is derived from them.

    Examples:
        >>> xavier_normal().fisher_argument(INPUTS, WIDTH)
        d*(l + 1)/(d + l)
        >>> kaiming_normal().obstruction_probability(2, 8)
        369/625

        With one input and no hidden bias H(c) is always disconnected, pathological neurons or not:

        >>> kaiming_normal().obstruction_probability(1, 3), kaiming_normal().some_pathological_probability(1, 3)
        (1, 19/27)
    """

    variance1: Any = field(default=S.One)
    variance2: Any = field(default=S.One)

    def __post_init__(self) -> None:
        for label in ("variance1", "variance2"):
            object.__setattr__(self, label, as_scale(getattr(self, label), label))

    def variance_ratio(self, d_in: Any, width: Any) -> Any:
        r"""The ratio :math:`t = \sigma_1^2 / \sigma_2^2`, on which alone everything depends.

        >>> kaiming_normal().variance_ratio(3, 12)
        4
        """
        return together(in_dimensions(self.variance1 / self.variance2, d_in, width))

    def fisher_argument(self, d_in: Any, width: Any) -> Any:
        r"""The argument :math:`n t` of :math:`F_{1, n}`, ``n`` the number of coordinates (``d``, or ``d + 1``).

        >>> kaiming_normal().fisher_argument(INPUTS, WIDTH)
        l
        """
        return together(self.coordinates(d_in) * self.variance_ratio(d_in, width))

    def healthy_probability(self, d_in: Any, width: Any) -> Any:
        r"""The probability :math:`F_{1, n}(n \sigma_1^2 / \sigma_2^2)` that a given neuron has :math:`c_k \geq 0`.

        >>> kaiming_normal().healthy_probability(2, 8)
        2*sqrt(5)/5
        """
        return fisher_cdf(self.fisher_argument(d_in, width), self.coordinates(d_in))

    def pathological_probability(self, d_in: Any, width: Any) -> Any:
        r"""The probability :math:`\rho = I_{1/(1+t)}(n/2, 1/2)` that a given neuron is pathological.

        >>> xavier_normal().pathological_probability(1, 5)
        1/2
        >>> kaiming_normal().pathological_probability(INPUTS, WIDTH)
        betainc_regularized(d/2, 1/2, 0, d/(d + l))
        """
        odds = together(1 / self.variance_ratio(d_in, width))
        return half_integer_beta(self.coordinates(d_in) / 2, S.Half, odds)

    def some_pathological_probability(self, d_in: Any, width: Any) -> Any:
        r"""The probability :math:`1 - F_{1, n}(n t)^l` that at least one of ``width`` neurons is pathological.

        >>> xavier_normal().some_pathological_probability(1, 5)
        31/32
        """
        return 1 - power(self.healthy_probability(d_in, width), as_dimension(width, "width"))

    def many_inputs_limit(self, width: Any) -> Any:
        r"""The limit for :math:`d \to \infty` at fixed width: :math:`1 - \mathrm{erf}(\sqrt{y/2})^l`, y = lim n t.

        It is not 0 (Appendix F's reading of Figure 5): :math:`|w_k|^2` concentrates, the single :math:`a_k^2` does not.

        >>> kaiming_normal().many_inputs_limit(1), xavier_normal().many_inputs_limit(WIDTH)
        (1 - erf(sqrt(2)/2), 1 - erf(sqrt(2)*sqrt(l + 1)/2)**l)
        """
        width = as_dimension(width, "width")
        inputs = Symbol("d", integer=True, positive=True)
        y = limit(self.fisher_argument(inputs, width), inputs, oo)
        return 1 - power(fisher_cdf_of_many_inputs(y), width)

    def wide_limit(self, d_in: Any) -> Any:
        r"""The limit for :math:`l \to \infty` at ``d_in`` inputs.

        Where :math:`\rho` stays away from 0 it is 1; where :math:`\rho \to 0` it is
        :math:`1 - e^{-\lambda}`, :math:`\lambda = \lim l \rho` (``oo`` allowed), by the beta function's leading term.

        Raises:
            DimensionError: for a symbolic ``d_in``: the answer jumps from 1 to 1 - 1/e to 0 at d = 1, 2, 3 (Kaiming).

        >>> [kaiming_normal().wide_limit(d) for d in (1, 2, 3, 4)]
        [1, 1 - exp(-1), 0, 0]
        >>> [xavier_normal().wide_limit(d) for d in (1, 2, 3, 50)]
        [1, 1, 1, 1]
        """
        return wide_limit(self, 1 / (1 + self.variance_ratio(d_in, WIDTH)), d_in)


def wide_limit(scheme: Scheme, x: Any, d_in: Any) -> Any:
    r"""The limit for :math:`l \to \infty` when :math:`\rho = I_x(n/2, 1/2)`, ``x`` an expression in :data:`WIDTH`."""
    d_in = require_integer(d_in, "d_in")
    if scheme.always_disconnected(d_in) or limit(x, WIDTH, oo) != 0:
        return S.One
    expected_number = limit(WIDTH * leading_term(scheme.coordinates(d_in) / 2, S.Half, x), WIDTH, oo)
    return 1 - exp(-expected_number)


@cache
def _cdf_of_many_inputs() -> tuple[Any, Any]:
    """The limit of F(1, d) for d -> oo, and its variable."""
    y, d = Symbol("y", positive=True), Symbol("d", positive=True)
    density = diff(betainc_regularized(S.Half, d / 2, 0, y / (y + d)), y)
    shape = (density * beta_function(S.Half, d / 2) * d**S.Half).simplify()
    limiting = limit(shape, d, oo)
    x = Symbol("x", positive=True)
    return integrate(limiting, (y, 0, x)) / integrate(limiting, (y, 0, oo)), x


def fisher_cdf_of_many_inputs(x: Any) -> Any:
    r"""The limit of :math:`F_{1, d}(x)` for :math:`d \to \infty`, integrated from the limit of the density.

    Up to a constant the density is :math:`y^{-1/2} (1 + y/d)^{-(d+1)/2}`, for :math:`d \geq 3` below the integrable
    :math:`y^{-1/2} (1 + y/3)^{-3/2}`; by dominated convergence its integrals converge, the normalising one among them.

    >>> fisher_cdf_of_many_inputs(Symbol("x", positive=True))
    erf(sqrt(2)*sqrt(x)/2)
    """
    x = sympify(x)
    if x is oo:
        return S.One
    value, variable = _cdf_of_many_inputs()
    return value.subs(variable, x)


def gaussian(sigma1: Any, sigma2: Any, bias: HiddenBias = HiddenBias.NONE) -> Gaussian:
    """Gaussian weights of standard deviations ``sigma1`` (first layer) and ``sigma2`` (second layer).

    Raises:
        SchemeError: for a standard deviation that is not positive.

    >>> gaussian(1, 1).obstruction_probability(2, 1)
    1 - sqrt(2)/2
    >>> gaussian(0, 1)
    Traceback (most recent call last):
        ...
    quadrics.errors.SchemeError: sigma1 = 0: expected a positive number; give a standard deviation or half-width.
    """
    variances = as_scale(sigma1, "sigma1") ** 2, as_scale(sigma2, "sigma2") ** 2
    return Gaussian("Gaussian", HiddenBias(bias), *variances)


def kaiming_normal(bias: HiddenBias = HiddenBias.NONE) -> Gaussian:
    """Kaiming normal: variance 2 / fan_in in both layers (He et al. 2015).

    >>> kaiming_normal().obstruction_probability(2, WIDTH).subs(WIDTH, 1)
    1 - sqrt(3)/3
    """
    return Gaussian("Kaiming normal", HiddenBias(bias), 2 / INPUTS, 2 / WIDTH)


def xavier_normal(bias: HiddenBias = HiddenBias.NONE) -> Gaussian:
    r"""Xavier normal: variance 2 / (fan_in + fan_out) in both layers (Glorot and Bengio 2010).

    The argument of :math:`F_{1, d}` is therefore d(1+l)/(d+l); the (d+l)/d printed in Appendix F is another number.

    >>> xavier_normal().obstruction_probability(2, 1)
    1 - sqrt(10)/5
    """
    return Gaussian("Xavier normal", HiddenBias(bias), 2 / (INPUTS + WIDTH), 2 / (1 + WIDTH))
