#include "adapters/vxp/comparison.hpp"

#include "adapters/vxp/calendar.hpp"
#include "gateway/base/text.hpp"
#include "gateway/model/agency_code.hpp"

#include <algorithm>
#include <map>

namespace axis::vxp {

namespace {

constexpr DifferenceKind sent_not_listed{
    "sent.not_listed",
    Owner::axis,
    "done here, not in the axis' list",
    "sổ ghi đã gửi, trục không có trong danh sách đã gửi",
    "ask the axis' operator about this docId; if they do not have it, post the document again",
    "Hỏi đơn vị vận hành trục về docId này; nếu trục không có, gửi lại văn bản."};
constexpr DifferenceKind sent_unknown{
    "sent.unknown",
    Owner::gateway,
    "in the axis' list, not done here",
    "trục ghi đã gửi bằng system_id của ta, sổ không ghi đã gửi",
    "axisctl queue: is it being reconciled? Else find who uses this system_id besides, or which backup was "
    "put back",
    "Chạy axisctl queue xem có phải lượt gửi đang đối soát; nếu không, tìm phần mềm khác đang dùng system_id "
    "này, hoặc bản sao lưu "
    "vừa khôi phục."};
constexpr DifferenceKind recipient_missing{
    "sent.recipient_missing",
    Owner::axis,
    "listed, but not for every recipient",
    "trục có, nhưng thiếu nơi nhận",
    "ask the axis' operator why these recipients got no copy; post the document to them again",
    "Hỏi đơn vị vận hành trục vì sao thiếu nơi nhận; gửi lại cho các nơi nhận đó."};
constexpr DifferenceKind send_failed{
    "status.differs.send",
    Owner::axis,
    "done here, failed at the axis",
    "sổ ghi đã gửi, trục ghi gửi lỗi",
    "ask the axis' operator; post the document again when it did not go out",
    "Hỏi đơn vị vận hành trục; nếu chưa gửi đi, gửi lại văn bản."};
constexpr DifferenceKind receive_failed{
    "status.differs.receive",
    Owner::recipient,
    "done here, the recipient's software gave it back as failed",
    "sổ ghi đã gửi, phần mềm nơi nhận báo nhận lỗi",
    "call the recipient; post the document again when they ask for it",
    "Gọi nơi nhận; gửi lại văn bản nếu họ yêu cầu."};
constexpr DifferenceKind received_unknown{
    "received.unknown",
    Owner::gateway,
    "waits at the axis, fetched by nobody",
    "còn trên trục, chưa được lấy về",
    "axisctl poke {}; then the log, vxp.fetch_failed",
    "Chạy axisctl poke {}; sau đó xem nhật ký vxp.fetch_failed."};
constexpr DifferenceKind received_unacknowledged{
    "received.unacknowledged",
    Owner::gateway,
    "stored here, the axis still waits for our acknowledgement",
    "đã lưu ở cổng, trục chưa được báo nhận",
    "axisctl poke {}; then the log, vxp.acknowledge_failed",
    "Chạy axisctl poke {}; sau đó xem nhật ký vxp.acknowledge_failed."};
constexpr DifferenceKind listed_again{
    "received.listed_again",
    Owner::axis,
    "acknowledged by us, listed again",
    "cổng đã báo nhận, trục vẫn liệt kê",
    "axisctl poke {} acknowledges again; when it comes back, tell the axis' operator",
    "axisctl poke {} sẽ báo nhận lại; nếu vẫn còn, báo đơn vị vận hành trục."};
constexpr DifferenceKind set_aside{
    "received.set_aside",
    Owner::sender,
    "set aside here, never acknowledged",
    "cổng đã cách ly, không báo nhận",
    "axisctl queue says why; tell the sender to send it anew",
    "Xem lý do bằng axisctl queue; báo nơi gửi gửi lại."};

std::string code_key(std::string_view text) {
    const auto code = model::AgencyCode::parse(trimmed(text));
    return code ? code->key() : std::string{trimmed(text)};
}

// One sending as the axis lists it.
struct Listed {
    const SentItem* first = nullptr;
    std::set<std::string> to;
    std::string send_failed, receive_failed;  // for whom
};

std::map<std::string, Listed> by_doc_id(const std::vector<SentItem>& rows) {
    std::map<std::string, Listed> out;
    for (const auto& row : rows) {
        if (row.sender_doc_id.empty()) continue;
        auto& listed = out[row.sender_doc_id];
        if (listed.first == nullptr) listed.first = &row;
        listed.to.insert(code_key(row.to));
        if (row.send_status == "fail") listed.send_failed += " " + printable(row.to, 64);
        if (row.receive_status == "fail") listed.receive_failed += " " + printable(row.to, 64);
    }
    return out;
}

void compare_one(const OwnSending& own, const Listed& listed, std::vector<Difference>& out) {
    const auto differs = [&](const DifferenceKind& kind, std::string detail) {
        out.push_back({&kind, own.doc_id, own.message, own.number, std::move(detail)});
    };
    std::string missing;
    for (const auto& code : own.to)
        if (!listed.to.contains(code_key(code))) missing += " " + code;
    if (!missing.empty()) differs(recipient_missing, missing.substr(1));
    if (!listed.send_failed.empty()) differs(send_failed, listed.send_failed.substr(1));
    if (!listed.receive_failed.empty()) differs(receive_failed, listed.receive_failed.substr(1));
}

}  // namespace

std::string_view name(Owner owner) {
    switch (owner) {
        case Owner::gateway:
            return "gateway";
        case Owner::axis:
            return "axis";
        case Owner::sender:
            return "sender";
        case Owner::recipient:
            break;
    }
    return "recipient";
}

std::vector<Difference> compare_sent(
    const std::vector<OwnSending>& own, const std::vector<SentItem>& listed, Span day
) {
    std::vector<Difference> out;
    const auto sendings = by_doc_id(listed);
    std::set<std::string> ours;
    for (const auto& one : own) {
        ours.insert(one.doc_id);
        if (!one.of_the_day) continue;
        const auto at = sendings.find(one.doc_id);
        if (at == sendings.end())
            out.push_back({&sent_not_listed, one.doc_id, one.message, one.number, ""});
        else
            compare_one(one, at->second, out);
    }
    for (const auto& [id, sending] : sendings) {
        const auto at = read_list_time(sending.first->sent_time);
        if (ours.contains(id) || (at && (*at < day.from || *at >= day.until))) continue;
        out.push_back(
            {&sent_unknown,
             id,
             {},
             printable(sending.first->notation, 128),
             printable(sending.first->from, 64) + ", " + printable(sending.first->title, 128)}
        );
    }
    return out;
}

std::vector<Difference> compare_received(
    const std::vector<ReceivedItem>& listed, const std::vector<ports::Known>& known, Time until
) {
    AXIS_ASSERT(listed.size() == known.size());
    std::vector<Difference> out;
    for (std::size_t i = 0; i < listed.size(); ++i) {
        const auto at = read_list_time(listed[i].created_time);
        if (at && *at >= until) continue;
        const auto& kind = known[i] == ports::Known::fresh         ? received_unknown
                           : known[i] == ports::Known::stored      ? received_unacknowledged
                           : known[i] == ports::Known::quarantined ? set_aside
                                                                   : listed_again;
        out.push_back({&kind, listed[i].doc_id, {}, "", listed[i].from});
    }
    return out;
}

}  // namespace axis::vxp
