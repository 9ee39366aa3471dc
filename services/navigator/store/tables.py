"""The tables, each with what it is for."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Double,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TIMESTAMP

metadata = MetaData()

_MOMENT = TIMESTAMP(timezone=True)

unmet_need = Table(
    "unmet_need",
    metadata,
    Column("area", Text, primary_key=True),
    Column("need", Text, primary_key=True),
    Column("referral_id", Text, primary_key=True),
    comment="What nothing in the network met, by area",
)

conflict = Table(
    "conflict",
    metadata,
    Column("person", Text, primary_key=True),
    Column("worker", Text, primary_key=True),
    comment="Link workers who gave a person's case up because they know the person privately",
)

team_area = Table(
    "team_area",
    metadata,
    Column("team", Text, primary_key=True),
    Column("area", Text, primary_key=True),
    Index("team_area_by_area", "area", "team"),
    comment="Which team takes referrals from which area",
)

link_worker = Table(
    "link_worker",
    metadata,
    Column("worker", Text, primary_key=True),
    Column("team", Text, nullable=False),
    Column("areas", ARRAY(Text), nullable=False),
    Column("languages", ARRAY(Text), nullable=False),
    Column("skills", ARRAY(Text), nullable=False),
    Column("gender", Text),
    Column("volunteer", Boolean, nullable=False),
    Column("capacity", Integer, nullable=False),
    Column("load", Integer, nullable=False, server_default="0"),  # open cases; only projections change it
    Index("link_worker_by_team", "team", "worker"),
    comment="Link workers and how many cases they have; locked while one is given",
)

reach = Table(
    "reach",
    metadata,
    Column("worker", Text, primary_key=True),
    Column("area", Text, primary_key=True),
    Column("language", Text, primary_key=True),
    Column("volunteer", Boolean, nullable=False),
    Column("room", Integer, nullable=False),  # how many cases more; below zero after claims beyond capacity
    Column("no_room", Boolean, nullable=False),
    Column("filled", Integer, nullable=False),  # hundredths of a per cent of the capacity
    Index("reach_in_order", "area", "language", "no_room", "volunteer", "filled", "worker"),
    comment="Link workers once for every area and language, in the order they are asked",
)

leave = Table(
    "leave",
    metadata,
    Column("worker", Text, primary_key=True),
    Column("starts", Date, primary_key=True),
    Column("ends", Date, primary_key=True),
    comment="When link workers are away, both days included",
)

referral = Table(
    "referral",
    metadata,
    Column("referral_id", Text, primary_key=True),
    Column("person", Text, nullable=False),
    Column("organisation", Text, nullable=False),
    Column("area", Text, nullable=False),
    # What follows is not said of a referral that is held.
    Column("language", Text),
    Column("needs", ARRAY(Text)),
    Column("requested_gender", Text),
    Column("pathway", Text),
    Column("pathway_version", Integer),
    Column("replaces", Text),
    Column("protection", Text),
    Column("guardian_rule", Text),
    Column("accepted", _MOMENT),
    comment="What referrals ask for, as said when they were accepted or held",
)

referral_over = Table(
    "referral_over",
    metadata,
    Column("referral_id", Text, primary_key=True),
    comment="Referrals that ended before or besides their case: declined, linked, cancelled, void, sent on",
)

instrument = Table(
    "instrument",
    metadata,
    Column("instrument", Text, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("definition", JSONB, nullable=False),
    comment="Packs the network may measure with besides those that are shipped",
)

case_file = Table(
    "case_file",
    metadata,
    Column("referral_id", Text, primary_key=True),
    Column("person", Text, nullable=False),
    Column("organisation", Text, nullable=False),
    Column("team", Text, nullable=False),
    Column("worker", Text),
    Column("opened", _MOMENT, nullable=False),
    Column("since", _MOMENT, nullable=False),  # when it came to where it is now
    Column("closed", _MOMENT),
    Column("outcome", Text),
    Column("plan_version", Integer, nullable=False, server_default="0"),
    Index("case_file_by_person", "person", "since", postgresql_where=text("worker is not null")),
    Index("case_file_by_worker", "worker", "since", postgresql_where=text("closed is null")),
    Index("case_file_in_line", "team", "since", postgresql_where=text("worker is null and closed is null")),
    comment="Each case: whose it is and how far it has come",
)

task = Table(
    "task",
    metadata,
    Column("task_id", Text, primary_key=True),
    Column("referral_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("about", Text),
    Column("team", Text, nullable=False),
    Column("worker", Text),
    Column("due", _MOMENT, nullable=False),
    Column("opened", _MOMENT, nullable=False),
    Column("done", _MOMENT),
    Column("how", Text),
    Index("task_by_referral", "referral_id", "opened"),
    Index("task_by_worker", "worker", "due", postgresql_where=text("done is null")),
    Index("task_by_team", "team", "due", postgresql_where=text("done is null and worker is null")),
    comment="Everything that waits, or waited, for a human",
)

activity_task = Table(
    "activity_task",
    metadata,
    Column("task_id", Text, primary_key=True),
    Column("activity", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("team", Text, nullable=False),
    Column("due", _MOMENT, nullable=False),
    Column("opened", _MOMENT, nullable=False),
    Column("done", _MOMENT),
    Column("how", Text),
    Index("activity_task_by_team", "team", "due", postgresql_where=text("done is null")),
    comment="What waits, or waited, for a team and is about an activity",
)

meeting = Table(
    "meeting",
    metadata,
    Column("meeting_id", Text, primary_key=True),
    Column("referral_id", Text, nullable=False),
    Column("worker", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("mode", Text, nullable=False),
    Column("starts", _MOMENT, nullable=False),
    Column("minutes", Integer, nullable=False),
    Column("held", Boolean),  # null until somebody has said
    Column("cancelled", Boolean, nullable=False, server_default="false"),
    Column("suits", Boolean),  # null until the person has said by themselves
    Index("meeting_by_referral", "referral_id", "starts"),
    Index("meeting_ahead", "worker", "starts", postgresql_where=text("held is null and not cancelled")),
    comment="Meetings booked, and whether they were held",
)

enrolment = Table(
    "enrolment",
    metadata,
    Column("enrolment_id", Text, primary_key=True),
    Column("referral_id", Text, nullable=False),
    Column("activity", Text, nullable=False),
    Column("provider", Text),
    Column("status", Text, nullable=False),  # requested, offered, waitlisted, accepted, declined or ended
    Column("position", Integer),
    Column("answer_by", _MOMENT),
    Column("host", Text),
    Column("first_session", Text),
    Column("starts", _MOMENT),
    Column("whose", Text),
    Column("reason", Text),
    Column("sequence", BigInteger, nullable=False),  # of the provider's last event; 0: not answered
    Index("enrolment_by_referral", "referral_id"),
    Index("enrolment_taking_part", "activity", postgresql_where=text("status = 'accepted'")),
    comment="What was asked of providers, and their answers as they said them",
)

activity = Table(
    "activity",
    metadata,
    Column("activity", Text, primary_key=True),
    Column("provider", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("needs", ARRAY(Text), nullable=False),
    Column("area", Text, nullable=False),
    Column("languages", ARRAY(Text), nullable=False),
    Column("capacity", Integer, nullable=False),
    Column("acceptance", Text, nullable=False),
    Column("about", Text),
    Column("category", Text),
    Column("interests", ARRAY(Text), nullable=False),
    Column("mode", Text, nullable=False),
    Column("venue", JSONB),
    Column("latitude", Double),
    Column("longitude", Double),
    Column("cost", JSONB),
    Column("a_month", Integer),  # kronor; null where no cost is said
    Column("from_age", Integer),
    Column("to_age", Integer),
    Column("genders", ARRAY(Text), nullable=False),
    Column("groups", ARRAY(Text), nullable=False),
    Column("times", Integer),
    Column("health", Text),
    Column("access", ARRAY(Text), nullable=False),
    Column("hosted", Boolean, nullable=False),
    Column("page", Text),
    Column("standing", Text, nullable=False),  # published, verified, verification_due, expired or withdrawn
    Column("vouched", _MOMENT),  # when somebody last said that it is right
    Column("hidden_at", _MOMENT),  # when it will be hidden, while nobody answers
    Column("sequence", BigInteger, nullable=False),
    comment="What providers offer, as they said it, and who vouches for it",
)

provider = Table(
    "provider",
    metadata,
    Column("provider", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("area", Text, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    comment="Who offers activities",
)

places_taken = Table(
    "places_taken",
    metadata,
    Column("activity", Text, primary_key=True),
    Column("taken", Integer, nullable=False),
    Column("waiting", Integer, nullable=False, server_default="0"),  # in line, before whoever asks now
    comment="How many places of each activity those hold whom the network asked for; nobody else is known of",
)

shelf = Table(
    "shelf",
    metadata,
    Column("key", Text, primary_key=True),  # place:language:what, see services.navigator.store.shelves
    Column("rank", SmallInteger, primary_key=True),
    Column("activity", Text, primary_key=True),
    Index("shelf_by_activity", "activity"),
    comment="Activities that take people, once under everything they are found by, best first",
)

session = Table(
    "session",
    metadata,
    Column("session_id", Text, primary_key=True),
    Column("activity", Text, nullable=False),
    Column("starts", _MOMENT, nullable=False),
    Column("minutes", Integer, nullable=False),
    Column("cancelled", Boolean, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Index("session_by_activity", "activity", "starts", postgresql_where=text("not cancelled")),
    comment="Dated occurrences of activities, as providers said them",
)

mapping = Table(
    "mapping",
    metadata,
    Column("referral_id", Text, primary_key=True),
    Column("needs", ARRAY(Text), nullable=False),
    Column("interests", ARRAY(Text), nullable=False),
    Column("barriers", ARRAY(Text), nullable=False),
    comment="What was last found out with each person of what they need and like, and what stands in the way",
)

shut_out = Table(
    "shut_out",
    metadata,
    Column("referral_id", Text, primary_key=True),
    Column("provider", Text, primary_key=True),
    comment="Providers that people do not want to know of them",
)

account = Table(
    "account",
    metadata,
    Column("role", Text, primary_key=True),
    Column("who", Text, primary_key=True),
    Column("name", Text),  # a link worker's is that of the registry
    Column("organisation", Text),
    Column("email", Text),
    Column("issuer", Text),  # of the subject, bound at the first sign-in
    Column("subject", Text),
    Column("since", _MOMENT, nullable=False),
    Index("account_email", "email"),
    Index("account_subject", "subject"),
    Index("account_organisation", "organisation"),
    comment="Who may sign in, as whom; said in no event",
)
