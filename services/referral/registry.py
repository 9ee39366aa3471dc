"""The referral service's registry: what it owns. Handlers add what it does."""

from __future__ import annotations

from services.referral.domain import organisation, pathway, person, referral
from services.referral.domain.ledger import Told, told
from services.runtime.service import Service

service = Service("referral")

REFERRAL = service.aggregate("referral", referral.Referral, referral.evolve)
ORGANISATION = service.aggregate("organisation", organisation.Organisation, organisation.evolve)
PATHWAY = service.aggregate("pathway", pathway.Pathway, pathway.evolve)
REFUSAL = service.aggregate("refusal", Told, told, keep=False)
RECEIPT = service.aggregate("receipt", Told, told, keep=False)
PERSON = service.aggregate("person", person.Person, person.evolve)
FORWARDING = service.aggregate("forwarding", Told, told, keep=False)
ALARM = service.aggregate("alarm", Told, told, keep=False)
SIGNPOSTING = service.aggregate("signposting", Told, told, keep=False)
SCREENING = service.aggregate("screening", Told, told, keep=False)
