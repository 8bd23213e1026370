"""The affine subspaces of deep expansions: formula, directions, equations and the definitions agree."""

from itertools import pairwise, product

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from quadrics.errors import (
    DimensionError,
    DisconnectedError,
    NonFiniteError,
    OffManifoldError,
    ReducibleError,
    ShapeError,
)
from quadrics.expansion.configurations import Configuration
from quadrics.expansion.deep.blocks import Family
from quadrics.expansion.deep.manifold import DeepCriticalSubspace, DeepCriticalUnion, DeepExpansionManifold
from quadrics.expansion.deep.networks import DeepParameters, output
from quadrics.expansion.deep.paths import connect, most_segments
from quadrics.expansion.deep.subspaces import DeepSubspace, dimension_of, from_entries
from quadrics.expansion.subspaces import ExpansionSubspace
from quadrics.network import Parameters

LINE = DeepParameters([[[1]], [[2]], [[3]]])
CORE = DeepParameters([[[1, 2], [0, -1]], [[3, -3], [1, 0]], [[2, 1]]])
DEEP = DeepParameters([[[1]], [[2], [-1]], [[1, 3]], [[5]]])
CASES = [(LINE, (2, 3)), (CORE, (3, 2)), (DEEP, (2, 2, 2))]


def coefficients(space):
    return st.lists(st.integers(-2, 2), min_size=space.dimension, max_size=space.dimension)


@pytest.mark.parametrize("family", Family)
@pytest.mark.parametrize(("core", "m"), CASES)
def test_dimensions(core, m, family):
    for S in DeepExpansionManifold(core, m, family).subspaces():
        directions = sympy.Matrix([list(v) for v in S.direction_vectors()])
        assert S.dimension == directions.rows == directions.rank()
        assert S.dimension == sum(factor.dimension for factor in S.factors())
        assert S.contains(S.base_point)


@pytest.mark.parametrize("family", Family)
@pytest.mark.parametrize(("core", "m"), CASES)
def test_distinct_and_none_inside_another(core, m, family):
    Theta = DeepExpansionManifold(core, m, family)
    spaces = list(Theta.subspaces())
    assert len({S.factors() for S in spaces}) == len(spaces) == Theta.number_of_subspaces()
    assert not any(a.includes(b) for a, b in product(spaces[:40], repeat=2) if a != b)


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_membership_is_the_equations(data):
    core, m = data.draw(st.sampled_from(CASES))
    family, other = data.draw(st.sampled_from(Family)), data.draw(st.sampled_from(Family))
    S = data.draw(st.sampled_from(list(DeepExpansionManifold(core, m, family).subspaces())))
    R = data.draw(st.sampled_from(list(DeepExpansionManifold(core, m, other).subspaces())))
    theta = S.point(data.draw(coefficients(S)))
    for space in (S, R, DeepSubspace(core, S.configurations, other)):
        by_equations = all(f.contains(list(V)) for f, V in zip(space.factors(), theta.weights, strict=True))
        assert space.contains(theta) == by_equations
    assert S.contains(theta)
    bent = DeepParameters((*theta.weights[:-1], theta.weights[-1] + sympy.eye(*theta.weights[-1].shape)))
    assert not S.contains(bent)


@settings(deadline=None, max_examples=30)
@given(st.data())
def test_all_points_compute_what_the_core_computes(data):
    core, m = data.draw(st.sampled_from(CASES))
    S = data.draw(st.sampled_from(list(DeepExpansionManifold(core, m).subspaces())))
    names = sympy.symbols(f"c1:{S.dimension + 1}", real=True)
    x = sympy.symbols(f"x1:{core.d_in + 1}", real=True)
    assert (output(S.point(names), x) - output(core, x)).expand().is_zero_matrix


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_the_union_is_what_reduces_to_the_core(data):
    """Membership by reduction, in the order of the family, is membership in one of the subspaces."""
    core, m = data.draw(st.sampled_from(CASES))
    source = data.draw(st.sampled_from(list(DeepExpansionManifold(core, m).subspaces())))
    theta = source.point(data.draw(coefficients(source)))
    for family in Family:
        Theta = DeepExpansionManifold(core, m, family)
        assert Theta.contains(theta) == any(S.contains(theta) for S in Theta.subspaces())
        if Theta.contains(theta):
            assert DeepSubspace(core, Theta.configurations_of(theta), family).contains(theta)


@pytest.mark.parametrize(("core", "m"), CASES)
def test_the_full_family_includes_both_orders(core, m):
    for S in DeepExpansionManifold(core, m).subspaces():
        back = DeepSubspace(core, S.configurations, Family.LAST_TO_FIRST)
        forth = DeepSubspace(core, S.configurations, Family.FIRST_TO_LAST)
        assert S.includes(back)
        assert S.includes(forth)
        z = [P.number_of_zero_groups for P in S.configurations]
        assert S.dimension - back.dimension == sum(a * b for a, b in pairwise(z))


def test_one_hidden_layer_is_the_shallow_expansion():
    shallow = Parameters([[1, 2], [3, 4]], [[5, 6]])
    deep = DeepParameters((shallow.W1, shallow.W2))
    for S in DeepExpansionManifold(deep, (4,)).subspaces():
        assert S.dimension == ExpansionSubspace(shallow, S.configurations[0]).dimension
        assert S.base_point.weights == (lambda p: (p.W1, p.W2))(
            ExpansionSubspace(shallow, S.configurations[0]).base_point
        )
        assert len({DeepSubspace(deep, S.configurations, family).factors() for family in Family}) == 1


