"""What holds of referrals, cases and messages (I1 to I6)."""

from __future__ import annotations

from sluss.invariants.invariant import Invariant, query
from sluss.ledger import SERVICES

_ANSWERED = " union all ".join(
    f"select command_id, answer, '{service}' as service from {service}.answered_command"
    for service in SERVICES
)

_CORRECTED = " union all ".join(
    f"select event_id from {service}.proposal where decision = 'approved' and event_id is not null"
    for service in SERVICES
)

_I1 = f"""
select format('%s answered command %s with event %s, which is not in its record',
              a.service, a.command_id, e.id)
from ({_ANSWERED}) a, jsonb_array_elements_text(a.answer -> 'events') e(id)
where not exists (select 1 from said where said.id = e.id::uuid and said.service = a.service)
union all
select format('receipt %s promises referral %s, which is not there', r.aggregate_id, r.referral)
from (select aggregate_id, convert_from(body, 'UTF8')::jsonb #>> '{{data,referral_id}}' as referral
      from said where type = 'sluss.receipt.issued.v1') r
where r.referral is not null
  and not exists (select 1 from referral.aggregate a where a.key = r.referral and a.kind = 'referral')
"""

_I2 = f"""
select format('%s %s of %s has no cause we know: %s', said.service, said.type, said.key, cause.id)
from said, lateral (select convert_from(body, 'UTF8')::jsonb ->> 'causationid' as id) cause
where cause.id is null or not (
  cause.id like 'timer/%'
  or (said.service = 'referral' and cause.id ~ '^[0-9a-f]{{64}}$')  -- the digest of a submission
  or cause.id in (select id::text from said)
  or cause.id in (select command_id::text from ({_ANSWERED}) a)
  or cause.id in (select event_id::text from ({_CORRECTED}) c))
"""

_I3 = """
select format('case %s was given to somebody while it was with somebody else (step %s)', key, sequence)
from (select key, sequence, type, lag(type) over (partition by key order by sequence) as before
      from said where kind = 'case' and type in (
        'sluss.case.queued.v1', 'sluss.case.assigned.v1', 'sluss.case.claimed.v1',
        'sluss.case.unassigned.v1', 'sluss.case.reassigned.v1')) c
where type in ('sluss.case.assigned.v1', 'sluss.case.claimed.v1')
  and before in ('sluss.case.assigned.v1', 'sluss.case.claimed.v1', 'sluss.case.reassigned.v1')
   or type = 'sluss.case.reassigned.v1'
  and coalesce(before, 'sluss.case.queued.v1') = 'sluss.case.queued.v1'
"""

_I4 = """
select format('%s messages of template %s to one person for one cause %s', count(*), template, cause)
from (select q ->> 'cause' as cause, q ->> 'person' as person, q ->> 'template' as template
      from (select convert_from(body, 'UTF8')::jsonb -> 'data' as q
            from said where type = 'sluss.message.queued.v1') m) m
group by cause, person, template having count(*) > 1
union all
select format('message %s was sent %s times', aggregate_id, count(*))
from said where type = 'sluss.message.sent.v1' group by aggregate_id having count(*) > 1
union all
select format('nobody was asked to look into message %s, whose fate is unknown', f.aggregate_id)
from said f
where f.type = 'sluss.message.failed.v1'
  and convert_from(f.body, 'UTF8')::jsonb #>> '{data,why}' = 'outcome_unknown'
  and not exists (
    select 1 from said t where t.key = f.key and t.type = 'sluss.task.opened.v1'
      and convert_from(t.body, 'UTF8')::jsonb #>> '{data,kind}' = 'check_message')
  and not exists (select 1 from said c where c.key = f.key and c.type = 'sluss.case.closed.v1')
"""

_OVER = """(
  'sluss.referral.closed.v1', 'sluss.referral.declined.v1', 'sluss.referral.cancelled.v1',
  'sluss.referral.redirected.v1', 'sluss.referral.entered_in_error.v1')"""

# A duplicate's work is done under the referral it is linked to, which is asked for by itself.
_I5 = f"""
select format('referral %s is neither over nor has it an open task', r.key)
from (select distinct key from said where type in ('sluss.referral.accepted.v1', 'sluss.referral.held.v1')) r
where not exists (select 1 from said where key = r.key and type in {_OVER})
  and not exists (
    select 1 from said l where l.key = r.key and l.type = 'sluss.referral.linked.v1'
      and convert_from(l.body, 'UTF8')::jsonb #>> '{{data,how}}' = 'duplicate_of')
  and not exists (
    select 1 from said t, lateral (select convert_from(t.body, 'UTF8')::jsonb -> 'data' as task) opened
    where t.key = r.key and t.type = 'sluss.task.opened.v1'
      and coalesce(task ->> 'worker', task ->> 'team') is not null and task ->> 'due' is not null
      and not exists (select 1 from said d where d.key = t.key and d.aggregate_id = t.aggregate_id
                      and d.type in ('sluss.task.done.v1', 'sluss.task.lapsed.v1')))
"""

# What was entered in error is void: there is nothing to tell of it.
_I6 = f"""
select format('referral %s is over, but its closure feedback is not on the sender''s stream', r.key)
from (select distinct key from said
      where type in {_OVER} and type <> 'sluss.referral.entered_in_error.v1') r
where not exists (
  select 1 from said f join notify.head h on h.lane = f.lane
  where f.key = r.key and f.type = 'sluss.feedback.issued.v1' and f.number <= h.sent
    and convert_from(f.body, 'UTF8')::jsonb #>> '{{data,point}}' = 'closure')
"""

REFERRALS = (
    Invariant("I1", "what was answered with success, or receipted, has its events and state", query(_I1)),
    Invariant("I2", "no event without a command, an event or a timer that caused it", query(_I2)),
    Invariant("I3", "a case is in one link worker's hands at a time", query(_I3)),
    Invariant("I4", "at most one message for each cause, person and template", query(_I4)),
    Invariant("I5", "every referral taken on is over, or somebody has a task", query(_I5)),
    Invariant(
        "I6", "the closure feedback of every referral that is over is on its sender's stream", query(_I6)
    ),
)
