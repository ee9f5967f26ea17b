"""Checklists of the product: one module and one CSV file a list, found by `exotrial.product.checklist`."""
