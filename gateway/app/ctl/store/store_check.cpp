#include "gateway/app/ctl/store/store_check.hpp"

#include "gateway/ledger/ledger_file.hpp"
#include "gateway/spool/look.hpp"

namespace axis::ctl {

namespace {

namespace fs = std::filesystem;

constexpr std::chrono::hours young_for{3};  // the daemon collects every hour what is older than one

class StoreCheck {
public:
    StoreCheck(ledger::LedgerFile& ledger, fs::path spool, bool digests)
        : ledger_{ledger}, spool_{std::move(spool)}, digests_{digests} {}

    Result<StoreReport> run() {
        for (auto step :
             {&StoreCheck::pages,
              &StoreCheck::references,
              &StoreCheck::journal,
              &StoreCheck::texts,
              &StoreCheck::files,
              &StoreCheck::counts}) {
            auto looked = (this->*step)();
            // A damaged page may stop a look; the others still tell something.
            if (!looked && looked.error().code != errc::ledger_damaged) return looked.error();
            if (!looked) found("page", looked.error().detail);
        }
        return std::move(report_);
    }

private:
    void found(std::string what, std::string detail) {
        if (++report_.finding_count <= StoreReport::kept_max)
            report_.findings.push_back({std::move(what), std::move(detail)});
    }
    void noted(std::string what, std::string detail) {
        if (++report_.note_count <= StoreReport::kept_max)
            report_.notes.push_back({std::move(what), std::move(detail)});
    }

    Result<> pages() {
        auto lines = ledger_.integrity();
        if (!lines) return lines.error();
        for (auto& line : *lines) found("page", std::move(line));
        return {};
    }

    Result<> references() {
        auto lines = ledger_.loose_references();
        if (!lines) return lines.error();
        for (auto& line : *lines) found("reference", std::move(line));
        return {};
    }

    Result<> journal() {
        auto broken = ledger_.broken_row();
        if (!broken) return broken.error();
        if (*broken)
            found("journal", "row " + std::to_string(**broken) + " does not follow the one before it");
        auto last = ledger_.last_row();
        if (!last) return last.error();
        if (*last) report_.last_hash = (*last)->hash.hex();
        return {};
    }

    // From the ledger to the spool.
    Result<> texts() {
        return ledger_.each_blob([this](const ledger::BlobFacts& blob) -> Result<> {
            ++report_.texts;
            return blob.in_ledger ? inside(blob) : outside(blob);
        });
    }

    Result<> inside(const ledger::BlobFacts& blob) {
        auto text = ledger_.text(blob.sha256);
        if (!text && text.error().code == errc::blob_missing) return {};  // collected meanwhile
        if (!text) return text.error();
        if (text->size() != blob.bytes)
            found("text.size", blob.sha256.hex() + " in the ledger: " + std::to_string(text->size()));
        else if (digests_ && sha256(*text) != blob.sha256)
            found("text.digest", blob.sha256.hex() + " in the ledger");
        return {};
    }

    Result<> outside(const ledger::BlobFacts& blob) {
        const auto file = spool::address_in(spool_, blob.sha256);
        std::error_code failure;
        const auto bytes = fs::file_size(file, failure);
        if (failure) return missing(blob, failure.message());
        if (bytes != blob.bytes)
            found(
                "text.size",
                file.string() + ": " + std::to_string(bytes) + " of " + std::to_string(blob.bytes)
            );
        else if (digests_)
            digest(blob, file);
        return {};
    }

    // Unless it was collected between the two looks.
    Result<> missing(const ledger::BlobFacts& blob, const std::string& why) {
        auto still = ledger_.blob(blob.sha256);
        if (!still) return still.error();
        if (*still && !(*still)->in_ledger) found("text.missing", blob.sha256.hex() + ": " + why);
        return {};
    }

    void digest(const ledger::BlobFacts& blob, const fs::path& file) {
        const auto digest = spool::digest_of_file(file);
        if (!digest)
            found("text.missing", to_string(digest.error()));
        else if (*digest != blob.sha256)
            found("text.digest", file.string());
    }

    // From the spool to the ledger.
    Result<> files() {
        return spool::each_text(spool_, young_for, [this](const spool::SeenText& seen) -> Result<> {
            if (seen.young) return {};
            auto row = ledger_.blob(seen.sha256);
            if (!row) return row.error();
            if (!*row)
                noted(
                    "text.unknown", seen.sha256.hex() + ": no message has it; axisd removes it when it runs"
                );
            return {};
        });
    }

    Result<> counts() {
        report_.version = ledger_.version();
        for (auto [table, into] :
             {std::pair{"message", &report_.messages}, {"journal", &report_.journal_rows}}) {
            auto count = ledger_.count(table);
            if (!count) return count.error();
            *into = *count;
        }
        return {};
    }

    ledger::LedgerFile& ledger_;
    fs::path spool_;
    bool digests_;
    StoreReport report_;
};

}  // namespace

Result<StoreReport> check_store(const fs::path& state_dir, bool digests) {
    auto ledger = ledger::LedgerFile::open(state_dir / "ledger.db");
    if (!ledger) return ledger.error();
    return StoreCheck{**ledger, state_dir / "spool", digests}.run();
}

}  // namespace axis::ctl
