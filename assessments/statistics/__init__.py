"""Statistics of change and of measures as pure functions, sources in the docstrings. No row, no request, never NaN.

``reliable`` (change against noise, gates), ``cutoffs`` (published measures only) need plain Python; ``consistency``
(alpha, omega), ``agreement`` (ICC, test–retest) and ``effect`` (d, g) import numpy and scipy when they are called, so
that a web process that only shows verdicts never pays for them.

What cannot be computed is a result whose value is none and whose ``reason`` says why, as a code of ``results``.
"""
