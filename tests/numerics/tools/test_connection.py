"""Connections: copies are recognized and strangers are not; every path is followed here with torch's own functions."""

from __future__ import annotations

import io
import json

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure
from rich.console import Console
from torch import Tensor

from numerics.modules import Layers
from numerics.objective import Objective
from numerics.tools.checkpoint import Checkpoint
from numerics.tools.connection import Connection, connect, default_tolerance
from numerics.tools.evaluation_data import Evaluation
from numerics.tools.function_bounds import size_bound
from numerics.tools.named_activation import activation_called
from quadrics.errors import DimensionError, DisconnectedError, NonFiniteError, ShapeError

from ..moved_networks import KINDS, State, copy_of, draw, output, permuted

names = st.sampled_from(sorted(KINDS))
sizes = st.integers(1, 5)
seeds = st.integers(0, 2**32)
dtypes = st.sampled_from([torch.float64, torch.float32, torch.float16, torch.bfloat16])


def checkpoint(state: State, dtype: torch.dtype = torch.float64) -> Checkpoint:
    return Checkpoint.from_state({key: tensor.to(dtype) for key, tensor in state.items()})


def state_of(found: Layers) -> State:
    named = zip(("0.weight", "2.weight", "0.bias", "2.bias"), found, strict=True)
    return {key: tensor.double() for key, tensor in named if tensor is not None}


def connected(A: State, B: State, name: str, dtype: torch.dtype = torch.float64, **options: object) -> Connection:
    return connect(checkpoint(A, dtype), checkpoint(B, dtype), activation_called(name), name=name, **options)  # type: ignore[arg-type]


def rounding(found: Connection) -> float:
    """Of an output in double precision: some dozen operations on terms of the size bound."""
    size = size_bound(found.first, activation_called(found.activation), found.radius)
    return 64 * torch.finfo(torch.float64).eps * (1 + size)


@settings(max_examples=40, deadline=None)
@given(name=names, d=sizes, width=sizes, e=sizes, bias=st.booleans(), dtype=dtypes, seed=seeds)
def test_copies_are_recognized_and_nothing_stands_between(
    name: str, d: int, width: int, e: int, bias: bool, dtype: torch.dtype, seed: int
) -> None:
    """The functions on the segment differ from the ends' by what the tolerance allows: so the loss by its square."""
    source = torch.Generator().manual_seed(seed)
    A = {key: t.to(dtype).double() for key, t in draw(source, d, width, e, bias).items()}
    B = copy_of(A, source, name)
    if dtype == torch.float16:  # whose smallest numbers have no digits left
        assume(min(float(t.abs().min()) for t in B.values()) > 1e-3)
        assume(max(float(t.abs().max()) for t in B.values()) < 1e4)
    found = connected(A, B, name, dtype)
    if name == "linear" and found.basis is not None:
        assume(found.basis.magnification < 1e3)
    assert found.related, (found.distance, found.tolerance)
    size = size_bound(found.first, activation_called(name), found.radius)
    off = 4 * found.tolerance * size * (1 if found.basis is None else 4) + rounding(found)
    assert found.after.barrier <= off**2
    assert float(found.after.loss.max()) <= off**2


@settings(max_examples=30, deadline=None)
@given(name=names, d=sizes, width=sizes, other=sizes, e=sizes, bias=st.booleans(), seed=seeds)
def test_strangers_are_not_recognized(name: str, d: int, width: int, other: int, e: int, bias: bool, seed: int) -> None:
    source = torch.Generator().manual_seed(seed)
    A, B = draw(source, d, width, e, bias), draw(source, d, other, e, bias)
    found = connected(A, B, name)
    assert not found.related
    assert found.distance > 1e-4


