"""Days and times in the files that this program writes and reads again."""

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, StringConstraints


def check_date(text: str) -> str:
    """The day or time, where there is such a one. Raises ValueError."""
    try:
        datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is no date or time") from None
    return text


_DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
# As `2026-11-22`, and as `2026-11-22T03:41:00Z`, which is always UTC.
Day = Annotated[str, StringConstraints(pattern=f"^{_DAY}$"), AfterValidator(check_date)]
Time = Annotated[
    str, StringConstraints(pattern=f"^{_DAY}T[0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}}Z$"), AfterValidator(check_date)
]
