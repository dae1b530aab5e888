"""A link as a QR code, for a client's own telephone. Drawn here: no link leaves the machine to become a picture."""

import base64

import qrcode  # type: ignore[import-untyped]
from qrcode.image.svg import SvgPathFillImage  # type: ignore[import-untyped]


def data_uri(text: str) -> str:
    """An SVG with a white ground as a ``data:`` address for an ``<img>``."""
    image = qrcode.make(text, image_factory=SvgPathFillImage, border=3)
    return f"data:image/svg+xml;base64,{base64.b64encode(image.to_string()).decode()}"
