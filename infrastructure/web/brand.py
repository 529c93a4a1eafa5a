"""The council's own colour: one setting, from which every other shade of the brand is mixed."""

import re

DEFAULT = "#0f4c55"
LEAST_CONTRAST = 4.5  # WCAG 2.2, 1.4.3: white words stand on the colour


def brand_css(colour: str) -> str:
    """Return the custom properties for a colour; raise ValueError where white words could not be read on it."""
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", colour):
        raise ValueError("The brand colour must be written like #0f4c55")
    if contrast_with_white(colour) < LEAST_CONTRAST:
        raise ValueError(f"The brand colour {colour} is too pale for white words: choose a darker one")
    surface = mixed_with_white(colour, 0.05)
    shades = {
        "--govuk-brand-colour": colour,
        "--govuk-template-background-colour": surface,
        "--govuk-surface-background-colour": surface,
        "--govuk-surface-border-colour": mixed_with_white(colour, 0.4),
        "--fd-tint": mixed_with_white(colour, 0.1),
    }
    return ":root {" + "; ".join(f"{name}: {shade}" for name, shade in shades.items()) + "}\n"


def channels(colour: str) -> tuple[int, int, int]:
    """Return red, green and blue, 0 to 255."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def mixed_with_white(colour: str, share: float) -> str:
    """Return the colour thinned with white, `share` of it left."""
    return "#" + "".join(f"{round(255 - (255 - channel) * share):02x}" for channel in channels(colour))


def contrast_with_white(colour: str) -> float:
    """Return the WCAG contrast ratio of white on this colour, 1 to 21."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (n / 255 for n in channels(colour))]
    return 1.05 / (0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] + 0.05)
