// Document: the objects of a PDF as it is up to a place: the whole file, or the file as it was when one of
// its signatures was made. Internal to signature/pdf. Memory: Xref, the object stream read last.
#pragma once

#include "gateway/signature/pdf/reader.hpp"
#include "gateway/signature/pdf/value.hpp"
#include "gateway/signature/pdf/xref.hpp"

#include <memory>
#include <string>

namespace axis::signature::pdf {

class Document {
public:
    // From "startxref" near `end`. Encrypted ones are refused.
    static Read<Document> open(std::uint64_t end, Reader& reader);

    // Null when there is no such object.
    Read<Value> get(Ref ref);
    // What a value stands for: the object, when it is a reference.
    Read<Value> resolved(const Value& value);
    // A dictionary, or an empty one when there is nothing; something else is a fault.
    Read<Dict> dict(const Value& value, std::string_view what);

    const Xref& xref() const { return xref_; }
    Ref root_ref() const { return root_; }
    std::uint64_t startxref() const { return startxref_; }
    std::uint64_t end() const { return end_; }
    // What stands behind %%EOF is white space only.
    bool ends_clean() const { return ends_clean_; }

private:
    struct Packed;  // an object stream, decoded
    Document(std::uint64_t end, Reader& reader) : end_{end}, reader_{&reader} {}
    Read<> find_end();
    Read<Value> plain(const XrefEntry& entry, bool may_be_stream, bool length_may_be_packed);
    Read<std::uint64_t> length(Ref ref, bool may_be_packed);
    Read<Value> packed(const XrefEntry& entry);
    Read<std::shared_ptr<const Packed>> unpack(std::uint32_t number);

    std::uint64_t end_;
    Reader* reader_;
    std::uint64_t startxref_ = 0;
    bool ends_clean_ = false;
    Xref xref_;
    Ref root_;
    std::shared_ptr<const Packed> last_;
};

}  // namespace axis::signature::pdf