@settings(max_examples=30, deadline=None)
@given(name=names, d=sizes, width=sizes, other=sizes, e=sizes, bias=st.booleans(), seed=seeds)
def test_every_path_against_an_independent_function(
    name: str, d: int, width: int, other: int, e: int, bias: bool, seed: int
) -> None:
    """From A, through B's function, to B's weights in another order; every loss as torch computes it."""
    source = torch.Generator().manual_seed(seed)
    A, B = draw(source, d, width, e, bias), draw(source, d, other, e, bias)
    found = connected(A, B, name)
    x, y = found.evaluation.objective.x, found.evaluation.objective.targets
    y = y if y.shape == (len(x), e) else y.T
    torch.testing.assert_close(y, output(A, x, name), rtol=1e-9, atol=1e-9)

    def loss(state: State) -> float:
        return float((output(state, x, name) - y).square().sum(1).mean())

    def check(f: Tensor, g: Tensor) -> None:
        amplified = 1.0 if found.basis is None else found.basis.magnification
        assert float((f - g).abs().max()) <= amplified * rounding(found) * 1e3

    check(output(state_of(found.path(0.0)), x, name), output(A, x, name))
    for k in (0, 30, 77, 100):
        aligned = state_of(found.path(k / 200 if k < 100 else 0.5))
        assert found.after.loss[k] == pytest.approx(loss(aligned), rel=1e-6, abs=1e-9)
    if found.basis is not None and found.basis.determinant_sign < 0:
        assert found.curve is None
        with pytest.raises(DisconnectedError):
            found.path(0.75)
        return
    for t in (0.5, 0.6, 0.75, 0.9, 1.0):
        check(output(state_of(found.path(t)), x, name), output(B, x, name))
    end = state_of(found.path(1.0))
    rows = torch.cat([end["0.weight"].abs(), end["2.weight"].T.abs()], 1)
    wanted = torch.cat([B["0.weight"].abs(), B["2.weight"].T.abs()], 1)
    for row in wanted:  # up to order and reflections the end is B
        assert bool((rows - row).abs().sum(1).min() == 0)
    if found.curve is not None:
        assert found.curve.spread <= 1e-6 * (1 + float(found.curve.loss.max()))


def test_what_is_kept_of_the_file() -> None:
    source = torch.Generator().manual_seed(0)
    A = draw(source, 3, 4, 2)
    B = copy_of(A, source, "relu")
    renamed = {f"net.{key}": tensor.float() for key, tensor in B.items()}
    found = connect(checkpoint(A), Checkpoint.from_state(renamed))
    assert list(found.checkpoint.state) == list(renamed)
    assert found.checkpoint.dtype == torch.float32
    assert found.tolerance == default_tolerance(found.checkpoint) == 8 * torch.finfo(torch.float32).eps
    assert found.related
    assert 0 < found.rounding < 1e-5


def test_the_order_of_barriers_for_a_copy() -> None:
    """Weight matching alone leaves a barrier where neurons were rescaled; alignment leaves none."""
    source = torch.Generator().manual_seed(1)
    A = draw(source, 4, 8, 3)
    found = connected(A, copy_of(A, source, "relu"), "relu")
    assert found.before.barrier > 1
    assert found.permuted.barrier > 1
    assert found.after.barrier < 1e-20
    only = connected(A, permuted(A, source), "gelu")
    assert only.permuted.barrier == only.after.barrier == 0
    assert only.curve is None
    assert torch.equal(only.path(1.0).W1, A["0.weight"])


def test_a_stated_tolerance() -> None:
    source = torch.Generator().manual_seed(2)
    A = draw(source, 3, 4, 2)
    B = {key: t * (1 + 1e-5) for key, t in copy_of(A, source, "relu").items()}
    assert not connected(A, B, "relu").related
    assert connected(A, B, "relu", tolerance=1e-3).related
    assert not connected(A, B, "relu", tolerance=0.0).related
    for bad in (-1.0, float("nan"), float("inf")):
        with pytest.raises(NonFiniteError, match="tolerance"):
            connected(A, B, "relu", tolerance=bad)


