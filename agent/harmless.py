"""Text of strangers, made harmless to show: what a picture, a file name or a tool says must not steer what shows it.

A terminal obeys escape sequences and a browser obeys direction overrides; both are shown here as what they are.
"""

from __future__ import annotations

import re

# Control characters but tab and line feed; the characters that override or isolate writing direction; the line and
# paragraph separators; halves of surrogate pairs, which no encoder takes.
_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
_BREAKS = re.compile(r"[\t\n]+")


def harmless(text: str) -> str:
    """The text with control and direction characters written out as escapes; tabs and line feeds stay."""
    return _UNSAFE.sub(_written_out, text.replace("\r\n", "\n"))


def one_line(text: str, limit: int = 0) -> str:
    """Harmless text on one line, cut to `limit` characters (0: not cut) with an ellipsis at the end."""
    line = _BREAKS.sub(" ", harmless(text)).strip()
    return line if not limit or len(line) <= limit else f"{line[: limit - 1].rstrip()}…"


def _written_out(found: re.Match[str]) -> str:
    code = ord(found.group())
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"
