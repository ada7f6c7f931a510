"""HTTP for machines: ``path("api/v1/", include("eventstore.api.urls"))``."""
