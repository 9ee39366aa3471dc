"""The vault, what was submitted, and the access log.

Written out rather than taken from `services.referral.store.tables`, which goes on changing; a test holds the
result of all migrations against it.
"""

from __future__ import annotations

from alembic import op

revision = "referral_0001"
down_revision = None
branch_labels = None
depends_on = None

_STATEMENTS = (
    "CREATE TABLE organisation (organisation TEXT NOT NULL, PRIMARY KEY (organisation))",
    "COMMENT ON TABLE organisation IS"
    " 'Every organisation that was ever registered: whose streams there must be'",
    """
    CREATE TABLE person (
        person UUID NOT NULL,
        identity BYTEA,
        wrapped BYTEA NOT NULL,
        since TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
        PRIMARY KEY (person),
        UNIQUE (identity)
    )
    """,
    "COMMENT ON TABLE person IS 'Everybody the vault keeps something about, and the key it is sealed with'",
    """
    CREATE TABLE secret (
        ref UUID NOT NULL,
        person UUID NOT NULL,
        referral_id TEXT NOT NULL,
        kind TEXT NOT NULL,
        sealed BYTEA NOT NULL,
        kept TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
        PRIMARY KEY (ref)
    )
    """,
    "CREATE INDEX secret_referral ON secret (referral_id, kind)",
    "CREATE INDEX secret_person ON secret (person)",
    "COMMENT ON TABLE secret IS 'Names, ways of contact and free text, each sealed with its person''s key'",
    """
    CREATE TABLE standing (
        referral_id TEXT NOT NULL,
        person UUID NOT NULL,
        status TEXT NOT NULL,
        linked_to TEXT,
        case_open BOOLEAN DEFAULT false NOT NULL,
        PRIMARY KEY (referral_id)
    )
    """,
    "CREATE UNIQUE INDEX standing_open ON standing (person) WHERE status = 'open'",
    "CREATE INDEX standing_person ON standing (person)",
    "CREATE INDEX standing_linked ON standing (linked_to) WHERE linked_to is not null",
    "COMMENT ON TABLE standing IS 'Whose each referral is and how it stands, to find a person''s others'",
    """
    CREATE TABLE shared (
        referral_id TEXT NOT NULL,
        receiver TEXT NOT NULL,
        since TIMESTAMP WITH TIME ZONE NOT NULL,
        PRIMARY KEY (referral_id, receiver)
    )
    """,
    "COMMENT ON TABLE shared IS"
    " 'Who has been told something of a referral''s person: what a withdrawn consent lists'",
    """
    CREATE TABLE erasure (
        person UUID NOT NULL,
        at TIMESTAMP WITH TIME ZONE NOT NULL,
        why TEXT NOT NULL,
        PRIMARY KEY (person)
    )
    """,
    "COMMENT ON TABLE erasure IS"
    " 'Who has been erased, by pseudonym; replayed after an older backup was restored'",
    """
    CREATE TABLE submission (
        organisation TEXT NOT NULL,
        digest BYTEA NOT NULL,
        submission_id TEXT,
        receipt_id TEXT NOT NULL,
        referral_id TEXT,
        received TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
        PRIMARY KEY (organisation, digest)
    )
    """,
    "CREATE UNIQUE INDEX submission_taken ON submission (organisation, submission_id)"
    " WHERE referral_id is not null",
    "CREATE INDEX submission_referral ON submission (referral_id) WHERE referral_id is not null",
    "COMMENT ON TABLE submission IS"
    " 'Which bytes were answered with which receipt, so that the same get the same again'",
    """
    CREATE TABLE refused (
        receipt_id TEXT NOT NULL,
        organisation TEXT NOT NULL,
        digest BYTEA NOT NULL,
        size INTEGER NOT NULL,
        wrapped BYTEA NOT NULL,
        sealed BYTEA NOT NULL,
        received TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
        PRIMARY KEY (receipt_id)
    )
    """,
    "COMMENT ON TABLE refused IS 'The bytes of what was refused, each sealed with a key of its own'",
    """
    CREATE TABLE access (
        number BIGINT GENERATED ALWAYS AS IDENTITY,
        at TIMESTAMP WITH TIME ZONE NOT NULL,
        actor TEXT NOT NULL,
        role TEXT NOT NULL,
        unit TEXT,
        person UUID,
        referral_id TEXT,
        action TEXT NOT NULL,
        purpose TEXT NOT NULL,
        allowed BOOLEAN NOT NULL,
        why_not TEXT,
        command_id UUID NOT NULL,
        PRIMARY KEY (number)
    )
    """,
    "CREATE INDEX access_person ON access (person, at)",
    "CREATE INDEX access_actor ON access (actor, at)",
    "CREATE INDEX access_at ON access USING brin (at)",
    "COMMENT ON TABLE access IS"
    " 'Who looked at or added to whose record, when, for which unit and why; denied tries too'",
    # What was written down stays as it was, and for five years at least (HSLF-FS 2016:40, 4 kap. 9 §).
    """
    CREATE FUNCTION access_stays() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'UPDATE' OR OLD.at > now() - interval '5 years' THEN
            RAISE EXCEPTION 'the access log is kept as it was written, for five years at least';
        END IF;
        RETURN OLD;
    END $$
    """,
    "CREATE TRIGGER access_stays BEFORE UPDATE OR DELETE ON access"
    " FOR EACH ROW EXECUTE FUNCTION access_stays()",
    """
    CREATE TABLE draft (
        draft BYTEA NOT NULL,
        sealed BYTEA NOT NULL,
        expires TIMESTAMP WITH TIME ZONE NOT NULL,
        PRIMARY KEY (draft)
    )
    """,
    "COMMENT ON TABLE draft IS"
    " 'Forms half filled in, each sealed with a key that its writer''s browser alone has'",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("what the vault keeps and who looked at it are not dropped by a migration")
