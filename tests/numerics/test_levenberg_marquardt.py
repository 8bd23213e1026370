"""The batched method against scipy's, problem by problem, on regular and on degenerate minima."""

import pytest
import torch
from scipy.optimize import least_squares

from numerics import levenberg_marquardt as module
from numerics.levenberg_marquardt import levenberg_marquardt
from numerics.status import Status
from quadrics.errors import DimensionError, NonFiniteError, ShapeError

METHODS = ["normal", "qr"]


def rosenbrock(p):
    return torch.stack([10 * (p[:, 1] - p[:, 0] ** 2), 1 - p[:, 0]], 1)


def powell(p):
    """Powell's singular function: at the minimum, 0, the Jacobian has rank 2 of 4."""
    a, b, c, d = p.unbind(1)
    return torch.stack([a + 10 * b, 5**0.5 * (c - d), (b - 2 * c) ** 2, 10**0.5 * (a - d) ** 2], 1)


def product(p):
    """Minima are a hyperbola: a whole curve, with a rank of 1 in 2 everywhere on it."""
    return (p[:, :1] * p[:, 1:] - 1).repeat(1, 3)


def exponentials(p):
    """A fit with residuals that do not vanish."""
    t = torch.linspace(0, 2, 20, dtype=p.dtype)
    y = torch.cos(3 * t) + t
    return p[:, :1] * torch.exp(-p[:, 1:2].square() * t) + p[:, 2:] * t - y


def starts(n, p, seed=0, scale=1.0):
    return scale * torch.randn(n, p, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    ("residual", "p"),
    [(rosenbrock, 2), (powell, 4), (product, 2), (exponentials, 3)],
    ids=lambda v: getattr(v, "__name__", ""),
)
def test_as_low_as_scipy(residual, p, method):
    start = starts(12, p)
    found = levenberg_marquardt(residual, start, steps=500, tolerance=1e-11, method=method)
    for k in range(12):
        theirs = least_squares(
            lambda row: residual(torch.tensor(row)[None])[0].numpy(),
            start[k].numpy(),
            xtol=1e-15,
            ftol=1e-15,
            gtol=1e-15,
        )
        assert found.loss[k] <= 2 * theirs.cost * (1 + 1e-9) + 1e-15
        assert found.status[k] in (Status.CONVERGED, Status.FAILED)
    torch.testing.assert_close(residual(found.point).square().sum(1), found.loss)


def test_qr_does_not_square_the_condition():
    """A residual J p with singular values from 1 to 1e-11: of which the normal equations lose those below 1e-8."""
    q = torch.linalg.qr(starts(6, 6))[0]
    J = (q * torch.logspace(0, -11, 6, dtype=torch.float64)) @ torch.linalg.qr(starts(6, 6, 1))[0]

    def residual(p):
        return p @ J.t()

    start = starts(3, 6, 2)
    error = {}
    for method in METHODS:
        found = levenberg_marquardt(
            residual, start, steps=300, method=method, jacobian=lambda p: J.expand(len(p), 6, 6)
        )
        error[method] = found.point.norm(dim=1).max()
    assert error["qr"] < 1e-3
    assert error["normal"] > 1e-2


@pytest.mark.parametrize("method", METHODS)
def test_fewer_residuals_than_parameters(method):
    found = levenberg_marquardt(
        lambda p: p[:, :2] * p[:, 2:4] - 1, starts(5, 5), steps=100, tolerance=1e-12, method=method
    )
    assert (found.loss < 1e-20).all()
    assert torch.allclose(found.point[:, 4], starts(5, 5)[:, 4])  # what the residual does not see stays


@pytest.mark.parametrize("method", METHODS)
def test_each_problem_goes_its_own_way(method):
    """A batch, its parts, and another order give the same, to the last bit."""
    start = starts(7, 2, 3)
    together = levenberg_marquardt(rosenbrock, start, steps=40, tolerance=1e-10, method=method)
    for k in range(7):
        alone = levenberg_marquardt(rosenbrock, start[k : k + 1], steps=40, tolerance=1e-10, method=method)
        torch.testing.assert_close(alone.point[0], together.point[k], rtol=1e-9, atol=1e-12)
        assert alone.status[0] == together.status[k]
        assert abs(int(alone.steps[0]) - int(together.steps[k])) <= 1


@pytest.mark.parametrize("method", METHODS)
def test_a_nan_harms_no_neighbour(method):
    start = starts(4, 2, 4)

    def residual(p):
        return torch.where(p[:, :1] == start[1, 0], float("nan"), rosenbrock(p))

    def jacobian(p):
        J = torch.stack(
            [torch.stack([-20 * p[:, 0], torch.full_like(p[:, 0], 10)], 1), torch.tensor([-1.0, 0]).expand(len(p), 2)],
            1,
        )
        return torch.where(p[:, :1, None] == start[2, 0], float("nan"), J)

    found = levenberg_marquardt(residual, start, jacobian=jacobian, steps=200, tolerance=1e-10, method=method)
    assert found.status.tolist() == [Status.CONVERGED, Status.NON_FINITE, Status.NON_FINITE, Status.CONVERGED]
    assert torch.equal(found.point[1:3], start[1:3])
    assert (found.loss[[0, 3]] < 1e-20).all()
    assert found.loss[1].isnan()


