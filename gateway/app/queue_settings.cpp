#include "gateway/app/queue_settings.hpp"

namespace axis::app {

namespace {

amqp::Broker broker_of(const settings::Queue& s) {
    amqp::Broker out;
    for (const auto& host : s.hosts) out.hosts.push_back({host.name, host.port});
    out.vhost = s.vhost;
    out.user = s.user;
    out.password = s.password;
    out.tls = s.tls;
    out.ca_file = s.ca_file.string();
    out.cert = s.cert.string();
    out.key = s.key.string();
    return out;
}

}  // namespace

bool has_desk(const settings::Settings& all) {
    return !all.worker.socket.empty() || !all.worker.listen.empty();
}

delivery::BrokeredSettings brokered_settings(const settings::Settings& all) {
    delivery::BrokeredSettings out;
    out.broker = broker_of(all.queue);
    out.prefix = all.queue.prefix;
    out.work_here = all.worker.here;
    out.desk = has_desk(all);
    out.alone = all.worker.here && !out.desk && all.worker.owner.empty();
    return out;
}

software::AdapterSettings software_settings(const settings::Settings& all) {
    software::AdapterSettings out;
    out.broker = broker_of(all.queue);
    out.prefix = all.queue.prefix;
    out.unit.command.package_bytes_max = all.limits.package_bytes_max;
    out.unit.command.file_count_max = all.limits.files_max;
    for (const auto& endpoint : all.endpoints)
        if (endpoint.queues && endpoint.mode != settings::Mode::off) out.endpoints.push_back(endpoint.name);
    return out;
}

std::string host_names(const settings::Queue& queue) {
    std::string text;
    for (const auto& host : queue.hosts)
        text += (text.empty() ? "" : ", ") + amqp::to_string({host.name, host.port});
    return text;
}

}  // namespace axis::app
