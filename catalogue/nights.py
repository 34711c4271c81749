"""The outcome of the nightly runs, and what has been failing for too long."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from .observed import FACILITY_DAYS, UP, Health, Observed, Probe
from .problems import CatalogueError
from .sources.stored_json import indented_json
from .text import inert_markdown
from .times import Time

FILE = "steps.json"
STEPS = ("harvest", "inspect", "probe", "links", "record")
# Steps that do not run every night, with the interval after a run that succeeded.
INTERVAL_DAYS = {"links": 7}

# A step is stopped after so many minutes. They add up to less than the time limit of the CI job.
# The longest list by OAI-PMH, of 100,000 records, takes 80 minutes of the harvest.
TIMEOUT_MINUTES = {"harvest": 100, "inspect": 30, "probe": 15, "links": 15, "record": 5}

# Days of failure after which somebody should look. One bad night needs no attention.
STEP_DAYS, REPOSITORY_DAYS = 3, 30
_CODES = re.compile(r"<!-- codes: (.*?) -->")
_MOST_LISTED = 20  # repositories; an issue has room for a few hundred lines


class Step(BaseModel):
    """The state of one step of the nightly run: its last attempt, its last success, and since when it fails and why."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    tried: Time
    good: Time | None = None
    failing_since: Time | None = None
    why: str = ""


