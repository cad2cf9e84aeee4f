"""A model folder of transformers made into a network on its device and the processor that belongs to it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...errors import MissingExtra, MissingModel
from ...extras import need
from ...progress import hushed, silent, told
from .memory import is_out_of_memory, network_bytes
from .weights import weights_folder


@dataclass(frozen=True, slots=True)
class Pretrained:
    """A network in evaluation mode, on its device, and its processor."""

    network: Any
    processor: Any

    @property
    def size_bytes(self) -> int:
        """What the network holds."""
        return network_bytes(self.network)

    def moved(self, inputs: Any) -> Any:
        """What the processor made, on the device of the network; pictures in its precision."""
        return inputs.to(self.network.device, dtype=self.network.dtype)


def load_pretrained(
    weights: str,
    device: str,
    *,
    kind: str,
    network: str,
    processor: str,
    dtype: str = "float32",
    needed: tuple[str, ...] = (),
) -> Pretrained:
    """Load a network and its processor.

    Args:
        weights: a name of the catalogue, an id of the hub, or a folder; see `weights_folder`.
        device: "cpu", "cuda:0", "mps".
        kind: the tool that needs it, such as "depth".
        network: the class of transformers that makes it, such as "AutoModelForDepthEstimation".
        processor: that of the processor, such as "AutoImageProcessor".
        dtype: the precision of the network, the name of a torch type.
        needed: how the names of tensors begin that must be there. What is not in the files, transformers makes up.

    Raises:
        MissingExtra: when torch, transformers or a package that this very model needs is not installed.
        MissingModel: when its files are nowhere, or are no such model.
    """
    torch: Any = need("torch", extra="models")
    library: Any = need("transformers", extra="models")
    folder = weights_folder(weights, kind=kind)
    with _told_apart(weights, folder), hushed(), told(silent):
        own = getattr(library, processor).from_pretrained(folder, local_files_only=True)
        # Without safetensors there would be a pickle to read.
        options = {"local_files_only": True, "use_safetensors": True, "dtype": getattr(torch, dtype)}
        made, report = getattr(library, network).from_pretrained(folder, output_loading_info=True, **options)
        lacking = [name for name in sorted(report["missing_keys"]) if name.startswith(needed)] if needed else []
        if lacking:
            raise ValueError(f"its files lack {len(lacking)} tensors, such as {lacking[0]}")
    return Pretrained(made.to(device).eval().requires_grad_(False), own)


@contextmanager
def _told_apart(weights: str, folder: Path) -> Iterator[None]:
    """Within it, what is wrong with the files becomes an error that says what to do."""
    from safetensors import SafetensorError

    try:
        yield
    except ImportError as error:
        raise MissingExtra(
            f"The model {weights} needs a package that is not installed: {_first_line(error)}",
            remedy='pip install "lavr[models]", and what is named here.',
            model=weights,
        ) from error
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, SafetensorError) as error:
        if is_out_of_memory(error):
            raise
        raise MissingModel(
            f"The model at {folder} cannot be loaded: {_first_line(error)}",
            remedy="Fetch it anew, give one that is made for this tool, or update transformers.",
            model=weights,
            path=str(folder),
        ) from error


def _first_line(error: BaseException) -> str:
    return str(error).strip().splitlines()[0][:300] if str(error).strip() else type(error).__name__
