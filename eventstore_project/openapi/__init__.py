"""How the OpenAPI document of the REST API is made; hosts get it ready-made.

``python -m eventstore_project.openapi`` writes ``eventstore/api/openapi.json``. It lies
in the package so that a host needs no generator, its own drf-spectacular settings are
not touched, and a change of the contract shows in review.
"""
