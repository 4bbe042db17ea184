#!/usr/bin/env python3
"""schemas/codes/ has its form, and the schemas say the same as the lists and as each other. No program runs."""
import datetime
import json
import unittest
import xml.etree.ElementTree as ET

import common

SCHEMAS = common.ROOT / "schemas"
XSI = "{http://www.w3.org/2001/XMLSchema}"
ENTRY = {"code", "vi", "en", "note", "word", "inferred", "sent_by", "needs_reason"}
# Words of package.schema.json, by the list that explains them.
WORDS = {"document-groups": "type/group", "priorities": "priority", "steering-from-0": "steering", "steering-from-1": "steering",
         "business-types": "business/type", "receiver-types": "business/updates/receivers/type"}


def meanings(schema, node):
    """What a schema's node stands for: itself, what it refers to, its items and alternatives."""
    yield node
    inner = [schema["$defs"][node["$ref"].rpartition("/")[2]]] if "$ref" in node else []
    for other in inner + node.get("oneOf", []) + ([node["items"]] if "items" in node else []):
        yield from meanings(schema, other)


def of_package(schema, path, key):
    """What `key` is of the property at `path`."""
    node = schema
    for step in path.split("/"):
        node = next(m["properties"][step] for m in meanings(schema, node) if step in m.get("properties", {}))
    return next(m[key] for m in meanings(schema, node) if key in m)


# Element of emit.xsd (complex type or group, element) for each text of a package whose length is limited.
LENGTHS = {
    "code/number": "Code/CodeNumber", "code/notation": "Code/CodeNotation", "issued/place": "PromulgationInfo/Place",
    "type/name": "DocumentType/TypeName", "subject": "document/Subject", "content": "document/Content",
    "signer/competence": "SignerInfo/Competence", "signer/position": "SignerInfo/Position", "signer/full_name": "SignerInfo/FullName",
    "sphere": "OtherInfo/SphereOfPromulgation", "typist": "OtherInfo/TyperNotation", "appendixes": "Appendixes/Appendix",
    "reply_fors": "OtherInfo/ReplyFors", "reference_codes": "OtherInfo/ReferenceCodes", "to_places": "ToPlaces/Place",
    "tasks": "ResponseForTask/TaskCode", "application_type": "document/ApplicationType", "response_for/code": "ResponseFor/Code",
    "response_for/document_id": "ResponseFor/DocumentId", "from/name": "Organization/OrganName", "from/address": "Organization/OrganAdd",
    "from/in_charge": "Organization/OrganizationInCharge", "from/email": "Organization/Email", "from/telephone": "Organization/Telephone",
    "from/fax": "Organization/Fax", "from/website": "Organization/Website", "staff/department": "StaffInfo/Department",
    "staff/staff": "StaffInfo/Staff", "staff/email": "StaffInfo/Email", "staff/mobile": "StaffInfo/Mobile",
    "staff/department_id": "StaffInfo/DepartmentId", "staff/staff_id": "StaffInfo/StaffId", "files/description": "Attachment/Description",
}


def emit_types():
    root = ET.parse(SCHEMAS / "edxml-102-emit.xsd").getroot()
    elements = {f"{t.get('name')}/{e.get('name')}": e.get("type") for t in root if t.get("name") for e in t.iter(XSI + "element")}
    simple = {t.get("name"): t for t in root.iter(XSI + "simpleType")}
    return elements, simple


def lengths(schema):
    """Path in the package -> (emit.xsd's limit, the package's)."""
    elements, simple = emit_types()
    return {path: (int(simple[elements[element]].find(f".//{XSI}maxLength").get("value")), of_package(schema, path, "maxLength"))
            for path, element in LENGTHS.items()}


class Codes(unittest.TestCase):
    def setUp(self):
        self.lists = {f: json.loads(f.read_text()) for f in sorted((SCHEMAS / "codes").glob("*.json"))}
        self.package = json.loads((SCHEMAS / "package.schema.json").read_text())
        self.status = json.loads((SCHEMAS / "status.schema.json").read_text())

    def latest(self, list_name):
        return max((c for c in self.lists.values() if c["list"] == list_name), key=lambda c: c["valid_from"])["entries"]

    def test_every_list_has_its_form_its_source_and_its_day(self):
        self.assertTrue(self.lists)
        for file, codes in self.lists.items():
            with self.subTest(file.name):
                self.assertEqual(set(codes) - {"valid_to"}, {"list", "vi", "en", "element", "source", "valid_from", "entries"})
                self.assertEqual(file.name, f"{codes['list']}.{codes['valid_from']}.json")
                self.assertTrue(all(codes[key].strip() for key in ("vi", "en", "element", "source")))
                since = datetime.date.fromisoformat(codes["valid_from"])
                self.assertLess(since, datetime.date.fromisoformat(codes.get("valid_to", "9999-12-31")))
                entries = codes["entries"]
                self.assertTrue(entries)
                self.assertEqual(len({e["code"] for e in entries}), len(entries), "a code twice")
                for entry in entries:
                    self.assertLessEqual({"code", "vi", "en"}, set(entry), entry)
                    self.assertLessEqual(set(entry), ENTRY, entry)
                    self.assertTrue(all(entry[key].strip() for key in ("code", "vi", "en")), entry)

    def test_two_editions_of_a_list_are_never_in_force_together(self):
        by_list = {}
        for codes in self.lists.values():
            by_list.setdefault(codes["list"], []).append((codes["valid_from"], codes.get("valid_to", "9999-12-31")))
        for list_name, periods in by_list.items():
            for (_, end), (start, _) in zip(sorted(periods), sorted(periods)[1:]):
                self.assertLess(end, start, list_name)

    def test_the_words_of_a_package_are_those_of_the_lists(self):
        for list_name, path in WORDS.items():
            words = [e["word"] for e in self.latest(list_name)]
            self.assertEqual(sorted(words), sorted(w for w in of_package(self.package, path, "enum") if w), list_name)
        self.assertEqual([e["code"] for e in self.latest("security-classes")], of_package(self.package, "security_class", "enum"))

    def test_the_statuses_are_those_of_the_schemas(self):
        entries = self.latest("statuses")
        codes = [e["code"] for e in entries]
        self.assertEqual(codes, self.status["properties"]["code"]["enum"])
        self.assertEqual(codes, self.emitted("status-code"))
        self.assertEqual([e["code"] for e in entries if e.get("needs_reason")], self.status["allOf"][0]["if"]["properties"]["code"]["enum"])
        self.assertEqual([e["code"] for e in self.latest("business-types")], self.emitted("business-type"))

    def emitted(self, type_name):
        return [e.get("value") for e in emit_types()[1][type_name].iter(XSI + "enumeration")]

    def test_a_text_may_be_as_long_in_the_envelope_as_in_the_package(self):
        for path, (emitted, packaged) in lengths(self.package).items():
            self.assertEqual(emitted, packaged, f"{path}: {LENGTHS[path]}")


if __name__ == "__main__":
    common.main()
