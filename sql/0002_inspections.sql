-- Inspections after the cleaning rules: what everything else is made from.

CREATE TABLE data.clean_inspections (
    week                    date NOT NULL CHECK (extract(isodow FROM week) = 1),
    inspection_id           bigint NOT NULL,
    inspection_date         date NOT NULL,
    establishment_id        text NOT NULL,
    chain_key               text NOT NULL,
    dba_name                text NOT NULL,
    aka_name                text NOT NULL,
    license_                bigint NOT NULL,
    facility_type           text NOT NULL,
    risk                    text NOT NULL,
    address                 text NOT NULL,
    city                    text NOT NULL,
    state                   text NOT NULL,
    zip                     text NOT NULL,
    inspection_type         text NOT NULL,
    results                 text NOT NULL,
    violations              text NOT NULL,
    latitude                double precision NOT NULL,
    longitude               double precision NOT NULL,
    violation_count         integer NOT NULL,
    critical_violations     integer NOT NULL,
    serious_violations      integer NOT NULL,
    minor_violations        integer NOT NULL,
    topic_temperature       integer NOT NULL,
    topic_handwashing       integer NOT NULL,
    topic_pests             integer NOT NULL,
    topic_plumbing          integer NOT NULL,
    topic_cleaning          integer NOT NULL,
    topic_paperwork         integer NOT NULL,
    topic_contamination     integer NOT NULL,
    topic_equipment         integer NOT NULL,
    topic_building          integer NOT NULL,
    topic_other             integer NOT NULL,
    is_failure              boolean NOT NULL,
    is_critical             boolean NOT NULL,
    CHECK (inspection_date >= week AND inspection_date < week + 7),
    PRIMARY KEY (week, inspection_id)
);
CREATE INDEX clean_inspections_establishment ON data.clean_inspections (establishment_id, inspection_date DESC);
CREATE INDEX clean_inspections_inspection ON data.clean_inspections (inspection_id);
COMMENT ON TABLE data.clean_inspections IS 'Inspections of establishments in business, one row each, after the cleaning rules; made from raw_inspections of the same week.';
COMMENT ON COLUMN data.clean_inspections.week IS 'Monday of the week of the inspection.';
COMMENT ON COLUMN data.clean_inspections.inspection_id IS 'The portal''s id of the inspection.';
COMMENT ON COLUMN data.clean_inspections.inspection_date IS 'Day of the visit.';
COMMENT ON COLUMN data.clean_inspections.establishment_id IS 'The licence number; where it is missing or 0, a stable id made from normalised name and address, starting with "n-".';
COMMENT ON COLUMN data.clean_inspections.chain_key IS 'Normalised name, the same for every branch of a chain.';
COMMENT ON COLUMN data.clean_inspections.dba_name IS 'Name the establishment does business as.';
COMMENT ON COLUMN data.clean_inspections.aka_name IS 'Name it is also known as; unknown where missing.';
COMMENT ON COLUMN data.clean_inspections.license_ IS 'Licence number; 0 where missing.';
COMMENT ON COLUMN data.clean_inspections.facility_type IS 'Kind of establishment, normalised to the vocabulary; other where unmapped, unknown where missing.';
COMMENT ON COLUMN data.clean_inspections.risk IS 'Risk class, normalised: Risk 1 (High), Risk 2 (Medium), Risk 3 (Low), All or unknown.';
COMMENT ON COLUMN data.clean_inspections.address IS 'Street address; unknown where missing.';
COMMENT ON COLUMN data.clean_inspections.city IS 'City, normalised.';
COMMENT ON COLUMN data.clean_inspections.state IS 'State; unknown where missing.';
COMMENT ON COLUMN data.clean_inspections.zip IS 'Five-digit postal code; unknown where missing or malformed.';
COMMENT ON COLUMN data.clean_inspections.inspection_type IS 'Kind of visit, normalised to the vocabulary.';
COMMENT ON COLUMN data.clean_inspections.results IS 'Result of the visit as the portal gives it: Pass, Pass w/ Conditions or Fail.';
COMMENT ON COLUMN data.clean_inspections.violations IS 'Violations as the portal gives them; unknown where missing.';
COMMENT ON COLUMN data.clean_inspections.latitude IS 'Degrees north.';
COMMENT ON COLUMN data.clean_inspections.longitude IS 'Degrees east.';
COMMENT ON COLUMN data.clean_inspections.violation_count IS 'Violations listed, of any severity.';
COMMENT ON COLUMN data.clean_inspections.critical_violations IS 'Critical (until 2018-06-30) or priority (since 2018-07-01) violations.';
COMMENT ON COLUMN data.clean_inspections.serious_violations IS 'Serious (until 2018-06-30) or priority foundation (since 2018-07-01) violations.';
COMMENT ON COLUMN data.clean_inspections.minor_violations IS 'Minor (until 2018-06-30) or core (since 2018-07-01) violations.';
COMMENT ON COLUMN data.clean_inspections.topic_temperature IS 'Violations about holding, cooking or cooling temperatures.';
COMMENT ON COLUMN data.clean_inspections.topic_handwashing IS 'Violations about handwashing and personal hygiene.';
COMMENT ON COLUMN data.clean_inspections.topic_pests IS 'Violations about insects, rodents and other animals.';
COMMENT ON COLUMN data.clean_inspections.topic_plumbing IS 'Violations about water, sewage, plumbing and toilets.';
COMMENT ON COLUMN data.clean_inspections.topic_cleaning IS 'Violations about cleaning, washing and sanitising.';
COMMENT ON COLUMN data.clean_inspections.topic_paperwork IS 'Violations about certificates, reports, signs and training.';
COMMENT ON COLUMN data.clean_inspections.topic_contamination IS 'Violations about the source, protection, storage and labelling of food and toxic substances.';
COMMENT ON COLUMN data.clean_inspections.topic_equipment IS 'Violations about utensils, equipment and thermometers.';
COMMENT ON COLUMN data.clean_inspections.topic_building IS 'Violations about floors, walls, ceilings, lighting, ventilation, refuse and premises.';
COMMENT ON COLUMN data.clean_inspections.topic_other IS 'Violations about none of these topics.';
COMMENT ON COLUMN data.clean_inspections.is_failure IS 'results is Fail: the label fail.';
COMMENT ON COLUMN data.clean_inspections.is_critical IS 'At least one critical or priority violation: the label critical.';

