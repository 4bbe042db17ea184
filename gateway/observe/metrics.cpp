#include "gateway/observe/metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

namespace axis::observe {

namespace {
using prometheus::BuildCounter;
using prometheus::BuildGauge;
using Counters = prometheus::Family<prometheus::Counter>;
using Gauges = prometheus::Family<prometheus::Gauge>;
}  // namespace

struct Metrics::Impl {
    prometheus::Registry registry;
    Counters& accepted = BuildCounter()
                             .Name("axisd_messages_accepted_total")
                             .Help("Messages taken over, by kind")
                             .Register(registry);
    Counters& attempts = BuildCounter()
                             .Name("axisd_attempts_total")
                             .Help("Delivery attempts, by endpoint and verdict")
                             .Register(registry);
    Counters& requests = BuildCounter()
                             .Name("axisd_http_requests_total")
                             .Help("Requests answered, by status")
                             .Register(registry);
    Gauges& deliveries = BuildGauge()
                             .Name("axisd_deliveries")
                             .Help("Deliveries not done, by endpoint and state")
                             .Register(registry);
    Gauges& alarms =
        BuildGauge().Name("axisd_alarm").Help("1 while the named condition holds").Register(registry);
    Gauges& success = BuildGauge()
                          .Name("axisd_last_success_age_seconds")
                          .Help("Age of the last success of a dependency")
                          .Register(registry);
    Gauges& resident = BuildGauge().Name("axisd_resident_bytes").Help("Resident memory").Register(registry);
    Gauges& commits =
        BuildGauge().Name("axisd_ledger_commits").Help("Commits since the start").Register(registry);
    Gauges& jobs =
        BuildGauge().Name("axisd_ledger_jobs").Help("Jobs those commits have carried").Register(registry);
    Gauges& brokers = BuildGauge()
                          .Name("axisd_broker_up")
                          .Help("Connected to RabbitMQ, and it takes messages")
                          .Register(registry);
    Gauges& workers = BuildGauge().Name("axisd_workers").Help("Processes that send").Register(registry);
    Gauges& messages = BuildGauge()
                           .Name("axisd_queue_messages")
                           .Help("Messages ready in a queue of RabbitMQ")
                           .Register(registry);
    Gauges& consumers = BuildGauge()
                            .Name("axisd_queue_consumers")
                            .Help("Consumers of a queue of RabbitMQ")
                            .Register(registry);
};

Metrics::Metrics() : impl_{std::make_unique<Impl>()} {}
Metrics::~Metrics() = default;

void Metrics::message_accepted(std::string_view kind) {
    impl_->accepted.Add({{"kind", std::string{kind}}}).Increment();
}

void Metrics::attempt_settled(std::string_view endpoint, std::string_view verdict) {
    impl_->attempts.Add({{"endpoint", std::string{endpoint}}, {"verdict", std::string{verdict}}}).Increment();
}

void Metrics::request_answered(unsigned status) {
    impl_->requests.Add({{"status", std::to_string(status)}}).Increment();
}

void Metrics::waiting(std::string_view endpoint, std::string_view state, double count) {
    impl_->deliveries.Add({{"endpoint", std::string{endpoint}}, {"state", std::string{state}}}).Set(count);
}

void Metrics::alarm(std::string_view name, bool raised) {
    impl_->alarms.Add({{"name", std::string{name}}}).Set(raised ? 1 : 0);
}

void Metrics::last_success(std::string_view dependency, double age_seconds) {
    impl_->success.Add({{"dependency", std::string{dependency}}}).Set(age_seconds);
}

void Metrics::resident_bytes(double bytes) {
    impl_->resident.Add({}).Set(bytes);
}

void Metrics::committed(double commits, double jobs) {
    impl_->commits.Add({}).Set(commits);
    impl_->jobs.Add({}).Set(jobs);
}

void Metrics::broker(std::string_view serves, bool open) {
    impl_->brokers.Add({{"for", std::string{serves}}}).Set(open ? 1 : 0);
}

void Metrics::workers(double count) {
    impl_->workers.Add({}).Set(count);
}

void Metrics::queue(std::string_view name, double messages, double consumers) {
    impl_->messages.Add({{"queue", std::string{name}}}).Set(messages);
    impl_->consumers.Add({{"queue", std::string{name}}}).Set(consumers);
}

std::string Metrics::text() const {
    return prometheus::TextSerializer{}.Serialize(impl_->registry.Collect());
}

}  // namespace axis::observe
