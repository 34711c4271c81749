"""Dates and times as readers read them."""

from datetime import date, datetime, timedelta


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