CREATE TABLE data.closures (
    week              date NOT NULL CHECK (extract(isodow FROM week) = 1),
    inspection_id     bigint NOT NULL,
    inspection_date   date NOT NULL,
    establishment_id  text NOT NULL,
    dba_name          text NOT NULL,
    address           text NOT NULL,
    license_          bigint NOT NULL,
    results           text NOT NULL,
    PRIMARY KEY (week, inspection_id)
);
CREATE INDEX closures_establishment ON data.closures (establishment_id, inspection_date DESC);
COMMENT ON TABLE data.closures IS 'Visits that found the establishment closed (Out of Business, Business Not Located); written with clean_inspections of the same week.';
COMMENT ON COLUMN data.closures.week IS 'Monday of the week of the visit.';
COMMENT ON COLUMN data.closures.inspection_id IS 'The portal''s id of the inspection.';
COMMENT ON COLUMN data.closures.inspection_date IS 'Day of the visit.';
COMMENT ON COLUMN data.closures.establishment_id IS 'As in clean_inspections.';
COMMENT ON COLUMN data.closures.dba_name IS 'Name the establishment did business as.';
COMMENT ON COLUMN data.closures.address IS 'Street address; unknown where missing.';
COMMENT ON COLUMN data.closures.license_ IS 'Licence number; 0 where missing.';
COMMENT ON COLUMN data.closures.results IS 'Out of Business or Business Not Located.';
