"""What this machine has for lavr, what it lacks, and what to type to get it. Nothing heavy is imported to find out."""

from __future__ import annotations

import os
import platform
import re
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import LavrError
from ..jsonable import Json
from ..tools.hosts.environments import Answer, Environment, environments
from ..tools.models.catalogue import CATALOGUE
from ..tools.models.devices import choose_device
from ..tools.models.memory import budget_for, ram_bytes
from ..tools.models.weights import cache_folder, found

if TYPE_CHECKING:
    from ..tools.ocr import Backend

EXTRA = re.compile(r"""extra\s*==\s*["']([\w-]+)["']""")
PACKAGE = re.compile(r"[A-Za-z0-9][\w.-]*")
COLLECTIONS = ("all", "test")  # extras made of others
SELF_TEST = "LAVR 2048"


@dataclass(frozen=True, slots=True)
class Extra:
    """An optional part of lavr: what it needs that is missing, and the command that installs it."""

    name: str
    missing: tuple[str, ...]
    command: str

    @property
    def installed(self) -> bool:
        """Whether everything it needs is there."""
        return not self.missing


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that was looked at: a device, a planner, a model ...

    Attributes:
        value: what it is.
        reason: why, or where.
        ok: False when lavr cannot work as it should because of it.
        remedy: what to do about it; empty when there is nothing to do.
    """

    value: str
    reason: str = ""
    ok: bool = True
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """All that was found.

    Attributes:
        system: what the machine is: Python, operating system, cores, memory, lavr.
        packages: the core packages with their versions; empty for one that is missing.
        extras: the optional parts.
        findings: OpenCV, device, planner, models, hosts, and the self-test where it was asked for.
    """

    system: dict[str, str]
    packages: dict[str, str]
    extras: tuple[Extra, ...]
    findings: dict[str, Finding] = field(default_factory=dict)

    @property
    def healthy(self) -> bool:
        """Whether lavr can work as it should; extras may be missing."""
        return all(self.packages.values()) and all(finding.ok for finding in self.findings.values())

    def to_json(self) -> Json:
        """Plain JSON."""
        written: dict[str, Any] = asdict(self) | {"healthy": self.healthy}
        written["extras"] = [asdict(extra) | {"installed": extra.installed} for extra in self.extras]
        return written


def examine(*, check: bool = False) -> Report:
    """Look at everything; with `check`, read a drawn picture as well (some seconds)."""
    findings = {"opencv": opencv(), "device": device(), "planner": planner(), "ocr model": ocr_model()}
    findings |= {f"host {each.kind.name}": host(each) for each in environments() if each.made}
    findings["other models"] = known_models()
    if os.environ.get("LAVR_MODELS"):
        findings["LAVR_MODELS"] = models_folder(Path(os.environ["LAVR_MODELS"]))
    if check:
        findings["self-test"] = self_test()
    return Report(system(), core_packages(), extras(), findings)


def system() -> dict[str, str]:
    """Versions of lavr, Python and the operating system; cores and memory."""
    return {
        "lavr": version_of("lavr") or "not installed",
        "python": f"{platform.python_version()} ({platform.python_implementation()})",
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "cores": str(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1),
        "memory": memory(),
    }


def memory() -> str:
    """How much memory there is, the limit of a container counted, and how much of it models may take."""
    total = ram_bytes()
    try:
        budget = budget_for("cpu")
    except LavrError as error:
        return f"{total / 2**30:.1f} GiB; {error}"
    return f"{total / 2**30:.1f} GiB, {budget / 2**30:.1f} of them for models" if total else "unknown"


def version_of(package: str) -> str:
    """The version of an installed package, or empty."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


def core_packages() -> dict[str, str]:
    """What lavr needs, with the versions that are installed."""
    return {name: version_of(name) for name, extra in _requirements() if not extra}


def extras() -> tuple[Extra, ...]:
    """The optional parts, each with what it lacks; those with an interpreter of their own come last."""
    needed: dict[str, list[str]] = {}
    for name, extra in _requirements():
        if extra and extra not in COLLECTIONS:
            needed.setdefault(extra, []).append(name)
    here = [
        Extra(extra, tuple(name for name in names if not version_of(name)), f'pip install "lavr[{extra}]"')
        for extra, names in needed.items()
    ]
    apart = [Extra(each.kind.name, () if each.made else each.kind.shown, each.command) for each in environments()]
    return (*here, *apart)


def _requirements() -> Iterator[tuple[str, str]]:
    """Each requirement of lavr as (package, extra); the extra is empty for the core."""
    try:
        lines = metadata.requires("lavr") or []
    except metadata.PackageNotFoundError:
        lines = []
    for line in lines:
        extra = EXTRA.search(line)
        name = PACKAGE.match(line)
        if name is not None:
            yield name.group(), extra.group(1) if extra else ""


