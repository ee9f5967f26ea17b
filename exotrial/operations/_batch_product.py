"""Which product of the study file a batch is of: said when it is registered, sealed, and held to the arm of a kit."""

from __future__ import annotations

from exotrial.core.errors import ErrorCode, Place
from exotrial.operations import arms
from exotrial.operations._act import Act
from exotrial.product.release import has_specification
from exotrial.store.models import Batch
from exotrial.study.definition import Study

WHICH_PRODUCT = ErrorCode(
    "KIT-020",
    "It is not said which product the batch is of.",
    "give the id of a product of the study file, or 'none' for what the study file has no product for.",
)
OTHER_PRODUCT = ErrorCode(
    "KIT-021",
    "The arm is not given the product that the batch is of.",
    "pack the kit from a batch of the arm's own product.",
)

NONE = "none"
"""What is written for a batch of something that the study file has no product for, such as a placebo."""


def settle_product(act: Act, product: str) -> str | None:
    """The product as it is kept, None where the study holds no product to tests and none is said (KIT-020)."""
    study = act.definition()
    if not product and not has_specification(study):
        return None
    if product != NONE and product not in {one.id for one in study.products}:
        problem = f"{product!r} is none of the study's products" if product else "no product is said"
        raise WHICH_PRODUCT.refuse(problem, place=Place(path="product"))
    return product


def seal_product(act: Act, product: str | None, mark: str) -> str | None:
    """Close the product of a batch."""
    return None if product is None else arms.seal_text(act, product, where=f"product of batch {mark}")


def product_of(act: Act, batch: Batch) -> str | None:
    """The product of a batch, None where it was never said. Refuses with SEL-001."""
    if batch.product_sealed is None:
        return None
    where = f"product of batch {batch.code_mark}"
    return arms.open_text(act, batch.product_sealed, where=where, purpose="knowing arms")


def check_arm(act: Act, batch: Batch, arm: str) -> None:
    """Refuse (KIT-021) a kit of an arm that is not given the batch's product, where the product was said.

    A batch of `none` fits an arm that is given anything without a product; one of a product fits the arms given it.
    """
    product = product_of(act, batch)
    if product is not None and product not in _products_of(act.definition(), arm):
        raise OTHER_PRODUCT.refuse(f"the arm {arm} is given something else", place=Place(path="batch"))


def _products_of(study: Study, arm: str) -> set[str]:
    given = next((set(one.interventions) for one in study.arms if one.id == arm), set())
    return {
        one.product or NONE for one in study.interventions if one.id in given and one.role != "background"
    }
