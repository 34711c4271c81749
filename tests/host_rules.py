"""How the hosts that read a `_headers` file apply its rules, in their order, to a path."""

import re

CLOUDFLARE, NETLIFY = HOSTS = ("Cloudflare", "Netlify")


def sent(rules: str, path: str, host: str) -> dict[str, str]:
    """The headers that a host sends with what is at a path.

    Cloudflare joins the values of several rules, and `! Name` takes away those of earlier ones:
    https://developers.cloudflare.com/pages/configuration/headers/. At Netlify the last rule has its way, and a line without a
    colon says nothing: https://docs.netlify.com/routing/headers/.
    """
    found: dict[str, str] = {}
    applies = False
    for line in rules.splitlines():
        if not line.startswith(" "):
            pattern = re.sub(r":[a-z]+", "[^/]+", re.escape(line).replace(r"\*", ".*"))
            applies = re.fullmatch(pattern, path) is not None
        elif applies and line.startswith("  !"):
            if host == CLOUDFLARE:
                found.pop(line.removeprefix("  ! "), None)
        elif applies:
            name, _, value = line.strip().partition(": ")
            found[name] = f"{found[name]}, {value}" if host == CLOUDFLARE and name in found else value
    return found
