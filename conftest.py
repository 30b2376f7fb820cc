"""The Python examples of all READMEs are run as tests."""

from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser

pytest_collect_file = Sybil(parsers=[PythonCodeBlockParser()], patterns=["*README.md"]).pytest()

collect_ignore = ["events/store/migrations"]  # Alembic runs these, inside a migration only
