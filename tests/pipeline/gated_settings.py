"""Settings of the workers that tests kill: the real stages with gates, and shorter times where the test asks."""

import os

from tests.pipeline import heard
from tests.settings import *  # noqa: F403  # a settings module is made of another's names
from tests.settings import DATABASES, PIPELINE_SUBJECTS, PIPELINES
from tests.settings import HOUSEKEEPING as USUAL_HOUSEKEEPING

PIPELINE_SUBJECTS = {**PIPELINE_SUBJECTS, **heard.SUBJECTS}
PIPELINES = {
    **PIPELINES,
    **heard.WIRED,
    "document": ("tests.pipeline.gates.PARSE", "tests.pipeline.gates.CUT", "tests.pipeline.gates.EMBED"),
}
# As the installation has it: a scheduler that gave its connection back to a pool lost its lock for ever.
DATABASES["default"]["OPTIONS"]["pool"] = {"min_size": 1, "max_size": 4, "timeout": 10}
HOUSEKEEPING = (*USUAL_HOUSEKEEPING, ("tests.pipeline.trouble.look", 0))  # type: ignore[assignment]  # one more
if os.environ.get("GATED_QUICK"):
    PIPELINE_LEASE_S = 2.0
    PIPELINE_HEARTBEAT_S = 0.4
    PIPELINE_SWEEP_S = 0.3
