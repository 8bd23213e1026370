"""Checkpoints: every honest file is read and written back, and a write that fails leaves what was there."""

from __future__ import annotations

from pathlib import Path

import pytest
import safetensors.torch
import torch
from torch import Tensor, nn

from numerics.tools.checkpoint import Checkpoint, read_checkpoint, write_checkpoint
from quadrics.errors import CheckpointError

from .checkpoint_files import SUFFIXES, network, save


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_round_trip(tmp_path: Path, suffix: str, bias: bool, dtype: torch.dtype) -> None:
    state = network(bias=bias).to(dtype).state_dict()
    first = read_checkpoint(save(state, tmp_path / f"in{suffix}"))
    assert first.dtype == dtype
    write_checkpoint(first, tmp_path / f"out{suffix}")
    second = read_checkpoint(tmp_path / f"out{suffix}")
    assert second.state.keys() == state.keys() == first.state.keys()
    assert all(torch.equal(second.state[key], state[key]) and second.state[key].dtype == dtype for key in state)
    assert second.roles == first.roles


def test_what_was_written_loads_into_the_module(tmp_path: Path) -> None:
    net = network()
    write_checkpoint(Checkpoint.from_state(net.state_dict()), tmp_path / "out.pt")
    other = network()
    other.load_state_dict(torch.load(tmp_path / "out.pt", weights_only=True))
    x = torch.randn(5, 3)
    assert torch.equal(net(x), other(x))


def test_the_batch_is_the_network(tmp_path: Path) -> None:
    net = network(d_out=2).double()
    batch = read_checkpoint(save(net.state_dict(), tmp_path / "net.pt")).batch()
    x = torch.randn(7, 3, dtype=torch.float64)
    torch.testing.assert_close(batch.output(x)[0], net(x), rtol=1e-14, atol=1e-14)


def test_a_training_checkpoint_and_an_old_format(tmp_path: Path) -> None:
    net = network()
    optimizer = torch.optim.Adam(net.parameters())
    torch.save({"epoch": 3, "model": net.state_dict(), "optimizer": optimizer.state_dict()}, tmp_path / "training.pt")
    torch.save(net.state_dict(), tmp_path / "old.pt", _use_new_zipfile_serialization=False)
    for name in ("training.pt", "old.pt"):
        assert torch.equal(read_checkpoint(tmp_path / name).layers.W1, net.state_dict()["0.weight"])


def test_parameters_and_tied_storage(tmp_path: Path) -> None:
    W = torch.randn(4, 3)
    state = {"encoder.weight": nn.Parameter(W), "decoder.weight": W.T}  # one storage, two views
    layers = read_checkpoint(save(state, tmp_path / "tied.pt")).layers
    assert torch.equal(layers.W2, W.T)
    assert not layers.W1.requires_grad
    write_checkpoint(Checkpoint.from_state(state), tmp_path / "out.safetensors")  # which refuses shared storage


def test_metadata_of_safetensors_is_kept(tmp_path: Path) -> None:
    safetensors.torch.save_file(network().state_dict(), tmp_path / "in.safetensors", metadata={"made by": "us"})
    write_checkpoint(read_checkpoint(tmp_path / "in.safetensors"), tmp_path / "out.safetensors")
    assert read_checkpoint(tmp_path / "out.safetensors").metadata == {"made by": "us"}


def test_symbolic_links_are_followed_and_stay(tmp_path: Path) -> None:
    real = save(network().state_dict(), tmp_path / "real.pt")
    link = tmp_path / "link.pt"
    link.symlink_to(real)
    checkpoint = read_checkpoint(link)
    changed = checkpoint.with_layers(checkpoint.layers._replace(W1=torch.ones(4, 3)))
    write_checkpoint(changed, link)
    assert link.is_symlink()
    assert torch.equal(read_checkpoint(real).layers.W1, torch.ones(4, 3))


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_failed_write_leaves_everything_as_it_was(
    tmp_path: Path, suffix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / f"net{suffix}"
    checkpoint = Checkpoint.from_state(network().state_dict())
    write_checkpoint(checkpoint, path)
    before = path.read_bytes()

    def half(state: dict[str, Tensor], name: str, **_: object) -> None:
        Path(name).write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(torch, "save", half)
    monkeypatch.setattr(safetensors.torch, "save_file", half)
    with pytest.raises(CheckpointError, match="No space left"):
        write_checkpoint(checkpoint, path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_places_that_cannot_be_written(tmp_path: Path) -> None:
    checkpoint = Checkpoint.from_state(network().state_dict())
    (tmp_path / "folder.pt").mkdir()
    (tmp_path / "loop.pt").symlink_to(tmp_path / "loop.pt")
    for name in ("folder.pt", "no/such/folder.pt", "net.onnx", "loop.pt", "x" * 300 + ".pt"):
        with pytest.raises(CheckpointError):
            write_checkpoint(checkpoint, tmp_path / name)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder.pt", "loop.pt"]


def test_permissions_are_those_of_any_new_file(tmp_path: Path) -> None:
    (tmp_path / "plain").touch()
    write_checkpoint(Checkpoint.from_state(network().state_dict()), tmp_path / "net.pt")
    assert (tmp_path / "net.pt").stat().st_mode == (tmp_path / "plain").stat().st_mode
    (tmp_path / "net.pt").chmod(0o640)
    write_checkpoint(Checkpoint.from_state(network().state_dict()), tmp_path / "net.pt")
    assert (tmp_path / "net.pt").stat().st_mode & 0o777 == 0o640
