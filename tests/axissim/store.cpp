#include "tests/axissim/store.hpp"

#include "gateway/base/digest.hpp"
#include "gateway/base/log.hpp"

#include <boost/json/array.hpp>
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace axis::sim {

namespace {

Time time_at(const boost::json::value& value) {
    return Time{Duration{value.to_number<std::int64_t>()}};
}

std::string text_at(const boost::json::object& line, std::string_view key) {
    return std::string{std::string_view{line.at(key).as_string()}};
}

Copy new_copy(std::string id, std::string code, std::string system, Time at) {
    Copy copy;
    copy.id = std::move(id);
    copy.code = std::move(code);
    copy.system = std::move(system);
    copy.updated = at;
    return copy;
}

boost::json::object message_line(const Message& message) {
    boost::json::array copies;
    for (const auto& copy : message.copies)
        copies.push_back({{"id", copy.id}, {"code", copy.code}, {"system", copy.system}});
    return {
        {"kind", "message"},
        {"id", message.id},
        {"system", message.system},
        {"at", message.at.time_since_epoch().count()},
        {"copies", std::move(copies)}};
}

}  // namespace

StagedFile::~StagedFile() {
    if (!path_.empty()) ::unlink(path_.c_str());
}

Result<> StagedFile::append(std::string_view bytes) {
    size_ += bytes.size();
    while (!bytes.empty()) {
        const auto n = ::write(fd_.get(), bytes.data(), bytes.size());
        if (n < 0) return Error{errc::io_failed, path_.string() + ": " + errno_text(errno)};
        bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return {};
}

Result<> StagedFile::truncate(std::uint64_t bytes) {
    if (::ftruncate(fd_.get(), static_cast<off_t>(bytes)) != 0)
        return Error{errc::io_failed, path_.string() + ": " + errno_text(errno)};
    size_ = bytes;
    return {};
}

Result<std::unique_ptr<Store>> Store::open(std::filesystem::path dir, const Clock& clock, Random& random) {
    std::error_code ec;
    std::filesystem::remove_all(dir / "tmp", ec);
    std::filesystem::create_directories(dir / "tmp", ec);
    std::filesystem::create_directories(dir / "blobs", ec);
    if (ec) return Error{errc::io_failed, dir.string() + ": " + ec.message()};
    std::unique_ptr<Store> store{new Store{dir, clock, random}};
    auto journal = Journal::open(dir / "messages.jsonl", [&store](const auto& line) { store->apply(line); });
    if (!journal) return journal.error();
    store->journal_ = std::make_unique<Journal>(std::move(*journal));
    return store;
}

void Store::apply(const boost::json::object& line) {
    const auto kind = text_at(line, "kind");
    const auto id = text_at(line, "id");
    if (kind != "message") {
        auto* known = copy(id);
        if (known == nullptr) return;
        if (kind == "partner") known->partner_steps = line.at("steps").to_number<int>();
        if (kind != "transport") return;
        known->transport = text_at(line, "status");
        known->note = text_at(line, "note");
        known->updated = time_at(line.at("at"));
        return;
    }
    Message message;
    message.id = id;
    message.system = text_at(line, "system");
    message.at = time_at(line.at("at"));
    for (const auto& entry : line.at("copies").as_array()) {
        const auto& o = entry.as_object();
        message.copies.push_back(
            new_copy(text_at(o, "id"), text_at(o, "code"), text_at(o, "system"), message.at)
        );
    }
    auto facts = read_facts(blob(message));
    if (!facts) {
        log::warn("axissim.blob_unreadable", "doc", message.id, "reason", facts.error());
        return;
    }
    std::error_code ec;
    message.facts = std::move(*facts);
    message.bytes = std::filesystem::file_size(blob(message), ec);
    index(messages_.emplace_back(std::move(message)));
}

void Store::index(Message& message) {
    ids_[message.id] = {&message, nullptr};
    for (auto& copy : message.copies) ids_[copy.id] = {&message, &copy};
}

std::string Store::new_id() {
    std::array<std::uint8_t, 12> bytes{};
    random_.fill(bytes);
    return to_hex(bytes);
}

std::filesystem::path Store::scratch() {
    return dir_ / "tmp" / new_id();
}

Result<StagedFile> Store::stage() {
    auto path = scratch();
    Fd fd{::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600)};
    if (!fd) return Error{errc::io_failed, path.string() + ": " + errno_text(errno)};
    return StagedFile{std::move(path), std::move(fd)};
}

Result<const Message*> Store::add(
    StagedFile file, Facts facts, std::string system, const std::vector<Recipient>& to
) {
    Message message;
    message.id = new_id();
    message.system = std::move(system);
    message.facts = std::move(facts);
    message.bytes = file.size();
    message.at = clock_.now();
    for (const auto& recipient : to)
        message.copies.push_back(new_copy(new_id(), recipient.code, recipient.system, message.at));
    std::error_code ec;
    std::filesystem::rename(file.path(), blob(message), ec);
    if (ec) return Error{errc::io_failed, ec.message()};
    file.keep();
    journal_->append(message_line(message));
    auto& kept = messages_.emplace_back(std::move(message));
    index(kept);
    return &kept;
}

void Store::set_transport(Copy& copy, std::string_view transport, std::string_view note) {
    copy.transport = transport;
    copy.note = note;
    copy.updated = clock_.now();
    journal_->append(
        {{"kind", "transport"},
         {"id", copy.id},
         {"status", transport},
         {"note", note},
         {"at", copy.updated.time_since_epoch().count()}}
    );
}

void Store::set_partner_steps(Copy& copy, int steps) {
    copy.partner_steps = steps;
    journal_->append({{"kind", "partner"}, {"id", copy.id}, {"steps", steps}});
}

void Store::clear() {
    std::error_code ec;
    for (const auto& message : messages_) std::filesystem::remove(blob(message), ec);
    messages_.clear();
    ids_.clear();
    journal_->clear();
}

std::vector<Found> Store::listed(std::string_view system, bool statuses, bool with_acknowledged) {
    std::vector<Found> out;
    for (auto& message : messages_)
        for (auto& copy : message.copies)
            if (message.facts.is_status == statuses && copy.system == system &&
                (with_acknowledged || !copy.acknowledged()))
                out.push_back({&message, &copy});
    return out;
}

Found Store::find(std::string_view doc_id, std::string_view system) {
    const auto at = ids_.find(doc_id);
    if (at == ids_.end()) return {};
    const auto& [message, copy] = at->second;
    const auto& owner = copy != nullptr ? copy->system : message->system;
    return owner == system ? Found{message, copy} : Found{};
}

Copy* Store::copy(std::string_view id, const Message** message) {
    const auto at = ids_.find(id);
    if (at == ids_.end()) return nullptr;
    if (message != nullptr) *message = at->second.first;
    return at->second.second;
}

const Message* Store::message(std::string_view id) const {
    const auto at = ids_.find(id);
    return at == ids_.end() ? nullptr : at->second.first;
}

}  // namespace axis::sim
