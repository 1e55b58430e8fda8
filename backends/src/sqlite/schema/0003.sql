-- Format 3 of the store: a run that is over in the usual way stands in as few indexes as it has to. What stands here was
-- written by someone: a change is another file.

-- Runs by status, but for those that completed: nearly all are, and a list of them finds them wherever it looks.
DROP INDEX run_status;
CREATE INDEX run_status ON run (status) WHERE status <> 'completed';

-- A tenant's runs are listed by run_tenant_status, whose ranges of each status are merged.
DROP INDEX run_tenant;
