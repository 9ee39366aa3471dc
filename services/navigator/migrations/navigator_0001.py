"""What the navigator looks up before it decides, and what its pages show.

Written out rather than taken from `services.navigator.store.tables`, which goes on changing; a test holds
the result of all migrations against it.
"""

from __future__ import annotations

from alembic import op

revision = "navigator_0001"
down_revision = None
branch_labels = ("navigator",)
depends_on = None

_STEPS = (
    """
    CREATE TABLE account (
        role TEXT NOT NULL,
        who TEXT NOT NULL,
        name TEXT,
        organisation TEXT,
        email TEXT,
        issuer TEXT,
        subject TEXT,
        since TIMESTAMP WITH TIME ZONE NOT NULL,
        PRIMARY KEY (role, who)
    )
    """,
    "CREATE INDEX account_email ON account (email)",
    "CREATE INDEX account_organisation ON account (organisation)",
    "CREATE INDEX account_subject ON account (subject)",
    "COMMENT ON TABLE account IS 'Who may sign in, as whom; said in no event'",
    """
    CREATE TABLE activity (
        activity TEXT NOT NULL,
        provider TEXT NOT NULL,
        title TEXT NOT NULL,
        kind TEXT NOT NULL,
        needs TEXT[] NOT NULL,
        area TEXT NOT NULL,
        languages TEXT[] NOT NULL,
        capacity INTEGER NOT NULL,
        acceptance TEXT NOT NULL,
        about TEXT,
        category TEXT,
        interests TEXT[] NOT NULL,
        mode TEXT NOT NULL,
        venue JSONB,
        latitude DOUBLE PRECISION,
        longitude DOUBLE PRECISION,
        cost JSONB,
        a_month INTEGER,
        from_age INTEGER,
        to_age INTEGER,
        genders TEXT[] NOT NULL,
        groups TEXT[] NOT NULL,
        times INTEGER,
        health TEXT,
        access TEXT[] NOT NULL,
        hosted BOOLEAN NOT NULL,
        page TEXT,
        standing TEXT NOT NULL,
        vouched TIMESTAMP WITH TIME ZONE,
        hidden_at TIMESTAMP WITH TIME ZONE,
        sequence BIGINT NOT NULL,
        PRIMARY KEY (activity)
    )
    """,
    "COMMENT ON TABLE activity IS 'What providers offer, as they said it, and who vouches for it'",
    """
    CREATE TABLE activity_task (
        task_id TEXT NOT NULL,
        activity TEXT NOT NULL,
        kind TEXT NOT NULL,
        why TEXT NOT NULL,
        team TEXT NOT NULL,
        due TIMESTAMP WITH TIME ZONE NOT NULL,
        opened TIMESTAMP WITH TIME ZONE NOT NULL,
        done TIMESTAMP WITH TIME ZONE,
        how TEXT,
        PRIMARY KEY (task_id)
    )
    """,
    "CREATE INDEX activity_task_by_team ON activity_task (team, due) WHERE done is null",
    "COMMENT ON TABLE activity_task IS 'What waits, or waited, for a team and is about an activity'",
    """
    CREATE TABLE case_file (
        referral_id TEXT NOT NULL,
        person TEXT NOT NULL,
        organisation TEXT NOT NULL,
        team TEXT NOT NULL,
        worker TEXT,
        opened TIMESTAMP WITH TIME ZONE NOT NULL,
        since TIMESTAMP WITH TIME ZONE NOT NULL,
        closed TIMESTAMP WITH TIME ZONE,
        outcome TEXT,
        plan_version INTEGER DEFAULT '0' NOT NULL,
        PRIMARY KEY (referral_id)
    )
    """,
    "CREATE INDEX case_file_by_person ON case_file (person, since) WHERE worker is not null",
    "CREATE INDEX case_file_by_worker ON case_file (worker, since) WHERE closed is null",
    "CREATE INDEX case_file_in_line ON case_file (team, since) WHERE worker is null and closed is null",
    "COMMENT ON TABLE case_file IS 'Each case: whose it is and how far it has come'",
    """
    CREATE TABLE conflict (
        person TEXT NOT NULL,
        worker TEXT NOT NULL,
        PRIMARY KEY (person, worker)
    )
    """,
    "COMMENT ON TABLE conflict IS "
    "'Link workers who gave a person''s case up because they know the person privately'",
    """
    CREATE TABLE enrolment (
        enrolment_id TEXT NOT NULL,
        referral_id TEXT NOT NULL,
        activity TEXT NOT NULL,
        provider TEXT,
        status TEXT NOT NULL,
        position INTEGER,
        answer_by TIMESTAMP WITH TIME ZONE,
        host TEXT,
        first_session TEXT,
        starts TIMESTAMP WITH TIME ZONE,
        whose TEXT,
        reason TEXT,
        sequence BIGINT NOT NULL,
        PRIMARY KEY (enrolment_id)
    )
    """,
    "CREATE INDEX enrolment_by_referral ON enrolment (referral_id)",
    "CREATE INDEX enrolment_taking_part ON enrolment (activity) WHERE status = 'accepted'",
    "COMMENT ON TABLE enrolment IS 'What was asked of providers, and their answers as they said them'",
    """
    CREATE TABLE instrument (
        instrument TEXT NOT NULL,
        version INTEGER NOT NULL,
        definition JSONB NOT NULL,
        PRIMARY KEY (instrument, version)
    )
    """,
    "COMMENT ON TABLE instrument IS 'Packs the network may measure with besides those that are shipped'",
    """
    CREATE TABLE leave (
        worker TEXT NOT NULL,
        starts DATE NOT NULL,
        ends DATE NOT NULL,
        PRIMARY KEY (worker, starts, ends)
    )
    """,
    "COMMENT ON TABLE leave IS 'When link workers are away, both days included'",
    """
    CREATE TABLE link_worker (
        worker TEXT NOT NULL,
        team TEXT NOT NULL,
        areas TEXT[] NOT NULL,
        languages TEXT[] NOT NULL,
        skills TEXT[] NOT NULL,
        gender TEXT,
        volunteer BOOLEAN NOT NULL,
        capacity INTEGER NOT NULL,
        load INTEGER DEFAULT '0' NOT NULL,
        PRIMARY KEY (worker)
    )
    """,
    "CREATE INDEX link_worker_by_team ON link_worker (team, worker)",
    "COMMENT ON TABLE link_worker IS 'Link workers and how many cases they have; locked while one is given'",
    """
    CREATE TABLE mapping (
        referral_id TEXT NOT NULL,
        needs TEXT[] NOT NULL,
        interests TEXT[] NOT NULL,
        barriers TEXT[] NOT NULL,
        PRIMARY KEY (referral_id)
    )
    """,
    "COMMENT ON TABLE mapping IS "
    "'What was last found out with each person of what they need and like, and what stands in the way'",
    """
    CREATE TABLE meeting (
        meeting_id TEXT NOT NULL,
        referral_id TEXT NOT NULL,
        worker TEXT NOT NULL,
        kind TEXT NOT NULL,
        mode TEXT NOT NULL,
        starts TIMESTAMP WITH TIME ZONE NOT NULL,
        minutes INTEGER NOT NULL,
        held BOOLEAN,
        cancelled BOOLEAN DEFAULT false NOT NULL,
        suits BOOLEAN,
        PRIMARY KEY (meeting_id)
    )
    """,
    "CREATE INDEX meeting_ahead ON meeting (worker, starts) WHERE held is null and not cancelled",
    "CREATE INDEX meeting_by_referral ON meeting (referral_id, starts)",
    "COMMENT ON TABLE meeting IS 'Meetings booked, and whether they were held'",
    """
    CREATE TABLE places_taken (
        activity TEXT NOT NULL,
        taken INTEGER NOT NULL,
        waiting INTEGER DEFAULT '0' NOT NULL,
        PRIMARY KEY (activity)
    )
    """,
    "COMMENT ON TABLE places_taken IS "
    "'How many places of each activity those hold whom the network asked for; nobody else is known of'",
    """
    CREATE TABLE provider (
        provider TEXT NOT NULL,
        name TEXT NOT NULL,
        kind TEXT NOT NULL,
        area TEXT NOT NULL,
        sequence BIGINT NOT NULL,
        PRIMARY KEY (provider)
    )
    """,
    "COMMENT ON TABLE provider IS 'Who offers activities'",
    """
    CREATE TABLE reach (
        worker TEXT NOT NULL,
        area TEXT NOT NULL,
        language TEXT NOT NULL,
        volunteer BOOLEAN NOT NULL,
        room INTEGER NOT NULL,
        no_room BOOLEAN NOT NULL,
        filled INTEGER NOT NULL,
        PRIMARY KEY (worker, area, language)
    )
    """,
    "CREATE INDEX reach_in_order ON reach (area, language, no_room, volunteer, filled, worker)",
    "COMMENT ON TABLE reach IS 'Link workers once for every area and language, in the order they are asked'",
    """
    CREATE TABLE referral (
        referral_id TEXT NOT NULL,
        person TEXT NOT NULL,
        organisation TEXT NOT NULL,
        area TEXT NOT NULL,
        language TEXT,
        needs TEXT[],
        requested_gender TEXT,
        pathway TEXT,
        pathway_version INTEGER,
        replaces TEXT,
        protection TEXT,
        guardian_rule TEXT,
        accepted TIMESTAMP WITH TIME ZONE,
        PRIMARY KEY (referral_id)
    )
    """,
    "COMMENT ON TABLE referral IS 'What referrals ask for, as said when they were accepted or held'",
    """
    CREATE TABLE referral_over (
        referral_id TEXT NOT NULL,
        PRIMARY KEY (referral_id)
    )
    """,
    "COMMENT ON TABLE referral_over IS "
    "'Referrals that ended before or besides their case: declined, linked, cancelled, void, sent on'",
    """
    CREATE TABLE session (
        session_id TEXT NOT NULL,
        activity TEXT NOT NULL,
        starts TIMESTAMP WITH TIME ZONE NOT NULL,
        minutes INTEGER NOT NULL,
        cancelled BOOLEAN NOT NULL,
        sequence BIGINT NOT NULL,
        PRIMARY KEY (session_id)
    )
    """,
    "CREATE INDEX session_by_activity ON session (activity, starts) WHERE not cancelled",
    "COMMENT ON TABLE session IS 'Dated occurrences of activities, as providers said them'",
    """
    CREATE TABLE shelf (
        key TEXT NOT NULL,
        rank SMALLINT NOT NULL,
        activity TEXT NOT NULL,
        PRIMARY KEY (key, rank, activity)
    )
    """,
    "CREATE INDEX shelf_by_activity ON shelf (activity)",
    "COMMENT ON TABLE shelf IS 'Activities that take people, once under everything they are found by, "
    "best first'",
    """
    CREATE TABLE shut_out (
        referral_id TEXT NOT NULL,
        provider TEXT NOT NULL,
        PRIMARY KEY (referral_id, provider)
    )
    """,
    "COMMENT ON TABLE shut_out IS 'Providers that people do not want to know of them'",
    """
    CREATE TABLE task (
        task_id TEXT NOT NULL,
        referral_id TEXT NOT NULL,
        kind TEXT NOT NULL,
        why TEXT NOT NULL,
        about TEXT,
        team TEXT NOT NULL,
        worker TEXT,
        due TIMESTAMP WITH TIME ZONE NOT NULL,
        opened TIMESTAMP WITH TIME ZONE NOT NULL,
        done TIMESTAMP WITH TIME ZONE,
        how TEXT,
        PRIMARY KEY (task_id)
    )
    """,
    "CREATE INDEX task_by_referral ON task (referral_id, opened)",
    "CREATE INDEX task_by_team ON task (team, due) WHERE done is null and worker is null",
    "CREATE INDEX task_by_worker ON task (worker, due) WHERE done is null",
    "COMMENT ON TABLE task IS 'Everything that waits, or waited, for a human'",
    """
    CREATE TABLE team_area (
        team TEXT NOT NULL,
        area TEXT NOT NULL,
        PRIMARY KEY (team, area)
    )
    """,
    "CREATE INDEX team_area_by_area ON team_area (area, team)",
    "COMMENT ON TABLE team_area IS 'Which team takes referrals from which area'",
    """
    CREATE TABLE unmet_need (
        area TEXT NOT NULL,
        need TEXT NOT NULL,
        referral_id TEXT NOT NULL,
        PRIMARY KEY (area, need, referral_id)
    )
    """,
    "COMMENT ON TABLE unmet_need IS 'What nothing in the network met, by area'",
)


def upgrade() -> None:
    """Make the tables, empty: they fill from the events."""
    for step in _STEPS:
        op.execute(step)


def downgrade() -> None:
    """Take them away; the events still hold what they said."""
    op.execute("DROP TABLE team_area, link_worker, reach, leave, referral, case_file, task, activity_task")
    op.execute(
        "DROP TABLE meeting, enrolment, activity, session, referral_over, instrument, conflict, unmet_need"
    )
    op.execute("DROP TABLE provider, places_taken, shelf, mapping, shut_out, account")
