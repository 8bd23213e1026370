r"""Formulas that overflow or cancel as written, by functions of torch that do neither.

With ``S(u) = 1/(1 + exp(-u))`` the identities are

.. math::
    \log(1 + e^u) = \mathrm{Softplus}(u), \quad (1 + e^u)^{-n} = S(-u)^n, \quad
    e^{ku} S(-u)^n = S(u)^k S(-u)^{n-k} \ (1 \le k \le n), \quad
    1 - \tanh^2 u = 4 S(2u) S(-2u), \quad 1 \pm \mathrm{erf}\, u = \mathrm{erfc}(\mp u).

``Sigmoid``, ``Softplus`` and ``Erfc`` know their own derivatives as products, so that a derivative of a stable formula
is stable: ``Sigmoid(u)' = Sigmoid(u) Sigmoid(-u)`` keeps its digits where ``S - S^2`` has none left.

>>> z = sympy.Symbol("z", real=True)
>>> stable(sympy.log(1 + sympy.exp(z)) + sympy.exp(z) / (1 + sympy.exp(z)) ** 2)
Sigmoid(-z)*Sigmoid(z) + Softplus(z)
>>> stable(sympy.log(2 + sympy.exp(z)))
log(exp(z) + 2)
"""

from __future__ import annotations

from typing import Any

import sympy

__all__ = ["Erfc", "Sigmoid", "Softplus", "stable"]


class Sigmoid(sympy.Function):  # type: ignore[misc]  # SymPy ships no types
    """``1/(1 + exp(-u))``, left as it is; ``torch.sigmoid``."""

    nargs = 1
    is_positive = True

    def fdiff(self, argindex: int = 1) -> Any:
        """Return the derivative ``Sigmoid(u) Sigmoid(-u)``."""
        return Sigmoid(self.args[0]) * Sigmoid(-self.args[0])

    def _eval_rewrite_as_exp(self, u: Any, **kwargs: Any) -> Any:
        return 1 / (1 + sympy.exp(-u))

    def _eval_evalf(self, prec: int) -> Any:
        return self.rewrite(sympy.exp)._eval_evalf(prec)


class Softplus(sympy.Function):  # type: ignore[misc]  # SymPy ships no types
    """``log(1 + exp(u))``, left as it is; ``torch.logaddexp(u, 0)``."""

    nargs = 1
    is_positive = True

    def fdiff(self, argindex: int = 1) -> Any:
        """Return the derivative ``Sigmoid(u)``."""
        return Sigmoid(self.args[0])

    def _eval_rewrite_as_exp(self, u: Any, **kwargs: Any) -> Any:
        return sympy.log(1 + sympy.exp(u))

    def _eval_evalf(self, prec: int) -> Any:
        return self.rewrite(sympy.exp)._eval_evalf(prec)


class Erfc(sympy.Function):  # type: ignore[misc]  # SymPy ships no types
    """``1 - erf(u)``, left as it is (SymPy's own turns ``erfc(-u)`` into ``2 - erfc(u)``); ``torch.erfc``."""

    nargs = 1
    is_positive = True

    def fdiff(self, argindex: int = 1) -> Any:
        """Return the derivative of the Gaussian integral."""
        return -2 * sympy.exp(-(self.args[0] ** 2)) / sympy.sqrt(sympy.pi)

    def _eval_rewrite_as_exp(self, u: Any, **kwargs: Any) -> Any:
        return sympy.erfc(u)

    def _eval_evalf(self, prec: int) -> Any:
        return self.rewrite(sympy.exp)._eval_evalf(prec)


def stable(expr: Any) -> Any:
    """Return an equal expression, rewritten by the identities of the module wherever one applies."""
    if not expr.has(sympy.exp, sympy.tanh, sympy.erf):
        return expr
    for head, rule in (
        (sympy.Pow, _inverse_power),
        (sympy.log, _logarithm),
        (sympy.Mul, _product),
        (sympy.Add, _sum),
    ):
        expr = expr.replace(head, lambda *args, head=head, rule=rule: _or_itself(rule(head(*args)), head(*args)))
    return expr


def _or_itself(result: Any, expr: Any) -> Any:
    return expr if result is None else result


def _exponent(expr: Any) -> Any:
    """Return u where the expression is ``1 + exp(u)``, and None otherwise."""
    if expr.is_Add and len(expr.args) == 2 and expr.args[0] == 1 and isinstance(expr.args[1], sympy.exp):
        return expr.args[1].args[0]
    return None


def _inverse_power(expr: Any) -> Any:
    if not (expr.is_Pow and expr.exp.is_Integer and expr.exp.is_negative):
        return None
    u = _exponent(expr.base)
    return None if u is None else Sigmoid(-u) ** -expr.exp


def _logarithm(expr: Any) -> Any:
    u = _exponent(expr.args[0]) if isinstance(expr, sympy.log) else None
    return None if u is None else Softplus(u)


def _product(expr: Any) -> Any:
    """Take ``exp(k u)`` into ``Sigmoid(-u)**n``."""
    if not expr.is_Mul:
        return None
    exponentials = [f for f in expr.args if isinstance(f, sympy.exp)]
    for factor in expr.args:
        base, n = factor.as_base_exp()
        if not (isinstance(base, Sigmoid) and n.is_Integer and n.is_positive):
            continue
        u = -base.args[0]
        for exponential in exponentials:
            k = exponential.args[0] / u
            if k.is_Integer and 1 <= k <= n:
                return expr / exponential / factor * Sigmoid(u) ** k * Sigmoid(-u) ** (n - k)
    return None


def _sum(expr: Any) -> Any:
    """Replace ``c (1 - tanh(u)^2)`` and ``c (1 +- erf(u))`` among the terms of a sum."""
    if not expr.is_Add:
        return None
    for term in expr.args:
        c, rest = term.as_coeff_Mul()
        if rest.is_Pow and rest.exp == 2 and isinstance(rest.base, sympy.tanh) and -c in expr.args:
            u = 2 * rest.base.args[0]
            return expr - term + c - 4 * c * Sigmoid(u) * Sigmoid(-u)
        if isinstance(rest, sympy.erf):
            for sign in (1, -1):
                if sign * c in expr.args:
                    return expr - term - sign * c + sign * c * Erfc(-sign * rest.args[0])
    return None
