"""The register: each sentence of the guide that quotes a figure, compares or carries the thesis, and its sources."""
