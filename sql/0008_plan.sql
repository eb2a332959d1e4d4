-- The plan: who visits whom, on which day, in which order, and why. Every version is kept, as a plan that was handed
-- out is history; readers take the newest version of a week in api.published_plans.

CREATE TABLE data.plans (
    week                    date NOT NULL CHECK (extract(isodow FROM week) = 1),
    version                 integer NOT NULL CHECK (version >= 1),
    planned_at              timestamptz NOT NULL DEFAULT transaction_timestamp(),
    run_id                  text NOT NULL,
    content_hash            text NOT NULL,
    stop_count              bigint NOT NULL,
    PRIMARY KEY (week, version)
);
COMMENT ON TABLE data.plans IS 'One row per version of a week''s plan; a week that is planned again, with another result, adds one.';
COMMENT ON COLUMN data.plans.week IS 'Monday of the week the plan is for.';
COMMENT ON COLUMN data.plans.version IS '1 for the first plan of the week.';
COMMENT ON COLUMN data.plans.planned_at IS 'When it was written.';
COMMENT ON COLUMN data.plans.run_id IS 'Dagster run that wrote it.';
COMMENT ON COLUMN data.plans.content_hash IS 'Content hash of the plan: of its stops and of all that is written with them.';
COMMENT ON COLUMN data.plans.stop_count IS 'Visits planned.';

CREATE VIEW api.published_plans AS
SELECT p.*
FROM data.plans AS p
WHERE EXISTS (
    SELECT
    FROM metadata.materializations AS m
    WHERE m.asset = 'inspection_plan' AND m.week = p.week AND m.content_hash = p.content_hash
      AND m.status = 'accepted'
);
COMMENT ON VIEW api.published_plans IS 'Versions of plans that their blocking checks accepted: what is read of data.inspection_plan and the tables beside it. The newest version of a week is the one in force; rejected and pending ones are missing here.';

CREATE TABLE data.inspection_plan (
    week              date NOT NULL CHECK (extract(isodow FROM week) = 1),
    version           integer NOT NULL,
    establishment_id  text NOT NULL,
    inspector         text NOT NULL,
    day               date NOT NULL,
    stop              integer NOT NULL CHECK (stop >= 1),
    arrival_minute    integer NOT NULL CHECK (arrival_minute >= 0),
    visit_minutes     integer NOT NULL CHECK (visit_minutes >= 1),
    travel_minutes    integer NOT NULL CHECK (travel_minutes >= 0),
    travel_km         double precision,
    why               text NOT NULL CHECK (why IN ('random', 'reinspection', 'overdue', 'floor', 'score')),
    is_must           boolean NOT NULL,
    is_kept           boolean NOT NULL,
    expected_finding  double precision NOT NULL,
    rank              integer NOT NULL,
    reason            text NOT NULL,
    days_overdue      double precision,
    area              text NOT NULL,
    dba_name          text NOT NULL,
    address           text NOT NULL,
    zip               text NOT NULL,
    facility_type     text NOT NULL,
    latitude          double precision,
    longitude         double precision,
    PRIMARY KEY (week, version, establishment_id),
    UNIQUE (week, version, inspector, day, stop),
    FOREIGN KEY (week, version) REFERENCES data.plans ON DELETE CASCADE
);
CREATE INDEX inspection_plan_establishment ON data.inspection_plan (establishment_id, week DESC);
COMMENT ON TABLE data.inspection_plan IS 'Stops of a week''s plan, all versions: who visits which establishment, on which day, in which order, and why.';
COMMENT ON COLUMN data.inspection_plan.week IS 'Monday of the week the plan is for.';
COMMENT ON COLUMN data.inspection_plan.version IS 'Version of the week''s plan; see data.plans.';
COMMENT ON COLUMN data.inspection_plan.establishment_id IS 'Establishment to visit.';
COMMENT ON COLUMN data.inspection_plan.inspector IS 'Name or code of who visits, as the file of inspectors gives it.';
COMMENT ON COLUMN data.inspection_plan.day IS 'Day of the visit, a working day of the inspector in the week.';
COMMENT ON COLUMN data.inspection_plan.stop IS 'Order of the visit on the inspector''s day, from 1.';
COMMENT ON COLUMN data.inspection_plan.arrival_minute IS 'Minutes after midnight, local time, at which the visit begins.';
COMMENT ON COLUMN data.inspection_plan.visit_minutes IS 'Minutes set aside for the visit.';
COMMENT ON COLUMN data.inspection_plan.travel_minutes IS 'Minutes of travel from the stop before, of the first stop from the inspector''s start point.';
COMMENT ON COLUMN data.inspection_plan.travel_km IS 'Kilometres of the same; null where one of the two ends has no coordinates and no given distance.';
COMMENT ON COLUMN data.inspection_plan.why IS 'Why it is in the plan, the first that holds: random (the queue''s random draw), reinspection (the last visit failed and none has followed), overdue (by the city''s frequency), score (the top of the ranking), floor (its area would have been served later than the floor allows).';
COMMENT ON COLUMN data.inspection_plan.is_must IS 'Whether it had to be planned: random, reinspection or overdue.';
COMMENT ON COLUMN data.inspection_plan.is_kept IS 'Whether it was handed out with an earlier version, and so kept its inspector and day.';
COMMENT ON COLUMN data.inspection_plan.expected_finding IS 'Estimated probability that the visit finds a failure: the score of the queue.';
COMMENT ON COLUMN data.inspection_plan.rank IS 'Rank in the published queue.';
COMMENT ON COLUMN data.inspection_plan.reason IS 'Strongest reason that raises the score, in words.';
COMMENT ON COLUMN data.inspection_plan.days_overdue IS 'Days on the Monday since the visit was due by the city''s frequency, negative before; null where no frequency is set.';
COMMENT ON COLUMN data.inspection_plan.area IS 'Area of the fairness floor: a value of data.plan_service with attribute area.';
COMMENT ON COLUMN data.inspection_plan.dba_name IS 'Name the establishment does business as.';
COMMENT ON COLUMN data.inspection_plan.address IS 'Street address.';
COMMENT ON COLUMN data.inspection_plan.zip IS 'Postal code.';
COMMENT ON COLUMN data.inspection_plan.facility_type IS 'Kind of establishment.';
COMMENT ON COLUMN data.inspection_plan.latitude IS 'Degrees north; null where the city publishes none.';
COMMENT ON COLUMN data.inspection_plan.longitude IS 'Degrees east; null where the city publishes none.';

