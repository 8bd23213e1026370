"""The limits behind figure 5: F_{1,d} for many inputs by squeezing, and many neurons by bounds of the beta function."""

from __future__ import annotations

from functools import cache
from typing import Any

import sympy as sp

from quadrics.initialization import INPUTS, WIDTH, fisher_cdf, half_integer_beta, kaiming_normal, xavier_normal

from ..calculus import nonnegative, squeeze
from ..derivation import Step, step
from ..rules import differentiate, equal, integrate, limit, recompute

D, L = INPUTS, WIDTH


@cache
def _log_gamma_limit(expression: Any) -> Any:
    """The limit for d -> oo of a product of powers and gamma functions, by its logarithm as a function of n = d/2."""
    n = sp.Symbol("n", positive=True)
    halved = expression.subs(D, 2 * n)
    gammas = {sp.log(g): sp.loggamma(g.args[0]) for g in halved.atoms(sp.gamma)}
    return sp.exp(sp.limit(sp.expand_log(sp.log(halved), force=True).subs(gammas), n, sp.oo))


def many_inputs() -> list[Step]:
    """F_{1,d}(x) lies between A/N and K A/N, A the integral of exp(-(d+1)y/2d)/√y, and both tend to erf(√(x/2))."""
    x, y, z = sp.symbols("x y z", positive=True)
    norm = (sp.sqrt(D) * sp.beta(sp.S.Half, D / 2)).rewrite(sp.gamma)
    shape = (1 + y / D) ** (-(D + 1) / 2) / sp.sqrt(y)
    exponent = -(D + 1) * y / (2 * D)
    area = sp.integrate(sp.exp(exponent) / sp.sqrt(y), (y, 0, x))
    excess = sp.exp((D + 1) * x**2 / (4 * D**2))
    steps = [
        step(
            equal,
            sp.diff(fisher_cdf(y, D), y).rewrite(sp.gamma),
            shape / norm,
            "the density of F(1, d), with N = √d B(1/2, d/2)",
        ),
        step(nonnegative(z), z - sp.log(1 + z), True, "log(1 + z) <= z"),
        step(nonnegative(z), sp.log(1 + z) - z + z**2 / 2, True, "log(1 + z) >= z - z²/2"),
        step(
            equal,
            -(D + 1) / 2 * (y / D - y**2 / (2 * D**2)),
            exponent + (D + 1) * y**2 / (4 * D**2),
            "with z = y/d: on [0, x] the density is between exp(-(d+1)y/2d)/(N√y) and exp((d+1)x²/4d²) times that",
        ),
        step(integrate((y, 0, x)), sp.exp(exponent) / sp.sqrt(y), area, "the integral A of the lower bound, times N"),
        step(recompute("limit d -> oo", _log_gamma_limit), norm, sp.sqrt(2 * sp.pi), "N tends to √(2π)"),
    ]
    for scheme, inside in ((kaiming_normal(), L), (xavier_normal(), 1 + L)):
        argument = scheme.fisher_argument(D, L)
        lower = area.subs(x, argument)
        tends = sp.sqrt(2 * sp.pi) * sp.erf(sp.sqrt(inside / 2))
        steps += [
            step(
                squeeze(D, sp.oo),
                (lower, excess.subs(x, argument) * lower),
                tends,
                f"{scheme.name}, x = {argument}: between A and exp((d+1)x²/4d²) A",
            ),
            step(
                equal,
                scheme.many_inputs_limit(L),
                1 - (tends / sp.sqrt(2 * sp.pi)) ** L,
                "so F_{1,d}(x) tends to erf, and the probability to",
            ),
        ]
    return steps


def limits_are_positive() -> list[Step]:
    x = sp.Symbol("x", positive=True)
    slope = 2 * sp.exp(-(x**2)) / sp.sqrt(sp.pi)
    steps = [
        step(differentiate(x), sp.erf(x), slope, "erf grows", conditions=[sp.Gt(slope, 0)]),
        step(limit(x, sp.oo), sp.erf(x), sp.Integer(1), "to 1: so 0 < erf < 1, and no limit is 0, whatever the width"),
    ]
    for scheme in (kaiming_normal(), xavier_normal()):
        many = scheme.many_inputs_limit(L)
        steps.append(step(limit(L, sp.oo), many, sp.Integer(0), f"{scheme.name}: small only when l is large, too"))
    return steps


