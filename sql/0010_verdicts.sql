-- One answer to each question, computed once where the numbers are, quoted by everything that shows it.

CREATE TABLE monitoring.distributions (
    week             date NOT NULL CHECK (extract(isodow FROM week) = 1),
    kind             text NOT NULL CHECK (kind IN ('score', 'feature')),
    name             text NOT NULL,
    bin              smallint NOT NULL,
    label            text NOT NULL,
    reference_count  bigint NOT NULL,
    current_count    bigint NOT NULL,
    PRIMARY KEY (week, kind, name, bin)
);
COMMENT ON TABLE monitoring.distributions IS 'The histograms behind monitoring.drift, on bins that the reference decides: tenths of it for numbers, its most frequent words for words.';
COMMENT ON COLUMN monitoring.distributions.week IS 'Monday of the last current week.';
COMMENT ON COLUMN monitoring.distributions.kind IS 'score (in the season of the reference) or feature.';
COMMENT ON COLUMN monitoring.distributions.name IS 'score, or the feature''s column.';
COMMENT ON COLUMN monitoring.distributions.bin IS 'Number of the bin, from 0.';
COMMENT ON COLUMN monitoring.distributions.label IS 'Upper edge, inclusive, of numbers (more: above all edges); the word, or (other).';
COMMENT ON COLUMN monitoring.distributions.reference_count IS 'Reference inspections in the bin.';
COMMENT ON COLUMN monitoring.distributions.current_count IS 'Current inspections in the bin.';

CREATE TABLE monitoring.drift_verdicts (
    week            date NOT NULL CHECK (extract(isodow FROM week) = 1),
    question        text NOT NULL CHECK (question IN ('scores', 'features', 'outcomes', 'ranking')),
    model_id        text NOT NULL,
    answer          text NOT NULL CHECK (answer IN ('holds', 'changed', 'cannot_tell')),
    value           double precision,
    bound           double precision,
    statement       text NOT NULL,
    reference_from  date,
    reference_to    date,
    current_from    date,
    current_to      date,
    reference_rows  bigint NOT NULL,
    current_rows    bigint NOT NULL,
    PRIMARY KEY (week, question)
);
COMMENT ON TABLE monitoring.drift_verdicts IS 'Whether the newest complete weeks still look like the champion''s validation weeks: what the rules of retraining and every page go by.';
COMMENT ON COLUMN monitoring.drift_verdicts.week IS 'Monday of the last current week.';
COMMENT ON COLUMN monitoring.drift_verdicts.question IS 'scores, features (those that moved, by the weight they carry), outcomes (found against promised) or ranking (AUC).';
COMMENT ON COLUMN monitoring.drift_verdicts.model_id IS 'Champion of the week.';
COMMENT ON COLUMN monitoring.drift_verdicts.answer IS 'holds, changed, or cannot_tell where there are too few weeks or too short a history.';
COMMENT ON COLUMN monitoring.drift_verdicts.value IS 'The number looked at; null where there is none.';
COMMENT ON COLUMN monitoring.drift_verdicts.bound IS 'How far it may go.';
COMMENT ON COLUMN monitoring.drift_verdicts.statement IS 'The answer in a sentence.';
COMMENT ON COLUMN monitoring.drift_verdicts.reference_from IS 'First day of the reference inspections.';
COMMENT ON COLUMN monitoring.drift_verdicts.reference_to IS 'Last day of the reference inspections.';
COMMENT ON COLUMN monitoring.drift_verdicts.current_from IS 'First day of the current inspections, after the last of the reference.';
COMMENT ON COLUMN monitoring.drift_verdicts.current_to IS 'Last day of the current inspections.';
COMMENT ON COLUMN monitoring.drift_verdicts.reference_rows IS 'Reference inspections.';
COMMENT ON COLUMN monitoring.drift_verdicts.current_rows IS 'Current inspections.';

-- Runs of weeks with the same answer are one alarm: the weeks of a window overlap, and four rows of one change are no
-- four changes.
CREATE VIEW monitoring.alarms AS
WITH answered AS (
    SELECT v.*, v.answer = 'changed'
                AND lag(v.answer, 1, 'holds') OVER (PARTITION BY v.question ORDER BY v.week) <> 'changed' AS is_first
    FROM monitoring.drift_verdicts AS v
    JOIN metadata.accepted_weeks AS a ON a.asset = 'drift_report' AND a.week = v.week
), numbered AS (
    SELECT *, sum(is_first::int) OVER (PARTITION BY question ORDER BY week) AS alarm
    FROM answered
    WHERE answer = 'changed'
)
SELECT question, min(week) AS since, max(week) AS until, count(*) AS weeks,
       (array_agg(statement ORDER BY week))[1] AS statement, (array_agg(model_id ORDER BY week))[1] AS model_id
