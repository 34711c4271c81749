"""The colours of a catalogue as a style sheet that overrides the tokens; none if it keeps the default colours."""

from ..model import Site

PATH = "css/colours.css"


def colour_sheet(site: Site) -> dict[str, bytes]:
    """The style sheet, by its path among the assets."""
    if site.colours is None:
        return {}
    light, dark = site.colours
    sheet = (
        "/* Made from site.yaml, which was checked for contrast. */\n"
        f":root {{ {_tokens(light, _towards(light, 0), '#ffffff')} }}\n"
        f"@media screen and (prefers-color-scheme: dark) {{ :root {{ {_tokens(dark, _towards(dark, 255), '#0f131b')} }} }}\n"
    )
    return {PATH: sheet.encode()}


def _tokens(colour: str, hover: str, on: str) -> str:
    return f"--link: {colour}; --link-hover: {hover}; --accent: {colour}; --accent-hover: {hover}; --on-accent: {on};"


def _towards(colour: str, end: int) -> str:
    """The colour moved a quarter of the way to black (0) or white (255), for more contrast."""
    parts = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return "#" + "".join(f"{round(part + (end - part) / 4):02x}" for part in parts)
