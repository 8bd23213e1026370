"""The names that a pickle would import are read without importing them."""

from __future__ import annotations

import io
import os
import pickle

from numerics.tools.pickle_scan import imported_names


def names(stream: io.BytesIO) -> list[str]:
    return list(imported_names(stream))


def test_names_are_read_without_importing() -> None:
    assert names(io.BytesIO(pickle.dumps(os.mkdir, protocol=4))) == ["posix.mkdir"]
    assert names(io.BytesIO(b"cno_such_module\nrun\n.")) == ["no_such_module.run"]
    assert names(io.BytesIO(b"(ino_such_module\nRun\n.")) == ["no_such_module.Run"]
    assert names(io.BytesIO(b"\x80\x02\x82\x07.")) == ["extension 7 of copyreg"]
    for harmless in ({}, [1, 2.5, "os.system"], {"GLOBAL": (None, True)}):
        assert names(io.BytesIO(pickle.dumps(harmless))) == []
