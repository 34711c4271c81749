"""Types for the days and times in files that this program writes."""

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, StringConstraints


def check_date(text: str) -> str:
    """The text itself, if it is an existing day or time in ISO format. Raises ValueError otherwise."""
    try:
        datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is no date or time") from None
    return text


_DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
# `2026-11-22`, and `2026-11-22T03:41:00Z`, always in UTC.
Day = Annotated[str, StringConstraints(pattern=f"^{_DAY}$"), AfterValidator(check_date)]
Time = Annotated[
    str, StringConstraints(pattern=f"^{_DAY}T[0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}}Z$"), AfterValidator(check_date)
]