CREATE TABLE data.plan_days (
    week             date NOT NULL CHECK (extract(isodow FROM week) = 1),
    version          integer NOT NULL,
    inspector        text NOT NULL,
    day              date NOT NULL,
    start_latitude   double precision,
    start_longitude  double precision,
    start_minute     integer NOT NULL,
    minutes          integer NOT NULL,
    end_minute       integer NOT NULL,
    stop_count       integer NOT NULL,
    visit_minutes    integer NOT NULL,
    travel_minutes   integer NOT NULL,
    return_minutes   integer NOT NULL,
    return_km        double precision,
    kilometres       double precision NOT NULL,
    PRIMARY KEY (week, version, inspector, day),
    FOREIGN KEY (week, version) REFERENCES data.plans ON DELETE CASCADE
);
COMMENT ON TABLE data.plan_days IS 'Working days of the inspectors in a plan, days without a stop among them.';
COMMENT ON COLUMN data.plan_days.week IS 'Monday of the week the plan is for.';
COMMENT ON COLUMN data.plan_days.version IS 'Version of the week''s plan; see data.plans.';
COMMENT ON COLUMN data.plan_days.inspector IS 'Name or code of the inspector.';
COMMENT ON COLUMN data.plan_days.day IS 'Working day.';
COMMENT ON COLUMN data.plan_days.start_latitude IS 'Where the day begins and ends, degrees north; null where that is not known.';
COMMENT ON COLUMN data.plan_days.start_longitude IS 'The same, degrees east.';
COMMENT ON COLUMN data.plan_days.start_minute IS 'Minutes after midnight, local time, at which the day begins.';
COMMENT ON COLUMN data.plan_days.minutes IS 'Minutes the inspector has on the day, travel from and to the start point included.';
COMMENT ON COLUMN data.plan_days.end_minute IS 'Minutes after midnight at which the inspector is back; start_minute where nothing is planned.';
COMMENT ON COLUMN data.plan_days.stop_count IS 'Visits of the day.';
COMMENT ON COLUMN data.plan_days.visit_minutes IS 'Minutes of visits.';
COMMENT ON COLUMN data.plan_days.travel_minutes IS 'Minutes of travel, the way back included.';
COMMENT ON COLUMN data.plan_days.return_minutes IS 'Minutes of the way back from the last stop.';
COMMENT ON COLUMN data.plan_days.return_km IS 'Kilometres of the same; null where they are not known.';
COMMENT ON COLUMN data.plan_days.kilometres IS 'Kilometres of the day, the way back included, legs that are not known left out.';

