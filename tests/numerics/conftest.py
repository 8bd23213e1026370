"""What tests of the numerics share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from numerics.native.compiler import SWITCH, library


@pytest.fixture(scope="module", params=["torch", "native"])
def engine(request: pytest.FixtureRequest) -> Iterator[str]:
    """Run a module's tests twice: with torch alone, and with the kernels where there is a compiler."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(SWITCH, "0" if request.param == "torch" else "")
        if request.param == "native" and library('extern "C" int one() { return 1; }') is None:
            pytest.skip("no C++ compiler")
        yield request.param
