"""The numbers that every closed form takes: integers in range or symbols."""

import pytest
import sympy

from quadrics.counts import as_count, as_counts, as_number, number_of_neurons
from quadrics.errors import DimensionError, ImbalanceError


def test_counts():
    n = sympy.Symbol("n", integer=True, nonnegative=True)
    assert as_counts(1, n, sympy.Integer(2)) == (1, n, 2)
    assert isinstance(as_number(sympy.Integer(3)), int)
    assert number_of_neurons([sympy.sqrt(2), -1, 0, -sympy.pi]) == (1, 2, 1)


@pytest.mark.parametrize("value", ["1", 1.5, -1, True, None, sympy.Rational(1, 2), sympy.Symbol("x", negative=True)])
def test_bad_input(value):
    with pytest.raises(DimensionError, match="l_plus: got"):
        as_count(value, "l_plus")


def test_no_neurons():
    with pytest.raises(ImbalanceError, match="at least one"):
        number_of_neurons([])
