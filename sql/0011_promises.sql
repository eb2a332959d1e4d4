-- Whether what was realised keeps what validation promised: computed here from monitoring.performance alone, and quoted by
-- the monitor and the API.

CREATE VIEW monitoring.promises AS
SELECT w.week, seen.source, seen.metric, judged.answer, seen.value, seen.promise, seen.chance, seen.margin, seen.estimate,
       seen.visits, seen.weeks, seen.since,
       CASE WHEN seen.value IS NULL THEN 'Nothing was judged yet.'
            ELSE format('%s %s over %s visits of %s weeks; %s promised, %s is chance, %s may be missing.', seen.metric,
                        round(seen.value::numeric, 3), seen.visits, seen.weeks, round(seen.promise::numeric, 3),
                        round(seen.chance::numeric, 3), round(seen.margin::numeric, 3)) END AS statement
FROM metadata.accepted_weeks AS w
CROSS JOIN LATERAL (
    SELECT r.source, r.metric,
           sum(r.value * r.row_count) / nullif(sum(r.row_count), 0) AS value,
           avg(r.promise) AS promise,
           -- The weeks are of different visits, so their errors cancel out in part; the promise is the same every week.
           sqrt((sum((r.half * r.row_count) ^ 2) / nullif(sum(r.row_count), 0) ^ 2 + avg(r.promise_half) ^ 2)::float8)
               AS chance,
           CASE WHEN r.metric = 'calibration_error' THEN 0.05
                ELSE abs(avg(r.promise) - CASE r.metric WHEN 'days_earlier' THEN 0
                                                        WHEN 'precision_at_capacity' THEN avg(r.base_rate)
                                                        ELSE 0.5 END) / 2 END AS margin,
           sum(r.estimate * r.estimate_rows) / nullif(sum(r.estimate_rows), 0) AS estimate,
           coalesce(sum(r.row_count), 0)::bigint AS visits, count(r.value) AS weeks,
           min(r.week) FILTER (WHERE r.value IS NOT NULL) AS since
    FROM (
        SELECT p.week, p.source, p.metric, p.value, (p.upper - p.lower) / 2 AS half,
               CASE WHEN p.value IS NOT NULL THEN p.row_count END AS row_count,
               v.value AS promise, (v.upper - v.lower) / 2 AS promise_half,
               b.positives::float8 / nullif(b.row_count, 0) AS base_rate,
               e.value AS estimate, CASE WHEN e.value IS NOT NULL THEN e.row_count END AS estimate_rows,
               row_number() OVER (PARTITION BY p.source, p.metric ORDER BY p.value IS NULL, p.week DESC) AS back
        FROM monitoring.performance AS p
        JOIN metadata.accepted_weeks AS a ON a.asset = 'queue_performance' AND a.week = p.week
        LEFT JOIN monitoring.performance AS v
               ON v.week = p.week AND v.source = 'validation' AND v.metric = p.metric AND p.value IS NOT NULL
        LEFT JOIN monitoring.performance AS b
               ON b.week = p.week AND b.source = 'validation' AND b.metric = 'roc_auc' AND p.value IS NOT NULL
        LEFT JOIN monitoring.performance AS e
               ON e.week = p.week AND e.source = 'estimated' AND e.metric = p.metric AND p.source = 'queue'
                 AND p.value IS NOT NULL
        WHERE p.source IN ('queue', 'random_share', 'predictions')
          AND p.metric IN ('roc_auc', 'first_half', 'days_earlier', 'precision_at_capacity', 'calibration_error')
          AND p.week <= w.week AND p.week > w.week - 182
    ) AS r
    WHERE r.back <= 8
    GROUP BY r.source, r.metric
) AS seen
CROSS JOIN LATERAL (
    SELECT (seen.promise - seen.value) * CASE seen.metric WHEN 'calibration_error' THEN -1 ELSE 1 END AS missing
) AS short
CROSS JOIN LATERAL (
    SELECT CASE WHEN short.missing + seen.chance <= seen.margin THEN 'kept'
                WHEN short.missing - seen.chance >= seen.margin THEN 'broken'
                WHEN short.missing > seen.chance AND seen.margin IS NOT NULL THEN 'below'
                ELSE 'cannot_tell' END AS answer
) AS judged
WHERE w.asset = 'queue_performance';
COMMENT ON VIEW monitoring.promises IS 'Whether the published scores keep what validation promised, as of every judged week: the newest eight judged weeks of the half year before together. Kept where even the unlucky end of chance keeps half of the promised lead over no forecast at all, broken where even the lucky end does not, below where it is missed beyond chance, else it cannot be told.';
COMMENT ON COLUMN monitoring.promises.week IS 'Monday of the last week judged.';
COMMENT ON COLUMN monitoring.promises.source IS 'queue, random_share or predictions, as in monitoring.performance.';
COMMENT ON COLUMN monitoring.promises.metric IS 'roc_auc, first_half, days_earlier, precision_at_capacity or calibration_error.';
COMMENT ON COLUMN monitoring.promises.answer IS 'kept, below, broken or cannot_tell.';
COMMENT ON COLUMN monitoring.promises.value IS 'Mean of the weeks by visits; null where nothing was judged.';
COMMENT ON COLUMN monitoring.promises.promise IS 'Mean of what validation promised of the same weeks.';
COMMENT ON COLUMN monitoring.promises.chance IS 'How far apart the two may lie by chance, in nine cases of ten: of the mean of the weeks and of the promise together.';
COMMENT ON COLUMN monitoring.promises.margin IS 'What may be missing: half of the promised lead over visits in any order (AUC and first half 0.5, no days earlier, the share of validation visits that failed); 0.05 for the calibration error.';
COMMENT ON COLUMN monitoring.promises.estimate IS 'What the scores of the queue''s visits alone let one expect of the same weeks; null for other sources.';
COMMENT ON COLUMN monitoring.promises.visits IS 'Visits judged.';
COMMENT ON COLUMN monitoring.promises.weeks IS 'Weeks judged.';
COMMENT ON COLUMN monitoring.promises.since IS 'Monday of the first week looked at.';
COMMENT ON COLUMN monitoring.promises.statement IS 'The answer in a sentence.';
