"""Reading a file of past administrations: pure, line by line, with every problem said where it stands."""
