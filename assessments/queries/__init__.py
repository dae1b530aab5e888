"""Reading assessments: instruments, what is open, answers, scores over time, the barrier map's columns."""
