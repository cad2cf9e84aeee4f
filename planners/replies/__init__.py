"""Replies in words: the protocol for models without tool calling, and the reading of whatever models write."""

from __future__ import annotations

from .parse import parse_reply
from .protocol import canonical_reply, reply_format

__all__ = ["canonical_reply", "parse_reply", "reply_format"]
