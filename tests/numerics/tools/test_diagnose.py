"""Diagnoses against the exact mathematics of the same weights."""

from __future__ import annotations

import io
import json
import math

import pytest
import sympy
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from numerics.tools.checkpoint import Checkpoint
from numerics.tools.diagnose import Diagnosis, diagnose, initial_odds
from quadrics import InvariantSet
from quadrics.initialization import HiddenBias, evaluate, pytorch_default
from quadrics.neuron_types import types_of
from quadrics.reachability import KinkTarget

entries = st.integers(-3, 3).map(float)


def checkpoint(
    W1: list[list[float]], W2: list[list[float]], b1: list[float] | None = None, dtype: torch.dtype = torch.float64
) -> Checkpoint:
    state = {"0.weight": torch.tensor(W1, dtype=dtype)} | (
        {} if b1 is None else {"0.bias": torch.tensor(b1, dtype=dtype)}
    )
    return Checkpoint.from_state(state | {"2.weight": torch.tensor(W2, dtype=dtype)})


@st.composite
def checkpoints(draw: st.DrawFn, outputs: int = 3) -> Checkpoint:
    d, width, e = draw(st.integers(1, 3)), draw(st.integers(1, 5)), draw(st.integers(1, outputs))

    def matrix(rows: int, columns: int) -> list[list[float]]:
        return [[draw(entries) for _ in range(columns)] for _ in range(rows)]

    b1 = [draw(entries) for _ in range(width)] if draw(st.booleans()) else None
    return checkpoint(matrix(width, d), matrix(e, width), b1)


def page(found: Diagnosis, width: int = 200) -> str:
    stream = io.StringIO()
    Console(file=stream, width=width).print(found)
    return stream.getvalue()


@settings(deadline=None)
@given(checkpoints())
def test_it_agrees_with_the_exact_invariant_set(given_checkpoint: Checkpoint) -> None:
    found = diagnose(given_checkpoint, odds=False)
    theta = given_checkpoint.batch().to_parameters()[0]
    H = InvariantSet.through(theta)
    assert tuple(neuron.sign for neuron in found.neurons) == H.signs
    assert [neuron.imbalance for neuron in found.neurons] == [float(c) for c in H.c]
    assert found.pathological == H.pathological
    assert found.components == H.number_of_components() == len(list(H.components()))
    assert found.effective_components == H.number_of_effective_components()
    assert found.gradient_flow_pieces == H.number_of_gf_pieces()
    assert found.is_obstructed == (not H.is_connected())
    assert tuple(neuron.kind for neuron in found.neurons) == types_of(theta)
    frozen = {label.neuron for label in H.labels()}
    assert {*found.frozen_outputs, *found.frozen_inputs} == frozen
    page(found)
    json.dumps(found.to_json(), allow_nan=False)


@settings(deadline=None)
@given(checkpoints(outputs=1))
def test_reach_is_the_theorem_on_every_target(given_checkpoint: Checkpoint) -> None:
    found = diagnose(given_checkpoint, odds=False)
    if found.shape.input_dimension == 1:
        assert found.reach is None
        return
    assert found.reach is not None
    theta = given_checkpoint.batch().to_parameters()[0]
    H = InvariantSet.through(theta)
    component = H.component_of(theta)
    most_positive, most_negative = found.reach.most_positive_kinks, found.reach.most_negative_kinks
    for P in range(found.width + 1):
        for N in range(found.width + 1 - P):
            within = most_positive >= P and most_negative >= N
            assert KinkTarget(P, N).is_reachable(H.c, component) == within


def test_rounding_is_said_to_leave_it_open() -> None:
    found = diagnose(checkpoint([[0.1, 0.2]], [[math.hypot(0.1, 0.2)]], dtype=torch.float32))
    assert found.undecided == (0,)
    assert found.components == 1
    assert found.gradient_flow_pieces == 2
    assert "up to the float32 digits" in page(found)


def test_several_outputs_are_explained() -> None:
    found = diagnose(checkpoint([[1.0, 0.0]], [[3.0], [4.0]]))
    assert found.pathological == (0,)
    assert found.frozen_outputs == ()
    assert found.reach is None
    assert found.odds is None
    assert "No topological obstruction: with 2 outputs" in page(found)


def test_one_input_without_bias_is_explained() -> None:
    found = diagnose(checkpoint([[2.0], [1.0]], [[1.0, -3.0]]))
    assert found.frozen_inputs == (0,)
    assert found.frozen_outputs == (1,)
    assert found.components == 4
    assert "1 input weight and 1 output weight" in page(found)


def test_neurons_that_compute_nothing_or_a_constant() -> None:
    found = diagnose(checkpoint([[0, 0], [0, 0], [1, 0]], [[1, 1, 0]], b1=[0, 2, 0]))
    assert [neuron.computes_nothing for neuron in found.neurons] == [True, False, True]
    assert [neuron.constant for neuron in found.neurons] == [False, True, False]
    text = page(found)
    assert "computes nothing (w = 0)" in text
    assert "the same for every input" in text
    assert "computes nothing now (a = 0)" in text


def test_what_is_out_of_reach_is_named() -> None:
    found = diagnose(checkpoint([[1.0, 0.0], [0.0, 1.0], [3.0, 0.0]], [[2.0, 3.0, 1.0]]))
    text = page(found)
    assert "2 of 3 neurons are pathological" in text
    assert "more than 1 hyperplane of negative kink" in text
    assert "positive kink" not in text


@pytest.mark.parametrize(
    ("d", "width", "bias"), [(2, 10, False), (1, 4, False), (1, 4, True), (3, 2, True), (6, 4, True)]
)
def test_odds_are_those_of_the_exact_scheme(d: int, width: int, bias: bool) -> None:
    scheme = pytorch_default(HiddenBias.DRAWN if bias else HiddenBias.NONE)
    odds = initial_odds(d, width, bias, pathological=2)
    rho = scheme.pathological_probability(d, width)
    assert odds.pathological == pytest.approx(float(evaluate(rho)), rel=1e-9)
    expected = 1 if d == 1 and not bias else float(evaluate(1 - (1 - sympy.Rational(odds.pathological)) ** width))
    assert odds.disconnected == pytest.approx(expected, rel=1e-9)
    p = odds.pathological
    assert odds.as_many == pytest.approx(1 - (1 - p) ** width - width * p * (1 - p) ** (width - 1), rel=1e-9)


def test_odds_at_the_size_of_images() -> None:
    assert initial_odds(784, 10, True, 1).disconnected == pytest.approx(
        10 * initial_odds(784, 10, True, 0).pathological
    )
    assert initial_odds(784, 128, True, 0).as_many == 1
    assert initial_odds(10**6, 100, True, 1).disconnected == 0  # below the smallest double


def test_a_wide_network_is_quick_and_short() -> None:
    width = 20_000
    g = torch.Generator().manual_seed(0)
    state = {"0.weight": torch.randn(width, 2, generator=g), "2.weight": 3 * torch.randn(1, width, generator=g)}
    found = diagnose(Checkpoint.from_state(state))
    text = page(found)
    assert len(text.splitlines()) < 60
    assert f"2^{len(found.pathological)}" in text
    assert isinstance(found.to_json()["components"], str)
