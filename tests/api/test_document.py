"""The OpenAPI document: what it says is what the app does, tried by schemathesis with all it can think of."""

import os
import warnings
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from assessment.web.api.operations import OPERATIONS
from tests.api.conftest import Holder
from tests.api.test_api import lead_of
from tests.console.conftest import BROWN, Send

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import schemathesis
    from schemathesis import GenerationMode
    from schemathesis.specs.openapi.checks import positive_data_acceptance

LONG = os.environ.get("ASSESSMENT_STORM") == "long"
EXAMPLES = 500 if LONG else 30
AS_IT_IS = {"Accept-Encoding": "identity"}
MEANT = ("after", "q")
"""What may be well written and still mean nothing: a page that never was, a word without a letter."""


@pytest.fixture
def described(app: Flask) -> Any:
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize("name", [one.name for one in OPERATIONS])
def test_the_app_does_what_its_document_says(
    described: Any, app: Flask, send: Send, holder: Holder, name: str, mode: GenerationMode
) -> None:
    assessment = send(contact=BROWN)
    real, program = {"/assessments/{reference}": assessment, "/leads/{reference}": lead_of(app, assessment)}, holder()
    operation = described.find_operation_by_id(name)

    @seed(1)
    @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(generation_mode=mode), known=st.booleans())
    def try_out(case: Any, known: bool) -> None:
        if known and case.path_parameters:
            case.path_parameters["reference"] = real[operation.path]
        excluded = [positive_data_acceptance] if set(MEANT) & set(case.query or {}) else []
        case.call_and_validate(
            headers={**AS_IT_IS, "Authorization": f"Bearer {program.token}"}, excluded_checks=excluded
        )

    try_out()
