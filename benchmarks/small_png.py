"""Pictures of text in few bytes: 256 colours, which type and rules do not need more than.

The browser that took a picture also unpacks it; knows nothing of what it shows.
"""

from __future__ import annotations

import base64
import struct
import zlib

import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Page

COLOURS = 256
# The square of a distance that nobody sees: four steps of one channel.
_ALIKE = 16
_UNPACK = """
async (png) => {
  const bytes = Uint8Array.from(atob(png), (letter) => letter.charCodeAt(0));
  const image = await createImageBitmap(new Blob([bytes], {type: "image/png"}));
  const canvas = new OffscreenCanvas(image.width, image.height);
  const drawing = canvas.getContext("2d");
  drawing.drawImage(image, 0, 0);
  const {data} = drawing.getImageData(0, 0, image.width, image.height);
  let text = "";
  for (let at = 0; at < data.length; at += 8192) {
    text += String.fromCharCode(...data.subarray(at, at + 8192));
  }
  return [image.width, image.height, btoa(text)];
}
"""


def small(png: bytes, page: Page) -> bytes:
    """The same picture with the colours that occur most, the others by the nearest of them."""
    width, height, data = page.evaluate(_UNPACK, base64.b64encode(png).decode())
    pixels = np.frombuffer(base64.b64decode(data), np.uint8).reshape(height, width, 4)
    packed = pixels[..., :3].astype(np.uint32) @ np.array([65536, 256, 1], np.uint32)
    found, places, counts = np.unique(packed, return_inverse=True, return_counts=True)
    kept = _kept(found[np.argsort(-counts, kind="stable")])
    nearest = _nearest(_channels(found), _channels(kept))
    return _written(nearest[places].reshape(height, width).astype(np.uint8), _channels(kept))


def _kept(by_count: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Colours that differ, those that occur most first; so rare ones have a place, too."""
    colours = _channels(by_count)
    kept: list[int] = []
    for place, colour in enumerate(colours):
        near = ((colours[kept] - colour) ** 2).sum(axis=1) if kept else np.array([_ALIKE])
        if near.min() >= _ALIKE:
            kept.append(place)
        if len(kept) == COLOURS:
            break
    return np.sort(by_count[kept])


def _channels(packed: NDArray[np.uint32]) -> NDArray[np.int32]:
    """Colours of shape (n,) as red, green, blue of shape (n, 3)."""
    return np.stack([packed >> 16, packed >> 8 & 255, packed & 255], axis=1).astype(np.int32)


def _nearest(colours: NDArray[np.int32], kept: NDArray[np.int32]) -> NDArray[np.intp]:
    """For each colour the place of the nearest that is kept."""
    return np.array([((kept - colour) ** 2).sum(axis=1).argmin() for colour in colours])


def _written(rows: NDArray[np.uint8], palette: NDArray[np.int32]) -> bytes:
    height, width = rows.shape
    head = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    unfiltered = np.concatenate([np.zeros((height, 1), np.uint8), rows], axis=1)
    chunks = [
        (b"IHDR", head),
        (b"PLTE", palette.astype(np.uint8).tobytes()),
        (b"IDAT", zlib.compress(unfiltered.tobytes(), 9)),
        (b"IEND", b""),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, body) for name, body in chunks)


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