def test_steps_into_nan_are_refused_and_made_shorter():
    def residual(p):
        return torch.log(p) - 3  # the first Newton step from 30 would be far below zero

    found = levenberg_marquardt(residual, torch.tensor([[300.0]], dtype=torch.float64), steps=200, tolerance=1e-13)
    assert abs(found.point.item() - torch.e**3) < 1e-9


def test_the_jacobian_given_and_the_automatic_one_agree():
    def jacobian(p):
        z = torch.zeros_like(p[:, 0])
        return torch.stack([torch.stack([-20 * p[:, 0], z + 10], 1), torch.stack([z - 1, z], 1)], 1)

    given = levenberg_marquardt(rosenbrock, starts(3, 2), steps=20, jacobian=jacobian)
    torch.testing.assert_close(given.point, levenberg_marquardt(rosenbrock, starts(3, 2), steps=20).point)


def test_statuses():
    start = torch.tensor([[-1.2, 1.0]], dtype=torch.float64)

    def status(**options):
        return levenberg_marquardt(rosenbrock, start, **options).status.item()

    assert status(steps=0) == Status.STEP_LIMIT
    assert status(steps=2) == Status.STEP_LIMIT
    assert status(steps=100, tolerance=1e-8) == Status.CONVERGED
    assert status(steps=100, target=1e-3) == Status.CONVERGED
    assert levenberg_marquardt(rosenbrock, start, steps=100, target=1e-3).loss > 1e-12
    # a loss that cannot vanish, and a tolerance that rounding does not allow
    stuck = levenberg_marquardt(exponentials, starts(1, 3), steps=2000)
    assert stuck.status.item() == Status.FAILED
    assert stuck.steps.item() < 2000
    assert stuck.gradient_norm.item() < 1e-6
    # a residual that no parameter changes
    assert levenberg_marquardt(lambda p: p * 0 + 1, start, steps=9).status.item() == Status.CONVERGED


def test_the_start_is_left_alone_and_losses_never_rise():
    start = starts(5, 4)
    kept = start.clone()
    before = powell(start).square().sum(1)
    for steps in (1, 2, 5, 20):
        loss = levenberg_marquardt(powell, start, steps=steps).loss
        assert (loss <= before).all()
        before = loss
    assert torch.equal(start, kept)


def test_chunks_change_nothing(monkeypatch):
    start = starts(9, 4)
    whole = levenberg_marquardt(powell, start, steps=15)
    monkeypatch.setattr(module, "CHUNK_BYTES", 1)
    torch.testing.assert_close(levenberg_marquardt(powell, start, steps=15).point, whole.point)


def test_progress():
    seen = []
    levenberg_marquardt(rosenbrock, starts(2, 2), steps=5, progress=lambda *pair: seen.append(pair))
    assert seen[-1] == (5, 5)


ONE = torch.ones(1, 2, dtype=torch.float64)


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda: levenberg_marquardt(rosenbrock, ONE[0], steps=1), ShapeError),
        (lambda: levenberg_marquardt(rosenbrock, ONE.long(), steps=1), ShapeError),
        (lambda: levenberg_marquardt(rosenbrock, ONE[:0], steps=1), DimensionError),
        (lambda: levenberg_marquardt(rosenbrock, ONE[:, :0], steps=1), DimensionError),
        (lambda: levenberg_marquardt(rosenbrock, ONE * float("nan"), steps=1), NonFiniteError),
        (lambda: levenberg_marquardt(rosenbrock, ONE, steps=-1), DimensionError),
        (lambda: levenberg_marquardt(rosenbrock, ONE, steps=1, tolerance=-1.0), NonFiniteError),
        (lambda: levenberg_marquardt(rosenbrock, ONE, steps=1, target=float("nan")), NonFiniteError),
        (lambda: levenberg_marquardt(rosenbrock, ONE, steps=1, method="cg"), ShapeError),
        (lambda: levenberg_marquardt(lambda p: p[0], ONE, steps=1), ShapeError),
        (lambda: levenberg_marquardt(lambda p: p[:, :0], ONE, steps=1), ShapeError),
        (lambda: levenberg_marquardt(rosenbrock, ONE * 2, steps=1, jacobian=lambda p: p), ShapeError),
    ],
)
def test_bad_input_is_refused(call, error):
    with pytest.raises(error):
        call()
