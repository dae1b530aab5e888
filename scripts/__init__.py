"""What `make check` and `make bench` run."""
