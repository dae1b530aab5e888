"""Every write to clients, care, the course of care, sessions and safety flags."""
