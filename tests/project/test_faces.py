"""What packages export: sorted, complete, and really there."""

from __future__ import annotations

import importlib

import pytest

from lavr.tests.project.source import modules

FACES = [module.name for module in modules() if module.path.name == "__init__.py"]


@pytest.mark.parametrize("name", FACES)
def test_all_names_of_a_face_are_sorted_unique_and_there(name: str) -> None:
    face = importlib.import_module(name)
    exported = list(getattr(face, "__all__", []))
    assert exported == sorted(set(exported), key=_constants_classes_functions)
    assert [entry for entry in exported if not hasattr(face, entry)] == []
    assert set(exported) <= set(dir(face))


def test_an_unknown_name_of_the_public_face_is_an_attribute_error() -> None:
    import lavr

    with pytest.raises(AttributeError, match="no_such_thing"):
        _ = getattr(lavr, "no_such_thing")  # noqa: B009  (mypy refuses the plain attribute)


def _constants_classes_functions(name: str) -> tuple[int, str]:
    """The order in which ruff sorts `__all__`."""
    return (0 if name.isupper() else 1 if name[0].isupper() else 2), name