def _beta() -> Any:
    """B(d/2, 1/2) by gamma functions, which SymPy knows to be positive."""
    return sp.beta(D / 2, sp.S.Half).rewrite(sp.gamma)


def many_neurons_xavier() -> list[Step]:
    """x > 1/2, so one neuron is pathological with more than a probability that does not depend on l."""
    z, s = sp.symbols("z s", positive=True)
    n = sp.Symbol("n", nonnegative=True)
    x = 1 / (1 + xavier_normal().variance_ratio(D, L))
    slope = sp.diff(half_integer_beta(D / 2, sp.S.Half, z), z).rewrite(sp.gamma)
    density = z ** (D / 2 - 1) * (1 + z) ** (-(D + 1) / 2) / _beta()
    return [
        step(equal, 2 * x - 1, (D - 1) / (D + 2 * L + 1), "x = 1/(1 + σ₁²/σ₂²), the argument of I_x(d/2, 1/2)"),
        step(nonnegative(n), (2 * x - 1).subs(D, 1 + n), True, "so x >= 1/2"),
        step(equal, slope, density, "I_x(d/2, 1/2), as a function of z = x/(1 - x), has this positive derivative",
             conditions=[sp.Gt(density, 0)]),
        step(
            limit(L, sp.oo),
            1 - (1 / (1 + s)) ** L,
            sp.Integer(1),
            "so one neuron is pathological with probability at least r = I_{1/2}(d/2, 1/2) > 0, and one of l with at "
            "least 1 - (1 - r)^l, r = s/(1 + s)",
        ),
    ]  # fmt: skip


def many_neurons_kaiming() -> list[Step]:
    z, norm = sp.symbols("z B", positive=True)
    n = sp.Symbol("n", nonnegative=True)
    l = sp.Symbol("l", positive=True)
    scheme = kaiming_normal()
    # x = z/(1 + z); the upper bound x^(d/2) (1 - x)^(-1/2) / (d/2 B), and I_x, as functions of the odds z
    bound = z ** (D / 2) * (1 + z) ** ((1 - D) / 2) / (D / 2 * _beta())
    slope = sp.diff(half_integer_beta(D / 2, sp.S.Half, z), z).rewrite(sp.gamma)
    rest = z ** (D / 2) * (1 + z) ** (-(1 + D) / 2) / (D * _beta())
    odds = sp.cancel(1 / scheme.variance_ratio(D, L))
    inside = sp.cancel(odds / (1 + odds))
    majorant = l * (inside.subs(L, l)) ** sp.Rational(3, 2) / sp.sqrt(1 - inside.subs(L, l)) / (D / 2 * norm)
    return [
        step(
            equal,
            scheme.obstruction_probability(2, L),
            1 - (L / (L + 2)) ** (L / 2),
            "d = 2: the probability in closed form",
        ),
        step(limit(L, sp.oo), 1 - (L / (L + 2)) ** (L / 2), 1 - sp.exp(-1), "its limit"),
        step(equal, scheme.wide_limit(2), 1 - sp.exp(-1)),
        step(
            equal,
            sp.diff(bound, z) - slope,
            rest,
            "d >= 3: x^(d/2) (1 - x)^(-1/2) / (d/2 B(d/2, 1/2)) grows faster than I_x(d/2, 1/2), both are 0 at 0",
            conditions=[sp.Gt(rest, 0)],
        ),
        step(equal, inside, D / (D + L), "x = 1/(1 + σ₁²/σ₂²)"),
        step(
            nonnegative(z),
            (1 + z) ** n - 1,
            True,
            "x^(d/2) <= x^(3/2) for d = 3 + 2n, n >= 0: (1/x)^n >= 1",
        ),
        step(
            squeeze(l, sp.oo),
            (sp.Integer(0), majorant),
            sp.Integer(0),
            "so the probability, at most l times that of one neuron, tends to 0",
        ),
        *(step(equal, scheme.wide_limit(d), sp.Integer(0)) for d in (3, 4, 5)),
    ]