def opencv() -> Finding:
    """Which OpenCV is really loaded. Its wheels all write into one folder, so that the last installed one wins."""
    wheels = {
        str(found.metadata["Name"]).lower().replace("_", "-"): found.version
        for found in metadata.distributions()
        if _is_opencv(found)
    }
    try:
        import cv2
        from cv2 import version as built
    except ImportError as error:
        return Finding("none", str(error), ok=False, remedy="pip install opencv-python-headless")
    kind = "opencv" + "-contrib" * bool(built.contrib) + "-python" + "-headless" * bool(built.headless)
    where = f"{kind} loaded from {Path(cv2.__file__).parent}"
    others = " and ".join(f"{name} {version}" for name, version in sorted(wheels.items()) if name != kind)
    if not others:
        return Finding(cv2.__version__, where)
    return Finding(
        cv2.__version__,
        f"{where}. Installed into the same folder: {others}. "
        f"The wheel that came last overwrote the others, so that everything in this environment gets {kind}",
        remedy=f"Keep one: pip uninstall -y {' '.join(sorted(wheels))} && pip install {kind}",
    )


def host(made: Environment) -> Finding:
    """A host with an interpreter of its own: what it has, and whether it answers."""
    record = made.record
    try:
        answer = made.ask()
    except LavrError as error:
        return Finding("broken", error.cause, ok=False, remedy=error.remedy)
    return Finding(versions(answer), f"{record.get('megabytes', '?')} MB in {made.folder}")


def versions(answer: Answer) -> str:
    """What an interpreter has, in one line."""
    packages = [f"{package} {version}" for package, version in answer.packages.items()]
    return ", ".join([f"Python {answer.python}", *packages, f"cv2 {answer.cv2}"])


def _is_opencv(found: metadata.Distribution) -> bool:
    return str(found.metadata["Name"]).lower().replace("_", "-").startswith("opencv-")


def device() -> Finding:
    """Where models would run. Only torch knows, so it is asked where it is installed."""
    try:
        chosen = choose_device()
    except LavrError as error:
        return Finding("none", error.cause, ok=False, remedy=error.remedy)
    return Finding(chosen.name.partition(":")[0], chosen.reason, remedy=chosen.remedy)


def planner() -> Finding:
    """The planner that is taken when none is named. It is not made: that could load a model."""
    from ..planners.choose import select_planner

    try:
        selected = select_planner()
    except LavrError as error:
        return Finding("none", error.cause, ok=False, remedy=error.remedy)
    kind = selected.name.kind
    if not kind.ready:
        lacks = f"{selected.reason}; it lacks {', '.join(kind.missing)}"
        return Finding(str(selected.name), lacks, ok=False, remedy=kind.install)
    return Finding(str(selected.name), selected.reason, remedy=selected.more)


def ocr_model() -> Finding:
    """The weights that `ocr` reads with."""
    from ..tools.models.rapid import WEIGHTS

    found = find_spec("rapidocr")
    if found is None or found.origin is None:
        return Finding("none", "rapidocr is not installed", ok=False, remedy="pip install rapidocr onnxruntime")
    folder = Path(found.origin).parent / "models"
    missing = [name for name in WEIGHTS.values() if not (folder / name).is_file()]
    if missing:
        remedy = "pip install --force-reinstall --no-deps rapidocr"
        return Finding("incomplete", f"{', '.join(missing)} not in {folder}", ok=False, remedy=remedy)
    return Finding("PP-OCRv6", f"in {folder}")


def known_models() -> Finding:
    """Which weights of the catalogue are here, and where more would go."""
    here = [each.name for each in CATALOGUE if found(each)]
    value = f"{len(here)} of {len(CATALOGUE)}" + (f" ({', '.join(here)})" if here else "")
    remedy = "" if here else "To find things, outline and describe them: lavr models list"
    return Finding(value, f"fetched into {cache_folder()}", remedy=remedy)


def models_folder(folder: Path) -> Finding:
    """The folder of further weights."""
    if not folder.is_dir():
        return Finding("missing", f"{folder} is no folder", ok=False, remedy="Create it, or unset LAVR_MODELS.")
    files = [path for path in folder.rglob("*") if path.is_file()]
    size = sum(path.stat().st_size for path in files) / 2**30
    return Finding(f"{len(files)} files, {size:.2f} GiB", f"in {folder}")


def self_test(backend: Backend = "rapid") -> Finding:
    """Draw a line of text and read it."""
    from ..tools.calls import ToolCall
    from ..tools.registry import Toolbox
    from ..tools.runner import ToolRunner
    from ..vision.scene import Scene

    began = time.perf_counter()
    try:
        from ..tools.ocr import ocr_tool

        scene = Scene()
        image = scene.add_image(_drawn())
        runner = ToolRunner(Toolbox([ocr_tool(backend=backend)]))
        result = runner.run(ToolCall("c1", "ocr", {"image": image.handle}), scene)
        runner.close()
    except ImportError as error:
        return Finding("failed", str(error), ok=False, remedy="pip install --force-reinstall lavr")
    took = f"in {time.perf_counter() - began:.1f} s"
    if result.error is not None:
        return Finding("failed", result.error.cause, ok=False, remedy=result.error.remedy)
    text = result.observation.text if result.observation else ""
    if SELF_TEST in text:
        return Finding("passed", f"read a drawn line {took}")
    return Finding("failed", f"read {text!r} where {SELF_TEST!r} was drawn", ok=False, remedy="Reinstall what reads.")


def _drawn() -> Any:
    import cv2
    import numpy as np

    from ..vision.image import Image

    pixels = np.full((120, 420, 3), 255, dtype=np.uint8)
    cv2.putText(pixels, SELF_TEST, (30, 75), cv2.FONT_HERSHEY_SIMPLEX, 1.6, (20, 20, 20), 3, cv2.LINE_AA)
    return Image.of(pixels, name="self-test")
