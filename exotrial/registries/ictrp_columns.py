"""The columns of ICTRP's exports that a record has places for, by their names without signs."""

from __future__ import annotations

from typing import Final

_NAMES: Final = """
contactfirstname contactlastname contactaddress contactemail contacttel contactaffiliation
trialid lastrefreshedon publictitle scientifictitle acronym primarysponsor secondarysponsor
sourcesupport dateregistration dateregistration3 exportdate sourceregister webaddress recruitmentstatus
inclusionagemin inclusionagemax agemin agemax inclusiongender gender dateenrollement dateenrollment dateenrolment
targetsize studytype studydesign phase countries inclusioncriteria exclusioncriteria condition conditions
intervention interventions primaryoutcome secondaryoutcome secondaryid secondaryids resultsdateposted
resultsdatecompleted resultsurllink retrospectiveflag resultsipdplan resultsipddescription ethicsreviewstatus
ethicsstatus ethicsreviewcontactname ethicsreviewcontactaddress ethicsreviewapprovaldate ethicsapprovaldate
"""
KNOWN: Final = frozenset(_NAMES.split())
