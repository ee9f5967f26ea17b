"""The classes of USDM v4.0.0 as typed dictionaries. Generated from USDM_API.json by generate.py.

Long because it is one standard, class for class and attribute for attribute; a split would only
hide what belongs together. USDM_API.json is Copyright (c) CDISC, published under the MIT licence at
https://github.com/cdisc-org/DDF-RA (Deliverables/API):

    Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
    documentation files (the "Software"), to deal in the Software without restriction, including without limitation
    the rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and
    to permit persons to whom the Software is furnished to do so, subject to the following conditions: The above
    copyright notice and this permission notice shall be included in all copies or substantial portions of the
    Software. THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT
    LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT
    SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION
    OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER
    DEALINGS IN THE SOFTWARE.
"""

from __future__ import annotations

from typing import Annotated, Literal, NotRequired

from pydantic import ConfigDict, Discriminator, Field, with_config
from typing_extensions import TypedDict  # pydantic asks for this one before Python 3.12

VERSION = "4.0.0"

Words = Annotated[str, Field(min_length=1)]
Uuid = Annotated[str, Field(pattern=r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$")]


class Element(TypedDict):
    """What every part of a study version has: an id that is its own in the file, and extensions."""

    id: Words
    extensionAttributes: NotRequired[list[ExtensionAttribute]]


class Abbreviation(Element):
    abbreviatedText: Words
    expandedText: Words
    notes: NotRequired[list[CommentAnnotation]]
    instanceType: Literal["Abbreviation"]


class Activity(Element):
    name: Words
    label: NotRequired[str | None]
    description: NotRequired[str | None]
    previousId: NotRequired[str | None]
    nextId: NotRequired[str | None]
    childIds: NotRequired[list[str]]
    definedProcedures: NotRequired[list[Procedure]]
    biomedicalConceptIds: NotRequired[list[str]]
    bcCategoryIds: NotRequired[list[str]]
    bcSurrogateIds: NotRequired[list[str]]
    timelineId: NotRequired[str | None]
    notes: NotRequired[list[CommentAnnotation]]
    instanceType: Literal["Activity"]


class Address(Element):
    text: NotRequired[str | None]
    lines: NotRequired[list[str]]
    city: NotRequired[str | None]
    district: NotRequired[str | None]
    state: NotRequired[str | None]
    postalCode: NotRequired[str | None]
    country: NotRequired[Code | None]
    instanceType: Literal["Address"]


class AdministrableProduct(Element):
    name: Words
    label: NotRequired[str | None]
    description: NotRequired[str | None]
    pharmacologicClass: NotRequired[Code | None]
    administrableDoseForm: AliasCode
    productDesignation: Code
    sourcing: NotRequired[Code | None]
    properties: NotRequired[list[AdministrableProductProperty]]
    identifiers: NotRequired[list[AdministrableProductIdentifier]]
    ingredients: NotRequired[list[Ingredient]]
    notes: NotRequired[list[CommentAnnotation]]
    instanceType: Literal["AdministrableProduct"]


class AdministrableProductIdentifier(Element):
    text: str
    scopeId: str
    instanceType: Literal["AdministrableProductIdentifier"]


class AdministrableProductProperty(Element):
    name: Words
    text: str
    type: Code
    quantity: NotRequired[Quantity | None]
    instanceType: Literal["AdministrableProductProperty"]


class Administration(Element):
    name: Words
    label: NotRequired[str | None]
    description: NotRequired[str | None]
    duration: Duration
    dose: NotRequired[Quantity | None]
    route: NotRequired[AliasCode | None]
    frequency: NotRequired[AliasCode | None]
    administrableProductId: NotRequired[str | None]
    medicalDeviceId: NotRequired[str | None]
    notes: NotRequired[list[CommentAnnotation]]
    instanceType: Literal["Administration"]


class AliasCode(Element):
    standardCode: Code
    standardCodeAliases: NotRequired[list[Code]]
    instanceType: Literal["AliasCode"]


class AnalysisPopulation(Element):
    name: Words
    label: NotRequired[str | None]
    description: NotRequired[str | None]
    text: str
    subsetOfIds: NotRequired[list[str]]
    notes: NotRequired[list[CommentAnnotation]]
    instanceType: Literal["AnalysisPopulation"]


class AssignedPerson(Element):
    name: Words
    label: NotRequired[str | None]
    description: NotRequired[str | None]
    personName: PersonName
    jobTitle: str
    organizationId: NotRequired[str | None]
    instanceType: Literal["AssignedPerson"]


class BiomedicalConcept(Element):
    name: Words
    label: NotRequired[str | None]
    synonyms: NotRequired[list[str]]
    reference: str
    properties: NotRequired[list[BiomedicalConceptProperty]]
    code: AliasCode
    notes: NotRequired[list[CommentAnnotation]]
    instanceType: Literal["BiomedicalConcept"]


class BiomedicalConceptCategory(Element):
    name: Words
    label: NotRequired[str | None]
    description: NotRequired[str | None]
    childIds: NotRequired[list[str]]
    memberIds: NotRequired[list[str]]
    code: NotRequired[AliasCode | None]
    notes: NotRequired[list[CommentAnnotation]]
    instanceType: Literal["BiomedicalConceptCategory"]


class BiomedicalConceptProperty(Element):
    name: Words
    label: NotRequired[str | None]
    isRequired: bool
    isEnabled: bool
    datatype: str
    responseCodes: NotRequired[list[ResponseCode]]
    code: AliasCode
    notes: NotRequired[list[CommentAnnotation]]
    instanceType: Literal["BiomedicalConceptProperty"]


class BiomedicalConceptSurrogate(Element):
    name: Words
    label: NotRequired[str | None]
    description: NotRequired[str | None]
    reference: NotRequired[str | None]
    notes: NotRequired[list[CommentAnnotation]]
    instanceType: Literal["BiomedicalConceptSurrogate"]


class BiospecimenRetention(Element):
    name: Words
    label: NotRequired[str | None]
    description: NotRequired[str | None]
    isRetained: bool
    includesDNA: NotRequired[bool | None]
    instanceType: Literal["BiospecimenRetention"]


class Characteristic(Element):
    name: Words
    label: NotRequired[str | None]
    description: NotRequired[str | None]
    text: str
    dictionaryId: NotRequired[str | None]
    notes: NotRequired[list[CommentAnnotation]]
    instanceType: Literal["Characteristic"]


class Code(Element):
    code: str
    codeSystem: str
    codeSystemVersion: str
    decode: str
    instanceType: Literal["Code"]


class CommentAnnotation(Element):
    text: str
    codes: NotRequired[list[Code]]
    instanceType: Literal["CommentAnnotation"]


class Condition(Element):
    name: Words
    label: NotRequired[str | None]
    description: NotRequired[str | None]
    text: str
    dictionaryId: NotRequired[str | None]
    notes: NotRequired[list[CommentAnnotation]]
    contextIds: NotRequired[list[str]]
    appliesToIds: NotRequired[list[str]]
    instanceType: Literal["Condition"]


class ConditionAssignment(Element):
    condition: str
    conditionTargetId: str
    instanceType: Literal["ConditionAssignment"]


class DocumentContentReference(Element):
    sectionNumber: str
    sectionTitle: str
    appliesToId: str
    instanceType: Literal["DocumentContentReference"]


class Duration(Element):
    text: NotRequired[str | None]
    quantity: NotRequired[Annotated[Quantity | Range, Discriminator("instanceType")] | None]
    durationWillVary: bool
    reasonDurationWillVary: NotRequired[str | None]
    instanceType: Literal["Duration"]


class EligibilityCriterion(Element):
    name: Words
    label: NotRequired[str | None]
    description: NotRequired[str | None]
    category: Code
    identifier: str
    criterionItemId: str
    nextId: NotRequired[str | None]
    previousId: NotRequired[str | None]
    notes: NotRequired[list[CommentAnnotation]]
    instanceType: Literal["EligibilityCriterion"]


class EligibilityCriterionItem(Element):
    name: Words
    label: NotRequired[str | None]
    description: NotRequired[str | None]
    text: str
    dictionaryId: NotRequired[str | None]
    notes: NotRequired[list[CommentAnnotation]]
    instanceType: Literal["EligibilityCriterionItem"]


class Encounter(Element):
    name: Words
    label: NotRequired[str | None]
    description: NotRequired[str | None]
    type: Code
    previousId: NotRequired[str | None]
    nextId: NotRequired[str | None]
    scheduledAtId: NotRequired[str | None]
    environmentalSettings: NotRequired[list[Code]]
    contactModes: NotRequired[list[Code]]
    transitionStartRule: NotRequired[TransitionRule | None]
    transitionEndRule: NotRequired[TransitionRule | None]
    notes: NotRequired[list[CommentAnnotation]]
    instanceType: Literal["Encounter"]


class Endpoint(Element):
    name: Words
    label: NotRequired[str | None]
    description: NotRequired[str | None]
    text: str
    dictionaryId: NotRequired[str | None]
    notes: NotRequired[list[CommentAnnotation]]
    purpose: str
    level: Code
    instanceType: Literal["Endpoint"]


class Estimand(Element):
    name: Words
    label: NotRequired[str | None]
    description: NotRequired[str | None]
    populationSummary: str
    analysisPopulationId: str
    interventionIds: list[str]
    variableOfInterestId: str
    intercurrentEvents: list[IntercurrentEvent]
    notes: NotRequired[list[CommentAnnotation]]
    instanceType: Literal["Estimand"]


class ExtensionAttribute(Element):
    url: str
    valueString: NotRequired[str | None]
    valueBoolean: NotRequired[bool | None]
    valueInteger: NotRequired[int | None]
    valueId: NotRequired[str | None]
    valueQuantity: NotRequired[Quantity | None]
    valueRange: NotRequired[Range | None]
    valueCode: NotRequired[Code | None]
    valueAliasCode: NotRequired[AliasCode | None]
    valueExtensionClass: NotRequired[ExtensionClass | None]
    instanceType: Literal["ExtensionAttribute"]


class ExtensionClass(Element):
    url: str
    instanceType: Literal["ExtensionClass"]


class GeographicScope(Element):
    type: Code
    code: NotRequired[AliasCode | None]
    instanceType: Literal["GeographicScope"]


class GovernanceDate(Element):
    name: Words
    label: NotRequired[str | None]
    description: NotRequired[str | None]
    type: Code
    dateValue: str
    geographicScopes: list[GeographicScope]
    instanceType: Literal["GovernanceDate"]


class Indication(Element):
    name: Words
    label: NotRequired[str | None]
    description: NotRequired[str | None]
    codes: NotRequired[list[Code]]
    isRareDisease: bool
    notes: NotRequired[list[CommentAnnotation]]
    instanceType: Literal["Indication"]


class Ingredient(Element):
    role: Code
    substance: Substance
    instanceType: Literal["Ingredient"]


class IntercurrentEvent(Element):
    name: Words
    label: NotRequired[str | None]
    description: NotRequired[str | None]
    text: str
    dictionaryId: NotRequired[str | None]
    notes: NotRequired[list[CommentAnnotation]]
    strategy: str
    instanceType: Literal["IntercurrentEvent"]


class InterventionalStudyDesign(Element):
    name: Words
    label: NotRequired[str | None]
    description: NotRequired[str | None]
    studyType: NotRequired[Code | None]
    studyPhase: NotRequired[AliasCode | None]
    therapeuticAreas: NotRequired[list[Code]]
    characteristics: NotRequired[list[Code]]
    encounters: NotRequired[list[Encounter]]
    activities: NotRequired[list[Activity]]
    arms: list[StudyArm]
    studyCells: list[StudyCell]
    rationale: str
    epochs: list[StudyEpoch]
    elements: NotRequired[list[StudyElement]]
    estimands: NotRequired[list[Estimand]]
    indications: NotRequired[list[Indication]]
    studyInterventionIds: NotRequired[list[str]]
    objectives: NotRequired[list[Objective]]
    population: StudyDesignPopulation
    scheduleTimelines: NotRequired[list[ScheduleTimeline]]
    biospecimenRetentions: NotRequired[list[BiospecimenRetention]]
    documentVersionIds: NotRequired[list[str]]
    eligibilityCriteria: list[EligibilityCriterion]
    analysisPopulations: NotRequired[list[AnalysisPopulation]]
    notes: NotRequired[list[CommentAnnotation]]
    subTypes: NotRequired[list[Code]]
    model: Code
    intentTypes: NotRequired[list[Code]]
    blindingSchema: NotRequired[AliasCode | None]
    instanceType: Literal["InterventionalStudyDesign"]


class Masking(Element):
    text: str
    isMasked: bool
    instanceType: Literal["Masking"]


class MedicalDevice(Element):
    name: Words
    label: NotRequired[str | None]
    description: NotRequired[str | None]
    hardwareVersion: NotRequired[str | None]
    softwareVersion: NotRequired[str | None]
    embeddedProductId: NotRequired[str | None]
    sourcing: NotRequired[Code | None]
    identifiers: NotRequired[list[MedicalDeviceIdentifier]]
    notes: NotRequired[list[CommentAnnotation]]
    instanceType: Literal["MedicalDevice"]


class MedicalDeviceIdentifier(Element):
    text: str
    scopeId: str
    type: Code
    instanceType: Literal["MedicalDeviceIdentifier"]


class NarrativeContent(Element):
    name: Words
    sectionNumber: NotRequired[str | None]
    sectionTitle: NotRequired[str | None]
    displaySectionNumber: bool
    displaySectionTitle: bool
    childIds: NotRequired[list[str]]
    previousId: NotRequired[str | None]
    nextId: NotRequired[str | None]
    contentItemId: NotRequired[str | None]
    instanceType: Literal["NarrativeContent"]


class NarrativeContentItem(Element):
    name: Words
    text: str
    instanceType: Literal["NarrativeContentItem"]


class Objective(Element):
    name: Words
    label: NotRequired[str | None]
    description: NotRequired[str | None]
    text: str
    dictionaryId: NotRequired[str | None]
    notes: NotRequired[list[CommentAnnotation]]
    level: Code
    endpoints: NotRequired[list[Endpoint]]
    instanceType: Literal["Objective"]


class ObservationalStudyDesign(Element):
    name: Words
    label: NotRequired[str | None]
    description: NotRequired[str | None]
    studyType: NotRequired[Code | None]
    studyPhase: NotRequired[AliasCode | None]
    therapeuticAreas: NotRequired[list[Code]]
    characteristics: NotRequired[list[Code]]
    encounters: NotRequired[list[Encounter]]
    activities: NotRequired[list[Activity]]
    arms: list[StudyArm]
    studyCells: list[StudyCell]
    rationale: str
    epochs: list[StudyEpoch]
    elements: NotRequired[list[StudyElement]]
    estimands: NotRequired[list[Estimand]]
    indications: NotRequired[list[Indication]]
    studyInterventionIds: NotRequired[list[str]]
    objectives: NotRequired[list[Objective]]
    population: StudyDesignPopulation
    scheduleTimelines: NotRequired[list[ScheduleTimeline]]
    biospecimenRetentions: NotRequired[list[BiospecimenRetention]]
    documentVersionIds: NotRequired[list[str]]
    eligibilityCriteria: list[EligibilityCriterion]
    analysisPopulations: NotRequired[list[AnalysisPopulation]]
    notes: NotRequired[list[CommentAnnotation]]
    subTypes: NotRequired[list[Code]]
    model: Code
    timePerspective: Code
    samplingMethod: NotRequired[Code | None]
    instanceType: Literal["ObservationalStudyDesign"]


class Organization(Element):
    name: Words
    label: NotRequired[str | None]
    type: Code
    identifierScheme: str
    identifier: str
    legalAddress: NotRequired[Address | None]
    managedSites: NotRequired[list[StudySite]]
    instanceType: Literal["Organization"]


class ParameterMap(Element):
    tag: str
    reference: str
    instanceType: Literal["ParameterMap"]


class PersonName(Element):
    text: NotRequired[str | None]
    familyName: NotRequired[str | None]
    givenNames: NotRequired[list[str]]
    prefixes: NotRequired[list[str]]
    suffixes: NotRequired[list[str]]
    instanceType: Literal["PersonName"]


class Procedure(Element):
    name: Words
    label: NotRequired[str | None]
    description: NotRequired[str | None]
    procedureType: str
    code: Code
    studyInterventionId: NotRequired[str | None]
    notes: NotRequired[list[CommentAnnotation]]
    instanceType: Literal["Procedure"]


class ProductOrganizationRole(Element):
    name: Words
    label: NotRequired[str | None]
    description: NotRequired[str | None]
    code: Code
    appliesToIds: NotRequired[list[str]]
    organizationId: str
    instanceType: Literal["ProductOrganizationRole"]


class Quantity(Element):
    value: float
    unit: NotRequired[AliasCode | None]
    instanceType: Literal["Quantity"]


class Range(Element):
    minValue: Quantity
    maxValue: Quantity
    isApproximate: bool
    instanceType: Literal["Range"]


class ReferenceIdentifier(Element):
    text: str
    scopeId: str
    type: Code
    instanceType: Literal["ReferenceIdentifier"]


class ResponseCode(Element):
    name: Words
    label: NotRequired[str | None]
    isEnabled: bool
    code: Code
    instanceType: Literal["ResponseCode"]


class ScheduleTimeline(Element):
    name: Words
    label: NotRequired[str | None]
    description: NotRequired[str | None]
    mainTimeline: bool
    entryCondition: str
    entryId: str
    exits: NotRequired[list[ScheduleTimelineExit]]
    timings: NotRequired[list[Timing]]
    instances: NotRequired[
        list[Annotated[ScheduledActivityInstance | ScheduledDecisionInstance, Discriminator("instanceType")]]
    ]
    plannedDuration: NotRequired[Duration | None]
    instanceType: Literal["ScheduleTimeline"]


class ScheduleTimelineExit(Element):
    instanceType: Literal["ScheduleTimelineExit"]


class ScheduledActivityInstance(Element):
    name: Words
    label: NotRequired[str | None]
    description: NotRequired[str | None]
    defaultConditionId: NotRequired[str | None]
    epochId: NotRequired[str | None]
    timelineId: NotRequired[str | None]
    timelineExitId: NotRequired[str | None]
    activityIds: NotRequired[list[str]]
    encounterId: NotRequired[str | None]
    instanceType: Literal["ScheduledActivityInstance"]


class ScheduledDecisionInstance(Element):
    name: Words
    label: NotRequired[str | None]
    description: NotRequired[str | None]
    defaultConditionId: NotRequired[str | None]
    epochId: NotRequired[str | None]
    conditionAssignments: list[ConditionAssignment]
    instanceType: Literal["ScheduledDecisionInstance"]


class Strength(Element):
    name: Words
    label: NotRequired[str | None]
    description: NotRequired[str | None]
    numerator: Annotated[Quantity | Range, Discriminator("instanceType")]
    denominator: NotRequired[Quantity | None]
    instanceType: Literal["Strength"]


class Study(TypedDict):
    id: NotRequired[Uuid | None]
    extensionAttributes: NotRequired[list[ExtensionAttribute]]
    name: Words
    description: NotRequired[str | None]
    label: NotRequired[str | None]
    versions: NotRequired[list[StudyVersion]]
    documentedBy: NotRequired[list[StudyDefinitionDocument]]
    instanceType: Literal["Study"]


class StudyAmendment(Element):
    name: Words
    label: NotRequired[str | None]
    description: NotRequired[str | None]
    number: str
    summary: str
    primaryReason: StudyAmendmentReason
    secondaryReasons: NotRequired[list[StudyAmendmentReason]]
    changes: list[StudyChange]
    impacts: NotRequired[list[StudyAmendmentImpact]]
    geographicScopes: list[GeographicScope]
    enrollments: NotRequired[list[SubjectEnrollment]]
    dateValues: NotRequired[list[GovernanceDate]]
    previousId: NotRequired[str | None]
    notes: NotRequired[list[CommentAnnotation]]
    instanceType: Literal["StudyAmendment"]


class StudyAmendmentImpact(Element):
    type: Code
    text: str
    isSubstantial: bool
    notes: NotRequired[list[CommentAnnotation]]
    instanceType: Literal["StudyAmendmentImpact"]


class StudyAmendmentReason(Element):
    code: Code
    otherReason: NotRequired[str | None]
    instanceType: Literal["StudyAmendmentReason"]


class StudyArm(Element):
    name: Words
    label: NotRequired[str | None]
    description: NotRequired[str | None]
    type: Code
    dataOriginDescription: str
    dataOriginType: Code
    populationIds: NotRequired[list[str]]
    notes: NotRequired[list[CommentAnnotation]]
    instanceType: Literal["StudyArm"]


class StudyCell(Element):
    armId: str
    epochId: str
    elementIds: list[str]
    instanceType: Literal["StudyCell"]


class StudyChange(Element):
    name: Words
    label: NotRequired[str | None]
    description: NotRequired[str | None]
    summary: str
    rationale: str
    changedSections: list[DocumentContentReference]
    instanceType: Literal["StudyChange"]


class StudyCohort(Element):
    name: Words
    label: NotRequired[str | None]
    description: NotRequired[str | None]
    includesHealthySubjects: bool
    plannedEnrollmentNumber: NotRequired[Annotated[Quantity | Range, Discriminator("instanceType")] | None]
    plannedCompletionNumber: NotRequired[Annotated[Quantity | Range, Discriminator("instanceType")] | None]
    plannedSex: NotRequired[Annotated[list[Code], Field(max_length=2)]]
    criterionIds: NotRequired[list[str]]
    plannedAge: NotRequired[Range | None]
    notes: NotRequired[list[CommentAnnotation]]
    characteristics: NotRequired[list[Characteristic]]
    indicationIds: NotRequired[list[str]]
    instanceType: Literal["StudyCohort"]


class StudyDefinitionDocument(Element):
    name: Words
    label: NotRequired[str | None]
    description: NotRequired[str | None]
    language: Code
    type: Code
    templateName: str
    versions: NotRequired[list[StudyDefinitionDocumentVersion]]
    childIds: NotRequired[list[str]]
    notes: NotRequired[list[CommentAnnotation]]
    instanceType: Literal["StudyDefinitionDocument"]


class StudyDefinitionDocumentVersion(Element):
    version: str
    status: Code
    dateValues: NotRequired[list[GovernanceDate]]
    contents: NotRequired[list[NarrativeContent]]
    notes: NotRequired[list[CommentAnnotation]]
    instanceType: Literal["StudyDefinitionDocumentVersion"]


class StudyDesignPopulation(Element):
    name: Words
    label: NotRequired[str | None]
    description: NotRequired[str | None]
    includesHealthySubjects: bool
    plannedEnrollmentNumber: NotRequired[Annotated[Quantity | Range, Discriminator("instanceType")] | None]
    plannedCompletionNumber: NotRequired[Annotated[Quantity | Range, Discriminator("instanceType")] | None]
    plannedSex: NotRequired[Annotated[list[Code], Field(max_length=2)]]
    criterionIds: NotRequired[list[str]]
    plannedAge: NotRequired[Range | None]
    notes: NotRequired[list[CommentAnnotation]]
    cohorts: NotRequired[list[StudyCohort]]
    instanceType: Literal["StudyDesignPopulation"]


class StudyElement(Element):
    name: Words
    label: NotRequired[str | None]
    description: NotRequired[str | None]
    transitionStartRule: NotRequired[TransitionRule | None]
    transitionEndRule: NotRequired[TransitionRule | None]
    studyInterventionIds: NotRequired[list[str]]
    notes: NotRequired[list[CommentAnnotation]]
    instanceType: Literal["StudyElement"]


class StudyEpoch(Element):
    name: Words
    label: NotRequired[str | None]
    description: NotRequired[str | None]
    type: Code
    previousId: NotRequired[str | None]
    nextId: NotRequired[str | None]
    notes: NotRequired[list[CommentAnnotation]]
    instanceType: Literal["StudyEpoch"]


class StudyIdentifier(Element):
    text: str
    scopeId: str
    instanceType: Literal["StudyIdentifier"]


class StudyIntervention(Element):
    name: Words
    label: NotRequired[str | None]
    description: NotRequired[str | None]
    role: Code
    type: Code
    minimumResponseDuration: NotRequired[Quantity | None]
    codes: NotRequired[list[Code]]
    administrations: NotRequired[list[Administration]]
    notes: NotRequired[list[CommentAnnotation]]
    instanceType: Literal["StudyIntervention"]


class StudyRole(Element):
    name: Words
    label: NotRequired[str | None]
    description: NotRequired[str | None]
    code: Code
    appliesToIds: NotRequired[list[str]]
    assignedPersons: NotRequired[list[AssignedPerson]]
    organizationIds: NotRequired[list[str]]
    masking: NotRequired[Masking | None]
    notes: NotRequired[list[CommentAnnotation]]
    instanceType: Literal["StudyRole"]


class StudySite(Element):
    name: Words
    label: NotRequired[str | None]
    description: NotRequired[str | None]
    country: Code
    instanceType: Literal["StudySite"]


class StudyTitle(Element):
    text: str
    type: Code
    instanceType: Literal["StudyTitle"]


class StudyVersion(Element):
    versionIdentifier: str
    rationale: str
    documentVersionIds: NotRequired[list[str]]
    dateValues: NotRequired[list[GovernanceDate]]
    amendments: NotRequired[list[StudyAmendment]]
    businessTherapeuticAreas: NotRequired[list[Code]]
    studyIdentifiers: list[StudyIdentifier]
    referenceIdentifiers: NotRequired[list[ReferenceIdentifier]]
    studyDesigns: NotRequired[
        list[Annotated[InterventionalStudyDesign | ObservationalStudyDesign, Discriminator("instanceType")]]
    ]
    titles: list[StudyTitle]
    eligibilityCriterionItems: NotRequired[list[EligibilityCriterionItem]]
    narrativeContentItems: NotRequired[list[NarrativeContentItem]]
    abbreviations: NotRequired[list[Abbreviation]]
    roles: NotRequired[list[StudyRole]]
    organizations: NotRequired[list[Organization]]
    studyInterventions: NotRequired[list[StudyIntervention]]
    administrableProducts: NotRequired[list[AdministrableProduct]]
    medicalDevices: NotRequired[list[MedicalDevice]]
    productOrganizationRoles: NotRequired[list[ProductOrganizationRole]]
    biomedicalConcepts: NotRequired[list[BiomedicalConcept]]
    bcCategories: NotRequired[list[BiomedicalConceptCategory]]
    bcSurrogates: NotRequired[list[BiomedicalConceptSurrogate]]
    dictionaries: NotRequired[list[SyntaxTemplateDictionary]]
    conditions: NotRequired[list[Condition]]
    notes: NotRequired[list[CommentAnnotation]]
    instanceType: Literal["StudyVersion"]


class SubjectEnrollment(Element):
    name: Words
    label: NotRequired[str | None]
    description: NotRequired[str | None]
    quantity: Quantity
    forGeographicScope: NotRequired[GeographicScope | None]
    forStudyCohortId: NotRequired[str | None]
    forStudySiteId: NotRequired[str | None]
    instanceType: Literal["SubjectEnrollment"]


class Substance(Element):
    name: Words
    label: NotRequired[str | None]
    description: NotRequired[str | None]
    codes: NotRequired[list[Code]]
    strengths: list[Strength]
    referenceSubstance: NotRequired[Substance | None]
    instanceType: Literal["Substance"]


class SyntaxTemplateDictionary(Element):
    name: Words
    label: NotRequired[str | None]
    description: NotRequired[str | None]
    parameterMaps: list[ParameterMap]
    instanceType: Literal["SyntaxTemplateDictionary"]


class Timing(Element):
    name: Words
    label: NotRequired[str | None]
    description: NotRequired[str | None]
    type: Code
    value: str
    valueLabel: str
    relativeToFrom: Code
    relativeFromScheduledInstanceId: str
    relativeToScheduledInstanceId: NotRequired[str | None]
    windowLower: NotRequired[str | None]
    windowUpper: NotRequired[str | None]
    windowLabel: NotRequired[str | None]
    instanceType: Literal["Timing"]


class TransitionRule(Element):
    name: Words
    label: NotRequired[str | None]
    description: NotRequired[str | None]
    text: str
    instanceType: Literal["TransitionRule"]


@with_config(ConfigDict(strict=True, extra="forbid"))
class Wrapper(TypedDict):
    study: Study
    usdmVersion: str
    systemName: NotRequired[str | None]
    systemVersion: NotRequired[str | None]
