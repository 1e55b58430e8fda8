-- Format 2 of the store: on whose behalf a run is, which stored graph it is a run of, and the host's own texts about it. None
-- of them ever changes. What stands here was written by someone: a change is another file.

-- labels: the CRC-32 of the run's row in the table label; null where it has none.
ALTER TABLE run ADD COLUMN tenant TEXT NOT NULL DEFAULT '';
ALTER TABLE run ADD COLUMN source TEXT NOT NULL DEFAULT '';
ALTER TABLE run ADD COLUMN labels INTEGER;

-- A list of one tenant's runs does not look at those of others. Each index ends with nr, in whose order they are listed.
CREATE INDEX run_tenant ON run (tenant);
CREATE INDEX run_tenant_source ON run (tenant, source);
CREATE INDEX run_tenant_status ON run (tenant, status);

-- A table of their own, so that an append does not write them again.
CREATE TABLE label (
    run INTEGER PRIMARY KEY,
    text TEXT NOT NULL
) STRICT;