FROM numbered
GROUP BY question, alarm;
COMMENT ON VIEW monitoring.alarms IS 'Alarms as history: every run of weeks in which a question of drift was answered with a change.';
COMMENT ON COLUMN monitoring.alarms.question IS 'scores, features, outcomes or ranking.';
COMMENT ON COLUMN monitoring.alarms.since IS 'Monday of its first week.';
COMMENT ON COLUMN monitoring.alarms.until IS 'Monday of its last week.';
COMMENT ON COLUMN monitoring.alarms.weeks IS 'Weeks it lasted.';
COMMENT ON COLUMN monitoring.alarms.statement IS 'What was said in its first week.';
COMMENT ON COLUMN monitoring.alarms.model_id IS 'Champion of its first week.';

CREATE TABLE data.disparities (
    week              date NOT NULL CHECK (extract(isodow FROM week) = 1),
    model_id          text NOT NULL,
    attribute_name    text NOT NULL,
    attribute_value   text NOT NULL,
    reference_value   text NOT NULL,
    rate              text NOT NULL CHECK (rate IN ('fpr', 'fnr', 'fdr', 'for', 'tpr', 'tnr', 'npv', 'precision', 'pprev')),
    cases             bigint NOT NULL,
    events            bigint NOT NULL,
    reference_cases   bigint NOT NULL,
    reference_events  bigint NOT NULL,
    disparity         double precision,
    lower             double precision,
    upper             double precision,
    answer            text NOT NULL CHECK (answer IN ('even', 'uneven', 'cannot_tell')),
    PRIMARY KEY (week, attribute_name, attribute_value, rate)
);
COMMENT ON TABLE data.disparities IS 'Every rate of every group against its reference, with intervals: of the selected model''s flags on its validation weeks.';
COMMENT ON COLUMN data.disparities.week IS 'Effective week of the selection.';
COMMENT ON COLUMN data.disparities.model_id IS 'Candidate whose validation scores were audited.';
COMMENT ON COLUMN data.disparities.attribute_name IS 'facility_type, zip, risk, or facility_type_zip: kinds by area.';
COMMENT ON COLUMN data.disparities.attribute_value IS 'Group.';
COMMENT ON COLUMN data.disparities.reference_value IS 'Group it is compared with; (elsewhere): the same kind in all other areas.';
COMMENT ON COLUMN data.disparities.rate IS 'False positive, negative, discovery and omission rate, true positive and negative rate, negative and positive predictive value, and pprev: the share that is flagged.';
COMMENT ON COLUMN data.disparities.cases IS 'Inspections of the group the rate is about.';
COMMENT ON COLUMN data.disparities.events IS 'Those of them that count.';
COMMENT ON COLUMN data.disparities.reference_cases IS 'Inspections of the reference the rate is about.';
COMMENT ON COLUMN data.disparities.reference_events IS 'Those of them that count.';
COMMENT ON COLUMN data.disparities.disparity IS 'The group''s rate divided by the reference''s; null under ten cases on a side, and where the reference has no event.';
COMMENT ON COLUMN data.disparities.lower IS 'Lower end of its 90% interval (logarithm of the ratio, half an event added to each count).';
COMMENT ON COLUMN data.disparities.upper IS 'Upper end.';
COMMENT ON COLUMN data.disparities.answer IS 'even or uneven where the whole interval lies on one side of the tolerance from 0.8 to 1.25; else cannot_tell.';

CREATE TABLE data.fairness_verdicts (
    week         date NOT NULL PRIMARY KEY CHECK (extract(isodow FROM week) = 1),
    model_id     text NOT NULL,
    answer       text NOT NULL CHECK (answer IN ('even', 'uneven', 'cannot_tell')),
    uneven       integer NOT NULL,
    even         integer NOT NULL,
    cannot_tell  integer NOT NULL,
    statement    text NOT NULL
);
COMMENT ON TABLE data.fairness_verdicts IS 'Whether kinds of establishment are flagged, and missed, alike.';
COMMENT ON COLUMN data.fairness_verdicts.week IS 'Effective week of the selection.';
COMMENT ON COLUMN data.fairness_verdicts.model_id IS 'Candidate whose validation scores were audited.';
COMMENT ON COLUMN data.fairness_verdicts.answer IS 'uneven where any rate of any kind is; even where all are; else cannot_tell.';
COMMENT ON COLUMN data.fairness_verdicts.uneven IS 'Pairs of kind and rate (false positives, false discoveries, false negatives) outside the tolerance.';
COMMENT ON COLUMN data.fairness_verdicts.even IS 'Pairs within it.';
COMMENT ON COLUMN data.fairness_verdicts.cannot_tell IS 'Pairs with too few cases to tell.';
COMMENT ON COLUMN data.fairness_verdicts.statement IS 'The answer in a sentence.';

