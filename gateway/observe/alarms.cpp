#include "gateway/observe/alarms.hpp"

#include "gateway/base/error.hpp"
#include "gateway/base/log.hpp"

#include <algorithm>
#include <iterator>

namespace axis::observe {

namespace {

const AlarmRow alarm_rows[] = {
    {"axis.unreachable", "the axis does not answer", "Kiểm tra mạng tới trục; chạy axisctl endpoint test."},
    {"axis.unauthorised",
     "the axis refuses our credentials; its lane is paused",
     "Kiểm tra system_id và tệp khoá; chạy axisctl endpoint test."},
    {"axis.fetch_failing",
     "something at the axis cannot be fetched again and again",
     "Xem nhật ký vxp.fetch_failed; báo đơn vị vận hành trục."},
    {"delivery.unknown",
     "it is not known whether a delivery arrived",
     "Chạy axisctl queue rồi axisctl why; hỏi đơn vị vận hành trục."},
    {"delivery.quarantined",
     "a delivery was refused for good",
     "Chạy axisctl find --state quarantined rồi axisctl why."},
    {"lane.unreachable",
     "nothing gets through to an endpoint; its lane tries now and then",
     "Không cần làm gì với văn bản; kiểm tra mạng, chạy axisctl endpoint test."},
    {"broker.down",
     "RabbitMQ cannot be used: what is accepted waits in the ledger",
     "Kiểm tra RabbitMQ và mục [queue]; văn bản không mất."},
    {"broker.blocked",
     "RabbitMQ takes nothing for lack of memory or disk: what is accepted waits in the ledger",
     "Giải phóng bộ nhớ hoặc đĩa trên máy RabbitMQ."},
    {"worker.missing",
     "no worker sends: what is accepted waits in the ledger",
     "Khởi động axisd --worker; xem nhật ký của nó."},
    {"delivery.late", "a delivery has been waiting for long", "Chạy axisctl queue để xem làn gửi."},
    {"message.quarantined",
     "something fetched from the axis cannot be read",
     "Xem axisctl queue, mục cách ly; báo đơn vị gửi."},
    {"endpoint.silent",
     "a unit's software has not fetched its documents",
     "Gọi đơn vị: phần mềm của họ không lấy văn bản về."},
    {"signing.key_expiring",
     "the certificate we sign with ends soon",
     "Xin chứng thư mới, đặt tệp .crt và .key vào keys_dir rồi khởi động lại axisd."},
    {"signer.lost",
     "the process that holds the signing keys is gone; axisd starts anew",
     "Xem nhật ký; nếu lặp lại, kiểm tra thiết bị giữ khoá."},
    {"signer.keys_exposed",
     "the process that reads foreign messages could open the files of the signing keys",
     "Dùng nhân Linux 5.19 trở lên có Landlock (Debian 12 có sẵn); xem nhật ký."},
    {"signature.authority_silent",
     "an OCSP responder or the time-stamp authority does not answer; signatures are judged and made "
     "without",
     "Kiểm tra mạng tới địa chỉ đó; hỏi đơn vị cung cấp chứng thư."},
    {"signature.time_stamp_missing",
     "what we sign gets no time stamp; it is sent without, or not at all where tsa_required says so",
     "Kiểm tra tsa_url và chứng thư của máy chủ dấu thời gian trong trust_dir."},
    {"disk.low", "free disk space is below the reserve; documents are refused", "Giải phóng ổ đĩa."},
    {"ledger.failed", "the ledger cannot commit", "Kiểm tra ổ đĩa chứa state_dir."},
    {"audit.checkpoint_failed",
     "no checkpoint of the journal could be made; it is tried again",
     "Kiểm tra khoá ký và ổ đĩa chứa state_dir."},
    {"audit.journal_differs",
     "the journal is not the one that its checkpoints tell of: rows are missing, or an older backup was "
     "put back",
     "Nếu vừa khôi phục bản sao lưu thì đúng là vậy; nếu không, chạy axisctl audit verify và giữ nguyên "
     "hiện trạng."},
    {"retention.failed",
     "what is over could not be purged; it is tried again",
     "Xem nhật ký retention.failed; kiểm tra ổ đĩa."},
    {"reconcile.differences",
     "the ledger and the axis' lists of the day before differ",
     "Chạy axisctl reconcile TÊN: mỗi khác biệt có người xử lý và việc cần làm."},
    {"ledger.damaged",
     "a page of the ledger cannot be read; nothing is accepted",
     "Chạy axisctl ledger verify; thay ổ đĩa, khôi phục từ bản sao lưu."},
};

}  // namespace

const std::vector<AlarmRow>& alarm_catalogue() {
    static const std::vector<AlarmRow> rows{std::begin(alarm_rows), std::end(alarm_rows)};
    return rows;
}

void Alarms::raise(std::string_view name, std::string_view subject, std::string_view text) {
    const auto& rows = alarm_catalogue();
    AXIS_ASSERT(std::any_of(rows.begin(), rows.end(), [&](const AlarmRow& row) { return row.name == name; }));
    auto& alarm = active_[{std::string{name}, std::string{subject}}];
    if (alarm.text == text && !alarm.name.empty()) return;
    if (alarm.name.empty()) alarm.since = clock_.now();
    alarm.name = name;
    alarm.subject = subject;
    alarm.text = text;
    log::error("alarm.raised", "alarm", name, "subject", subject, "reason", text);
}

void Alarms::clear(std::string_view name, std::string_view subject) {
    const auto at = active_.find(std::pair{std::string{name}, std::string{subject}});
    if (at == active_.end()) return;
    log::info("alarm.cleared", "alarm", name, "subject", subject);
    active_.erase(at);
}

void Alarms::set(bool raised, std::string_view name, std::string_view subject, std::string_view text) {
    if (raised)
        raise(name, subject, text);
    else
        clear(name, subject);
}

std::vector<Alarm> Alarms::active() const {
    std::vector<Alarm> out;
    for (const auto& [key, alarm] : active_) out.push_back(alarm);
    return out;
}

bool Alarms::is_active(std::string_view name, std::string_view subject) const {
    return active_.count(std::pair{std::string{name}, std::string{subject}}) > 0;
}

}  // namespace axis::observe
