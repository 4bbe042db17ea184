// import: a source in each of the shapes. What is imported is a package that may be posted; the files of the
// source are those of the package, in its order.
#include "gateway/package/import.hpp"

#include "gateway/base/text.hpp"
#include "tests/fuzz/harness.hpp"

using namespace axis;
using namespace axis::fuzz;
using package::Shape;

namespace {

// What the shapes cannot say.
constexpr std::string_view supplement =
    R"({"from": "G98.11", "to": ["G98"], "code": {"number": "7", "notation": "HS"},
  "issued": {"date": "2026-11-21"}, "type": {"name": "Phiếu chuyển"}, "subject": "V/v thử",
  "files": [{"name": "a.pdf"}]})";
const package::Classes ordinary{model::SecurityClass::ordinary, false, false};

void check_files(const package::Imported& imported, const model::Package& package) {
    std::size_t at = 0;
    for (const auto& file : imported.files) {
        const auto digest = sha256(file.bytes);
        while (at < package.files.size() &&
               (package.files[at].name != file.name || package.files[at].sha256 != digest))
            ++at;
        require(
            at < package.files.size(), "a file stands in the package, in its order", imported.package_json
        );
        ++at;
    }
}

void check(Shape shape, std::string_view source, std::string_view more) {
    const auto imported = package::import_package(shape, source, more, ordinary);
    if (!imported) return require(is_utf8(to_string(imported.error())), "a refusal is UTF-8");
    const auto parsed = package::parse(imported->package_json);
    require(parsed.has_value(), "what is imported may be posted", said(parsed));
    for (const auto& pointer : imported->left_out)
        require(pointer.starts_with('/') && is_utf8(pointer), "what is left out has its pointer");
    check_files(*imported, *parsed);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto source = text_of(data, size);
    for (const auto shape : {Shape::pvn, Shape::flat, Shape::inline_files}) {
        check(shape, source, supplement);
        check(shape, source, {});
    }
    check(Shape::inline_files, supplement, source);
    return 0;
}
