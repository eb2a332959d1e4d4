-- Decisions: what people did with the lines of a plan. Nothing here is ever changed or taken back; who errs decides again.

CREATE TABLE api.plan_decisions (
    decision_id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    week              date NOT NULL CHECK (extract(isodow FROM week) = 1),
    establishment_id  text NOT NULL,
    planned_day       date NOT NULL,
    inspector         text NOT NULL,
    decision          text NOT NULL
                      CHECK (decision IN ('done', 'postponed', 'skipped', 'closed', 'wrong_address', 'swapped')),
    reason            text CHECK (reason <> ''),
    is_override       boolean NOT NULL,
    decided_at        timestamptz NOT NULL DEFAULT clock_timestamp(),
    decided_by        text NOT NULL,
    idempotency_key   text NOT NULL UNIQUE,
    CHECK (reason IS NOT NULL OR NOT is_override)
);
CREATE INDEX plan_decisions_line ON api.plan_decisions (week, establishment_id, decision_id DESC);
COMMENT ON INDEX api.plan_decisions_line IS 'The decision in force on a line of a plan: the last one.';
CREATE INDEX plan_decisions_establishment ON api.plan_decisions (establishment_id, decision_id DESC);
COMMENT ON INDEX api.plan_decisions_establishment IS 'What was decided last about a place, in whatever week.';
COMMENT ON TABLE api.plan_decisions IS 'Append-only: what people did with each line of a week''s plan, who, when and why. The last decision on a line is in force. Where something made from decisions comes out differently, the same transaction adds a record of plan_decisions to metadata.materializations.';
COMMENT ON COLUMN api.plan_decisions.decision_id IS 'Order of decision.';
COMMENT ON COLUMN api.plan_decisions.week IS 'Monday of the week whose plan was decided on.';
COMMENT ON COLUMN api.plan_decisions.establishment_id IS 'Establishment of the line.';
COMMENT ON COLUMN api.plan_decisions.planned_day IS 'Day the line was planned on when it was decided: a decision may arrive days after what it tells.';
COMMENT ON COLUMN api.plan_decisions.inspector IS 'Who acted on the line; where it was swapped, who has it from now on.';
COMMENT ON COLUMN api.plan_decisions.decision IS 'done: visited; postponed: to be visited later; skipped: not to be visited; closed: found out of business; wrong_address: not found there; swapped: another inspector takes it.';
COMMENT ON COLUMN api.plan_decisions.reason IS 'Why, in words; never null where the plan was overridden.';
COMMENT ON COLUMN api.plan_decisions.is_override IS 'Whether it overrides the plan: postponed, skipped, swapped, or acted on by another inspector than the one who had it.';
COMMENT ON COLUMN api.plan_decisions.decided_at IS 'When it reached the database. What decides about a queue must lie before its Monday.';
COMMENT ON COLUMN api.plan_decisions.decided_by IS 'Name of the key it came with.';
COMMENT ON COLUMN api.plan_decisions.idempotency_key IS 'Chosen by the sender; the same key again is the same decision, kept once.';

CREATE FUNCTION api.refuse_to_change_decisions() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'api.plan_decisions is append-only: decide again instead of changing what was decided.';
END
$$;
COMMENT ON FUNCTION api.refuse_to_change_decisions() IS 'Keeps the decisions append-only, whoever writes.';

CREATE TRIGGER plan_decisions_are_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON api.plan_decisions
FOR EACH STATEMENT EXECUTE FUNCTION api.refuse_to_change_decisions();

CREATE VIEW api.lines_of_all_versions AS
SELECT p.*,
       coalesce(swap.inspector, p.inspector) AS inspector_now
FROM data.inspection_plan AS p
JOIN api.published_plans AS published USING (week, version)
LEFT JOIN LATERAL (
    SELECT d.inspector
    FROM api.plan_decisions AS d
    WHERE d.week = p.week AND d.establishment_id = p.establishment_id AND d.decision = 'swapped'
      AND d.decided_at > published.planned_at
    ORDER BY d.decision_id DESC
    LIMIT 1
) AS swap ON true;
COMMENT ON VIEW api.lines_of_all_versions IS 'The lines of every accepted version of each week''s plan, with who has them after the swaps made since that version: earlier ones are in the version itself.';
COMMENT ON COLUMN api.lines_of_all_versions.inspector_now IS 'Who has the visit: by this version, or by the last swap since.';

