"""The sign of c_k against exact rational arithmetic on the stored weights."""

from __future__ import annotations

from fractions import Fraction

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from numerics.batch import Batch
from numerics.imbalances import imbalances
from quadrics.errors import NonFiniteError

weights = st.one_of(st.floats(-1e3, 1e3), st.sampled_from([0.0, 1.0, -1.0, 5e-324, 1e-160, 3.0]))


def one_neuron(w: list[float], a: list[float], b: float | None) -> Batch:
    double = torch.float64
    return Batch(
        torch.tensor([[w]], dtype=double),
        torch.tensor([[[v] for v in a]], dtype=double),
        None if b is None else torch.tensor([[b]], dtype=double),
    )


def exact_imbalance(w: list[float], a: list[float], b: float | None) -> Fraction:
    inputs = [*w] if b is None else [*w, b]
    return sum((Fraction(v) ** 2 for v in inputs), Fraction()) - sum((Fraction(v) ** 2 for v in a), Fraction())


@given(
    w=st.lists(weights, min_size=1, max_size=5),
    a=st.lists(weights, min_size=1, max_size=3),
    b=st.one_of(st.none(), weights),
    stored=st.sampled_from([torch.float16, torch.bfloat16, torch.float32, torch.float64]),
)
def test_a_sign_is_right_or_undecided(w: list[float], a: list[float], b: float | None, stored: torch.dtype) -> None:
    found = imbalances(one_neuron(w, a, b), stored)
    exact = exact_imbalance(w, a, b)
    assert abs(Fraction(found.c.item()) - exact) <= Fraction(found.margin.item())
    sign = int(found.signs.item())
    assert sign in (0, (exact > 0) - (exact < 0))


@given(
    w=st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=4),
    a=st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=2),
    stored=st.sampled_from([torch.float16, torch.bfloat16, torch.float32]),
)
def test_a_decided_sign_survives_the_rounding_of_the_file(w: list[float], a: list[float], stored: torch.dtype) -> None:
    """What training computed in full precision has the sign that the rounded file shows, where that is decided."""
    near_w, near_a = (torch.tensor(v, dtype=torch.float64).to(stored).double().tolist() for v in (w, a))
    smallest = torch.finfo(stored).tiny
    if any(0 < abs(v) < smallest for v in (*w, *a)):  # rounding is relative for normal numbers only
        return
    sign = int(imbalances(one_neuron(near_w, near_a, None), stored).signs.item())
    exact = exact_imbalance(w, a, None)
    assert sign in (0, (exact > 0) - (exact < 0))


def test_the_margin_is_no_wider_than_it_must_be() -> None:
    """Four last digits away from balance the sign is known."""
    for stored in (torch.float16, torch.float32):
        eps = torch.finfo(stored).eps
        for factor, sign in ((1 + 4 * eps, 1), (1 - 4 * eps, -1), (1.0, 0), (1 + eps / 2, 0)):
            assert int(imbalances(one_neuron([factor], [1.0], None), stored).signs) == sign


def test_overflow_is_named() -> None:
    with pytest.raises(NonFiniteError, match="neuron 0"):
        imbalances(one_neuron([1e200], [1e200], None), torch.float64)
