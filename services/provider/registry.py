"""The provider service's registry: what it owns. Handlers add what it does."""

from __future__ import annotations

from services.provider.domain import activity, enrolment, outside, provider, resource, schedule, session
from services.runtime.service import Service

service = Service("provider")

PROVIDER = service.aggregate("provider", provider.Provider, provider.evolve)
ACTIVITY = service.aggregate("activity", activity.Activity, activity.evolve)
SESSION = service.aggregate("session", session.Session, session.evolve)
SCHEDULE = service.aggregate("schedule", schedule.Schedule, schedule.evolve)
RESOURCE = service.aggregate("resource", resource.Resource, resource.evolve)
OUTSIDE_RECORD = service.aggregate("outside_record", outside.OutsideRecord, outside.evolve)
ENROLMENT = service.aggregate("enrolment", enrolment.Enrolment, enrolment.evolve)
