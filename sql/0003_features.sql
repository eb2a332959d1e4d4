-- What was known of a visit or an establishment on the morning of a day, from days before it.

CREATE TABLE data.inspection_features (
    week                                 date NOT NULL CHECK (extract(isodow FROM week) = 1),
    inspection_id                        text NOT NULL,
    inspection_date                      date NOT NULL,
    establishment_id                     text NOT NULL,
    facility_type                        text NOT NULL,
    risk                                 text NOT NULL,
    zip                                  text NOT NULL,
    inspection_type                      text NOT NULL,
    own_visits                           integer,
    own_visits_14                        integer,
    own_visits_60                        integer,
    own_visits_180                       integer,
    own_visits_365                       integer,
    own_full_visits                      integer,
    own_complaints_365                   integer,
    own_age_days                         integer,
    own_has_visit                        integer,
    own_days_since_visit                 integer,
    own_days_since_first_look               integer,
    own_failures                         integer,
    own_failures_1095                    integer,
    own_failure_rate                     double precision,
    own_has_failure                      integer,
    own_days_since_failure               integer,
    own_criticals                        integer,
    own_criticals_1095                   integer,
    own_critical_rate                    double precision,
    own_has_critical                     integer,
    own_days_since_critical              integer,
    own_visits_since_failure             integer,
    own_failure_streak                   integer,
    own_reinspection_open                integer,
    own_last_conditions                  integer,
    own_last_was_first_look                 integer,
    own_last_was_complaint               integer,
    own_last_was_reinspection            integer,
    own_last_critical_violations         integer,
    own_last_serious_violations          integer,
    own_last_minor_violations            integer,
    own_recent_critical_violations       integer,
    own_recent_serious_violations        integer,
    own_recent_minor_violations          integer,
    own_recent_full_visits               integer,
    own_recent_failures                  integer,
    own_last_topic_temperature           integer,
    own_last_topic_handwashing           integer,
    own_last_topic_pests                 integer,
    own_last_topic_plumbing              integer,
    own_last_topic_cleaning              integer,
    own_last_topic_paperwork             integer,
    own_last_topic_contamination         integer,
    own_last_topic_equipment             integer,
    own_last_topic_building              integer,
    own_last_topic_other                 integer,
    own_surprise_critical                double precision,
    own_surprise_failure                 double precision,
    own_surprise_conditions              double precision,
    own_surprise_critical_violations     double precision,
    own_surprise_serious_violations      double precision,
    own_surprise_minor_violations        double precision,
    premises_visits_1095                 integer,
    premises_failure_rate                double precision,
    premises_critical_rate               double precision,
    chain_visits_365                     integer,
    chain_failure_rate_365               double precision,
    chain_critical_rate_365              double precision,
    chain_visits_1095                    integer,
    chain_failure_rate_1095              double precision,
    chain_critical_rate_1095             double precision,
    name_critical                        double precision,
    name_failure                         double precision,
    zip_visits_15                        integer,
    zip_failure_rate_15                  double precision,
    zip_critical_rate_15                 double precision,
    near_visits_15                       integer,
    near_failure_rate_15                 double precision,
    near_critical_rate_15                double precision,
    zip_visits_30                        integer,
    zip_failure_rate_30                  double precision,
    zip_critical_rate_30                 double precision,
    near_visits_30                       integer,
    near_failure_rate_30                 double precision,
    near_critical_rate_30                double precision,
    zip_visits_60                        integer,
    zip_failure_rate_60                  double precision,
    zip_critical_rate_60                 double precision,
    near_visits_60                       integer,
    near_failure_rate_60                 double precision,
    near_critical_rate_60                double precision,
    zip_visits_180                       integer,
    zip_failure_rate_180                 double precision,
    zip_critical_rate_180                double precision,
    near_visits_180                      integer,
    near_failure_rate_180                double precision,
    near_critical_rate_180               double precision,
    zip_risk_visits                      integer,
    zip_risk_failure_rate                double precision,
    zip_risk_critical_rate               double precision,
    zip_type_visits                      integer,
    zip_type_failure_rate                double precision,
    zip_type_critical_rate               double precision,
    inspector_critical_15                double precision,
    inspector_failure_15                 double precision,
    inspector_critical_30                double precision,
    inspector_failure_30                 double precision,
    inspector_style_conditions           double precision,
    inspector_style_critical_violations  double precision,
    inspector_style_serious_violations   double precision,
    inspector_style_minor_violations     double precision,
    kind_visits_90                       integer,
    kind_failure_rate_90                 double precision,
    kind_critical_rate_90                double precision,
    kind_visits_365                      integer,
    kind_failure_rate_365                double precision,
    kind_critical_rate_365               double precision,
    points_visits                        integer,
    points_last                          double precision,
    points_last_of_any_kind              double precision,
    points_mean                          double precision,
    points_mean_365                      double precision,
    points_recent_mean                   double precision,
    points_recent_worst                  double precision,
    points_trend                         double precision,
    points_beyond                        double precision,
    points_premises_1095                 double precision,
    points_chain_1095                    double precision,
    points_zip_180                       double precision,
    points_kind_365                      double precision,
    points_city_365                      double precision,
    season_sin                           double precision,
    season_cos                           double precision,
    city_failure_rate                    double precision,
    city_critical_rate                   double precision,
    city_failure_rate_28                 double precision,
    city_critical_rate_28                double precision,
    visit_weekday                        integer,
    visit_is_newest_code                   integer,
    visit_days_of_code                   integer,
    label_fail                           smallint NOT NULL CHECK (label_fail IN (0, 1)),
    label_critical                       smallint CHECK (label_critical IN (0, 1)),
    serious_found                        smallint CHECK (serious_found >= 0),
    PRIMARY KEY (week, inspection_id)
);
CREATE INDEX inspection_features_inspection ON data.inspection_features (inspection_id);
COMMENT ON TABLE data.inspection_features IS 'Features of each inspection as of the morning of its day, from strictly earlier days, and its outcomes.';
COMMENT ON COLUMN data.inspection_features.week IS 'Monday of the week of the inspection.';
COMMENT ON COLUMN data.inspection_features.inspection_id IS 'The portal''s id of the inspection.';
COMMENT ON COLUMN data.inspection_features.inspection_date IS 'Day of the visit; every feature is as of its morning.';
COMMENT ON COLUMN data.inspection_features.establishment_id IS 'Establishment visited, as in clean_inspections.';
COMMENT ON COLUMN data.inspection_features.facility_type IS 'Kind of establishment, normalised.';
COMMENT ON COLUMN data.inspection_features.risk IS 'Risk class the city gave the establishment.';
COMMENT ON COLUMN data.inspection_features.zip IS 'Five-digit postal code; unknown where missing.';
COMMENT ON COLUMN data.inspection_features.inspection_type IS 'Kind of visit, normalised; a first look in the queue.';
COMMENT ON COLUMN data.inspection_features.own_visits IS 'Visits to the establishment before this day.';
COMMENT ON COLUMN data.inspection_features.own_visits_14 IS 'Visits in the last 14 days.';
COMMENT ON COLUMN data.inspection_features.own_visits_60 IS 'Visits in the last 60 days.';
COMMENT ON COLUMN data.inspection_features.own_visits_180 IS 'Visits in the last 180 days.';
COMMENT ON COLUMN data.inspection_features.own_visits_365 IS 'Visits in the last 365 days.';
COMMENT ON COLUMN data.inspection_features.own_full_visits IS 'Full visits: scheduled first looks, and visits for a complaint.';
COMMENT ON COLUMN data.inspection_features.own_complaints_365 IS 'Visits for a complaint in the last 365 days.';
COMMENT ON COLUMN data.inspection_features.own_age_days IS 'Days since the first known visit, at most 3650; 0 where there is none.';
COMMENT ON COLUMN data.inspection_features.own_has_visit IS '1 where there is an earlier visit.';
COMMENT ON COLUMN data.inspection_features.own_days_since_visit IS 'Days since the last visit; 1095 where longer ago or never.';
COMMENT ON COLUMN data.inspection_features.own_days_since_first_look IS 'Days since the last scheduled first look; 1095 where longer ago or never.';
COMMENT ON COLUMN data.inspection_features.own_failures IS 'Visits that failed.';
COMMENT ON COLUMN data.inspection_features.own_failures_1095 IS 'Visits in the last 1095 days that failed.';
COMMENT ON COLUMN data.inspection_features.own_failure_rate IS 'Share of full visits that failed, drawn towards the city''s rate of the day.';
COMMENT ON COLUMN data.inspection_features.own_has_failure IS '1 where an earlier visit failed.';
COMMENT ON COLUMN data.inspection_features.own_days_since_failure IS 'Days since the last failed visit; 1095 where longer ago or never.';
COMMENT ON COLUMN data.inspection_features.own_criticals IS 'Visits with a critical violation.';
COMMENT ON COLUMN data.inspection_features.own_criticals_1095 IS 'Visits in the last 1095 days with a critical violation.';
COMMENT ON COLUMN data.inspection_features.own_critical_rate IS 'Share of full visits with a critical violation, drawn towards the city''s rate of the day.';
COMMENT ON COLUMN data.inspection_features.own_has_critical IS '1 where an earlier visit found a critical violation.';
COMMENT ON COLUMN data.inspection_features.own_days_since_critical IS 'Days since the last critical violation; 1095 where longer ago or never.';
COMMENT ON COLUMN data.inspection_features.own_visits_since_failure IS 'Visits since the last failed one; all of them where none failed.';
COMMENT ON COLUMN data.inspection_features.own_failure_streak IS 'Failed visits in a row up to the last visit.';
COMMENT ON COLUMN data.inspection_features.own_reinspection_open IS '1 where the last visit failed, so that a re-inspection is due.';
COMMENT ON COLUMN data.inspection_features.own_last_conditions IS '1 where the last visit passed with conditions.';
COMMENT ON COLUMN data.inspection_features.own_last_was_first_look IS '1 where the last visit was a scheduled first look.';
COMMENT ON COLUMN data.inspection_features.own_last_was_complaint IS '1 where the last visit was for a complaint.';
COMMENT ON COLUMN data.inspection_features.own_last_was_reinspection IS '1 where the last visit was a re-inspection.';
COMMENT ON COLUMN data.inspection_features.own_last_critical_violations IS 'Critical violations of the last full visit.';
COMMENT ON COLUMN data.inspection_features.own_last_serious_violations IS 'Serious violations of the last full visit.';
COMMENT ON COLUMN data.inspection_features.own_last_minor_violations IS 'Minor violations of the last full visit.';
COMMENT ON COLUMN data.inspection_features.own_recent_critical_violations IS 'Critical violations of the last 3 full visits.';
COMMENT ON COLUMN data.inspection_features.own_recent_serious_violations IS 'Serious violations of the last 3 full visits.';
COMMENT ON COLUMN data.inspection_features.own_recent_minor_violations IS 'Minor violations of the last 3 full visits.';
COMMENT ON COLUMN data.inspection_features.own_recent_full_visits IS 'How many full visits the recent sums cover, at most 3.';
COMMENT ON COLUMN data.inspection_features.own_recent_failures IS 'How many of the last 3 full visits failed.';
COMMENT ON COLUMN data.inspection_features.own_last_topic_temperature IS 'Violations about temperature at the last full visit.';
COMMENT ON COLUMN data.inspection_features.own_last_topic_handwashing IS 'Violations about handwashing at the last full visit.';
COMMENT ON COLUMN data.inspection_features.own_last_topic_pests IS 'Violations about pests at the last full visit.';
COMMENT ON COLUMN data.inspection_features.own_last_topic_plumbing IS 'Violations about plumbing at the last full visit.';
COMMENT ON COLUMN data.inspection_features.own_last_topic_cleaning IS 'Violations about cleaning at the last full visit.';
COMMENT ON COLUMN data.inspection_features.own_last_topic_paperwork IS 'Violations about paperwork at the last full visit.';
COMMENT ON COLUMN data.inspection_features.own_last_topic_contamination IS 'Violations about contamination at the last full visit.';
COMMENT ON COLUMN data.inspection_features.own_last_topic_equipment IS 'Violations about equipment at the last full visit.';
COMMENT ON COLUMN data.inspection_features.own_last_topic_building IS 'Violations about building at the last full visit.';
COMMENT ON COLUMN data.inspection_features.own_last_topic_other IS 'Violations about other at the last full visit.';
COMMENT ON COLUMN data.inspection_features.own_surprise_critical IS 'Visits with a critical violation at the establishment''s full visits beyond what kind and inspector let expect, on average.';
COMMENT ON COLUMN data.inspection_features.own_surprise_failure IS 'Failures at the establishment''s full visits beyond what kind and inspector let expect, on average.';
COMMENT ON COLUMN data.inspection_features.own_surprise_conditions IS 'Passes with conditions at the establishment''s full visits beyond what kind and inspector let expect, on average.';
COMMENT ON COLUMN data.inspection_features.own_surprise_critical_violations IS 'Critical violations at the establishment''s full visits beyond what kind and inspector let expect, on average.';
COMMENT ON COLUMN data.inspection_features.own_surprise_serious_violations IS 'Serious violations at the establishment''s full visits beyond what kind and inspector let expect, on average.';
COMMENT ON COLUMN data.inspection_features.own_surprise_minor_violations IS 'Minor violations at the establishment''s full visits beyond what kind and inspector let expect, on average.';
COMMENT ON COLUMN data.inspection_features.premises_visits_1095 IS 'Visits to other establishments at the same address in the last 1095 days.';
COMMENT ON COLUMN data.inspection_features.premises_failure_rate IS 'Share of their full visits that failed, drawn towards the city''s rate of the day.';
COMMENT ON COLUMN data.inspection_features.premises_critical_rate IS 'Share of their full visits with a critical violation, drawn towards the city''s rate.';
COMMENT ON COLUMN data.inspection_features.chain_visits_365 IS 'Full visits to other establishments of the same name in the last 365 days.';
COMMENT ON COLUMN data.inspection_features.chain_failure_rate_365 IS 'Share of them that failed, drawn towards the city''s rate of the day.';
COMMENT ON COLUMN data.inspection_features.chain_critical_rate_365 IS 'Share of them with a critical violation, drawn towards the city''s rate.';
COMMENT ON COLUMN data.inspection_features.chain_visits_1095 IS 'Full visits to other establishments of the same name in the last 1095 days.';
COMMENT ON COLUMN data.inspection_features.chain_failure_rate_1095 IS 'Share of them that failed, drawn towards the city''s rate of the day.';
COMMENT ON COLUMN data.inspection_features.chain_critical_rate_1095 IS 'Share of them with a critical violation, drawn towards the city''s rate.';
COMMENT ON COLUMN data.inspection_features.name_critical IS 'How much more often than expected places with these words in their name had critical violations.';
COMMENT ON COLUMN data.inspection_features.name_failure IS 'How much more often than expected places with these words in their name failed.';
COMMENT ON COLUMN data.inspection_features.zip_visits_15 IS 'Full visits in the postal code in the last 15 days.';
COMMENT ON COLUMN data.inspection_features.zip_failure_rate_15 IS 'Share of them that failed, drawn towards the city''s rate of the day.';
COMMENT ON COLUMN data.inspection_features.zip_critical_rate_15 IS 'Share of them with a critical violation, drawn towards the city''s rate.';
COMMENT ON COLUMN data.inspection_features.near_visits_15 IS 'Full visits within 2 km in the last 15 days, weighed by nearness (0 to 8).';
COMMENT ON COLUMN data.inspection_features.near_failure_rate_15 IS 'Weighed share of them that failed, drawn towards the city''s rate of the day.';
COMMENT ON COLUMN data.inspection_features.near_critical_rate_15 IS 'Weighed share with a critical violation, drawn towards the city''s rate.';
COMMENT ON COLUMN data.inspection_features.zip_visits_30 IS 'Full visits in the postal code in the last 30 days.';
COMMENT ON COLUMN data.inspection_features.zip_failure_rate_30 IS 'Share of them that failed, drawn towards the city''s rate of the day.';
COMMENT ON COLUMN data.inspection_features.zip_critical_rate_30 IS 'Share of them with a critical violation, drawn towards the city''s rate.';
COMMENT ON COLUMN data.inspection_features.near_visits_30 IS 'Full visits within 2 km in the last 30 days, weighed by nearness (0 to 8).';
COMMENT ON COLUMN data.inspection_features.near_failure_rate_30 IS 'Weighed share of them that failed, drawn towards the city''s rate of the day.';
COMMENT ON COLUMN data.inspection_features.near_critical_rate_30 IS 'Weighed share with a critical violation, drawn towards the city''s rate.';
COMMENT ON COLUMN data.inspection_features.zip_visits_60 IS 'Full visits in the postal code in the last 60 days.';
COMMENT ON COLUMN data.inspection_features.zip_failure_rate_60 IS 'Share of them that failed, drawn towards the city''s rate of the day.';
COMMENT ON COLUMN data.inspection_features.zip_critical_rate_60 IS 'Share of them with a critical violation, drawn towards the city''s rate.';
COMMENT ON COLUMN data.inspection_features.near_visits_60 IS 'Full visits within 2 km in the last 60 days, weighed by nearness (0 to 8).';
COMMENT ON COLUMN data.inspection_features.near_failure_rate_60 IS 'Weighed share of them that failed, drawn towards the city''s rate of the day.';
COMMENT ON COLUMN data.inspection_features.near_critical_rate_60 IS 'Weighed share with a critical violation, drawn towards the city''s rate.';
COMMENT ON COLUMN data.inspection_features.zip_visits_180 IS 'Full visits in the postal code in the last 180 days.';
COMMENT ON COLUMN data.inspection_features.zip_failure_rate_180 IS 'Share of them that failed, drawn towards the city''s rate of the day.';
COMMENT ON COLUMN data.inspection_features.zip_critical_rate_180 IS 'Share of them with a critical violation, drawn towards the city''s rate.';
COMMENT ON COLUMN data.inspection_features.near_visits_180 IS 'Full visits within 2 km in the last 180 days, weighed by nearness (0 to 8).';
COMMENT ON COLUMN data.inspection_features.near_failure_rate_180 IS 'Weighed share of them that failed, drawn towards the city''s rate of the day.';
COMMENT ON COLUMN data.inspection_features.near_critical_rate_180 IS 'Weighed share with a critical violation, drawn towards the city''s rate.';
COMMENT ON COLUMN data.inspection_features.zip_risk_visits IS 'Full visits in the postal code at places of the same risk in the last 90 days.';
COMMENT ON COLUMN data.inspection_features.zip_risk_failure_rate IS 'Share of them that failed, drawn towards the city''s rate of the day.';
COMMENT ON COLUMN data.inspection_features.zip_risk_critical_rate IS 'Share of them with a critical violation, drawn towards the city''s rate.';
COMMENT ON COLUMN data.inspection_features.zip_type_visits IS 'Visits of the same inspection type in the postal code in the last 90 days.';
COMMENT ON COLUMN data.inspection_features.zip_type_failure_rate IS 'Share of them that failed, drawn towards the city''s rate of the day.';
COMMENT ON COLUMN data.inspection_features.zip_type_critical_rate IS 'Share of them with a critical violation, drawn towards the city''s rate.';
COMMENT ON COLUMN data.inspection_features.inspector_critical_15 IS 'Share of visits with a critical violation beyond the usual, in all earlier reports of the inspectors who were in the postal code in the last 15 days.';
COMMENT ON COLUMN data.inspection_features.inspector_failure_15 IS 'Share of failures beyond the usual, in all earlier reports of the inspectors who were in the postal code in the last 15 days.';
COMMENT ON COLUMN data.inspection_features.inspector_critical_30 IS 'Share of visits with a critical violation beyond the usual, in all earlier reports of the inspectors who were in the postal code in the last 30 days.';
COMMENT ON COLUMN data.inspection_features.inspector_failure_30 IS 'Share of failures beyond the usual, in all earlier reports of the inspectors who were in the postal code in the last 30 days.';
COMMENT ON COLUMN data.inspection_features.inspector_style_conditions IS 'Passes with conditions a visit beyond the usual for such places, in the postal code in the last 60 days.';
COMMENT ON COLUMN data.inspection_features.inspector_style_critical_violations IS 'Critical violations a visit beyond the usual for such places, in the postal code in the last 60 days.';
COMMENT ON COLUMN data.inspection_features.inspector_style_serious_violations IS 'Serious violations a visit beyond the usual for such places, in the postal code in the last 60 days.';
COMMENT ON COLUMN data.inspection_features.inspector_style_minor_violations IS 'Minor violations a visit beyond the usual for such places, in the postal code in the last 60 days.';
COMMENT ON COLUMN data.inspection_features.kind_visits_90 IS 'Full visits to places of the same kind and risk class in the last 90 days.';
COMMENT ON COLUMN data.inspection_features.kind_failure_rate_90 IS 'Share of them that failed, drawn towards the city''s rate of the day.';
COMMENT ON COLUMN data.inspection_features.kind_critical_rate_90 IS 'Share of them with a critical violation, drawn towards the city''s rate.';
COMMENT ON COLUMN data.inspection_features.kind_visits_365 IS 'Full visits to places of the same kind and risk class in the last 365 days.';
COMMENT ON COLUMN data.inspection_features.kind_failure_rate_365 IS 'Share of them that failed, drawn towards the city''s rate of the day.';
COMMENT ON COLUMN data.inspection_features.kind_critical_rate_365 IS 'Share of them with a critical violation, drawn towards the city''s rate.';
COMMENT ON COLUMN data.inspection_features.points_visits IS 'Full visits to the establishment that were scored.';
COMMENT ON COLUMN data.inspection_features.points_last IS 'Points of the last of them; the city''s mean of the year where there is none.';
COMMENT ON COLUMN data.inspection_features.points_last_of_any_kind IS 'Points of the last visit that was scored, of whatever kind; the city''s mean if none.';
COMMENT ON COLUMN data.inspection_features.points_mean IS 'Mean points of its full visits, drawn towards the city''s mean of the year.';
COMMENT ON COLUMN data.inspection_features.points_mean_365 IS 'The same over the last 365 days, drawn towards its mean so far.';
COMMENT ON COLUMN data.inspection_features.points_recent_mean IS 'Mean points of its last 3 full visits, drawn towards its mean so far.';
COMMENT ON COLUMN data.inspection_features.points_recent_worst IS 'Most points of its last 3 full visits; the city''s mean if none.';
COMMENT ON COLUMN data.inspection_features.points_trend IS 'Points of its last full visit, less the mean of those before; 0 where there are none before.';
COMMENT ON COLUMN data.inspection_features.points_beyond IS 'Points of its full visits beyond what its zip code and kind let expect, on average.';
COMMENT ON COLUMN data.inspection_features.points_premises_1095 IS 'Mean points at others at its address in the last 1095 days, drawn towards the city''s.';
COMMENT ON COLUMN data.inspection_features.points_chain_1095 IS 'Mean points at others of its name in the last 1095 days, drawn towards the city''s mean.';
COMMENT ON COLUMN data.inspection_features.points_zip_180 IS 'Mean points in the postal code in the last 180 days, drawn towards the city''s mean.';
COMMENT ON COLUMN data.inspection_features.points_kind_365 IS 'Mean points at places of the same kind in the last 365 days, drawn towards the city''s mean.';
COMMENT ON COLUMN data.inspection_features.points_city_365 IS 'Mean points of the city''s full visits in the last 365 days.';
COMMENT ON COLUMN data.inspection_features.season_sin IS 'Sine of the day of the year: high in spring, low in autumn.';
COMMENT ON COLUMN data.inspection_features.season_cos IS 'Cosine of the day of the year: high in winter, low in summer.';
COMMENT ON COLUMN data.inspection_features.city_failure_rate IS 'Share of the city''s full visits of the last 365 days that failed.';
COMMENT ON COLUMN data.inspection_features.city_critical_rate IS 'Share of the city''s full visits of the last 365 days with a critical violation.';
COMMENT ON COLUMN data.inspection_features.city_failure_rate_28 IS 'The same failures over the last 28 days, drawn towards the year''s rate.';
COMMENT ON COLUMN data.inspection_features.city_critical_rate_28 IS 'The same critical violations over the last 28 days, drawn towards the year''s rate.';
COMMENT ON COLUMN data.inspection_features.visit_weekday IS 'Day of the week, 0 for Monday.';
COMMENT ON COLUMN data.inspection_features.visit_is_newest_code IS '1 since the newest code of law replaced the one before.';
COMMENT ON COLUMN data.inspection_features.visit_days_of_code IS 'Days since the code of law in force began, at most 730: how used to it inspectors are.';
COMMENT ON COLUMN data.inspection_features.label_fail IS 'Outcome: 1 where the visit failed. Never a feature.';
COMMENT ON COLUMN data.inspection_features.label_critical IS 'Outcome: is_critical; null where it cannot be known. Never a feature.';
COMMENT ON COLUMN data.inspection_features.serious_found IS 'Outcome: serious violations the visit found, null where they are not known; learned from beside the label. Never a feature.';

