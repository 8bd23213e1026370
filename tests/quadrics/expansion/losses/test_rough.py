"""C¹ losses without unique flows: their paths solve the equation, in two ways or with a meeting."""

import pytest
import sympy

from quadrics.errors import DimensionError, NonFiniteError
from quadrics.expansion.losses.rough import (
    A1,
    A2,
    POWER,
    ROOT,
    TIME,
    flow_residual,
    has_bounded_curvature_at_tie,
    leaving_path,
    merging_time,
    rough_activation,
    rough_loss,
    rough_network_field,
    rough_network_loss,
    smoothness_at_tie,
)

U = sympy.Symbol("u", real=True)


def test_paths_solve_the_equation_only_for_their_loss():
    assert flow_residual(rough_loss(-1), leaving_path()).is_zero_matrix
    assert not flow_residual(rough_loss(1), leaving_path()).is_zero_matrix
    assert flow_residual(rough_loss(1), leaving_path(), backward=True).is_zero_matrix
    assert not flow_residual(rough_loss(-2), leaving_path()).is_zero_matrix


def test_the_meeting_time():
    d = sympy.Symbol("d", positive=True)
    gap = leaving_path()[0] - leaving_path()[1]
    assert sympy.simplify(gap.subs(TIME, merging_time(d)) - d) == 0
    with pytest.raises(DimensionError, match="positive"):
        merging_time(0)
    with pytest.raises(NonFiniteError):
        merging_time("4")


@pytest.mark.parametrize(
    ("profile", "smooth", "bounded"),
    [
        (sympy.Abs(U) ** POWER, 1, False),
        (U * sympy.Abs(U), 1, True),
        (sympy.Abs(U), 0, True),
        (sympy.Abs(U) ** sympy.Rational(5, 2), 2, True),
        (sympy.exp(-(sympy.Abs(U) ** POWER)), 1, False),
        (U**2, 2, True),
    ],
)
def test_smoothness(profile, smooth, bounded):
    assert smoothness_at_tie(profile, U) == smooth
    assert has_bounded_curvature_at_tie(profile, U) == bounded


def test_the_network_separates_equal_neurons():
    loss = rough_network_loss()
    point = sympy.Matrix([[ROOT**2, A1], [0, A2]])
    gradient = loss.gradient_at(point).doit()
    v1, a1, a2 = rough_network_field()
    assert sympy.simplify(2 * ROOT * v1 + gradient[0, 0]) == 0
    assert sympy.simplify(a1 + gradient[0, 1]) == 0
    assert sympy.simplify(gradient[1, 0].subs(sympy.sign(0), 0)) == 0
    assert sympy.simplify(a2 + gradient[1, 1]) == 0
    assert rough_network_field().subs({ROOT: 0, A1: 1, A2: 1})[0] == sympy.Rational(1, 2)


def test_the_activation_is_positive():
    assert rough_activation(U).is_positive
    assert smoothness_at_tie(rough_activation(U), U) == 1
