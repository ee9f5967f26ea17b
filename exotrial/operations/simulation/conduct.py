"""Carries out the plan of a rehearsal, deed by deed, through the operations that a real trial uses."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from typing import Any

from exotrial.datasets.synthetic_people import make_identity
from exotrial.operations.access import Role
from exotrial.operations.simulation.attempts import ATTEMPTS, Attempt
from exotrial.operations.simulation.crew import Crew
from exotrial.operations.simulation.filling import Filling, Going
from exotrial.operations.simulation.nature import Told
from exotrial.operations.simulation.people import Fate, Person
from exotrial.operations.simulation.plan import Plan
from exotrial.operations.simulation.steps import Deed, Step
from exotrial.study.definition import Study
from exotrial.study.items import Form


class Conduct:
    """One rehearsal under way: the crew, the plan, and what is known of everybody so far."""

    def __init__(
        self,
        crew: Crew,
        study: Study,
        forms: Mapping[str, Form],
        plan: Plan,
        *,
        attempts: Sequence[Attempt] = ATTEMPTS,
    ) -> None:
        self.crew = crew
        self.study = study
        self.forms = forms
        self.plan = plan
        self.people = {person.number: person for person in plan.people}
        self.going = {person.number: Going() for person in plan.people}
        self.arms: dict[str, str] = {}
        self.released = False
        self.signed: set[int] = set()
        self._attempts = list(attempts)
        self._follow: list[tuple[datetime, int, Callable[[], None]]] = []
        self._order = count()
        self.filling = Filling(
            crew=crew,
            study=study,
            seed=plan.seed,
            going=self.going,
            told=self.told_of,
            later=self._later,
        )
        self._deeds: dict[Deed, Callable[[Person, Step], None]] = {
            Deed.SCREEN_WRONGLY: self._screen,
            Deed.SCREEN: self._screen,
            Deed.CONSENT: self._consent,
            Deed.DRAFT: self._save,
            Deed.SAVE: self._save,
            Deed.ENROL: self._enrol,
            Deed.RANDOMISE: self._randomise,
            Deed.ASSIGN_KIT: self._assign_kit,
            Deed.DOSE: self._dose,
            Deed.END_TREATMENT: self._end_treatment,
            Deed.ASK: self._ask,
            Deed.DEVIATION: self._deviation,
            Deed.UNBLIND: self._unblind,
            Deed.END: self._end,
            Deed.VERIFY: self._verify,
            Deed.SIGN: self._sign,
            Deed.FREEZE: self._freeze,
        }

    def run(
        self,
        told: Callable[[int, int], None] = lambda done, of: None,
        *,
        until: datetime | None = None,
    ) -> None:
        """Do every step in the order of time, and what follows, up to a moment or to the end.

        `told` hears how many are done, and of how many. What is due after `until` is left undone.
        """
        for step in self.plan.steps:
            if until is None or step.at <= until:
                self._later(step.at, partial(self._step, step))
        done = 0
        while self._follow and (until is None or self._follow[0][0] <= until):
            at, _, deed = heapq.heappop(self._follow)
            self.crew.now = max(self.crew.now, at)
            deed()
            done += 1
            told(done, done + len(self._follow))

    def do(self, name: str, role: Role, person: Person, /, **data: Any) -> Any:
        """Do something as a role at the person's site."""
        return self.crew.do(name, role, person.site, **data)

    # -- steps --------------------------------------------------------------------------------------------

    def _later(self, at: datetime, deed: Callable[[], None]) -> None:
        heapq.heappush(self._follow, (at, next(self._order), deed))

    def _step(self, step: Step) -> None:
        person = self.people[step.person]
        self._try(step, person, before=True)
        self._deeds[step.deed](person, step)
        self._try(step, person, before=False)

    def _try(self, step: Step, person: Person, *, before: bool) -> None:
        """Try what is forbidden at this step, each thing once."""
        for attempt in [one for one in self._attempts if one.before is before and one.fits(step, person)]:
            self._attempts.remove(attempt)
            self.attempt(attempt, person)

    def attempt(self, attempt: Attempt, person: Person) -> None:
        """Try one forbidden thing. Refuses with SIM-003 where it is not refused."""
        data = attempt.data(self, person)
        self.crew.try_forbidden(
            attempt.tried, attempt.codes, attempt.operation, attempt.role, person.site, **data
        )

    def _screen(self, person: Person, step: Step) -> None:
        going = self.going[person.number]
        wrongly = step.deed is Deed.SCREEN_WRONGLY
        data: dict[str, Any] = {"answers": dict(person.answered_wrongly if wrongly else person.answers)}
        if going.code:
            data["participant"] = going.code
        else:
            data |= {"born": person.born, "identity": identity_of(person)}
        going.code = self.do("screen", Role.COORDINATOR, person, site=person.site, **data).participant

    def _consent(self, person: Person, step: Step) -> None:
        named = self.study.consent
        self.do(
            "record_consent",
            Role.COORDINATOR,
            person,
            participant=self.code(person),
            version=named.versions[0] if named is not None and named.versions else "1.0",
            language=named.languages[0] if named is not None and named.languages else "en",
            signed_at=self.crew.now.isoformat(),
            witness="a nurse of the ward",
        )

    def _enrol(self, person: Person, step: Step) -> None:
        self.do(
            "enrol",
            Role.COORDINATOR,
            person,
            participant=self.code(person),
            stratum_level=person.level,
        )

    def _randomise(self, person: Person, step: Step) -> None:
        self.do("randomise", Role.INVESTIGATOR, person, participant=self.code(person))
        # Nature alone looks: as the statistician who may, and the trail shows each look.
        shown = self.crew.do("show_arms", Role.UNBLINDED_STATISTICIAN)
        self.arms = {one.participant: one.arm for one in shown.allocations}

    def _assign_kit(self, person: Person, step: Step) -> None:
        if not self.released:
            self.release_batches(person)
        answer = self.do("assign_kit", Role.CARE_PROVIDER, person, participant=self.code(person))
        self.going[person.number].kit = answer.kit

    def release_batches(self, person: Person) -> None:
        """Release every batch: the pharmacist has the certificates."""
        for batch in self.do("list_batches", Role.PHARMACIST, person).batches:
            self.do(
                "release_batch",
                Role.PHARMACIST,
                person,
                code=batch.code,
                reason="certificate of analysis, made up for the rehearsal",
            )
        self.released = True

    def _dose(self, person: Person, step: Step) -> None:
        going = self.going[person.number]
        begun = self.crew.now - timedelta(minutes=40)
        self.do(
            "record_dose",
            Role.CARE_PROVIDER,
            person,
            participant=going.code,
            kit=going.kit,
            begun_at=begun.isoformat(),
            ended_at=(begun + timedelta(minutes=30)).isoformat(),
            complete=True,
        )
        going.doses.append(begun)

    def _end_treatment(self, person: Person, step: Step) -> None:
        self.do(
            "end_treatment",
            Role.INVESTIGATOR,
            person,
            participant=self.code(person),
            reason="all doses were given as planned",
        )

    def told_of(self, person: Person) -> Told:
        """What is known of a person when a form is filled in."""
        going = self.going[person.number]
        experimental = {arm.id for arm in self.study.arms if arm.kind == "experimental"}
        arm = self.arms.get(going.code, "")
        unblinded = person.number == self.plan.special.unblinded
        return Told(
            treated=arm in experimental if self.arms else bool(going.doses),
            doses=tuple(going.doses),
            kit=going.kit or "none",
            grave_event_on=person.origin + timedelta(days=2) if unblinded else None,
        )

    def _save(self, person: Person, step: Step) -> None:
        self.filling.fill(person, self.forms[step.form], step)

    def _ask(self, person: Person, step: Step) -> None:
        query = self.do(
            "raise_query",
            Role.MONITOR,
            person,
            participant=self.code(person),
            form=step.form,
            key="IG.DM/DM.AGE",
            text="Please check the age against the identity document.",
        ).query
        self.going[person.number].queries.add(query)
        at = self.crew.now + timedelta(days=1)
        self._later(at, partial(self.filling.answer_query, person, query, "checked; it is right"))

    # -- what goes wrong, and the end ---------------------------------------------------------------------

    def _deviation(self, person: Person, step: Step) -> None:
        assert step.on is not None
        self.do(
            "report_deviation",
            Role.COORDINATOR,
            person,
            participant=self.code(person),
            happened_on=step.on.isoformat(),
            category="visit missed or out of its window",
            importance="minor",
            text=f"The visit {step.encounter} did not take place.",
            action="The next visit is on its planned day.",
        )

    def _unblind(self, person: Person, step: Step) -> None:
        self.do(
            "unblind_emergency",
            Role.INVESTIGATOR,
            person,
            participant=self.code(person),
            reason="grave bronchospasm after the dose; the treatment of it depends on the arm",
            **self.crew.proof(Role.INVESTIGATOR, person.site),
        )

    def _end(self, person: Person, step: Step) -> None:
        code, now = self.code(person), self.crew.now.isoformat()
        if person.fate is Fate.WITHDRAWN:
            self.do(
                "withdraw_consent",
                Role.COORDINATOR,
                person,
                participant=code,
                scope="everything",
                data_use="until withdrawal",
                withdrawn_at=now,
            )
            return
        why = {
            Fate.COMPLETED: "the follow-up is complete",
            Fate.LOST: "no answer to three calls",
            Fate.DIED: "died on the ward",
        }[person.fate]
        self.do(
            "end_participation",
            Role.INVESTIGATOR,
            person,
            participant=code,
            kind=person.fate.value,
            ended_at=now,
            reason=why,
        )

    def _verify(self, person: Person, step: Step) -> None:
        saved = self.going[person.number].saved.get((step.form, step.encounter))
        if saved is not None and saved.complete:
            self.do(
                "verify_source",
                Role.MONITOR,
                person,
                participant=self.code(person),
                form=step.form,
                encounter=step.encounter,
                revision=saved.revision,
            )

    def _sign(self, person: Person, step: Step) -> None:
        if self.going[person.number].queries:  # wait until the last query is closed
            self._later(self.crew.now + timedelta(days=1), partial(self._sign, person, step))
            return
        self.do(
            "sign_participant",
            Role.INVESTIGATOR,
            person,
            participant=self.code(person),
            meaning="approval",
            **self.crew.proof(Role.INVESTIGATOR, person.site),
        )
        self.signed.add(person.number)

    def _freeze(self, person: Person, step: Step) -> None:
        if person.number not in self.signed:
            self._later(self.crew.now + timedelta(days=1), partial(self._freeze, person, step))
            return
        self.do(
            "freeze_records",
            Role.MONITOR,
            person,
            participant=self.code(person),
            reason="complete, queries closed, signed",
        )

    def code(self, person: Person) -> str:
        """The person's code in the study."""
        return self.going[person.number].code


def identity_of(person: Person) -> dict[str, str]:
    """Who a made-up person is, as screening takes it."""
    made = make_identity(person.number)
    return {"name": made.name, "contact": made.contact, "hospital_number": made.hospital_number}