CREATE VIEW api.plan_lines AS
SELECT p.*,
       last.decision_id,
       last.decision,
       last.reason AS decision_reason,
       last.is_override,
       last.decided_at,
       last.decided_by
FROM api.lines_of_all_versions AS p
JOIN (SELECT week, max(version) AS version FROM api.published_plans GROUP BY week) AS newest USING (week, version)
LEFT JOIN LATERAL (
    SELECT d.*
    FROM api.plan_decisions AS d
    WHERE d.week = p.week AND d.establishment_id = p.establishment_id
    ORDER BY d.decision_id DESC
    LIMIT 1
) AS last ON true;
COMMENT ON VIEW api.plan_lines IS 'The plan in force of each week, line by line, with what was decided: the newest accepted version, the last decision on each line, and who has it after swaps.';
COMMENT ON COLUMN api.plan_lines.inspector_now IS 'Who has the visit: by the plan, or by the last swap since that version.';
COMMENT ON COLUMN api.plan_lines.decision_id IS 'The decision in force on the line; null where none was made, as are the columns that follow.';
COMMENT ON COLUMN api.plan_lines.decision IS 'What was decided last; see api.plan_decisions.';
COMMENT ON COLUMN api.plan_lines.decision_reason IS 'Why, in words.';
COMMENT ON COLUMN api.plan_lines.is_override IS 'Whether that decision overrides the plan.';
COMMENT ON COLUMN api.plan_lines.decided_at IS 'When it was made.';
COMMENT ON COLUMN api.plan_lines.decided_by IS 'Name of the key it came with.';

CREATE FUNCTION api.today() RETURNS date
LANGUAGE sql STABLE AS $$
    SELECT CAST(now() AT TIME ZONE coalesce((SELECT time_zone FROM metadata.city), 'UTC') AS date)
$$;
COMMENT ON FUNCTION api.today() IS 'Today in the city, whatever the database''s own time zone; by UTC in a database that no city was chosen for.';

-- Asked anew each time, so that what a later pull brings is there with the next look, and nothing can be out of date.
CREATE VIEW api.list_outcomes AS
WITH lists AS (
    SELECT q.week, q.establishment_id, q.dba_name, q.address, q.zip, q.facility_type, q.rank, q.score,
           q.is_random_draw, q.last_visit
    FROM api.inspection_queue AS q
    JOIN (SELECT week, min(version) AS version FROM api.published_queues GROUP BY week) AS first USING (week, version)
    WHERE q.is_on_list
)
SELECT week,
       establishment_id,
       coalesce(l.dba_name, p.dba_name) AS dba_name,
       coalesce(l.address, p.address) AS address,
       coalesce(l.zip, p.zip) AS zip,
       coalesce(l.facility_type, p.facility_type) AS facility_type,
       l.establishment_id IS NOT NULL AS is_on_list,
       p.establishment_id IS NOT NULL AS is_planned,
       coalesce(l.rank, p.rank) AS rank,
       coalesce(l.score, p.expected_finding) AS score,
       coalesce(l.is_random_draw, p.why = 'random') AS is_random_draw,
       p.why,
       p.inspector_now AS inspector,
       p.day AS planned_day,
       decided.decision,
       decided.reason AS decision_reason,
       decided.is_override,
       visit.inspection_date AS visited_on,
       visit.inspection_date < week + 7 AS is_in_week,
       visit.results AS result,
       visit.is_failure,
       visit.is_critical,
       before.inspection_date AS last_visit,
       CASE WHEN visit.inspection_date IS NULL THEN api.today() - before.inspection_date END AS days_unvisited,
       CASE WHEN visit.inspection_date IS NULL THEN (api.today() - week) + p.days_overdue END AS days_overdue
