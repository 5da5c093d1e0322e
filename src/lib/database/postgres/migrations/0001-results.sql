-- Ids are compared byte by byte: nobody sorts them by a language's rules, and it is several times faster.

CREATE TABLE feeds (
  id text COLLATE "C" PRIMARY KEY,
  event bigint NOT NULL DEFAULT 1,
  row_number integer NOT NULL DEFAULT 0,
  generation integer NOT NULL DEFAULT 0,
  writes bigint NOT NULL DEFAULT 0,
  copied_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE feeds IS 'How far each installation has been copied. Written in the same transaction as its rows.';

CREATE TABLE batches (
  id text COLLATE "C" NOT NULL,
  incarnation text COLLATE "C" NOT NULL,
  feed_id text COLLATE "C" NOT NULL,
  name text NOT NULL,
  state text NOT NULL,
  state_reason text,
  schedule text,
  tags text[] NOT NULL,
  priority integer NOT NULL,
  mends text COLLATE "C",
  continues text COLLATE "C",
  manifest_sha256 text COLLATE "C" NOT NULL,
  created_at timestamptz NOT NULL,
  finished_at timestamptz,
  finish_by timestamptz,
  total_rows integer NOT NULL,
  counts jsonb NOT NULL,
  PRIMARY KEY (id, incarnation)
);
COMMENT ON COLUMN batches.counts IS 'Rows by state and status.';

CREATE TABLE results (
  batch_id text COLLATE "C" NOT NULL,
  incarnation text COLLATE "C" NOT NULL,
  row_number integer NOT NULL,
  key text,
  status text NOT NULL,
  session_id text COLLATE "C",
  expires_at timestamptz,
  error_code text,
  error text,
  warnings text,
  attempts integer NOT NULL,
  request_id text COLLATE "C",
  duration_s double precision,
  width integer,
  height integer,
  fps double precision,
  units numeric,
  duplicate_of integer,
  finished_at timestamptz,
  cells jsonb,
  revision bigint NOT NULL,
  PRIMARY KEY (batch_id, incarnation, row_number)
);
COMMENT ON COLUMN results.cells IS 'The user''s own columns. Null where PostgreSQL cannot hold them.';
COMMENT ON COLUMN results.revision IS 'Grows with every change of the row.';

CREATE INDEX results_expires_at ON results (expires_at) WHERE session_id IS NOT NULL;
-- A hash, because a key may be longer than an entry of a B-tree.
CREATE INDEX results_key ON results USING hash (key) WHERE key IS NOT NULL;
CREATE INDEX results_duplicate_of ON results (batch_id, incarnation, duplicate_of) WHERE status = 'duplicate';

-- Not now(): that is when the transaction began, and a reader may keep one open for days.
CREATE VIEW alive_sessions AS
  SELECT session_id, expires_at, key, batch_id, incarnation, row_number, status, cells
  FROM results
  WHERE session_id IS NOT NULL AND expires_at > statement_timestamp();
