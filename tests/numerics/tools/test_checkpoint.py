"""Checkpoints: every honest file is read and written back, every dishonest one is refused and never run."""

from __future__ import annotations

import contextlib
import io
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
from torch import Tensor, nn

from numerics.tools.checkpoint import MAX_BYTES, Checkpoint, read_checkpoint, write_checkpoint
from numerics.tools.pickle_scan import imported_names
from numerics.tools.state_roles import Roles, find_roles
from quadrics.errors import CheckpointError

SUFFIXES = (".pt", ".pth", ".safetensors")


class Hostile:
    """Unpickled without care, this leaves a file behind."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (str(self.trace),)


def network(d_in: int = 3, width: int = 4, d_out: int = 1, bias: bool = True) -> nn.Sequential:
    return nn.Sequential(nn.Linear(d_in, width, bias=bias), nn.ReLU(), nn.Linear(width, d_out, bias=bias))


def save(state: object, path: Path) -> Path:
    if path.suffix == ".safetensors":
        safetensors.torch.save_file(state, path)  # type: ignore[arg-type]
    else:
        torch.save(state, path)
    return path


def reading(path: Path) -> str:
    """The message with which a file is refused."""
    with pytest.raises(CheckpointError) as caught:
        read_checkpoint(path)
    message = str(caught.value)
    assert repr(str(path)) in message
    assert "\n" not in message
    return message


# -- honest files ----------------------------------------------------------------------------------------------------
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


# -- files that would run code ---------------------------------------------------------------------------------------
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


def names(stream: io.BytesIO) -> list[str]:
    return list(imported_names(stream))


def test_names_are_read_without_importing() -> None:
    assert names(io.BytesIO(pickle.dumps(os.mkdir, protocol=4))) == ["posix.mkdir"]
    assert names(io.BytesIO(b"cno_such_module\nrun\n.")) == ["no_such_module.run"]
    assert names(io.BytesIO(b"(ino_such_module\nRun\n.")) == ["no_such_module.Run"]
    assert names(io.BytesIO(b"\x80\x02\x82\x07.")) == ["extension 7 of copyreg"]
    for harmless in ({}, [1, 2.5, "os.system"], {"GLOBAL": (None, True)}):
        assert names(io.BytesIO(pickle.dumps(harmless))) == []


# -- damaged and foreign files ---------------------------------------------------------------------------------------
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


# -- files that hold something else ----------------------------------------------------------------------------------
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


# -- which entry is which --------------------------------------------------------------------------------------------
@given(
    d=st.integers(1, 5), width=st.integers(1, 5), e=st.integers(1, 5), biases=st.tuples(st.booleans(), st.booleans())
)
def test_numbered_layers_are_always_recognised(d: int, width: int, e: int, biases: tuple[bool, bool]) -> None:
    shapes: dict[str, tuple[int, ...]] = {"2.weight": (e, width), "0.weight": (width, d)}
    shapes |= ({"2.bias": (e,)} if biases[1] else {}) | ({"0.bias": (width,)} if biases[0] else {})
    expected = Roles("0.weight", "2.weight", "0.bias" if biases[0] else None, "2.bias" if biases[1] else None)
    assert find_roles(shapes) == find_roles(dict(sorted(shapes.items())), ordered=False) == expected


@given(d=st.integers(1, 5), width=st.integers(1, 5), e=st.integers(1, 5))
def test_transposed_layers_are_never_taken_for_a_network(d: int, width: int, e: int) -> None:
    """A network stored as (inputs, outputs) is either refused or, being square all over, fits as it is."""
    shapes = {"0.weight": (d, width), "1.weight": (width, e)}
    if d == width == e:
        assert find_roles(shapes) == Roles("0.weight", "1.weight")
    elif (d, width) == (width, e):
        assert find_roles(shapes).W1 == "0.weight"
    elif d != e:
        with pytest.raises(CheckpointError):
            find_roles(shapes)


@pytest.mark.parametrize(
    ("shapes", "ordered", "expected"),
    [
        ({"W1": (4, 3), "b1": (4,), "W2": (1, 4), "b2": (1,)}, False, Roles("W1", "W2", "b1", "b2")),
        ({"fc10.weight": (3, 3), "fc9.weight": (3, 3)}, False, Roles("fc9.weight", "fc10.weight")),
        ({"hidden.weight": (3, 3), "out.weight": (3, 3)}, True, Roles("hidden.weight", "out.weight")),
        (
            {"out.weight": (1, 4), "in.weight": (4, 2), "in.bias": (4,)},
            False,
            Roles("in.weight", "out.weight", "in.bias"),
        ),
        (
            {"w_in": (4, 2), "b_in": (4,), "w_out": (1, 4), "b_out": (1,)},
            False,
            Roles("w_in", "w_out", "b_in", "b_out"),
        ),
        (
            {"0.weight": (1, 2), "1.weight": (1, 1), "1.bias": (1,)},
            False,
            Roles("0.weight", "1.weight", None, "1.bias"),
        ),
    ],
)
def test_readings(shapes: dict[str, tuple[int, ...]], ordered: bool, expected: Roles) -> None:
    assert find_roles(shapes, ordered) == expected


@pytest.mark.parametrize(
    ("shapes", "ordered", "problem"),
    [
        ({"hidden": (3, 3), "out": (3, 3)}, False, "hidden layer's"),
        ({"u": (5, 1), "v": (1, 5)}, False, "hidden layer's"),
        ({"in": (3, 3), "out": (1, 3), "p": (3,), "q": (3,)}, True, "(width,)"),
        ({"in": (3, 2), "out": (3, 3), "shift": (3,)}, True, "own the bias"),
        ({"out": (1, 4), "in": (4, 2)}, True, "contradict"),
        ({"0.weight": (4, 3), "0.bias": (1,), "2.weight": (1, 4), "2.bias": (4,)}, True, "contradict"),
        ({"9" * 5000 + ".weight": (3, 3), "weight": (3, 3)}, False, "hidden layer's"),
    ],
)
def test_no_reading_is_guessed(shapes: dict[str, tuple[int, ...]], ordered: bool, problem: str) -> None:
    with pytest.raises(CheckpointError, match=problem.replace("(", r"\(").replace(")", r"\)")):
        find_roles(shapes, ordered)


def test_numbers_too_long_to_convert() -> None:
    assert find_roles({"9" * 5000: (3, 3), "1" + "0" * 5000: (3, 3)}, ordered=False).W1 == "9" * 5000


# -- writing ---------------------------------------------------------------------------------------------------------
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
