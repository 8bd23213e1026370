"""Rescalings and permutations: invariance, composition under the one convention, refusals."""

from __future__ import annotations

from fractions import Fraction
from itertools import permutations

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy.combinatorics import Permutation

from quadrics.activation import Activation
from quadrics.errors import ShapeError, SymmetryError
from quadrics.network import Parameters, TwoLayer
from quadrics.symmetry import (
    RescalingPermutation,
    as_permutation,
    interchange,
    inverse_permutation,
    permutation_matrix,
    permute,
    positive_factors,
    rescale,
    rescaling_generator,
)

fractions = st.fractions(min_value=-4, max_value=4, max_denominator=5)
positives = st.fractions(min_value="1/5", max_value=4, max_denominator=5)


@st.composite
def networks(draw: st.DrawFn) -> tuple[Parameters, int]:
    d, width, e = draw(st.integers(1, 2)), draw(st.integers(1, 3)), draw(st.integers(1, 2))

    def rows(r: int, c: int) -> list[list[Fraction]]:
        return [[draw(fractions) for _ in range(c)] for _ in range(r)]

    bias = draw(st.booleans())
    return Parameters(rows(width, d), rows(e, width), rows(width, 1) if bias else None), width


@settings(max_examples=40)
@given(networks(), st.data())
def test_both_actions_leave_the_function_alone(network: tuple[Parameters, int], data: st.DataObject) -> None:
    theta, width = network
    degree = data.draw(st.integers(1, 2))
    sigma = Activation(data.draw(fractions), data.draw(fractions), degree)
    net = TwoLayer(theta.d_in, width, theta.d_out, sigma, theta.has_bias)
    x = [[data.draw(fractions)] for _ in range(theta.d_in)]
    alpha = data.draw(st.lists(positives, min_size=width, max_size=width))
    perm = data.draw(st.permutations(range(width)))
    assert net.output(x, rescale(theta, alpha, degree)) == net.output(x, theta)
    assert net.output(x, permute(theta, perm)) == net.output(x, theta)


def test_a_negative_factor_would_change_the_function() -> None:
    theta = Parameters([[1]], [[1]])
    net = TwoLayer(1, 1)
    mirrored = Parameters([[-1]], [[-1]])
    assert net.output([1], mirrored) != net.output([1], theta)


@settings(max_examples=40)
@given(networks(), st.data())
def test_rescaling_permutations_form_a_group_that_acts(network: tuple[Parameters, int], data: st.DataObject) -> None:
    theta, width = network

    def element() -> RescalingPermutation:
        alpha = data.draw(st.lists(positives, min_size=width, max_size=width))
        return RescalingPermutation(tuple(data.draw(st.permutations(range(width)))), tuple(alpha))

    f, g, h = element(), element(), element()
    assert (g @ h)(theta) == g(h(theta))
    assert (f @ g) @ h == f @ (g @ h)
    identity = RescalingPermutation.identity(width)
    assert g @ g.inverse() == g.inverse() @ g == identity
    assert identity(theta) == theta


def test_lemma_3_for_all_permutations_of_three() -> None:
    theta = TwoLayer(2, 3, 2, bias=True).symbols()
    alpha = sympy.symbols("alpha1:4", positive=True)
    for perm in permutations(range(3)):
        assert rescale(permute(theta, perm), alpha) == permute(rescale(theta, interchange(alpha, perm)), perm)


def test_permutations_act_from_the_right() -> None:
    for pi in permutations(range(3)):
        for rho in permutations(range(3)):
            composed = [rho[pi[i]] for i in range(3)]
            assert permutation_matrix(pi) * permutation_matrix(rho) == permutation_matrix(composed)
            assert permutation_matrix(Permutation(list(pi)) * Permutation(list(rho))) == permutation_matrix(composed)


def test_new_neuron_i_is_old_neuron_pi_i() -> None:
    theta = TwoLayer(2, 3, 2, bias=True).symbols()
    perm = [2, 0, 1]
    assert [permute(theta, perm).neuron(i) for i in range(3)] == [theta.neuron(j) for j in perm]
    assert permute(permute(theta, perm), inverse_permutation(perm, 3)) == theta


def test_generator_is_the_derivative_of_the_action() -> None:
    theta = TwoLayer(2, 2, 2, bias=True).symbols()
    t = sympy.Symbol("t", positive=True)
    for degree in (1, 3):
        moved = rescale(theta, [1, t], degree).entries()
        velocity = [sympy.diff(entry, t).subs(t, 1) for entry in moved]
        assert list(rescaling_generator(theta, 1, degree) * sympy.Matrix(theta.entries())) == velocity


def test_output_bias_stays() -> None:
    theta = TwoLayer(1, 2, 1, bias=True).symbols()
    g = RescalingPermutation((1, 0), (2, 3))
    assert g(theta).b2 == theta.b2


@pytest.mark.parametrize("bad", [[1, -1], [1, 0], [1, sympy.Symbol("x")], [1, sympy.Symbol("x", real=True)]])
def test_factors_must_be_positive(bad: list[object]) -> None:
    with pytest.raises(SymmetryError, match="expected a positive number"):
        rescale(Parameters([[1], [1]], [[1, 1]]), bad)


@pytest.mark.parametrize("bad", [[1], [1, 2, 3], 2, "12", []])
def test_one_factor_per_neuron(bad: object) -> None:
    with pytest.raises(ShapeError):
        positive_factors(bad, 2)


@pytest.mark.parametrize("bad", [[0, 0], [1, 2], [0], "01", 3, [0.0, 1.0], [True, False], Permutation(0, 2)])
def test_permutations_must_be_permutations(bad: object) -> None:
    with pytest.raises(SymmetryError, match="exactly once"):
        as_permutation(bad, 2)


def test_group_elements_must_have_one_width() -> None:
    with pytest.raises(ShapeError, match="widths"):
        RescalingPermutation.identity(2) @ RescalingPermutation.identity(3)


def test_prints_as_latex() -> None:
    assert "T_{(2, 3)}" in RescalingPermutation((1, 0), (2, 3))._repr_latex_()
