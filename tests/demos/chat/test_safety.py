"""What does not reach the browser: paths of this machine, and scripts without the page's number."""

from __future__ import annotations

import pytest

from lavr.demos.chat.safety import with_nonce, without_paths


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("No picture is in the store /tmp/lavr-x1/room-1.", "No picture is in the store …/room-1."),
        ("cannot open /home/ann/models/x.pt", "cannot open …/x.pt"),
        ("see ~/.config/lavr/config.toml: bad", "see …/config.toml: bad"),
        (r"C:\Users\ann\x.png is gone", "…/x.png is gone"),
        ("'/root/a b' failed", "'…/a b' failed"),
        ("file:///home/ann/x.pt is gone", "…/x.pt is gone"),
        ("see file:/home/ann/x.pt", "see …/x.pt"),
        ("error:/home/ann/x.pt", "error:…/x.pt"),
        ("C:/Users/ann/x.png is gone", "…/x.png is gone"),
        (r"\\server\share\x.png", "…/x.png"),
        ("no '/srv/x'", "no '…/x'"),
        ("no '/home/ann/My Files/x y.pt' here", "no '…/x y.pt' here"),
        (r'no "C:\My Files\x.pt"', 'no "…/x.pt"'),
        ("it's /srv/a and it's /srv/b", "it's …/a and it's …/b"),
        ("https://host:8000/v1/chat?next=/a/b", "https://host:8000/v1/chat?next=/a/b"),
        ("'https://host/v1/My chat' and see:http://host/v1/x", "'https://host/v1/My chat' and see:http://host/v1/x"),
        ("14/03/2026 and 3/4 and a/b", "14/03/2026 and 3/4 and a/b"),
        ("http://host/v1/chat said no", "http://host/v1/chat said no"),
        ("", ""),
    ],
)
def test_folders_of_paths_are_cut_off(said: str, told: str) -> None:
    assert without_paths(said) == told


def test_only_scripts_of_the_page_itself_carry_its_number() -> None:
    html, policy = with_nonce("<script>a</script><SCRIPT type=module src=b></SCRIPT>")
    nonce = html.split('nonce="')[1].split('"')[0]
    assert html.count(f'nonce="{nonce}"') == 2
    assert f"'nonce-{nonce}'" in policy
    assert "unsafe-inline" not in policy.split("style-src")[0]
    assert with_nonce("")[1] != policy
