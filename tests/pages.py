"""The data behind a report, unpacked as its script unpacks it."""

from __future__ import annotations

import base64
import json
import re

import numpy as np

from stance.page.payload import unpack


def data_of(html: str) -> dict:
    """The payload with its parcels opened: columns, blocks and panels as plain values."""
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', html, re.DOTALL)
    data = json.loads(found.group(1))
    data["columns"] = unpack(data["columns"])
    for block in data["blocks"]:
        block |= unpack(block.pop("parcel"))
    for panel in data["panels"]:
        panel |= {"drawn": unpack(panel.pop("parcel"))}
    return data


def texts_of(data: dict) -> list[str]:
    """The sentences, in the order of the page."""
    return [text for block in data["blocks"] for text in block["text"]]


def numbers(packed: str, kind: str) -> list[int]:
    """A packed column."""
    return np.frombuffer(base64.b64decode(packed), dtype=kind).tolist()
