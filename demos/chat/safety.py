"""What reaches the browser: no path of this machine, and a page that loads nothing from anywhere else."""

from __future__ import annotations

import re
import secrets

_ROOT = r"(?:file:/{0,2})?(?:~[\\/]|(?<!\w)[A-Za-z]:[\\/](?!/)|\\\\|/(?!/))"
_PATH = re.compile(rf"https?://[^\s'\"`]+|(?<![\w./]){_ROOT}(?:[\w.@+-]+[\\/])+(?P<name>[\w.@+-]*)")
_QUOTED = re.compile(rf"""(?P<quote>['"`]){_ROOT}(?:[^'"`\\/\n]+[\\/])+(?P<name>[^'"`\\/\n]*)(?P=quote)""")
"""Within quotes, names may hold spaces."""

_SCRIPT = re.compile(r"<script\b", re.IGNORECASE)

POLICY = "; ".join(
    (
        "default-src 'none'",
        # Gradio builds the templates of its components with Function(): eval is allowed, scripts in the page are not,
        # but for those that carry the number of this very answer.
        "script-src 'self' 'nonce-{nonce}' 'unsafe-eval'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "media-src 'self' blob:",
        "connect-src 'self'",
        "manifest-src 'self'",
        "worker-src 'self' blob:",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
"""The content security policy of the page."""

DATA_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
"""That of everything else: a picture or a file that is opened by itself can do nothing."""

HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(self), microphone=(), geolocation=()",
}
"""Of every answer."""


def without_paths(text: str) -> str:
    """The text with the folders of absolute paths cut off: `/home/ann/models/x.pt` becomes `…/x.pt`."""
    bare = _QUOTED.sub(r"\g<quote>…/\g<name>\g<quote>", text)
    return _PATH.sub(lambda found: found[0] if found["name"] is None else f"…/{found['name']}", bare)


def with_nonce(html: str) -> tuple[str, str]:
    """A page of Gradio's whose own scripts carry a number used once, and the policy that lets only those run."""
    nonce = secrets.token_urlsafe(18)
    return _SCRIPT.sub(f'<script nonce="{nonce}"', html), POLICY.format(nonce=nonce)
