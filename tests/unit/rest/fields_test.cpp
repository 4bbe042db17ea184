// Goal: a file name cannot leave its header field and arrives as it was. Method: look at the field.
#include "adapters/rest/fields.hpp"

#include <doctest/doctest.h>

using namespace axis;
using namespace axis::rest;

TEST_SUITE_BEGIN("rest/fields");

TEST_CASE("a plain name stands in both forms of Content-Disposition") {
    CHECK(
        content_disposition("a-b_1.pdf") == "attachment; filename=\"a-b_1.pdf\"; filename*=UTF-8''a-b_1.pdf"
    );
}

TEST_CASE("quotes, backslashes, line ends and percent signs of a name cannot end or change the field") {
    CHECK(
        content_disposition("a\"; x=\\\r\n%41.pdf") ==
        "attachment; filename=\"a__ x=____41.pdf\"; filename*=UTF-8''a%22%3B%20x%3D%5C%0D%0A%2541.pdf"
    );
}

TEST_CASE(
    "each Vietnamese letter becomes one underscore for old clients, composed or not counted by code point"
) {
    CHECK(
        content_disposition("Đề án.doc") ==
        "attachment; filename=\"__ _n.doc\"; filename*=UTF-8''%C4%90%E1%BB%81%20%C3%A1n.doc"
    );
}

TEST_CASE("a file's type is passed on only when it is one; its parameters stay behind") {
    CHECK(content_type("application/pdf; name=\"Báo cáo.pdf\"") == "application/pdf");
    CHECK(content_type("application/vnd.ms-excel") == "application/vnd.ms-excel");
    for (const auto* bad : {"", "pdf", "/pdf", "application/", "a/b/c", "a b/c", "\r\nX: y/z", "á/b"})
        CHECK(content_type(bad) == "application/octet-stream");
}

TEST_SUITE_END();
