"""Surfaces: what people see. One sub-package per surface; what they share stands beside them."""
