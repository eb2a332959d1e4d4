-- Inspections after the cleaning rules: what everything else is made from.

CREATE TABLE data.clean_inspections (
    week                    date NOT NULL CHECK (extract(isodow FROM week) = 1),
    inspection_id           text NOT NULL,
    inspection_date         date NOT NULL,
    establishment_id        text NOT NULL,
    chain_key               text NOT NULL,
    dba_name                text NOT NULL,
    aka_name                text NOT NULL,
    facility_type           text NOT NULL,
    risk                    text NOT NULL,
    address                 text NOT NULL,
    city                    text NOT NULL,
    state                   text NOT NULL,
    zip                     text NOT NULL,
    area                    text NOT NULL,
    inspection_type         text NOT NULL,
    results                 text NOT NULL,
    violations              text NOT NULL,
    latitude                double precision,
    longitude               double precision,
    is_first_look           boolean NOT NULL,
    is_full_visit           boolean NOT NULL,
    is_reinspection         boolean NOT NULL,
    is_complaint            boolean NOT NULL,
    is_conditional          boolean NOT NULL,
    violation_count         integer,
    critical_violations     integer,
    serious_violations      integer,
    minor_violations        integer,
    topic_temperature       integer,
    topic_handwashing       integer,
    topic_pests             integer,
    topic_plumbing          integer,
    topic_cleaning          integer,
    topic_paperwork         integer,
    topic_contamination     integer,
    topic_equipment         integer,
    topic_building          integer,
    topic_other             integer,
    is_failure              boolean NOT NULL,
    is_critical             boolean,
    points                  double precision,
    report_number           bigint,
    CHECK (inspection_date >= week AND inspection_date < week + 7),
    PRIMARY KEY (week, inspection_id)
);
CREATE INDEX clean_inspections_establishment ON data.clean_inspections (establishment_id, inspection_date DESC);
CREATE INDEX clean_inspections_inspection ON data.clean_inspections (inspection_id);
COMMENT ON TABLE data.clean_inspections IS 'Inspections of establishments in business, one row each, after the cleaning rules; made from raw_inspections of the same week.';
COMMENT ON COLUMN data.clean_inspections.week IS 'Monday of the week of the inspection.';
COMMENT ON COLUMN data.clean_inspections.inspection_id IS 'The portal''s id of the inspection; where its key has several columns, their words joined by hyphens.';
COMMENT ON COLUMN data.clean_inspections.inspection_date IS 'Day of the visit.';
COMMENT ON COLUMN data.clean_inspections.establishment_id IS 'The city''s own id of the establishment; where it has none, a stable id made from normalised name and address, starting with "n-".';
COMMENT ON COLUMN data.clean_inspections.chain_key IS 'Normalised name, the same for every branch of a chain.';
COMMENT ON COLUMN data.clean_inspections.dba_name IS 'Name the establishment does business as.';
COMMENT ON COLUMN data.clean_inspections.aka_name IS 'Name it is also known as; unknown where missing.';
COMMENT ON COLUMN data.clean_inspections.facility_type IS 'Kind of establishment, normalised to the vocabulary; other where unmapped, unknown where missing.';
COMMENT ON COLUMN data.clean_inspections.risk IS 'Risk class, normalised to the vocabulary; unknown where missing.';
COMMENT ON COLUMN data.clean_inspections.address IS 'Street address; unknown where missing.';
COMMENT ON COLUMN data.clean_inspections.city IS 'City, normalised.';
COMMENT ON COLUMN data.clean_inspections.state IS 'State; unknown where missing.';
COMMENT ON COLUMN data.clean_inspections.zip IS 'Five-digit postal code; unknown where missing or malformed.';
COMMENT ON COLUMN data.clean_inspections.area IS 'District as the city names it; the postal code where it names none.';
COMMENT ON COLUMN data.clean_inspections.inspection_type IS 'Kind of visit, normalised to the vocabulary.';
COMMENT ON COLUMN data.clean_inspections.results IS 'Result of the visit, normalised to the vocabulary; unknown where the city publishes none.';
COMMENT ON COLUMN data.clean_inspections.violations IS 'Violations as the portal gives them, or joined to one text; unknown where missing.';
COMMENT ON COLUMN data.clean_inspections.latitude IS 'Degrees north; null where the city does not say.';
COMMENT ON COLUMN data.clean_inspections.longitude IS 'Degrees east; null where the city does not say.';
COMMENT ON COLUMN data.clean_inspections.is_first_look IS 'A scheduled visit that nobody asked for: what the queue forecasts.';
COMMENT ON COLUMN data.clean_inspections.is_full_visit IS 'A visit whose outcome compares with a first look''s: neither announced nor about one thing.';
COMMENT ON COLUMN data.clean_inspections.is_reinspection IS 'A visit that answers an earlier one.';
COMMENT ON COLUMN data.clean_inspections.is_complaint IS 'A visit because of a complaint.';
COMMENT ON COLUMN data.clean_inspections.is_conditional IS 'A result that asks for something to be mended.';
COMMENT ON COLUMN data.clean_inspections.violation_count IS 'Violations listed, of any severity; null where none are published.';
COMMENT ON COLUMN data.clean_inspections.critical_violations IS 'The gravest violations by the code of law of the day; null where severities are not known.';
COMMENT ON COLUMN data.clean_inspections.serious_violations IS 'Violations of the middle severity; null where severities are not known.';
COMMENT ON COLUMN data.clean_inspections.minor_violations IS 'All other violations; null where severities are not known.';
COMMENT ON COLUMN data.clean_inspections.topic_temperature IS 'Violations about holding, cooking or cooling temperatures; null where not known.';
COMMENT ON COLUMN data.clean_inspections.topic_handwashing IS 'Violations about handwashing and personal hygiene; null where not known.';
COMMENT ON COLUMN data.clean_inspections.topic_pests IS 'Violations about insects, rodents and other animals; null where not known.';
COMMENT ON COLUMN data.clean_inspections.topic_plumbing IS 'Violations about water, sewage, plumbing and toilets; null where not known.';
COMMENT ON COLUMN data.clean_inspections.topic_cleaning IS 'Violations about cleaning, washing and sanitising; null where not known.';
COMMENT ON COLUMN data.clean_inspections.topic_paperwork IS 'Violations about certificates, reports, signs and training; null where not known.';
COMMENT ON COLUMN data.clean_inspections.topic_contamination IS 'Violations about the source, protection, storage and labelling of food and toxic substances; null where not known.';
COMMENT ON COLUMN data.clean_inspections.topic_equipment IS 'Violations about utensils, equipment and thermometers; null where not known.';
COMMENT ON COLUMN data.clean_inspections.topic_building IS 'Violations about floors, walls, ceilings, lighting, ventilation, refuse and premises; null where not known.';
COMMENT ON COLUMN data.clean_inspections.topic_other IS 'Violations about none of these topics; null where not known.';
COMMENT ON COLUMN data.clean_inspections.is_failure IS 'The city''s rule for a failed inspection holds: the label fail.';
COMMENT ON COLUMN data.clean_inspections.is_critical IS 'The city''s rule for a critical inspection holds: the label critical; null where it cannot be known.';
COMMENT ON COLUMN data.clean_inspections.points IS 'How bad it was in the city''s own points, more being worse; null where not scored.';
COMMENT ON COLUMN data.clean_inspections.report_number IS 'Number of the report in an inspector''s book; null where the city has none.';

CREATE TABLE data.closures (
    week              date NOT NULL CHECK (extract(isodow FROM week) = 1),
    inspection_id     text NOT NULL,
    inspection_date   date NOT NULL,
    establishment_id  text NOT NULL,
    dba_name          text NOT NULL,
    address           text NOT NULL,
    results           text NOT NULL,
    PRIMARY KEY (week, inspection_id)
);
CREATE INDEX closures_establishment ON data.closures (establishment_id, inspection_date DESC);
COMMENT ON TABLE data.closures IS 'Visits that found the establishment out of business or could not find it; written with clean_inspections of the same week.';
COMMENT ON COLUMN data.closures.week IS 'Monday of the week of the visit.';
COMMENT ON COLUMN data.closures.inspection_id IS 'The portal''s id of the inspection.';
COMMENT ON COLUMN data.closures.inspection_date IS 'Day of the visit.';
COMMENT ON COLUMN data.closures.establishment_id IS 'As in clean_inspections.';
COMMENT ON COLUMN data.closures.dba_name IS 'Name the establishment did business as.';
COMMENT ON COLUMN data.closures.address IS 'Street address; unknown where missing.';
COMMENT ON COLUMN data.closures.results IS 'Result of the visit, normalised.';
