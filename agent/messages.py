"""The messages of a conversation, built from what happened."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence

from ..planners.base import Decision, ImagePart, Kind, Message, Part, Role, TextPart
from ..tools.calls import Observation, ToolResult
from ..vision.image import Image
from ..vision.region import Region
from . import prompts
from .listing import region_lines, repeated_by
from .sight import Sight

TEXT_LIMIT = 6000
"""Characters of one result's text that a planner is shown."""

PICTURE_LIMIT = 8
"""Pictures that a planner is shown after one step."""

NAME_LIMIT = 80
"""Characters of a picture's name that a planner is shown."""

_FENCE = re.compile(r"<(/?)\s*untrusted", re.IGNORECASE)


def instruction(sight: Sight) -> Message:
    """The first message of a session."""
    return Message(Role.SYSTEM, Kind.INSTRUCTION, (TextPart(prompts.instruction(sight)),))


def question(text: str, images: Sequence[Image], sight: Sight, pointed: Sequence[Region] = ()) -> Message:
    """A question, the pictures that came with it, and the regions that the user points at."""
    parts = (*_shown(images, sight), *_pointed(pointed, sight), TextPart(text))
    return Message(Role.USER, Kind.QUESTION, parts, pointed=tuple(pointed))


def _pointed(regions: Sequence[Region], sight: Sight) -> list[Part]:
    if not regions:
        return []
    lines = "\n".join(region_lines(regions, sight))
    if all(region.text is None for region in regions):
        return [TextPart(f"{prompts.POINTED}\n{lines}")]
    # What a region says was read out of the picture: pointing at it does not make it the user's word.
    return [TextPart(prompts.POINTED), TextPart(fenced(lines, "the picture"), untrusted=True)]


def decision(made: Decision) -> Message:
    """What the planner decided, in canonical form."""
    words = [made.thought] if made.thought else []
    words += [f"{call.id} {call.name} {json.dumps(call.arguments, ensure_ascii=False)}" for call in made.calls]
    words += [made.answer.text] if made.answer else []
    return Message(Role.PLANNER, Kind.DECISION, (TextPart("\n".join(words)),), decision=made)


def notice(text: str) -> Message:
    """Something that the agent tells the planner."""
    return Message(Role.USER, Kind.NOTICE, (TextPart(text),))


def result(came: ToolResult, sight: Sight) -> Message:
    """What came of a call, in words, with the handles of what it brought in."""
    head = f"{came.call.id} {came.call.name}"
    notes = [f"Note: {note}" for note in came.notes]
    if came.observation is None:
        parts: list[Part] = [TextPart("\n".join([f"{head} failed: {came.error}", *notes]))]
    else:
        parts = _observation_parts(head, came.observation, notes, sight)
    return Message(Role.TOOL, Kind.RESULT, tuple(parts), result=came)


def _observation_parts(head: str, seen: Observation, notes: Sequence[str], sight: Sight) -> list[Part]:
    text = [_cut(seen.text)] if seen.text and not repeated_by(seen.text, seen.regions) else []
    regions = region_lines(seen.regions, sight)
    images = [f"{_named(image)}, {sight.size(image)}" for image in seen.images]
    # A label is the tool's word or the planner's; text in a region was read out of the picture.
    read_out = seen.untrusted or any(region.text is not None for region in seen.regions)
    own = [*([] if seen.untrusted else text), *([] if read_out else regions)]
    foreign = [*(text if seen.untrusted else []), *(regions if read_out else [])]
    parts: list[Part] = [TextPart("\n".join([f"{head}:", *own, *images, *notes]))]
    return [*parts, TextPart(fenced("\n".join(foreign), head), untrusted=True)] if foreign else parts


def fenced(text: str, source: str) -> str:
    """Text out of a picture between marks that the text itself cannot close."""
    harmless = _FENCE.sub(r"(\1untrusted", text)
    return f'<untrusted from="{source}">\n{harmless}\n</untrusted>'


def pictures(results: Iterable[ToolResult], sight: Sight) -> Message | None:
    """The one message that shows the new pictures of a step, or None when there are none.

    Each picture once, in call order; those beyond `PICTURE_LIMIT` are named and can be asked for.
    """
    seen = [image for came in results if came.observation for image in came.observation.images]
    new = list({image.handle: image for image in seen}.values())
    if not new:
        return None
    parts = [TextPart("The pictures of these results:"), *_shown(new[:PICTURE_LIMIT], sight)]
    if len(new) > PICTURE_LIMIT:
        names = ", ".join(image.handle for image in new[PICTURE_LIMIT:])
        parts.append(
            TextPart(f"Not shown, because they are too many at once: {names}. Ask to look at one by its handle.")
        )
    return Message(Role.USER, Kind.PICTURES, tuple(parts))


def _shown(images: Iterable[Image], sight: Sight) -> list[Part]:
    parts: list[Part] = []
    for image in images:
        words = f"{_named(image)}: {sight.size(image)} (w x h), boxes in {sight.unit.value}"
        parts += [TextPart(words), ImagePart(image)]
    return parts


def _named(image: Image) -> str:
    # A file's name is a stranger's words: on one line, quoted and short.
    name = json.dumps(image.name[:NAME_LIMIT], ensure_ascii=False)
    return f"{image.handle} {name}" if image.name else image.handle


def _cut(text: str) -> str:
    if len(text) <= TEXT_LIMIT:
        return text
    return f"{text[:TEXT_LIMIT]}\n... ({len(text) - TEXT_LIMIT} more characters)"


def picture_sources(shown: Message | None, results: Iterable[ToolResult]) -> list[tuple[ToolResult, Image]]:
    """The pictures that a message shows, each with the result that brought it."""
    brought = {
        image.handle: came for came in reversed(list(results)) if came.observation for image in came.observation.images
    }
    return [(brought[image.handle], image) for image in (shown.images if shown else ())]


def found_last(results: Iterable[ToolResult], *, most: int = 3) -> str:
    """The texts of the last results that succeeded, for an answer that had to be given without the planner."""
    texts = [f"{came.call.name}: {came.observation.text}" for came in results if came.observation]
    return "\n".join(_cut(text) for text in texts[-most:])
