"""Checkpoints that are hostile, damaged or no shallow network: refused with a reason, and never run."""

from __future__ import annotations

import contextlib
import os
import pickle
import struct
import zipfile
from pathlib import Path

import pytest
import safetensors.torch
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from numerics.tools.checkpoint import MAX_BYTES, Checkpoint, read_checkpoint
from quadrics.errors import CheckpointError

from .checkpoint_files import SUFFIXES, Hostile, network, reading, save


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize("form", ["torch", "old torch", "pickle"])
def test_hostile_pickles_never_run(tmp_path: Path, form: str, protocol: int) -> None:
    trace, path = tmp_path / "trace", tmp_path / "hostile.pt"
    state = {**network().state_dict(), "surprise": Hostile(trace)}
    if form == "pickle":
        path.write_bytes(pickle.dumps(Hostile(trace), protocol=protocol))
    else:
        torch.save(state, path, pickle_protocol=protocol, _use_new_zipfile_serialization=form == "torch")
    message = reading(path)
    assert not trace.exists()
    if protocol >= 2:
        assert "mkdir" in message
        assert "weights" in message


def test_a_hostile_file_is_stopped_before_torch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    torch.save({"surprise": Hostile(tmp_path / "trace")}, tmp_path / "hostile.pt")
    monkeypatch.setattr(torch, "load", lambda *_, **__: pytest.fail("torch.load was called"))
    assert "mkdir" in reading(tmp_path / "hostile.pt")


def test_a_second_pickle_in_the_archive_is_seen(tmp_path: Path) -> None:
    path = save(network().state_dict(), tmp_path / "net.pt")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("net/extra.pkl", pickle.dumps(Hostile(tmp_path / "trace")))
    assert "mkdir" in reading(path)


def test_a_whole_module_is_named(tmp_path: Path) -> None:
    torch.save(network(), tmp_path / "module.pt")
    message = reading(tmp_path / "module.pt")
    assert "torch.nn.modules.container.Sequential" in message
    assert "state_dict" in message


