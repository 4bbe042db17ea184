#include "gateway/app/ctl/print.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/value_to.hpp>

namespace axis::ctl {

namespace {

namespace json = boost::json;

std::string clock_part(const std::string& time) {
    return time.size() > 19 ? time.substr(0, 10) + " " + time.substr(11, 8) : time;
}

void print_recipient(std::ostream& out, const Options& o, const json::value& r) {
    out << "  → " << member(r, "code");
    if (!member(r, "name").empty()) out << " (" << member(r, "name") << ")";
    out << ": " << member(r, o.vi() ? "label" : "label_en") << " [" << member(r, "delivery")
        << (member(r, "status").empty() ? "" : ", ") << member(r, "status") << "]";
    if (!member(r, "description").empty()) out << " — " << member(r, "description");
    if (!member(r, "reason").empty()) out << " — " << member(r, "reason") << " " << member(r, "detail");
    if (!member(r, "remote_id").empty())
        out << o.say(", mã trên trục ", ", axis id ") << member(r, "remote_id");
    out << "\n";
}

void print_signature(std::ostream& out, const json::value& s, std::string_view heading, const Options& o) {
    out << heading << member(s, "verdict") << " (" << member(s, "code") << ")";
    const auto* facts = s.as_object().if_contains("facts");
    const auto* signer = facts && facts->is_object() ? facts->as_object().if_contains("signer") : nullptr;
    if (signer && signer->is_object())
        out << " " << member(*signer, "name") << ", " << member(*facts, "algorithm")
            << o.say(", thu hồi: ", ", revocation: ") << member(*facts, "revocation");
    if (signer && signer->is_object() && facts->as_object().contains("proven_at"))
        out << o.say(", có từ: ", ", proven: ") << member(*facts, "proven_at");
    out << "\n";
}

// Signatures inside a file: the whole, then each signer, then the named checks.
void print_file_signature(std::ostream& out, const Options& o, const json::value& s) {
    out << o.say("           chữ ký: ", "           signature: ") << member(s, "verdict") << " ("
        << member(s, "code") << ")\n";
    const auto* facts = s.as_object().if_contains("facts");
    if (!facts) return;
    for (const auto& one : list(*facts, "signatures")) {
        const auto* own = one.as_object().if_contains("facts");
        const auto* signer = own && own->is_object() ? own->as_object().if_contains("signer") : nullptr;
        out << "             " << member(one, "verdict") << " (" << member(one, "code") << ")";
        if (signer && signer->is_object())
            out << " " << member(*signer, "name") << ", " << member(*signer, "organisation") << " ("
                << (member(one, "time_stamp") == "true" ? "time stamp" : member(one, "kind")) << ")"
                << o.say(", thu hồi: ", ", revocation: ") << member(*own, "revocation");
        out << "\n";
    }
    for (const auto& check : list(*facts, "checks"))
        out << "             " << member(check, "outcome") << " " << member(check, "name") << ": "
            << member(check, "detail") << "\n";
}

std::string_view halted_text(const Options& o, const std::string& why) {
    if (why == "trial")
        return o.say("CHẠY THỬ: chưa gửi gì (mode = \"trial\")", "TRIAL: nothing is sent (mode = \"trial\")");
    if (why == "held")
        return o.say("ĐANG GIỮ: quản trị đã giữ lại cả làn", "HELD: an operator holds the lane");
    if (why == "unreachable")
        return o.say(
            "KHÔNG TỚI ĐƯỢC: bên nhận không trả lời, lâu lâu thử một lần",
            "UNREACHABLE: nobody answers; tried now and then"
        );
    if (why == "no_worker")
        return o.say(
            "KHÔNG CÓ TIẾN TRÌNH GỬI: chưa nối được RabbitMQ hoặc chưa có tiến trình nào nhận việc",
            "NO WORKER: RabbitMQ is away or no process takes work from it"
        );
    return o.say("TẠM DỪNG: trục từ chối khoá", "PAUSED: the axis refuses our credentials");
}

void print_lane(std::ostream& out, const Options& o, const json::value& lane) {
    out << "  " << member(lane, "endpoint") << ":";
    const auto& counts = lane.as_object().at("deliveries").as_object();
    if (counts.empty()) out << o.say(" không có gì chờ", " nothing waiting");
    for (const auto& entry : counts)
        out << " " << std::string_view{entry.key().data(), entry.key().size()} << "="
            << json::serialize(entry.value());
    if (!member(lane, "next_due").empty())
        out << o.say(", lần tới ", ", next at ") << clock_part(member(lane, "next_due"));
    if (!member(lane, "halted").empty()) out << ", " << halted_text(o, member(lane, "halted"));
    if (!member(lane, "halted_until").empty())
        out << o.say(", thử lại lúc ", ", next try at ") << clock_part(member(lane, "halted_until"));
    out << "\n";
}

std::string_view standing_text(const Options& o, const std::string& standing) {
    if (standing == "open") return o.say("đã nối", "connected");
    if (standing == "blocked")
        return o.say("BỊ CHẶN: thiếu bộ nhớ hoặc đĩa", "BLOCKED: its memory or disk is short");
    return o.say("MẤT KẾT NỐI", "NOT CONNECTED");
}

void print_queues(std::ostream& out, const Options& o, const json::value& owner) {
    for (const auto& one : list(owner, "queues"))
        out << "  " << member(one, "name") << o.say(": chờ ", ": waiting ") << member(one, "waiting")
            << o.say(", nơi nhận ", ", consumers ") << member(one, "consumers") << "\n";
}

// Both sides, and what lies between them.
void print_broker(std::ostream& out, const Options& o, const json::value& queue) {
    const auto* broker = queue.as_object().if_contains("broker");
    if (!broker || broker->is_null()) return;
    long long waiting = 0;
    for (const auto& one : list(*broker, "queues")) waiting += std::atoll(member(one, "waiting").c_str());
    const auto offered = member(*broker, "offered");
    const auto difference = std::atoll(offered.c_str()) - waiting;
    out << "RabbitMQ: " << standing_text(o, member(*broker, "standing"))
        << o.say(", tiến trình gửi: ", ", workers: ") << member(*broker, "workers")
        << o.say(". Sổ giao dịch: chào ", ". Ledger: offered ") << offered << o.say(", đang gửi ", ", begun ")
        << member(*broker, "begun") << o.say(". RabbitMQ giữ: ", ". RabbitMQ holds: ") << waiting;
    if (difference > 0)
        out << o.say(". Lệch ", ". Difference ") << difference
            << o.say(
                   ": đang trong tay tiến trình gửi, hoặc RabbitMQ đã mất và cổng tự chào lại",
                   ": in the hands of workers, or lost by RabbitMQ and offered again by itself"
               );
    if (difference < 0)
        out << o.say(". Lệch ", ". Difference ") << difference
            << o.say(
                   ": lượt chào đã cũ, tự bỏ khi tới nơi", ": old offers, dropped when somebody takes them"
               );
    out << "\n";
    print_queues(out, o, *broker);
}

void print_software(std::ostream& out, const Options& o, const json::value& queue) {
    const auto* software = queue.as_object().if_contains("software");
    if (!software || software->is_null()) return;
    out << o.say("RabbitMQ cho phần mềm văn bản: ", "RabbitMQ for document software: ")
        << standing_text(o, member(*software, "standing")) << "\n";
    print_queues(out, o, *software);
}

}  // namespace

void print_status(std::ostream& out, const Options& o, const json::value& s) {
    out << "axisd " << member(s, "version") << ", " << member(s, "agency") << ", "
        << o.say("chạy từ ", "running since ") << clock_part(member(s, "started")) << "\n";
    out << (member(s, "ready") == "true" ? o.say("Sẵn sàng", "Ready")
                                         : o.say("CHƯA sẵn sàng: ", "NOT ready: "))
        << member(s, "why") << o.say(". Đĩa còn ", ". Disk free ")
        << std::atoll(member(s, "free_bytes").c_str()) / (1024 * 1024)
        << o.say(" MiB, bộ nhớ ", " MiB, memory ")
        << std::atoll(member(s, "resident_bytes").c_str()) / (1024 * 1024) << " MiB\n";
    const auto& alarms = list(s, "alarms");
    out << (alarms.empty() ? o.say("Không có cảnh báo.", "No alarms.") : o.say("CẢNH BÁO:", "ALARMS:"))
        << "\n";
    for (const auto& a : alarms)
        out << "  " << member(a, "name") << " " << member(a, "subject") << " ("
            << clock_part(member(a, "since")) << "): " << member(a, "meaning") << "; " << member(a, "text")
            << ". " << member(a, "action") << "\n";
    out << o.say("Điểm kết nối:", "Endpoints:") << "\n";
    for (const auto& e : list(s, "endpoints")) {
        out << "  " << member(e, "name") << " (" << member(e, "adapter") << ", " << member(e, "mode") << ") "
            << member(e, "codes") << " " << member(e, "base_url") << "\n";
        const auto* lane = e.as_object().if_contains("lane");
        if (lane && lane->is_object()) print_lane(out, o, *lane);
    }
}

void print_list(std::ostream& out, const Options& o, const json::value& found) {
    for (const auto& m : list(found, "messages")) {
        out << member(m, "id") << "  " << clock_part(member(m, "accepted_at")) << "  "
            << member(m.as_object().at("from"), "code") << "  " << member(m, "number") << "  "
            << member(m, "subject") << "\n";
        for (const auto& r : list(m, "recipients")) print_recipient(out, o, r);
    }
}

void print_message(std::ostream& out, const Options& o, const json::value& m) {
    out << o.say("Văn bản  ", "Document ") << member(m, "number") << "  (" << member(m, "document_id")
        << ")\n";
    out << o.say("Trích yếu ", "Subject  ") << member(m, "subject") << "\n";
    out << o.say("Nơi gửi  ", "From     ") << member(m.as_object().at("from"), "code") << " "
        << member(m.as_object().at("from"), "name") << "\n";
    out << o.say("Mã       ", "Id       ") << member(m, "id")
        << (member(m, "external_id").empty() ? "" : ", external_id ") << member(m, "external_id") << "\n";
    out << o.say("Nhận lúc ", "Accepted ") << clock_part(member(m, "accepted_at"))
        << o.say(" qua ", " through ") << member(m, "origin") << "\n";
    for (const auto& f : list(m, "files")) {
        out << o.say("Tệp      ", "File     ") << member(f, "n") << ". " << member(f, "name") << ", "
            << member(f, "bytes") << o.say(" byte, SHA-256 ", " bytes, SHA-256 ") << member(f, "sha256")
            << "\n";
        if (const auto* signature = f.as_object().if_contains("signature"))
            print_file_signature(out, o, *signature);
    }
    if (const auto* signature = m.as_object().if_contains("signature"))
        print_signature(out, *signature, o.say("Chữ ký   ", "Signature "), o);
    if (const auto* attached = m.as_object().if_contains("attached_signature"))
        print_signature(out, *attached, o.say("Chữ ký đính kèm ", "Attached signature "), o);
    out << o.say("Nơi nhận:", "Recipients:") << "\n";
    for (const auto& r : list(m, "recipients")) print_recipient(out, o, r);
}

void print_story(std::ostream& out, const Options& o, const json::value& told) {
    print_message(out, o, told.as_object().at("message"));
    const auto& story = told.as_object().at("story");
    out << o.say("Các lần gửi:", "Attempts:") << "\n";
    if (list(story, "attempts").empty()) out << o.say("  chưa có\n", "  none yet\n");
    for (const auto& a : list(story, "attempts"))
        out << "  " << clock_part(member(a, "begun")) << "  " << member(a, "endpoint") << " #"
            << member(a, "number") << "  "
            << (member(a, "verdict").empty() ? o.say("đang gửi", "open") : member(a, "verdict")) << " "
            << member(a, "reason") << " " << member(a, "detail") << "\n";
    out << o.say("Diễn biến:", "What happened:") << "\n";
    for (const auto& j : list(story, "journal"))
        out << "  " << clock_part(member(j, "at")) << "  " << member(j, "actor") << "  " << member(j, "kind")
            << "  " << member(j, "facts") << "\n";
    out << o.say("Tiếp theo:", "Next:") << "\n";
    for (const auto& r : list(told.as_object().at("message"), "recipients")) {
        out << "  " << member(r, "code") << ": ";
        const auto state = member(r, "delivery");
        const auto halted = member(told.as_object().at("halted"), member(r, "endpoint"));
        if ((state == "queued" || state == "reconciling") && !halted.empty())
            out << halted_text(o, halted);
        else if (state == "queued")
            out << o.say("gửi lần tới lúc ", "next attempt at ") << clock_part(member(r, "due"));
        else if (state == "offered")
            out << o.say("chờ phần mềm của đơn vị lấy về", "waiting for the unit's software to fetch it");
        else if (state == "reconciling")
            out << o.say("đang hỏi trục xem đã tới chưa", "asking the axis whether it arrived");
        else if (state == "quarantined")
            out << o.say(
                       "đã dừng; sửa nguyên nhân rồi: axisctl retry ",
                       "stopped; mend the cause, then: axisctl retry "
                   )
                << member(told.as_object().at("message"), "id");
        else if (state == "held")
            out << o.say(
                       "đang được giữ; gửi tiếp bằng: axisctl release ", "held; to send it: axisctl release "
                   )
                << member(told.as_object().at("message"), "id");
        else
            out << o.say("không còn việc gì", "nothing left to do");
        out << "\n";
    }
}

void print_steered(std::ostream& out, const Options& o, const json::value& answer) {
    const auto endpoint = member(answer, "endpoint");
    const auto count = member(answer, "count");
    const auto verb = member(answer, "verb");
    if (endpoint.empty())
        out << o.say("Lượt gửi ", "Delivery ") << member(answer, "delivery_id") << ": "
            << member(answer, "state");
    else if (!count.empty())
        out << endpoint << ": " << verb << ", " << count << o.say(" lượt gửi", " deliveries");
    else if (verb == "hold")
        out << o.say("Đã giữ làn ", "Held: ") << endpoint;
    else if (verb == "release")
        out << o.say("Đã thả làn ", "Released: ") << endpoint;
    else
        out << o.say("Đã gọi ", "Poked ") << endpoint;
    out << "\n";
}

void print_queue(std::ostream& out, const Options& o, const json::value& queue) {
    if (list(queue, "lanes").empty()) out << o.say("Không có gì chờ gửi.\n", "Nothing is waiting.\n");
    for (const auto& lane : list(queue, "lanes")) print_lane(out, o, lane);
    print_broker(out, o, queue);
    print_software(out, o, queue);
    const auto& aside = list(queue, "quarantined_incoming");
    if (!aside.empty()) out << o.say("Cách ly (từ trục về):", "Set aside (from the axis):") << "\n";
    for (const auto& i : aside)
        out << "  " << member(i, "remote_id") << "  " << clock_part(member(i, "at")) << "  "
            << member(i, "kind") << "  " << member(i, "reason") << " " << member(i, "detail") << "\n";
}

}  // namespace axis::ctl
