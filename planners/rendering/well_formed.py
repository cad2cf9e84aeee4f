"""What a conversation must be, so that models and servers take it: each call answered once, in its place."""

from __future__ import annotations

from ...errors import UsageError
from ..base import Conversation, Kind


def check_well_formed(conversation: Conversation) -> None:
    """Check that every call is answered once, right after its decision, and that messages hold what their kind says.

    Raises:
        UsageError: with the number of the message that is wrong.
    """
    waiting: list[str] = []
    for number, message in enumerate(conversation.messages, 1):
        if message.kind is Kind.RESULT:
            call_id = message.result.call.id if message.result else ""
            if message.result is None or call_id not in waiting:
                raise _malformed(number, f"answers no call: {call_id!r} is not among {waiting}")
            waiting.remove(call_id)
        elif waiting:
            raise _malformed(number, f"comes before the results of {waiting}")
        if message.kind is Kind.DECISION:
            if message.decision is None:
                raise _malformed(number, "has no decision")
            waiting = [call.id for call in message.decision.calls]


def _malformed(number: int, why: str) -> UsageError:
    return UsageError(
        f"Message {number} of the conversation {why}.",
        remedy="Let an agent build the conversation, or give each call one result right after its decision.",
        message=number,
    )