_Steps = TypeAdapter(dict[str, Step])


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Something that needs attention: what it is, in a sentence, and since when (an ISO time, empty for tonight).

    `code` identifies it from night to night, while the sentence may change.
    """

    code: str
    text: str
    since: str = ""


def read_nights(files: Mapping[str, str]) -> dict[str, Step]:
    """The steps by name, read from the texts of the files by name; empty before the first night.

    Raises CatalogueError if the file is damaged.
    """
    if FILE not in files:
        return {}
    try:
        return _Steps.validate_json(files[FILE])
    except ValidationError:
        raise CatalogueError(
            f"snapshot/nights/{FILE} is damaged: remove it, and the next night writes it anew"
        ) from None


def write_nights(steps: Mapping[str, Step]) -> dict[str, str]:
    """The texts of the files by name."""
    data = _Steps.dump_python(dict(steps), mode="json", exclude_defaults=True)
    return {FILE: indented_json(data)}


def step_after(step: Step | None, now: str, why: str | None) -> Step:
    """The state of a step after a run at the time `now`; `why` is the reason for its failure, None if it succeeded."""
    if why is None:
        return Step(tried=now, good=now)
    since = step.failing_since if step and step.failing_since else now
    return Step(tried=now, good=step.good if step else None, failing_since=since, why=why)


def is_due(name: str, step: Step | None, now: str) -> bool:
    """Whether a step is to be run tonight. One that has failed is tried again every night."""
    if step is None or step.failing_since:
        return True
    rested = _days(step.tried, now)
    # Half a day less, since runs do not start on the minute. A time in the future was written by a wrong clock.
    return rested > INTERVAL_DAYS.get(name, 0) - 0.5 or rested < -0.5


# What it means that a part of tonight's run has failed, and what to do.
_FAILED_PARTS = {
    "ask": "nothing was read tonight, and the site is built from what is committed. Its log says why; the next night tries "
    "again.",
    "commit": "what was read tonight is not in the repository. Its log says why; it must be allowed to push to the default "
    "branch. The next night reads everything again.",
    "build": "the site that is published stays as it was. Its log says why. If the new site has lost much, and that is "
    "intended, run it once by hand with allow_shrink (GitHub), or with the variable ALLOW_SHRINK = on (GitLab).",
    "publish": "the site that is published stays as it was. Its log says why; under Settings, Pages, the source must be "
    "GitHub Actions. The next night publishes again.",
}
PARTS = tuple(_FAILED_PARTS)


def troubles(
    steps: Mapping[str, Step], observed: Observed, now: str, failed: Iterable[str] = ()
) -> tuple[Trouble, ...]:
    """What has been failing for too long; `failed` are those of PARTS that failed tonight: they must never fail."""
    found = [Trouble(code=f"failed-{part}", text=f"Tonight's {part} failed: {_FAILED_PARTS[part]}") for part in failed]
    for name, step in sorted(steps.items()):
        if step.failing_since and _days(step.failing_since, now) > STEP_DAYS:
            last = f"last done {step.good[:10]}" if step.good else "never done"
            text = f"build.py {name} has failed every time since {step.failing_since[:10]} ({last}): {step.why}"
            found.append(Trouble(code=f"step-{name}", text=text, since=step.failing_since))
        elif _days(step.tried, now) > STEP_DAYS + INTERVAL_DAYS.get(name, 0):
            text = f"build.py {name} was last run on {step.tried[:10]}: is the nightly run switched off?"
            found.append(Trouble(code=f"idle-{name}", text=text, since=step.tried))
    for probe in observed.current_probes:
        if probe.health not in UP and probe.since and _days(probe.since, now) > FACILITY_DAYS:
            text = f"The facility {probe.facility} {_what_fails(probe, probe.since)}"
            found.append(Trouble(code=f"facility-{probe.facility}", text=text, since=probe.since))
    late = [
        (seen.repository, seen.failing)
        for seen in observed.repositories
        if seen.failing and _days(seen.failing.since, now) > REPOSITORY_DAYS
    ]
    waiting = [failure for _, failure in late if failure.waiting]
    silent = sorted((failure.since, name, failure.why) for name, failure in late if not failure.waiting)
    for since, name, why in silent[:_MOST_LISTED]:
        text = f"inspections of {name} have failed since {since[:10]}: {why}"
        found.append(Trouble(code=f"repository-{name}", text=text, since=since))
    if more := silent[_MOST_LISTED:]:
        text = f"{len(more):,} more repositories could not be inspected for more than {REPOSITORY_DAYS} days."
        found.append(Trouble(code="repositories", text=text, since=more[0][0]))
    if waiting:
        text = (
            f"{len(waiting):,} repositories have waited for more than {REPOSITORY_DAYS} days to be inspected: there are more "
            "than the nights have time for. Let `build.py inspect` run more often."
        )
        found.append(Trouble(code="waiting", text=text, since=min(each.since for each in waiting)))
    return tuple(found)


def _what_fails(probe: Probe, since: str) -> str:
    """What is wrong with a facility that is not up, and what to do, in words that follow its name."""
    remedy = "correct its url in facilities.yaml, or say since when it is `closed`."
    match probe.health:
        case Health.REFUSING:
            return (
                f"has refused every check after that of {probe.asked[:10]}, so nobody knows whether it is up. Ask its operator "
                f"to let the checks through. If it has moved or closed: {remedy}"
            )
        case Health.SILENT:
            return f"has not answered since {since[:10]}: {probe.detail}. If it has moved or closed: {remedy}"
    return f"has not been well since {since[:10]}: {probe.detail}. If it is not coming back: {remedy}"


def as_markdown(found: Iterable[Trouble]) -> str:
    """The troubles as the text of an issue, with their codes in an HTML comment for `new_troubles`."""
    every = list(found)
    lines = [
        "The nightly run keeps this list up to date, and closes the issue when all is well again.",
        "",
        *(map(_line, every) if every else ["All is well."]),
        "",
    ]
    if every:
        lines += [f"<!-- codes: {' '.join(map(_code, every))} -->", ""]
    return "\n".join(lines)


def new_troubles(found: Iterable[Trouble], issue: str) -> str:
    """A comment for the issue with the text `issue`, with the troubles that are not in it yet; empty if there are none."""
    known = {code for codes in _CODES.findall(issue) for code in codes.split()}
    lines = [_line(each) for each in found if _code(each) not in known]
    return "\n".join(["New on this list:", "", *lines, ""]) if lines else ""


def _line(trouble: Trouble) -> str:
    return f"- {inert_markdown(trouble.text)}"


def _code(trouble: Trouble) -> str:
    return quote(trouble.code, safe=":/")


def as_json(found: Iterable[Trouble]) -> str:
    """The troubles as JSON."""
    every = [{"code": each.code, "since": each.since, "text": each.text} for each in found]
    return json.dumps({"well": not every, "troubles": every}, ensure_ascii=False, indent=1)


def _days(since: str, now: str) -> float:
    begin, end = (datetime.fromisoformat(each).replace(tzinfo=UTC) for each in (since, now))
    return (end - begin).total_seconds() / 86_400
