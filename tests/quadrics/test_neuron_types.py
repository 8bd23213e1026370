"""Types of neurons: signs read off exactly, and Proposition 4's table of what fits where."""

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from quadrics.errors import ImbalanceError, ShapeError
from quadrics.network import Neuron, Parameters
from quadrics.neuron_types import I_MINUS, I_PLUS, N_MINUS, N_PLUS, NeuronType, O, Z, neuron_type, signs_of, types_of


@pytest.mark.parametrize(
    ("kind", "fits"),
    [(N_PLUS, "-0+"), (N_MINUS, "-0+"), (I_PLUS, "-"), (I_MINUS, "-"), (O, "+"), (Z, "0")],
)
def test_table_of_proposition_4(kind, fits):
    assert "".join(name for name, sign in (("-", -1), ("0", 0), ("+", 1)) if kind.fits(sign)) == fits
    assert kind.is_degenerate == (len(fits) == 1)


@settings(deadline=None)
@given(st.integers(-3, 3), st.integers(-3, 3), st.integers(-9, 9))
def test_fits_is_whether_the_quartic_has_a_positive_root(w, a, c):
    """A α⁴ − c α² − C = 0 (eq. 22), solved by SymPy, has α > 0 exactly when the type fits the sign of c."""
    x = sympy.Symbol("x", positive=True)
    equation = w**2 * x**2 - c * x - a**2
    solvable = equation == 0 or bool(sympy.solve(equation, x))
    assert neuron_type(Neuron((w, 0), (a,))).fits((c > 0) - (c < 0)) == solvable


def test_exact_signs_of_irrational_weights():
    tiny = sympy.sqrt(2) - sympy.Rational(665857, 470832)
    assert neuron_type(Neuron((0, 1), (tiny,))) == N_MINUS
    assert neuron_type(Neuron((tiny,), (1, 1))) == NeuronType(-1, 1)
    assert types_of(Parameters([[0, 0], [0, 0]], [[0, 1]], b1=[1, 0])) == (O, I_PLUS)


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda: signs_of("-1"), ImbalanceError, "sequence"),
        (lambda: signs_of([]), ImbalanceError, "at least one"),
        (lambda: signs_of([sympy.Symbol("t", real=True)]), ImbalanceError, "sign is not known"),
        (lambda: signs_of([sympy.I]), ImbalanceError, "not real"),
        (lambda: neuron_type(Neuron((sympy.Symbol("t", real=True),), (1,))), ShapeError, "sign is not known"),
    ],
)
def test_bad_input(call, error, says):
    with pytest.raises(error, match=says):
        call()


def test_symbols_with_assumptions_have_signs():
    t = sympy.Symbol("t", negative=True)
    assert signs_of([t, t**2]) == (-1, 1)
    assert neuron_type(Neuron((1, 0), (t,))) == N_MINUS
