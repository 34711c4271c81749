"""Days and times: their types in files that this program writes, which are ISO, in UTC to the second; and as readers read them."""

import re
from datetime import date, datetime, timedelta
from typing import Annotated

from pydantic import AfterValidator

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(rf"{_DAY.pattern}T[0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}}Z")


def _day(text: str) -> str:
    return _checked(text, _DAY, "day, as in 2026-11-22")


def _time(text: str) -> str:
    return _checked(text, _TIME, "time, as in 2026-11-22T03:41:00Z")


def _checked(text: str, pattern: re.Pattern[str], what: str) -> str:
    try:
        if pattern.fullmatch(text):
            datetime.fromisoformat(text)
            return text
    except ValueError:
        pass
    raise ValueError(f"{text!r} is no {what}")


# `2026-11-22`, and `2026-11-22T03:41:00Z`. Only pydantic checks them.
Day = Annotated[str, AfterValidator(_day)]
Time = Annotated[str, AfterValidator(_time)]


def when(iso: str) -> str:
    """`2026-11-22T03:41:00Z` as `22 November 2026, 03:41 UTC`; a plain date without the time."""
    moment = datetime.fromisoformat(iso)
    day = f"{moment.day} {moment:%B %Y}"
    return f"{day}, {moment:%H:%M} UTC" if "T" in iso else day


def loose_date(stated: str | None) -> str:
    """A date as precise as Zenodo has it: a day, a month or a year; any other text is unchanged."""
    text = stated or ""
    try:
        match text.count("-"):
            case 2:
                return when(text)
            case 1:
                return f"{datetime.fromisoformat(f'{text}-01'):%B %Y}"
    except ValueError:
        pass
    return text


def day(iso: str) -> str:
    """The day of a time, as `22 November 2026`."""
    return when(iso[:10])


def days_between(earlier: str, later: str) -> int:
    """The whole days from one ISO time in UTC to another; 0 if they are in the wrong order, as by a wrong clock."""
    begin, end = map(datetime.fromisoformat, (earlier, later))
    return max(0, (end - begin).days)


def days_until(last: str, count: int) -> tuple[str, ...]:
    """The `count` days up to and including `last`, in ISO format, oldest first."""
    end = date.fromisoformat(last[:10])
    return tuple((end - timedelta(days=back)).isoformat() for back in reversed(range(count)))
