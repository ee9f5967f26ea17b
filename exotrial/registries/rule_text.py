"""The executable rule that the words of one criterion suggest, for a person to accept or mend.

A rule is proposed only where it says the whole criterion: every word belongs to the rule or adds nothing to it. Items
are named as in `studies/*/study.toml`. What stays without a rule on purpose: `over 18 years` (which may or may not
admit a person of 18), a range of a measured value (whose ends may or may not belong to it), and `SpO2 = 93 %`, where
an export may have lost the sign for at least or at most.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from itertools import pairwise

from exotrial.study.rules import Rule


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_SUBSCRIPTS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
_WITHIN = re.compile(
    r"\b(?:within|in|during|for)\s+"
    r"(?P<span>(?:the\s+)?(?:last|past|previous|next)?\s*\d+\s+(?:days?|weeks?|months?|years?))"
)
_BOTH_SEXES = re.compile(
    r"\b(?:(?:in|from|of)\s+)?both\s+(?:sexes|sex|genders|(?:the\s+)?(?:men|males?)\s+and\s+(?:the\s+)?(?:women|females?))\b"
    r"|\b(?:both\s+)?(?:the\s+)?(?:men|males?)\s*(?:and|or|/)\s*(?:women|females?)\b"
)
_ADDS_NOTHING = _words(
    "a all an any are be been being have having he in is of patient patients participant participants "
    "people person subject subjects she the they to which who with"
)

# --- Ages ---------------------------------------------------------------------------------------------------

_YEARS = r"(?:years?|yrs?|y)"
_NUMBER_OF_YEARS = (
    rf"(?P<{{0}}>\d{{{{1,3}}}})(?:\s*{_YEARS}\b)?(?:\s*\(?\s*(?:including|inclusive|included)\s*\)?)?"
)
_LOW, _HIGH = _NUMBER_OF_YEARS.format("low"), _NUMBER_OF_YEARS.format("high")
_AGES: tuple[tuple[str, Callable[[Mapping[str, float]], Rule]], ...] = (
    (
        rf"<\s*{_LOW}\s*(?:or|and|,|/)\s*>\s*{_HIGH}",
        lambda n: Rule(any_of=(_age(less_than=n["low"]), _age(more_than=n["high"]))),
    ),
    (
        rf"(?:≥|>=)\s*{_LOW}(?:\s*old)?\s*(?:to|-|and|,)\s*(?:≤|<=)\s*{_HIGH}",
        lambda n: _age(at_least=n["low"], at_most=n["high"]),
    ),
    (
        rf"{_LOW}(?:\s*old)?\s*(?:to|-|and|until|through)\s*{_HIGH}",
        lambda n: _age(at_least=n["low"], at_most=n["high"]),
    ),
    (
        rf"(?:≥|>=|at least|not (?:less|younger) than|no (?:less|younger) than)\s*{_LOW}",
        lambda n: _age(at_least=n["low"]),
    ),
    (
        rf"{_LOW}(?:\s*(?:old|of age))?\s*(?:and|or)\s*(?:older|above|more|over|upwards?|greater)",
        lambda n: _age(at_least=n["low"]),
    ),
    (
        rf"(?:≤|<=|at most|up to|not (?:more|older) than|no (?:more|older) than)\s*{_HIGH}",
        lambda n: _age(at_most=n["high"]),
    ),
    (
        rf"{_HIGH}(?:\s*(?:old|of age))?\s*(?:and|or)\s*(?:younger|less|below|under)",
        lambda n: _age(at_most=n["high"]),
    ),
    (rf"(?:<|less than|under|below|younger than)\s*{_HIGH}", lambda n: _age(less_than=n["high"])),
    (rf">\s*{_LOW}", lambda n: _age(more_than=n["low"])),
)
_AGE_WORDS = _ADDS_NOTHING | _words(
    "adult adults age aged ages at between from limit limits old of range ranging within year years yrs"
)


_COMPILED_AGES = tuple((re.compile(rf"(?<![\d.<>=≤≥]){pattern}(?![\d.])"), make) for pattern, make in _AGES)


def _age(**limits: float) -> Rule:
    return Rule.model_validate(
        {"item": "age", "unit": "a"} | {name: int(value) for name, value in limits.items()}
    )


_MAY_BE_AGE = re.compile(rf"\bage[sd]?\b|\b{_YEARS}\b")
_OF_AGE = re.compile(
    r"\b(?:age[sd]?|old(?:er)?|younger|patients?|participants?|subjects?|persons?|people|adults?)\b"
)
_A_SPAN_OF_AGES = 10
"""Two limits in years that lie so far apart are ages even where the word is missing (`18 Years to 80 Years`)."""


def _propose_age(words: str) -> Rule | None:
    if not _MAY_BE_AGE.search(words):
        return None
    words = _BOTH_SEXES.sub(" ", words)
    for pattern, make in _COMPILED_AGES:
        hit = pattern.search(words)
        if hit is None:
            continue
        numbers = {name: float(value) for name, value in hit.groupdict().items()}
        spread = numbers.get("high", 0) - numbers.get("low", 0) if len(numbers) == 2 else 0
        if not _OF_AGE.search(words) and spread < _A_SPAN_OF_AGES:
            return None  # `at least 2 years` may tell the length of an illness
        rising = "low" not in numbers or "high" not in numbers or numbers["low"] < numbers["high"]
        if rising and max(numbers.values()) <= 120 and _says_no_more(_without(words, hit), _AGE_WORDS):
            return make(numbers)
        return None
    return None


# --- Measured values ------------------------------------------------------------------------------------------

_QUANTITIES = (
    (
        "pf_ratio",
        r"pao2\)?\s*(?:/|to)\s*(?:oxygen\s+inhalation\s*\(\s*)?fio2\)?(?:\s+ratio)?\)?|\bp\s*/\s*f\b(?:\s+ratio)?",
    ),
    ("spo2", r"\bspo2\)?"),
    ("sao2", r"\bsao2\)?|\barterial\s+oxygen\s+saturation\b(?!\s*\()"),
    ("oxygen_saturation", r"\b(?:oxygen|o2)\s+sat(?:uration)?\b(?!\s*\(\s*s)"),
    ("respiratory_rate", r"\b(?:resp(?:iratory|iration)?\s+rate\b(?:\s*\(rr\))?|rr\b)"),
)
_SIGNS = (
    ("at_most", r"≤|<=|=<|(?:less|lower) than or equal to|at most|(?:no|not) (?:more|greater|higher) than"),
    ("at_least", r"≥|>=|=>|(?:more|greater|higher) than or equal to|at least|(?:no|not) (?:less|lower) than"),
    ("less_than", r"<|less than|lower than|below|under"),
    ("more_than", r">|more than|greater than|higher than|above|over"),
)
_SIGN = "|".join(f"(?P<{name}>{pattern})" for name, pattern in _SIGNS)
_QUANTITY = "|".join(f"(?P<{name}>{pattern})" for name, pattern in _QUANTITIES)
_MEASURED = re.compile(
    rf"(?:{_QUANTITY})\s*(?:is|of|was|,|:)?\s*(?:{_SIGN})\s*"
    r"(?P<number>\d{1,3}(?:\.\d+)?)(?![\d.]|\s*-\s*\d|\s+to\s+\d)"
    r"\s*(?P<unit>%|percent|mm\s?hg|kpa|(?:times|breaths?)?\s*(?:/|per)\s*min(?:ute)?s?\b)?"
    r"(?P<turn>\s*or\s+(?:less|lower|below|more|higher|above)\b)?"
)
_PLAUSIBLE = {"pf_ratio": (40, 600), "respiratory_rate": (4, 80)} | dict.fromkeys(
    ("spo2", "sao2", "oxygen_saturation"), (40, 100)
)
_UNITS = {"respiratory_rate": "/min"} | dict.fromkeys(("spo2", "sao2", "oxygen_saturation"), "%")
_TURNED = {"less_than": "at_most", "more_than": "at_least"}
_MEASURED_WORDS = _ADDS_NOTHING | _words(
    "acute alveoli arterial ards capillary distress fraction index inhalation inspired mild moderate "
    "oxygen oxygenation partial peripheral pressure pulse ratio respiratory saturation severe "
    "syndrome type"
)
"""The long forms of the names; a severity stands beside the threshold that defines it."""


def _propose_measured(words: str) -> Rule | None:
    hits = list(_MEASURED.finditer(words))
    rules = [_threshold(hit) for hit in hits]
    if not hits or None in rules:
        return None
    parts = tuple(rule for rule in rules if rule is not None)
    rest = _without(words, *hits)
    if len(parts) == 1:
        return parts[0] if _says_no_more(rest, _MEASURED_WORDS) else None
    joints = [words[one.end() : other.start()].strip(" ,()") for one, other in pairwise(hits)]
    if not _says_no_more(rest, _MEASURED_WORDS | {"and", "or"}):
        return None
    if set(joints) == {"or"}:
        return Rule(any_of=parts)
    return Rule(all_of=parts) if set(joints) == {"and"} else None


def _threshold(hit: re.Match[str]) -> Rule | None:
    item = next(name for name, _ in _QUANTITIES if hit[name])
    sign = next(name for name, _ in _SIGNS if hit[name])
    if hit["turn"]:
        downwards = hit["turn"].split()[-1] in {"less", "lower", "below"}
        if sign not in _TURNED or downwards != (sign == "less_than"):
            return None
        sign = _TURNED[sign]
    number = float(hit["number"])
    printed = re.sub(r"\s+", "", hit["unit"] or "")
    low, high = _PLAUSIBLE[item]
    kilopascal = item == "pf_ratio" and printed == "kpa"
    fits = {
        "": True,
        "mmhg": item == "pf_ratio",
        "kpa": kilopascal,
        "%": item in _UNITS and item != "respiratory_rate",
    }
    if not fits.get("%" if printed == "percent" else printed, item == "respiratory_rate"):
        return None
    if not kilopascal and not low <= number <= high:
        return None
    unit = "kPa" if kilopascal else _UNITS.get(item, "mmHg")
    return Rule.model_validate(
        {"item": item, sign: int(number) if number == int(number) else number, "unit": unit}
    )


# --- Yes or no ------------------------------------------------------------------------------------------------

_PREGNANCY = (
    (
        "planning_pregnancy",
        r"\bplan(?:s|ning|ned)?\s+(?:to\s+become\s+pregnant|(?:a\s+|for\s+)?pregnancy|pregnancy)",
    ),
    ("lactating", r"\blactat(?:ing|ion)\b|\bbreast\s?-?\s?feeding\b|\bnursing\b"),
    ("pregnant", r"\bpregnan(?:t|cy)\b"),
)
_NOT_PREGNANT = re.compile(
    r"(?:a\s+)?negative\s+(?:urine\s+|serum\s+|blood\s+)?pregnancy\s+test(?:\s+in\s+women)?|(?:women\s+)?not\s+pregnant"
)
_PREGNANCY_WORDS = _ADDS_NOTHING | _words("and at female females mothers or period time woman women")


def _propose_pregnancy(words: str) -> Rule | None:
    if _NOT_PREGNANT.fullmatch(words):
        return Rule(item="pregnant", equals=False)
    if re.search(r"\b(?:not|no|negative|non)\b", words):
        return None
    parts: list[Rule] = []
    rest = words
    for item, pattern in _PREGNANCY:
        hit = re.search(pattern, rest)
        if hit is None:
            continue
        span = _WITHIN.match(rest[hit.end() :].lstrip()) if item == "planning_pregnancy" else None
        parts.insert(0, Rule(item=item, equals=True, within=" ".join(span["span"].split()) if span else None))
        rest = _without(rest, hit).replace(span[0], " ") if span else _without(rest, hit)
    if not parts or not _says_no_more(rest, _PREGNANCY_WORDS):
        return None
    return parts[0] if len(parts) == 1 else Rule(any_of=tuple(parts))


_CONSENT_WORDS = _ADDS_NOTHING | _words(
    "and authorized by completed completion consent declare entered enter entering explanation "
    "families family for form forms from full gave give given giving guardian guardians inclusion "
    "inform informed into legal letter members obtained or participate participation process provide "
    "representative sign signed signing study supervisor themselves their this trial voluntarily "
    "volunteered written"
)
_DENIED = re.compile(
    r"^(?:lack of|absence of|no|without|refusal of)\b|\b(?:did|do|does|have|has|who)\s+not\b|^not\b"
)


def _propose_consent(words: str) -> Rule | None:
    if "consent" not in words:
        return None
    denied = _DENIED.search(words)
    rest = _without(words, denied) if denied else words
    if not _says_no_more(rest, _CONSENT_WORDS):
        return None
    written = re.search(r"\bwritten\b|\bsign", words)
    return Rule(item="written_informed_consent" if written else "informed_consent", equals=denied is None)


_VIRUS = re.compile(
    r"\b(?:(?:new|novel)\s+)?(?:covid\s?-?\s?19|sars-?\s?cov-?\s?2|2019-ncov|(?:novel\s+)?corona\s?virus(?:\s+pneumonia)?)\b"
)
_PCR = re.compile(
    r"\b(?:(?:real[\s-]?time\s+)?(?:rt|q|qrt)?-?\s?pcr"
    r"|reverse[\s-]transcription[\s-]polymerase\s+chain\s+reaction(?:\s*\(rt-pcr\))?)\b\)?"
)
_CONFIRMED = re.compile(r"\b(?:confirmed|confirmation|positive|documented|definitive(?:\s+diagnosis)?)\b")
_PCR_WORDS = _ADDS_NOTHING | _words(
    "assay by cases confirmed confirmation definite definitive diagnosis diagnostic disease "
    "documented for from infection laboratory laboratory-confirmed on positive respiratory specimen "
    "specimens test testing tests through tract using via virus"
)


def _propose_pcr(words: str) -> Rule | None:
    words = re.sub(r"\brespiratory tract or blood specimens\b", "respiratory tract specimens", words)
    virus, test, confirmed = _VIRUS.search(words), _PCR.search(words), _CONFIRMED.search(words)
    if virus is None or test is None or confirmed is None:
        return None
    rest = _PCR.sub(" ", _VIRUS.sub(" ", words))
    return Rule(item="sars_cov_2_rt_pcr", equals="positive") if _says_no_more(rest, _PCR_WORDS) else None


_OTHER_TRIAL = re.compile(
    r"\b(?:another|any other|other)\s+(?:(?:drug|clinical|interventional|therapeutic)\s+)*"
    r"(?:trials?|stud(?:y|ies))(?:\s+designs?)?\b"
)
_NOT_TAKING_PART = re.compile(
    r"^(?:no|not|without|failure to attend|non-)\b|\b(?:do|does|did|are|is|have|has)\s+not\b"
)
_OTHER_TRIAL_WORDS = _ADDS_NOTHING | _words(
    "at attend attending clinical concurrently currently during enrolled enrolment enrollment has "
    "participate participated participates participating participation same simultaneously study "
    "taking part time this undergoing"
)


def _propose_other_trial(words: str) -> Rule | None:
    hit = _OTHER_TRIAL.search(words)
    if hit is None:
        return None
    denied = _NOT_TAKING_PART.search(words)
    rest = _without(words, *(found for found in (hit, denied) if found))
    span = _WITHIN.search(rest)
    rest = _without(rest, span) if span else rest
    if not _says_no_more(rest, _OTHER_TRIAL_WORDS):
        return None
    within = " ".join(span["span"].split()) if span else None
    return Rule(item="other_trial_participation", equals=denied is None, within=within)


_TOPICS = (
    *(_propose_age, _propose_measured, _propose_pregnancy),
    *(_propose_consent, _propose_pcr, _propose_other_trial),
)


@lru_cache(maxsize=4096)
def propose_rule(text: str) -> Rule | None:
    """The rule that says the whole of a criterion, or None.

    The rule says what the words say: of an exclusion it holds when the participant is to be excluded.
    """
    words = " ".join(text.translate(_SUBSCRIPTS).replace("–", "-").lower().split()).strip(" .;,")
    return next((rule for topic in _TOPICS if (rule := topic(words)) is not None), None)


_LOST = re.compile(r"(?<![<>≤≥=!:])=(?![<>=])\s*%?\s*\d[\d.,]*(?:\s*/\s*\d+)?\s*[%°]?")


def find_lost_signs(text: str) -> tuple[str, ...]:
    """The places where a threshold stands behind a bare `=`, with up to five words before it.

    ICTRP's export prints `=` where the register prints a sign for at least or at most, so that neither can be told
    (`SpO2 = 93 %`, `(=37.2 °C)`); the register itself must be looked at.
    """
    found = []
    for hit in _LOST.finditer(text):
        before = re.split(r"[<>≤≥=;]", text[max(0, hit.start() - 120) : hit.start()])[-1]
        last = re.search(r"(?:\S+\s+){0,4}\S*\s*$", before)
        found.append(" ".join(((last[0] if last else "") + hit[0]).split()))
    return tuple(found)


def _without(words: str, *hits: re.Match[str]) -> str:
    for hit in sorted(hits, key=lambda found: found.start(), reverse=True):
        words = f"{words[: hit.start()]} {words[hit.end() :]}"
    return words


def _says_no_more(words: str, known: frozenset[str]) -> bool:
    """Whether every word left over is one of those that add nothing."""
    return all(word in known for word in re.findall(r"[^\s,;:.()\[\]/\"“”]+", words.replace("’", "'")))
