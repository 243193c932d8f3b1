"""`make types` sees an attribute of the public interface that no annotation tells the type of."""

import pytest
from scripts import check_public_types

pytest.importorskip("pyright", reason="pyright is not installed")

ANNOTATED = """
class Point:
    def __init__(self, x: int) -> None:
        self.x: int = x * 2
"""


@pytest.fixture
def complaints_about(tmp_path, monkeypatch):
    package = tmp_path / "sample"
    package.mkdir()
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    def check(source, typed=True):
        (package / "__init__.py").write_text(source)
        if typed:
            (package / "py.typed").touch()
        return check_public_types.complaints(check_public_types.verify("sample"))

    return check


def test_an_annotated_package_passes(complaints_about):
    assert complaints_about(ANNOTATED) == []


def test_an_attribute_without_an_annotation_is_named(complaints_about):
    (complaint,) = complaints_about(ANNOTATED.replace("self.x: int", "self.x"))
    assert complaint.startswith("sample.Point.x: ")


def test_a_package_that_does_not_say_that_it_is_typed_is_refused(complaints_about):
    (complaint,) = complaints_about(ANNOTATED, typed=False)
    assert "py.typed" in complaint
