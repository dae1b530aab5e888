"""One builder a report: it asks access again, reads, and computes one frozen dataclass. Screen and PDF only show it."""
