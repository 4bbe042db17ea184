// One lane at work: a real ledger in a temporary folder, a clock moved by hand, and an outlet that does as it
// is told.
#pragma once

#include "gateway/delivery/lanes.hpp"
#include "tests/support/ledger_builders.hpp"

#include <boost/asio/co_spawn.hpp>

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace axis::test {

inline model::Outcome outcome(model::Verdict verdict, errc reason = errc::none, std::string remote_id = {}) {
    model::Outcome out;
    out.verdict = verdict;
    out.reason = reason;
    out.remote_id = std::move(remote_id);
    return out;
}

class TextStream final : public ports::ByteStream {
public:
    explicit TextStream(std::string text) : text_{std::move(text)} {}
    std::uint64_t length() const override { return text_.size(); }
    Task<Result<std::string_view>> next() override {
        const std::string_view piece = done_ ? std::string_view{} : std::string_view{text_};
        done_ = true;
        co_return piece;
    }

private:
    std::string text_;
    bool done_ = false;
};

// Answers in order; with none left it accepts. Notes what it was asked.
class ScriptedOutlet final : public ports::Outlet {
public:
    explicit ScriptedOutlet(Clock& clock) : clock_{clock} {}

    Task<model::Outcome> deliver(ports::Dispatch dispatch, ports::ByteStream& envelope) override {
        open_now += 1;
        open_most = std::max(open_most, open_now);
        const std::shared_ptr<void> leave{nullptr, [this](void*) { open_now -= 1; }};
        auto bytes = co_await envelope.next();
        texts.emplace_back(bytes.value());
        sent.push_back(dispatch);
        co_await clock_.sleep_for(takes);
        if (before_answer) before_answer();
        co_return answer ? answer(dispatch) : take(answers);
    }

    Task<model::Outcome> reconcile(ports::Dispatch dispatch) override {
        asked.push_back(dispatch);
        co_return fact ? fact(dispatch) : take(facts);
    }

    std::deque<model::Outcome> answers;                            // of deliver
    std::deque<model::Outcome> facts;                              // of reconcile
    std::function<model::Outcome(const ports::Dispatch&)> answer;  // instead of them
    std::function<model::Outcome(const ports::Dispatch&)> fact;
    Duration takes{0};
    std::function<void()> before_answer;
    std::vector<ports::Dispatch> sent;
    std::vector<ports::Dispatch> asked;
    std::vector<std::string> texts;
    std::size_t open_now = 0;
    std::size_t open_most = 0;

private:
    static model::Outcome take(std::deque<model::Outcome>& from) {
        if (from.empty()) return outcome(model::Verdict::accepted, errc::none, "remote");
        auto first = std::move(from.front());
        from.pop_front();
        return first;
    }

    Clock& clock_;
};

class LaneBench : public LedgerBench {
public:
    explicit LaneBench(std::size_t threads = 0) : LedgerBench{threads, threads} {
        settings.endpoint = national;
    }
    ~LaneBench() {
        if (lanes) stop(std::chrono::milliseconds{0});
    }

    void start() {
        auto stream = [](ledger::StoredEnvelope e) -> std::unique_ptr<ports::ByteStream> {
            return std::make_unique<TextStream>(e.skeleton);
        };
        auto tell = [this](const std::vector<model::EndpointName>& names) {
            for (const auto& name : names) told.push_back(name.text);
        };
        auto alarm = [this](bool raised, std::string_view name, std::string_view subject, std::string_view) {
            alarms[std::string{name} + " " + std::string{subject}] = raised;
        };
        auto count = [this](std::string_view, std::string_view verdict) {
            counts[std::string{verdict}] += 1;
        };
        lanes = std::make_unique<delivery::Lanes>(delivery::LaneParts{
            io, *ledger, clock, random, stream, tell, alarm, count, driver});
        lanes->add(settings, outlet);
        lanes->start();
        settle();
    }

    // Everything that can happen at this moment happens. Inline pools: nothing runs elsewhere.
    void settle() {
        io.restart();
        for (int n = 0; io.poll() > 0; ++n) {
            if (n > 10'000) throw std::runtime_error("the lane does not come to rest");
            io.restart();
        }
    }
    void advance(Duration by) {
        clock.advance(by);
        settle();
    }
    // Moves from wake to wake, so that every timer in between is served at its own time.
    void live(Duration by) {
        const auto end = clock.now() + by;
        while (clock.next_wake() <= end) advance(std::max(clock.next_wake() - clock.now(), Duration{0}));
        advance(end - clock.now());
    }

    template <class T>
    T now(Task<T> task) {
        std::optional<T> result;
        auto done = [&](std::exception_ptr error, T value) {
            if (error) std::rethrow_exception(error);
            result.emplace(std::move(value));
        };
        asio::co_spawn(io, std::move(task), std::move(done));
        while (!result) {
            io.restart();
            io.run_one();
        }
        return std::move(*result);
    }
    void begin(Task<> task, bool& done) {
        auto note = [&done](std::exception_ptr error) {
            if (error) std::rethrow_exception(error);
            done = true;
        };
        asio::co_spawn(io, std::move(task), std::move(note));
        settle();
    }
    void stop(std::chrono::milliseconds grace) {
        bool stopped = false;
        begin(lanes->stop(grace), stopped);
        while (!stopped) {
            io.restart();
            io.run_one();
        }
    }

    model::MessageId post(const Letter& letter) { return post(make(letter)); }
    model::MessageId post(ledger::Acceptance acceptance) {
        auto accepted = now(ledger->accept(std::move(acceptance)));
        for (const auto& name : accepted.value().lanes)
            if (lanes) lanes->poke(name, accepted->priority);
        settle();
        return accepted.value().id;
    }
    ledger::RecipientView recipient(model::MessageId id) {
        return now(ledger->message(id)).value().value().recipients.at(0);
    }
    model::DeliveryState state(model::MessageId id) { return recipient(id).state; }
    void steer(model::MessageId id, model::DeliveryState wanted) {
        now(ledger->steer(recipient(id).delivery, wanted, "operator:test")).value();
        lanes->poke(national);
        settle();
    }
    std::vector<std::string> numbers() const {
        std::vector<std::string> out;
        for (const auto& d : outlet.sent) out.push_back(d.number);
        return out;
    }

    const model::EndpointName national{"national"};
    delivery::LaneSettings settings;
    std::function<std::unique_ptr<delivery::Driver>(const delivery::LaneSettings&, ports::Outlet&)> driver;
    ScriptedOutlet outlet{clock};
    std::unique_ptr<delivery::Lanes> lanes;
    std::vector<std::string> told;
    std::map<std::string, bool> alarms;
    std::map<std::string, int> counts;
};

}  // namespace axis::test
