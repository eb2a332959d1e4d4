-- Outcomes: what was decided on and then taken off the plan, when the week was planned again, is accounted for as well.

CREATE OR REPLACE VIEW api.list_outcomes AS
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
       coalesce(p.is_in_force, false) AS is_planned,
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
FULL JOIN (
    SELECT DISTINCT ON (line.week, line.establishment_id)
           line.*,
           line.version = newest.version AS is_in_force
    FROM api.lines_of_all_versions AS line
    JOIN (SELECT week, max(version) AS version FROM api.published_plans GROUP BY week) AS newest
      ON newest.week = line.week
    WHERE line.version = newest.version
       OR EXISTS (
           SELECT
           FROM api.plan_decisions AS d
           WHERE d.week = line.week AND d.establishment_id = line.establishment_id
       )
    ORDER BY line.week, line.establishment_id, line.version DESC
) AS p USING (week, establishment_id)
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
COMMENT ON VIEW api.list_outcomes IS 'What became of each place that was listed or planned: one row per week and place of the first published list, of the plan in force, or of an earlier version of it that was decided on, with the first visit that followed, as far as the city has published it.';
COMMENT ON COLUMN api.list_outcomes.why IS 'Why it was planned, where it was: in the plan in force, or in the last version that had it.';
COMMENT ON COLUMN api.list_outcomes.inspector IS 'Who has the visit, or had it last.';
COMMENT ON COLUMN api.list_outcomes.planned_day IS 'Day it is planned on, or was last.';
