#include "gateway/signature/spliced.hpp"

#include "gateway/base/digest.hpp"

#include <array>

namespace axis::signature {

namespace {

// The line ends of a piece as XML has them, whatever the pieces are.
class LineEnds {
public:
    explicit LineEnds(Digest& digest) : digest_{digest} {}

    void pass(std::string_view piece) {
        while (!piece.empty()) {
            if (after_cr_ && piece.front() == '\n') piece.remove_prefix(1);
            after_cr_ = false;
            const auto cr = piece.find('\r');
            digest_.update(piece.substr(0, cr));
            if (cr == std::string_view::npos) return;
            digest_.update("\n");
            after_cr_ = true;
            piece.remove_prefix(cr + 1);
        }
    }

private:
    Digest& digest_;
    bool after_cr_ = false;
};

}  // namespace

Tokens::Tokens(Random& random) {
    std::array<std::uint8_t, 16> bytes{};
    random.fill(bytes);
    prefix_ = to_hex(bytes) + "+";
}

std::string Tokens::splice(const SplitEnvelope& envelope) const {
    std::string out;
    std::size_t done = 0;
    for (std::size_t n = 0; n < envelope.offsets.size(); ++n) {
        out.append(envelope.skeleton.substr(done, envelope.offsets[n] - done)).append(token(n));
        done = envelope.offsets[n];
    }
    return out.append(envelope.skeleton.substr(done));
}

Result<> Tokens::digest(std::string_view canonical, const SplitEnvelope& envelope, Digest& digest, bool& all)
    const {
    all = false;
    for (std::size_t n = 0; n < envelope.offsets.size(); ++n) {
        const auto wanted = token(n);
        const auto at = canonical.find(prefix_);
        if (at == std::string_view::npos || !canonical.substr(at).starts_with(wanted)) return {};
        digest.update(canonical.substr(0, at));
        LineEnds ends{digest};
        auto passed = envelope.text(n, [&ends](std::string_view piece) -> Result<> {
            ends.pass(piece);
            return {};
        });
        if (!passed) return passed;
        canonical.remove_prefix(at + wanted.size());
    }
    all = canonical.find(prefix_) == std::string_view::npos;
    digest.update(canonical);
    return {};
}

}  // namespace axis::signature
