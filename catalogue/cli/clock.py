"""What day and time it is, for the commands."""

import os
from datetime import UTC, datetime, timedelta

import click


def now() -> str:
    """The time now, in UTC, as everything that is written down has it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def latest_day(now: datetime) -> str:
    """The newest date that anybody on Earth can write now: 14 hours ahead of UTC it is tomorrow already."""
    return (now + timedelta(hours=14)).date().isoformat()


def build_time() -> str | None:
    """The time of the build, if the environment says one (SOURCE_DATE_EPOCH); else the snapshot's time is shown."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    if not epoch:
        return None
    try:
        return datetime.fromtimestamp(int(epoch), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError, OSError):
        raise click.UsageError(f"SOURCE_DATE_EPOCH is {epoch!r}: it must be a number of seconds since 1970") from None
