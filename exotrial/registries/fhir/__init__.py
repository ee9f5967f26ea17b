"""HL7 FHIR R5: a study as the resource ResearchStudy."""
