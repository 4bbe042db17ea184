// reconcile ENDPOINT: the ledger against the axis' lists of a day.
#include "gateway/app/ctl/members.hpp"
#include "gateway/app/ctl/message_id.hpp"

#include <boost/json/parse.hpp>

#include <iostream>

namespace axis::ctl {

namespace {

namespace json = boost::json;

std::string_view owner_of(const Options& o, const std::string& owner) {
    if (owner == "gateway") return o.say("cổng này", "this gateway");
    if (owner == "axis") return o.say("đơn vị vận hành trục", "the axis' operator");
    return owner == "sender" ? o.say("nơi gửi", "the sender") : o.say("nơi nhận", "the recipient");
}

void print(const Options& o, const json::value& found) {
    for (const auto& d : list(found, "differences")) {
        std::cout << member(d, "kind") << ": " << member(d, o.vi() ? "what" : "what_en") << "\n  ";
        for (const auto* name : {"number", "doc_id", "message_id", "detail"})
            if (const auto text = member(d, name); !text.empty()) std::cout << shown(text) << "  ";
        std::cout << "\n  " << owner_of(o, member(d, "owner")) << ": "
                  << member(d, o.vi() ? "action" : "action_en") << "\n";
    }
    for (const auto& text : list(found, "not_compared"))
        std::cout << o.say("Chưa đối chiếu được: ", "Not compared: ") << shown(std::string{text.as_string()})
                  << "\n";
    const auto& differences = list(found, "differences");
    std::cout << member(found, "endpoint") << ", " << member(found, "day") << ": "
              << member(found, "sent_here") << o.say(" đã gửi theo sổ, ", " sent by the ledger, ")
              << member(found, "sent_listed") << o.say(" theo trục, ", " rows listed by the axis, ")
              << member(found, "received_listed")
              << o.say(" đang chờ nhận; khác nhau: ", " waiting there; differences: ") << differences.size()
              << "\n";
}

int reconcile(const Options& o, const std::string& endpoint, const std::string& day) {
    auto target = "/endpoints/" + percent_encoded(endpoint) + "/reconcile";
    if (!day.empty()) target += "?day=" + percent_encoded(day);
    const auto answer = Console{socket_of(o)}.get(target);
    if (!answer) {
        std::cerr << o.say("Không gọi được axisd: ", "axisd cannot be reached: ") << answer.error().detail
                  << "\n";
        return unreachable;
    }
    if (answer->status != 200) return print_problem(o, *answer);
    const auto found = json::parse(answer->body);
    if (o.json)
        std::cout << answer->body << "\n";
    else
        print(o, found);
    return list(found, "differences").empty() && list(found, "not_compared").empty() ? done : negative;
}

}  // namespace

void add_reconcile_command(CLI::App& app, Options& o, Run& run) {
    auto* command = app.add_subcommand("reconcile", "hold the ledger of a day against the axis' own lists");
    auto name = std::make_shared<std::string>();
    auto day = std::make_shared<std::string>();
    command->add_option("ENDPOINT", *name)->required();
    command->add_option("--day", *day, "yyyy-MM-dd; else yesterday");
    command->callback([&o, &run, name, day] { run = [&o, name, day] { return reconcile(o, *name, *day); }; });
}

}  // namespace axis::ctl
