"""Statistics of change and of measures: pure functions on numbers, each with its source."""
