"""What the delivery engine stands on: events and their heads, aggregates, inbox, positions, timers.

Written out rather than taken from `services.runtime.tables`, which goes on changing; a test holds the
result of all migrations against it.
"""

from __future__ import annotations

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_TABLES = (
    """
    CREATE TABLE aggregate (
        key TEXT NOT NULL,
        kind TEXT NOT NULL,
        id TEXT NOT NULL,
        sequence INTEGER NOT NULL,
        opens BOOLEAN DEFAULT false NOT NULL,
        state JSONB NOT NULL,
        PRIMARY KEY (key, kind, id)
    ) WITH (fillfactor = 80)
    """,
    "CREATE UNIQUE INDEX aggregate_opens_key ON aggregate (key) WHERE opens",
    "COMMENT ON TABLE aggregate IS 'What this service owns: always the fold of its events'",
    """
    CREATE TABLE answered_command (
        command_id UUID NOT NULL,
        subject TEXT NOT NULL,
        digest BYTEA NOT NULL,
        answer JSONB NOT NULL,
        answered TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
        PRIMARY KEY (command_id)
    )
    """,
    "CREATE INDEX answered_command_answered ON answered_command USING brin (answered)",
    "COMMENT ON TABLE answered_command IS 'What was answered, so that the same command gets the same answer'",
    """
    CREATE TABLE dead_letter (
        number BIGINT GENERATED ALWAYS AS IDENTITY,
        event_id UUID,
        key TEXT,
        subject TEXT NOT NULL,
        body BYTEA NOT NULL,
        code TEXT NOT NULL,
        reason TEXT NOT NULL,
        died TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
        resolved TIMESTAMP WITH TIME ZONE,
        resolution TEXT,
        resolved_by TEXT,
        PRIMARY KEY (number)
    )
    """,
    "CREATE INDEX dead_letter_open ON dead_letter (died) WHERE resolved is null",
    "COMMENT ON TABLE dead_letter IS 'Events that were refused for ever, until somebody deals with them'",
    """
    CREATE TABLE proposal (
        number BIGINT GENERATED ALWAYS AS IDENTITY,
        letters BIGINT[] NOT NULL,
        event_id UUID,
        body BYTEA,
        proposed TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
        proposed_by TEXT NOT NULL,
        account TEXT,
        reason TEXT NOT NULL,
        decided TIMESTAMP WITH TIME ZONE,
        decided_by TEXT,
        decision TEXT,
        PRIMARY KEY (number),
        UNIQUE (event_id)
    )
    """,
    "COMMENT ON TABLE proposal IS "
    "'Replays of dead letters, as they came or put right, for a second person to approve'",
    """
    CREATE TABLE operator_action (
        number BIGINT GENERATED ALWAYS AS IDENTITY,
        errand_id UUID NOT NULL,
        at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
        actor TEXT NOT NULL,
        account TEXT,
        action TEXT NOT NULL,
        letters BIGINT[] NOT NULL,
        proposal BIGINT,
        reason TEXT NOT NULL,
        outcome JSONB NOT NULL,
        PRIMARY KEY (number),
        UNIQUE (errand_id)
    )
    """,
    "CREATE INDEX operator_action_at ON operator_action (at)",
    "COMMENT ON TABLE operator_action IS "
    "'What operators did about dead letters; append-only, a trigger sees to it'",
    """
    CREATE FUNCTION operator_action_stays() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'operator_action is append-only'; END $$
    """,
    """
    CREATE TRIGGER operator_action_stays BEFORE UPDATE OR DELETE ON operator_action
    FOR EACH ROW EXECUTE FUNCTION operator_action_stays()
    """,
    """
    CREATE TABLE event (
        lane TEXT NOT NULL,
        number BIGINT NOT NULL,
        id UUID NOT NULL,
        key TEXT NOT NULL,
        kind TEXT NOT NULL,
        aggregate_id TEXT NOT NULL,
        sequence INTEGER NOT NULL,
        type TEXT NOT NULL,
        subject TEXT NOT NULL,
        body BYTEA NOT NULL,
        recorded TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
        traceparent TEXT,
        PRIMARY KEY (lane, number),
        CONSTRAINT event_follows_event UNIQUE (key, kind, aggregate_id, sequence)
    )
    """,
    "CREATE INDEX event_recorded ON event USING brin (recorded)",
    "COMMENT ON TABLE event IS 'Everything this service has said: append-only; outbox and archive in one'",
    """
    CREATE TABLE head (
        lane TEXT NOT NULL,
        last BIGINT DEFAULT 0 NOT NULL,
        sent BIGINT DEFAULT 0 NOT NULL,
        stream_created TEXT DEFAULT '' NOT NULL,
        PRIMARY KEY (lane)
    ) WITH (fillfactor = 20, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000)
    """,
    "COMMENT ON TABLE head IS 'The counter of each lane; under its row lock commit order is number order'",
    """
    CREATE TABLE inbox (
        event_id UUID NOT NULL,
        taken TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
        PRIMARY KEY (event_id)
    )
    """,
    "CREATE INDEX inbox_taken ON inbox USING brin (taken)",
    "COMMENT ON TABLE inbox IS 'Which events have been taken in; kept longer than the bus can repeat them'",
    """
    CREATE TABLE member (
        id UUID NOT NULL,
        seen TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
        PRIMARY KEY (id)
    )
    """,
    "COMMENT ON TABLE member IS 'The replicas of this service that are alive; they share the slots'",
    """
    CREATE TABLE process (
        id UUID NOT NULL,
        began TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
        seen TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
        ailing JSONB DEFAULT '{}' NOT NULL,
        cares JSONB DEFAULT '{}' NOT NULL,
        PRIMARY KEY (id)
    )
    """,
    "COMMENT ON TABLE process IS 'The processes of this service, and what each says of itself'",
    """
    CREATE TABLE parked (
        number BIGINT GENERATED ALWAYS AS IDENTITY,
        slot SMALLINT NOT NULL,
        key TEXT NOT NULL,
        event_id UUID NOT NULL,
        source TEXT DEFAULT '' NOT NULL,
        subject TEXT NOT NULL,
        body BYTEA NOT NULL,
        waiting BOOLEAN DEFAULT false NOT NULL,
        absorbed BOOLEAN DEFAULT false NOT NULL,
        tries INTEGER DEFAULT 0 NOT NULL,
        due TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
        reason TEXT NOT NULL,
        since TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
        traceparent TEXT DEFAULT '' NOT NULL,
        PRIMARY KEY (number),
        UNIQUE (event_id)
    )
    """,
    "CREATE INDEX parked_due ON parked (slot, due)",
    "CREATE INDEX parked_key ON parked (key, number)",
    "COMMENT ON TABLE parked IS 'Events that could not be handled yet; later ones of the key queue behind'",
    """
    CREATE TABLE position (
        slot SMALLINT NOT NULL,
        sequence BIGINT DEFAULT 0 NOT NULL,
        stream_created TEXT DEFAULT '' NOT NULL,
        caught_up TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
        PRIMARY KEY (slot)
    ) WITH (fillfactor = 20, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000)
    """,
    "COMMENT ON TABLE position IS 'How far this service has read each slot'",
    """
    CREATE TABLE timer (
        kind TEXT NOT NULL,
        id TEXT NOT NULL,
        key TEXT NOT NULL,
        due TIMESTAMP WITH TIME ZONE NOT NULL,
        data JSONB DEFAULT '{}' NOT NULL,
        tries INTEGER DEFAULT 0 NOT NULL,
        not_before TIMESTAMP WITH TIME ZONE,
        reason TEXT,
        PRIMARY KEY (kind, id)
    )
    """,
    """
    CREATE TABLE pathway (
        pathway TEXT NOT NULL,
        version INTEGER NOT NULL,
        definition JSONB NOT NULL,
        digest TEXT NOT NULL,
        withdrawn BOOLEAN DEFAULT false NOT NULL,
        PRIMARY KEY (pathway, version)
    )
    """,
    "COMMENT ON TABLE pathway IS 'The ways of working that have been published, every version'",
    "CREATE INDEX timer_due ON timer (due)",
    "COMMENT ON TABLE timer IS 'Durable due dates; a row is gone when it has been acted upon'",
)

_FIRST_ROWS = (
    "INSERT INTO head (lane) SELECT generate_series(0, 15)::text",
    "INSERT INTO position (slot) SELECT generate_series(0, 15)",
)


def upgrade() -> None:
    for statement in (*_TABLES, *_FIRST_ROWS):
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("the record of everything a service has said is not dropped by a migration")
