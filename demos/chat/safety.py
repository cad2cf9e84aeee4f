"""What reaches the browser: no path of this machine, and a page that loads nothing from anywhere else."""

from __future__ import annotations

import re
import secrets

_PATH = re.compile(r"(?<![\w./:])(?:~[\\/]|[A-Za-z]:\\|\\\\|/)(?:[\w.@+-]+[\\/])+([\w.@+-]*)")
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
    return _PATH.sub(lambda found: f"…/{found[1]}" if found[1] else "…/", text)


def with_nonce(html: str) -> tuple[str, str]:
    """A page of Gradio's whose own scripts carry a number used once, and the policy that lets only those run."""
    nonce = secrets.token_urlsafe(18)
    return _SCRIPT.sub(f'<script nonce="{nonce}"', html), POLICY.format(nonce=nonce)
