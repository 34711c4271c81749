"""The date and time, for the commands."""

import os
from datetime import UTC, datetime, timedelta

import click


def now() -> str:
    """The present time in UTC, as in all stored files: `2026-11-27T03:00:00Z`."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def latest_day(now: datetime) -> str:
    """The latest date that it is anywhere on Earth: the easternmost time zone is 14 hours ahead of UTC."""
    return (now + timedelta(hours=14)).date().isoformat()


def build_time() -> str | None:
    """The build time from SOURCE_DATE_EPOCH; None if it is not set: then the time of the snapshot is shown."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    if not epoch:
        return None
    try:
        return datetime.fromtimestamp(int(epoch), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError, OSError):
        raise click.UsageError(f"SOURCE_DATE_EPOCH is {epoch!r}: it must be a number of seconds since 1970") from None
