"""The plan of a week, the decisions on its lines, and what became of what was listed."""

import marshmallow as ma

from food_inspections.api.schemas import common
from food_inspections.api.schemas.documented import described
from food_inspections.api.schemas.fields import PLAIN, Choice, Matches, Text
from food_inspections.api.schemas.tables import Shown, view
from food_inspections.api.schemas.vocabulary import ESTABLISHMENT_ID, EXAMPLES
from food_inspections.domain.decision_texts import IDEMPOTENCY_KEY, LONGEST_NAME, LONGEST_REASON
from food_inspections.domain.decisions import WORDS

LARGEST_PAGE = 20_000
DEFAULT_PAGE = 1_000
MOST_DECISIONS = 500

WEEK_PARAMETER = {
    "in": "path",
    "name": "week",
    "required": True,
    "description": "The week, by its Monday; any other day of it does as well.",
    "schema": {"type": "string", "format": "date", "examples": ["2025-01-06"]},
}

_STATE_OF_LINE = view(
    "StateOfLine",
    "api.plan_lines",
    {
        "inspector_now": Shown("miller"),
        "decision": Shown("swapped"),
        "decision_reason": Shown("miller is on the same street"),
        "is_override": Shown(True),
        "decided_at": Shown("2025-01-07T15:04:05+00:00"),
        "decided_by": Shown("office"),
    },
)

PlanLineSchema = view(
    "PlanLine",
    "data.inspection_plan",
    {
        "week": Shown("2025-01-06"),
        "version": Shown(1),
        "inspector": Shown("jones"),
        "day": Shown("2025-01-07"),
        "stop": Shown(3),
        "arrival_minute": Shown(615, "minutes after midnight"),
        "visit_minutes": Shown(60, "minutes"),
        "travel_minutes": Shown(12, "minutes"),
        "travel_km": Shown(3.4, "kilometres"),
        "establishment_id": Shown("1000001"),
        "dba_name": Shown("CORNER BAKERY"),
        "address": Shown("100 W MAIN ST"),
        "zip": Shown("12345"),
        "area": Shown("12345"),
        "facility_type": Shown("Restaurant"),
        "latitude": Shown(0.5, "degrees"),
        "longitude": Shown(0.5, "degrees"),
        "why": Shown("score"),
        "reason": Shown("Failed 3 of its last 5 visits"),
        "is_must": Shown(False),
        "is_kept": Shown(False),
        "rank": Shown(17),
        "expected_finding": Shown(0.61, "probability"),
        "days_overdue": Shown(48.0, "days"),
    },
    more=_STATE_OF_LINE().fields,
)

DecisionSchema = view(
    "Decision",
    "api.plan_decisions",
    {
        "decision_id": Shown(42),
        "week": Shown("2025-01-06"),
        "establishment_id": Shown("1000001"),
        "planned_day": Shown("2025-01-07"),
        "inspector": Shown("miller"),
        "decision": Shown("done"),
        "reason": Shown("miller is on the same street"),
        "is_override": Shown(False),
        "decided_at": Shown("2025-01-07T15:04:05+00:00"),
        "decided_by": Shown("office"),
        "idempotency_key": Shown("2025-01-07-miller-0003"),
    },
)

OutcomeSchema = view(
    "Outcome",
    "api.list_outcomes",
    {
        "week": Shown("2025-01-06"),
        "establishment_id": Shown("1000001"),
        "dba_name": Shown("CORNER BAKERY"),
        "address": Shown("100 W MAIN ST"),
        "zip": Shown("12345"),
        "facility_type": Shown("Restaurant"),
        "rank": Shown(17),
        "score": Shown(0.61, "probability"),
        "is_on_list": Shown(True),
        "is_random_draw": Shown(False),
        "is_planned": Shown(True),
        "why": Shown("score"),
        "inspector": Shown("miller"),
        "planned_day": Shown("2025-01-07"),
        "decision": Shown("done"),
        "decision_reason": Shown("miller is on the same street"),
        "is_override": Shown(False),
        "visited_on": Shown("2025-01-07"),
        "is_in_week": Shown(True),
        "result": Shown("Fail"),
        "is_failure": Shown(True),
        "is_critical": Shown(False),
        "last_visit": Shown("2024-02-11"),
        "days_unvisited": Shown(330, "days"),
        "days_overdue": Shown(48.0, "days"),
    },
)


class AskedDecisionSchema(ma.Schema):
    """A decision on one line of the plan."""

    class Meta:
        """Nothing unknown is let through."""

        unknown = ma.RAISE

    establishment_id = Text(
        required=True,
        validate=Matches(ESTABLISHMENT_ID, "Not an establishment's id."),
        metadata=described("The line: its establishment.", EXAMPLES["establishment_id"]),
    )
    decision = Choice(
        WORDS,
        required=True,
        metadata=described(
            "done: visited; postponed: to be visited later; skipped: not to be visited; closed: found out of business; "
            "wrong_address: not found there; swapped: another inspector takes it.",
            "done",
        ),
    )
    inspector = Text(
        validate=[ma.validate.Length(1, LONGEST_NAME), PLAIN],
        metadata=described(
            "Who acted; with `swapped` who takes the visit. Left out: who has it now.",
            "miller",
        ),
    )
    reason = Text(
        validate=[ma.validate.Length(1, LONGEST_REASON), PLAIN],
        metadata=described(
            "Why; needed where the plan is overridden: postponed, skipped, swapped, or done by somebody else.",
            "The owner asked for another day",
        ),
    )
    idempotency_key = Text(
        required=True,
        validate=Matches(IDEMPOTENCY_KEY, "8 to 100 letters, digits or . _ : - are wanted."),
        metadata=described("Your own name for this decision: sent again, it is kept once.", "2025-01-07-miller-0003"),
    )


class AskedDecisionsSchema(ma.Schema):
    """Decisions that are kept together or not at all."""

    class Meta:
        """Nothing unknown is let through."""

        unknown = ma.RAISE

    decisions = ma.fields.List(
        ma.fields.Nested(AskedDecisionSchema),
        required=True,
        validate=ma.validate.Length(1, MOST_DECISIONS),
        metadata={"description": f"1 to {MOST_DECISIONS} decisions, each about another line."},
    )


class KeptDecisionsSchema(ma.Schema):
    """What is kept of them."""

    decisions = ma.fields.List(
        ma.fields.Nested(DecisionSchema),
        required=True,
        metadata={"description": "One for each sent, in their order; of a repeated one what was kept the first time."},
    )


class PlanArguments(ma.Schema):
    """Arguments of the plan."""

    inspector = Text(
        validate=[ma.validate.Length(1, LONGEST_NAME), PLAIN],
        metadata=described("Only visits of this inspector, after swaps.", "miller"),
    )


class PageArguments(ma.Schema):
    """Arguments of a list."""

    page = common.page()
    page_size = common.page_size(DEFAULT_PAGE, LARGEST_PAGE)
