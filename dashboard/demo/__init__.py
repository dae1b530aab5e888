"""The demo practice: deterministic from a seed, made through the same actions as the product. Nobody in it is real."""
