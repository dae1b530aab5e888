"""What the staff's screens read, as small dataclasses with a fixed number of queries."""
