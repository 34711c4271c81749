"""Types for the days and times in files that this program writes. Both are ISO, and times are in UTC to the second."""

import re
from datetime import datetime
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
