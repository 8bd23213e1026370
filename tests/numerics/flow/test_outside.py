"""The adapters to torchdiffeq and torchode: failures, budgets, absent packages."""

from __future__ import annotations

import builtins
import sys

import pytest
import torch

from numerics.flow import integrate, torchdiffeq_flow, torchode_flow
from numerics.status import Status
from quadrics.errors import DimensionError, MissingPackageError, NonFiniteError

from .problems import problem, reference

ADAPTERS = {"torchdiffeq": torchdiffeq_flow, "torchode": torchode_flow}


@pytest.mark.parametrize(
    ("method", "solver"),
    [
        (name, solver)
        for name, module in ADAPTERS.items()
        for solver in module.SOLVERS
        if solver not in ("heun", "fehlberg2", "adaptive_heun")
    ],
)
def test_every_solver(method, solver):
    given = problem("smooth")
    flow = integrate(given.batch, given.objective, [0.0, 0.2, given.time], method, solver=solver, rtol=1e-7, atol=1e-7)
    assert (flow.batch.flatten() - reference("smooth")).abs().max() < 1e-4
    assert flow.reached.tolist() == [given.time] * 3


@pytest.mark.parametrize("method", ADAPTERS)
def test_a_diverging_network_harms_no_other(method):
    given = problem("smooth")
    wild = given.batch.clone()
    wild.W1[1, 0] *= 1e160
    wild.W2[1, 0, 0] *= 1e160
    seen = []
    flow = integrate(wild, given.objective, [0.0, 0.3], method, progress=lambda *x: seen.append(x))
    assert flow.status.tolist() == [Status.FINISHED, Status.NON_FINITE, Status.FINISHED]
    assert torch.equal(flow.final.flatten()[1], wild.flatten()[1])
    assert flow.batch.W1[1, 0].isnan().all()
    assert torch.isfinite(flow.batch.flatten()[[0, 2]]).all()
    assert seen[-1] == (3, 3)


@pytest.mark.parametrize("method", ADAPTERS)
def test_the_budget_of_evaluations(method):
    given = problem("smooth")
    flow = integrate(given.batch, given.objective, [0.0, 0.5], method, max_evaluations=5)
    assert (flow.status == Status.FAILED).all()
    assert (flow.evaluations >= 5).all()
    assert torch.equal(flow.final.flatten(), given.batch.flatten())


@pytest.mark.parametrize("method", ADAPTERS)
def test_a_missing_package_is_named(method, monkeypatch):
    given = problem("smooth")
    monkeypatch.setitem(sys.modules, method, None)
    with pytest.raises(MissingPackageError, match=rf"{method}.*quadrics\[flows\]"):
        integrate(given.batch, given.objective, [0.0, 0.5], method)
    assert issubclass(MissingPackageError, builtins.ImportError)


@pytest.mark.parametrize("method", ADAPTERS)
@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"times": [1.0, 0.0]}, DimensionError),
        ({"solver": "euler"}, DimensionError),
        ({"max_evaluations": 0}, DimensionError),
        ({"rtol": 0.0}, NonFiniteError),
        ({"rates": (1.0, -1.0)}, NonFiniteError),
    ],
)
def test_bad_calls_are_refused(method, change, error):
    given = problem("smooth")
    call = {"times": [0.0, 0.1], **change}
    times = call.pop("times")
    with pytest.raises(error):
        integrate(given.batch, given.objective, times, method, **call)
