#include "adapters/vxp/client.hpp"

#include "adapters/vxp/calendar.hpp"

namespace axis::vxp {

namespace {

std::string message_type(model::MessageKind kind) {
    return kind == model::MessageKind::status ? "status" : "edoc";
}

std::vector<Parameter> list_parameters(model::MessageKind kind) {
    return {{"servicetype", "eDoc"}, {"messagetype", message_type(kind)}};
}

// The SDK names its own directory; ours is nobody's business (R8).
std::vector<Parameter> fetch_parameters(const std::string& doc_id) {
    return {{"docId", doc_id}, {"filePath", "."}};
}

std::string_view name(TransportStatus status) {
    switch (status) {
        case TransportStatus::done:
            return "done";
        case TransportStatus::fail:
            return "fail";
        case TransportStatus::processing:
            break;
    }
    return "processing";
}

// Is there perhaps no downloadEdoc at this axis at all?
bool is_absent(unsigned http_status) {
    return http_status == 404 || http_status == 405 || http_status == 501;
}

template <class Item>
void keep(List<Item>& list, std::optional<Item> item) {
    if (!item) {
        ++list.unusable_count;
    } else if (list.items.size() == list_entries_max) {
        list.cut = true;
    } else {
        list.items.push_back(std::move(*item));
    }
}

Fetched::How judge_download(const DownloadSink& sink, const Answer& answer) {
    if (answer.ours.code != errc::none || answer.failure) return Fetched::How::failed;
    if (sink.what() == DownloadSink::What::envelope)
        return sink.may_be_cut() ? Fetched::How::failed : Fetched::How::whole;
    const bool ask_get = sink.what() == DownloadSink::What::other && !sink.excerpt().empty();
    return ask_get || is_absent(answer.http_status) ? Fetched::How::not_an_envelope : Fetched::How::failed;
}

}  // namespace

Result<std::unique_ptr<Client>> Client::open(
    asio::io_context& io, const Clock& clock, Settings settings, ClientLimits limits
) {
    http::Origin origin{settings.base_url, settings.ca_file, settings.allow_plain_http};
    auto http = http::Client::open(io, std::move(origin), limits.http);
    if (!http) return http.error();
    return std::unique_ptr<Client>{new Client{clock, std::move(settings), limits, std::move(*http)}};
}

Client::Client(const Clock& clock, Settings settings, ClientLimits limits, std::unique_ptr<http::Client> http)
    : clock_{clock}, settings_{std::move(settings)}, limits_{limits}, http_{std::move(http)} {}

Task<Answer> Client::run(Operation operation, http::BodySink& sink) {
    Answer answer;
    auto headers = sign(operation.signable, settings_.system_id, settings_.secret, clock_.now());
    if (!headers) {
        answer.ours = headers.error();
        co_return answer;
    }
    for (const auto& [name, value] : operation.more) headers->add(name, value);
    http::Call call;
    call.method = std::move(operation.method);
    call.path = std::move(operation.path);
    call.headers = std::move(*headers);
    call.body = std::move(operation.body);
    call.source = operation.source;
    call.sink = &sink;

    auto reply = co_await http_->call(std::move(call));
    if (!reply) {
        answer.failure = reply.error();
        co_return answer;
    }
    answer.http_status = reply->status;
    answer.connect = reply->connect;
    answer.transfer = reply->transfer;
    co_return answer;
}

Task<Answer> Client::run_json(Operation operation, JsonSink& sink) {
    Answer answer = co_await run(std::move(operation), sink);
    if (answer.ours.code == errc::none) answer.ours = sink.ours();
    if (answer.ours.code == errc::none && !answer.failure) read_envelope(sink.reader, answer);
    co_return answer;
}

Task<Answer> Client::send_edoc(SendRequest request, ports::ByteStream& envelope) {
    EnvelopeSource source{envelope, settings_.send_crlf};
    JsonSink sink{limits_.reply_bytes_max, {}};
    Operation operation{"POST", "/sendEdoc", {}, {}, {}, &source};
    operation.signable.content_type = bytes_type;
    operation.signable.parameters = list_parameters(request.kind);
    operation.signable.parameters.push_back({"hash-file", hash_file(request.sha256, settings_.hash_padding)});
    operation.signable.parameters.push_back({"from", std::move(request.from)});
    operation.more.add("Cache-Control", "no-cache");
    operation.more.add("Pragma", "no-cache");
    operation.more.add("Accept", "text/html, image/gif, image/jpeg, */*; q=0.2");

    Answer answer = co_await run_json(std::move(operation), sink);
    if (source.ours().code != errc::none) answer.ours = source.ours();
    co_return answer;
}

Task<List<ReceivedItem>> Client::received_list(model::MessageKind kind) {
    List<ReceivedItem> list;
    JsonSink sink{limits_.list_bytes_max, [&list](const Fields& row) { keep(list, received_item(row)); }};
    Operation operation{"POST", "/getReceivedEdocList", {}, {}, {}, nullptr};
    operation.signable.parameters = list_parameters(kind);
    list.answer = co_await run_json(std::move(operation), sink);
    list.had_data = sink.reader.data() == ReplyReader::Data::list;
    co_return list;
}

Task<List<SentItem>> Client::sent_list(SentQuery query) {
    List<SentItem> list;
    const auto on_row = [&list](const Fields& row) { keep(list, std::optional{sent_item(row)}); };
    JsonSink sink{limits_.list_bytes_max, on_row};
    Operation operation{"POST", "/getSentEdocList", {}, {}, {}, nullptr};
    auto& parameters = operation.signable.parameters;
    parameters = list_parameters(query.kind);
    if (!query.doc_id.empty()) {
        parameters.push_back({"docId", query.doc_id});
    } else {
        parameters.push_back({"fromDate", list_time(query.since)});
        parameters.push_back({"toDate", list_time(query.until)});
    }
    list.answer = co_await run_json(std::move(operation), sink);
    list.had_data = sink.reader.data() == ReplyReader::Data::list;
    co_return list;
}

Task<Fetched> Client::download(std::string doc_id, Taker taker) {
    DownloadSink sink{limits_.envelope_bytes_max, std::move(taker)};
    Operation operation{"GET", "/downloadEdoc", {}, {}, {}, nullptr};
    operation.signable.parameters = fetch_parameters(doc_id);
    Fetched fetched;
    fetched.answer = co_await run(std::move(operation), sink);
    Answer& answer = fetched.answer;
    if (answer.ours.code == errc::none && !answer.failure) {
        auto finished = co_await sink.finish();
        if (!finished) answer.ours = finished.error();
    }
    if (answer.ours.code == errc::none) answer.ours = sink.ours();
    if (sink.may_be_cut()) answer.excerpt = "(perhaps cut) ";
    answer.excerpt += printable(sink.excerpt(), 400);
    fetched.how = judge_download(sink, answer);
    co_return fetched;
}

Task<Fetched> Client::get_edoc(std::string doc_id, Taker taker) {
    JsonSink sink{limits_.envelope_bytes_max / 3 * 4, {}, std::move(taker)};
    Operation operation{"POST", "/getEdoc", {}, {}, "{}", nullptr};
    operation.signable.parameters = fetch_parameters(doc_id);
    Fetched fetched;
    fetched.answer = co_await run_json(std::move(operation), sink);
    const bool has_document = sink.reader.data() == ReplyReader::Data::text && sink.reader.data_is_base64();
    fetched.how = succeeded(fetched.answer) && has_document ? Fetched::How::whole : Fetched::How::failed;
    co_return fetched;
}

Task<Answer> Client::update_status(std::string doc_id, TransportStatus status) {
    JsonSink sink{limits_.reply_bytes_max, {}};
    Operation operation{"POST", "/updateStatus", {}, {}, "{}", nullptr};
    operation.signable.parameters.push_back({"docid", std::move(doc_id)});
    operation.signable.trailing.push_back({"status", std::string{name(status)}});
    Answer answer = co_await run_json(std::move(operation), sink);
    co_return answer;
}

Task<boost::system::result<std::chrono::milliseconds, http::Failure>> Client::connect() {
    auto result = co_await http_->probe();
    co_return result;
}

}  // namespace axis::vxp