CREATE TABLE data.establishment_features (
    week                                 date NOT NULL CHECK (extract(isodow FROM week) = 1),
    establishment_id                     text NOT NULL,
    dba_name                             text NOT NULL,
    address                              text NOT NULL,
    latitude                             double precision,
    longitude                            double precision,
    last_visit                           date NOT NULL,
    days_since_last_visit                integer NOT NULL,
    last_result                          text NOT NULL,
    is_reinspection_open                 boolean NOT NULL,
    facility_type                        text NOT NULL,
    risk                                 text NOT NULL,
    zip                                  text NOT NULL,
    inspection_type                      text NOT NULL,
    own_visits                           integer,
    own_visits_14                        integer,
    own_visits_60                        integer,
    own_visits_180                       integer,
    own_visits_365                       integer,
    own_full_visits                      integer,
    own_complaints_365                   integer,
    own_age_days                         integer,
    own_has_visit                        integer,
    own_days_since_visit                 integer,
    own_days_since_first_look               integer,
    own_failures                         integer,
    own_failures_1095                    integer,
    own_failure_rate                     double precision,
    own_has_failure                      integer,
    own_days_since_failure               integer,
    own_criticals                        integer,
    own_criticals_1095                   integer,
    own_critical_rate                    double precision,
    own_has_critical                     integer,
    own_days_since_critical              integer,
    own_visits_since_failure             integer,
    own_failure_streak                   integer,
    own_reinspection_open                integer,
    own_last_conditions                  integer,
    own_last_was_first_look                 integer,
    own_last_was_complaint               integer,
    own_last_was_reinspection            integer,
    own_last_critical_violations         integer,
    own_last_serious_violations          integer,
    own_last_minor_violations            integer,
    own_recent_critical_violations       integer,
    own_recent_serious_violations        integer,
    own_recent_minor_violations          integer,
    own_recent_full_visits               integer,
    own_recent_failures                  integer,
    own_last_topic_temperature           integer,
    own_last_topic_handwashing           integer,
    own_last_topic_pests                 integer,
    own_last_topic_plumbing              integer,
    own_last_topic_cleaning              integer,
    own_last_topic_paperwork             integer,
    own_last_topic_contamination         integer,
    own_last_topic_equipment             integer,
    own_last_topic_building              integer,
    own_last_topic_other                 integer,
    own_surprise_critical                double precision,
    own_surprise_failure                 double precision,
    own_surprise_conditions              double precision,
    own_surprise_critical_violations     double precision,
    own_surprise_serious_violations      double precision,
    own_surprise_minor_violations        double precision,
    premises_visits_1095                 integer,
    premises_failure_rate                double precision,
    premises_critical_rate               double precision,
    chain_visits_365                     integer,
    chain_failure_rate_365               double precision,
    chain_critical_rate_365              double precision,
    chain_visits_1095                    integer,
    chain_failure_rate_1095              double precision,
    chain_critical_rate_1095             double precision,
    name_critical                        double precision,
    name_failure                         double precision,
    zip_visits_15                        integer,
    zip_failure_rate_15                  double precision,
    zip_critical_rate_15                 double precision,
    near_visits_15                       integer,
    near_failure_rate_15                 double precision,
    near_critical_rate_15                double precision,
    zip_visits_30                        integer,
    zip_failure_rate_30                  double precision,
    zip_critical_rate_30                 double precision,
    near_visits_30                       integer,
    near_failure_rate_30                 double precision,
    near_critical_rate_30                double precision,
    zip_visits_60                        integer,
    zip_failure_rate_60                  double precision,
    zip_critical_rate_60                 double precision,
    near_visits_60                       integer,
    near_failure_rate_60                 double precision,
    near_critical_rate_60                double precision,
    zip_visits_180                       integer,
    zip_failure_rate_180                 double precision,
    zip_critical_rate_180                double precision,
    near_visits_180                      integer,
    near_failure_rate_180                double precision,
    near_critical_rate_180               double precision,
    zip_risk_visits                      integer,
    zip_risk_failure_rate                double precision,
    zip_risk_critical_rate               double precision,
    zip_type_visits                      integer,
    zip_type_failure_rate                double precision,
    zip_type_critical_rate               double precision,
    inspector_critical_15                double precision,
    inspector_failure_15                 double precision,
    inspector_critical_30                double precision,
    inspector_failure_30                 double precision,
    inspector_style_conditions           double precision,
    inspector_style_critical_violations  double precision,
    inspector_style_serious_violations   double precision,
    inspector_style_minor_violations     double precision,
    kind_visits_90                       integer,
    kind_failure_rate_90                 double precision,
    kind_critical_rate_90                double precision,
    kind_visits_365                      integer,
    kind_failure_rate_365                double precision,
    kind_critical_rate_365               double precision,
    points_visits                        integer,
    points_last                          double precision,
    points_last_of_any_kind              double precision,
    points_mean                          double precision,
    points_mean_365                      double precision,
    points_recent_mean                   double precision,
    points_recent_worst                  double precision,
    points_trend                         double precision,
    points_beyond                        double precision,
    points_premises_1095                 double precision,
    points_chain_1095                    double precision,
    points_zip_180                       double precision,
    points_kind_365                      double precision,
    points_city_365                      double precision,
    season_sin                           double precision,
    season_cos                           double precision,
    city_failure_rate                    double precision,
    city_critical_rate                   double precision,
    city_failure_rate_28                 double precision,
    city_critical_rate_28                double precision,
    visit_weekday                        integer,
    visit_is_newest_code                   integer,
    visit_days_of_code                   integer,
    PRIMARY KEY (week, establishment_id)
);
COMMENT ON TABLE data.establishment_features IS 'Features of every establishment in business as if it had a scheduled first look on the Monday, from days before it.';
COMMENT ON COLUMN data.establishment_features.week IS 'The Monday the establishment is described for; every feature is as of its morning.';
COMMENT ON COLUMN data.establishment_features.establishment_id IS 'Establishment in business, as in clean_inspections.';
COMMENT ON COLUMN data.establishment_features.dba_name IS 'Name at the last visit.';
COMMENT ON COLUMN data.establishment_features.address IS 'Street address at the last visit.';
COMMENT ON COLUMN data.establishment_features.latitude IS 'Degrees north, at the last visit; null where the city does not say.';
COMMENT ON COLUMN data.establishment_features.longitude IS 'Degrees east, at the last visit; null where the city does not say.';
COMMENT ON COLUMN data.establishment_features.last_visit IS 'Day of the last known visit.';
COMMENT ON COLUMN data.establishment_features.days_since_last_visit IS 'Days from the last known visit to the Monday.';
COMMENT ON COLUMN data.establishment_features.last_result IS 'Result of the last known visit.';
COMMENT ON COLUMN data.establishment_features.is_reinspection_open IS 'Whether the last known visit failed, so that a re-inspection is due.';
COMMENT ON COLUMN data.establishment_features.facility_type IS 'Kind of establishment, normalised.';
COMMENT ON COLUMN data.establishment_features.risk IS 'Risk class the city gave the establishment.';
COMMENT ON COLUMN data.establishment_features.zip IS 'Five-digit postal code; unknown where missing.';
COMMENT ON COLUMN data.establishment_features.inspection_type IS 'Kind of visit, normalised; a first look in the queue.';
COMMENT ON COLUMN data.establishment_features.own_visits IS 'Visits to the establishment before this day.';
COMMENT ON COLUMN data.establishment_features.own_visits_14 IS 'Visits in the last 14 days.';
COMMENT ON COLUMN data.establishment_features.own_visits_60 IS 'Visits in the last 60 days.';
COMMENT ON COLUMN data.establishment_features.own_visits_180 IS 'Visits in the last 180 days.';
COMMENT ON COLUMN data.establishment_features.own_visits_365 IS 'Visits in the last 365 days.';
COMMENT ON COLUMN data.establishment_features.own_full_visits IS 'Full visits: scheduled first looks, and visits for a complaint.';
COMMENT ON COLUMN data.establishment_features.own_complaints_365 IS 'Visits for a complaint in the last 365 days.';
COMMENT ON COLUMN data.establishment_features.own_age_days IS 'Days since the first known visit, at most 3650; 0 where there is none.';
COMMENT ON COLUMN data.establishment_features.own_has_visit IS '1 where there is an earlier visit.';
COMMENT ON COLUMN data.establishment_features.own_days_since_visit IS 'Days since the last visit; 1095 where longer ago or never.';
COMMENT ON COLUMN data.establishment_features.own_days_since_first_look IS 'Days since the last scheduled first look; 1095 where longer ago or never.';
COMMENT ON COLUMN data.establishment_features.own_failures IS 'Visits that failed.';
COMMENT ON COLUMN data.establishment_features.own_failures_1095 IS 'Visits in the last 1095 days that failed.';
COMMENT ON COLUMN data.establishment_features.own_failure_rate IS 'Share of full visits that failed, drawn towards the city''s rate of the day.';
COMMENT ON COLUMN data.establishment_features.own_has_failure IS '1 where an earlier visit failed.';
COMMENT ON COLUMN data.establishment_features.own_days_since_failure IS 'Days since the last failed visit; 1095 where longer ago or never.';
COMMENT ON COLUMN data.establishment_features.own_criticals IS 'Visits with a critical violation.';
COMMENT ON COLUMN data.establishment_features.own_criticals_1095 IS 'Visits in the last 1095 days with a critical violation.';
COMMENT ON COLUMN data.establishment_features.own_critical_rate IS 'Share of full visits with a critical violation, drawn towards the city''s rate of the day.';
COMMENT ON COLUMN data.establishment_features.own_has_critical IS '1 where an earlier visit found a critical violation.';
COMMENT ON COLUMN data.establishment_features.own_days_since_critical IS 'Days since the last critical violation; 1095 where longer ago or never.';
COMMENT ON COLUMN data.establishment_features.own_visits_since_failure IS 'Visits since the last failed one; all of them where none failed.';
COMMENT ON COLUMN data.establishment_features.own_failure_streak IS 'Failed visits in a row up to the last visit.';
COMMENT ON COLUMN data.establishment_features.own_reinspection_open IS '1 where the last visit failed, so that a re-inspection is due.';
COMMENT ON COLUMN data.establishment_features.own_last_conditions IS '1 where the last visit passed with conditions.';
COMMENT ON COLUMN data.establishment_features.own_last_was_first_look IS '1 where the last visit was a scheduled first look.';
COMMENT ON COLUMN data.establishment_features.own_last_was_complaint IS '1 where the last visit was for a complaint.';
COMMENT ON COLUMN data.establishment_features.own_last_was_reinspection IS '1 where the last visit was a re-inspection.';
COMMENT ON COLUMN data.establishment_features.own_last_critical_violations IS 'Critical violations of the last full visit.';
COMMENT ON COLUMN data.establishment_features.own_last_serious_violations IS 'Serious violations of the last full visit.';
COMMENT ON COLUMN data.establishment_features.own_last_minor_violations IS 'Minor violations of the last full visit.';
COMMENT ON COLUMN data.establishment_features.own_recent_critical_violations IS 'Critical violations of the last 3 full visits.';
COMMENT ON COLUMN data.establishment_features.own_recent_serious_violations IS 'Serious violations of the last 3 full visits.';
COMMENT ON COLUMN data.establishment_features.own_recent_minor_violations IS 'Minor violations of the last 3 full visits.';
COMMENT ON COLUMN data.establishment_features.own_recent_full_visits IS 'How many full visits the recent sums cover, at most 3.';
COMMENT ON COLUMN data.establishment_features.own_recent_failures IS 'How many of the last 3 full visits failed.';
COMMENT ON COLUMN data.establishment_features.own_last_topic_temperature IS 'Violations about temperature at the last full visit.';
COMMENT ON COLUMN data.establishment_features.own_last_topic_handwashing IS 'Violations about handwashing at the last full visit.';
COMMENT ON COLUMN data.establishment_features.own_last_topic_pests IS 'Violations about pests at the last full visit.';
COMMENT ON COLUMN data.establishment_features.own_last_topic_plumbing IS 'Violations about plumbing at the last full visit.';
COMMENT ON COLUMN data.establishment_features.own_last_topic_cleaning IS 'Violations about cleaning at the last full visit.';
COMMENT ON COLUMN data.establishment_features.own_last_topic_paperwork IS 'Violations about paperwork at the last full visit.';
COMMENT ON COLUMN data.establishment_features.own_last_topic_contamination IS 'Violations about contamination at the last full visit.';
COMMENT ON COLUMN data.establishment_features.own_last_topic_equipment IS 'Violations about equipment at the last full visit.';
COMMENT ON COLUMN data.establishment_features.own_last_topic_building IS 'Violations about building at the last full visit.';
COMMENT ON COLUMN data.establishment_features.own_last_topic_other IS 'Violations about other at the last full visit.';
COMMENT ON COLUMN data.establishment_features.own_surprise_critical IS 'Visits with a critical violation at the establishment''s full visits beyond what kind and inspector let expect, on average.';
COMMENT ON COLUMN data.establishment_features.own_surprise_failure IS 'Failures at the establishment''s full visits beyond what kind and inspector let expect, on average.';
COMMENT ON COLUMN data.establishment_features.own_surprise_conditions IS 'Passes with conditions at the establishment''s full visits beyond what kind and inspector let expect, on average.';
COMMENT ON COLUMN data.establishment_features.own_surprise_critical_violations IS 'Critical violations at the establishment''s full visits beyond what kind and inspector let expect, on average.';
COMMENT ON COLUMN data.establishment_features.own_surprise_serious_violations IS 'Serious violations at the establishment''s full visits beyond what kind and inspector let expect, on average.';
COMMENT ON COLUMN data.establishment_features.own_surprise_minor_violations IS 'Minor violations at the establishment''s full visits beyond what kind and inspector let expect, on average.';
COMMENT ON COLUMN data.establishment_features.premises_visits_1095 IS 'Visits to other establishments at the same address in the last 1095 days.';
COMMENT ON COLUMN data.establishment_features.premises_failure_rate IS 'Share of their full visits that failed, drawn towards the city''s rate of the day.';
COMMENT ON COLUMN data.establishment_features.premises_critical_rate IS 'Share of their full visits with a critical violation, drawn towards the city''s rate.';
COMMENT ON COLUMN data.establishment_features.chain_visits_365 IS 'Full visits to other establishments of the same name in the last 365 days.';
COMMENT ON COLUMN data.establishment_features.chain_failure_rate_365 IS 'Share of them that failed, drawn towards the city''s rate of the day.';
COMMENT ON COLUMN data.establishment_features.chain_critical_rate_365 IS 'Share of them with a critical violation, drawn towards the city''s rate.';
COMMENT ON COLUMN data.establishment_features.chain_visits_1095 IS 'Full visits to other establishments of the same name in the last 1095 days.';
COMMENT ON COLUMN data.establishment_features.chain_failure_rate_1095 IS 'Share of them that failed, drawn towards the city''s rate of the day.';
COMMENT ON COLUMN data.establishment_features.chain_critical_rate_1095 IS 'Share of them with a critical violation, drawn towards the city''s rate.';
COMMENT ON COLUMN data.establishment_features.name_critical IS 'How much more often than expected places with these words in their name had critical violations.';
COMMENT ON COLUMN data.establishment_features.name_failure IS 'How much more often than expected places with these words in their name failed.';
COMMENT ON COLUMN data.establishment_features.zip_visits_15 IS 'Full visits in the postal code in the last 15 days.';
COMMENT ON COLUMN data.establishment_features.zip_failure_rate_15 IS 'Share of them that failed, drawn towards the city''s rate of the day.';
COMMENT ON COLUMN data.establishment_features.zip_critical_rate_15 IS 'Share of them with a critical violation, drawn towards the city''s rate.';
COMMENT ON COLUMN data.establishment_features.near_visits_15 IS 'Full visits within 2 km in the last 15 days, weighed by nearness (0 to 8).';
COMMENT ON COLUMN data.establishment_features.near_failure_rate_15 IS 'Weighed share of them that failed, drawn towards the city''s rate of the day.';
COMMENT ON COLUMN data.establishment_features.near_critical_rate_15 IS 'Weighed share with a critical violation, drawn towards the city''s rate.';
COMMENT ON COLUMN data.establishment_features.zip_visits_30 IS 'Full visits in the postal code in the last 30 days.';
COMMENT ON COLUMN data.establishment_features.zip_failure_rate_30 IS 'Share of them that failed, drawn towards the city''s rate of the day.';
COMMENT ON COLUMN data.establishment_features.zip_critical_rate_30 IS 'Share of them with a critical violation, drawn towards the city''s rate.';
COMMENT ON COLUMN data.establishment_features.near_visits_30 IS 'Full visits within 2 km in the last 30 days, weighed by nearness (0 to 8).';
COMMENT ON COLUMN data.establishment_features.near_failure_rate_30 IS 'Weighed share of them that failed, drawn towards the city''s rate of the day.';
COMMENT ON COLUMN data.establishment_features.near_critical_rate_30 IS 'Weighed share with a critical violation, drawn towards the city''s rate.';
COMMENT ON COLUMN data.establishment_features.zip_visits_60 IS 'Full visits in the postal code in the last 60 days.';
COMMENT ON COLUMN data.establishment_features.zip_failure_rate_60 IS 'Share of them that failed, drawn towards the city''s rate of the day.';
COMMENT ON COLUMN data.establishment_features.zip_critical_rate_60 IS 'Share of them with a critical violation, drawn towards the city''s rate.';
COMMENT ON COLUMN data.establishment_features.near_visits_60 IS 'Full visits within 2 km in the last 60 days, weighed by nearness (0 to 8).';
COMMENT ON COLUMN data.establishment_features.near_failure_rate_60 IS 'Weighed share of them that failed, drawn towards the city''s rate of the day.';
COMMENT ON COLUMN data.establishment_features.near_critical_rate_60 IS 'Weighed share with a critical violation, drawn towards the city''s rate.';
COMMENT ON COLUMN data.establishment_features.zip_visits_180 IS 'Full visits in the postal code in the last 180 days.';
COMMENT ON COLUMN data.establishment_features.zip_failure_rate_180 IS 'Share of them that failed, drawn towards the city''s rate of the day.';
COMMENT ON COLUMN data.establishment_features.zip_critical_rate_180 IS 'Share of them with a critical violation, drawn towards the city''s rate.';
COMMENT ON COLUMN data.establishment_features.near_visits_180 IS 'Full visits within 2 km in the last 180 days, weighed by nearness (0 to 8).';
COMMENT ON COLUMN data.establishment_features.near_failure_rate_180 IS 'Weighed share of them that failed, drawn towards the city''s rate of the day.';
COMMENT ON COLUMN data.establishment_features.near_critical_rate_180 IS 'Weighed share with a critical violation, drawn towards the city''s rate.';
COMMENT ON COLUMN data.establishment_features.zip_risk_visits IS 'Full visits in the postal code at places of the same risk in the last 90 days.';
COMMENT ON COLUMN data.establishment_features.zip_risk_failure_rate IS 'Share of them that failed, drawn towards the city''s rate of the day.';
COMMENT ON COLUMN data.establishment_features.zip_risk_critical_rate IS 'Share of them with a critical violation, drawn towards the city''s rate.';
COMMENT ON COLUMN data.establishment_features.zip_type_visits IS 'Visits of the same inspection type in the postal code in the last 90 days.';
COMMENT ON COLUMN data.establishment_features.zip_type_failure_rate IS 'Share of them that failed, drawn towards the city''s rate of the day.';
COMMENT ON COLUMN data.establishment_features.zip_type_critical_rate IS 'Share of them with a critical violation, drawn towards the city''s rate.';
COMMENT ON COLUMN data.establishment_features.inspector_critical_15 IS 'Share of visits with a critical violation beyond the usual, in all earlier reports of the inspectors who were in the postal code in the last 15 days.';
COMMENT ON COLUMN data.establishment_features.inspector_failure_15 IS 'Share of failures beyond the usual, in all earlier reports of the inspectors who were in the postal code in the last 15 days.';
COMMENT ON COLUMN data.establishment_features.inspector_critical_30 IS 'Share of visits with a critical violation beyond the usual, in all earlier reports of the inspectors who were in the postal code in the last 30 days.';
COMMENT ON COLUMN data.establishment_features.inspector_failure_30 IS 'Share of failures beyond the usual, in all earlier reports of the inspectors who were in the postal code in the last 30 days.';
COMMENT ON COLUMN data.establishment_features.inspector_style_conditions IS 'Passes with conditions a visit beyond the usual for such places, in the postal code in the last 60 days.';
COMMENT ON COLUMN data.establishment_features.inspector_style_critical_violations IS 'Critical violations a visit beyond the usual for such places, in the postal code in the last 60 days.';
COMMENT ON COLUMN data.establishment_features.inspector_style_serious_violations IS 'Serious violations a visit beyond the usual for such places, in the postal code in the last 60 days.';
COMMENT ON COLUMN data.establishment_features.inspector_style_minor_violations IS 'Minor violations a visit beyond the usual for such places, in the postal code in the last 60 days.';
COMMENT ON COLUMN data.establishment_features.kind_visits_90 IS 'Full visits to places of the same kind and risk class in the last 90 days.';
COMMENT ON COLUMN data.establishment_features.kind_failure_rate_90 IS 'Share of them that failed, drawn towards the city''s rate of the day.';
COMMENT ON COLUMN data.establishment_features.kind_critical_rate_90 IS 'Share of them with a critical violation, drawn towards the city''s rate.';
COMMENT ON COLUMN data.establishment_features.kind_visits_365 IS 'Full visits to places of the same kind and risk class in the last 365 days.';
COMMENT ON COLUMN data.establishment_features.kind_failure_rate_365 IS 'Share of them that failed, drawn towards the city''s rate of the day.';
COMMENT ON COLUMN data.establishment_features.kind_critical_rate_365 IS 'Share of them with a critical violation, drawn towards the city''s rate.';
COMMENT ON COLUMN data.establishment_features.points_visits IS 'Full visits to the establishment that were scored.';
COMMENT ON COLUMN data.establishment_features.points_last IS 'Points of the last of them; the city''s mean of the year where there is none.';
COMMENT ON COLUMN data.establishment_features.points_last_of_any_kind IS 'Points of the last visit that was scored, of whatever kind; the city''s mean if none.';
COMMENT ON COLUMN data.establishment_features.points_mean IS 'Mean points of its full visits, drawn towards the city''s mean of the year.';
COMMENT ON COLUMN data.establishment_features.points_mean_365 IS 'The same over the last 365 days, drawn towards its mean so far.';
COMMENT ON COLUMN data.establishment_features.points_recent_mean IS 'Mean points of its last 3 full visits, drawn towards its mean so far.';
COMMENT ON COLUMN data.establishment_features.points_recent_worst IS 'Most points of its last 3 full visits; the city''s mean if none.';
COMMENT ON COLUMN data.establishment_features.points_trend IS 'Points of its last full visit, less the mean of those before; 0 where there are none before.';
COMMENT ON COLUMN data.establishment_features.points_beyond IS 'Points of its full visits beyond what its zip code and kind let expect, on average.';
COMMENT ON COLUMN data.establishment_features.points_premises_1095 IS 'Mean points at others at its address in the last 1095 days, drawn towards the city''s.';
COMMENT ON COLUMN data.establishment_features.points_chain_1095 IS 'Mean points at others of its name in the last 1095 days, drawn towards the city''s mean.';
COMMENT ON COLUMN data.establishment_features.points_zip_180 IS 'Mean points in the postal code in the last 180 days, drawn towards the city''s mean.';
COMMENT ON COLUMN data.establishment_features.points_kind_365 IS 'Mean points at places of the same kind in the last 365 days, drawn towards the city''s mean.';
COMMENT ON COLUMN data.establishment_features.points_city_365 IS 'Mean points of the city''s full visits in the last 365 days.';
COMMENT ON COLUMN data.establishment_features.season_sin IS 'Sine of the day of the year: high in spring, low in autumn.';
COMMENT ON COLUMN data.establishment_features.season_cos IS 'Cosine of the day of the year: high in winter, low in summer.';
COMMENT ON COLUMN data.establishment_features.city_failure_rate IS 'Share of the city''s full visits of the last 365 days that failed.';
COMMENT ON COLUMN data.establishment_features.city_critical_rate IS 'Share of the city''s full visits of the last 365 days with a critical violation.';
COMMENT ON COLUMN data.establishment_features.city_failure_rate_28 IS 'The same failures over the last 28 days, drawn towards the year''s rate.';
COMMENT ON COLUMN data.establishment_features.city_critical_rate_28 IS 'The same critical violations over the last 28 days, drawn towards the year''s rate.';
COMMENT ON COLUMN data.establishment_features.visit_weekday IS 'Day of the week, 0 for Monday.';
COMMENT ON COLUMN data.establishment_features.visit_is_newest_code IS '1 since the newest code of law replaced the one before.';
COMMENT ON COLUMN data.establishment_features.visit_days_of_code IS 'Days since the code of law in force began, at most 730: how used to it inspectors are.';
