"""Networks as vectors."""

import pytest
import sympy

from quadrics.errors import ShapeError
from quadrics.expansion.coordinates import from_vector, to_vector
from quadrics.network import Parameters


@pytest.mark.parametrize(("d_in", "m", "d_out"), [(1, 1, 1), (2, 3, 1), (1, 2, 3), (3, 2, 2)])
def test_round_trip(d_in, m, d_out):
    v = sympy.symbols(f"v0:{m * (d_in + d_out)}", real=True)
    theta = from_vector(v, d_in, d_out)
    assert to_vector(theta) == v
    assert theta.neuron(0).w == v[:d_in]
    assert theta.neuron(0).a == v[m * d_in : m * d_in + d_out]


def test_bad_lengths():
    for length in (0, 4):
        with pytest.raises(ShapeError):
            from_vector(range(length), 2, 1)
    assert to_vector(Parameters([[1]], [[2]])) == (1, 2)
