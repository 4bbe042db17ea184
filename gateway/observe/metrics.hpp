// Metrics: counters and gauges in Prometheus' text form (prometheus-cpp). Names are part of the product and
// only grow. Thread: any.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace axis::observe {

class Metrics {
public:
    Metrics();
    ~Metrics();

    void message_accepted(std::string_view kind);  // axisd_messages_accepted_total{kind}
    void attempt_settled(
        std::string_view endpoint, std::string_view verdict
    );                                       // axisd_attempts_total{endpoint,verdict}
    void request_answered(unsigned status);  // axisd_http_requests_total{status}
    void waiting(
        std::string_view endpoint, std::string_view state, double count
    );                                               // axisd_deliveries{endpoint,state}
    void alarm(std::string_view name, bool raised);  // axisd_alarm{name}
    void last_success(
        std::string_view dependency, double age_seconds
    );                                                // axisd_last_success_age_seconds{dependency}
    void resident_bytes(double bytes);                // axisd_resident_bytes
    void committed(double commits, double jobs);      // axisd_ledger_commits, axisd_ledger_jobs
    void broker(std::string_view serves, bool open);  // axisd_broker_up{for="lanes|software"}
    void workers(double count);                       // axisd_workers
    void queue(
        std::string_view name, double messages, double consumers
    );  // axisd_queue_messages{queue}, axisd_queue_consumers{queue}; as the broker said last
    std::string text() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace axis::observe
