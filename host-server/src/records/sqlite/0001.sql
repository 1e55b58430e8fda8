-- Format 1 of the server's records: docs/formats/server.md. What stands here was written by someone: a change is another file.
CREATE TABLE record (
    tenant TEXT NOT NULL,
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    parent TEXT NOT NULL,
    words TEXT NOT NULL,
    due INTEGER,
    own TEXT,
    revision INTEGER NOT NULL,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (tenant, kind, id)
) STRICT;
CREATE INDEX record_under ON record (tenant, kind, parent, id) WHERE parent != '';
CREATE INDEX record_due ON record (kind, due) WHERE due IS NOT NULL;
CREATE UNIQUE INDEX record_own ON record (kind, own) WHERE own IS NOT NULL;
