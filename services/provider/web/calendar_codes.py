"""The calendar's codes and what they are called. Every text here is a key of the translations."""

from __future__ import annotations

from services.runtime.web import mark
from sluss_contracts.offering import ActivityCategory, Interest, Mode
from sluss_contracts.vocabulary import Gender, OrganisationKind, Role

CATEGORIES = {
    ActivityCategory.BEFRIENDING: mark("Befriending"),
    ActivityCategory.CHOIR: mark("Choir"),
    ActivityCategory.COURSE: mark("Course"),
    ActivityCategory.CRAFTS: mark("Crafts group"),
    ActivityCategory.CULTURE: mark("Culture"),
    ActivityCategory.DEBT_ADVICE: mark("Budget and debt advice"),
    ActivityCategory.DIGITAL_COURSE: mark("Computer and phone course"),
    ActivityCategory.DIGITAL_HELP: mark("Computer and phone help"),
    ActivityCategory.DROP_IN: mark("Open house"),
    ActivityCategory.ESCORT: mark("Somebody who comes along"),
    ActivityCategory.EXERCISE: mark("Exercise"),
    ActivityCategory.GAMES: mark("Games group"),
    ActivityCategory.GARDENING: mark("Gardening group"),
    ActivityCategory.HOMEWORK_HELP: mark("Homework help"),
    ActivityCategory.JOB_COACHING: mark("Help towards work"),
    ActivityCategory.LANGUAGE_CAFE: mark("Language café"),
    ActivityCategory.MEAL: mark("Meal together"),
    ActivityCategory.OUTING: mark("Outing"),
    ActivityCategory.PARENTING: mark("For parents"),
    ActivityCategory.STORY_TIME: mark("Story time"),
    ActivityCategory.STUDY_CIRCLE: mark("Study circle"),
    ActivityCategory.SUPPORT_LINE: mark("Support by phone or chat"),
    ActivityCategory.TALK_GROUP: mark("Talk group"),
    ActivityCategory.THERAPY: mark("Talking therapy"),
    ActivityCategory.VOLUNTEERING: mark("Volunteering"),
    ActivityCategory.WALK: mark("Walk"),
    ActivityCategory.OTHER: mark("Other"),
}
INTERESTS = {
    Interest.ANIMALS: mark("Animals"),
    Interest.ART: mark("Art"),
    Interest.BAKING: mark("Baking"),
    Interest.COFFEE: mark("Coffee"),
    Interest.CONVERSATION: mark("Conversation"),
    Interest.COOKING: mark("Cooking"),
    Interest.CRAFTS: mark("Crafts"),
    Interest.CYCLING: mark("Cycling"),
    Interest.DANCE: mark("Dance"),
    Interest.FAITH: mark("Faith"),
    Interest.FILM: mark("Film"),
    Interest.FISHING: mark("Fishing"),
    Interest.FOOTBALL: mark("Football"),
    Interest.GAMES: mark("Games"),
    Interest.GARDENING: mark("Gardening"),
    Interest.GYMNASTICS: mark("Gymnastics"),
    Interest.HELPING_OTHERS: mark("Helping others"),
    Interest.HIKING: mark("Hiking"),
    Interest.HISTORY: mark("History"),
    Interest.LANGUAGES: mark("Languages"),
    Interest.MUSIC: mark("Music"),
    Interest.NATURE: mark("Nature"),
    Interest.OUTDOORS: mark("Outdoors"),
    Interest.READING: mark("Reading"),
    Interest.SINGING: mark("Singing"),
    Interest.SPORT: mark("Sport"),
    Interest.SWIMMING: mark("Swimming"),
    Interest.TECHNOLOGY: mark("Technology"),
    Interest.THEATRE: mark("Theatre"),
    Interest.TRAVEL: mark("Travel"),
    Interest.WALKING: mark("Walking"),
    Interest.WOODWORK: mark("Woodwork"),
    Interest.WRITING: mark("Writing"),
}
MODES = {
    Mode.ON_SITE: mark("On site"),
    Mode.DIGITAL: mark("Digital"),
    Mode.BOTH: mark("On site and digital"),
}
VOUCHERS = {
    Role.COORDINATOR: mark("one of the network's coordinators"),
    Role.OPERATOR: mark("one of the network's coordinators"),
    Role.LINK_WORKER: mark("a link worker who has asked"),
}
"""Who says that something is right, where it is not whoever runs it."""
ORGANISATIONS = {
    OrganisationKind.CLINIC: mark("Clinic"),
    OrganisationKind.PSYCHIATRY: mark("Psychiatry"),
    OrganisationKind.SOCIAL_SERVICES: mark("Social services"),
    OrganisationKind.EMPLOYMENT_OFFICE: mark("Employment office"),
    OrganisationKind.JOB_CENTRE: mark("Job centre"),
    OrganisationKind.SCHOOL: mark("School"),
    OrganisationKind.CONGREGATION: mark("Congregation"),
    OrganisationKind.ASSOCIATION: mark("Association"),
    OrganisationKind.MUNICIPALITY: mark("Municipality"),
    OrganisationKind.UNIVERSITY: mark("University"),
    OrganisationKind.OTHER: mark("Other organisation"),
}
GENDERS = {
    Gender.WOMAN: mark("women"),
    Gender.MAN: mark("men"),
    Gender.OTHER: mark("people of other genders"),
}
AGE_GROUPS = {
    "under_18": mark("Under 18"),
    "age_18_29": mark("18 to 29"),
    "age_30_64": mark("30 to 64"),
    "age_65_79": mark("65 to 79"),
    "age_80_up": mark("80 or older"),
}
