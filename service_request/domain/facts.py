"""What a request says, read from its answers: plain values for matching, routing, consent and figures.

The words themselves stay in the answers; an empty string or None means that it was not said, or is not known.
"""

from dataclasses import dataclass
from datetime import date

from service_request.domain.consent import Told


@dataclass(frozen=True, slots=True)
class ChildFacts:
    """Say what is known of one child, born or unborn (GL-2)."""

    number: int
    name: str = ""
    also_known: str = ""
    birth_on: date | None = None
    unborn: bool = False
    expected_on: date | None = None
    age_band: str = ""
    sex: str = ""  # M, F, U; empty when not asked
    gender_note: str = ""
    ethnicity: str = ""  # one of the census's 20 codes, NOBT when not known
    language: str = ""
    interpreter: str = ""
    religion: str = ""
    needs: tuple[str, ...] = ()  # the census's disability codes
    needs_detail: str = ""
    communication: str = ""
    sen: str = ""
    sen_types: tuple[str, ...] = ()
    nhs_number: str = ""  # ten digits
    upn: str = ""
    address: str = ""
    postcode: str = ""  # tidied, or empty when it has not the shape of one
    no_fixed_address: bool = False
    area_code: str = ""
    current_place: str = ""
    previous_address: str = ""
    lives_with: str = ""
    school: str = ""
    school_year: str = ""
    gp: str = ""
    legal_status: str = ""
    is_mother_too: bool = False  # GL-18: a child of this request who is a mother, or will be
    mother_is_child: bool = False  # GL-18: the mother of this child is under 18


@dataclass(frozen=True, slots=True)
class AdultFacts:
    """Say what is known of an adult in the children's lives (GL-2)."""

    number: int
    name: str = ""
    also_known: str = ""
    birth_on: date | None = None
    relationship: str = ""
    parental_responsibility: str = ""  # yes, no, not_known; empty when not asked
    same_household: str = ""
    address: str = ""
    phone: str = ""
    safe_to_contact: str = ""
    language: str = ""
    interpreter: str = ""
    needs: str = ""


@dataclass(frozen=True, slots=True)
class ReferrerFacts:
    """Say who asks, and how they may be reached (EV-2, GL-14)."""

    kind: str  # professional, family, child, public
    name: str = ""
    role: str = ""
    agency: str = ""
    agency_kind: str = ""
    source_code: str = ""  # one of the census's 22 referral sources
    email: str = ""
    phone: str = ""
    anonymous: bool = False
    safe: str = "unset"  # unset, yes, no
    relationship: str = ""
    best_time: str = ""


@dataclass(frozen=True, slots=True)
class ConsentFacts:
    """Keep apart who was told, who agrees, and on what basis it is shared (GL-4)."""

    told: Told
    extra_code: str = ""  # an authority's own exception: it opens the gate of GL-5, and no more
    who_told: str = ""  # parent, both_parents, young_person
    who_told_codes: tuple[str, ...] = ()  # mother, father, carer, young_person, as chosen
    told_by: str = ""
    told_on: date | None = None
    reason: str = ""
    agrees: str = ""  # yes, no, not_asked; empty when the question was left
    agrees_who: str = ""
    agrees_detail: str = ""
    lawful_basis: str = ""

    @property
    def gate_answer(self) -> str:
        """Return what the gate of GL-5 is asked with: the authority's own code, or ours."""
        return self.extra_code or self.told


@dataclass(frozen=True, slots=True)
class RequestFacts:
    """Say what one form, or one call, asks for."""

    kind: str
    form_version: str
    children: tuple[ChildFacts, ...]
    adults: tuple[AdultFacts, ...]
    referrer: ReferrerFacts
    consent: ConsentFacts
    worries: tuple[str, ...] = ()
    urgency: str = "routine"  # danger, urgent, routine
    followed_call_reference: str = ""
    area_code: str = ""
