"""Colours: how well one is read on another, and what becomes of them in the dark.

Lightness is that of OKLab (Björn Ottosson, 2020), in which equal steps look equal.
"""

from math import cbrt

_LIGHT_ENOUGH = 0.72
_DARK_ENOUGH = 0.45
_MOST_CHROMA_BEHIND = 0.09
"""Of a background in the dark: what is meant as a hint of colour does not glow."""

Lab = tuple[float, float, float]


def contrast(one: str, other: str) -> float:
    """WCAG 2.2: from 1 to 21. Colours are #rgb or #rrggbb."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def dark_background(colour: str) -> str:
    """A light background as a dark one of the same hue; a dark one stays."""
    lightness, a, b = _to_lab(colour)
    if lightness < _DARK_ENOUGH:
        return colour
    chroma = max((a * a + b * b) ** 0.5, 1e-9)
    shrink = min(0.8, _MOST_CHROMA_BEHIND / chroma)
    return _from_lab((0.24 + (1 - lightness) * 0.45, a * shrink, b * shrink))


def dark_words(colour: str) -> str:
    """Dark words as light ones of the same hue; light ones stay."""
    lightness, a, b = _to_lab(colour)
    return colour if lightness > _LIGHT_ENOUGH else _from_lab((0.96 - lightness * 0.25, a, b))


def _channels(colour: str) -> list[float]:
    """Red, green and blue from 0 to 1."""
    digits = colour.removeprefix("#")
    if len(digits) == 3:
        digits = "".join(digit * 2 for digit in digits)
    return [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


def _coded(channel: float) -> float:
    return channel * 12.92 if channel <= 0.0031308 else 1.055 * channel ** (1 / 2.4) - 0.055


def _luminance(colour: str) -> float:
    red, green, blue = map(_linear, _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _to_lab(colour: str) -> Lab:
    red, green, blue = map(_linear, _channels(colour))
    long = cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    medium = cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    return (
        0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short,
    )


def _from_lab(lab: Lab) -> str:
    lightness, a, b = lab
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    linear = (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )
    return "#" + "".join(f"{round(255 * _coded(min(max(each, 0), 1))):02x}" for each in linear)
