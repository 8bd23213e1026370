"""Which entry of a state dict is which: recognised where the shapes and names say so, never guessed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from numerics.tools.state_roles import Roles, find_roles
from quadrics.errors import CheckpointError


@given(
    d=st.integers(1, 5), width=st.integers(1, 5), e=st.integers(1, 5), biases=st.tuples(st.booleans(), st.booleans())
)
def test_numbered_layers_are_always_recognised(d: int, width: int, e: int, biases: tuple[bool, bool]) -> None:
    shapes: dict[str, tuple[int, ...]] = {"2.weight": (e, width), "0.weight": (width, d)}
    shapes |= ({"2.bias": (e,)} if biases[1] else {}) | ({"0.bias": (width,)} if biases[0] else {})
    expected = Roles("0.weight", "2.weight", "0.bias" if biases[0] else None, "2.bias" if biases[1] else None)
    assert find_roles(shapes) == find_roles(dict(sorted(shapes.items())), ordered=False) == expected


@given(d=st.integers(1, 5), width=st.integers(1, 5), e=st.integers(1, 5))
def test_transposed_layers_are_never_taken_for_a_network(d: int, width: int, e: int) -> None:
    """A network stored as (inputs, outputs) is either refused or, being square all over, fits as it is."""
    shapes = {"0.weight": (d, width), "1.weight": (width, e)}
    if d == width == e:
        assert find_roles(shapes) == Roles("0.weight", "1.weight")
    elif (d, width) == (width, e):
        assert find_roles(shapes).W1 == "0.weight"
    elif d != e:
        with pytest.raises(CheckpointError):
            find_roles(shapes)


@pytest.mark.parametrize(
    ("shapes", "ordered", "expected"),
    [
        ({"W1": (4, 3), "b1": (4,), "W2": (1, 4), "b2": (1,)}, False, Roles("W1", "W2", "b1", "b2")),
        ({"fc10.weight": (3, 3), "fc9.weight": (3, 3)}, False, Roles("fc9.weight", "fc10.weight")),
        ({"hidden.weight": (3, 3), "out.weight": (3, 3)}, True, Roles("hidden.weight", "out.weight")),
        (
            {"out.weight": (1, 4), "in.weight": (4, 2), "in.bias": (4,)},
            False,
            Roles("in.weight", "out.weight", "in.bias"),
        ),
        (
            {"w_in": (4, 2), "b_in": (4,), "w_out": (1, 4), "b_out": (1,)},
            False,
            Roles("w_in", "w_out", "b_in", "b_out"),
        ),
        (
            {"0.weight": (1, 2), "1.weight": (1, 1), "1.bias": (1,)},
            False,
            Roles("0.weight", "1.weight", None, "1.bias"),
        ),
    ],
)
def test_readings(shapes: dict[str, tuple[int, ...]], ordered: bool, expected: Roles) -> None:
    assert find_roles(shapes, ordered) == expected


@pytest.mark.parametrize(
    ("shapes", "ordered", "problem"),
    [
        ({"hidden": (3, 3), "out": (3, 3)}, False, "hidden layer's"),
        ({"u": (5, 1), "v": (1, 5)}, False, "hidden layer's"),
        ({"in": (3, 3), "out": (1, 3), "p": (3,), "q": (3,)}, True, "(width,)"),
        ({"in": (3, 2), "out": (3, 3), "shift": (3,)}, True, "own the bias"),
        ({"out": (1, 4), "in": (4, 2)}, True, "contradict"),
        ({"0.weight": (4, 3), "0.bias": (1,), "2.weight": (1, 4), "2.bias": (4,)}, True, "contradict"),
        ({"9" * 5000 + ".weight": (3, 3), "weight": (3, 3)}, False, "hidden layer's"),
    ],
)
def test_no_reading_is_guessed(shapes: dict[str, tuple[int, ...]], ordered: bool, problem: str) -> None:
    with pytest.raises(CheckpointError, match=problem.replace("(", r"\(").replace(")", r"\)")):
        find_roles(shapes, ordered)


def test_numbers_too_long_to_convert() -> None:
    assert find_roles({"9" * 5000: (3, 3), "1" + "0" * 5000: (3, 3)}, ordered=False).W1 == "9" * 5000