def test_progress_is_told() -> None:
    source = torch.Generator().manual_seed(8)
    A, told = draw(source, 2, 3, 1), []
    connected(A, copy_of(A, source, "relu"), "relu", progress=lambda done, total: told.append((done, total)))
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_data_of_ones_own() -> None:
    source = torch.Generator().manual_seed(3)
    A, B = draw(source, 3, 4, 2), draw(source, 3, 6, 2)
    x, y = torch.randn(20, 3, generator=source).double(), torch.randint(2, (20,), generator=source)
    data = Evaluation(Objective(x, y, "ce", classes=2), "some data", "cross-entropy")
    found = connected(A, B, "tanh", evaluation=data)
    for state, value in zip((A, B), found.before.ends, strict=True):
        assert value == pytest.approx(float(torch.nn.functional.cross_entropy(output(state, x, "tanh"), y)))
    assert found.after.ends == pytest.approx(found.before.ends)
    assert found.radius == pytest.approx(float(x.norm(dim=1).max()))


def test_linear_networks_wider_than_their_input() -> None:
    source = torch.Generator().manual_seed(4)
    A = draw(source, 2, 4, 3, bias=False)
    found = connected(A, copy_of(A, source, "linear"), "linear")
    assert found.basis is None
    assert found.no_basis is not None
    assert "independent rows" in found.no_basis
    assert found.related
    assert found.before.exact


def shown(found: Connection) -> str:
    console = Console(width=200, record=True, file=io.StringIO())
    console.print(found)
    return console.export_text()


def test_the_page_and_the_figure() -> None:
    source = torch.Generator().manual_seed(5)
    A = draw(source, 3, 4, 2)
    found = connected(A, copy_of(A, source, "absolute_value"), "absolute_value")
    text = shown(found)
    for line in ("3 inputs, 4 neurons, 2 outputs", "they are one network", "reflected", "factors of", "50 digits"):
        assert line in text, text
    assert f"{found.before.barrier:.4g}" in text
    drawing = found.figure()
    assert isinstance(drawing, Figure)
    (axis,) = drawing.axes
    curves = [line for line in axis.lines if not str(line.get_label()).startswith("_")]
    assert len(curves) == 4
    np.testing.assert_array_equal(curves[0].get_ydata(), found.before.loss)
    wide = shown(connected(A, draw(source, 3, 6, 2), "absolute_value"))
    for line in ("No symmetry was found", "A was padded by 2 neurons", "not looked for"):
        assert line in wide, wide
    square = draw(source, 2, 2, 1, bias=False)
    turned = {**square, "0.weight": square["0.weight"].flip(0), "2.weight": square["2.weight"].flip(1)}
    linear = shown(connected(square, turned, "linear"))
    assert "determinant is negative" in linear
    assert "no curve" in linear


def test_json_has_all_of_it() -> None:
    source = torch.Generator().manual_seed(6)
    A = draw(source, 3, 4, 2)
    for name in ("relu", "linear", "sigmoid"):
        document = json.loads(json.dumps(connected(A, copy_of(A, source, name), name).to_json(), allow_nan=False))
        assert document["related"] is True
        assert (document["d_in"], document["width"], document["d_out"]) == (3, 4, 2)
        assert [path["path"] for path in document["paths"]][:3] == ["as stored", "permuted", "aligned"]
        assert sorted(document["permutation"]) == [0, 1, 2, 3]


def test_bad_pairs() -> None:
    source = torch.Generator().manual_seed(7)
    A = draw(source, 3, 4, 2)
    with pytest.raises(ShapeError, match="inputs and"):
        connected(A, draw(source, 2, 4, 2), "relu")
    with pytest.raises(ShapeError, match="b1"):
        connected(A, draw(source, 3, 4, 2, bias=False), "relu")
    found = connected(A, A, "relu")
    for t in (1.5, float("nan")):
        with pytest.raises(DimensionError):
            found.path(t)
