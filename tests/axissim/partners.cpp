#include "tests/axissim/partners.hpp"

#include "gateway/base/log.hpp"
#include "gateway/base/offload.hpp"

#include <algorithm>

namespace axis::sim {

namespace {

std::string text_for(std::string_view code) {
    if (code == "01") return "Phần mềm đã nhận văn bản (mô phỏng)";
    if (code == "02") return "Gửi nhầm đơn vị (mô phỏng)";
    if (code == "03") return "Đã tiếp nhận, vào sổ văn bản đến (mô phỏng)";
    if (code == "06") return "Đã hoàn thành xử lý (mô phỏng)";
    if (code == "15") return "Đồng ý (mô phỏng)";
    return "Không đồng ý (mô phỏng)";
}

bool asks_consent(const Facts& facts) {
    if (facts.is_status) return facts.status_code == "13";
    return facts.business_type == "1" || facts.business_type == "2";
}

// A document answers for itself, a recall for the document it names.
StatusText response(const Facts& about) {
    StatusText status;
    status.response_for = about.from;
    status.response_code = about.is_status ? about.response_code : about.full_number();
    status.response_date = about.is_status ? about.response_date : about.date;
    status.response_document_id = about.is_status ? about.response_document_id : about.document_id;
    return status;
}

}  // namespace

std::optional<Behaviour> behaviour_named(std::string_view name) {
    static constexpr std::string_view names[]{"none", "arrive", "accept", "refuse", "finish"};
    const auto at = std::ranges::find(names, name);
    if (at == std::end(names)) return std::nullopt;
    return static_cast<Behaviour>(at - std::begin(names));
}

std::vector<std::string> answers_to(const Facts& facts, Behaviour behaviour) {
    const bool consent = asks_consent(facts);
    if (behaviour == Behaviour::none || (facts.is_status && !consent)) return {};
    if (behaviour == Behaviour::arrive)
        return facts.is_status ? std::vector<std::string>{} : std::vector<std::string>{"01"};
    if (consent) return {behaviour == Behaviour::refuse ? "16" : "15"};
    if (behaviour == Behaviour::refuse) return {"02"};
    if (behaviour == Behaviour::finish) return {"01", "03", "06"};
    return {"01", "03"};
}

void Partners::add(Partner partner) {
    const auto code = partner.code;
    partners_.insert_or_assign(code, std::move(partner));
}

const Partner* Partners::find(std::string_view code) const {
    const auto at = partners_.find(code);
    return at == partners_.end() ? nullptr : &at->second;
}

void Partners::notice(const Message& message) {
    for (const auto& copy : message.copies) {
        const auto* partner = find(copy.code);
        if (partner == nullptr || partner->behaviour == Behaviour::none) continue;
        const auto answers = answers_to(message.facts, partner->behaviour).size();
        if (copy.acknowledged() && static_cast<std::size_t>(copy.partner_steps) >= answers) continue;
        due_.emplace(clock_.now() + delay_, copy.id);
    }
    wakeup_.notify();
}

void Partners::resume() {
    for (const auto& message : store_.messages()) notice(message);
}

Task<> Partners::run() {
    for (;;) {
        while (!due_.empty() && due_.begin()->first <= clock_.now()) {
            const auto copy_id = due_.begin()->second;
            due_.erase(due_.begin());
            answer(copy_id);
        }
        const auto until = due_.empty() ? Time::max() : due_.begin()->first;
        co_await clock_.wait(wakeup_, until);
    }
}

void Partners::answer(const std::string& copy_id) {
    const Message* message = nullptr;
    auto* copy = store_.copy(copy_id, &message);
    const auto* partner = copy == nullptr ? nullptr : find(copy->code);
    if (partner == nullptr) return;  // cleared meanwhile
    if (!copy->acknowledged()) store_.set_transport(*copy, "done");
    const auto answers = answers_to(message->facts, partner->behaviour);
    const auto step = static_cast<std::size_t>(copy->partner_steps);
    if (step >= answers.size()) return;
    send_status(*partner, message->facts, answers[step]);
    store_.set_partner_steps(*copy, copy->partner_steps + 1);
    if (step + 1 < answers.size()) due_.emplace(clock_.now() + delay_, copy_id);
}

void Partners::send_status(const Partner& partner, const Facts& about, const std::string& code) {
    auto status = response(about);
    status.from = {partner.code, partner.name};
    status.code = code;
    status.description = text_for(code);
    status.at = clock_.now();
    const auto verdict = post(write_status(status), partner);
    if (!verdict.ok()) log::warn("axissim.partner_refused", "partner", partner.code, "code", verdict.code);
}

Verdict Partners::post(std::string_view text, const Partner& partner) {
    auto file = store_.stage();
    if (!file || !file->append(text)) return refused("20");
    auto facts = read_facts(file->path());
    if (!facts) return refused_facts(facts.error());
    const Message* kept = nullptr;
    return office_.accept(std::move(*file), std::move(*facts), partner.system(), kept);
}

Task<Result<Partners::Sent>> Partners::send(DocumentText document) {
    const auto* partner = find(document.from.code);
    if (partner == nullptr)
        co_return Error{errc::recipient_unknown, document.from.code + " is no simulated partner"};
    document.from.name = partner->name;
    for (auto& to : document.to)
        if (const auto* agency = directory_.find(to.code)) to.name = agency->name;
    document.at = clock_.now();
    const auto system = partner->system();
    auto file = store_.stage();
    if (!file) co_return file.error();
    auto* const staged = &*file;
    auto* const random = &random_;
    auto work = [document, staged, random]() -> Result<Facts> {
        auto written = write_document(document, *random, [staged](std::string_view piece) {
            return staged->append(piece);
        });
        if (!written) return written.error();
        return read_facts(staged->path());
    };
    auto facts = co_await offload(files_, std::move(work));
    if (!facts) co_return facts.error();
    const Message* kept = nullptr;
    Sent sent;
    sent.verdict = office_.accept(std::move(*file), std::move(*facts), system, kept);
    if (kept != nullptr) sent.doc_id = kept->id;
    co_return sent;
}

}  // namespace axis::sim
