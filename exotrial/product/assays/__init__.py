"""What instruments write: one module a format, found by `exotrial.product.assay.find_readers`."""
