import re

from food_inspections.storage.postgres import dictionary
from food_inspections.storage.postgres.connections import connected


def test_the_committed_dictionary_is_what_the_schema_says(database_url):
    with connected(database_url, is_read_only=True) as connection:
        fresh = dictionary.markdown(connection)

    stale = "docs/data_dictionary.md is stale: run python -m food_inspections.storage.postgres.dictionary"
    assert dictionary.DOCUMENT.read_text(encoding="utf-8") == fresh, stale


def test_every_schema_and_every_column_of_a_table_is_described(database_url):
    with connected(database_url, is_read_only=True) as connection:
        fresh = dictionary.markdown(connection)

    tables = [part for part in fresh.split("\n### ") if not part.split("\n")[0].endswith("(view)")]
    assert not re.findall(r"^\| `\w+` \| [^|]+ \|  \|$", "\n".join(tables), flags=re.MULTILINE)
    assert [line for line in fresh.splitlines() if line.startswith("## ")] == [f"## {s}" for s in dictionary.SCHEMAS]


def test_writing_makes_the_document(database_url, tmp_path):
    document = tmp_path / "dictionary.md"

    dictionary.write(database_url, document)

    assert "### data.inspection_features" in document.read_text(encoding="utf-8")
