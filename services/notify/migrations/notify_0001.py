"""Whom to write as, whom to tell how, and what the couriers carry."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "notify_0001"
down_revision = None
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def _carried(*, of: str = "referral_id") -> list[sa.Column[object]]:
    return [
        sa.Column("number", sa.BigInteger, sa.Identity(always=True), nullable=False, unique=True),
        sa.Column(of, sa.Text, nullable=False),
        sa.Column("event_id", sa.Uuid, nullable=False),
        sa.Column("state", sa.Text, nullable=False, server_default="waiting"),
        sa.Column("holder", sa.Uuid),
        sa.Column("held_until", _MOMENT),
        sa.Column("tries", sa.Integer, nullable=False, server_default="0"),
        sa.Column("not_before", _MOMENT),
    ]


def upgrade() -> None:
    op.create_table(
        "organisation",
        sa.Column("organisation", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False),
        comment="How each organisation hears back, as the referral service says",
    )
    op.create_table(
        "link_worker",
        sa.Column("worker", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False),
        comment="Who signs a message, as the navigator says",
    )
    op.create_table(
        "message",
        sa.Column("message_id", sa.Text, primary_key=True),
        *_carried(),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("cause", sa.Text, nullable=False),
        sa.Column("template", sa.Text, nullable=False),
        sa.Column("about", JSONB, nullable=False),
        sa.Column("send_after", _MOMENT),
        sa.UniqueConstraint("cause", "person", "template", name="one_message_for_each_cause"),
        comment="Messages to the person; a row stays, so that none is ever queued twice",
    )
    op.create_index("message_to_carry", "message", ["number"], postgresql_where=sa.text("state <> 'over'"))
    op.create_table(
        "provider_contact",
        sa.Column("provider", sa.Text, primary_key=True),
        sa.Column("phone", sa.Text),
        sa.Column("email", sa.Text),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False),
        comment="Where providers are written to, as the provider service says",
    )
    op.create_table(
        "notice",
        sa.Column("notice_id", sa.Text, primary_key=True),
        *_carried(of="provider"),
        sa.Column("cause", sa.Text, nullable=False),
        sa.Column("template", sa.Text, nullable=False),
        sa.Column("about", JSONB, nullable=False),
        sa.Column("send_after", _MOMENT),
        sa.UniqueConstraint("cause", "provider", "template", name="one_notice_for_each_cause"),
        comment="Messages to providers; a row stays, so that none is ever queued twice",
    )
    op.create_index("notice_to_carry", "notice", ["number"], postgresql_where=sa.text("state <> 'over'"))
    op.create_table(
        "feedback",
        sa.Column("feedback_id", sa.Text, primary_key=True),
        *_carried(),
        sa.Column("organisation", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("outcome", sa.Text),
        sa.Column("turn_to", sa.Text),
        sa.Column("due", _MOMENT, nullable=False),
        sa.Column("text", sa.Text),
        comment="What referrers are to be told",
    )
    op.create_index("feedback_to_carry", "feedback", ["number"], postgresql_where=sa.text("state <> 'over'"))
    op.create_index("feedback_of_referral", "feedback", ["referral_id", "number"])
    _known()
    _timed()
    _evaluated()


def _known() -> None:
    """What is known of each referral."""
    op.create_table(
        "course",
        sa.Column("referral_id", sa.Text, primary_key=True),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("organisation", sa.Text, nullable=False),
        sa.Column("pathway", sa.Text, nullable=False),
        sa.Column("pathway_version", sa.Integer, nullable=False),
        sa.Column("area", sa.Text),
        sa.Column("worker", sa.Text),
        sa.Column("protected", sa.Boolean, nullable=False, server_default="false"),
        sa.Column("accepted", sa.Boolean, nullable=False, server_default="false"),
        sa.Column("paused", sa.Date),
        sa.Column("began", _MOMENT),
        sa.Column("ended", _MOMENT),
        sa.Column("outcome", sa.Text),
        comment="What is known of each referral: its way of working, who guides, what care demands",
    )
    op.create_index("course_of_person", "course", ["person"])
    op.create_index("course_of_area", "course", ["area", "began"])
    op.create_table(
        "follower",
        sa.Column("referral_id", sa.Text, primary_key=True),
        sa.Column("followed", sa.Text, nullable=False),
        sa.Column("organisation", sa.Text, nullable=False),
        sa.Column("over", sa.Boolean, nullable=False, server_default="false"),
        comment="Referrals that another is worked on for; told the same in their own name",
    )
    op.create_index("follower_of", "follower", ["followed"])
    op.create_table(
        "purpose",
        sa.Column("referral_id", sa.Text, primary_key=True),
        sa.Column("silent", sa.Boolean, nullable=False),
        comment="Whether the person lets the referrer hear of them, as the referral service says",
    )
    op.create_table(
        "goal",
        sa.Column("referral_id", sa.Text, primary_key=True),
        sa.Column("goal_id", sa.Text, primary_key=True),
        sa.Column("plan_version", sa.Integer, nullable=False),
        sa.Column("how_far", sa.Integer, nullable=False, server_default="0"),
        comment="How far each goal of the newest plan is, 0 to 10",
    )


def _timed() -> None:
    """What there is to remind of, and how far partners have fetched."""
    op.create_table(
        "meeting",
        sa.Column("meeting_id", sa.Text, primary_key=True),
        sa.Column("referral_id", sa.Text, nullable=False),
        sa.Column("worker", sa.Text, nullable=False),
        sa.Column("mode", sa.Text, nullable=False),
        sa.Column("starts", _MOMENT, nullable=False),
        sa.Column("over", sa.Boolean, nullable=False, server_default="false"),
        comment="Meetings to remind of",
    )
    op.create_table(
        "session",
        sa.Column("session_id", sa.Text, primary_key=True),
        sa.Column("activity", sa.Text, nullable=False),
        sa.Column("starts", _MOMENT, nullable=False),
        sa.Column("ends", _MOMENT, nullable=False),
        sa.Column("venue", JSONB),
        sa.Column("cancelled", sa.Boolean, nullable=False, server_default="false"),
        comment="When activities take place",
    )
    op.create_table(
        "activity",
        sa.Column("activity", sa.Text, primary_key=True),
        sa.Column("mode", sa.Text, nullable=False),
        sa.Column("venue", JSONB),
        sa.Column("sequence", sa.Integer, nullable=False),
        comment="Where activities take place, as the provider service says",
    )
    op.create_table(
        "place",
        sa.Column("enrolment_id", sa.Text, primary_key=True),
        sa.Column("referral_id", sa.Text, nullable=False),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("activity", sa.Text, nullable=False),
        sa.Column("provider", sa.Text, nullable=False),
        sa.Column("host", sa.Text),
        sa.Column("first_session", sa.Text),
        sa.Column("starts", _MOMENT),
        sa.Column("over", sa.Boolean, nullable=False, server_default="false"),
        comment="Who takes part in what, for reminders",
    )
    op.create_index("place_in_activity", "place", ["activity"], postgresql_where=sa.text("not over"))
    op.create_table(
        "fetched",
        sa.Column("organisation", sa.Text, primary_key=True),
        sa.Column("read_to", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("stream_created", sa.Text, nullable=False, server_default=""),
        sa.Column("receipts_until", _MOMENT),
        sa.Column("looked", _MOMENT, nullable=False),
        comment="How far each organisation has fetched what the network told it",
    )


def _evaluated() -> None:
    """Evaluations, the links to answer them by, and instruments."""
    op.create_table(
        "evaluation",
        sa.Column("evaluation_id", sa.Text, primary_key=True),
        sa.Column("export_id", sa.Text, nullable=False, unique=True),
        sa.Column("referral_id", sa.Text, nullable=False),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("instruments", JSONB, nullable=False),
        sa.Column("sent_by", sa.Text, nullable=False),
        sa.Column("due", _MOMENT, nullable=False),
        sa.Column("lapses", _MOMENT, nullable=False),
        sa.Column("status", sa.Text, nullable=False, server_default="scheduled"),
        comment="Evaluations, by the id an outside distributor knows them by",
    )
    op.create_index("evaluation_of_person", "evaluation", ["person"])
    op.create_index(
        "evaluation_to_send",
        "evaluation",
        ["due"],
        postgresql_where=sa.text("status in ('scheduled', 'due')"),
    )
    op.create_table(
        "evaluation_link",
        sa.Column("token_hash", sa.LargeBinary, primary_key=True),
        sa.Column("evaluation_id", sa.Text, nullable=False),
        sa.Column("expires", _MOMENT, nullable=False),
        sa.Column("used", sa.Boolean, nullable=False, server_default="false"),
        comment="One-time links to answer by",
    )
    op.create_index("link_of_evaluation", "evaluation_link", ["evaluation_id"])
    op.create_table(
        "instrument",
        sa.Column("instrument", sa.Text, primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True),
        sa.Column("pack", JSONB, nullable=False),
        comment="Instruments published besides those that are shipped",
    )


def downgrade() -> None:
    """Forget what is to be carried; the events still hold it."""
    for table in (
        "instrument",
        "evaluation_link",
        "evaluation",
        "fetched",
        "place",
        "activity",
        "session",
        "meeting",
        "goal",
        "purpose",
        "follower",
        "course",
        "feedback",
        "notice",
        "provider_contact",
        "message",
        "link_worker",
        "organisation",
    ):
        op.drop_table(table)
