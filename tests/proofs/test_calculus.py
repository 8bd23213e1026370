"""The rules of analysis hold where they should, refuse what is wrong, and admit what they cannot decide."""

import pytest
import sympy as sp

from proofs.calculus import change_variable, nonnegative, squeeze, tonelli
from proofs.evidence import Truth

z, d, r, u, s = sp.symbols("z d r u s", positive=True)


@pytest.mark.parametrize(
    "expression",
    [
        z - sp.log(1 + z),
        sp.log(1 + z) - z + z**2 / 2,
        sp.exp(z) - 1 - z,
        sp.log(1 + z) - z / (1 + z),
        d * z,
        1 - sp.exp(-z),
    ],
)
def test_nonnegative_functions(expression):
    assert nonnegative(z).decide(expression, True).truth is Truth.HOLDS
    assert nonnegative(z).decide(expression, False).truth is Truth.VIOLATED


@pytest.mark.parametrize("expression", [sp.log(1 + z) - z, z - z**2, 1 - z / 400, sp.Integer(-1), sp.exp(-z) - d])
def test_functions_that_are_negative_somewhere(expression):
    assert nonnegative(z).decide(expression, True).truth is Truth.VIOLATED


def test_a_function_it_cannot_decide():
    assert nonnegative(z, depth=0).decide(z - sp.log(1 + z), True).truth is Truth.UNDECIDED


def test_the_start_matters():
    assert nonnegative(z, 1).decide(z - 1, True).truth is Truth.HOLDS
    assert nonnegative(z, 0).decide(z - 1, True).truth is Truth.VIOLATED


def test_tonelli():
    f = u * sp.exp(-u * (1 + r))
    one = sp.Integral(f, (r, 0, s), (u, 0, sp.oo))
    assert tonelli.decide(one, sp.Integral(f, (u, 0, sp.oo), (r, 0, s))).truth is Truth.HOLDS
    assert tonelli.decide(one, sp.Integral(2 * f, (u, 0, sp.oo), (r, 0, s))).truth is Truth.VIOLATED
    assert tonelli.decide(one, sp.Integral(f, (u, 0, sp.oo), (r, 0, 2 * s))).truth is Truth.VIOLATED
    signed = sp.Integral(sp.cos(u) * r, (r, 0, s), (u, 0, sp.oo))
    swapped = sp.Integral(sp.cos(u) * r, (u, 0, sp.oo), (r, 0, s))
    assert tonelli.decide(signed, swapped).truth is Truth.UNDECIDED
    dependent = sp.Integral(f, (r, 0, u), (u, 0, sp.oo))
    assert tonelli.decide(dependent, sp.Integral(f, (u, 0, sp.oo), (r, 0, u))).truth is Truth.UNDECIDED
    assert tonelli.decide(f, f).truth is Truth.UNDECIDED


def test_change_of_variable():
    rule = change_variable(s, r * u, r)
    before = sp.Integral(sp.exp(-s), (s, 0, d * u))
    assert rule.decide(before, sp.Integral(u * sp.exp(-r * u), (r, 0, d))).truth is Truth.HOLDS
    assert rule.decide(before, sp.Integral(sp.exp(-r * u), (r, 0, d))).truth is Truth.VIOLATED
    assert rule.decide(before, sp.Integral(u * sp.exp(-r * u), (r, 0, u))).truth is Truth.VIOLATED
    assert change_variable(s, -r * u, r).decide(before, before).truth is Truth.UNDECIDED
    assert rule.decide(before, s).truth is Truth.UNDECIDED


def test_squeeze():
    assert squeeze(z, sp.oo).decide((1 - 1 / z, 1 + 1 / z), sp.Integer(1)).truth is Truth.HOLDS
    assert squeeze(z, sp.oo).decide((1 - 1 / z, 2 + 1 / z), sp.Integer(1)).truth is Truth.VIOLATED
    assert squeeze(z, sp.oo).decide((z, z + 1), sp.oo).truth is Truth.HOLDS
    assert squeeze(z, sp.oo).decide((z, z + 1), sp.Integer(5)).truth is Truth.VIOLATED
