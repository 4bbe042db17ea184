// A thin typed layer over SQLiteCpp: cached statements, binding by type, errors as exceptions that the
// ledger's job root turns into io_failed. Private to gateway/ledger. Blocking: store or readers pool.
#pragma once

#include "gateway/base/clock.hpp"
#include "gateway/base/digest.hpp"
#include "gateway/base/error.hpp"
#include "gateway/model/ids.hpp"

#include <SQLiteCpp/SQLiteCpp.h>

#include <atomic>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

namespace axis::ledger {

class Sql {
public:
    // A statement ready to step; reset when it dies, so that it can be used again.
    class Query {
    public:
        explicit Query(SQLite::Statement& s) : s_{&s} {}
        ~Query() {
            if (s_) s_->tryReset();
        }
        Query(Query&& other) noexcept : s_{std::exchange(other.s_, nullptr)} {}
        bool next() { return s_->executeStep(); }
        std::int64_t integer(int i) const { return s_->getColumn(i).getInt64(); }
        bool is_null(int i) const { return s_->getColumn(i).isNull(); }
        std::string text(int i) const {
            const auto c = s_->getColumn(i);
            return {static_cast<const char*>(c.getBlob()), static_cast<std::size_t>(c.getBytes())};
        }
        Time time(int i) const { return Time{Duration{integer(i)}}; }
        Sha256 digest(int i) const { return fixed<Sha256>(i); }
        model::MessageId message(int i) const { return fixed<model::MessageId>(i); }
        std::optional<model::MessageId> maybe_message(int i) const {
            return is_null(i) ? std::nullopt : std::optional{message(i)};
        }

    private:
        template <class T>
        T fixed(int i) const {
            T out;
            const auto bytes = text(i);
            if (bytes.size() != out.bytes.size()) throw SQLite::Exception("column of unexpected size");
            std::copy(bytes.begin(), bytes.end(), reinterpret_cast<char*>(out.bytes.data()));
            return out;
        }
        SQLite::Statement* s_;
    };

    explicit Sql(std::unique_ptr<SQLite::Database> db) : db_{std::move(db)} {}

    // What an exception of a statement means: disk_full, ledger_damaged, else io_failed. Damage is also noted
    // for whoever watches it.
    Error failure(const std::exception& e) const;
    void note_damage_in(std::shared_ptr<std::atomic<bool>> damaged) { damaged_ = std::move(damaged); }

    // `sql` must live for ever, as a literal does: statements are cached by its address.
    template <class... A>
    Query query(const char* sql, const A&... values) {
        auto& s = prepared(sql);
        int i = 0;
        (bind(s, ++i, values), ...);
        return Query{s};
    }
    // Runs to the end; the number of rows changed. The values live longer than that, so they are not copied.
    template <class... A>
    int run(const char* sql, const A&... values) {
        auto& s = prepared(sql);
        int i = 0;
        (lend(s, ++i, values), ...);
        Query q{s};
        while (q.next()) {
        }
        return db_->getChanges();
    }
    std::int64_t last_id() const { return db_->getLastInsertRowid(); }
    SQLite::Database& db() { return *db_; }

private:
    template <class T>
    static void lend(SQLite::Statement& s, int i, const T& v) {
        bind(s, i, v);
    }
    static void lend(SQLite::Statement& s, int i, const std::string& v) { s.bindNoCopy(i, v); }
    static void lend(SQLite::Statement& s, int i, std::span<const char> v) {
        s.bindNoCopy(i, v.data(), static_cast<int>(v.size()));
    }
    static void lend(SQLite::Statement& s, int i, const Sha256& v) {
        s.bindNoCopy(i, v.bytes.data(), static_cast<int>(v.bytes.size()));
    }
    static void lend(SQLite::Statement& s, int i, const model::MessageId& v) {
        s.bindNoCopy(i, v.bytes.data(), static_cast<int>(v.bytes.size()));
    }

    SQLite::Statement& prepared(const char* sql) {
        auto& slot = cache_[sql];
        if (!slot) slot = std::make_unique<SQLite::Statement>(*db_, sql);
        return *slot;
    }
    static void bind(SQLite::Statement& s, int i, std::int64_t v) { s.bind(i, v); }
    static void bind(SQLite::Statement& s, int i, int v) { s.bind(i, v); }
    static void bind(SQLite::Statement& s, int i, bool v) { s.bind(i, v ? 1 : 0); }
    static void bind(SQLite::Statement& s, int i, std::uint64_t v) {
        s.bind(i, static_cast<std::int64_t>(v));
    }
    static void bind(SQLite::Statement& s, int i, Time t) {
        s.bind(i, std::int64_t{t.time_since_epoch().count()});
    }
    static void bind(SQLite::Statement& s, int i, const std::string& v) { s.bind(i, v); }
    static void bind(SQLite::Statement& s, int i, std::string_view v) { s.bind(i, std::string{v}); }
    static void bind(SQLite::Statement& s, int i, const char* v) { s.bind(i, v); }
    static void bind(SQLite::Statement& s, int i, const Sha256& v) {
        s.bind(i, v.bytes.data(), static_cast<int>(v.bytes.size()));
    }
    static void bind(SQLite::Statement& s, int i, const model::MessageId& v) {
        s.bind(i, v.bytes.data(), static_cast<int>(v.bytes.size()));
    }
    static void bind(SQLite::Statement& s, int i, std::nullptr_t) { s.bind(i); }
    static void bind(SQLite::Statement& s, int i, std::span<const char> v) {
        s.bind(i, v.data(), static_cast<int>(v.size()));
    }
    template <class T>
    static void bind(SQLite::Statement& s, int i, const std::optional<T>& v) {
        if (v)
            bind(s, i, *v);
        else
            s.bind(i);
    }

    std::unique_ptr<SQLite::Database> db_;
    std::shared_ptr<std::atomic<bool>> damaged_;
    std::unordered_map<const char*, std::unique_ptr<SQLite::Statement>> cache_;
};

inline std::span<const char> as_blob(std::string_view text) {
    return {text.data(), text.size()};
}

}  // namespace axis::ledger