CREATE TABLE monitoring.list_disparities (
    week              date NOT NULL CHECK (extract(isodow FROM week) = 1),
    model_id          text NOT NULL,
    attribute_name    text NOT NULL,
    attribute_value   text NOT NULL,
    reference_value   text NOT NULL,
    rate              text NOT NULL CHECK (rate IN ('fpr', 'fnr', 'fdr', 'for', 'tpr', 'tnr', 'npv', 'precision', 'pprev')),
    cases             bigint NOT NULL,
    events            bigint NOT NULL,
    reference_cases   bigint NOT NULL,
    reference_events  bigint NOT NULL,
    disparity         double precision,
    lower             double precision,
    upper             double precision,
    answer            text NOT NULL CHECK (answer IN ('even', 'uneven', 'cannot_tell')),
    PRIMARY KEY (week, attribute_name, attribute_value, rate)
);
COMMENT ON TABLE monitoring.list_disparities IS 'The same at the cut-off of the week''s list, which is what sends inspectors: the champion''s validation visits, flagged where their score would have put them on the list.';
COMMENT ON COLUMN monitoring.list_disparities.week IS 'Monday of the week of the list.';
COMMENT ON COLUMN monitoring.list_disparities.model_id IS 'Champion of the week.';
COMMENT ON COLUMN monitoring.list_disparities.attribute_name IS 'facility_type, zip, risk, or facility_type_zip: kinds by area.';
COMMENT ON COLUMN monitoring.list_disparities.attribute_value IS 'Group.';
COMMENT ON COLUMN monitoring.list_disparities.reference_value IS 'Group it is compared with; (elsewhere): the same kind in all other areas.';
COMMENT ON COLUMN monitoring.list_disparities.rate IS 'False positive, negative, discovery and omission rate, true positive and negative rate, negative and positive predictive value, and pprev: the share that is on the list.';
COMMENT ON COLUMN monitoring.list_disparities.cases IS 'Inspections of the group the rate is about.';
COMMENT ON COLUMN monitoring.list_disparities.events IS 'Those of them that count.';
COMMENT ON COLUMN monitoring.list_disparities.reference_cases IS 'Inspections of the reference the rate is about.';
COMMENT ON COLUMN monitoring.list_disparities.reference_events IS 'Those of them that count.';
COMMENT ON COLUMN monitoring.list_disparities.disparity IS 'The group''s rate divided by the reference''s; null under ten cases on a side, and where the reference has no event.';
COMMENT ON COLUMN monitoring.list_disparities.lower IS 'Lower end of its 90% interval (logarithm of the ratio, half an event added to each count).';
COMMENT ON COLUMN monitoring.list_disparities.upper IS 'Upper end.';
COMMENT ON COLUMN monitoring.list_disparities.answer IS 'even or uneven where the whole interval lies on one side of the tolerance from 0.8 to 1.25; else cannot_tell.';

CREATE TABLE monitoring.list_fairness_verdicts (
    week         date NOT NULL PRIMARY KEY CHECK (extract(isodow FROM week) = 1),
    model_id     text NOT NULL,
    answer       text NOT NULL CHECK (answer IN ('even', 'uneven', 'cannot_tell')),
    uneven       integer NOT NULL,
    even         integer NOT NULL,
    cannot_tell  integer NOT NULL,
    statement    text NOT NULL
);
COMMENT ON TABLE monitoring.list_fairness_verdicts IS 'Whether the week''s list treats kinds of establishment alike.';
COMMENT ON COLUMN monitoring.list_fairness_verdicts.week IS 'Monday of the week of the list.';
COMMENT ON COLUMN monitoring.list_fairness_verdicts.model_id IS 'Champion of the week.';
COMMENT ON COLUMN monitoring.list_fairness_verdicts.answer IS 'uneven where any rate of any kind is; even where all are; else cannot_tell.';
COMMENT ON COLUMN monitoring.list_fairness_verdicts.uneven IS 'Pairs of kind and rate (false positives, false discoveries, false negatives) outside the tolerance.';
COMMENT ON COLUMN monitoring.list_fairness_verdicts.even IS 'Pairs within it.';
COMMENT ON COLUMN monitoring.list_fairness_verdicts.cannot_tell IS 'Pairs with too few cases to tell.';
COMMENT ON COLUMN monitoring.list_fairness_verdicts.statement IS 'The answer in a sentence.';
