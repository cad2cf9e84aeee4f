"""Loading a model: its files, where it runs, its network, tokenizer and processor, and how its family sees."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from ...errors import EnvironmentLacks, MissingExtra, MissingModel, UsageError
from ...extras import need
from ...progress import Progress, hushed, told
from .families import family_of
from .finding import Files, find_files
from .loaded import LoadedModel
from .placing import Place, choose_place, parameters_in, this_machine

PICTURE_TOKENS = 1280
"""Visual tokens that a picture costs at most where its family can be told so."""

QUANTIZED_BYTES = {"4bit": 0.6, "8bit": 1.1}
"""Bytes of a parameter, with what cannot be quantised."""


def load_model(
    source: str | Path,
    *,
    device: str = "auto",
    dtype: str = "auto",
    quantization: str | None = None,
    offline: bool = False,
    picture_tokens: int | None = PICTURE_TOKENS,
    trust_remote_code: bool = False,
    progress: Progress | None = None,
) -> LoadedModel:
    """Load a model that takes pictures and text, or text alone.

    Args:
        source: the id of a repository of the Hugging Face hub, a folder, a GGUF file (text models), or a name below
            the folder `LAVR_MODELS`, which is looked into before the hub.
        device: "cpu", "cuda", "cuda:1", "mps", or "auto" for the GPU when there is room.
        dtype: "float32", "bfloat16", "float16", or "auto" for what suits the device.
        quantization: "4bit" or "8bit", with bitsandbytes, on a GPU.
        offline: whether nothing may be fetched.
        picture_tokens: visual tokens of a picture at most; None for what its processor does by itself.
        trust_remote_code: whether Python code that comes with the model may run here.
        progress: told how far downloading and loading are; bars in a terminal when left out.

    Raises:
        MissingExtra: when torch, transformers or what the model needs besides is not installed.
        MissingModel: when its files are nowhere, or are no model.
        EnvironmentLacks: when there is not enough memory.
        UsageError: for settings that do not exist.
    """
    for module in ("torch", "transformers"):
        need(module, extra="local")
    own = {"local_files_only": True, "trust_remote_code": trust_remote_code}
    with hushed(), told(progress) as bar:
        files = find_files(source, offline=offline, bar=bar)
        try:
            place = choose_place(
                parameters_in(files),
                device=device,
                dtype=dtype,
                machine=this_machine(),
                bytes_each=_quantized_bytes(quantization),
                unpacked=bool(files.gguf),
            )
            loaded = _loaded(str(source), files, place, {**own, **_quantized(quantization, place)}, own)
        except ImportError as error:
            raise MissingExtra(
                f"The model {source} needs a package that is not installed: {_first_line(error)}",
                remedy='pip install "lavr[local]", and what is named here.',
                model=str(source),
            ) from error
        except _of_the_files() as error:
            raise MissingModel(
                f"The model at {files.folder} cannot be loaded: {_first_line(error)}",
                remedy="Fetch it anew, or update transformers; a model that brings code of its own needs "
                "trust_remote_code=True.",
                model=str(source),
            ) from error
    return checked(_bounded(loaded, picture_tokens))


def checked(model: LoadedModel) -> LoadedModel:
    """The model after the check of prefix reuse; one that fails it computes everything anew, and says so."""
    from .checking import check_reuse

    check = check_reuse(model)
    return replace(model, reuse=check.ok, notes=model.notes if check.ok else (*model.notes, check.reason))


def _loaded(name: str, files: Files, place: Place, options: dict[str, Any], own: dict[str, Any]) -> LoadedModel:
    network = _network(files, place, options)
    processor = _processor(files, network, own)
    tokenizer = _tokenizer(files, own) if processor is None else processor.tokenizer
    family = family_of(network.config.model_type, sees=processor is not None)
    return LoadedModel(
        name=name,
        network=network,
        tokenizer=tokenizer,
        processor=processor,
        placeholder="" if processor is None else _placeholder(processor, family.placeholder),
        device=str(network.device),
        reason=place.reason,
    )


def _network(files: Files, place: Place, options: dict[str, Any]) -> Any:
    import torch
    import transformers
    from transformers.models.auto.modeling_auto import MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING_NAMES as SEEING

    kinds: Any = transformers
    arguments = {**options, "dtype": getattr(torch, place.dtype)}
    arguments |= {} if place.device == "cpu" else {"device_map": {"": place.device}}
    if files.gguf:
        network = kinds.AutoModelForCausalLM.from_pretrained(files.folder, gguf_file=files.gguf, **arguments)
    else:
        config = kinds.AutoConfig.from_pretrained(
            files.folder, local_files_only=True, trust_remote_code=options["trust_remote_code"]
        )
        sees = config.model_type in SEEING and hasattr(config, "vision_config")
        kind = kinds.AutoModelForImageTextToText if sees else kinds.AutoModelForCausalLM
        network = kind.from_pretrained(files.folder, **arguments)
    return network.eval().requires_grad_(False)


def _processor(files: Files, network: Any, own: dict[str, Any]) -> Any:
    if files.gguf or not hasattr(network.config, "vision_config"):
        return None
    from transformers import AutoProcessor

    make: Any = AutoProcessor
    return make.from_pretrained(files.folder, **own)


def _tokenizer(files: Files, own: dict[str, Any]) -> Any:
    from transformers import AutoTokenizer

    make: Any = AutoTokenizer
    return make.from_pretrained(files.folder, **own, **({"gguf_file": files.gguf} if files.gguf else {}))


def _placeholder(processor: Any, known: str) -> str:
    """What the chat template writes for a picture; what the family is known to write where the template hides it."""
    before, after = "\u2402A\u2402", "\u2402B\u2402"
    parts = [{"type": "text", "text": before}, {"type": "image"}, {"type": "text", "text": after}]
    written = ""
    if getattr(processor, "chat_template", None):
        written = str(processor.apply_chat_template([{"role": "user", "content": parts}], tokenize=False))
    between = written.partition(before)[2].partition(after)[0].strip()
    token = str(getattr(processor, "image_token", "") or getattr(processor, "boi_token", ""))
    return between or known or token


def _bounded(loaded: LoadedModel, picture_tokens: int | None) -> LoadedModel:
    if picture_tokens is None or not loaded.sees:
        return loaded
    family = family_of(loaded.network.config.model_type)
    return replace(loaded, picture_options=family.bound(loaded.network, loaded.processor, picture_tokens))


def _of_the_files() -> tuple[type[Exception], ...]:
    """What is raised for files that are no model, are cut off, or would need code to run."""
    from pickle import UnpicklingError

    from safetensors import SafetensorError

    return OSError, ValueError, KeyError, RuntimeError, SafetensorError, UnpicklingError


def _quantized_bytes(quantization: str | None) -> float | None:
    if quantization is None:
        return None
    if quantization not in QUANTIZED_BYTES:
        raise UsageError(
            f"There is no quantization {quantization!r}.", remedy=f"There are: {', '.join(QUANTIZED_BYTES)}."
        )
    return QUANTIZED_BYTES[quantization]


def _quantized(quantization: str | None, place: Place) -> dict[str, Any]:
    if quantization is None:
        return {}
    from importlib.util import find_spec

    if find_spec("bitsandbytes") is None:
        raise MissingExtra(
            "The package bitsandbytes is not installed.", remedy="pip install bitsandbytes", module="bitsandbytes"
        )
    if place.device == "cpu":
        raise EnvironmentLacks(
            f"Quantization to {quantization} needs a GPU; the model would run on the CPU.",
            remedy="Leave quantization out, or give device='cuda'.",
        )
    import torch
    from transformers import BitsAndBytesConfig

    make: Any = BitsAndBytesConfig
    if quantization == "8bit":
        return {"quantization_config": make(load_in_8bit=True)}
    return {"quantization_config": make(load_in_4bit=True, bnb_4bit_compute_dtype=getattr(torch, place.dtype))}


def _first_line(error: BaseException) -> str:
    return str(error).strip().splitlines()[0][:300] if str(error).strip() else type(error).__name__