FROM lists AS l
FULL JOIN api.plan_lines AS p USING (week, establishment_id)
-- Not by way of the plan's line: a week that is planned again leaves out what was decided on.
LEFT JOIN LATERAL (
    SELECT d.decision, d.reason, bool_or(d.is_override) OVER () AS is_override
    FROM api.plan_decisions AS d
    WHERE d.week = coalesce(l.week, p.week) AND d.establishment_id = coalesce(l.establishment_id, p.establishment_id)
    ORDER BY d.decision_id DESC
    LIMIT 1
) AS decided ON true
LEFT JOIN LATERAL (
    SELECT i.inspection_date, i.results, i.is_failure, i.is_critical
    FROM data.clean_inspections AS i
    JOIN metadata.accepted_weeks AS a ON a.asset = 'clean_inspections' AND a.week = i.week
    WHERE i.establishment_id = coalesce(l.establishment_id, p.establishment_id)
      AND i.inspection_date >= coalesce(l.week, p.week)
    ORDER BY i.inspection_date, i.inspection_id
    LIMIT 1
) AS visit ON true
LEFT JOIN LATERAL (
    SELECT i.inspection_date
    FROM data.clean_inspections AS i
    JOIN metadata.accepted_weeks AS a ON a.asset = 'clean_inspections' AND a.week = i.week
    WHERE i.establishment_id = coalesce(l.establishment_id, p.establishment_id)
      AND i.inspection_date < coalesce(l.week, p.week)
    ORDER BY i.inspection_date DESC
    LIMIT 1
) AS before ON true;
COMMENT ON VIEW api.list_outcomes IS 'What became of each place that was listed or planned: one row per week and place of the first published list or of the plan in force, with the first visit that followed, as far as the city has published it.';
COMMENT ON COLUMN api.list_outcomes.week IS 'Monday of the week the list and the plan were for.';
COMMENT ON COLUMN api.list_outcomes.establishment_id IS 'Establishment.';
COMMENT ON COLUMN api.list_outcomes.dba_name IS 'Name the establishment does business as.';
COMMENT ON COLUMN api.list_outcomes.address IS 'Street address.';
COMMENT ON COLUMN api.list_outcomes.zip IS 'Postal code.';
COMMENT ON COLUMN api.list_outcomes.facility_type IS 'Kind of establishment.';
COMMENT ON COLUMN api.list_outcomes.is_on_list IS 'Whether the first published list held it.';
COMMENT ON COLUMN api.list_outcomes.is_planned IS 'Whether the plan in force holds it.';
COMMENT ON COLUMN api.list_outcomes.rank IS 'Its rank in the published queue.';
COMMENT ON COLUMN api.list_outcomes.score IS 'Its score there.';
COMMENT ON COLUMN api.list_outcomes.is_random_draw IS 'Whether it was drawn at random.';
COMMENT ON COLUMN api.list_outcomes.why IS 'Why it is in the plan; null where it is not.';
COMMENT ON COLUMN api.list_outcomes.inspector IS 'Who had it, after swaps; null where it is not in the plan.';
COMMENT ON COLUMN api.list_outcomes.planned_day IS 'Day of the visit in the plan; null where it is not in the plan.';
COMMENT ON COLUMN api.list_outcomes.decision IS 'What was decided last; null where nothing was.';
COMMENT ON COLUMN api.list_outcomes.decision_reason IS 'Why, in words.';
COMMENT ON COLUMN api.list_outcomes.is_override IS 'Whether any decision on it overrode the plan; null where nothing was decided.';
COMMENT ON COLUMN api.list_outcomes.visited_on IS 'Day of the first visit on the Monday or later; null where none is published yet.';
COMMENT ON COLUMN api.list_outcomes.is_in_week IS 'Whether that was within the week; null without a visit.';
COMMENT ON COLUMN api.list_outcomes.result IS 'Its result.';
COMMENT ON COLUMN api.list_outcomes.is_failure IS 'Whether it failed.';
COMMENT ON COLUMN api.list_outcomes.is_critical IS 'Whether it found a critical or priority violation.';
COMMENT ON COLUMN api.list_outcomes.last_visit IS 'Day of the last visit before the Monday.';
COMMENT ON COLUMN api.list_outcomes.days_unvisited IS 'Days from the last visit until today, where none has followed; else null.';
COMMENT ON COLUMN api.list_outcomes.days_overdue IS 'Days until today since the visit was due by the city''s frequency, negative before; null where it was visited, is not in the plan, or no frequency is set.';
