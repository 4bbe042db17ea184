// Commands that ask the running daemon.
#include "gateway/app/ctl/message_id.hpp"
#include "gateway/app/ctl/print.hpp"
#include "gateway/model/ids.hpp"
#include "gateway/settings/settings.hpp"

#include <boost/json/parse.hpp>

#include <iostream>
#include <set>

namespace axis::ctl {

namespace json = boost::json;

std::string socket_of(const Options& o) {
    if (!o.socket.empty()) return o.socket;
    const auto settings = settings::load(o.config);
    return settings ? settings->gateway.state_dir.empty() ? std::string{} : settings->admin.socket.string()
                    : std::string{"/run/axisd/admin.sock"};
}

namespace {

using Printer = void (*)(std::ostream&, const Options&, const json::value&);

}  // namespace

int print_problem(const Options& o, const Answer& answer) {
    if (o.json) {
        std::cout << answer.body << "\n";
        return negative;
    }
    json::error_code ec;
    const auto problem = json::parse(answer.body, ec);
    std::cerr << (ec ? answer.body
                     : member(problem, o.vi() ? "detail" : "title") + " (" + member(problem, "code") + "). " +
                           member(problem, "action"))
              << "\n";
    return negative;
}

namespace {

// Asks and prints; the daemon's refusal is a negative answer.
int ask(const Options& o, const std::string& method, const std::string& target, Printer print) {
    const auto answer = Console{socket_of(o)}.call(method, target);
    if (!answer) {
        std::cerr << o.say("Không gọi được axisd: ", "axisd cannot be reached: ") << answer.error().detail
                  << "\n";
        return unreachable;
    }
    if (answer->status != 200) return print_problem(o, *answer);
    if (o.json || !print)
        std::cout << answer->body << "\n";
    else
        print(std::cout, o, json::parse(answer->body));
    return done;
}

}  // namespace

int resolve(const Options& o, const std::string& text, std::string& id) {
    if (model::MessageId::parse(text)) {
        id = text;
        return done;
    }
    const Console console{socket_of(o)};
    std::vector<std::string> queries{"/messages?number=" + percent_encoded(text)};
    if (text.size() >= 6 && model::MessageId::range(text))
        queries.insert(queries.begin(), "/messages?id=" + percent_encoded(text));
    for (const auto& query : queries) {
        const auto answer = console.get(query);
        if (!answer) {
            std::cerr << o.say("Không gọi được axisd: ", "axisd cannot be reached: ") << answer.error().detail
                      << "\n";
            return unreachable;
        }
        if (answer->status != 200) return print_problem(o, *answer);
        const auto found = json::parse(answer->body);
        const auto& messages = found.as_object().at("messages").as_array();
        if (messages.empty()) continue;
        if (messages.size() > 1) {
            std::cerr << o.say("Nhiều văn bản cùng khớp:", "More than one fits:") << "\n";
            print_list(std::cerr, o, found);
            return negative;
        }
        id = member(messages.front(), "id");
        return done;
    }
    std::cerr << o.say("Không tìm thấy: ", "Not found: ") << text << "\n";
    return negative;
}

namespace {

int about(const Options& o, const std::string& text, const std::string& suffix, Printer print) {
    std::string id;
    const int resolved = resolve(o, text, id);
    return resolved == done ? ask(o, "GET", "/messages/" + id + suffix, print) : resolved;
}

// Every delivery of the message that the verb makes sense for; `to` narrows to one recipient.
int steer(const Options& o, const std::string& verb, const std::string& text, const std::string& to) {
    std::string id;
    const int resolved = resolve(o, text, id);
    if (resolved != done) return resolved;
    const auto answer = Console{socket_of(o)}.get("/messages/" + id);
    if (!answer) return unreachable;
    if (answer->status != 200) return print_problem(o, *answer);
    const auto message = json::parse(answer->body);
    const std::set<std::string> fits =
        verb == "retry"     ? std::set<std::string>{"quarantined", "queued", "reconciling"}
        : verb == "hold"    ? std::set<std::string>{"queued"}
        : verb == "release" ? std::set<std::string>{"held"}
                            : std::set<std::string>{"queued", "held", "quarantined"};
    std::set<std::string> deliveries;
    for (const auto& r : message.as_object().at("recipients").as_array())
        if (fits.count(member(r, "delivery")) > 0 && (to.empty() || member(r, "code") == to))
            deliveries.insert(member(r, "delivery_id"));
    if (deliveries.empty()) {
        std::cerr << o.say("Không có lượt gửi nào phù hợp.", "No delivery to which this applies.") << "\n";
        return negative;
    }
    for (const auto& delivery : deliveries)
        if (const int status = ask(o, "POST", "/deliveries/" + delivery + "/" + verb, print_steered);
            status != done)
            return status;
    return done;
}

struct SteerArguments {
    std::vector<std::string> ids;
    std::string to, endpoint, state;
};

// A lane as a whole, or all its deliveries in one state, some hundred at a time.
int steer_endpoint(const Options& o, const std::string& verb, const SteerArguments& a) {
    auto target = "/endpoints/" + percent_encoded(a.endpoint) + "/" + verb;
    if (verb == "hold" || verb == "release") return ask(o, "POST", target, print_steered);
    target += "?state=" + percent_encoded(a.state);
    for (;;) {
        const auto answer = Console{socket_of(o)}.call("POST", target);
        if (!answer) return unreachable;
        if (answer->status != 200) return print_problem(o, *answer);
        const auto told = json::parse(answer->body);
        if (o.json)
            std::cout << answer->body << "\n";
        else
            print_steered(std::cout, o, told);
        if (member(told, "more") != "true") return done;
    }
}

int steer_what(const Options& o, const std::string& verb, const SteerArguments& a) {
    if (!a.endpoint.empty()) return steer_endpoint(o, verb, a);
    int worst = done;
    for (const auto& id : a.ids) worst = std::max(worst, steer(o, verb, id, a.to));
    return worst;
}

struct FindArguments {
    std::string number, external_id, state, from, to;
};

int find(const Options& o, const FindArguments& a) {
    std::string target = "/messages?";
    for (const auto& [name, value] :
         {std::pair{"number", a.number},
          {"external_id", a.external_id},
          {"state", a.state},
          {"from", a.from},
          {"to", a.to}})
        if (!value.empty()) target += std::string{name} + "=" + percent_encoded(value) + "&";
    target.pop_back();
    return ask(o, "GET", target, print_list);
}

void add_steering(CLI::App& app, Options& o, Run& run) {
    for (const auto& [verb, help] :
         {std::pair{"retry", "try failed or waiting deliveries now"},
          {"hold", "hold waiting deliveries"},
          {"release", "release held deliveries"},
          {"cancel", "take back deliveries not sent yet"}}) {
        auto* command = app.add_subcommand(verb, help);
        auto a = std::make_shared<SteerArguments>();
        auto* what = command->add_option_group("what");
        auto* ids = what->add_option("ID", a->ids, "message ids, prefixes or số ký hiệu");
        what->add_option("--endpoint", a->endpoint, "all of an endpoint")->excludes(ids);
        what->require_option(1);
        command->add_option("--to", a->to, "only this recipient's delivery")->needs(ids);
        if (std::string_view{verb} == "retry") a->state = "quarantined";
        if (std::string_view{verb} == "cancel")
            command->add_option("--state", a->state, "with --endpoint: queued held quarantined");
        command->callback([&o, &run, a, verb = std::string{verb}] {
            run = [&o, a, verb] { return steer_what(o, verb, *a); };
        });
    }
}

}  // namespace

void add_daemon_commands(CLI::App& app, Options& o, Run& run) {
    auto* status = app.add_subcommand("status", "everything on one screen: health, alarms, endpoints, lanes");
    status->callback([&] { run = [&] { return ask(o, "GET", "/status", print_status); }; });
    auto* queue = app.add_subcommand("queue", "what waits, per lane, and what was set aside");
    queue->callback([&] { run = [&] { return ask(o, "GET", "/queue", print_queue); }; });

    const auto with_id = [&](const char* name, const char* help, std::string suffix, Printer print) {
        auto* command = app.add_subcommand(name, help);
        auto id = std::make_shared<std::string>();
        command->add_option("ID", *id, "message id, unique prefix of it, or số ký hiệu")->required();
        command->callback([&o, &run, id, suffix, print] {
            run = [&o, id, suffix, print] { return about(o, *id, suffix, print); };
        });
    };
    with_id("show", "one document: files, recipients, states", "", print_message);
    with_id("why", "why a document is where it is, and what comes next", "/story", print_story);

    auto* finder = app.add_subcommand("find", "find documents");
    auto arguments = std::make_shared<FindArguments>();
    finder->add_option("NUMBER", arguments->number, "số or số ký hiệu");
    finder->add_option("--external-id", arguments->external_id);
    finder->add_option(
        "--state", arguments->state, "queued sending offered reconciling held quarantined cancelled done"
    );
    finder->add_option("--from", arguments->from, "yyyy-MM-dd");
    finder->add_option("--to", arguments->to, "yyyy-MM-dd, inclusive");
    finder->callback([&o, &run, arguments] { run = [&o, arguments] { return find(o, *arguments); }; });

    add_steering(app, o, run);
    auto* drain = app.add_subcommand("drain", "take nothing new and finish what is here, before maintenance");
    auto ended = std::make_shared<bool>(false);
    drain->add_flag("--end", *ended, "take new documents again");
    drain->callback([&o, &run, ended] {
        run = [&o, ended] { return ask(o, "POST", *ended ? "/drain?on=0" : "/drain?on=1", print_queue); };
    });
    auto* poke = app.add_subcommand("poke", "look for work at an endpoint now; ends a pause");
    auto name = std::make_shared<std::string>();
    poke->add_option("ENDPOINT", *name)->required();
    poke->callback([&o, &run, name] {
        run = [&o, name] {
            return ask(o, "POST", "/endpoints/" + percent_encoded(*name) + "/poke", print_steered);
        };
    });
}

}  // namespace axis::ctl
