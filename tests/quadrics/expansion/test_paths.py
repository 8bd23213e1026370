"""Paths of line segments inside the expansion manifold, checked by independent functions."""

from itertools import permutations

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from quadrics.errors import DisconnectedError, NonFiniteError, OffManifoldError
from quadrics.expansion.enumeration import affine_subspaces
from quadrics.expansion.manifold import ExpansionManifold
from quadrics.expansion.paths import connect, most_segments, moves_of_tokens
from quadrics.expansion.reduction import output, reduce, same_neurons
from quadrics.expansion.subspaces import ExpansionSubspace
from quadrics.network import Parameters

CORES = [
    Parameters([[1]], [[2]]),
    Parameters([[1, 0], [0, 0]], [[2, -2]]),
    Parameters([[1], [-1]], [[2, 3], [0, 1]]),
    Parameters([[1], [2], [3]], [[4, 5, 6]]),
]
POINTS = {(core.width, m): list(affine_subspaces(core.width, m)) for core in CORES for m in range(core.width + 1, 5)}


@settings(deadline=None, max_examples=30)
@given(st.data())
def test_paths_stay_inside(data):
    core = data.draw(st.sampled_from(CORES))
    m = data.draw(st.integers(core.width + 1, 4))
    ends = []
    for _ in range(2):
        S = ExpansionSubspace(core, data.draw(st.sampled_from(POINTS[core.width, m])))
        ends.append(S.point(data.draw(st.lists(st.integers(-1, 1), min_size=S.dimension, max_size=S.dimension))))
    path = connect(ExpansionManifold(core, m), *ends)
    assert (path.start, path.end) == tuple(ends) == (path.at(0), path.at(1))
    assert path.number_of_segments <= most_segments(core.width)
    assert path.stays_inside()
    # independently: at single times the reduction is the core, and along each segment the function is the same for
    # an activation of which nothing is known
    for k in range(1, 6):
        assert same_neurons(reduce(path.at(sympy.Rational(k, 6))).core, core)
    x = sympy.symbols(f"x0:{core.d_in}", real=True)
    for segment in list(path.segments())[:2]:
        assert (output(segment, x) - output(core, x)).expand() == sympy.zeros(core.d_out, 1)


@pytest.mark.parametrize(("r", "m"), [(1, 2), (2, 3), (3, 4), (4, 5), (3, 6)])
def test_moves_of_tokens(r, m):
    """Any arrangement is reached, each move goes to a free place, and there are at most 3r/2 of them."""
    worst = 0
    for goals in permutations(range(m), r):
        places = list(range(r))
        moves = list(moves_of_tokens(places, list(goals), m))
        for token, place in moves:
            assert place not in places
            places[token] = place
        assert places == list(goals)
        worst = max(worst, len(moves))
    assert worst <= 3 * r // 2
    if m == r + 1:
        assert worst == 3 * r // 2


def test_degenerate_ends():
    core = CORES[3]
    Theta = ExpansionManifold(core, 4)
    theta = Parameters([[1], [2], [3], [3]], [[4, 5, 6, 0]])
    assert connect(Theta, theta, theta).number_of_segments == 0
    assert connect(Theta, theta, theta).at(sympy.Rational(1, 2)) == theta
    other = Parameters([[1], [2], [3], [3]], [[4, 5, 1, 5]])
    assert connect(Theta, theta, other).number_of_segments == 1
    away = Parameters([[1], [2], [3], [9]], [[4, 5, 6, 0]])
    assert connect(Theta, other, away).number_of_segments == 2


def test_bad_input():
    core = CORES[1]
    swapped = Parameters([[0, 0], [1, 0]], [[-2, 2]])
    with pytest.raises(DisconnectedError, match="isolated points"):
        connect(ExpansionManifold(core, 2), core, swapped)
    assert connect(ExpansionManifold(core, 2), core, core).number_of_segments == 0
    Theta = ExpansionManifold(core, 3)
    inside = Parameters([[1, 0], [0, 0], [5, 5]], [[2, -2, 0]])
    with pytest.raises(OffManifoldError):
        connect(Theta, inside, Parameters([[1, 0], [0, 0], [5, 5]], [[2, -2, 1]]))
    with pytest.raises(NonFiniteError, match="from 0 to 1"):
        connect(Theta, inside, inside).at(2)
