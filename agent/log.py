"""The log of a session: pages in the store, each naming the one before, so that one digest stands for all of it.

The state of the graph holds the digest of the last page and nothing else of the conversation. A checkpoint is
therefore equally small after one step and after a thousand, and an older checkpoint still finds its own past.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from ..errors import UsageError
from ..jsonable import Json
from ..planners.base import Message
from ..tools.calls import ToolResult
from ..vision.image import Image
from ..vision.store import ImageStore
from .records import message_from, message_record, result_from, result_record


@dataclass(frozen=True, slots=True)
class Page:
    """What one node of the graph added: images of the user's and results as they were taken in, and messages."""

    images: Sequence[Image] = ()
    results: Sequence[ToolResult] = ()
    messages: Sequence[Message] = ()


def write_page(store: ImageStore, previous: str, page: Page) -> str:
    """Keep a page after the one of digest `previous` (empty for the first) and return its digest."""
    return store.put_document(
        {
            "previous": previous,
            "images": [image.to_json() for image in page.images],
            "results": [result_record(result) for result in page.results],
            "messages": [message_record(message) for message in page.messages],
        }
    )


def read_pages(store: ImageStore, head: str) -> Iterator[Page]:
    """The pages up to and with the one of digest `head`, oldest first. Raises `UsageError` when one is missing."""
    results: dict[str, ToolResult] = {}
    for record in reversed(list(_records(store, head))):
        taken = [result_from(_object(result), store) for result in _items(record["results"])]
        results.update((result.call.id, result) for result in taken)
        yield Page(
            images=[Image.from_json(_object(image), store) for image in _items(record["images"])],
            results=taken,
            messages=[message_from(_object(message), results, store) for message in _items(record["messages"])],
        )


def _records(store: ImageStore, head: str) -> Iterator[Mapping[str, Json]]:
    while head:
        record = store.get_document(head)
        if not isinstance(record, Mapping) or "previous" not in record:
            raise UsageError(f"The document {head[:12]}... in the store is no page of a session.")
        yield record
        head = str(record["previous"])


def _object(value: Json) -> Mapping[str, Json]:
    return cast("Mapping[str, Json]", value)


def _items(value: Json) -> Sequence[Json]:
    return cast("Sequence[Json]", value)
