"""Who plays in the demo, and what they say. All names and addresses are invented."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody, or something, that acts.

    Attributes:
        id: the actor id in the metadata of events.
        name: for people to read.
        role: what an approval notes; empty for those who approve nothing.
        kind: ``user`` or ``service``.
    """

    id: str
    name: str
    role: str = ""
    kind: str = "user"

    @property
    def as_actor(self) -> dict[str, Any]:
        """The actor as metadata have it."""
        return {"type": self.kind, "id": self.id, "name": self.name}


@dataclass(frozen=True, slots=True)
class Tenant:
    """A customer of the QA tool.

    Attributes:
        id: the tenant id.
        product: what is built.
        authors: who write requirements.
        analyst: who analyses them.
        approvers: who decide.
        tester: who verifies them.
        manager: who plans and ships releases.
        network: the beginning of their IPv4 addresses (documentation ranges).
        modules: what an analysis finds affected.
        features: what users want, as the beginning of a sentence.
    """

    id: str
    product: str
    authors: tuple[Person, ...]
    analyst: Person
    approvers: tuple[Person, ...]
    tester: Person
    manager: Person
    network: str
    modules: tuple[str, ...]
    features: tuple[str, ...]


BUILD_SERVER = Person("ci", "Build server", kind="service")
PRIVACY_OFFICER = Person("dpo", "Hanne Dahl, data protection officer")

TENANTS = (
    Tenant(
        id="aurora-health",
        product="the patient portal",
        authors=(
            Person("mara.lindqvist", "Mara Lindqvist"),
            Person("jonas.weber", "Jonas Weber"),
        ),
        analyst=Person("priya.nair", "Priya Nair"),
        approvers=(
            Person("elif.kaya", "Elif Kaya", "PRODUCT_OWNER"),
            Person("tomas.horvat", "Tomáš Horvat", "REVIEWER"),
        ),
        tester=Person("sofia.almeida", "Sofia Almeida"),
        manager=Person("david.okafor", "David Okafor"),
        network="192.0.2.",
        modules=("appointments", "messages", "lab results", "identity", "documents"),
        features=(
            "Patients cancel an appointment",
            "Patients read their lab results",
            "Patients share a document with their doctor",
            "Doctors see which letters were not read",
            "Parents manage the account of a child",
            "Patients renew a prescription",
            "Nurses answer a message",
            "Patients withdraw a consent",
        ),
    ),
    Tenant(
        id="meridian-pay",
        product="the payment platform",
        authors=(
            Person("lucia.ferrari", "Lucia Ferrari"),
            Person("noah.adeyemi", "Noah Adeyemi"),
        ),
        analyst=Person("henrik.sorensen", "Henrik Sørensen"),
        approvers=(
            Person("aiko.tanaka", "Aiko Tanaka", "RISK_OFFICER"),
            Person("pieter.devries", "Pieter de Vries", "PRODUCT_OWNER"),
        ),
        tester=Person("camille.roux", "Camille Roux"),
        manager=Person("grace.muthoni", "Grace Muthoni"),
        network="198.51.100.",
        modules=("ledger", "card gateway", "limits", "reporting", "notifications"),
        features=(
            "Merchants refund a part of a payment",
            "Customers confirm a transfer",
            "Merchants download a settlement report",
            "Support staff block a stolen card",
            "Customers set a monthly limit",
            "Merchants accept payments in a second currency",
            "Auditors trace a payment from end to end",
            "Customers split a bill with friends",
        ),
    ),
    Tenant(
        id="tidewater-rail",
        product="the ticket shop",
        authors=(
            Person("oskar.nowak", "Oskar Nowak"),
            Person("leila.haddad", "Leïla Haddad"),
        ),
        analyst=Person("marc.dubois", "Marc Dubois"),
        approvers=(
            Person("ines.castro", "Inês Castro", "PRODUCT_OWNER"),
            Person("viktor.hansen", "Viktor Hansen", "REVIEWER"),
        ),
        tester=Person("yuki.mori", "Yuki Mori"),
        manager=Person("anna.kowalska", "Anna Kowalska"),
        network="203.0.113.",
        modules=("fares", "seat map", "checkout", "live departures", "accounts"),
        features=(
            "Travellers change the date of a ticket",
            "Travellers reserve a place for a bicycle",
            "Conductors check a ticket",
            "Travellers get their money back after a delay",
            "Commuters pause a season ticket",
            "Groups book seats together",
            "Travellers find the step-free connection",
            "Station staff announce a change of platform",
        ),
    ),
)
TENANT_IDS = frozenset(tenant.id for tenant in TENANTS)

#: How a feature is wanted: the ends of the sentences.
QUALITIES = (
    "on the phone",
    "with a screen reader",
    "without signing in again",
    "while they are offline",
    "in their own language",
    "within two seconds",
    "and get a confirmation by e-mail",
    "and can undo it for a day",
    "with the keyboard alone",
    "on a shared computer, leaving no trace",
    "and see what it costs beforehand",
    "without calling the help desk",
)
WHY = (
    "Support receives about {n} calls a week about this.",
    "{n} % of the visitors leave at this step.",
    "Asked for by {n} customers since spring.",
    "The contract with our largest customer promises it.",
    "Today it takes {n} clicks; three would do.",
)
COMMENTS = (
    "Could we do the common case first and the rest in the next release?",
    "Design has a sketch; see the link in the description.",
    "Legal wants to read the wording before we ship.",
    "Same cause as the incident of last week, I think.",
    "We tried this two years ago; the slow part was the export.",
    "Please keep the old address working for bookmarks.",
)
APPROVALS = (
    "Clear, small, worth it.",
    "Go. The risk is covered by the new tests.",
    "Approved for this release; watch the load.",
    "Yes, with the wording of the last comment.",
    "Fine by me.",
)
REJECTIONS = (
    "Two wishes in one: please split it.",
    "It contradicts what we promised in the terms of use.",
    "Nobody can test this as it is written. What is fast enough?",
    "It would show personal data to people who need none of it.",
    "Costs more than it brings; is there a smaller way?",
)
CHANGES = (
    "Split off the rare case.",
    "Named a limit that can be measured.",
    "Only the last four digits are shown now.",
    "The wording follows the terms of use.",
)
FAILURES = (
    "the confirmation arrives twice",
    "the button cannot be reached by keyboard",
    "wrong time zone after midnight",
    "an umlaut in the name breaks the PDF",
    "two sessions overwrite each other",
)
GOALS = (
    "Fewer calls to the help desk",
    "Everything by keyboard and screen reader",
    "Faster on old phones",
    "Ready for the audit",
    "The wishes of the largest customers",
    "Less to remember, less to click",
    "Clear the backlog of small things",
)
FIRST_NAMES = (
    *("Amelie", "Bruno", "Chiara", "Dmitri", "Esra", "Fionn", "Greta", "Hugo"),
    *("Ilse", "João", "Katya", "Lars", "Mireille", "Nils", "Olga", "Paweł"),
)
LAST_NAMES = (
    *("Andersen", "Bianchi", "Černý", "Dupont", "Eriksen", "Fischer", "García"),
    *("Hoxha", "Ivanova", "Jansen", "Kovács", "Lehtonen", "Moreau", "Novák"),
)
