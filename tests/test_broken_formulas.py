"""Break a formula on purpose, and see the claims that rest on it fall: the checks are able to fail.

Each case copies the packages, changes one formula in the copy, and runs the command line on the copy. The run must exit
with status 1 and name the claims.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
RUN = "import sys; from numerics.cli import main; main()"

# file, the formula as it stands, the formula broken, the claims that must fall
BREAKS = {
    "eq. 23: the sign of c": (
        "quadrics/rescaling.py",
        "return A * at**4 - c * at**2 - C",
        "return A * at**4 + c * at**2 - C",
        ["nurisso.prop4"],
    ),
    "eq. 23: the other root": (
        "quadrics/rescaling.py",
        "return (A, C, c), positive[0], negative[0]",
        "return (A, C, c), -negative[0], positive[0]",
        ["nurisso.prop4"],
    ),
    "the Künneth factor": (
        "quadrics/topology.py",
        "return Mul(*(as_real(p",
        "return sympy.Add(*(as_real(p",
        ["nurisso.thm1", "nurisso.appB.kunneth"],
    ),
    "the sphere of a positive neuron": (
        "quadrics/invariant_shape.py",
        "SphereProduct(((self.input_dimension - 1, self.l_plus)",
        "SphereProduct(((self.input_dimension, self.l_plus)",
        ["nurisso.thm1", "nurisso.cor1"],
    ),
    "a count by one": (
        "quadrics/effective.py",
        "_if_one(d, 1 + plus) * _if_one(e, 1 + minus)",
        "_if_one(d, 1 + plus) * _if_one(e, minus)",
        ["nurisso.cor3", "nurisso.thm2"],
    ),
    "the discrete law's h squared": (
        "quadrics/discretization.py",
        "** 2 * c + h**2 * (g1_square - g2_square)",
        "** 2 * c + h * (g1_square - g2_square)",
        ["beyond.nurisso.discrete-law"],
    ),
    "the boost's half angle": (
        "quadrics/boost.py",
        "h**2 / 2 * sinhc(h * s / 2) ** 2",
        "h**2 / 2 * sinhc(h * s) ** 2",
        ["beyond.nurisso.boost"],
    ),
    "a coefficient of the method of order 4": (
        "quadrics/lie_methods.py",
        "_rows(12, (3, 2, 2, -1), (-1, 2, 2, 3))",
        "_rows(12, (3, 2, 2, -1), (-1, 2, 3, 2))",
        ["beyond.nurisso.boost-orders"],
    ),
}


def verify_copy(folder: Path, *claims: str) -> subprocess.CompletedProcess:
    environment = {**os.environ, "PYTHONPATH": str(folder), "XDG_CACHE_HOME": str(folder / "cache"), "NO_COLOR": "1"}
    # No Coq, whose theorems do not speak of the Python formulas that are broken here; and so no compiler either.
    environment |= {"PATH": str(Path(sys.executable).parent), "QUADRICS_REQUIRE_COQ": "0", "QUADRICS_NATIVE": ""}
    return subprocess.run(
        [sys.executable, "-P", "-c", RUN, "verify", *claims],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def copy(tmp_path):
    for package in ("quadrics", "proofs", "numerics"):
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def test_an_unbroken_copy_passes(copy):
    claims = sorted({claim for *_, fallen in BREAKS.values() for claim in fallen})
    done = verify_copy(copy, *claims)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", BREAKS)
def test_a_broken_formula_makes_its_claims_fall(copy, name):
    file, formula, broken, fallen = BREAKS[name]
    source = (copy / file).read_text(encoding="utf-8")
    assert source.count(formula) == 1, f"{file} no longer has {formula!r} once: bring this test up to date"
    (copy / file).write_text(source.replace(formula, broken), encoding="utf-8")
    done = verify_copy(copy, *fallen)
    assert done.returncode == 1, done.stdout + done.stderr
    for claim in fallen:
        assert f"{claim}: got" in done.stderr
