"""Γ_s and Γ̄_s: three descriptions of the same set."""

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from quadrics.errors import ReducibleError, ShapeError
from quadrics.expansion.configurations import Configuration
from quadrics.expansion.coordinates import to_vector
from quadrics.expansion.enumeration import affine_subspaces, critical_subspaces
from quadrics.expansion.reduction import output
from quadrics.expansion.subspaces import CriticalSubspace, ExpansionSubspace, configuration_in
from quadrics.network import Parameters
from quadrics.symmetry import permute

CORE = Parameters([[1, 2], [0, -1]], [[3, -3], [1, 0]])
NARROW = Parameters([[1], [4]], [[3, 5]])


def combinations(space):
    return st.lists(st.integers(-3, 3), min_size=space.dimension, max_size=space.dimension)


@pytest.mark.parametrize("core", [CORE, NARROW])
@pytest.mark.parametrize("m", [2, 3, 4])
def test_dimensions_and_distinctness(core, m):
    """Formula, directions and rank agree; no subspace contains another."""
    spaces = [ExpansionSubspace(core, P) for P in affine_subspaces(2, m)]
    for S in spaces:
        assert S.dimension == len(S.direction_vectors()) == S.affine().dimension
    forms = [S.affine() for S in spaces]
    assert len(set(forms)) == len(forms)
    if m < 4:
        assert not any(a.includes(b) for a in forms for b in forms if a != b)


@settings(deadline=None, max_examples=40)
@given(st.data())
def test_membership_is_the_equations(data):
    m = data.draw(st.integers(2, 4))
    S = ExpansionSubspace(CORE, data.draw(st.sampled_from(list(affine_subspaces(2, m)))))
    other = ExpansionSubspace(CORE, data.draw(st.sampled_from(list(affine_subspaces(2, m)))))
    theta = S.point(data.draw(combinations(S)))
    assert S.contains(theta)
    assert S.affine().contains(to_vector(theta))
    assert other.contains(theta) == other.affine().contains(to_vector(theta))
    bent = Parameters(theta.W1, theta.W2 + sympy.Matrix(2, m, lambda e, i: int(e == i == 0)))
    assert not S.contains(bent)
    assert not S.affine().contains(to_vector(bent))


@settings(deadline=None, max_examples=15)
@given(st.data())
def test_the_general_point_computes_what_the_core_computes(data):
    P = data.draw(st.sampled_from(list(affine_subspaces(2, 4))))
    S = ExpansionSubspace(CORE, P)
    x = sympy.symbols("x1 x2", real=True)
    assert (output(S.symbols(), x) - output(CORE, x)).expand() == sympy.zeros(2, 1)
    assert len(S.symbols().W1.free_symbols | S.symbols().W2.free_symbols) == S.dimension


@settings(deadline=None, max_examples=25)
@given(st.data())
def test_permutations_permute_subspaces(data):
    P = data.draw(st.sampled_from(list(affine_subspaces(2, 4))))
    perm = data.draw(st.permutations(range(4)))
    S = ExpansionSubspace(CORE, P)
    theta = permute(S.point(data.draw(combinations(S))), perm)
    assert ExpansionSubspace(CORE, P.permuted(perm)).contains(theta)


@settings(deadline=None, max_examples=25)
@given(st.data())
def test_critical_subspaces(data):
    m = data.draw(st.integers(2, 4))
    P = data.draw(st.sampled_from(list(critical_subspaces(2, m))))
    S, wide = CriticalSubspace(CORE, P), ExpansionSubspace(CORE, P)
    assert S.dimension == m - 2 == len(S.direction_vectors()) == S.affine().dimension
    theta = S.point(data.draw(combinations(S)))
    assert S.contains(theta)
    assert wide.contains(theta)
    assert wide.affine().includes(S.affine())
    spread = wide.point(data.draw(combinations(wide)))
    assert S.contains(spread) == S.affine().contains(to_vector(spread))


def test_critical_subspaces_do_not_meet():
    forms = [CriticalSubspace(NARROW, P).affine() for P in critical_subspaces(2, 4)]
    assert all(a.intersection(b) is None for a in forms for b in forms if a != b)


def test_for_one_output_the_critical_subspace_is_the_whole_one():
    for P in critical_subspaces(2, 4):
        assert CriticalSubspace(NARROW, P).affine() == ExpansionSubspace(NARROW, P).affine()


def test_configuration_in():
    for P in affine_subspaces(2, 4):
        S = ExpansionSubspace(NARROW, P)
        generic = S.symbols()
        found = configuration_in(NARROW, generic)
        assert found == P
    assert configuration_in(NARROW, Parameters([[1], [4], [9]], [[3, 5, 1]])) is None
    assert configuration_in(NARROW, Parameters([[1], [4]], [[3, 6]])) is None
    assert configuration_in(NARROW, Parameters([[1, 1]], [[3]])) is None


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda: ExpansionSubspace(Parameters([[1], [1]], [[1, 1]]), Configuration(2, (1, 2))), ReducibleError),
        (lambda: ExpansionSubspace(NARROW, Configuration(1, (1, 1))), ShapeError),
        (lambda: ExpansionSubspace(Parameters([[1]], [[1]], [[0]]), Configuration(1, (1,))), ShapeError),
        (lambda: CriticalSubspace(NARROW, Configuration(2, (1, 2, -1))), ShapeError),
        (lambda: ExpansionSubspace(NARROW, Configuration(2, (1, 2))).point([1]), ShapeError),
    ],
)
def test_bad_input(call, error):
    with pytest.raises(error):
        call()


def test_points_of_another_shape_are_outside():
    S = ExpansionSubspace(NARROW, Configuration(2, (1, 2, 2)))
    assert not S.contains(NARROW)
    assert not CriticalSubspace(NARROW, Configuration(2, (1, 2, 2))).contains(NARROW)
