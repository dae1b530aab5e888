"""Reading clients, care and the course of care."""
