"""The permanent addresses of the site, below its base URL. Papers, READMEs and programs have them: they may not change."""


def software_page(slug: str) -> str:
    """The page of an entry."""
    return f"software/{slug}/"


def facility_page(slug: str) -> str:
    """The page of a facility."""
    return f"facilities/{slug}/"


def launch_page(software: str, facility: str = "") -> str:
    """The page that launches an entry at a facility; without a facility, the page where a reader chooses one."""
    return f"go/{software}/{facility}/" if facility else f"go/{software}/"
