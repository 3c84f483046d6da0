"""Open data that notebooks and tests are run on."""
