-- The six schemas of the warehouse. Everything else builds on them.

CREATE SCHEMA data;
COMMENT ON SCHEMA data IS 'What the pipeline makes of the city''s inspections: clean rows, features, predictions, queues, bias reports.';

CREATE SCHEMA models;
COMMENT ON SCHEMA models IS 'Fitted candidates, their validation scores, and the log of which model was chosen when and why.';

CREATE SCHEMA api;
COMMENT ON SCHEMA api IS 'Published results, accepted weeks only: what the HTTP API and the monitor show.';

CREATE SCHEMA monitoring;
COMMENT ON SCHEMA monitoring IS 'Whether the forecast still holds: score distributions, drift, realised performance.';

CREATE SCHEMA metadata;
COMMENT ON SCHEMA metadata IS 'Which run wrote which week of which asset, from what, and whether its checks accepted it.';

CREATE SCHEMA test;
COMMENT ON SCHEMA test IS 'Results of the asset checks: the unit tests of the data.';