def test_dimension_formula_takes_symbols():
    m1, m2, r1, r2, z1, z2, d, e = sympy.symbols("m1 m2 r1 r2 z1 z2 d e")
    found = dimension_of([(d, d, 0), (m1, r1, z1), (m2, r2, z2), (e, e, 0)])
    assert sympy.expand(found - (d * z1 + m2 * (m1 - r1 - z1) + (r1 + z1) * z2 + e * (m2 - r2 - z2))) == 0


@settings(deadline=None, max_examples=40)
@given(st.data())
def test_paths_stay_inside(data):
    family = data.draw(st.sampled_from(Family))
    core, m = data.draw(st.sampled_from([(LINE, (2, 2)), (CORE, (3, 3)), (DEEP, (2, 3, 2))]))
    Theta = DeepExpansionManifold(core, m, family)
    ends = []
    for _ in range(2):
        P = tuple(
            Configuration(
                r,
                (
                    *data.draw(st.permutations(range(1, r + 1))),
                    *data.draw(st.lists(st.integers(-2, r).filter(bool), min_size=w - r, max_size=w - r)),
                ),
            )
            for r, w in zip(core.widths, m, strict=True)
        )
        S = DeepSubspace(core, P, family)
        ends.append(S.point(data.draw(coefficients(S))))
    path = connect(Theta, *ends)
    assert (path.corners[0], path.corners[-1]) == tuple(ends)
    assert path.number_of_segments <= most_segments(core.widths)
    assert path.stays_inside()
    for time in (sympy.Rational(1, 7), sympy.Rational(1, 2), 1):
        assert Theta.contains(path.at(time))


def test_no_path_between_orders_of_a_layer_without_extra_neurons():
    swapped = DeepParameters([[[0, -1], [1, 2], [5, 5]], [[-3, 3, 0], [0, 1, 0]], [[2, 1]]])
    start = DeepParameters([[[1, 2], [0, -1], [5, 5]], [[3, -3, 0], [1, 0, 0]], [[2, 1]]])
    assert connect(DeepExpansionManifold(CORE, (3, 2)), start, swapped).stays_inside()
    other = DeepParameters([[[1, 2], [0, -1], [5, 5]], [[1, 0, 0], [3, -3, 0]], [[1, 2]]])
    with pytest.raises(DisconnectedError, match="hidden layer 2"):
        connect(DeepExpansionManifold(CORE, (3, 2)), start, other)
    assert connect(DeepExpansionManifold(CORE, (3, 2)), start, start).number_of_segments == 0


@pytest.mark.parametrize(("core", "m"), [(LINE, (2, 3)), (CORE, (3, 2)), (DEEP, (2, 3, 2))])
def test_critical_subspaces(core, m):
    union = DeepCriticalUnion(core, m)
    spaces = list(union.subspaces())
    assert len(spaces) == union.number_of_subspaces() == union.number_of_components()
    for S in spaces:
        assert S.affine().dimension == S.dimension == union.dimension == len(S.direction_vectors())
        theta = S.point(range(2, 2 + S.dimension))
        assert S.contains(theta)
        assert union.contains(theta)
        assert DeepSubspace(core, S.configurations, Family.LAST_TO_FIRST).contains(theta)
        assert DeepSubspace(core, S.configurations, Family.FIRST_TO_LAST).contains(theta)
    assert all(a.affine().intersection(b.affine()) is None for a, b in product(spaces, repeat=2) if a != b)


def test_points_outside_the_critical_union():
    union = DeepCriticalUnion(CORE, (3, 2))
    zero_type = DeepExpansionManifold(CORE, (3, 2))
    outside = DeepSubspace(CORE, (Configuration(2, (1, 2, -1)), Configuration(2, (1, 2)))).base_point
    assert zero_type.contains(outside)
    assert not union.contains(outside)
    uneven = DeepParameters([[[1, 2], [1, 2], [0, -1]], [[1, 2, -3], [1, 0, 0]], [[2, 1]]])  # (1, 1) is no multiple
    assert zero_type.contains(uneven)
    assert not union.contains(uneven)


def test_an_input_without_weights():
    core = DeepParameters([[[1, 0], [2, 0]], [[3, 4]]])
    assert all(S.contains(S.base_point) for S in DeepCriticalUnion(core, (3,)).subspaces())


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda: DeepSubspace(LINE, ()), ShapeError),
        (lambda: DeepSubspace(LINE, (Configuration(2, (1, 2)), Configuration(1, (1,)))), ShapeError),
        (lambda: DeepSubspace(DeepParameters([[[1]], [[0]]]), (Configuration(1, (1,)),)), ReducibleError),
        (lambda: DeepSubspace(LINE, (Configuration(1, (1, 1)),) * 2).point([1]), ShapeError),
        (lambda: DeepCriticalSubspace(LINE, (Configuration(1, (1, -1)), Configuration(1, (1,)))), ShapeError),
        (lambda: DeepExpansionManifold(LINE, (1,)), ShapeError),
        (lambda: DeepExpansionManifold(LINE, (2, 2)).contains(LINE), ShapeError),
        (
            lambda: DeepExpansionManifold(LINE, (1, 1)).configurations_of(DeepParameters([[[1]], [[2]], [[4]]])),
            OffManifoldError,
        ),
        (lambda: DeepExpansionManifold(CORE, (9, 9)).subspaces(), DimensionError),
        (lambda: connect(DeepExpansionManifold(LINE, (1, 1)), LINE, LINE).at(2), NonFiniteError),
        (lambda: from_entries([1, 2], (1, 1, 2)), DimensionError),
    ],
)
def test_bad_input(call, error):
    with pytest.raises(error):
        call()


def test_networks_of_other_sizes_are_outside():
    assert not DeepSubspace(LINE, (Configuration(1, (1, 1)),) * 2).contains(LINE)
    assert not DeepCriticalSubspace(LINE, (Configuration(1, (1, 1)),) * 2).contains(LINE)
