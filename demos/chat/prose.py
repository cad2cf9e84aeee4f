"""Answers as HTML: a small part of Markdown, safe by construction, with the evidenced pieces marked.

Models write Markdown, and what they write may come out of a picture. So only what cannot reach out of the page is
understood: paragraphs, lists, headings, bold, italics, code. A link is shown as it was written, and so is HTML.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence

from ...agent.answer import Evidence
from ...agent.harmless import harmless, one_line
from ...agent.markup import Child, Markup, element
from ...agent.page import quoted_spans

OPEN, CLOSE = "\ue000", "\ue001"
"""Stand around an evidenced piece, followed by its number; taken out of the text before."""

_RESERVED = re.compile("[\ue000\ue001]")
_HANDLE = re.compile(r"\b(?:r|img_|c)\d+\b")
_INLINE = re.compile(
    rf"""
    {OPEN}(?P<key>\d+):(?P<quote>[^{OPEN}{CLOSE}]*){CLOSE}
  | `(?P<code>[^`\n]+)`
  | \*\*(?P<bold>[^*\n]+)\*\*
  | (?<![\w*])\*(?P<italic>[^*\s](?:[^*\n]*[^*\s])?)\*(?![\w*])
    """,
    re.VERBOSE,
)
_ITEM = re.compile(r"\s{0,3}(?P<mark>[-*•]|\d{1,3}[.)])\s+(?P<text>.*)")
_HEADING = re.compile(r"\s{0,3}#{1,6}\s+(?P<text>.*?)\s*#*")


def answer_markup(text: str, evidence: Sequence[Evidence] = (), handles: Collection[str] = ()) -> Markup:
    """The text of an answer.

    Args:
        text: as the planner wrote it.
        evidence: what its pieces rest on; each piece is followed by links to it.
        handles: the live handles: where the text mentions one, it becomes a link.
    """
    plain = _RESERVED.sub("", harmless(text))
    spans = quoted_spans(plain, evidence)
    marked, end = "", 0
    for number, (start, stop, _) in enumerate(spans):
        # A piece that runs over a line break is marked on its first line: blocks are lines.
        line_stop = min([stop, *(at for at in [plain.find("\n", start, stop)] if at >= 0)])
        marked += f"{plain[end:start]}{OPEN}{number}:{plain[start:line_stop]}{CLOSE}"
        end = line_stop
    inline = _Inline([keys for _, _, keys in spans], frozenset(handles))
    return element("div", list(_blocks((marked + plain[end:]).split("\n"), inline)), class_="prose-answer", dir="auto")


class _Inline:
    """Turns the pieces of a line to markup."""

    def __init__(self, keys: Sequence[Sequence[str]], handles: frozenset[str]) -> None:
        self._keys = keys
        self._handles = handles

    def __call__(self, text: str) -> list[Child]:
        parts: list[Child] = []
        end = 0
        for found in _INLINE.finditer(text):
            parts += [*self._linked(text[end : found.start()]), self._piece(found.groupdict())]
            end = found.end()
        return [*parts, *self._linked(text[end:])]

    def _piece(self, found: Mapping[str, str | None]) -> Child:
        if found["code"] is not None:
            return element("code", _bare(found["code"]))
        if found["bold"] is not None:
            return element("strong", self(found["bold"]))
        if found["italic"] is not None:
            return element("em", self(found["italic"]))
        quote = found["quote"] or ""
        return _evidenced(quote, list(dict.fromkeys(self._keys[int(found["key"] or 0)])))

    def _linked(self, text: str) -> Iterator[Child]:
        end = 0
        for found in _HANDLE.finditer(text):
            if found.group() in self._handles:
                yield text[end : found.start()]
                yield handle_link(found.group())
                end = found.end()
        yield _bare(text[end:])


def _bare(text: str) -> str:
    """Text whose marks mean nothing where it stands: in code, and where one half of a mark is elsewhere."""
    return re.sub(rf"{OPEN}\d+:|{CLOSE}", "", text)


def handle_link(handle: str, says: str = "") -> Markup:
    """A link that lights up what a handle stands for."""
    label = says or f"show {handle}"
    return element("a", handle, href=f"#{handle}", class_="handle", data_keys=handle, aria_label=label)


def _evidenced(quote: str, keys: Sequence[str]) -> Markup:
    if list(keys) == [quote]:
        return handle_link(quote)
    links = [handle_link(key, f"show {key}, evidence for {one_line(quote, 60)}") for key in keys]
    marked = element("mark", quote, data_keys=" ".join(keys))
    return element("span", marked, element("span", links, class_="cites"), class_="evidenced")


def _blocks(lines: Sequence[str], inline: _Inline) -> Iterator[Markup]:
    at = 0
    while at < len(lines):
        if lines[at].lstrip().startswith("```"):
            stop = next((to for to in range(at + 1, len(lines)) if lines[to].strip() == "```"), len(lines))
            yield element("pre", _bare("\n".join(lines[at + 1 : stop])), tabindex=0)
            at = stop + 1
        elif _ITEM.fullmatch(lines[at]):
            stop = next((to for to in range(at, len(lines)) if not _ITEM.fullmatch(lines[to])), len(lines))
            yield _list(lines[at:stop], inline)
            at = stop
        elif not lines[at].strip():
            at += 1
        else:
            stop = next((to for to in range(at + 1, len(lines)) if _breaks(lines[to])), len(lines))
            yield _paragraph(lines[at:stop], inline)
            at = stop


def _breaks(line: str) -> bool:
    return not line.strip() or bool(_ITEM.fullmatch(line) or _HEADING.fullmatch(line)) or line.startswith("```")


def _paragraph(lines: Sequence[str], inline: _Inline) -> Markup:
    heading = _HEADING.fullmatch(lines[0])
    rows = [heading["text"], *lines[1:]] if heading else lines
    broken = [[element("span", inline(row)), "\n"] for row in rows]
    if heading:
        return element("p", element("strong", broken[0][0]), "\n", broken[1:])
    return element("p", broken)


def _list(lines: Sequence[str], inline: _Inline) -> Markup:
    items = [found for found in map(_ITEM.fullmatch, lines) if found]
    numbered = items[0]["mark"][0].isdigit()
    start = int(re.sub(r"\D", "", items[0]["mark"])) if numbered else None
    entries = [element("li", inline(item["text"])) for item in items]
    return element("ol" if numbered else "ul", entries, start=start)
