"""The use cases. The command line and the window call only this.

Whoever imports it, as a library too, has the egress lock on from here: before any package that could talk is loaded.
Other hosts that such a program needs are named in ``TURBULENCE_ALLOW_HOSTS``, with commas between them.
"""

from turbulence_app.privacy import egress

egress.lock(egress.listed())