CREATE TABLE data.plan_unserved (
    week              date NOT NULL CHECK (extract(isodow FROM week) = 1),
    version           integer NOT NULL,
    establishment_id  text NOT NULL,
    why               text NOT NULL CHECK (why IN ('random', 'reinspection', 'overdue', 'handed_out')),
    cause             text NOT NULL,
    expected_finding  double precision NOT NULL,
    days_overdue      double precision,
    dba_name          text NOT NULL,
    address           text NOT NULL,
    area              text NOT NULL,
    PRIMARY KEY (week, version, establishment_id),
    FOREIGN KEY (week, version) REFERENCES data.plans ON DELETE CASCADE
);
COMMENT ON TABLE data.plan_unserved IS 'Must-visits that the plan could not hold, each with the cause.';
COMMENT ON COLUMN data.plan_unserved.week IS 'Monday of the week the plan is for.';
COMMENT ON COLUMN data.plan_unserved.version IS 'Version of the week''s plan; see data.plans.';
COMMENT ON COLUMN data.plan_unserved.establishment_id IS 'Establishment that should have been visited.';
COMMENT ON COLUMN data.plan_unserved.why IS 'Why it should have been: random, reinspection, overdue, or handed_out for a stop of an earlier version that could not be kept.';
COMMENT ON COLUMN data.plan_unserved.cause IS 'Why it is not in the plan, and what would help.';
COMMENT ON COLUMN data.plan_unserved.expected_finding IS 'Score of the queue.';
COMMENT ON COLUMN data.plan_unserved.days_overdue IS 'Days on the Monday since the visit was due by the city''s frequency; null where no frequency is set.';
COMMENT ON COLUMN data.plan_unserved.dba_name IS 'Name the establishment does business as.';
COMMENT ON COLUMN data.plan_unserved.address IS 'Street address.';
COMMENT ON COLUMN data.plan_unserved.area IS 'Area of the fairness floor.';

CREATE TABLE data.plan_service (
    week            date NOT NULL CHECK (extract(isodow FROM week) = 1),
    version         integer NOT NULL,
    attribute       text NOT NULL CHECK (attribute IN ('all', 'area', 'kind')),
    value           text NOT NULL,
    places          integer NOT NULL,
    stock           double precision NOT NULL,
    planned_visits  integer NOT NULL,
    planned_finds   double precision NOT NULL,
    planned_days    double precision,
    usual_visits    double precision NOT NULL,
    usual_finds     double precision NOT NULL,
    usual_days      double precision,
    floor           double precision,
    is_kept         boolean NOT NULL,
    PRIMARY KEY (week, version, attribute, value),
    FOREIGN KEY (week, version) REFERENCES data.plans ON DELETE CASCADE
);
COMMENT ON TABLE data.plan_service IS 'How soon failures are found under the plan and under business as usual, by area and by kind; long form, one row per value.';
COMMENT ON COLUMN data.plan_service.week IS 'Monday of the week the plan is for.';
COMMENT ON COLUMN data.plan_service.version IS 'Version of the week''s plan; see data.plans.';
COMMENT ON COLUMN data.plan_service.attribute IS 'all, area or kind.';
COMMENT ON COLUMN data.plan_service.value IS 'Name of the area (a postal code, or neighbouring ones together), or the kind of establishment; all.';
COMMENT ON COLUMN data.plan_service.places IS 'Establishments in business.';
COMMENT ON COLUMN data.plan_service.stock IS 'Failures there are to be found: the sum of their scores.';
COMMENT ON COLUMN data.plan_service.planned_visits IS 'Visits of the plan.';
COMMENT ON COLUMN data.plan_service.planned_finds IS 'Failures the plan is expected to find: the sum of the scores of its visits.';
COMMENT ON COLUMN data.plan_service.planned_days IS 'Expected days until a failure is found at the plan''s pace: 7 * stock / planned_finds / 2; null where the plan finds none.';
COMMENT ON COLUMN data.plan_service.usual_visits IS 'Visits of the same number as the plan''s, dealt as those of the year before.';
COMMENT ON COLUMN data.plan_service.usual_finds IS 'Failures these are expected to find.';
COMMENT ON COLUMN data.plan_service.usual_days IS 'Expected days until a failure is found at business as usual; null where that finds none.';
COMMENT ON COLUMN data.plan_service.floor IS 'Share of usual_finds that the plan is to find at least (FOOD_INSPECTIONS_AREA_FLOOR); null for what has no floor.';
COMMENT ON COLUMN data.plan_service.is_kept IS 'planned_finds >= floor * usual_finds; true where there is no floor.';
