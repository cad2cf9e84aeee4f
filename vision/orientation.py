"""What the EXIF orientation tag says about how a picture was stored."""

from __future__ import annotations

from .frame import IDENTITY, Frame, SizeWh


def exif_frame(orientation: int, stored_wh: SizeWh) -> Frame:
    """The map from the pixels of the upright picture to the pixels of the file as it is stored.

    Args:
        orientation: the EXIF tag 0x0112, 1 to 8. Any other value means "as stored", as in every viewer.
        stored_wh: width and height of the stored pixels, before they are turned.
    """
    width, height = float(stored_wh[0]), float(stored_wh[1])
    frames = {
        2: Frame(a=-1, c=width),  # mirrored left to right
        3: Frame(a=-1, c=width, e=-1, f=height),  # upside down
        4: Frame(e=-1, f=height),  # mirrored top to bottom
        5: Frame(a=0, b=1, d=1, e=0),  # mirrored about the diagonal
        6: Frame(a=0, b=1, d=-1, e=0, f=height),  # turned left: upright after 90 degrees clockwise
        7: Frame(a=0, b=-1, c=width, d=-1, e=0, f=height),  # mirrored about the other diagonal
        8: Frame(a=0, b=-1, c=width, d=1, e=0),  # turned right: upright after 90 degrees counter-clockwise
    }
    return frames.get(orientation, IDENTITY)
