"""From citations to evidence: what a handle in an answer points at, on the picture that the user gave."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ..planners.base import Citation
from ..tools.calls import ToolResult
from ..vision.image import Image
from ..vision.region import Region
from ..vision.scene import Scene
from .answer import Evidence


@dataclass(frozen=True, slots=True)
class Dropped:
    """A citation that leads nowhere, and why."""

    citation: Citation
    reason: str


@dataclass(frozen=True, slots=True)
class Sources:
    """What an answer can cite.

    Attributes:
        scene: the live handles.
        results: every result of the session, by call id.
        given: the pictures that the user gave, oldest first.
    """

    scene: Scene
    results: Mapping[str, ToolResult]
    given: Sequence[Image]

    def resolve(self, citations: Iterable[Citation]) -> tuple[list[Evidence], list[Dropped]]:
        """The evidence of those citations that lead somewhere, in order, and the others with the reason."""
        evidence: list[Evidence] = []
        dropped: list[Dropped] = []
        for citation in dict.fromkeys(citations):
            found = self._evidence(citation)
            if isinstance(found, Evidence):
                evidence.append(found)
            else:
                dropped.append(Dropped(citation, found))
        return evidence, dropped

    def _evidence(self, citation: Citation) -> Evidence | str:
        handle = citation.handle
        regions = {region.handle: region for region in self.scene.regions}
        images = {image.handle: image for image in self.scene.images}
        if handle in regions:
            return self._of_region(citation, regions[handle])
        if handle in images:
            return self._of_image(citation, images[handle])
        if handle in self.results:
            return self._of_call(citation, self.results[handle])
        return f"There is no region, picture or call {handle!r}."

    def _of_region(self, citation: Citation, region: Region) -> Evidence | str:
        given = self.root(region.image)
        if given is None:
            return f"{citation.handle} lies on {region.image.handle}, which was not made from a picture that was given."
        return Evidence(citation.quote, citation.handle, region.on(given), given, self._brought(citation.handle))

    def _of_image(self, citation: Citation, image: Image) -> Evidence | str:
        given = self.root(image)
        if image == given:
            return Evidence(citation.quote, citation.handle, None, given)
        if given is None:
            return Evidence(citation.quote, citation.handle, None, image, self._brought(image.handle))
        place = Region(image, image.box, label=image.name, handle=image.handle).on(given)
        return Evidence(citation.quote, citation.handle, place, given, self._brought(image.handle))

    def _of_call(self, citation: Citation, came: ToolResult) -> Evidence | str:
        if came.observation is None:
            return f"The call {citation.handle} failed: {came.error.cause if came.error else 'it gave nothing'}"
        seen = [*came.observation.images, *(region.image for region in came.observation.regions)]
        roots = [root for root in map(self.root, seen) if root is not None]
        return Evidence(citation.quote, citation.handle, None, roots[0] if roots else None, came.call.id)

    def root(self, image: Image) -> Image | None:
        """The picture of the user's that another was made from: the nearest ancestor, or one of the same lineage."""
        given = {picture.handle: picture for picture in self.given}
        images = {picture.handle: picture for picture in self.scene.images}
        ancestor: Image | None = image
        for _ in range(len(images) + 1):
            if ancestor is None or (ancestor.handle in given and ancestor.lineage == image.lineage):
                break
            ancestor = images.get(ancestor.parent)
        if ancestor is not None and ancestor.handle in given:
            return given[ancestor.handle]
        return next((picture for picture in self.given if picture.lineage == image.lineage), None)

    def _brought(self, handle: str) -> str:
        for came in self.results.values():
            if came.observation is None:
                continue
            regions = (region.handle for region in came.observation.regions)
            if handle in regions or handle in (image.handle for image in came.observation.images):
                return came.call.id
        return ""