def test_safe_environment_cannot_be_switched_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD", "1")
    torch.save({"surprise": Hostile(tmp_path / "trace")}, tmp_path / "hostile.pt")
    reading(tmp_path / "hostile.pt")
    assert not (tmp_path / "trace").exists()


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_missing_empty_folder_dangling(tmp_path: Path, suffix: str) -> None:
    assert "no such file" in reading(tmp_path / f"missing{suffix}")
    (tmp_path / f"empty{suffix}").touch()
    assert "empty" in reading(tmp_path / f"empty{suffix}")
    (tmp_path / f"folder{suffix}").mkdir()
    assert "folder" in reading(tmp_path / f"folder{suffix}")
    (tmp_path / f"dangling{suffix}").symlink_to(tmp_path / f"nowhere{suffix}")
    assert "no such file" in reading(tmp_path / f"dangling{suffix}")
    loop = tmp_path / f"loop{suffix}"
    loop.symlink_to(loop)
    reading(loop)
    os.mkfifo(tmp_path / f"pipe{suffix}")
    assert "pipe" in reading(tmp_path / f"pipe{suffix}")


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_too_large_is_refused_by_its_size(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"large{suffix}"
    path.touch()
    os.truncate(path, MAX_BYTES + 1)  # sparse: it takes no room
    assert str(MAX_BYTES) in reading(path)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
@pytest.mark.parametrize("suffix", [".pt", ".safetensors"])
def test_damage_never_gets_through_as_another_error(
    tmp_path_factory: pytest.TempPathFactory, suffix: str, data: st.DataObject
) -> None:
    """Cut a file anywhere, or overwrite a byte anywhere: a network comes out, or a CheckpointError."""
    folder = tmp_path_factory.mktemp("damage")
    whole = save(network().state_dict(), folder / f"whole{suffix}").read_bytes()
    cut = data.draw(st.integers(0, len(whole) - 1))
    (folder / f"cut{suffix}").write_bytes(whole[:cut])
    reading(folder / f"cut{suffix}")
    # The header of safetensors and the pickle of torch lie in front.
    place = data.draw(st.integers(0, min(len(whole), 900) - 1))
    spoilt = bytearray(whole)
    spoilt[place] = data.draw(st.integers(0, 255))
    (folder / f"spoilt{suffix}").write_bytes(spoilt)
    with contextlib.suppress(CheckpointError):
        assert isinstance(read_checkpoint(folder / f"spoilt{suffix}"), Checkpoint)


@pytest.mark.parametrize(
    "content",
    [
        struct.pack("<Q", 2**63) + b"{}",
        struct.pack("<Q", 2) + b"[]",
        struct.pack("<Q", 10) + b"not json!!",
        struct.pack("<Q", 64) + b'{"w":{"dtype":"F32","shape":[99999999999],"data_offsets":[0,4]}}' + b"1234",
        b"hello",
    ],
)
def test_hostile_safetensors_headers(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "bad.safetensors").write_bytes(content)
    assert "damaged" in reading(tmp_path / "bad.safetensors")


def test_foreign_files(tmp_path: Path) -> None:
    for name, content in (("notes.pt", b"just some text"), ("archive.pt", None)):
        path = tmp_path / name
        if content is None:
            with zipfile.ZipFile(path, "w") as archive:
                archive.writestr("readme.txt", "no pickle here")
        else:
            path.write_bytes(content)
        assert "torch.save" in reading(path)
    (tmp_path / "model.onnx").write_bytes(b"x")
    assert ".safetensors" in reading(tmp_path / "model.onnx")
    safetensors.torch.save_file(network().state_dict(), tmp_path / "swapped.pt")
    reading(tmp_path / "swapped.pt")


def test_an_archive_that_swells(tmp_path: Path) -> None:
    path = tmp_path / "bomb.pt"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb/data.pkl", pickle.dumps({}, protocol=2))
        archive.writestr("bomb/data/0", bytes(10**7))
    assert "unpacks" in reading(path)


def test_a_view_that_claims_to_be_huge(tmp_path: Path) -> None:
    view = torch.zeros(1).expand(10**6, 10**6)
    torch.save({"0.weight": view, "2.weight": torch.zeros(1, 10**6)}, tmp_path / "view.pt")
    assert "in full" in reading(tmp_path / "view.pt")


def bad_states() -> dict[str, tuple[object, str]]:
    good = network().state_dict()
    nan, inf = torch.full((4, 3), torch.nan), torch.full((1, 4), torch.inf)
    return {
        "integers": ({**good, "0.weight": torch.ones(4, 3, dtype=torch.int64)}, "int64"),
        "complex": ({**good, "0.weight": torch.ones(4, 3, dtype=torch.complex64)}, "complex64"),
        "mixed": ({**good, "2.weight": good["2.weight"].double()}, "one type"),
        "nan": ({**good, "0.weight": nan}, "NaN or infinity in 12 of 12"),
        "inf": ({**good, "2.weight": inf}, "'2.weight'"),
        "deep": (nn.Sequential(*network(), nn.ReLU(), nn.Linear(1, 1)).state_dict(), "3 matrices"),
        "one layer": (nn.Linear(3, 1).state_dict(), "1 matrices"),
        "convolution": (nn.Conv2d(1, 2, 3).state_dict(), "0 matrices"),
        "norm": (nn.Sequential(*network(), nn.BatchNorm1d(1)).state_dict(), "other entries"),
        "no chain": ({"0.weight": torch.ones(4, 3), "2.weight": torch.ones(1, 5)}, "(width, d_in)"),
        "wrong bias": ({**good, "0.bias": torch.ones(7)}, "(width,)"),
        "no neurons": ({"0.weight": torch.ones(0, 3), "2.weight": torch.ones(1, 0)}, "one hidden neuron"),
        "no inputs": ({"0.weight": torch.ones(4, 0), "2.weight": torch.ones(1, 4)}, "one input"),
        "no tensors": ({"epoch": 3}, "0 hold a state dict"),
        "a number among them": ({**good, "epoch": 3}, "int"),
        "two networks": ({"a": good, "b": good}, "2 hold a state dict"),
        "a tensor": (torch.ones(3), "Tensor"),
        "a list": ([torch.ones(4, 3), torch.ones(1, 4)], "list"),
        "nothing": ({}, "no entries"),
        "numbered tensors": ({0: torch.ones(4, 3), 1: torch.ones(1, 4)}, "names holding tensors"),
        "sparse": ({"0.weight": torch.ones(4, 3).to_sparse(), "2.weight": torch.ones(1, 4)}, ""),
        "transposed": ({"0.weight": torch.ones(3, 4), "2.weight": torch.ones(4, 1)}, "transpose"),
    }


@pytest.mark.parametrize("name", bad_states())
def test_states_that_are_no_shallow_network(tmp_path: Path, name: str) -> None:
    state, expected = bad_states()[name]
    assert expected in reading(save(state, tmp_path / "state.pt"))


def test_names_from_a_file_are_escaped(tmp_path: Path) -> None:
    state = {"\x1b[31mred": torch.ones(4, 3), "x" * 10_000: torch.ones(1, 9)}
    message = reading(save(state, tmp_path / "state.pt"))
    assert "\x1b" not in message
    assert len(message) < 1000
