"""In which script a text is written, by the characters that only one of the two has."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from stance.ragged import code_points

_HAN = np.r_[0x3400:0x4DC0, 0x4E00:0xA000, 0xF900:0xFB00, 0x20000:0x31350]
# What the table of characters holds of each.
_NOT_HAN, _COMMON, _SIMPLIFIED, _TRADITIONAL = range(4)


def script(text: str) -> str:
    """`simp`, `trad`, `mixed` or `other`, by the characters that only one script has.

    Simplified alone are characters of GB 2312 that Big5 lacks, traditional alone the reverse; 后,
    里 or 云 stand in both and decide nothing. `mixed` is a minority of a tenth or more; `other` is
    a text with hardly any Han.
    """
    counts = np.bincount(_kinds().take(code_points(text), mode="clip"), minlength=4).tolist()
    han = len(text) - counts[_NOT_HAN]
    if han < 2 or han < 0.05 * len(text):
        return "other"
    simple, traditional = counts[_SIMPLIFIED], counts[_TRADITIONAL]
    if not simple and not traditional:
        return "simp"
    share = traditional / (simple + traditional)
    if share >= 0.9:
        return "trad"
    return "simp" if share <= 0.1 else "mixed"


@cache
def _kinds() -> NDArray[np.uint8]:
    """The kind of each character by code point; what stands last is true of all behind."""
    han = "".join(map(chr, _HAN.tolist()))
    # Both charsets leave out what their script lacks.
    in_simple, in_traditional = (
        set(han.encode(charset, "ignore").decode(charset)) for charset in ("gb2312", "big5")
    )
    kinds = np.full(_HAN[-1] + 2, _NOT_HAN, dtype=np.uint8)
    kinds[_HAN] = _COMMON
    kinds[[*map(ord, in_simple - in_traditional)]] = _SIMPLIFIED
    kinds[[*map(ord, in_traditional - in_simple)]] = _TRADITIONAL
    return kinds
