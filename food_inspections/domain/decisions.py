"""What people do with the lines of a plan: which decisions there are, when one is refused, what follows from it.

A decision is never changed: the last one on a line is in force. Where it overrides the plan it says why.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, cast, get_args
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pandas as pd

from food_inspections.domain.weeks import is_complete
from food_inspections.errors import FoodInspectionsError

Word = Literal["done", "postponed", "skipped", "closed", "wrong_address", "swapped"]
WORDS: tuple[Word, ...] = get_args(Word)

OVERRIDES: frozenset[Word] = frozenset({"postponed", "skipped", "swapped"})
"""Decisions that are against the plan, whoever makes them."""

GONE: frozenset[Word] = frozenset({"closed", "wrong_address"})
"""Decisions that take a place off the next queues, until the portal shows a visit to it."""

Kind = Literal["no_plan", "invalid", "conflict"]


@dataclass(frozen=True)
class Asked:
    """A decision as somebody sends it.

    Attributes:
        establishment_id: The line it is about.
        inspector: Who acted on it; for ``swapped`` who has it from now on. ``None`` stands for who has it now.
        decision: What was decided.
        reason: Why; needed where the plan is overridden.
        idempotency_key: The same key again is the same decision.
    """

    establishment_id: str
    decision: Word
    idempotency_key: str
    inspector: str | None = None
    reason: str | None = None


@dataclass(frozen=True)
class Made:
    """A decision as it is kept: a row of ``api.plan_decisions``."""

    decision_id: int
    week: date
    establishment_id: str
    planned_day: date
    inspector: str
    decision: Word
    reason: str | None
    is_override: bool
    decided_at: datetime
    decided_by: str
    idempotency_key: str


@dataclass(frozen=True)
class Line:
    """A line of a plan as it stands.

    Attributes:
        inspector: Who has it: by the plan, or by a swap since.
        day: When it is planned.
        last: The decision in force on it.
        is_planned: Whether the plan in force still has it. What an earlier version had and this one has not may have
            been taken off by mistake, and is decided on as before.
    """

    inspector: str
    day: date
    last: Made | None = None
    is_planned: bool = True


@dataclass(frozen=True)
class Standing:
    """What there is to decide on in a week.

    Attributes:
        lines: Lines of all accepted versions of its plan, by establishment; ``None`` where there is no version.
        working_days: Days of the plan in force by inspector, days without a visit included.
    """

    lines: Mapping[str, Line] | None
    working_days: Mapping[str, Collection[date]]


class DecisionsRefusedError(FoodInspectionsError):
    """None of the decisions sent together is kept.

    Attributes:
        kind: Whether there is no plan, a decision is wrong in itself, or it contradicts one that is kept.
        messages: What is wrong by place in what was sent and by field; empty where there is no plan.
    """

    def __init__(
        self, message: str, kind: Kind = "no_plan", messages: Mapping[int, Mapping[str, str]] | None = None
    ) -> None:
        super().__init__(message)
        self.kind = kind
        self.messages = messages or {}


def completed(asked: Asked, line: Line) -> tuple[Asked, bool]:
    """A decision with the inspector it is about, and whether it overrides the plan.

    It does where it is against the plan by itself, and where somebody else acted than who had the line.
    """
    inspector = asked.inspector or line.inspector
    is_override = asked.decision in OVERRIDES or inspector != line.inspector
    return Asked(asked.establishment_id, asked.decision, asked.idempotency_key, inspector, asked.reason), is_override


def require_no_refusals(
    week: date, asked: Sequence[Asked], standing: Standing, kept: Mapping[str, Made], decided_by: str
) -> None:
    """Refuse decisions that cannot be kept, all that were sent together.

    Args:
        week: Monday of the plan.
        asked: The decisions, in the order they were sent.
        standing: What there is to decide on.
        kept: Decisions kept already under one of the keys sent.
        decided_by: Who sends them.

    Raises:
        DecisionsRefusedError: At least one is refused; the messages say which and why.
    """
    if standing.lines is None and any(one.idempotency_key not in kept for one in asked):
        raise DecisionsRefusedError(
            f"The week of {week} has no plan, so there is nothing to decide on: name a week that has one, or let "
            "the asset inspection_plan make it first.",
            "no_plan",
        )
    lines = standing.lines or {}
    wrong, contradicting = {}, {}
    seen: dict[str, int] = {}
    on_line: dict[str, int] = {}
    for place, one in enumerate(asked):
        if one.idempotency_key in seen:
            earlier = seen[one.idempotency_key]
            wrong[place] = {
                "idempotency_key": f"Decision {earlier} of the same request has this key: give each its own."
            }
            continue
        seen[one.idempotency_key] = place
        if one.idempotency_key in kept:
            if not is_repeated(one, week, decided_by, kept[one.idempotency_key]):
                contradicting[place] = {"idempotency_key": _other_content(kept[one.idempotency_key])}
            continue
        if one.establishment_id in on_line:
            wrong[place] = {
                "establishment_id": f"Decision {on_line[one.establishment_id]} of the same request is about "
                f"{one.establishment_id} as well: send them one after the other."
            }
            continue
        on_line[one.establishment_id] = place
        messages = _wrong(one, week, standing)
        if messages:
            wrong[place] = messages
        elif (last := lines[one.establishment_id].last) is not None and _says_the_same(one, last):
            contradicting[place] = {"decision": _said_before(last)}
    if wrong or contradicting:
        kind: Kind = "invalid" if wrong else "conflict"
        messages_by_place = dict(sorted((wrong | contradicting).items()))
        raise DecisionsRefusedError(_summary(len(asked), messages_by_place), kind, messages_by_place)


def is_repeated(asked: Asked, week: date, decided_by: str, kept: Made) -> bool:
    """Whether a decision that came with a key kept already is the one kept under it, by the same sender."""
    return (
        week == kept.week
        and decided_by == kept.decided_by
        and asked.establishment_id == kept.establishment_id
        and asked.decision == kept.decision
        and asked.reason == kept.reason
        and asked.inspector in (None, kept.inspector)
    )


def _wrong(asked: Asked, week: date, standing: Standing) -> dict[str, str]:
    lines, working_days = standing.lines or {}, standing.working_days
    line = lines.get(asked.establishment_id)
    if line is None:
        return {
            "establishment_id": f"{asked.establishment_id} is not on the plan of the week of {week}: decide on one of "
            f"its {len(lines)} places."
        }
    # Who had a line of an earlier version may have left the plan since.
    if asked.inspector is not None and asked.inspector not in {*working_days, line.inspector}:
        known = ", ".join(sorted(working_days))
        return {
            "inspector": f"Nobody called {asked.inspector!r} is planned in the week of {week}: name one of {known}."
        }
    if asked.decision == "swapped" and (messages := _wrong_swap(asked, line, working_days)):
        return messages
    with_inspector, is_override = completed(asked, line)
    if is_override and not (asked.reason or "").strip():
        against = (
            f"{asked.decision!r} overrides the plan"
            if asked.decision in OVERRIDES
            else f"the plan gives this place to {line.inspector}, not to {with_inspector.inspector}"
        )
        return {"reason": f"Say why: {against}."}
    return {}


def _wrong_swap(asked: Asked, line: Line, working_days: Mapping[str, Collection[date]]) -> dict[str, str]:
    if not line.is_planned:
        return {"decision": "This place is no longer planned, so nobody can take it: plan the week again first."}
    if asked.inspector is None or asked.inspector == line.inspector:
        return {"inspector": f"{line.inspector} has this place already: name the inspector who takes it."}
    if line.day not in working_days[asked.inspector]:
        able = ", ".join(sorted(name for name in working_days if line.day in working_days[name])) or "nobody"
        return {
            "inspector": f"{asked.inspector} does not work on {line.day}, the day of this visit: name one who does "
            f"({able})."
        }
    return {}


def _says_the_same(asked: Asked, last: Made) -> bool:
    return asked.decision == last.decision and asked.reason == last.reason and asked.inspector in (None, last.inspector)


def _said_before(last: Made) -> str:
    return (
        f"{last.establishment_id} was already decided {last.decision!r} at {last.decided_at:%Y-%m-%d %H:%M} UTC by "
        f"{last.decided_by} (decision {last.decision_id}): nothing to add. To be safe against sending twice, use the "
        "same idempotency_key."
    )


def _other_content(kept: Made) -> str:
    return (
        f"This key belongs to decision {kept.decision_id} ({kept.decision!r} on {kept.establishment_id}, week of "
        f"{kept.week}), which says something else or is another sender's: use a new key for a new decision."
    )


def _summary(sent: int, messages: Mapping[int, Mapping[str, str]]) -> str:
    place, first = next(iter(messages.items()))
    field, message = next(iter(first.items()))
    return (
        f"{len(messages)} of {sent} decisions cannot be kept, so none was: decisions.{place}.{field}: {message} "
        "Mend them and send all of them again; keys make that safe."
    )


def changes_what_follows(week: date, made: Sequence[Made], before: Mapping[str, Made], today: date) -> bool:
    """Whether anything made from decisions comes out differently with these.

    The next queue asks which places are gone, and performance for all decisions on a week once it is over. A visit
    that was done during the week changes neither, and is not to set off a run.

    Args:
        week: Monday of the plan.
        made: The decisions.
        before: The last decision on each place before them, in whatever week.
        today: Today in the city.
    """
    gone = {place for place, last in before.items() if last.decision in GONE}
    return is_complete(week, today) or any(one.decision in GONE or one.establishment_id in gone for one in made)


def is_gone(places: pd.DataFrame, decisions: pd.DataFrame, monday: date, zone: ZoneInfo) -> npt.NDArray[np.bool_]:
    """Which places inspectors found closed or not at their address, and nobody has visited since.

    Args:
        places: Establishments in business on the Monday: establishment_id, last_visit (before the Monday).
        decisions: Rows of ``api.plan_decisions``: decision_id, establishment_id, decision, planned_day, decided_at;
            those made on the Monday or later do not count.
        monday: The day to judge from.
        zone: Where the Monday begins.

    Returns:
        One truth value a place, in their order. A place comes back with a decision of another kind, and with a visit
        that the portal shows on the day it was found gone or later. That is the day planned, or the day the decision
        arrived where that is earlier: a phone without a network sends days later what was seen before.
    """
    begin = pd.Timestamp(datetime(monday.year, monday.month, monday.day, tzinfo=zone))
    known = decisions[decisions["decided_at"] < begin].sort_values("decision_id", kind="stable")
    last = known.drop_duplicates("establishment_id", keep="last").set_index("establishment_id")
    gone = last[last["decision"].isin(GONE)]
    decided_on = gone["decided_at"].dt.tz_convert(zone).dt.tz_localize(None).dt.normalize()
    seen_on = decided_on.where(decided_on < gone["planned_day"], gone["planned_day"])
    found_gone = places["establishment_id"].map(seen_on).astype("datetime64[ns]")
    # A place without a decision compares as missing, which is false.
    return cast(npt.NDArray[np.bool_], (places["last_visit"] < found_gone).to_numpy(dtype=np.bool_))
