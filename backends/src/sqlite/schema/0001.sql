-- Format 1 of the store: docs/formats/store.md. What stands here was written by someone: a change is another file.

-- Raised by a write that is there to be synced, after others that were not.
CREATE TABLE barrier (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    raised INTEGER NOT NULL
) STRICT;
INSERT INTO barrier VALUES (1, 0);

-- What changes with each append; what is large stands in tables of its own, so that an append does not write it again.
CREATE TABLE run (
    nr INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    hash TEXT NOT NULL,
    status TEXT NOT NULL,
    waits TEXT,
    until INTEGER,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    events INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    owner TEXT,
    holder TEXT,
    lease_ends INTEGER NOT NULL,
    crc INTEGER NOT NULL
) STRICT;
CREATE INDEX run_status ON run (status);
CREATE INDEX run_leased ON run (lease_ends) WHERE status = 'running';
CREATE INDEX run_until ON run (until) WHERE status = 'waiting' AND until IS NOT NULL;

CREATE TABLE head (
    run INTEGER PRIMARY KEY,
    text TEXT NOT NULL,
    key TEXT UNIQUE,
    crc INTEGER NOT NULL
) STRICT;

-- The events of a run lie together: id is the run's nr << 32 | seq.
CREATE TABLE event (
    id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    scope INTEGER NOT NULL,
    node INTEGER NOT NULL,
    firing INTEGER NOT NULL,
    port INTEGER NOT NULL,
    body TEXT,
    blob TEXT,
    crc INTEGER NOT NULL
) STRICT;
CREATE INDEX event_blob ON event (blob) WHERE blob IS NOT NULL;

CREATE TABLE message (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    run INTEGER NOT NULL,
    body TEXT NOT NULL,
    crc INTEGER NOT NULL
) STRICT;
CREATE INDEX message_run ON message (run);

-- id is the run's nr << 32 | events.
CREATE TABLE snapshot (
    id INTEGER PRIMARY KEY,
    state TEXT NOT NULL,
    crc INTEGER NOT NULL
) STRICT;

-- Bodies that are too large for a row, by their SHA-256. Without bytes: in the file blobs/ab/cdef... .
CREATE TABLE blob (
    nr INTEGER PRIMARY KEY,
    hash TEXT NOT NULL UNIQUE,
    size INTEGER NOT NULL,
    bytes BLOB
) STRICT;

-- For people with a SQLite shell.
CREATE VIEW journal AS
SELECT
    run.id AS run,
    event.id & 0xffffffff AS seq,
    strftime('%Y-%m-%dT%H:%M:%fZ', event.at / 1000.0, 'unixepoch') AS at,
    scope,
    CASE kind
        WHEN 0 THEN 'opened'
        WHEN 1 THEN 'started'
        WHEN 2 THEN 'tool_started'
        WHEN 3 THEN 'emitted'
        WHEN 4 THEN 'done'
        WHEN 5 THEN 'ended_well'
        WHEN 6 THEN 'finished'
        WHEN 7 THEN 'retrying'
        WHEN 8 THEN 'paid'
        WHEN 9 THEN 'waiting'
        WHEN 10 THEN 'answered'
        WHEN 11 THEN 'charged'
        WHEN 12 THEN 'cancel_requested'
        WHEN 13 THEN 'closed'
        WHEN 14 THEN 'ended'
        WHEN 128 THEN 'resumed'
        ELSE kind
    END AS kind,
    node,
    firing,
    port,
    coalesce(body, (SELECT CAST(blob.bytes AS TEXT) FROM blob WHERE blob.hash = event.blob)) AS body
FROM event
JOIN run ON run.nr = event.id >> 32;
