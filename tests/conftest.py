"""How hypothesis runs: 300 examples of a property here, more with `HYPOTHESIS_PROFILE=thorough`."""

import os

from hypothesis import HealthCheck, settings

QUIET = [HealthCheck.too_slow, HealthCheck.data_too_large]
settings.register_profile("usual", max_examples=300, deadline=None, suppress_health_check=QUIET, print_blob=True)
settings.register_profile("quick", settings.get_profile("usual"), max_examples=30)
settings.register_profile("thorough", settings.get_profile("usual"), max_examples=5000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "usual"))
