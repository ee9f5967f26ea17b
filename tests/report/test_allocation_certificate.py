"""The certificate in print: one page, whatever the list, and the same bytes each time."""

from __future__ import annotations

import io
from dataclasses import replace

from pypdf import PdfReader

from exotrial.allocation.certificate import SealedStratum
from exotrial.report.allocation_certificate import render_certificate
from tests.allocation.sealed_trial import seal


def test_the_certificate_is_one_page_with_every_digest_on_it() -> None:
    certificate, envelopes = seal()
    data = render_certificate(certificate)
    assert data == render_certificate(certificate)
    (page,) = PdfReader(io.BytesIO(data)).pages
    text = page.extract_text()
    for digest in (
        certificate.root,
        certificate.commitment,
        certificate.digest(),
    ):
        assert digest in text
    assert not any(one.nonce in text or one.kit in text for one in envelopes)


def test_a_certificate_with_many_strata_and_long_names_is_still_one_page() -> None:
    certificate, _ = seal()
    for count in (8, 9, 400):
        strata = tuple(
            SealedStratum(id=f"{'long ' * 30}{at}", name="name " * 60, slots=9) for at in range(count)
        )
        arms = tuple(f"{'long arm ' * 5}{at}" for at in range(20))
        long = replace(
            certificate, strata=strata, arms=arms, title="title " * 500, contributed_by="who " * 40
        )
        assert len(PdfReader(io.BytesIO(render_certificate(long))).pages) == 1
